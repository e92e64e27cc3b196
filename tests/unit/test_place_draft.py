"""What a counterpart would be created with, and what waits or is held back from it (M5, U2)."""

from dataclasses import replace
from typing import Any

import pytest

from syncline.core.convert import Terms, Users
from syncline.core.decide import PairContext
from syncline.core.mapping import FieldMap
from syncline.core.model import Record, Ref, Side
from syncline.core.place import Drafted, draft
from syncline.core.policy import Direction, OnClear, WriteRule
from syncline.core.references import Relations
from syncline.core.schema import FieldType
from syncline.core.scope import CreateRule
from tests.unit.mapped import context, field, options, record, schema

T = FieldType
CONTACT = schema(
    "contact",
    field(T.TEXT, "name"),
    field(T.EMAIL, "email"),
    field(T.PICKLIST, "stage", options=options("Cold", "Frozen", prefix="id_")),
    field(T.REFERENCE, "account", refers_to=("account",)),
    field(T.OWNER, "owner"),
    field(T.TEXT, "city"),
    field(T.MULTIPICKLIST, "tags"),
)
PERSON = schema(
    "Contact",
    field(T.TEXT, "Name", required=True),
    field(T.EMAIL, "Email"),
    field(T.PICKLIST, "Status", restricted=True, options=options("Open", "Cold")),
    field(T.REFERENCE, "AccountId", refers_to=("Account",)),
    field(T.OWNER, "OwnerId"),
    field(T.TEXT, "City", creatable=False, updatable=False),
    field(T.MULTIPICKLIST, "Tags"),
)
MAPS = (
    FieldMap("name", "Name"),
    FieldMap("email", "Email", rule=WriteRule.FILL, direction=Direction.TO_RIGHT),
    FieldMap("stage", "Status", direction=Direction.TO_RIGHT),
    FieldMap("account", "AccountId", clear=OnClear.PROPAGATE),
    FieldMap("owner", "OwnerId", direction=Direction.TO_LEFT, on_create=True),
    FieldMap("city", "City"),
    FieldMap("tags", "Tags", direction=Direction.TO_LEFT),
)
TERMS = Terms(
    Users({"ann": "A1"}, {"A1": "ann"}, {Side.RIGHT: frozenset({"A1"})}),
    Relations(twins={(Side.LEFT, "acc1"): "001"}, planned={(Side.LEFT, "acc2"): Ref("account", "acc2")}),
)
FRAME = context(CONTACT, PERSON, *MAPS, terms=TERMS)


def drafted(frame: PairContext = FRAME, **values: Any) -> Drafted:
    return draft(frame, Side.LEFT, record("contact/1", **{"name": "Ada", **values}))


def sent(found: Drafted) -> dict[str, object]:
    return {change.field: change.after for change in found.fields}


def test_known_values_of_the_allowed_direction_are_sent() -> None:
    found = drafted(email="ADA@x.test", stage="id_Cold", account="acc1")
    assert sent(found) == {"Name": "Ada", "Email": "ada@x.test", "Status": "Cold", "AccountId": "001"}
    assert found.gate.open
    assert (found.held, found.waiting) == ((), ())
    assert {c.before for c in found.fields} == {None}
    assert {c.rule for c in found.fields} == {"new record"}


def test_a_map_of_the_other_direction_sends_only_where_it_says_so() -> None:
    assert sent(drafted(owner="ann", tags=["a"])) == {"Name": "Ada", "OwnerId": "A1"}


def test_fields_that_cannot_be_created_are_left_out() -> None:
    assert "City" not in sent(drafted(city="London"))


@pytest.mark.parametrize("value", [None, "", "  ", []])
def test_empty_values_are_left_out(value: object) -> None:
    assert sent(drafted(email=value)) == {"Name": "Ada"}


def test_blank_choices_are_left_out() -> None:
    frame = context(CONTACT, PERSON, MAPS[0], FieldMap("tags", "Tags"))
    assert sent(drafted(frame, tags=[" "])) == {"Name": "Ada"}


