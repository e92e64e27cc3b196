from datetime import UTC, datetime

import pytest

from syncline.connectors.salesforce import stamps
from syncline.connectors.salesforce.failures import Problem
from syncline.connectors.salesforce.ids import to18
from syncline.connectors.salesforce.objects import read_schema
from syncline.connectors.salesforce.records import read_record
from syncline.connectors.salesforce.values import stored_as, to_wire
from syncline.core.errors import ProtocolError
from syncline.core.model import Raw
from syncline.core.schema import Field, FieldType, Option
from tests.unit.scripted_org import CONTACT, SYSTEM, described, row

REAL = "001D000000IqhSLIAZ"


@pytest.mark.parametrize("given", [REAL, REAL[:15], REAL.lower(), REAL.upper()])
def test_every_spelling_of_an_id_becomes_one(given: str) -> None:
    assert to18(given) == REAL


@pytest.mark.parametrize(
    "given",
    ["", "001", REAL + "x", "001D000000Iqh L", "001D000000IqhSL'--", "00100000000000é", REAL[:15] + "999"],
)
def test_what_cannot_be_an_id_is_none(given: str) -> None:
    assert to18(given) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01T10:00:00.000+0000", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:00:00Z", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T12:30:00.250+02:30", datetime(2026, 11, 1, 10, microsecond=250_000, tzinfo=UTC)),
        ("2026-13-01T10:00:00.000+0000", None),
        ("0001-01-01T00:00:00.000+2300", None),
        ("2026-11-01T10:00:00", None),
        ("2026-11-01", None),
        ("x" * 300_000, None),
        (17, None),
        (None, None),
    ],
)
def test_stamps_are_read_in_utc_or_not_at_all(text: object, moment: datetime | None) -> None:
    assert stamps.parse(text) == moment


def test_a_stamp_goes_into_a_query_as_a_literal() -> None:
    moment = stamps.parse("2026-11-01T12:00:00.123+0200")
    assert moment
    assert stamps.literal(moment) == "2026-11-01T10:00:00.123Z"
    assert stamps.shown(moment) == "2026-11-01T10:00:00.123+0000"


def field(type_: FieldType, scale: int | None = None) -> Field:
    return Field("F", "F", type_, length=80, scale=scale)


@pytest.mark.parametrize(
    ("type_", "scale", "value", "sent"),
    [
        (FieldType.TEXT, None, "a", "a"),
        (FieldType.TEXT, None, 12, "12"),
        (FieldType.TEXT, None, True, "true"),
        (FieldType.TEXT, None, "", None),
        (FieldType.TEXT, None, "  ", None),
        (FieldType.TEXT, None, [], None),
        (FieldType.MULTIPICKLIST, None, ["a", "b"], "a;b"),
        (FieldType.BOOLEAN, None, None, False),
        (FieldType.BOOLEAN, None, "TRUE", True),
        (FieldType.NUMBER, 0, "12.5", 13),
        (FieldType.NUMBER, 2, "12.5", 12.5),
        (FieldType.MONEY, 2, 1_000_000, 1_000_000),
        (FieldType.DATE, None, "2026-02-03T10:00:00.000+0000", "2026-02-03"),
        (FieldType.DATETIME, None, "2026-02-03", "2026-02-03T00:00:00.000Z"),
        (FieldType.DATETIME, None, "2026-02-03T10:00:00+01:00", "2026-02-03T09:00:00.000Z"),
    ],
)
def test_values_are_sent_as_the_type_of_their_field(
    type_: FieldType, scale: int | None, value: Raw, sent: Raw
) -> None:
    made = to_wire(field(type_, scale), value)
    assert made == sent
    assert type(made) is type(sent)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (FieldType.BOOLEAN, "maybe"),
        (FieldType.BOOLEAN, 1),
        (FieldType.NUMBER, "many"),
        (FieldType.NUMBER, True),
        (FieldType.NUMBER, float("nan")),
        (FieldType.NUMBER, "9" * 200),
        (FieldType.NUMBER, "1e999999"),
        (FieldType.DATE, "next week"),
        (FieldType.DATE, "2026-02-30"),
        (FieldType.DATE, 20260203),
        (FieldType.DATETIME, "soon"),
        (FieldType.TEXT, "half \ud800"),
        (FieldType.TEXT, "x" * 300_000),
    ],
)
def test_a_value_that_would_spoil_its_neighbours_call_is_refused_here(type_: FieldType, value: Raw) -> None:
    refused = to_wire(field(type_, 2), value)
    assert isinstance(refused, Problem)
    assert refused.fields == ("F",)
    assert len(refused.message) < 200
    assert stored_as(field(type_, 2), value) is value


