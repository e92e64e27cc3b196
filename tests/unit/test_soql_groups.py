"""Queries that group, count and look into other queries."""

from typing import Any

import pytest

from syncline.sandbox.salesforce.errors import ApiError
from tests.unit.test_soql_run import answer


def rows(text: str) -> list[dict[str, Any]]:
    found = answer(text).rows
    assert all(row.pop("attributes") == {"type": "AggregateResult"} for row in found)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT COUNT(Id) FROM Contact", [{"expr0": 3}]),
        ("SELECT count(Email) mails, COUNT(Id) FROM Contact", [{"mails": 2, "expr0": 3}]),
        ("SELECT COUNT_DISTINCT(OwnerId) FROM Contact", [{"expr0": 1}]),
        ("SELECT MAX(SystemModstamp) newest FROM Contact", [{"newest": "2026-11-10T00:00:00.000+0000"}]),
        ("SELECT MIN(LastName) FROM Contact WHERE Id = null", [{"expr0": None}]),
        (
            "SELECT SUM(NumberOfEmployees), AVG(NumberOfEmployees) FROM Account",
            [{"expr0": 120, "expr1": 120.0}],
        ),
        (
            "SELECT DoNotCall, COUNT(Id) n FROM Contact GROUP BY DoNotCall ORDER BY DoNotCall DESC",
            [{"DoNotCall": True, "n": 1}, {"DoNotCall": False, "n": 2}],
        ),
        (
            "SELECT Account.Name, COUNT(Id) n FROM Contact GROUP BY Account.Name ORDER BY Account.Name NULLS LAST",
            [{"Name": "Acme", "n": 1}, {"Name": "Void", "n": 1}, {"Name": None, "n": 1}],
        ),
        ("SELECT Email FROM Contact GROUP BY Email LIMIT 1 OFFSET 1", [{"Email": "Ann@Example.com"}]),
    ],
)
def test_groups(text: str, expected: list[dict[str, Any]]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT LastName, COUNT(Id) FROM Contact", "must be grouped or aggregated: LastName"),
        (
            "SELECT Email FROM Contact GROUP BY Email ORDER BY LastName",
            "must be grouped or aggregated: LastName",
        ),
        ("SELECT SUM(LastName) FROM Contact", "does not support aggregate operator SUM"),
        ("SELECT MAX(DoNotCall) FROM Contact", "does not support aggregate operator MAX"),
        ("SELECT COUNT(Id) n, COUNT(Email) n FROM Contact", "duplicate alias: n"),
        ("SELECT COUNT(SystemModstamp) FROM Contact GROUP BY SystemModstamp", "can not be grouped"),
        ("SELECT FIELDS(ALL), COUNT(Id) FROM Contact LIMIT 5", "can not be grouped"),
        ("SELECT COUNT(Nope) FROM Contact", "No such column"),
    ],
)
def test_groups_that_are_refused(text: str, says: str) -> None:
    with pytest.raises(ApiError, match=says):
        answer(text)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("AccountId IN (SELECT Id FROM Account WHERE Name = 'Acme')", ["Archer"]),
        ("AccountId NOT IN (SELECT Id FROM Account WHERE Name = 'Acme')", ["brown_50%", "O'Hara"]),
        ("AccountId IN (SELECT Id FROM Account) AND DoNotCall = false", ["Archer", "O'Hara"]),
        ("OwnerId IN (SELECT OwnerId FROM Account)", ["Archer"]),
    ],
)
def test_a_query_may_look_into_another(where: str, found: list[str]) -> None:
    assert [row["LastName"] for row in answer(f"SELECT LastName FROM Contact WHERE {where}").rows] == found


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("LastName IN (SELECT Id FROM Account)", "must be an id or a reference"),
        ("AccountId IN (SELECT Name FROM Account)", "it is no id"),
        ("AccountId IN (SELECT Id FROM Nope)", "is not supported"),
        ("AccountId IN (SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact))", "Nesting"),
    ],
)
def test_inner_queries_that_are_refused(where: str, says: str) -> None:
    with pytest.raises(ApiError, match=says):
        answer(f"SELECT Id FROM Contact WHERE {where}")
