"""Filters, lists, source values and unverified addresses are checked when they are saved (U5, U6, U7, U10)."""

from typing import Any

import pytest
import yaml

from syncline.config import Finding, check, parse, raise_errors
from syncline.core.errors import ConfigError
from syncline.core.model import Kind
from syncline.core.schema import Field, FieldType, ObjectSchema, Option

STAGES = tuple(Option(f"id-{name}", name) for name in ("Cold", "Warm"))
SOURCES = (Option("Web", "Web"), Option("Apollo", "Apollo"), Option("Old", "Old", active=False))
LEFT = ObjectSchema(
    "contact",
    Kind.PERSON,
    {
        f.name: f
        for f in (
            Field("email", "E-mail", FieldType.EMAIL),
            Field("email_status", "Status", FieldType.TEXT),
            Field("title", "Title", FieldType.TEXT),
            Field("staff", "Staff", FieldType.NUMBER),
            Field("stage_id", "Stage", FieldType.PICKLIST, options=STAGES),
            Field("labels", "Lists", FieldType.MULTIPICKLIST),
            Field("met", "Met", FieldType.DATETIME),
            Field("active", "Active", FieldType.BOOLEAN),
            Field("owner_id", "Owner", FieldType.OWNER),
            Field("creator_id", "Creator", FieldType.OWNER),
        )
    },
)
RIGHT = ObjectSchema(
    "Contact",
    Kind.PERSON,
    {
        f.name: f
        for f in (
            Field("Email", "Email", FieldType.EMAIL),
            Field("OwnerId", "Owner", FieldType.OWNER),
            Field("CreatedById", "Created by", FieldType.REFERENCE, creatable=False, updatable=False),
            Field("LeadSource", "Lead Source", FieldType.PICKLIST, options=SOURCES),
            Field("Origin", "Origin", FieldType.TEXT, length=5),
            Field("Locked", "Locked", FieldType.TEXT, creatable=False),
        )
    },
)
EMAIL = {"left": "email", "right": "Email"}


def findings(
    *, maps: tuple[dict[str, str], ...] = (EMAIL,), schemas: bool = True, **kind: Any
) -> list[Finding]:
    person = {
        "pairs": [{"left": "contact", "right": "Contact", "fields": list(maps)}],
        "stage_left": "stage_id",
        "lists_left": "labels",
        **kind,
    }
    document = {
        "version": 1,
        "connections": {"here": {"system": "memory"}, "there": {"system": "memory"}},
        "syncs": {"main": {"left": "here", "right": "there", "kinds": {"person": person}}},
    }
    known = {"here": {"contact": LEFT}, "there": {"Contact": RIGHT}} if schemas else None
    return check(parse(yaml.safe_dump(document)), known)


def of_filter(text: str, **rest: Any) -> set[tuple[str, str]]:
    return {(f.code, f.message) for f in findings(create_right={"where": text}, **rest)}


@pytest.mark.proves("U7")
@pytest.mark.parametrize(
    "text",
    [
        "stage == 'Warm' && staff > 50",
        "stage_id in ['Cold', 'Warm']",
        "'VIP' in lists && size(lists) < 3 && lists.size() > 0",
        "lists.exists(l, l.startsWith('V'))",
        "owner == 'sam@example.com' || email_status != 'verified'",
        "title.contains('VP') || title.matches('(?i)vice')",
        "met > timestamp('2026-01-01T00:00:00Z') && timestamp('2027-01-01T00:00:00Z') > met",
        "met.getFullYear() == 2026 && active && !(title == '')",
        "active == true && staff != null && staff >= -1",
        "string(staff) == '1' && double(staff) < 2.5",
        "'staff > x // no' == title // and a comment",
    ],
)
def test_a_sound_filter_is_taken_without_a_word(text: str) -> None:
    assert not of_filter(text)
    assert not findings(update_right_where=text)
    assert not findings(create_right={"where": text}, schemas=False)


