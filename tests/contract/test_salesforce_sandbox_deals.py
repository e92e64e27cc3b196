"""Opportunities of the Salesforce sandbox, judged by simple-salesforce where it has a say."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import requests
from simple_salesforce.api import Salesforce

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal
from tests.contract.simple_client import ToSandbox, object_of, sign_in


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


def deal(org: SalesforceOrg, **values: Any) -> str:
    return org.create(
        "Opportunity", **{"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-09-30", **values}
    )


def stage_field(org: SalesforceOrg) -> dict[str, Any]:
    fields = org.call("GET", "sobjects/Opportunity/describe").json()["fields"]
    return next(each for each in fields if each["name"] == "StageName")


def test_a_client_of_others_makes_finds_and_closes_a_deal(org: SalesforceOrg) -> None:
    with requests.Session() as session:
        session.mount("https://", ToSandbox(org.sandbox.base_url))
        client: Salesforce = sign_in(org.sandbox, session)
        deals = object_of(client, "Opportunity")
        values = {
            "Name": "Judged",
            "StageName": "Qualification",
            "CloseDate": "2026-12-31",
            "Amount": 1200.505,
        }
        made = deals.create(values)["id"]
        assert deals.get(made)["Amount"] == 1200.51
        deals.update(made, {"StageName": "Closed Won"})
        found = client.query(
            "SELECT IsWon, IsClosed, Probability, ForecastCategoryName, ExpectedRevenue "
            f"FROM Opportunity WHERE Id = '{made}'"
        )["records"][0]
        assert (found["IsWon"], found["IsClosed"], found["Probability"]) == (True, True, 100)
        assert (found["ForecastCategoryName"], found["ExpectedRevenue"]) == ("Closed", 1200.51)
        stages = client.query(
            "SELECT MasterLabel, ApiName, IsWon, IsClosed, IsActive, DefaultProbability, "
            "ForecastCategoryName FROM OpportunityStage ORDER BY SortOrder"
        )
        assert stages["totalSize"] == 10
        assert stages["records"][-2]["MasterLabel"] == "Closed Won"


@pytest.mark.parametrize("lacking", ["Name", "StageName", "CloseDate"])
def test_a_deal_needs_a_name_a_stage_and_a_day_to_close(org: SalesforceOrg, lacking: str) -> None:
    values = {"Name": "Short", "StageName": "Prospecting", "CloseDate": "2026-09-30"}
    answer = org.call("POST", "sobjects/Opportunity", {k: v for k, v in values.items() if k != lacking})
    assert refusal(answer)[1] == "REQUIRED_FIELD_MISSING"
    assert answer.json()[0]["fields"] == [lacking]


@pytest.mark.parametrize(
    "values",
    [
        {"Amount": "12,500"},
        {"Amount": [1]},
        {"Amount": 1e30},
        {"CloseDate": "31.12.2026"},
        {"CloseDate": {}},
        {"Probability": "much"},
        {"IsWon": True},
        {"AccountId": "003000000000000AAA"},
        {"Name": "x" * 121},
        {"StageName": None},
        {"ForecastCategoryName": "Hope"},
        {"CurrencyIsoCode": "EUR"},
    ],
)
def test_a_deal_with_a_value_that_cannot_be_is_refused(org: SalesforceOrg, values: dict[str, Any]) -> None:
    made = deal(org)
    before = org.get("Opportunity", made)
    assert org.call("PATCH", f"sobjects/Opportunity/{made}", values).status_code == 400
    assert org.get("Opportunity", made) == before


def test_a_stage_brings_its_probability_unless_the_write_names_one(org: SalesforceOrg) -> None:
    made = deal(org, Amount=1000)
    assert org.get("Opportunity", made)["Probability"] == 10
    org.call("PATCH", f"sobjects/Opportunity/{made}", {"StageName": "Negotiation/Review", "Probability": 35})
    changed = org.get("Opportunity", made)
    assert (changed["Probability"], changed["ExpectedRevenue"], changed["IsClosed"]) == (35, 350, False)
    org.call("PATCH", f"sobjects/Opportunity/{made}", {"NextStep": "Call"})
    assert org.get("Opportunity", made)["Probability"] == 35


def test_an_option_of_the_stage_is_a_stage(org: SalesforceOrg) -> None:
    org.control("/picklists", object="Opportunity", field="StageName", value="Pilot", active=True)
    assert "Pilot" in {each["value"] for each in stage_field(org)["picklistValues"]}
    found = org.query("SELECT IsActive, IsClosed FROM OpportunityStage WHERE MasterLabel = 'Pilot'")[
        "records"
    ]
    assert [(each["IsActive"], each["IsClosed"]) for each in found] == [(True, False)]
    org.control("/picklists", object="Opportunity", field="StageName", value="Pilot", active=False)
    gone = org.query("SELECT IsActive FROM OpportunityStage WHERE MasterLabel = 'Pilot'")["records"]
    assert [each["IsActive"] for each in gone] == [False]


def test_stages_are_not_made_by_the_api(org: SalesforceOrg) -> None:
    answer = org.call("POST", "sobjects/OpportunityStage", {"MasterLabel": "New"})
    assert answer.status_code == 400


def test_only_an_org_with_several_currencies_has_one_on_each_deal(org: SalesforceOrg) -> None:
    made = deal(org)
    assert "CurrencyIsoCode" not in org.get("Opportunity", made)
    org.control("/currencies", codes=["EUR", "USD"])
    try:
        assert org.get("Opportunity", deal(org))["CurrencyIsoCode"] == "EUR"
        refused = org.call("PATCH", f"sobjects/Opportunity/{made}", {"CurrencyIsoCode": "CHF"})
        assert refusal(refused)[1] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        assert (
            org.call("PATCH", f"sobjects/Opportunity/{made}", {"CurrencyIsoCode": "USD"}).status_code == 204
        )
    finally:
        org.control("/currencies", codes=[])
    bad = httpx2.post(f"{org.sandbox.control_url}/currencies", json={"codes": "EUR"})
    assert bad.status_code == 400


def test_a_merge_of_accounts_hands_their_deals_over_and_a_deletion_takes_them_along(
    org: SalesforceOrg,
) -> None:
    first, second = org.create("Account", Name="First"), org.create("Account", Name="Second")
    made = deal(org, AccountId=second)
    contact = org.create("Contact", LastName="Decider", AccountId=second)
    role = org.create("OpportunityContactRole", OpportunityId=made, ContactId=contact, Role="Decision Maker")
    org.control("/merge", object="Account", master=first, losers=[second])
    assert org.get("Opportunity", made)["AccountId"] == first
    assert org.call("DELETE", f"sobjects/Account/{first}").status_code == 204
    for name, id_ in (("Opportunity", made), ("Contact", contact), ("OpportunityContactRole", role)):
        found = org.query(f"SELECT IsDeleted FROM {name} WHERE Id = '{id_}'", "queryAll")["records"]
        assert [each["IsDeleted"] for each in found] == [True], name


def test_a_role_needs_its_deal_and_its_contact(org: SalesforceOrg) -> None:
    answer = org.call("POST", "sobjects/OpportunityContactRole", {"Role": "Evaluator"})
    assert sorted(answer.json()[0]["fields"]) == ["ContactId", "OpportunityId"]


def test_a_client_of_others_gives_roles_and_one_contact_is_primary(org: SalesforceOrg) -> None:
    made = deal(org)
    first, second = (org.create("Contact", LastName=name) for name in ("First", "Second"))
    with requests.Session() as session:
        session.mount("https://", ToSandbox(org.sandbox.base_url))
        client = sign_in(org.sandbox, session)
        roles = object_of(client, "OpportunityContactRole")
        one = roles.create({"OpportunityId": made, "ContactId": first, "IsPrimary": True})["id"]
        two = roles.create({"OpportunityId": made, "ContactId": second, "Role": "Evaluator"})["id"]
        again = roles.create({"OpportunityId": made, "ContactId": first})["id"]
        roles.update(two, {"IsPrimary": True, "Role": "Decision Maker"})
        asked = f"SELECT Id, Role, IsPrimary FROM OpportunityContactRole WHERE OpportunityId IN ('{made}')"
        found = {row["Id"]: (row["Role"], row["IsPrimary"]) for row in client.query(asked)["records"]}
    assert found == {one: (None, False), two: ("Decision Maker", True), again: (None, False)}


def test_a_conversion_makes_a_deal_where_it_is_given_a_name(org: SalesforceOrg) -> None:
    lead = org.create("Lead", LastName="Buyer", Company="Buyer Ltd", LeadSource="Web")
    done = org.control("/convert", lead=lead, opportunity="Buyer Ltd deal")
    made = org.get("Opportunity", done["ConvertedOpportunityId"])
    assert (made["Name"], made["StageName"], made["LeadSource"]) == ("Buyer Ltd deal", "Prospecting", "Web")
    assert made["AccountId"] == done["ConvertedAccountId"]
    assert made["CloseDate"][5:] in {"03-31", "06-30", "09-30", "12-31"}
    other = org.create("Lead", LastName="Looker", Company="Looker Ltd")
    assert "ConvertedOpportunityId" not in org.control("/convert", lead=other)
    third = org.create("Lead", LastName="Third", Company="Third Ltd")
    body = {"lead": third, "opportunity": 5}
    assert httpx2.post(f"{org.sandbox.control_url}/convert", json=body).status_code == 400
