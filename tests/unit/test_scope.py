"""The four gates: each with its reasons, and none closed by another (U2)."""

from dataclasses import replace
from typing import Any

import pytest

from syncline.core.mapping import ObjectPair
from syncline.core.model import Kind, Record, Side, Value
from syncline.core.schema import FieldType, Option
from syncline.core.scope import (
    CreateRule,
    Gate,
    GateResult,
    KindSettings,
    create_gate,
    delete_gate,
    stage_label,
    unlink_gate,
    update_gate,
)
from tests.unit.mapped import field, options, record, schema

STAGE = field(
    FieldType.PICKLIST,
    "stage_id",
    options=(*options("Cold", "Interested", prefix="id_"), Option("id_Old", "Old", active=False)),
)
PEOPLE = schema("contact", STAGE, field(name="name"))
CONTACTS = schema("Contact", field(name="Name", required=True), field(name="City"))
PAIR = ObjectPair("contact", "Contact")
NAMED: dict[str, Value] = {"Name": "Ada"}


def settings(create: CreateRule | None = None, **rest: Any) -> KindSettings:
    rule = create or CreateRule()
    return KindSettings(Kind.PERSON, (PAIR,), create_right=rule, **{"stage_left": "stage_id", **rest})


def gate(rule: CreateRule, subject: Record, drafted: dict[str, Value] | None = None) -> GateResult:
    """May a right record be created for this left one?"""
    return create_gate(
        settings(rule), Side.LEFT, subject, PEOPLE, NAMED if drafted is None else drafted, CONTACTS
    )


COLD = CreateRule(when="stages", stages=("Cold",), no_stage=False)

U2: dict[str, tuple[CreateRule, Any, bool]] = {
    "off": (CreateRule(enabled=False), "id_Cold", False),
    "off, even without a stage": (CreateRule(enabled=False), None, False),
    "all": (CreateRule(), "id_Interested", True),
    "all, without a stage": (CreateRule(no_stage=False), None, True),
    "a chosen stage": (COLD, "id_Cold", True),
    "a chosen stage by its id": (replace(COLD, stages=("id_Cold",)), "id_Cold", True),
    "whatever the case": (replace(COLD, stages=(" cold ",)), "ID_COLD", True),
    "another stage": (COLD, "id_Interested", False),
    "a stage nobody knows": (COLD, "id_9", False),
    "one of two": (replace(COLD, stages=("Cold", "Interested")), "id_Interested", True),
    "an old stage": (replace(COLD, stages=("id_Old",)), "id_Old", True),
    "no stage chosen": (replace(COLD, stages=()), "id_Cold", False),
    "no stage, let in": (replace(COLD, no_stage=True), None, True),
    "no stage, kept out": (COLD, None, False),
    "a blank stage": (COLD, "  ", False),
    "a blank stage, let in": (replace(COLD, no_stage=True), "", True),
    "a stage that is a number": (replace(COLD, stages=("7",)), 7, True),
    "another number": (COLD, 7, False),
}


@pytest.mark.proves("U2")
@pytest.mark.parametrize("name", U2)
def test_stages_gate_creates(name: str) -> None:
    rule, stage, opened = U2[name]
    found = gate(rule, record("contact/1", stage_id=stage))
    assert found.open is opened
    assert (found.refusal is None) is opened


@pytest.mark.proves("U2")
def test_the_reason_names_the_stage_and_those_that_are_chosen() -> None:
    refusal = gate(COLD, record("contact/1", stage_id="id_Interested")).refusal
    assert refusal
    assert (refusal.name, refusal.reason) == ("stage", "its stage is Interested; chosen stages: Cold")


@pytest.mark.proves("U2")
@pytest.mark.parametrize("no_stage", [True, False])
def test_a_stage_that_was_not_read_is_not_no_stage(no_stage: bool) -> None:
    rule = replace(COLD, no_stage=no_stage)
    missing, withheld = record("contact/1"), Record(record("contact/1").ref, {}, frozenset({"stage_id"}))
    for subject, word in ((missing, "missing"), (withheld, "withheld")):
        refusal = gate(rule, subject).refusal
        assert refusal
        assert word in refusal.reason