def test_missing_and_withheld_values_are_left_out() -> None:
    subject = Record(Ref("contact", "1"), {"name": "Ada", "email": "hidden@x.test"}, frozenset({"email"}))
    assert sent(draft(FRAME, Side.LEFT, subject)) == {"Name": "Ada"}


@pytest.mark.proves("M5")
def test_an_unmapped_option_is_held_with_what_is_allowed_while_the_rest_goes() -> None:
    found = drafted(stage="id_Frozen", email="ada@x.test")
    assert sent(found) == {"Name": "Ada", "Email": "ada@x.test"}
    assert [(c.field, c.rule, c.allowed) for c in found.held] == [("Status", "option", ("Open", "Cold"))]
    assert found.held[0].source == "id_Frozen"
    assert found.gate.open


@pytest.mark.proves("M5")
def test_an_unmapped_option_of_a_required_field_keeps_the_record_back() -> None:
    required = replace(
        PERSON, fields={**PERSON.fields, "Status": replace(PERSON.fields["Status"], required=True)}
    )
    found = drafted(context(CONTACT, required, *MAPS, terms=TERMS), stage="id_Frozen")
    assert not found.gate.open
    assert found.gate.refusal
    assert "Status" in found.gate.refusal.reason
    assert found.held[0].allowed == ("Open", "Cold")


def test_a_bad_value_is_held_while_the_rest_goes() -> None:
    found = drafted(email="no address")
    assert sent(found) == {"Name": "Ada"}
    assert [(c.field, c.rule) for c in found.held] == [("Email", "email")]


@pytest.mark.proves("M7")
def test_an_owner_without_counterpart_is_held() -> None:
    assert [(c.field, c.rule) for c in drafted(owner="bob").held] == [("OwnerId", "user")]


def test_a_reference_is_sent_awaited_or_waits() -> None:
    awaited = drafted(account="acc2").fields[-1]
    assert (awaited.field, awaited.after, awaited.awaits) == ("AccountId", None, Ref("account", "acc2"))
    waiting = drafted(account="acc3")
    assert [(c.field, c.rule) for c in waiting.waiting] == [("AccountId", "reference")]
    assert waiting.held == ()


def test_a_reference_that_is_being_made_satisfies_a_required_field() -> None:
    required = replace(
        PERSON, fields={**PERSON.fields, "AccountId": replace(PERSON.fields["AccountId"], required=True)}
    )
    frame = context(CONTACT, required, *MAPS, terms=TERMS)
    assert drafted(frame, account="acc2").gate.open
    assert not drafted(frame, account="acc3").gate.open


def test_a_required_field_without_value_closes_the_gate() -> None:
    found = draft(FRAME, Side.LEFT, record("contact/1", email="ada@x.test"))
    assert found.gate.refusal
    assert found.gate.refusal.name == "required fields"


@pytest.mark.proves("U2")
def test_the_settings_of_creating_are_asked() -> None:
    off = context(CONTACT, PERSON, *MAPS, terms=TERMS, create_right=CreateRule(enabled=False))
    assert not drafted(off).gate.open
    staged = context(
        CONTACT,
        PERSON,
        *MAPS,
        terms=TERMS,
        stage_left="stage",
        create_right=CreateRule(when="stages", stages=("Cold",), no_stage=False),
    )
    assert drafted(staged, stage="id_Cold").gate.open
    assert not drafted(staged, stage="id_Frozen").gate.open


def test_the_left_is_drafted_from_the_right_alike() -> None:
    found = draft(
        FRAME, Side.RIGHT, record("Contact/1", Name="Ada", OwnerId="A1", Tags="b;a", Email="x@x.test")
    )
    assert {c.field: c.after for c in found.fields} == {"name": "Ada", "tags": ["b", "a"]}
    assert [(c.field, c.rule) for c in found.held] == [("owner", "user")]
