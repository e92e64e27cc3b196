"""A person merges records and converts leads in the Salesforce sandbox; the API shows what is left, over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


def deleted(org: SalesforceOrg, object_: str, id_: str) -> dict[str, Any]:
    text = f"SELECT Id, IsDeleted, MasterRecordId FROM {object_} WHERE Id = '{id_}'"
    (row,) = org.query(text, "queryAll")["records"]
    return {name: row[name] for name in ("IsDeleted", "MasterRecordId")}


def test_a_merge_leaves_its_losers_in_the_bin_with_the_name_of_the_winner(org: SalesforceOrg) -> None:
    winner, loser, gone = (org.create("Contact", LastName=name) for name in ("Winner", "Loser", "Gone"))
    org.control("/clock", advance=5)
    before = org.get("Contact", winner)["SystemModstamp"]
    org.control("/merge", object="Contact", master=winner, losers=[loser], values={"Title": "Both"})
    org.call("DELETE", f"sobjects/Contact/{gone}")
    assert deleted(org, "Contact", loser) == {"IsDeleted": True, "MasterRecordId": winner}
    assert deleted(org, "Contact", gone) == {"IsDeleted": True, "MasterRecordId": None}
    record = org.get("Contact", winner)
    assert (record["Title"], record["SystemModstamp"] > before) == ("Both", True)
    assert refusal(org.call("PATCH", f"sobjects/Contact/{loser}", {"Title": "x"}))[1] == "ENTITY_IS_DELETED"
    found = org.query("SELECT Id FROM Contact WHERE IsDeleted = true AND MasterRecordId != null", "queryAll")
    assert [row["Id"] for row in found["records"]] == [loser]


@pytest.mark.parametrize("bump", [False, True])
def test_the_contacts_of_a_merged_account_go_over(org: SalesforceOrg, bump: bool) -> None:
    winner, loser = org.create("Account", Name="Winner"), org.create("Account", Name="Loser")
    child = org.create("Contact", LastName="Child", AccountId=loser)
    before = org.get("Contact", child)
    org.control("/clock", advance=5)
    org.control("/merge", object="Account", master=winner, losers=[loser], bump_children=bump)
    after = org.get("Contact", child)
    assert after["AccountId"] == winner
    assert (after["SystemModstamp"] > before["SystemModstamp"]) == bump
    assert deleted(org, "Account", loser)["MasterRecordId"] == winner


def test_a_conversion_makes_an_account_and_a_contact_and_keeps_the_lead(org: SalesforceOrg) -> None:
    lead = org.create(
        "Lead", FirstName="Ada", LastName="Lead", Company="Works", Email="ada@works.test", City="Bath"
    )
    done = org.control("/convert", lead=lead)
    record = org.get("Lead", lead)
    assert (record["IsConverted"], record["Status"]) == (True, "Closed - Converted")
    assert record["ConvertedContactId"] == done["ConvertedContactId"]
    contact = org.get("Contact", done["ConvertedContactId"])
    assert (contact["Name"], contact["Email"], contact["MailingCity"]) == (
        "Ada Lead",
        "ada@works.test",
        "Bath",
    )
    assert contact["AccountId"] == done["ConvertedAccountId"]
    assert org.get("Account", contact["AccountId"])["Name"] == "Works"
    refused = org.call("PATCH", f"sobjects/Lead/{lead}", {"Title": "x"})
    assert refusal(refused)[:2] == (400, "CANNOT_UPDATE_CONVERTED_LEAD")


def test_a_conversion_into_what_is_there_fills_only_what_is_empty(org: SalesforceOrg) -> None:
    account = org.create("Account", Name="Known")
    contact = org.create("Contact", LastName="Known", Title="Boss", AccountId=account)
    lead = org.create(
        "Lead", LastName="Lead", Company="Other", Title="Clerk", Phone="+44 1", Website="works.test"
    )
    done = org.control("/convert", lead=lead, account=account, contact=contact)
    assert (done["ConvertedAccountId"], done["ConvertedContactId"]) == (account, contact)
    person = org.get("Contact", contact)
    assert (person["LastName"], person["Title"], person["Phone"]) == ("Known", "Boss", "+44 1")
    company = org.get("Account", account)
    assert (company["Name"], company["Website"]) == ("Known", "works.test")


def test_opportunities_are_merged_by_nobody(org: SalesforceOrg) -> None:
    deal = {"StageName": "Prospecting", "CloseDate": "2026-12-31"}
    one, two = (org.create("Opportunity", Name=name, **deal) for name in ("One", "Two"))
    wish = {"object": "Opportunity", "master": one, "losers": [two]}
    refused = httpx2.post(f"{org.sandbox.control_url}/merge", json=wish)
    assert (refused.status_code, "merges no Opportunity" in refused.text) == (400, True)
    assert not org.get("Opportunity", two)["IsDeleted"]


def test_what_cannot_be_merged_or_converted_is_refused(org: SalesforceOrg) -> None:
    one, two = org.create("Contact", LastName="One"), org.create("Contact", LastName="Two")
    lead = org.create("Lead", LastName="x", Company="x")
    org.control("/convert", lead=lead)
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("/merge", {"object": "Contact", "master": one, "losers": []}),
        ("/merge", {"object": "Contact", "master": one, "losers": [one]}),
        ("/merge", {"object": "Contact", "master": one, "losers": [two, two]}),
        ("/merge", {"object": "Contact", "master": one, "losers": [lead]}),
        ("/merge", {"object": "User", "master": one, "losers": [two]}),
        ("/merge", {"object": "Contact", "master": one, "losers": [two], "values": {"Nope": 1}}),
        ("/convert", {"lead": lead}),
        ("/convert", {"lead": one}),
        ("/convert", {}),
    ]
    for path, wish in wishes:
        assert httpx2.post(org.sandbox.control_url + path, json=wish).status_code == 400, wish
    assert org.get("Contact", two)["LastName"] == "Two"
