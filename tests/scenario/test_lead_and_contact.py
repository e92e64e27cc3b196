"""A lead, the contact of the same person, and the account of both, in real processes (P3, P4, P5)."""

import pytest

from tests.scenario.pair import Pair
from tests.scenario.people import addresses


def person(last: str, email: str) -> dict[str, str]:
    """Somebody with a name of their own, whose owner has a user in Apollo."""
    return {"FirstName": "Ada", "LastName": last, "Email": email, "OwnerId": "005gK0000000003QAA"}


def apollo_contact(pair: Pair, email: str) -> dict[str, object]:
    (found,) = [row for row in pair.records("apollo", "contacts") if row["email"] == email]
    return found


@pytest.mark.proves("P4")
def test_a_lead_gets_the_account_of_its_domain_and_a_free_mail_address_tells_nothing(settled: Pair) -> None:
    account = settled.put("apollo", "accounts", name="Inferred", domain="inferred.test")
    settled.put("salesforce", "Lead", Company="One", **person("Inferred", "ada@mail.inferred.test"))
    settled.put("salesforce", "Lead", Company="One", **person("Private", "ada.private@gmail.com"))
    settled.run_until_quiet()
    assert apollo_contact(settled, "ada@mail.inferred.test")["account_id"] == account["id"]
    assert not apollo_contact(settled, "ada.private@gmail.com")["account_id"]


@pytest.mark.proves("P3", "P5")
def test_a_linked_lead_keeps_its_link_and_the_contact_is_listed_as_its_double(settled: Pair) -> None:
    email = "ada@doubled.test"
    settled.put("salesforce", "Lead", Company="One", **person("Doubled", email))
    settled.run_until_quiet()
    settled.put("salesforce", "Contact", **person("Doubled", email))
    settled.run_until_quiet()
    found = settled.ask("records", "--side", "right", "--limit", "1000").document["records"]
    mine = {each["record"].partition("/")[0]: each for each in found if each["name"] == email}
    assert mine["Lead"]["state"] == "in sync"
    assert (mine["Contact"]["state"], mine["Contact"]["rule"]) == ("held", "duplicate of a linked record")
    assert len(addresses(settled, "apollo", "contacts")[email]) == 1


@pytest.mark.proves("P3")
def test_of_an_unlinked_lead_and_contact_the_contact_is_used_and_the_lead_is_covered(settled: Pair) -> None:
    email = "ada@covered.test"
    settled.put("salesforce", "Lead", Company="One", **person("Covered", email))
    settled.put("salesforce", "Contact", **person("Covered", email))
    settled.run_until_quiet()
    found = settled.ask("records", "--side", "right", "--limit", "1000").document["records"]
    mine = {each["record"].partition("/")[0]: each for each in found if each["name"] == email}
    assert mine["Contact"]["state"] == "in sync"
    assert (mine["Lead"]["state"], mine["Lead"]["rule"]) == ("not eligible", "covered")
    assert mine["Contact"]["record"] in mine["Lead"]["reason"]
    assert len(addresses(settled, "apollo", "contacts")[email]) == 1
