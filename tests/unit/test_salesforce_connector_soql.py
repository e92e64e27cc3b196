from urllib.parse import quote

import pytest

from syncline.connectors.salesforce import soql
from syncline.connectors.salesforce.columns import columns_for
from syncline.connectors.salesforce.objects import read_schema
from tests.unit.scripted_org import CONTACT, described


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("plain", "'plain'"),
        ("O'Neil", r"'O\'Neil'"),
        ("back\\slash", r"'back\\slash'"),
        ("\\' OR Name != '", r"'\\\' OR Name != \''"),
        ("two\nlines\tand\r", r"'two\nlines\tand\r'"),
        ("100% _", "'100% _'"),
        ('quote "', "'quote \"'"),
        ("\u202ebidi", "'\u202ebidi'"),
    ],
)
def test_a_text_cannot_leave_its_quotes(value: str, literal: str) -> None:
    assert soql.text(value) == literal


@pytest.mark.parametrize(
    ("value", "literal"),
    [("acme.example", "'%acme.example%'"), ("50%_'", r"'%50\%\_\'%'"), ("\\", r"'%\\%'")],
)
def test_wildcards_of_a_value_are_taken_literally(value: str, literal: str) -> None:
    assert soql.containing(value) == literal


@pytest.mark.parametrize("name", ["Name FROM User", "a.b", "", "1a", "a'b", "N" * 121, "Ünicode__c", "a\n"])
def test_a_name_is_never_a_piece_of_query(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        soql.select([name], "Contact")


def test_a_query_has_its_parts_in_order() -> None:
    query = soql.select(["Id", "My__c"], "Contact", soql.is_in("Email", ["a", "b'"]), "Id ASC", 10)
    assert query == r"SELECT Id,My__c FROM Contact WHERE Email IN ('a','b\'') ORDER BY Id ASC LIMIT 10"


@pytest.mark.parametrize(
    ("value", "fit"),
    [
        ("a@b.example", True),
        ("", False),
        ("  ", False),
        ("nul\0", False),
        ("x" * 4_001, False),
        ("\ud800", False),
    ],
)
def test_only_what_can_be_stored_is_asked_for(value: str, fit: bool) -> None:
    assert soql.askable(value) is fit


def test_chunks_keep_every_value_and_fit_into_a_url() -> None:
    values = [f"person{n}+ü'@example.org" for n in range(500)]
    chunks = list(soql.chunks(values, 6_000, 200))
    assert [value for chunk in chunks for value in chunk] == values
    for chunk in chunks:
        assert len(quote(soql.contains_any("Email", chunk), safe="")) <= 6_000
        assert len(quote(soql.is_in("Email", chunk), safe="")) <= 6_000


def test_fields_that_do_not_fit_into_a_query_are_left_to_be_read_by_id() -> None:
    many = [described(f"A_very_long_custom_field_name_{n:03d}__c") for n in range(300)]
    schema = read_schema("Contact", {"fields": [*CONTACT, *many]})
    few = columns_for(schema, ["LastName", "no such field"])
    assert few.fit
    assert set(few.wanted) == {
        "Id", "IsDeleted", "SystemModstamp", "CreatedDate", "MasterRecordId", "LastName",
    }  # fmt: skip
    wide = columns_for(schema, list(schema.fields))
    assert not wide.fit
    assert len(wide.wanted) == len(schema.fields)
    assert {"Id", "SystemModstamp", "IsDeleted"} <= set(wide.listed)
    assert soql.encoded_length(",".join(wide.listed)) < 500
