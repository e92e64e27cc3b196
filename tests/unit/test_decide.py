"""The fields of one link decided together: gates, refused values, and the actions they come to (S1, M2)."""

from collections.abc import Mapping
from typing import Any

import pytest

from syncline.core.agreement import Agreement
from syncline.core.convert import Terms
from syncline.core.decide import (
    LinkView,
    decide_link,
    link_actions,
    noted_agreements,
    parking_value,
)
from syncline.core.mapping import FieldMap
from syncline.core.merge import Verdict
from syncline.core.model import Raw, Record, Ref, Side
from syncline.core.plan import Action, Op
from syncline.core.policy import Direction, OnClear
from syncline.core.references import Relations
from syncline.core.schema import FieldType
from tests.unit.mapped import NOW, context, field, options, record, schema

T = FieldType
LEFT = schema(
    "contact",
    field(T.TEXT, "name"),
    field(T.TEXT, "title"),
    field(T.PICKLIST, "stage", options=options("Cold", "Frozen")),
    field(T.REFERENCE, "account"),
    field(T.TEXT, "city"),
)
RIGHT = schema(
    "Contact",
    field(T.TEXT, "Name", required=True),
    field(T.TEXT, "Title"),
    field(T.PICKLIST, "Status", restricted=True, options=options("Cold")),
    field(T.REFERENCE, "AccountId"),
    field(T.TEXT, "City", updatable=False),
)
MAPS = (
    FieldMap("name", "Name", clear=OnClear.PROPAGATE),
    FieldMap("title", "Title"),
    FieldMap("stage", "Status", direction=Direction.TO_RIGHT),
    FieldMap("account", "AccountId"),
    FieldMap("city", "City"),
)
TERMS = Terms(relations=Relations(planned={(Side.LEFT, "acc2"): Ref("account", "acc2")}))


def view(
    left: Mapping[str, Any], right: Mapping[str, Any], seen: Mapping[str, tuple[Raw, Raw]], **rest: Any
) -> LinkView:
    """A link with these values and these agreements by left name; switches of the kind as keywords."""
    parked = rest.pop("parked", frozenset())
    frame = context(LEFT, RIGHT, *MAPS, terms=TERMS, **rest)
    known = {
        key: Agreement(None, *seen[t.map.left], map=frame.fingerprints[key])
        for key, t in frame.translators.items()
        if t.map.left in seen
    }
    return LinkView(
        "7", frame, known, record("contact/1", **left), record("Contact/9", **right), parked=parked
    )


def verdicts(link: LinkView) -> dict[str, tuple[Verdict, str]]:
    decided = decide_link(link)
    return {key.split("=")[0]: (d.decision.verdict, d.decision.rule) for key, d in decided.items()}


MIXED = view(
    {"name": "Ada", "title": "CTO", "stage": "Frozen", "account": "acc9"},
    {"Name": "Ada", "Title": "CEO", "Status": None, "AccountId": None, "City": None},
    {"title": ("CTO", "CTO"), "stage": ("Cold", None), "account": (None, None)},
)


def test_every_field_of_a_link_is_decided_on_its_own() -> None:
    assert verdicts(MIXED) == {
        "name": (Verdict.AGREE, "agree"),
        "title": (Verdict.WRITE, "right changed"),
        "stage": (Verdict.HOLD, "option"),
        "account": (Verdict.WAIT, "reference"),
        "city": (Verdict.BLIND, "missing"),
    }


@pytest.mark.proves("S1")
def test_a_link_comes_to_a_write_per_side_a_note_and_a_hold() -> None:
    actions = link_actions(MIXED, decide_link(MIXED))
    assert [(a.op, a.side) for a in actions] == [
        (Op.UPDATE, Side.LEFT),
        (Op.COMMIT, Side.LEFT),
        (Op.HOLD, Side.LEFT),
    ]
    update, note, hold = actions
    assert (update.left, update.right, update.link) == (Ref("contact", "1"), Ref("Contact", "9"), "7")
    assert update.reason == "right changed: the right value goes to the left"
    assert [c.key for c in note.fields] == ["name=Name"]
    assert [c.key for c in hold.fields] == ["stage=Status"]


@pytest.mark.proves("S1")
def test_a_planned_write_shows_old_value_new_value_and_rule() -> None:
    change = link_actions(MIXED, decide_link(MIXED))[0].fields[0]
    assert (change.field, change.before, change.after, change.source) == ("title", "CTO", "CEO", "CEO")
    assert (change.rule, change.losing) == ("right changed", None)


@pytest.mark.proves("M5", "S1")
def test_a_held_field_shows_both_values_and_what_is_allowed() -> None:
    held = link_actions(MIXED, decide_link(MIXED))[-1].fields[0]
    assert (held.source, held.before, held.rule, held.allowed) == ("Frozen", None, "option", ("Cold",))


def test_only_agreeing_and_settling_advance_anything() -> None:
    assert list(noted_agreements(decide_link(MIXED))) == ["name=Name"]


def one_of(left: Raw, right: Raw, seen: Raw, name: str = "title", **rest: Any) -> LinkView:
    """A link of which one field matters."""
    there = {"name": "Name", "title": "Title", "account": "AccountId", "city": "City"}[name]
    return view({name: left}, {there: right}, {name: (seen, seen)}, **rest)


