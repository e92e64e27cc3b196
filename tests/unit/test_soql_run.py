"""SOQL answers over records in memory as the real service would."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from syncline.sandbox.salesforce.errors import ApiError
from syncline.sandbox.salesforce.ids import mint
from syncline.sandbox.salesforce.soql.run import Result, Source, run

ACME, EMPTY = mint("001", 1), mint("001", 2)
USER = mint("005", 1)

RECORDS: dict[str, list[dict[str, Any]]] = {
    "Account": [
        {"Id": ACME, "Name": "Acme", "Industry": "Retail", "NumberOfEmployees": 120, "OwnerId": USER},
        {"Id": EMPTY, "Name": "Void"},
    ],
    "User": [{"Id": USER, "Name": "Uma User", "Email": "uma@example.com", "IsActive": True}],
    "Contact": [
        {
            "Id": mint("003", 1),
            "LastName": "Archer",
            "Email": "Ann@Example.com",
            "AccountId": ACME,
            "OwnerId": USER,
            "DoNotCall": False,
            "Birthdate": "1990-01-31",
            "MailingCity": "Paris",
            "SystemModstamp": "2026-11-01T10:00:00.000+0000",
        },
        {
            "Id": mint("003", 2),
            "LastName": "brown_50%",
            "Email": None,
            "DoNotCall": True,
            "SystemModstamp": "2026-11-02T10:00:00.000+0000",
        },
        {
            "Id": mint("003", 3),
            "LastName": "O'Hara",
            "Email": "o@example.com",
            "AccountId": EMPTY,
            "DoNotCall": False,
            "SystemModstamp": "2026-11-10T00:00:00.000+0000",
        },
        {"Id": mint("003", 4), "LastName": "Deleted", "IsDeleted": True},
    ],
    "Lead": [{"Id": mint("00Q", 1), "LastName": "Lead", "OwnerId": USER}],
}


def source_of(records: Mapping[str, list[dict[str, Any]]]) -> Source:
    by_id = {(type_, each["Id"]): each for type_, rows in records.items() for each in rows}

    def scan(type_: str) -> Sequence[Mapping[str, Any]]:
        return records.get(type_, [])

    return Source(scan, lambda type_, id_: by_id.get((type_, id_)), date(2026, 11, 10))


def answer(text: str, *, deleted: bool = False) -> Result:
    return run(text, source_of(RECORDS), "v60.0", deleted=deleted)


def names(where: str) -> list[str]:
    return [row["LastName"] for row in answer(f"SELECT LastName FROM Contact {where}").rows]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("WHERE Email = 'ann@example.COM'", ["Archer"]),
        ("WHERE Email = null", ["brown_50%"]),
        ("WHERE Email != 'ann@example.com'", ["brown_50%", "O'Hara"]),
        ("WHERE NOT Email = 'ann@example.com'", ["brown_50%", "O'Hara"]),
        ("WHERE Email IN ('ANN@example.com', 'none')", ["Archer"]),
        ("WHERE Email NOT IN ('ann@example.com')", ["brown_50%", "O'Hara"]),
        (r"WHERE LastName = 'O\'Hara'", ["O'Hara"]),
        ("WHERE LastName LIKE 'a%'", ["Archer"]),
        ("WHERE LastName LIKE '_rown%'", ["brown_50%"]),
        (r"WHERE LastName LIKE '%\_50\%'", ["brown_50%"]),
        ("WHERE LastName LIKE 'rown'", []),
        ("WHERE DoNotCall = TRUE", ["brown_50%"]),
        ("WHERE DoNotCall != true AND Email != null", ["Archer", "O'Hara"]),
        ("WHERE Birthdate = 1990-01-31", ["Archer"]),
        ("WHERE Birthdate < 1990-02-01", ["Archer"]),
        ("WHERE SystemModstamp >= 2026-11-02T11:00:00+01:00", ["brown_50%", "O'Hara"]),
        ("WHERE SystemModstamp = 2026-11-01T10:00:00.000Z", ["Archer"]),
        ("WHERE SystemModstamp = TODAY", ["O'Hara"]),
        ("WHERE SystemModstamp < TODAY", ["Archer", "brown_50%"]),
        ("WHERE SystemModstamp = LAST_N_DAYS:8", ["brown_50%", "O'Hara"]),
        ("WHERE SystemModstamp = YESTERDAY", []),
        ("WHERE Account.Name = 'acme'", ["Archer"]),
        ("WHERE Account.Industry = null", ["brown_50%", "O'Hara"]),
        ("WHERE Account.NumberOfEmployees > 100", ["Archer"]),
        ("WHERE Account.Owner.Email LIKE '%@example.com'", ["Archer"]),
        (f"WHERE AccountId = '{ACME[:15]}'", ["Archer"]),
        (f"WHERE Id > '{mint('003', 1)}'", ["brown_50%", "O'Hara"]),
        ("WHERE (LastName = 'archer' OR LastName = 'x') AND DoNotCall = false", ["Archer"]),
        ("ORDER BY Email", ["brown_50%", "Archer", "O'Hara"]),
        ("ORDER BY Email DESC NULLS LAST", ["O'Hara", "Archer", "brown_50%"]),
        ("ORDER BY DoNotCall DESC, LastName ASC", ["brown_50%", "Archer", "O'Hara"]),
        ("ORDER BY LastName LIMIT 1 OFFSET 1", ["brown_50%"]),
    ],
)
def test_conditions_and_order(where: str, found: list[str]) -> None:
    assert names(where) == found


def test_the_recycle_bin_is_seen_only_when_asked_for() -> None:
    text = "SELECT Id FROM Contact WHERE IsDeleted = true"
    assert answer(text).total == 0
    assert answer(text, deleted=True).total == 1


def test_count_has_a_total_and_no_rows() -> None:
    assert answer("SELECT COUNT() FROM Contact WHERE DoNotCall = false") == Result(2, [])


def test_rows_carry_attributes_spell_names_as_the_schema_and_nest_parents() -> None:
    row = answer("select ID, lastname, account.name, account.owner.email from contact limit 1").rows[0]
    contact = mint("003", 1)
    assert row == {
        "attributes": {"type": "Contact", "url": f"/services/data/v60.0/sobjects/Contact/{contact}"},
        "Id": contact,
        "LastName": "Archer",
        "Account": {
            "attributes": {"type": "Account", "url": f"/services/data/v60.0/sobjects/Account/{ACME}"},
            "Name": "Acme",
            "Owner": {
                "attributes": {"type": "User", "url": f"/services/data/v60.0/sobjects/User/{USER}"},
                "Email": "uma@example.com",
            },
        },
    }
    assert next(iter(row)) == "attributes"


def test_a_missing_parent_is_null_and_a_lead_owner_is_a_name() -> None:
    assert answer("SELECT Account.Name FROM Contact WHERE Email = null").rows[0]["Account"] is None
    owner = answer("SELECT Owner.Name FROM Lead").rows[0]["Owner"]
    assert owner["attributes"]["type"] == "Name"
    assert owner["Name"] == "Uma User"


def test_an_address_is_shown_whole() -> None:
    rows = answer("SELECT MailingAddress FROM Contact ORDER BY LastName LIMIT 2").rows
    assert rows[0]["MailingAddress"]["city"] == "Paris"
    assert rows[1]["MailingAddress"] is None


def test_field_groups_need_a_small_limit() -> None:
    row = answer("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 200").rows[0]
    assert list(row) == ["attributes", "Apollo_Stage__c", "Persona__c", "Apollo_Id__c"]
    assert "SystemModstamp" in answer("SELECT FIELDS(STANDARD) FROM Contact").rows[0]
    assert "limit of at most 200" in refusal("SELECT FIELDS(ALL) FROM Contact")[1].lower()


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        answer(text)
    problem = caught.value.problems[0]
    return problem.code, problem.message


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("SELECT Nope FROM Contact", "INVALID_FIELD", "No such column 'Nope' on entity 'Contact'"),
        ("SELECT Nope FROM Contact", "INVALID_FIELD", "ERROR at Row:1:Column:8"),
        ("SELECT Account.Nope FROM Contact", "INVALID_FIELD", "on entity 'Account'"),
        ("SELECT Boss.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Boss'"),
        ("SELECT Id FROM Contacts", "INVALID_TYPE", "sObject type 'Contacts' is not supported"),
        ("SELECT Id FROM Contact WHERE Nope = 1", "INVALID_FIELD", "No such column"),
        ("SELECT Id FROM Contact ORDER BY Nope", "INVALID_FIELD", "No such column"),
        ("SELECT Id, Id FROM Contact", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id FROM Contact WHERE Email = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM Contact WHERE SystemModstamp > '2026'", "INVALID_FIELD", "must be of type dateTime"),
        (
            "SELECT Id FROM Contact WHERE SystemModstamp > 2026-11-01",
            "INVALID_FIELD",
            "must be of type dateTime",
        ),
        ("SELECT Id FROM Contact WHERE Birthdate = NEVER", "INVALID_FIELD", "must be of type date"),
        ("SELECT Id FROM Contact WHERE DoNotCall = 'x'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Contact ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
        ("SELECT Id FROM Contact WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("SELECT Id FROM Contact WHERE AccountId LIKE '0%'", "INVALID_QUERY_FILTER_OPERATOR", "operator"),
        (r"SELECT Id FROM Contact WHERE LastName = 'a\x'", "MALFORMED_QUERY", "Illegal character sequence"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset"),
        ("SELECT Id FROM Contact LIMIT 99999999999", "MALFORMED_QUERY", "out of range"),
    ],
)
def test_refusals_have_the_codes_and_words_of_the_service(text: str, code: str, says: str) -> None:
    found, message = refusal(text)
    assert found == code
    assert says in message


def test_a_keyset_page_over_four_thousand_rows_is_quick() -> None:
    rows = [
        {
            "Id": mint("003", n),
            "LastName": f"L{n}",
            "SystemModstamp": f"2026-11-{n % 28 + 1:02d}T10:00:00.000+0000",
        }
        for n in range(4000)
    ]
    source = source_of({"Contact": rows})
    stamp = "2026-11-09T10:00:00.000Z"
    text = (
        f"SELECT Id, LastName, SystemModstamp FROM Contact WHERE (SystemModstamp > {stamp} OR "
        f"(SystemModstamp = {stamp} AND Id > '{mint('003', 500)}')) AND SystemModstamp <= 2026-12-01T00:00:00Z "
        "ORDER BY SystemModstamp ASC, Id ASC LIMIT 2000"
    )
    best = min(_seconds(lambda: run(text, source, "v60.0")) for _ in range(3))
    assert run(text, source, "v60.0").total == 2000
    assert best < 0.3


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
