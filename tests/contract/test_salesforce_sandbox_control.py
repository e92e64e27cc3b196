"""The control of the Salesforce sandbox: edits by a person, switches, faults, and surviving a kill."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from syncline.testing.sandboxes import start_sandbox
from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_faults(org: SalesforceOrg) -> Iterator[None]:
    yield
    org.sandbox.control("DELETE", "/faults")
    org.control("/assignment", owner=None)


def test_a_person_edits_without_limits_or_checks_and_stamps_move(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Edited", Phone="5")
    before, used = org.get("Contact", made), org.control("/limits")["used"]
    org.control("/clock", advance=3)
    change = {"Apollo_Stage__c": "Off the list", "phone": "4155550125"}
    after = org.sandbox.control("POST", f"/records/Contact/{made}", change)
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["LastModifiedById"] != before["LastModifiedById"]
    assert (after["Apollo_Stage__c"], after["Phone"]) == ("Off the list", "(415) 555-0125")
    assert org.control("/limits")["used"] == used
    human = org.get("User", after["LastModifiedById"])
    assert human["Name"] == "Ada Admin"


def test_a_person_creates_lists_and_deletes(org: SalesforceOrg) -> None:
    made = org.sandbox.control(
        "POST", "/records/Lead", {"FirstName": "Typed", "LastName": "In", "Company": "X"}
    )
    assert (made["Name"], made["Status"]) == ("Typed In", "Open - Not Contacted")
    listed = org.sandbox.control("GET", "/records/Lead")["records"]
    assert made["Id"] in [each["Id"] for each in listed]
    assert org.sandbox.control("GET", f"/records/Lead/{made['Id'][:15]}")["Id"] == made["Id"]
    org.sandbox.control("POST", "/delete", {"type": "Lead", "id": made["Id"]})
    assert org.query(f"SELECT Id FROM Lead WHERE Id = '{made['Id']}'", "queryAll")["totalSize"] == 1
    assert org.query(f"SELECT Id FROM Lead WHERE Id = '{made['Id']}'")["totalSize"] == 0


def test_a_late_commit_may_carry_an_earlier_stamp(org: SalesforceOrg) -> None:
    early = "2026-01-01T00:00:00.000+0000"
    made = org.sandbox.control("POST", "/records/Contact", {"LastName": "Late", "SystemModstamp": early})
    assert org.get("Contact", made["Id"])["SystemModstamp"] == early


def test_what_the_control_does_not_know_is_refused_with_a_reason(org: SalesforceOrg) -> None:
    base = org.sandbox.control_url
    assert httpx2.get(f"{base}/records/Nope").status_code == 404
    assert httpx2.post(f"{base}/records/Contact", json={"Nope": 1}).status_code == 400
    assert httpx2.post(f"{base}/picklists", json={"object": "Contact", "field": "Title"}).status_code == 400
    assert httpx2.post(f"{base}/duplicate_rules", json={"object": "User"}).status_code == 400
    assert httpx2.post(f"{base}/assignment", json={"owner": "nobody"}).status_code == 400
    assert httpx2.post(f"{base}/pages", json={"size": 0}).status_code == 400


def test_an_option_switched_off_is_refused_and_described_as_inactive(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Stage", Apollo_Stage__c="Replied")
    active = org.control(
        "/picklists", object="Contact", field="Apollo_Stage__c", value="Replied", active=False
    )
    assert "Replied" not in active["active"]
    refused = org.call("PATCH", f"sobjects/Contact/{made}", {"Apollo_Stage__c": "Replied"})
    assert refusal(refused)[1] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    fields = org.call("GET", "sobjects/Contact/describe").json()["fields"]
    stage = next(each for each in fields if each["name"] == "Apollo_Stage__c")
    assert {each["value"]: each["active"] for each in stage["picklistValues"]}["Replied"] is False
    assert org.get("Contact", made)["Apollo_Stage__c"] == "Replied"


def test_an_assignment_rule_takes_leads_unless_declined(org: SalesforceOrg) -> None:
    queue = org.sandbox.control("POST", "/records/User", {"LastName": "Queue", "IsActive": True})["Id"]
    org.control("/assignment", owner=queue)
    taken = org.create("Lead", LastName="Taken", Company="X")
    assert org.get("Lead", taken)["OwnerId"] == queue
    reply = org.call(
        "POST", "sobjects/Lead", {"LastName": "Kept", "Company": "X"}, {"Sforce-Auto-Assign": "FALSE"}
    )
    assert org.get("Lead", reply.json()["id"])["OwnerId"] != queue
    contact = org.create("Contact", LastName="Untouched")
    assert org.get("Contact", contact)["OwnerId"] != queue


def test_requests_are_counted_by_template_whatever_slash_ends_them(org: SalesforceOrg) -> None:
    org.sandbox.control("DELETE", "/requests")
    org.call("GET", "limits")
    org.call("GET", "limits/")
    org.call("GET", "sobjects/Contact/describe")
    assert org.sandbox.control("GET", "/requests") == {
        "GET /services/data/{version}/limits": 2,
        "GET /services/data/{version}/sobjects/{object}/describe": 1,
        "total": 3,
    }


def test_faults_speak_in_the_words_of_the_service(org: SalesforceOrg) -> None:
    org.control("/faults", kind="status", status=503, path="/limits", count=1)
    assert refusal(org.call("GET", "limits"))[:2] == (503, "SERVER_UNAVAILABLE")
    assert org.call("GET", "limits").status_code == 200


def test_a_write_whose_answer_is_lost_was_done(org: SalesforceOrg) -> None:
    org.control("/faults", kind="reset", after_commit=True, method="POST", path="/sobjects/Contact", count=1)
    email = org.email()
    with pytest.raises(httpx2.TransportError):
        org.call("POST", "sobjects/Contact", {"LastName": "Lost", "Email": email})
    assert org.query(f"SELECT Id FROM Contact WHERE Email = '{email}'")["totalSize"] == 1


def test_a_page_may_come_twice(org: SalesforceOrg) -> None:
    for number in range(6):
        org.create("Account", Name=f"Page {number}")
    org.control("/pages", size=2)
    try:
        org.control("/faults", kind="repeat_page", path="/query", count=1)
        first = org.query("SELECT Id FROM Account ORDER BY Id")
        second = org.http.get(first["nextRecordsUrl"]).json()
        third = org.http.get(first["nextRecordsUrl"]).json()
    finally:
        org.control("/pages", size=None)
    assert second == first
    assert third["records"] != first["records"]


def test_everything_but_open_cursors_survives_a_kill(tmp_path: Path) -> None:
    state = str(tmp_path / "org.sqlite3")
    running = start_sandbox("salesforce", dataset="50", state=state)
    with_client = SalesforceOrg(running)
    made = with_client.create("Contact", LastName="Survivor", Email=with_client.email())
    with_client.control("/pages", size=3)
    locator = with_client.query("SELECT Id FROM Contact")["nextRecordsUrl"]
    token = with_client.http.headers["authorization"]
    with_client.http.close()
    running.kill()
    with open_org("50", state) as again:
        assert again.sandbox.credentials == {**running.credentials, "login_url": again.sandbox.base_url}
        again.http.headers["authorization"] = token
        assert again.get("Contact", made)["LastName"] == "Survivor"
        assert refusal(again.http.get(locator))[1] == "INVALID_QUERY_LOCATOR"
        assert again.create("Contact", LastName="Next") > made