@pytest.mark.proves("U7")
@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("title ==", "bad-filter", "cannot be used"),
        ("", "", ""),
        ("(" * 900, "bad-filter", "cannot be used"),
        ("title == 'x'" + " || title == 'x'" * 200, "bad-filter", "characters"),
        ("lists.all(a, lists.all(b, a == b))", "bad-filter", "inside another loop"),
        ("staff / 0 > 1", "bad-filter", "divides"),
        ("titel == 'x'", "filter-name", "titel"),
        ("person.title == 'x'", "filter-name", "person"),
        ("lower(title) == 'x'", "filter-function", "lower"),
        ("title.trim() == 'x'", "filter-function", "trim"),
        ("title == 5", "filter-types", "title is text, 5 is number"),
        ("5 != title", "filter-types", "title is text"),
        ("staff == '5'", "filter-types", "staff is number"),
        ("staff < -'5'", "filter-types", ""),
        ("staff in ['5']", "filter-types", "what the list holds is text"),
        ("staff in title", "filter-types", "no list"),
        ("5 in lists", "filter-types", "what the list holds is text"),
        ("lists == 'VIP'", "filter-types", "lists is list"),
        ("lists.contains('VIP')", "filter-types", "lists is list, not text"),
        ("title.exists(c, c == 'x')", "filter-types", "title is text, not list"),
        ("staff.startsWith('5')", "filter-types", "staff is number"),
        ("met > '2026-01-01'", "filter-types", "met is time"),
        ("met == 5", "filter-types", "met is time"),
        ("active == 'true'", "filter-types", "active is true or false"),
        ("staff > null", "filter-types", "null"),
        ("lists > lists", "filter-types", ""),
        ("size(lists) == 'x'", "filter-types", "size(lists) is number"),
        ("title", "filter-types", "neither true nor false"),
        ("staff + 1", "filter-types", "neither true nor false"),
        ("staff && active", "filter-types", ""),
        ("title + staff == 'x'", "filter-types", "do not fit"),
        ("stage == 'Hot'", "filter-option", "Hot"),
        ("stage in ['Cold', 'cold']", "filter-option", "'cold'"),
        ("title + 'x' == 'yx'", "filter-part", "not checked"),
        ("(title) == 'x'", "filter-part", "not checked"),
        ("lists[1] == 'x'", "filter-part", "not checked"),
        ("int(title + 'x') == 1", "filter-part", "made-up contact"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_filter_is_said_and_what_is_not_checked_too(
    text: str, code: str, said: str
) -> None:
    found = of_filter(text)
    if not code:
        assert not found
    else:
        assert code in {name for name, _ in found}
        assert any(said in message for name, message in found if name == code), found


@pytest.mark.proves("U7")
def test_an_update_filter_is_checked_as_well_and_the_place_is_told() -> None:
    (found,) = findings(update_right_where="titel == 'x'")
    assert found.code == "filter-name"
    assert "update_right_where" in found.place
    assert "title" in found.cure


def test_a_field_that_is_gone_keeps_records_back_and_a_broken_filter_stops_the_run() -> None:
    gone = findings(create_right={"where": "gone == 'x'"})
    assert [f.level for f in gone] == ["error"]
    raise_errors(gone)
    with pytest.raises(ConfigError, match="cannot be used"):
        raise_errors(findings(create_right={"where": "title =="}))


@pytest.mark.parametrize("where", [5, ["a"], {"a": 1}, True])
def test_a_filter_that_is_no_text_is_refused(where: Any) -> None:
    with pytest.raises(ConfigError, match="where"):
        findings(create_right={"where": where})


@pytest.mark.proves("U7")
def test_lists_are_refused_where_the_system_shows_none() -> None:
    assert not findings(create_right={"lists": ["VIP"]})
    (found,) = findings(create_left={"not_lists": ["VIP"]})
    assert (found.code, "there shows of no person which lists" in found.message) == ("no-lists", True)
    (found,) = findings(create_right={"lists": ["VIP"]}, lists_left="label")
    assert (found.code, "labels" in found.cure) == ("unknown-field", True)


@pytest.mark.proves("U5")
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("LeadSource", "Apollo", None),
        ("LeadSource", "apollo", None),
        ("LeadSource", "Old", "only Web, Apollo"),
        ("LeadSource", "Billboard", "only Web, Apollo"),
        ("Origin", "Web", None),
        ("Origin", "A long one", "characters"),
        ("Locked", "Web", "cannot be written"),
        ("Gone", "Web", "is not there"),
    ],
)
def test_a_source_has_to_be_one_its_field_takes(field: str, value: str, said: str | None) -> None:
    found = findings(create_right={"source": {"field": field, "value": value}})
    assert [f.code for f in found] == (["source-value"] if said else [])
    assert not said or said in found[0].message
    raise_errors(found)  # records say by themselves why they are not made
    assert not findings(create_right={"source": {"field": field, "value": value}, "enabled": False})


@pytest.mark.proves("U6")
def test_withholding_unverified_addresses_needs_a_field_that_tells_them() -> None:
    assert not findings(push_unverified_emails=False, email_status_left="email_status")
    assert [f.code for f in findings(push_unverified_emails=False)] == ["no-email-status"]
    found = findings(push_unverified_emails=False, email_status_left="status")
    assert [f.code for f in found] == ["unknown-field"]


@pytest.mark.proves("U10")
@pytest.mark.parametrize(
    "mapped",
    [
        {"left": "owner_id", "right": "CreatedById"},
        {"left": "owner_id", "right": "CreatedById", "direction": "to_left"},
        {"left": "creator_id", "right": "OwnerId", "direction": "to_right"},
    ],
)
def test_who_made_a_record_is_mapped_to_nothing(mapped: dict[str, str]) -> None:
    assert "created-by" in {f.code for f in findings(maps=(mapped,)) if f.level == "error"}
    assert "created-by" in {f.code for f in findings(maps=(mapped,), schemas=False)}


@pytest.mark.proves("P6")
def test_filling_is_judged_by_target_side() -> None:
    def codes(**rules: str) -> list[str]:
        return [f.code for f in findings(maps=({**EMAIL, **rules},))]

    assert codes(rule="fill") == codes(rule_left="fill", rule_right="fill") == ["fill-both"]
    assert codes(rule_left="fill") == codes(rule="fill", rule_right="overwrite") == []
