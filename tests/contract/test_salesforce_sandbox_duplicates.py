"""Duplicate rules of the Salesforce sandbox, over HTTP, held against the shapes real orgs answered with."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal

ALLOW = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
HELP = "You're creating a duplicate record. We recommend you use an existing record instead."


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture(autouse=True)
def usual_rules(org: SalesforceOrg) -> Iterator[None]:
    yield
    org.control("/duplicate_rules", spelt_right_from=60, in_rows=False)
    org.control("/duplicate_rules", object="Account", active=False, action="alert")
    org.control("/duplicate_rules", object="Contact", message="Use one of these records?")


def twin(org: SalesforceOrg) -> tuple[str, dict[str, str]]:
    email = org.email()
    return org.create("Contact", LastName="First", Email=email), {"LastName": "Second", "Email": email}


@pytest.mark.parametrize(("version", "key"), [("v54.0", "duplicateResut"), ("v62.0", "duplicateResult")])
def test_the_whole_answer_has_the_shape_of_a_real_one(org: SalesforceOrg, version: str, key: str) -> None:
    first, body = twin(org)
    org.control("/duplicate_rules", object="Contact", message=HELP)
    reply = org.call("POST", "sobjects/Contact", body, version=version)
    assert reply.status_code == 400
    assert reply.json() == [
        {
            key: {
                "allowSave": True,
                "duplicateRule": "Standard_Contact_Duplicate_Rule",
                "duplicateRuleEntityType": "Contact",
                "errorMessage": HELP,
                "matchResults": [
                    {
                        "entityType": "Contact",
                        "errors": [],
                        "matchEngine": "FuzzyMatchEngine",
                        "matchRecords": [
                            {
                                "additionalInformation": [],
                                "fieldDiffs": [],
                                "matchConfidence": 100.0,
                                "record": {
                                    "attributes": {
                                        "type": "Contact",
                                        "url": f"/services/data/{version}/sobjects/Contact/{first}",
                                    },
                                    "Id": first,
                                },
                            }
                        ],
                        "rule": "Standard_Contact_Match_Rule_v1_1",
                        "size": 1,
                        "success": True,
                    }
                ],
            },
            "errorCode": "DUPLICATES_DETECTED",
            "message": HELP,
        }
    ]


def test_from_which_version_the_key_is_spelt_right_can_be_set(org: SalesforceOrg) -> None:
    _, body = twin(org)
    assert "duplicateResut" in org.call("POST", "sobjects/Contact", body, version="v58.0").json()[0]
    org.control("/duplicate_rules", spelt_right_from=57)
    assert "duplicateResult" in org.call("POST", "sobjects/Contact", body, version="v58.0").json()[0]


def test_rows_may_carry_the_matches(org: SalesforceOrg) -> None:
    first, body = twin(org)
    records = {"records": [{"attributes": {"type": "Contact"}, **body}]}
    (error,) = org.call("POST", "composite/sobjects", records).json()[0]["errors"]
    assert set(error) == {"statusCode", "message", "fields"}
    org.control("/duplicate_rules", in_rows=True)
    (error,) = org.call("POST", "composite/sobjects", records).json()[0]["errors"]
    match = error["duplicateResult"]["matchResults"][0]["matchRecords"][0]
    assert (error["statusCode"], match["record"]["Id"]) == ("DUPLICATES_DETECTED", first)


def test_accounts_are_compared_by_name_and_a_block_is_no_alert(org: SalesforceOrg) -> None:
    org.create("Account", Name="Acme Holding")
    assert org.create("Account", Name="ACME holding")
    org.control("/duplicate_rules", object="Account", active=True, action="block")
    reply = org.call("POST", "sobjects/Account", {"Name": "acme Holding"}, ALLOW)
    problem = reply.json()[0]
    assert (problem["errorCode"], problem["duplicateResult"]["allowSave"]) == ("DUPLICATES_DETECTED", False)
    assert problem["duplicateResult"]["matchResults"][0]["size"] == 2
    org.control("/duplicate_rules", object="Account", action="alert")
    assert org.call("POST", "sobjects/Account", {"Name": "acme Holding"}, ALLOW).status_code == 201


def test_a_collection_may_be_waved_through(org: SalesforceOrg) -> None:
    _, body = twin(org)
    records = {"records": [{"attributes": {"type": "Contact"}, **body}]}
    assert org.call("POST", "composite/sobjects", records, ALLOW).json()[0]["success"] is True


def test_a_deleted_twin_is_no_duplicate(org: SalesforceOrg) -> None:
    first, body = twin(org)
    assert refusal(org.call("POST", "sobjects/Contact", body))[1] == "DUPLICATES_DETECTED"
    org.call("DELETE", f"sobjects/Contact/{first}")
    assert org.call("POST", "sobjects/Contact", body).status_code == 201


@pytest.mark.parametrize(
    "wish",
    [
        {"object": "Account", "against": ["Contact"]},
        {"object": "Contact", "against": ["Account"]},
        {"object": "Contact", "against": 5},
        {"object": "Contact", "action": "warn"},
        {"spelt_right_from": "soon"},
        {},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(org: SalesforceOrg, wish: dict[str, Any]) -> None:
    assert httpx2.post(f"{org.sandbox.control_url}/duplicate_rules", json=wish).status_code == 400
