"""Rows as records: flattened under described names, placeholders withheld, nothing made up from bad values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from syncline.connectors.apollo.objects import ACCOUNT, CONTACT, USER, ObjectType
from syncline.connectors.apollo.rows import RowReader, moment
from syncline.connectors.apollo.stored import stored_as
from syncline.core.model import MISSING, WITHHELD, Raw
from syncline.core.schema import Field, FieldType, ObjectSchema, Option

CUSTOM = (
    Field("custom.f1", "Size", FieldType.PICKLIST, restricted=True, options=(Option("o1", "Small"),)),
    Field("custom.f2", "Topics", FieldType.MULTIPICKLIST),
    Field("custom.f3", "Nickname", FieldType.TEXT, length=5),
)
WHOLE: Mapping[str, Any] = {
    "id": "c1",
    "first_name": "Ann",
    "email": "ann@one.example",
    "contact_stage_id": "s1",
    "updated_at": "2026-03-01T10:00:00.123+00:00",
    "created_at": "2026-02-01T10:00:00.000Z",
    "label_ids": ["l2", "l1"],
    "typed_custom_fields": {"f1": ["o1"], "f2": ["a", "b"]},
    "contact_emails": [{"email": "ann@one.example"}, {"email": "ann@two.example"}, {"email": None}, "x"],
    "phone_numbers": [
        {"type": "mobile", "raw_number": "2", "position": 1},
        {"type": "mobile", "raw_number": "1", "position": 0},
        {"type": "work_direct", "raw_number": "+1 (415) 555-0101", "position": 2},
        {"type": "unheard_of", "raw_number": "9"},
        "not an entry",
    ],
}


def schema_of(object_type: ObjectType) -> ObjectSchema:
    return object_type.described(CUSTOM, {})


def reader(object_type: ObjectType = CONTACT) -> RowReader:
    return RowReader(object_type, schema_of(object_type), lambda ids: sorted(f"name of {i}" for i in ids))


def test_a_contact_is_flattened() -> None:
    record = reader().record(dict(WHOLE))
    assert record.get("mobile_phone") == "1"
    assert record.get("direct_phone") == "+1 (415) 555-0101"
    assert record.get("home_phone") is None
    assert record.get("other_emails") == ["ann@two.example"]
    assert record.get("label_names") == ["name of l1", "name of l2"]
    assert record.get("custom.f1") == "o1"
    assert record.get("custom.f2") == ["a", "b"]
    assert record.get("custom.f3") is None
    assert record.created_at == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert record.changed_at == datetime(2026, 3, 1, 10, 0, 0, 123000, tzinfo=UTC)
    assert record.version == WHOLE["updated_at"]


def test_what_a_whole_row_leaves_out_is_empty_only_where_apollo_leaves_out_empty_keys() -> None:
    record = reader().record(dict(WHOLE))
    assert record.get("city") is None
    assert record.get("title") is MISSING
    short = reader().record({"id": "c1", "city": "Rome"})
    assert short.values == {"city": "Rome"}
    assert reader().record({"id": "c1"}, full=True).get("title") is None


def test_only_wanted_fields_come() -> None:
    assert set(reader().record(dict(WHOLE), ["email", "nobody's"]).values) == {"email"}
    assert reader().record(dict(WHOLE), []).values == {}


@pytest.mark.proves("U11")
@pytest.mark.parametrize("email", ["email_not_unlocked@domain.com", " Email_Not_Unlocked@x.example"])
def test_a_placeholder_is_withheld(email: str) -> None:
    record = reader().record({**WHOLE, "email": email})
    assert record.get("email") is WITHHELD
    assert "email" not in record.values


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("title", {"a": 1}, MISSING),
        ("title", ["one", "two"], MISSING),
        ("title", [{"a": 1}], MISSING),
        ("title", 7, 7),
        ("title", True, True),
        ("title", "x" * 300_000, "x" * 300_000),
        ("title", "nul\0 \u202ebidi", "nul\0 \u202ebidi"),
        ("email", 12, 12),
        ("city", float("inf"), MISSING),
        ("phone_numbers", "none", MISSING),
        ("typed_custom_fields", ["f1"], MISSING),
        ("label_ids", "l1", MISSING),
    ],
)
def test_a_value_of_the_wrong_type_counts_as_not_read(name: str, value: Any, shown: Any) -> None:
    asked = {"phone_numbers": "mobile_phone", "typed_custom_fields": "custom.f1", "label_ids": "label_names"}
    row = {key: found for key, found in WHOLE.items() if key != "city"} | {name: value}
    record = reader().record(row)
    assert record.get(asked.get(name, name)) == shown
    assert record.get("first_name") == "Ann"


@pytest.mark.parametrize(
    "stamp", [None, 7, "", "soon", "2026-13-01T00:00:00Z", "9" * 50, "0001-01-01T00:00:00+14:00"]
)
def test_a_bad_stamp_is_no_time(stamp: Any) -> None:
    assert moment(stamp) is None
    assert reader().record({**WHOLE, "created_at": stamp}).created_at is None


def test_a_stamp_without_a_zone_is_utc() -> None:
    assert moment("2026-03-01T10:00:00") == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_a_user_that_left_is_not_active() -> None:
    users = reader(USER)
    assert users.record({"id": "u1", "deleted": True}).get("active") is False
    assert users.record({"id": "u1", "deleted": False}).get("active") is True
    assert users.record({"id": "u1"}).get("active") is MISSING


def test_the_digest_sees_what_anybody_can_change_and_nothing_else() -> None:
    accounts = reader(ACCOUNT)
    row = {"id": "a1", "name": "One", "typed_custom_fields": {"f1": ["o1"]}, "label_ids": ["l1"]}
    same = accounts.digest(row)
    assert accounts.digest({**row, "num_contacts": 9, "last_activity_date": "2026", "industry": "x"}) == same
    assert accounts.digest({**row, "nobody_reads": 1}) == same
    changes: list[dict[str, Any]] = [
        {"name": "Two"},
        {"typed_custom_fields": {"f1": []}},
        {"label_ids": []},
        {"owner_id": "u1"},
        {"raw_address": "Rome"},
    ]
    for change in changes:
        assert accounts.digest({**row, **change}) != same


def field(name: str, field_type: FieldType, length: int | None = None) -> Field:
    return Field(name, name, field_type, length=length)


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        (field("email", FieldType.EMAIL), " Ann@ONE.example ", "ann@one.example"),
        (field("title", FieldType.TEXT), "  Head of\nSales ", "Head of\nSales"),
        (field("title", FieldType.TEXT), "   ", None),
        (field("title", FieldType.TEXT), 12, "12"),
        (field("domain", FieldType.DOMAIN), "https://WWW.One.example:443/path", "one.example"),
        (field("domain", FieldType.DOMAIN), "http://[bad", "http"),
        (field("linkedin_url", FieldType.URL), "linkedin.com/in/Ann?x=1", "http://www.linkedin.com/in/ann"),
        (field("direct_phone", FieldType.PHONE), " +1 415 555 0101", "+1 415 555 0101"),
        (field("label_names", FieldType.MULTIPICKLIST), None, []),
        (field("label_names", FieldType.MULTIPICKLIST), ["b", "a"], ["b", "a"]),
        (field("custom.f3", FieldType.TEXT, 5), " longer text", " long"),
        (field("custom.n", FieldType.NUMBER), "12.0", 12),
        (field("custom.n", FieldType.NUMBER), "1e999", "1e999"),
        (field("custom.n", FieldType.NUMBER), "many", "many"),
        (field("custom.b", FieldType.BOOLEAN), "TRUE", True),
        (field("custom.d", FieldType.DATE), "2026-03-01T10:00:00Z", "2026-03-01"),
    ],
)
def test_stored_as(field: Field, value: Raw, stored: Raw) -> None:
    assert stored_as(field, value) == stored


def test_which_fields_ride_in_a_batch_and_which_can_be_written() -> None:
    contact, account = schema_of(CONTACT).fields, schema_of(ACCOUNT).fields
    assert {name for name, each in contact.items() if not each.batched} == {
        *("direct_phone", "corporate_phone", "mobile_phone", "home_phone", "other_phone", "label_names")
    }
    assert {name for name, each in account.items() if not each.batched} == {"domain", "phone", "raw_address"}
    assert contact["contact_stage_id"].updatable
    assert not contact["salesforce_id"].updatable
    assert contact["salesforce_id"].creatable
    read_only = {"email_status", "city", "name", "source", "created_at", "updated_at", "sanitized_phone"}
    assert all(contact[name].read_only for name in read_only)
    assert all(account[name].read_only for name in ("industry", "website_url", "num_contacts", "label_names"))
    assert all(each.read_only for each in USER.described((), {}).fields.values())
