"""Restored, purged and unshared records in the Salesforce sandbox, as a client of somebody else's sees them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceResourceNotFound

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal
from tests.contract.simple_client import ToSandbox, object_of, sign_in


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture(scope="module")
def judge(org: SalesforceOrg) -> Iterator[Salesforce]:
    with requests.Session() as session:
        session.mount("https://", ToSandbox(org.sandbox.base_url))
        yield sign_in(org.sandbox, session)


@pytest.fixture
def contact(org: SalesforceOrg) -> Callable[[str], str]:
    return lambda name: org.create("Contact", LastName=name)


def rows(judge: Salesforce, *ids: str) -> dict[str, dict[str, Any]]:
    """What queryAll shows of some contacts."""
    listed = ",".join(f"'{each}'" for each in ids)
    text = f"SELECT Id, IsDeleted, MasterRecordId, SystemModstamp FROM Contact WHERE Id IN ({listed})"
    return {row["Id"]: row for row in judge.query_all(text, include_deleted=True)["records"]}


def deleted_ids(judge: Salesforce, org: SalesforceOrg) -> dict[str, Any]:
    """What the log of deletions says of the last hour and the next."""
    now = datetime.fromisoformat(org.sandbox.control("GET", "/clock")["now"]).astimezone(UTC)
    told: dict[str, Any] = object_of(judge, "Contact").deleted(
        now - timedelta(hours=1), now + timedelta(hours=1)
    )
    return told


def test_a_chain_of_merges_names_each_step(
    org: SalesforceOrg, judge: Salesforce, contact: Callable[[str], str]
) -> None:
    first, second, third, last = (contact(f"Chain {number}") for number in range(4))
    org.control("/merge", object="Contact", master=second, losers=[first])
    org.control("/merge", object="Contact", master=last, losers=[second, third])
    found = rows(judge, first, second, third, last)
    assert [found[each]["MasterRecordId"] for each in (first, second, third, last)] == [
        second,
        last,
        last,
        None,
    ]
    told = deleted_ids(judge, org)["deletedRecords"]
    assert {first, second, third} <= {each["id"] for each in told}
    assert all(each.keys() == {"id", "deletedDate"} for each in told), "the log does not name survivors"


def test_a_restored_record_lives_with_a_new_stamp(
    org: SalesforceOrg, judge: Salesforce, contact: Callable[[str], str]
) -> None:
    one = contact("Back")
    object_of(judge, "Contact").delete(one)
    before = rows(judge, one)[one]
    assert before["IsDeleted"]
    org.control("/clock", advance=5)
    org.control("/undelete", object="Contact", id=one[:15])
    after = rows(judge, one)[one]
    assert not after["IsDeleted"]
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert object_of(judge, "Contact").get(one)["LastName"] == "Back"
    assert one not in {each["id"] for each in deleted_ids(judge, org)["deletedRecords"]}


def test_a_restored_loser_is_one_of_its_own(
    org: SalesforceOrg, judge: Salesforce, contact: Callable[[str], str]
) -> None:
    loser, winner = contact("Loser"), contact("Winner")
    org.control("/merge", object="Contact", master=winner, losers=[loser])
    org.control("/undelete", object="Contact", id=loser)
    row = rows(judge, loser)[loser]
    assert (row["IsDeleted"], row["MasterRecordId"]) == (False, None)


def test_a_restored_account_brings_back_the_contacts_that_went_with_it(org: SalesforceOrg) -> None:
    account = org.create("Account", Name="Works")
    early, along = (org.create("Contact", LastName=name, AccountId=account) for name in ("Early", "Along"))
    org.call("DELETE", f"sobjects/Contact/{early}")
    org.control("/clock", advance=5)
    org.call("DELETE", f"sobjects/Account/{account}")
    assert org.call("GET", f"sobjects/Contact/{along}").status_code == 404
    org.control("/undelete", object="Account", id=account)
    assert org.get("Contact", along)["AccountId"] == account
    assert refusal(org.call("GET", f"sobjects/Contact/{early}"))[1] == "ENTITY_IS_DELETED"


def test_a_purged_record_leaves_no_trace_but_a_hole_in_the_log(
    org: SalesforceOrg, judge: Salesforce, contact: Callable[[str], str]
) -> None:
    gone = contact("Gone")
    object_of(judge, "Contact").delete(gone)
    assert gone in {each["id"] for each in deleted_ids(judge, org)["deletedRecords"]}
    org.control("/recycle_bin", purge=True)
    assert rows(judge, gone) == {}
    told = deleted_ids(judge, org)
    assert told["deletedRecords"] == []
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert datetime.fromisoformat(told["earliestDateAvailable"]) > hour_ago
    wish = {"object": "Contact", "id": gone}
    assert httpx2.post(f"{org.sandbox.control_url}/undelete", json=wish).status_code == 400


def test_what_is_not_shared_cannot_be_told_from_what_never_was(
    org: SalesforceOrg, judge: Salesforce, contact: Callable[[str], str]
) -> None:
    seen, hidden = contact("Seen"), contact("Hidden")
    org.control("/sharing", ids=[hidden])
    assert rows(judge, seen, hidden).keys() == {seen}
    with pytest.raises(SalesforceResourceNotFound):
        object_of(judge, "Contact").get(hidden)
    shown = org.call("POST", "composite/sobjects/Contact", {"ids": [hidden, seen], "fields": ["Id"]}).json()
    assert (shown[0], shown[1]["Id"]) == (None, seen)
    refused = org.call("PATCH", f"sobjects/Contact/{hidden}", {"Title": "x"})
    assert refusal(refused)[1] == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    (row,) = org.call("DELETE", "composite/sobjects", ids=hidden).json()
    assert row["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    assert hidden not in {each["id"] for each in deleted_ids(judge, org)["deletedRecords"]}
    org.control("/sharing", ids=[hidden], hidden=False)
    assert org.get("Contact", hidden)["LastName"] == "Hidden"


def test_what_was_merged_and_hidden_survives_a_restart(tmp_path: Path) -> None:
    state = str(tmp_path / "org.sqlite3")
    with open_org(state=state) as org:
        loser, winner, hidden = (
            org.create("Contact", LastName=name) for name in ("Lost", "Kept", "Unshared")
        )
        org.control("/merge", object="Contact", master=winner, losers=[loser])
        org.control("/sharing", ids=[hidden])
    with open_org(state=state) as org:
        found = org.query("SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true", "queryAll")
        assert [(row["Id"], row["MasterRecordId"]) for row in found["records"]] == [(loser, winner)]
        assert org.call("GET", f"sobjects/Contact/{hidden}").status_code == 404
        org.control("/undelete", object="Contact", id=loser)
        assert org.get("Contact", loser)["LastName"] == "Lost"


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("/undelete", {}),
        ("/undelete", {"object": "Contact"}),
        ("/undelete", {"object": "User", "id": "005000000000001AAA"}),
        ("/undelete", {"object": "Contact", "id": "living"}),
        ("/sharing", {}),
        ("/sharing", {"ids": "003"}),
        ("/sharing", {"ids": ["nonsense"]}),
        ("/sharing", {"ids": [5]}),
        ("/sharing", {"ids": ["living"], "hidden": "yes"}),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    org: SalesforceOrg, contact: Callable[[str], str], path: str, wish: dict[str, Any]
) -> None:
    living = contact("Living")
    told = {key: living if value == "living" else value for key, value in wish.items()}
    told |= {"ids": [living]} if wish.get("ids") == ["living"] else {}
    assert httpx2.post(org.sandbox.control_url + path, json=told).status_code == 400
    assert org.get("Contact", living)["LastName"] == "Living"
