"""Custom fields and field-level security of the Salesforce sandbox, over HTTP."""

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
def full_access(org: SalesforceOrg) -> Iterator[None]:
    yield
    for field in ("Title", "MailingCity", "AccountId"):
        org.control("/field_access", object="Contact", field=field, access="full")


def fields_of(org: SalesforceOrg, object_: str = "Contact") -> dict[str, dict[str, Any]]:
    described = org.call("GET", f"sobjects/{object_}/describe").json()["fields"]
    return {each["name"]: each for each in described}


def test_a_custom_field_is_described_written_and_queried(org: SalesforceOrg) -> None:
    known = org.call("GET", "sobjects/Lead/describe").headers["last-modified"]
    org.control("/clock", advance=2)
    org.control("/fields", object="Lead", name="Score__c", type="double", scale=1)
    org.control("/fields", object="Lead", name="Tier__c", type="picklist", values=["A", "B"])
    since = {"If-Modified-Since": known}
    assert org.call("GET", "sobjects/Lead/describe", headers=since).status_code == 200
    fields = fields_of(org, "Lead")
    assert (fields["Score__c"]["type"], fields["Score__c"]["scale"]) == ("double", 1)
    assert [each["value"] for each in fields["Tier__c"]["picklistValues"]] == ["A", "B"]
    made = org.create("Lead", LastName="Scored", Company="X", Score__c=4.26, tier__c="A")
    assert org.get("Lead", made)["Score__c"] == 4.3
    found = org.query("SELECT Id, Tier__c FROM Lead WHERE Score__c > 4 AND Tier__c = 'a'")["records"]
    assert [(each["Id"], each["Tier__c"]) for each in found] == [(made, "A")]
    refused = org.call("PATCH", f"sobjects/Lead/{made}", {"Tier__c": "C"})
    assert refusal(refused)[1] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


@pytest.mark.parametrize(
    "wish",
    [
        {"object": "Contact", "name": "Score"},
        {"object": "Contact", "name": "Apollo_Id__c"},
        {"object": "Contact", "name": "New__c", "type": "formula"},
        {"object": "Contact", "name": "New__c", "type": "date", "unique": True},
        {"object": "Contact", "name": "New__c", "length": 0},
        {"object": "User", "name": "New__c"},
        {"object": "Nope", "name": "New__c"},
    ],
)
def test_a_field_that_cannot_be_is_refused(org: SalesforceOrg, wish: dict[str, Any]) -> None:
    assert httpx2.post(f"{org.sandbox.control_url}/fields", json=wish).status_code == 400


def test_a_hidden_field_is_absent_everywhere(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Hidden", Title="Secret")
    org.control("/field_access", object="Contact", field="Title", access="hidden")
    assert "Title" not in fields_of(org)
    assert "Title" not in org.get("Contact", made)
    for text in ("SELECT Title FROM Contact", "SELECT Id FROM Contact WHERE Title = 'x'"):
        assert refusal(org.call("GET", "query", q=text))[:2] == (400, "INVALID_FIELD")
    text = "SELECT Id FROM Contact ORDER BY Title"
    assert refusal(org.call("GET", "query", q=text))[1] == "INVALID_FIELD"
    whole = org.query("SELECT FIELDS(ALL) FROM Contact LIMIT 1")["records"][0]
    assert "Title" not in whole
    wanted = {"ids": [made], "fields": ["Title"]}
    assert refusal(org.call("POST", "composite/sobjects/Contact", wanted))[1] == "INVALID_FIELD"
    status, code, _, fields = refusal(org.call("PATCH", f"sobjects/Contact/{made}", {"Title": "New"}))
    assert (status, code, fields) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Title"])
    create = org.call("POST", "sobjects/Contact", {"LastName": "x", "Title": "y"})
    assert refusal(create)[1] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert org.sandbox.control("GET", f"/records/Contact/{made}")["Title"] == "Secret"
    org.control("/field_access", object="Contact", field="Title", access="full")
    assert org.get("Contact", made)["Title"] == "Secret"


def test_a_hidden_field_of_a_parent_cannot_be_read_through_its_child(org: SalesforceOrg) -> None:
    org.control("/field_access", object="Account", field="Website", access="hidden")
    reply = org.call("GET", "query", q="SELECT Account.Website FROM Contact")
    org.control("/field_access", object="Account", field="Website", access="full")
    assert refusal(reply)[1] == "INVALID_FIELD"


def test_a_hidden_reference_leads_nowhere(org: SalesforceOrg) -> None:
    org.control("/field_access", object="Contact", field="AccountId", access="hidden")
    assert refusal(org.call("GET", "query", q="SELECT Account.Name FROM Contact"))[1] == "INVALID_FIELD"


def test_a_read_only_field_is_shown_and_not_written(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Fixed", Title="Kept")
    org.control("/field_access", object="Contact", field="Title", access="read_only")
    field = fields_of(org)["Title"]
    assert (field["createable"], field["updateable"]) == (False, False)
    records = [{"attributes": {"type": "Contact"}, "id": made, "Title": "New"}]
    row = org.call("PATCH", "composite/sobjects", {"records": records}).json()[0]
    assert row["errors"][0]["statusCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert org.get("Contact", made)["Title"] == "Kept"


def test_the_parts_of_an_address_go_together(org: SalesforceOrg) -> None:
    org.control("/field_access", object="Contact", field="MailingCity", access="hidden")
    assert not [name for name in fields_of(org) if name.startswith("Mailing")]
    assert "OtherCity" in fields_of(org)


def test_what_every_user_needs_cannot_be_hidden(org: SalesforceOrg) -> None:
    for field in ("LastName", "Id", "SystemModstamp", "Nope"):
        wish = {"object": "Contact", "field": field, "access": "hidden"}
        assert httpx2.post(f"{org.sandbox.control_url}/field_access", json=wish).status_code == 400
    wish = {"object": "Contact", "field": "Title", "access": "secret"}
    assert httpx2.post(f"{org.sandbox.control_url}/field_access", json=wish).status_code == 400
