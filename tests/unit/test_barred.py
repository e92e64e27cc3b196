"""Values that a record's type does not take are held with those it takes, on updates and on creates (rule M5)."""

from dataclasses import replace
from typing import Any

import pytest

from syncline.core.barred import barred
from syncline.core.decide import LinkView, PairContext, decide_link
from syncline.core.mapping import FieldMap
from syncline.core.merge import Verdict
from syncline.core.model import MISSING, Raw, Side, Value
from syncline.core.place import draft
from syncline.core.policy import Direction
from syncline.core.schema import FieldType, ObjectSchema, RecordTypes
from tests.unit.mapped import context, field, options, record, schema

pytestmark = pytest.mark.proves("M5")

SMALL = "012Small"
TYPES = RecordTypes(
    "RecordTypeId",
    default=SMALL,
    names={SMALL: "Small Business", "012Big": "Enterprise"},
    options={SMALL: {"Industry": frozenset({"Retail", "Media"}), "Tags": frozenset({"a"})}},
)


def accounts(*, required: bool = False, types: RecordTypes | None = TYPES) -> ObjectSchema:
    industry = field(
        FieldType.PICKLIST, "Industry", required=required, options=options("Retail", "Media", "Banking")
    )
    tags = field(FieldType.MULTIPICKLIST, "Tags", options=options("a", "b"))
    kinds = field(FieldType.REFERENCE, "RecordTypeId")
    return replace(schema("Account", industry, tags, kinds, field(name="Name")), record_types=types)


JUDGED: list[tuple[str, Raw, Value, bool]] = [
    ("Industry", "Retail", SMALL, False),
    ("Industry", "Banking", SMALL, True),
    ("Industry", "Banking", "012Big", False),
    ("Industry", "Banking", "012Unheard", False),
    ("Industry", "Banking", MISSING, False),
    ("Industry", "Banking", None, False),
    ("Industry", None, SMALL, False),
    ("Industry", "", SMALL, False),
    ("Tags", ["a"], SMALL, False),
    ("Tags", ["a", "b"], SMALL, True),
    ("Name", "Banking", SMALL, False),
    ("Gone", "Banking", SMALL, False),
]


@pytest.mark.parametrize(("name", "value", "kind", "refused"), JUDGED)
def test_a_value_is_judged_by_the_type_of_its_record(
    name: str, value: Raw, kind: Value, refused: bool
) -> None:
    assert (barred(accounts(), name, value, kind) is not None) is refused


def test_an_object_without_record_types_bars_nothing() -> None:
    assert barred(accounts(types=None), "Industry", "Banking", SMALL) is None


def frame(there: ObjectSchema) -> PairContext:
    here = schema("account", field(name="industry"), field(name="name"))
    maps = [
        FieldMap("industry", "Industry", direction=Direction.TO_RIGHT, owner="left"),
        FieldMap("name", "Name", direction=Direction.TO_RIGHT, owner="left"),
    ]
    return context(here, there, *maps)


def decided(there: ObjectSchema, **shown: Any) -> Any:
    left = record("account/1", industry="Banking", name="Acme")
    right = record("Account/2", Industry=None, Name=None, **shown)
    return decide_link(LinkView("1", frame(there), {}, left, right))


def test_an_update_holds_the_field_and_names_type_and_options_while_the_rest_flows() -> None:
    found = decided(accounts(), RecordTypeId=SMALL)
    held = found["industry=Industry"].decision
    assert (held.verdict, held.rule, held.allowed) == (Verdict.HOLD, "option", ("Retail", "Media"))
    assert "'Banking'" in held.reason
    assert "'Small Business'" in held.reason
    assert found["name=Name"].decision.verdict is Verdict.WRITE


def test_a_record_of_another_type_gets_the_value() -> None:
    found = decided(accounts(), RecordTypeId="012Big")
    assert found["industry=Industry"].decision.verdict is Verdict.WRITE


def test_a_create_is_judged_by_the_type_new_records_get() -> None:
    made = draft(frame(accounts()), Side.LEFT, record("account/1", industry="Banking", name="Acme"))
    assert [(c.field, c.allowed) for c in made.held] == [("Industry", ("Retail", "Media"))]
    assert [c.field for c in made.fields] == ["Name"]
    assert made.gate.open


def test_a_create_whose_required_field_is_barred_waits_as_a_whole() -> None:
    there = accounts(required=True)
    made = draft(frame(there), Side.LEFT, record("account/1", industry="Banking", name="Acme"))
    assert made.gate.refusal is not None
    assert made.gate.refusal.name == "required fields"
    assert made.held


def test_new_records_without_a_default_type_are_not_limited() -> None:
    there = accounts(types=replace(TYPES, default=None))
    made = draft(frame(there), Side.LEFT, record("account/1", industry="Banking", name="Acme"))
    assert not made.held


def test_a_type_that_takes_another_option_is_another_schema() -> None:
    """So that a value that was refused is tried again once its record type takes it (DESIGN 6)."""
    more = replace(TYPES, options={SMALL: {"Industry": frozenset({"Retail", "Media", "Banking"})}})
    assert accounts().fingerprint != accounts(types=more).fingerprint
    assert accounts().fingerprint == accounts().fingerprint
    assert accounts(types=None).fingerprint != accounts().fingerprint