@pytest.mark.proves("U2")
def test_a_side_without_a_stage_field_has_no_stages() -> None:
    kind = settings(replace(COLD, no_stage=True), stage_left=None)
    assert create_gate(kind, Side.LEFT, record("contact/1"), PEOPLE, NAMED, CONTACTS).open


@pytest.mark.proves("U2")
@pytest.mark.parametrize("stage", ["id_Cold", "id_Interested", "id_9", None])
def test_stages_never_gate_updates(stage: str | None) -> None:
    for rule in (COLD, CreateRule(enabled=False), CreateRule(when="stages", stages=())):
        assert update_gate(settings(rule), Side.RIGHT, record("Contact/1", stage_id=stage)).open


@pytest.mark.proves("U2")
def test_updates_have_a_switch_per_side() -> None:
    kind = settings(update_right=False)
    assert update_gate(kind, Side.LEFT, record("contact/1")).open
    refusal = update_gate(kind, Side.RIGHT, record("Contact/1")).refusal
    assert refusal
    assert refusal.name == "update is on"


def test_deleted_records_are_neither_created_from_nor_written() -> None:
    gone = record("contact/1", deleted=True)
    assert not gate(CreateRule(), gone).open
    assert not update_gate(settings(), Side.LEFT, gone).open


@pytest.mark.parametrize("value", [None, "", " ", []])
def test_required_fields_need_a_value(value: Value) -> None:
    drafts: list[dict[str, Value]] = [{"Name": value}, {"City": "London"}, {}]
    for drafted in drafts:
        refusal = gate(CreateRule(), record("contact/1"), drafted).refusal
        assert refusal
        assert (refusal.name, "Name" in refusal.reason) == ("required fields", True)
    assert gate(CreateRule(), record("contact/1"), {"Name": 0}).open


def test_a_required_field_that_cannot_be_set_asks_for_nothing() -> None:
    there = schema("Contact", field(name="Id", required=True, creatable=False, updatable=False))
    assert create_gate(settings(), Side.LEFT, record("contact/1"), PEOPLE, {}, there).open


def test_every_criterion_is_told_with_yes_or_no() -> None:
    found = gate(replace(COLD), record("contact/1", deleted=True), {})
    assert found.gate is Gate.CREATE
    assert [(c.name, c.passed) for c in found.criteria] == [
        ("alive", False),
        ("create is on", True),
        ("stage", False),
        ("required fields", False),
    ]
    assert all(c.reason for c in found.criteria)


@pytest.mark.parametrize("deleted", [True, False])
def test_deletions_are_never_carried_over_and_links_end_only_on_evidence(deleted: bool) -> None:
    subject = record("contact/1", deleted=deleted)
    assert not delete_gate(settings(COLD), Side.LEFT, can_delete=True).open
    assert unlink_gate(subject).open is deleted


def test_out_of_scope_is_not_unlinked() -> None:
    outside = record("contact/1", stage_id="id_Interested")
    assert not gate(COLD, outside).open
    assert update_gate(settings(COLD), Side.LEFT, outside).open
    assert not unlink_gate(outside).open


def test_labels_of_stages() -> None:
    assert stage_label(STAGE, "id_cold") == "Cold"
    assert stage_label(STAGE, "id_9") == "id_9"
    assert stage_label(None, "id_9") == "id_9"


LEAD = ObjectPair("contact", "Lead")


def test_pairs_of_a_kind() -> None:
    kind = KindSettings(Kind.PERSON, (PAIR, LEAD), create_right=CreateRule(as_type="Lead"))
    assert kind.object_types(Side.LEFT) == ("contact",)
    assert kind.object_types(Side.RIGHT) == ("Contact", "Lead")
    assert kind.pair("contact", "Lead") is LEAD
    assert kind.pair("contact", "Account") is None
    assert kind.pair_for_create(Side.LEFT, "contact") is LEAD
    assert kind.pair_for_create(Side.RIGHT, "Contact") is PAIR
    assert kind.pair_for_create(Side.RIGHT, "Lead") is LEAD
    assert kind.pair_for_create(Side.RIGHT, "Account") is None
    assert replace(kind, create_right=CreateRule()).pair_for_create(Side.LEFT, "contact") is PAIR
