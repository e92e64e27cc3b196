"""What is asked of a record before it goes over: filters, lists, source, verified addresses (U2, U5, U6, U7)."""

from dataclasses import replace
from typing import Any

import pytest

from syncline.core.by_hand import ByHand
from syncline.core.criteria import Criterion
from syncline.core.mapping import FieldMap
from syncline.core.model import Kind, Raw, Side
from syncline.core.plan import Op
from syncline.core.policy import WriteRule
from syncline.core.scope import CreateRule, Gate, GateResult, SourceValue
from syncline.engine.by_hand import carry_by_hand
from syncline.engine.explain import explain
from syncline.engine.reconcile import reconcile
from syncline.store.models import Standing
from tests.property.world import COMPANY_MAPS, PERSON_MAPS, World, actions_of, settings, with_kind, with_map
from tests.unit.quiet import settled


def people(world: World, **changes: Any) -> None:
    world.settings = with_kind(world.settings, Kind.PERSON, stage_left="stage", lists_left="tags", **changes)


def put(world: World, name: str, **values: Raw) -> str:
    return world.left.put("person", {"last": name, "email": f"{name.lower()}@example.com", **values})


def names(world: World) -> set[object]:
    return {values["last"] for values in world.right.all("person").values()}


def standing(id_: str) -> Standing:
    return Standing.objects.get(side="left", object_type="person", remote_id=id_)


def quiet(world: World) -> None:
    """Nothing is left to do, and every difference has its reason."""
    assert not actions_of(world.run())
    assert not reconcile(world.context()).unexplained


@pytest.mark.proves("U7")
def test_a_filter_gates_creates_and_updates_of_linked_ones_flow(world: World) -> None:
    people(world, create_right=CreateRule(where="score > 50 && stage == 'Qualified'"))
    good = put(world, "Good", score=60, stage="qualified")
    low = put(world, "Low", score=40, stage="qualified")
    odd = put(world, "Odd", stage="qualified")
    world.run()
    assert names(world) == {"Good"}
    assert [(standing(i).state, standing(i).rule) for i in (low, odd)] == [("not eligible", "filter")] * 2
    assert "Score is empty" in standing(odd).reason or "Score is missing" in standing(odd).reason
    world.left.edit("person", good, {"score": 1, "last": "Better"})
    world.left.edit("person", low, {"score": 51})
    world.run()
    assert names(world) == {"Better", "Low"}
    assert not reconcile(world.context()).unexplained
    settled(world)


@pytest.mark.proves("U2", "U7")
def test_an_update_filter_keeps_changes_back_until_the_record_passes(world: World) -> None:
    people(world, update_right_where="optin")
    one = put(world, "One", optin=True)
    world.run()
    world.left.edit("person", one, {"optin": False, "title": "Chief"})
    (skip,) = [a for a in actions_of(world.run()) if a.op != Op.COMMIT]
    assert (skip.op, skip.rule, "is false of it" in skip.reason) == (Op.SKIP, "update filter", True)
    assert [v.get("title") for v in world.right.all("person").values()] == [None]
    assert (standing(one).state, standing(one).rule) == ("not eligible", "update filter")
    assert not reconcile(world.context()).unexplained
    (there,) = world.right.all("person")
    world.right.edit("person", there, {"first": "Other way"})
    world.run()
    assert world.left.values("person", one)["first"] == "Other way"  # type: ignore[index]
    assert not actions_of(world.run())
    world.left.edit("person", one, {"optin": True})
    world.run()
    assert [v.get("title") for v in world.right.all("person").values()] == ["Chief"]
    settled(world)


@pytest.mark.proves("U7")
def test_one_that_cannot_be_evaluated_stays_behind_alone(world: World) -> None:
    people(world, create_right=CreateRule(where="100 / score > 1"), update_right_where="100 / score > 1")
    zero, two = put(world, "Zero", score=0), put(world, "Two", score=2)
    world.run()
    assert names(world) == {"Two"}
    assert "divides by zero" in standing(zero).reason
    world.left.edit("person", two, {"score": 0, "title": "Chief"})
    world.run()
    assert "divides by zero" in standing(two).reason
    assert [v.get("title") for v in world.right.all("person").values()] == [None]
    assert not reconcile(world.context()).unexplained


