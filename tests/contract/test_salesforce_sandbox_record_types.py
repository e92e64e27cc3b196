"""Record types and the options they leave, in the Salesforce sandbox, over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal

MASTER = "012000000000000AAA"
UI = "ui-api/object-info"


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


def record_types(org: SalesforceOrg, object_: str = "Account") -> dict[str, dict[str, Any]]:
    infos = org.call("GET", f"sobjects/{object_}/describe").json()["recordTypeInfos"]
    return {each["developerName"]: each for each in infos}


def values_of(org: SalesforceOrg, record_type: str, field: str, object_: str = "Account") -> list[str]:
    reply = org.call("GET", f"{UI}/{object_}/picklist-values/{record_type}/{field}")
    assert reply.status_code == 200, reply.text
    return [each["value"] for each in reply.json()["values"]]


def test_each_record_type_leaves_its_own_options(org: SalesforceOrg) -> None:
    small = record_types(org)["Small_Business"]["recordTypeId"]
    reply = org.call("GET", f"{UI}/Account/picklist-values/{small}").json()
    found = reply["picklistFieldValues"]
    industries = [each["value"] for each in found["Industry"]["values"]]
    segments = [each["value"] for each in found["Segment__c"]["values"]]
    assert "Banking" not in industries
    assert "Retail" in industries
    assert segments == ["SMB", "Mid-Market"]
    assert set(found["Industry"]) == {"controllerValues", "defaultValue", "eTag", "url", "values"}
    assert found["Industry"]["url"] == f"/services/data/v60.0/{UI}/Account/picklist-values/{small}/Industry"
    assert found["Industry"]["values"][0] == {
        "attributes": None,
        "label": "Agriculture",
        "validFor": [],
        "value": "Agriculture",
    }
    one = org.call("GET", f"{UI}/Account/picklist-values/{small[:15]}/industry").json()
    assert one == found["Industry"]
    assert "Banking" in values_of(org, MASTER, "Industry")
    assert values_of(org, MASTER[:15], "Segment__c") == ["SMB", "Mid-Market", "Enterprise", "Strategic"]


def test_what_is_shown_is_what_is_accepted(org: SalesforceOrg) -> None:
    for name, info in record_types(org).items():
        if name == "Master":
            continue
        offered = set(values_of(org, info["recordTypeId"], "Segment__c"))
        for value in ("SMB", "Mid-Market", "Enterprise", "Strategic"):
            body = {"Name": "x", "RecordTypeId": info["recordTypeId"], "Segment__c": value}
            status = org.call("POST", "sobjects/Account", body).status_code
            assert (status == 201) == (value in offered), (name, value)


def test_an_option_that_is_switched_off_is_not_offered(org: SalesforceOrg) -> None:
    org.control("/picklists", object="Account", field="Rating", value="Warm", active=False)
    assert values_of(org, MASTER, "Rating") == ["Hot", "Cold"]


def test_a_default_is_named(org: SalesforceOrg) -> None:
    reply = org.call("GET", f"{UI}/Lead/picklist-values/{MASTER}/Status").json()
    assert reply["defaultValue"]["value"] == "Open - Not Contacted"


@pytest.mark.parametrize(
    "path",
    [
        f"Nope/picklist-values/{MASTER}",
        "Account/picklist-values/012000000000001",
        "Account/picklist-values/x",
        f"Account/picklist-values/{MASTER}/Name",
        f"Account/picklist-values/{MASTER}/Nope",
    ],
)
def test_what_is_not_there_is_not_found(org: SalesforceOrg, path: str) -> None:
    assert refusal(org.call("GET", f"{UI}/{path}"))[:2] == (404, "NOT_FOUND")


def test_a_record_type_that_is_not_open_to_the_user_is_refused(org: SalesforceOrg) -> None:
    small = record_types(org)["Small_Business"]["recordTypeId"]
    body = {"Name": "x", "RecordTypeId": small}
    for closed, opened in (
        ({"active": False}, {"active": True}),
        ({"available": False}, {"available": True}),
    ):
        org.control("/record_types", object="Account", developer_name="Small_Business", **closed)
        assert record_types(org)["Small_Business"]["available"] is False
        status, code, message, fields = refusal(org.call("POST", "sobjects/Account", body))
        assert (status, code, fields) == (400, "INVALID_CROSS_REFERENCE_KEY", ["RecordTypeId"])
        assert message == f"Record Type ID: this ID value isn't valid for the user: {small}"
        org.control("/record_types", object="Account", developer_name="Small_Business", **opened)
        assert org.call("POST", "sobjects/Account", body).status_code == 201


def test_a_record_type_of_another_object_is_refused(org: SalesforceOrg) -> None:
    made = org.control("/record_types", object="Lead", developer_name="Partner_Lead")["id"]
    reply = org.call("POST", "sobjects/Account", {"Name": "x", "RecordTypeId": made})
    assert refusal(reply)[1] == "INVALID_CROSS_REFERENCE_KEY"


def test_an_object_gets_record_types(org: SalesforceOrg) -> None:
    fields = [each["name"] for each in org.call("GET", "sobjects/Contact/describe").json()["fields"]]
    assert "RecordTypeId" not in fields
    assert list(record_types(org, "Contact")) == ["Master"]
    without = {"LeadSource": ["Web"], "Apollo_Stage__c": ["Cold", "Replied"]}
    wish = {"object": "Contact", "developer_name": "Partner", "default": True, "without": without}
    made = org.control("/record_types", **wish)["id"]
    infos = record_types(org, "Contact")
    assert (infos["Partner"]["recordTypeId"], infos["Partner"]["defaultRecordTypeMapping"]) == (made, True)
    assert infos["Master"]["defaultRecordTypeMapping"] is False
    assert "Cold" not in values_of(org, made, "Apollo_Stage__c", "Contact")
    contact = org.create("Contact", LastName="Typed", LeadSource="Web")
    assert org.get("Contact", contact)["RecordTypeId"] == made
    refused = org.call("PATCH", f"sobjects/Contact/{contact}", {"Apollo_Stage__c": "Cold"})
    assert refusal(refused)[1] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    found = org.query("SELECT RecordType.DeveloperName FROM Contact WHERE RecordTypeId != null")["records"]
    assert [each["RecordType"]["DeveloperName"] for each in found] == ["Partner"]


@pytest.mark.parametrize(
    "wish",
    [
        {"object": "User", "developer_name": "X"},
        {"object": "Account", "developer_name": "Two words"},
        {"object": "Account", "developer_name": "X", "without": {"Name": ["x"]}},
        {"object": "Account", "developer_name": "X", "without": {"Industry": "Energy"}},
        {"object": "Account", "developer_name": "X", "without": []},
    ],
)
def test_a_record_type_that_makes_no_sense_is_refused(org: SalesforceOrg, wish: dict[str, Any]) -> None:
    assert httpx2.post(f"{org.sandbox.control_url}/record_types", json=wish).status_code == 400
    assert "X" not in record_types(org)