@pytest.mark.parametrize(
    ("type_", "scale", "value", "stored"),
    [
        (FieldType.TEXT, None, "  Ada  ", "Ada"),
        (FieldType.EMAIL, None, " Ada@Example.ORG ", "ada@example.org"),
        (FieldType.PHONE, None, "4155550100", "(415) 555-0100"),
        (FieldType.PHONE, None, "14155550100", "(415) 555-0100"),
        (FieldType.PHONE, None, "+49 30 123456", "+49 30 123456"),
        (FieldType.MONEY, 2, 1.005, 1.01),
        (FieldType.MONEY, 0, "12.5", 13),
        (FieldType.REFERENCE, None, REAL[:15], REAL),
        (FieldType.OWNER, None, REAL.lower(), REAL),
        (FieldType.DATETIME, None, "2026-02-03T10:00:00.900Z", "2026-02-03T10:00:00.000+0000"),
        (FieldType.BOOLEAN, None, None, False),
        (FieldType.TEXT, None, "", None),
    ],
)
def test_stored_as_tells_what_the_server_makes_of_a_value(
    type_: FieldType, scale: int | None, value: Raw, stored: Raw
) -> None:
    assert stored_as(field(type_, scale), value) == stored
    assert stored_as(field(type_, scale), stored) == stored


def test_describe_becomes_a_schema() -> None:
    picks = [
        {"value": "a", "label": "A", "active": True},
        {"value": "b", "active": False},
        {"label": "no value"},
    ]
    schema = read_schema(
        "Lead",
        {
            "fields": [
                *SYSTEM,
                described("Company", nillable=False),
                described("Name", nillable=False, createable=False, updateable=False),
                described("Address", "address"),
                described("Amount__c", "currency", scale=2, custom=True),
                described("Count__c", "int", scale=0),
                described("Stage__c", "picklist", restrictedPicklist=True, picklistValues=picks),
                described("OwnerId", "reference", referenceTo=["Group", "User"], nillable=False),
                described("Website", "url", length=255),
            ]
        },
    )
    assert {"Name", "Address"}.isdisjoint(schema.fields)
    assert schema.fields["Company"].required
    assert schema.fields["OwnerId"].type is FieldType.OWNER
    assert schema.fields["OwnerId"].refers_to == ("Group", "User")
    assert (schema.fields["Amount__c"].type, schema.fields["Amount__c"].scale) == (FieldType.MONEY, 2)
    assert schema.fields["Count__c"].scale == 0
    assert schema.fields["Stage__c"].options == (Option("a", "A"), Option("b", "b", active=False))
    assert schema.fields["Stage__c"].restricted
    assert schema.fields["Website"].length == 255
    assert schema.fields["Id"].read_only


def test_users_carry_the_names_all_systems_have_and_are_never_written() -> None:
    fields = [*SYSTEM, described("Name"), described("Email", "email"), described("IsActive", "boolean")]
    schema = read_schema("User", {"fields": fields})
    assert all(each.read_only for each in schema.fields.values())
    record = read_record("User", row(1, Name="Ada", Email="a@b.example", IsActive=False))
    assert (record.get("name"), record.get("email"), record.get("active")) == ("Ada", "a@b.example", False)


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"fields": {}}, {"fields": [{}]}, {"fields": [described("Id", "id")]}]
)
def test_a_description_of_another_form_is_a_protocol_error(answer: object) -> None:
    with pytest.raises(ProtocolError):
        read_schema("Contact", answer)


@pytest.mark.parametrize(
    "bad", [{"Id": 5}, {"Id": "short"}, {"SystemModstamp": None}, {"SystemModstamp": "today"}]
)
def test_a_row_without_id_or_stamp_is_a_protocol_error(bad: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        read_record("Contact", {**row(1), **bad})


def test_a_value_that_is_no_single_value_is_missing_and_the_rest_is_there() -> None:
    record = read_record("Contact", row(1, Title={"city": "x"}, LastName="Ada", Email=[1], IsDeleted=True))
    assert {"Title", "Email"}.isdisjoint(record.values)
    assert record.get("LastName") == "Ada"
    assert record.deleted
    assert "attributes" not in record.values


def test_the_schema_of_the_tests_is_sound() -> None:
    assert read_schema("Contact", {"fields": CONTACT}).fields["LastName"].required
