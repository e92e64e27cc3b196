"""Records get a counterpart once they meet what is required and have settled; linked ones are kept (Q1, Q6)."""

from datetime import timedelta
from typing import Any

import pytest

from syncline.core.criteria import DISQUALIFIED, Mark, Requirement
from syncline.core.mapping import FieldMap
from syncline.core.model import Kind, Raw, Side
from syncline.core.policy import Direction, OnClear
from syncline.engine.reconcile import reconcile
from syncline.store.models import Link, Standing
from tests.property.world import COMPANY_MAPS, World, actions_of, settings, with_kind
from tests.unit.quiet import settled

REQUIRED = {
    "name": Requirement("name", filled=True),
    "industry": Requirement("industry", one_of=("software",)),
    "owner": Requirement("owner", carried=True),
}


def require(world: World, **rest: Any) -> None:
    world.settings = with_kind(world.settings, Kind.ACCOUNT, require_left=REQUIRED, **rest)


def good(world: World, **values: Raw) -> dict[str, Raw]:
    owner = world.user(Side.LEFT, "one")
    return {"name": "One", "domain": "one.example", "industry": "software", "owner": owner, **values}


def standing(side: Side, id_: str) -> Standing:
    return Standing.objects.get(side=side.value, object_type="company", remote_id=id_)


@pytest.mark.proves("Q1")
@pytest.mark.parametrize(
    ("failing", "rule"),
    [({"name": " "}, "name"), ({"industry": "retail"}, "industry"), ({"owner": None}, "owner")],
)
def test_each_requirement_alone_keeps_a_record_out_and_is_named(
    world: World, failing: dict[str, Raw], rule: str
) -> None:
    require(world)
    lead = world.left.put("company", good(world, **failing))
    world.run()
    assert not world.right.all("company")
    found = standing(Side.LEFT, lead)
    assert (found.state, found.rule) == ("not eligible", rule)
    assert {c["name"]: c["passed"] for c in found.criteria if c["name"] in REQUIRED} == {
        name: name != rule for name in REQUIRED
    }
    settled(world)


@pytest.mark.proves("Q1", "Q3")
def test_one_that_does_not_qualify_is_not_linked_either_from_whichever_side(world: World) -> None:
    require(world)
    lead = world.left.put("company", good(world, industry="retail"))
    account = world.right.put("company", {"name": "One", "domain": "one.example"})
    world.run()
    assert not Link.objects.exists()
    assert standing(Side.LEFT, lead).rule == standing(Side.RIGHT, account).rule == "industry"
    world.left.edit("company", lead, {"industry": "software"})
    world.run()
    assert Link.objects.count() == 1
    settled(world)


@pytest.mark.proves("Q6")
def test_a_linked_one_that_fails_later_is_kept_and_updated(world: World) -> None:
    require(world)
    lead = world.left.put("company", good(world))
    world.run()
    world.left.edit("company", lead, {"industry": "retail", "name": "One Renamed"})
    world.run()
    (account,) = world.right.all("company").values()
    assert account["name"] == "One Renamed"
    settled(world)


@pytest.mark.proves("Q6")
def test_one_that_stops_qualifying_may_be_marked_until_it_does_again(world: World) -> None:
    mark = Mark("phone", "+1 212 555 0100")
    marking = FieldMap(DISQUALIFIED, "phone", direction=Direction.TO_RIGHT, clear=OnClear.PROPAGATE)
    maps = (*(m for m in COMPANY_MAPS if m.right != "phone"), marking)
    world.settings = settings(company=maps)
    require(world, on_disqualified=mark)
    lead = world.left.put("company", good(world))
    world.run()
    (account,) = world.right.all("company")
    assert not (world.right.values("company", account) or {}).get("phone")
    for industry, phone in (("retail", mark.value), ("software", None)):
        world.left.edit("company", lead, {"industry": industry})
        world.run()
        assert (world.right.values("company", account) or {}).get("phone") == phone
        assert not world.writes() or actions_of(world.run()) == []
    assert not reconcile(world.context()).unexplained


@pytest.mark.proves("Q1", "Q4")
def test_a_change_waits_to_the_second_until_it_has_settled(world: World) -> None:
    require(world, settle=timedelta(minutes=5))
    lead = world.left.put("company", good(world))
    world.time.advance(297)
    waiting = world.run()  # a run takes a second
    assert (actions_of(waiting), world.right.all("company")) == ([], {})
    found = standing(Side.LEFT, lead)
    assert (found.state, found.rule) == ("pending", "settling")
    assert not reconcile(world.context()).unexplained
    world.time.advance(1)
    world.run()
    assert len(world.right.all("company")) == 1
    settled(world)


@pytest.mark.proves("Q1")
def test_an_update_waits_too_and_a_touch_is_no_change(world: World) -> None:
    require(world, settle=timedelta(minutes=5))
    lead = world.left.put("company", good(world))
    world.time.advance(600)
    world.run()
    (account,) = world.right.all("company")
    world.left.edit("company", lead, {"name": "One Renamed"})
    world.run()
    assert world.right.values("company", account)["name"] == "One"  # type: ignore[index]
    assert not reconcile(world.context()).unexplained
    world.time.advance(200)
    world.left.edit("company", lead, {})
    world.time.advance(100)
    world.run()
    assert world.right.values("company", account)["name"] == "One Renamed"  # type: ignore[index]
    settled(world)


@pytest.mark.proves("Q4")
def test_no_more_records_are_sent_at_once_than_the_settings_say(world: World) -> None:
    world.settings = with_kind(world.settings, Kind.ACCOUNT, batch=2)
    for number in range(5):
        world.left.put("company", good(world, name=f"Company {number}", domain=f"c{number}.example"))
    world.run()
    assert len(world.right.all("company")) == 5
    assert world.writes() == 3
