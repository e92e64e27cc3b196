"""Validation rules, locks and automations of the Salesforce sandbox, over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_rules(org: SalesforceOrg) -> Iterator[None]:
    yield
    org.control("/validation_rules", clear=True)
    org.control("/automations", clear=True)
    org.control("/locks", ids=[])
    for name in ("Account", "Contact", "Lead"):
        org.control("/locks", object=name, writes=0)


def batch(org: SalesforceOrg, method: str, *records: dict[str, Any], strict: bool = False) -> list[Any]:
    rows = [{"attributes": {"type": "Contact"}, **each} for each in records]
    reply = org.call(method, "composite/sobjects", {"allOrNone": strict, "records": rows})
    assert reply.status_code == 200, reply.text
    answers: list[Any] = reply.json()
    return answers


def codes(rows: list[Any]) -> list[str | None]:
    return [row["errors"][0]["statusCode"] if row["errors"] else None for row in rows]


@pytest.mark.parametrize(
    ("comparison", "value", "bad", "good"),
    [
        ("=", "Boss", "Boss", "Clerk"),
        ("!=", "Boss", "Clerk", "Boss"),
        ("empty", None, None, "Clerk"),
        ("filled", None, "Clerk", None),
        ("contains", "ss", "Boss", "Clerk"),
        ("longer", 4, "Clerk", "Boss"),
        (">", "M", "Zoo", "Ape"),
        ("<", "M", "Ape", "Zoo"),
    ],
)
def test_a_validation_rule_compares(
    org: SalesforceOrg, comparison: str, value: Any, bad: str | None, good: str | None
) -> None:
    rule = {"object": "Contact", "field": "Title", "comparison": comparison, "value": value}
    org.control("/validation_rules", **rule, message="Not this title.", error_field="Title")
    refused = org.call("POST", "sobjects/Contact", {"LastName": "x", "Title": bad})
    problem = (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not this title.", ["Title"])
    assert refusal(refused) == problem
    made = org.create("Contact", LastName="x", Title=good)
    assert refusal(org.call("PATCH", f"sobjects/Contact/{made}", {"Title": bad})) == problem
    assert org.call("PATCH", f"sobjects/Contact/{made}", {"Department": "x"}).status_code == 204


def test_a_validation_rule_looks_at_the_whole_record_and_speaks_per_row(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Old", Title="Boss")
    org.control(
        "/validation_rules",
        object="Contact",
        field="Title",
        comparison="=",
        value="Boss",
        message="No bosses.",
    )
    rows = batch(org, "PATCH", {"id": made, "Department": "Any"}, {"id": made, "Title": "Clerk"})
    assert codes(rows) == ["FIELD_CUSTOM_VALIDATION_EXCEPTION", None]
    assert rows[0]["errors"][0] == {
        "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "message": "No bosses.",
        "fields": [],
    }
    number = {"object": "Account", "field": "NumberOfEmployees", "comparison": "<", "value": 5}
    org.control("/validation_rules", **number, message="Too small.")
    assert (
        refusal(org.call("POST", "sobjects/Account", {"Name": "x", "NumberOfEmployees": 4}))[2]
        == "Too small."
    )
    assert org.call("POST", "sobjects/Account", {"Name": "x"}).status_code == 201


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("/validation_rules", {"object": "Contact", "field": "Nope", "comparison": "=", "message": "x"}),
        ("/validation_rules", {"object": "Contact", "field": "Title", "comparison": "~", "message": "x"}),
        ("/validation_rules", {"object": "Contact", "field": "Title", "comparison": "="}),
        ("/validation_rules", {"object": "User", "field": "Title", "comparison": "empty", "message": "x"}),
        (
            "/validation_rules",
            {
                "object": "Account",
                "field": "NumberOfEmployees",
                "comparison": "<",
                "value": "x",
                "message": "x",
            },
        ),
        ("/automations", {"object": "Contact", "field": "Title"}),
        ("/automations", {"object": "Contact", "field": "Title", "value": "x", "transform": "upper"}),
        ("/automations", {"object": "Contact", "field": "Title", "transform": "reverse"}),
        ("/automations", {"object": "Contact", "field": "Title", "value": "x", "seconds": -1}),
        ("/automations", {"object": "Contact", "field": "Title", "value": "x", "user": "nobody"}),
        ("/automations", {"object": "Contact", "field": "Title", "value": "x", "times": 0}),
        ("/automations", {"object": "Contact", "field": "Title", "target": "Nope", "value": "x"}),
        ("/locks", {"ids": ["003000000000001AAA"]}),
        ("/locks", {"object": "User", "writes": 1}),
        ("/late_commits", {"object": "Contact", "id": "003000000000001", "values": {"Title": "x"}}),
        ("/late_commits", {"object": "Contact", "values": {}}),
        ("/late_commits", {"object": "Contact", "values": {"Nope": 1}}),
        ("/late_commits", {"commit": "999"}),
        ("/recycle_bin", {}),
        ("/limits", {"shown_besides": {"x y": "1/2"}}),
    ],
)
def test_a_switch_that_makes_no_sense_is_refused(org: SalesforceOrg, path: str, wish: dict[str, Any]) -> None:
    reply = httpx2.post(org.sandbox.control_url + path, json=wish)
    assert (reply.status_code, list(reply.json())) == (400, ["error"])


def test_named_records_are_locked_until_they_are_let_go(org: SalesforceOrg) -> None:
    one, two = org.create("Contact", LastName="One"), org.create("Contact", LastName="Two")
    org.control("/locks", ids=[one])
    rows = batch(org, "PATCH", {"id": one, "Title": "x"}, {"id": two, "Title": "x"})
    assert codes(rows) == ["UNABLE_TO_LOCK_ROW", None]
    assert rows[0]["errors"][0]["message"].endswith(f"or 1 records: {one}")
    assert refusal(org.call("DELETE", f"sobjects/Contact/{one}"))[:2] == (400, "UNABLE_TO_LOCK_ROW")
    org.control("/locks", ids=[])
    assert org.call("DELETE", f"sobjects/Contact/{one}").status_code == 204


def test_a_locked_account_locks_its_contacts_too(org: SalesforceOrg) -> None:
    account = org.create("Account", Name="Busy")
    org.control("/locks", ids=[account])
    body = {"LastName": "Child", "AccountId": account[:15]}
    assert refusal(org.call("POST", "sobjects/Contact", body))[1] == "UNABLE_TO_LOCK_ROW"


def test_the_next_writes_meet_a_lock_even_when_all_is_undone(org: SalesforceOrg) -> None:
    org.control("/locks", object="Contact", writes=3)
    rows = batch(org, "POST", {"LastName": "A"}, {"LastName": "B"}, strict=True)
    assert codes(rows) == ["UNABLE_TO_LOCK_ROW"] * 2
    assert org.create("Account", Name="Free")[:3] == "001"
    assert refusal(org.call("POST", "sobjects/Contact", {"LastName": "C"}))[:2] == (400, "UNABLE_TO_LOCK_ROW")
    assert org.create("Contact", LastName="D")


def test_an_automation_acts_inside_the_write(org: SalesforceOrg) -> None:
    org.control("/automations", object="Contact", field="Title", target="Department", value="Sales")
    made = org.create("Contact", LastName="x", Title="Rep")
    record = org.get("Contact", made)
    assert record["Department"] == "Sales"
    assert record["LastModifiedById"] == record["CreatedById"]
    assert record["SystemModstamp"] == record["CreatedDate"]
    org.call("PATCH", f"sobjects/Contact/{made}", {"Department": "Law"})
    assert org.get("Contact", made)["Department"] == "Law"


def test_an_automation_fights_back_every_time_or_so_often(org: SalesforceOrg) -> None:
    admin = org.query("SELECT Id FROM User WHERE Alias = 'aadmin'")["records"][0]["Id"]
    org.control("/automations", object="Contact", field="Title", transform="upper", user=admin)
    made = org.create("Contact", LastName="x", Title="rep")
    for title in ("boss", "clerk"):
        batch(org, "PATCH", {"id": made, "Title": title})
        record = org.get("Contact", made)
        assert (record["Title"], record["LastModifiedById"]) == (title.upper(), admin)
    org.control("/automations", clear=True)
    org.control("/automations", object="Contact", field="Title", value="Mine", times=1)
    for expected in ("Mine", "yours"):
        org.call("PATCH", f"sobjects/Contact/{made}", {"Title": "yours"})
        assert org.get("Contact", made)["Title"] == expected


def test_an_automation_may_act_later_in_its_own_transaction(org: SalesforceOrg) -> None:
    org.control("/clock", frozen=True)
    org.control("/automations", object="Lead", field="Phone", transform="digits", seconds=30)
    made = org.create("Lead", LastName="x", Company="x", Phone="+1 (415) 555")
    assert org.get("Lead", made)["Phone"] == "+1 (415) 555"
    org.control("/clock", advance=45)
    record = org.get("Lead", made)
    assert record["Phone"] == "1415555"
    assert record["SystemModstamp"] > record["CreatedDate"]
    assert record["LastModifiedById"] != record["CreatedById"]
    age = int(record["SystemModstamp"][17:19]) - int(record["CreatedDate"][17:19])
    assert age % 60 in {30, 31}
    org.control("/clock", frozen=False)


def test_an_automation_acts_on_a_person_and_on_no_deleted_record(org: SalesforceOrg) -> None:
    org.control("/automations", object="Contact", field="Title", value="Late", seconds=10)
    made = org.sandbox.control("POST", "/records/Contact", {"LastName": "x", "Title": "y"})["Id"]
    gone = org.create("Contact", LastName="x", Title="y")
    org.call("DELETE", f"sobjects/Contact/{gone}")
    org.control("/clock", advance=11)
    assert org.sandbox.control("GET", f"/records/Contact/{made}")["Title"] == "Late"
    assert org.sandbox.control("GET", f"/records/Contact/{gone}")["Title"] == "y"


def test_what_is_undone_sets_off_nothing(org: SalesforceOrg) -> None:
    org.control("/automations", object="Contact", field="Title", value="Seen", times=1)
    rows = batch(org, "POST", {"LastName": "A", "Title": "x"}, {"Title": "no name"}, strict=True)
    assert codes(rows) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    made = org.create("Contact", LastName="B", Title="x")
    assert org.get("Contact", made)["Title"] == "Seen"