@pytest.mark.proves("U7")
def test_a_field_that_goes_between_plan_and_run_closes_the_gate(world: World) -> None:
    people(world, create_right=CreateRule(where="score > 50"), update_right_where="score > 50")
    linked = put(world, "Linked", score=60)
    world.run()
    new = put(world, "New", score=60)
    world.left.edit("person", linked, {"title": "Chief"})
    planned = world.plan()
    assert sorted(a.op for a in actions_of(planned)) == [Op.CREATE, Op.UPDATE]
    world.left.unreadable["person"] = {"score"}
    for id_ in (linked, new):
        world.left.edit("person", id_, {"first": "Moved"})
    world.run(run_id=planned.pk)
    world.run()
    assert [(v["last"], v.get("title")) for v in world.right.all("person").values()] == [("Linked", None)]
    for id_, rule in ((linked, "update filter"), (new, "filter")):
        assert (standing(id_).rule, "Score is missing" in standing(id_).reason) == (rule, True)
    assert not actions_of(world.run())
    assert not reconcile(world.context()).unexplained


@pytest.mark.proves("U7")
def test_a_field_that_its_system_takes_away_closes_the_gate_and_is_told(world: World) -> None:
    people(world, create_right=CreateRule(where="score > 50"))
    new = put(world, "New", score=60)
    planned = world.plan()
    schema = world.left.types["person"]
    rest = {name: field for name, field in schema.fields.items() if name != "score"}
    world.left.change_schema(replace(schema, fields=rest))
    world.run(run_id=planned.pk)
    world.run()
    assert not world.right.all("person")
    assert (standing(new).rule, "there is no field score" in standing(new).reason) == ("filter", True)
    world.left.change_schema(schema)
    world.run()
    assert names(world) == {"New"}
    settled(world)


@pytest.mark.proves("U7")
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (CreateRule(lists=("vip",)), {"Vip", "Both"}),
        (CreateRule(lists=("VIP", "Fair")), {"Vip", "Both", "Fair"}),
        (CreateRule(not_lists=("Fair",)), {"Vip", "None"}),
        (CreateRule(lists=("VIP",), not_lists=("Fair",)), {"Vip"}),
        (CreateRule(lists=("Unheard of",)), set()),
    ],
)
def test_a_list_is_a_scope(world: World, rule: CreateRule, expected: set[str]) -> None:
    people(world, create_right=rule)
    for name, tags in (("Vip", ["VIP"]), ("Fair", ["Fair"]), ("Both", ["VIP", "Fair"]), ("None", [])):
        put(world, name, tags=tags)
    world.run()
    assert names(world) == expected
    assert not reconcile(world.context()).unexplained


@pytest.mark.proves("U5")
def test_a_new_record_gets_its_source_once_and_the_plan_shows_it(world: World) -> None:
    maps = tuple(m for m in COMPANY_MAPS if m.right != "industry")
    world.settings = with_kind(
        settings(company=maps),
        Kind.ACCOUNT,
        create_right=CreateRule(source=SourceValue("industry", "Retail")),
    )
    world.left.put("company", {"name": "One", "domain": "one.example"})
    (created,) = [a for a in actions_of(world.plan()) if a.op == Op.CREATE]
    assert {f["field"]: (f["after"], f["rule"]) for f in created.fields}["industry"] == ("retail", "source")
    world.run()
    (there,) = world.right.all("company")
    assert world.right.values("company", there)["industry"] == "retail"  # type: ignore[index]
    world.right.edit("company", there, {"industry": "finance"})
    world.run()
    assert world.right.values("company", there)["industry"] == "finance"  # type: ignore[index]
    settled(world)


@pytest.mark.proves("U5")
def test_without_its_option_no_record_is_made_and_the_reason_is_told(world: World) -> None:
    maps = tuple(m for m in COMPANY_MAPS if m.right != "industry")
    world.settings = with_kind(
        settings(company=maps),
        Kind.ACCOUNT,
        create_right=CreateRule(source=SourceValue("industry", "Apollo")),
    )
    id_ = world.left.put("company", {"name": "One", "domain": "one.example"})
    world.run()
    assert not world.right.all("company")
    found = Standing.objects.get(side="left", remote_id=id_)
    assert (found.state, found.rule) == ("not eligible", "source")
    assert "only Software, Manufacturing" in found.reason


@pytest.mark.proves("U5")
def test_a_mapped_value_goes_before_the_source(world: World) -> None:
    rule = CreateRule(source=SourceValue("industry", "Retail"))
    world.settings = with_kind(world.settings, Kind.ACCOUNT, create_right=rule)
    world.left.put("company", {"name": "One", "domain": "one.example", "industry": "software"})
    world.run()
    assert [v["industry"] for v in world.right.all("company").values()] == ["software"]
    settled(world)


