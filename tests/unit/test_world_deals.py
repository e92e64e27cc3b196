"""The deals of the world."""

import pytest

from syncline.sandbox.world import World, build_world


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(1200, seed=1)


def test_some_deals_are_in_both_systems_and_some_in_one_alone(world: World) -> None:
    places = [(each.apollo is not None, each.salesforce is not None) for each in world.deals]
    assert set(places) == {(True, True), (True, False), (False, True)}
    assert len(list(world.deal_records("apollo"))) == sum(apollo for apollo, _ in places)


def test_deals_are_open_and_closed_and_one_amount_has_a_comma(world: World) -> None:
    views = [each.apollo or each.salesforce for each in world.deals]
    closed = [view for view in views if view and view.stage.startswith("Closed")]
    assert 0 < len(closed) < len(views)
    assert all(view.closes_in_days < 0 for view in closed)
    assert sum("," in view.amount for view in views if view and view.amount) == 1
    assert any(view and view.amount is None for view in views)


def test_each_deal_belongs_to_a_company_of_both_systems(world: World) -> None:
    known = {each.key for each in world.companies if each.apollo and each.salesforce}
    twice = set(world.marks["company_twice_in_salesforce"])
    for system in ("apollo", "salesforce"):
        assert {view.company for view in world.deal_records(system)} <= known - twice


def test_the_name_of_a_deal_is_not_enough_to_tell_it(world: World) -> None:
    names = [view.name for view in world.deal_records("salesforce")]
    assert len(set(names)) < len(names)


def test_the_same_seed_makes_the_same_deals(world: World) -> None:
    assert build_world(1200, seed=1).deals == world.deals
    assert build_world(1200, seed=2).deals != world.deals


def test_a_tidy_world_has_no_deals() -> None:
    assert build_world(1200, companies=240, tidy=True).deals == []