def test_a_reference_to_a_record_that_is_being_made_is_planned() -> None:
    link = one_of("acc2", None, None, "account")
    change = link_actions(link, decide_link(link))[0].fields[0]
    assert (change.after, change.awaits) == (None, Ref("account", "acc2"))


@pytest.mark.proves("U2")
def test_a_closed_update_gate_keeps_changes_for_later() -> None:
    link = one_of("CTO", "CEO", "CEO", update_right=False)
    assert verdicts(link)["title"] == (Verdict.QUIET, "update gate")
    assert noted_agreements(decide_link(link)) == {}
    assert verdicts(one_of("CTO", "CEO", "CTO", update_right=False))["title"][0] is Verdict.WRITE


def test_a_refused_value_is_not_planned_again_until_it_changes() -> None:
    refused = frozenset({("title=Title", Side.RIGHT, parking_value("CTO"))})
    assert verdicts(one_of("CTO", "CEO", "CEO", parked=refused))["title"] == (Verdict.QUIET, "parked")
    assert verdicts(one_of("CTO II", "CEO", "CEO", parked=refused))["title"][0] is Verdict.WRITE
    other_side = frozenset({("title=Title", Side.LEFT, parking_value("CTO"))})
    assert verdicts(one_of("CTO", "CEO", "CEO", parked=other_side))["title"][0] is Verdict.WRITE


def test_long_values_are_told_apart_when_they_are_refused() -> None:
    one, other = "x" * 5_000 + "1", "x" * 5_000 + "2"
    refused = frozenset({("title=Title", Side.RIGHT, parking_value(one))})
    assert len(parking_value(one)) <= 200
    assert verdicts(one_of(one, "CEO", "CEO", parked=refused))["title"] == (Verdict.QUIET, "parked")
    assert verdicts(one_of(other, "CEO", "CEO", parked=refused))["title"][0] is Verdict.WRITE


def test_a_read_only_target_is_held() -> None:
    assert verdicts(one_of("London", "Paris", "Paris", "city"))["city"] == (Verdict.HOLD, "read only")
    assert verdicts(one_of("Paris", "London", "Paris", "city"))["city"][0] is Verdict.WRITE


def test_a_required_field_is_not_cleared() -> None:
    link = one_of(None, "Ada", "Ada", "name")
    assert verdicts(link)["name"] == (Verdict.SETTLE, "required")
    assert verdicts(one_of("Ada", None, "Ada", "name"))["name"] == (Verdict.WRITE, "right changed")


def test_a_deleted_record_is_not_merged() -> None:
    link = one_of("CTO", "CEO", "CEO")
    gone = LinkView("7", link.context, link.agreements, link.left, Record(link.right.ref, {}, deleted=True))
    assert {verdict for verdict, _ in verdicts(gone).values()} == {Verdict.BLIND}


def test_a_quiet_link_comes_to_no_action() -> None:
    link = one_of("CEO", "CEO", "CEO")
    assert link_actions(link, decide_link(link)) == []


def test_maps_of_unknown_fields_and_maps_switched_off_are_as_if_not_there() -> None:
    maps = (FieldMap("name", "Name"), FieldMap("title", "Title", enabled=False), FieldMap("x", "Name"))
    assert list(context(LEFT, RIGHT, *maps).translators) == ["name=Name"]


@pytest.mark.proves("M2")
def test_what_an_agreement_rests_on_changes_with_the_map_and_the_types() -> None:
    def fingerprint(one: FieldMap, left: FieldType = T.TEXT) -> str:
        return one.fingerprint(left.value, "text")

    plain = FieldMap("title", "Title")
    others = [
        FieldMap("title", "Title", direction=Direction.TO_LEFT),
        FieldMap("title", "Title", owner="left"),
        FieldMap("title", "Title", clear=OnClear.PROPAGATE),
        FieldMap("title", "Title", transform="upper"),
        FieldMap("title", "Title", options={"a": "b"}),
        FieldMap("title", "Name"),
    ]
    prints = [fingerprint(plain), *map(fingerprint, others), fingerprint(plain, T.EMAIL)]
    assert len(set(prints)) == len(prints)
    assert fingerprint(FieldMap("title", "Title")) == fingerprint(plain)


def test_actions_know_what_they_write() -> None:
    update = Action(Op.UPDATE, LEFT.kind, Side.RIGHT, Ref("contact", "1"), Ref("Contact", "9"))
    assert (update.target, update.writes) == (Ref("Contact", "9"), True)
    create = Action(Op.CREATE, LEFT.kind, Side.LEFT, None, Ref("Contact", "9"))
    assert (create.target, create.ref(Side.RIGHT), create.writes) == (None, Ref("Contact", "9"), True)
    writing = {op for op in Op if Action(op, LEFT.kind, Side.LEFT, None, None).writes}
    assert writing == {Op.CREATE, Op.UPDATE, Op.DELETE}


def test_the_clock_of_the_frame_is_that_of_the_merges() -> None:
    assert {d.merge.now for d in decide_link(MIXED).values()} == {NOW}
