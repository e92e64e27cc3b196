"""simple-salesforce drives what the Salesforce sandbox has beyond the basics: external ids, windows, groups, rules."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce, SFType
from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.simple_client import ToSandbox, object_of, sign_in


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("salesforce", dataset="40") as running:
        running.control("POST", "/fields", {"object": "Contact", "name": "Badge__c", "external_id": True})
        yield running


@pytest.fixture(scope="module")
def client(sandbox: RunningSandbox) -> Iterator[Salesforce]:
    with requests.Session() as session:
        session.mount("https://", ToSandbox(sandbox.base_url))
        yield sign_in(sandbox, session)


@pytest.fixture(scope="module")
def contacts(client: Salesforce) -> SFType:
    return object_of(client, "Contact")


def code_of(error: Any) -> str:
    code: str = error.content[0]["errorCode"]
    return code


def test_it_upserts_and_finds_by_external_id(contacts: SFType) -> None:
    assert contacts.upsert("Apollo_Id__c/judge-1", {"LastName": "Judged"}) == 201
    assert contacts.upsert("Apollo_Id__c/judge-1", {"Title": "Judge"}) == 200
    found = contacts.get_by_custom_id("Apollo_Id__c", "judge-1")
    assert (found["LastName"], found["Title"]) == ("Judged", "Judge")
    with pytest.raises(SalesforceMalformedRequest) as taken:
        contacts.create({"LastName": "Other", "Apollo_Id__c": "JUDGE-1"})
    assert code_of(taken.value) == "DUPLICATE_VALUE"
    with pytest.raises(SalesforceResourceNotFound):
        contacts.upsert("Title/x", {"LastName": "x"})


def test_several_matches_are_its_exception(contacts: SFType) -> None:
    for number in range(2):
        contacts.create({"LastName": f"Badge {number}", "Badge__c": "7"})
    with pytest.raises(SalesforceMoreThanOneRecord) as caught:
        contacts.upsert("Badge__c/7", {"Title": "x"})
    assert len(caught.value.content) == 2


def test_it_asks_what_changed_and_what_was_deleted(contacts: SFType) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    kept, gone = (contacts.create({"LastName": name})["id"] for name in ("Kept", "Gone"))
    contacts.delete(gone)
    start, end = now - timedelta(minutes=5), now + timedelta(minutes=5)
    changed = contacts.updated(start, end)
    assert kept in changed["ids"]
    assert gone not in changed["ids"]
    assert gone in [each["id"] for each in contacts.deleted(start, end)["deletedRecords"]]


def test_it_counts_in_groups(client: Salesforce) -> None:
    found = client.query_all("SELECT IsActive, COUNT(Id) n FROM User GROUP BY IsActive")
    assert sum(row["n"] for row in found["records"]) == client.query("SELECT COUNT() FROM User")["totalSize"]


def test_it_reads_the_options_of_a_record_type(client: Salesforce) -> None:
    infos = object_of(client, "Account").describe()["recordTypeInfos"]
    small = next(each["recordTypeId"] for each in infos if each["developerName"] == "Small_Business")
    reply: Any = client.restful(f"ui-api/object-info/Account/picklist-values/{small}/Industry")
    assert "Banking" not in [each["value"] for each in reply["values"]]


def test_refusals_of_rules_are_its_exceptions(
    sandbox: RunningSandbox, client: Salesforce, contacts: SFType
) -> None:
    rule = {"object": "Contact", "field": "Title", "comparison": "=", "value": "No", "message": "Never."}
    sandbox.control("POST", "/validation_rules", rule)
    with pytest.raises(SalesforceMalformedRequest) as broken:
        contacts.create({"LastName": "x", "Title": "No"})
    assert code_of(broken.value) == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    sandbox.control("POST", "/limits", {"concurrent": {"running": 25}})
    try:
        with pytest.raises(SalesforceRefusedRequest) as crowded:
            client.query("SELECT Id FROM Contact")
    finally:
        sandbox.control("POST", "/limits", {"concurrent": {"running": 0}})
    assert code_of(crowded.value) == "REQUEST_LIMIT_EXCEEDED"