@pytest.mark.proves("U6")
def test_an_unverified_address_stays_behind_and_the_person_goes(world: World) -> None:
    maps = tuple(m for m in PERSON_MAPS if m.left != "title")
    world.settings = settings(person=maps)
    people(world, push_unverified_emails=False, email_status_left="title")
    put(world, "Sure", title="Verified")
    guessed = put(world, "Guessed", title="guessed")
    unknown = put(world, "Unknown")
    (created,) = [a for a in actions_of(world.plan()) if a.left_id == guessed]
    assert "its e-mail address is guessed, so it stays behind" in created.reason
    world.run()
    emails = {v["last"]: v.get("email") for v in world.right.all("person").values()}
    assert emails == {"Sure": "sure@example.com", "Guessed": None, "Unknown": None}
    quiet(world)
    world.left.edit("person", unknown, {"title": "verified"})
    world.run()
    emails = {v["last"]: v.get("email") for v in world.right.all("person").values()}
    assert emails["Unknown"] == "unknown@example.com"
    quiet(world)


@pytest.mark.proves("U6")
def test_an_address_that_is_verified_no_more_is_neither_cleared_nor_replaced(world: World) -> None:
    maps = tuple(m for m in PERSON_MAPS if m.left != "title")
    world.settings = settings(person=maps)
    people(world, push_unverified_emails=False, email_status_left="title")
    one = put(world, "One", title="verified")
    world.run()
    world.left.edit("person", one, {"title": "bounced", "email": "other@example.com", "last": "Renamed"})
    world.run()
    assert [(v["last"], v["email"]) for v in world.right.all("person").values()] == [
        ("Renamed", "one@example.com")
    ]
    (story,) = explain(world.context(), f"person/{one}", "email").stories
    assert [f.rule for f in story.fields] == ["unverified: its e-mail address is bounced, so it stays behind"]
    quiet(world)


@pytest.mark.proves("P6")
def test_filling_one_side_and_overwriting_the_other_is_one_map(world: World) -> None:
    world.settings = with_map(world.settings, Kind.PERSON, "title=title", rule_right=WriteRule.FILL)
    one = put(world, "One", title="Chief")
    world.run()
    world.left.edit("person", one, {"title": "Boss"})
    world.run()
    (there,) = world.right.all("person")
    assert world.right.values("person", there)["title"] == "Chief"  # type: ignore[index]
    world.right.edit("person", there, {"title": "Head"})
    world.run()
    assert world.left.values("person", one)["title"] == "Head"  # type: ignore[index]
    settled(world)


@pytest.mark.proves("P6")
def test_a_rule_of_one_side_makes_a_map_another_and_none_leaves_it_what_it_was() -> None:
    plain = FieldMap("a", "b").fingerprint("text", "text")
    assert plain == FieldMap("a", "b", rule_left=None).fingerprint("text", "text")
    sides = (FieldMap("a", "b", rule_left=WriteRule.FILL), FieldMap("a", "b", rule_right=WriteRule.FILL))
    ways = {each.fingerprint("text", "text") for each in sides}
    assert len({plain, *ways}) == 3


@pytest.mark.proves("U8")
def test_what_a_push_by_hand_passes_is_known_by_name() -> None:
    asked = ("alive", "create is on", "stage", "filter", "lists", "required fields")
    gate = GateResult(Gate.CREATE, tuple(Criterion(name, False, "no") for name in asked))
    left = ByHand(Side.RIGHT).passing(gate)
    assert [c.name for c in left.criteria if not c.passed] == ["alive", "create is on", "required fields"]
    assert all("done by hand" in c.reason for c in left.criteria if c.passed)


@pytest.mark.proves("U8")
def test_a_push_by_hand_passes_filters_and_lists_of_both_kinds(world: World) -> None:
    rule = CreateRule(where="optin", lists=("VIP",))
    people(world, create_right=rule, update_right_where="optin")
    one, two = put(world, "One", optin=True, tags=["VIP"]), put(world, "Two", optin=False)
    world.run()
    world.left.edit("person", one, {"optin": False, "title": "Chief"})
    world.run()
    assert [v.get("title") for v in world.right.all("person").values()] == [None]
    carry_by_hand(world.context(), [f"person/{one}", f"person/{two}"], ByHand(Side.RIGHT), by="somebody")
    found = {v["last"]: v.get("title") for v in world.right.all("person").values()}
    assert found == {"One": "Chief", "Two": None}
