"""SOQL text becomes a tree, or an error that shows its place."""

import pytest

from syncline.sandbox.salesforce.errors import ApiError
from syncline.sandbox.salesforce.soql import tree
from syncline.sandbox.salesforce.soql.parse import parse


def test_a_whole_query_is_taken_apart() -> None:
    query = parse(
        "select Id, Account.Name from Contact where (SystemModstamp > 2026-11-01T10:00:00Z or "
        "(SystemModstamp = 2026-11-01T10:00:00+01:00 and Id > '003000000000001')) "
        "and not Email like '%.test' order by SystemModstamp, Id desc nulls last limit 2000 offset 5"
    )
    assert [item.text for item in query.selection if isinstance(item, tree.Name)] == ["Id", "Account.Name"]
    assert query.object.text == "Contact"
    assert isinstance(query.where, tree.Both)
    either, negation = query.where.parts
    assert isinstance(either, tree.Either)
    assert isinstance(negation, tree.Negation)
    assert [(sort.name.text, sort.descending, sort.nulls_last) for sort in query.order] == [
        ("SystemModstamp", False, False),
        ("Id", True, True),
    ]
    assert (query.limit, query.offset, query.count) == (2000, 5, False)


def test_count_selects_nothing() -> None:
    query = parse("SELECT COUNT( ) FROM Lead")
    assert query.count
    assert query.selection == ()


def test_field_groups_are_told_from_fields() -> None:
    assert parse("SELECT FIELDS(custom), Id FROM Lead LIMIT 5").selection == (
        tree.FieldGroup("CUSTOM"),
        tree.Name("Id", 1, 24),
    )


def test_words_of_the_language_may_be_parts_of_field_names() -> None:
    query = parse("SELECT Order__c, Inward__c FROM Contact WHERE Notes__c = 'x' AND Android__c = 'y'")
    assert [item.text for item in query.selection if isinstance(item, tree.Name)] == ["Order__c", "Inward__c"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT Id FRM Contact", "\nSELECT Id FRM Contact\n          ^\nERROR at Row:1:Column:11\n"),
        ("SELECT Id FRM Contact", "unexpected token: 'FRM'"),
        ("SELECT Id\nFROM Contact\nWHER Id = 'x'", "ERROR at Row:3:Column:1"),
        ("SELECT Id FROM", "unexpected token: '<EOF>'"),
        ("", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Contact WHERE Name = 'open", "unexpected end of the string"),
        ("SELECT Id FROM Contact WHERE Name = 'O'Brien'", "unexpected token"),
        ("SELECT Id FROM Contact LIMIT -1", "unexpected token: '-1'"),
        ("SELECT Id FROM Contact WHERE Id = :id", "Bind variables only allowed in Apex code"),
        ("SELECT Id FROM Contact WHERE A = 1 AND B = 2 OR C = 3", "unexpected token: 'OR'"),
        ("SELECT Id FROM Contact WHERE Id IN ()", "unexpected token: ')'"),
        ("SELECT , FROM Contact", "unexpected token: ','"),
        ("SELECT Id FROM Contact HAVING Id", "unexpected token: 'HAVING'"),
    ],
)
def test_a_fault_of_the_text_is_a_malformed_query_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse(text)
    assert caught.value.status == 400
    assert caught.value.problems[0].code == "MALFORMED_QUERY"
    assert says in caught.value.problems[0].message


@pytest.mark.parametrize("text", ["SELECT Id FROM Lead WHERE " + "(" * 30_000, "SELECT " + "Id," * 40_000])
def test_an_enormous_query_is_refused(text: str) -> None:
    with pytest.raises(ApiError):
        parse(text)


def test_deep_parentheses_are_too_complicated() -> None:
    deep = "NOT (" * 8_000 + "Id != null" + ")" * 8_000
    with pytest.raises(ApiError) as caught:
        parse(f"SELECT Id FROM Contact WHERE {deep}")
    assert caught.value.problems[0].code == "QUERY_TOO_COMPLICATED"
