"""Who gets a new record in Salesforce, as what, with which account, and what a filter does that cannot be evaluated."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.scenario.pair import Pair

NUMBERS = count(1)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two systems for all of these stories; no person of one story is that of another."""
    folder = tmp_path_factory.mktemp("push")
    with Pair(folder, f"sqlite:///{folder}/store.sqlite3") as made:
        yield made


def choose(pair: Pair, **kinds: Any) -> None:
    """Other settings from now on."""
    document = pair.settings()
    document["syncs"]["crm"] |= {"kinds": kinds, "first_run_needs_approval": False}
    pair.write_settings(document)


def apollo(pair: Pair, method: str, path: str, body: object = None) -> Any:
    """A call that somebody else makes to Apollo."""
    sandbox = pair.sandboxes["apollo"]
    headers = {"x-api-key": str(sandbox.credentials["api_key"]), "content-type": "application/json"}
    sent = None if body is None else json.dumps(body).encode()
    with urlopen(Request(sandbox.base_url + path, sent, headers, method=method)) as answer:
        return json.load(answer)


def stage(pair: Pair, name: str) -> str:
    found = apollo(pair, "GET", "/contact_stages")["contact_stages"]
    return next(str(each["id"]) for each in found if each["name"] == name)


def hire(pair: Pair, **values: Any) -> dict[str, Any]:
    """Somebody new in Apollo."""
    number = next(NUMBERS)
    shown = {
        "first_name": "New",
        "last_name": f"Person {number}",
        "email": f"new.{number}@people-{number}.test",
    }
    return apollo(pair, "POST", "/contacts", {**shown, **values})["contact"]  # type: ignore[no-any-return]


def of(pair: Pair, object_type: str, person: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of somebody in Salesforce, by the name nobody else has."""
    rows = pair.records("salesforce", object_type)
    return [row for row in rows if row["LastName"] == person["last_name"]]


def edit(pair: Pair, person: dict[str, Any], **values: Any) -> None:
    apollo(pair, "PATCH", f"/contacts/{person['id']}", values)


def story(pair: Pair, record: str) -> dict[str, Any]:
    (found,) = pair.ask("explain", record).document["stories"]
    return found  # type: ignore[no-any-return]


@pytest.mark.proves("U3", "U5")
def test_switching_from_leads_to_contacts_midway_changes_nobody_who_is_linked(pair: Pair) -> None:
    choose(pair, person={"create_right": {"as_type": "Lead"}})
    ada = hire(pair, organization_name="Ada Ltd")
    pair.run()
    (lead,) = of(pair, "Lead", ada)
    assert lead["LeadSource"] == "Apollo"
    choose(
        pair,
        person={"create_right": {"as_type": "Contact", "source": {"field": "LeadSource", "value": "Web"}}},
    )
    bob = hire(pair)
    edit(pair, ada, title="Chief")
    pair.run_until_quiet()
    assert (len(of(pair, "Lead", ada)), of(pair, "Contact", ada)) == (1, [])
    assert of(pair, "Lead", ada)[0]["Title"] == "Chief"
    assert (of(pair, "Lead", bob), [c["LeadSource"] for c in of(pair, "Contact", bob)]) == ([], ["Web"])
    choose(pair, person={"create_right": {"as_type": "Lead"}})
    edit(pair, bob, title="Head")
    pair.run_until_quiet()
    assert ([c["Title"] for c in of(pair, "Contact", bob)], of(pair, "Lead", bob)) == (["Head"], [])
    assert of(pair, "Lead", ada)[0]["LeadSource"] == "Apollo"
    assert pair.ask("reconcile").document["in_agreement"]


@pytest.mark.proves("U2")
def test_a_linked_record_whose_stage_is_filtered_out_is_still_updated(pair: Pair) -> None:
    chosen = {"when": "stages", "stages": ["Interested"], "no_stage": False}
    choose(pair, person={"create_right": chosen})
    ada, bob = hire(pair, contact_stage_id=stage(pair, "Interested")), hire(pair)
    pair.run()
    assert (len(of(pair, "Contact", ada)), of(pair, "Contact", bob)) == (1, [])
    edit(pair, ada, title="Chief", contact_stage_id=stage(pair, "Not Interested"))
    edit(pair, bob, title="Chief")
    pair.run()
    assert ([c["Title"] for c in of(pair, "Contact", ada)], of(pair, "Contact", bob)) == (["Chief"], [])
    told = story(pair, bob["email"])
    assert told["state"] == "not eligible: its stage is Cold; chosen stages: Interested"
    assert pair.ask("reconcile").document["in_agreement"]


@pytest.mark.proves("U4", "I2")
def test_a_contact_with_two_candidate_accounts_waits_until_somebody_says_which(pair: Pair) -> None:
    choose(pair, account={"create_right": {"enabled": False}})
    for name in ("Twin North", "Twin South"):
        pair.put("salesforce", "Account", Name=name, Website="https://twin.test")
    account = apollo(pair, "POST", "/accounts", {"name": "Twin", "domain": "twin.test"})["account"]
    other = apollo(pair, "POST", "/accounts", {"name": "Single", "domain": "single.test"})["account"]
    apollo(pair, "POST", "/accounts", {"name": "Nobody", "domain": "nobody.test"})
    ada, bob = hire(pair, account_id=account["id"]), hire(pair, account_id=other["id"])
    pair.run()
    assert of(pair, "Contact", ada) == []
    assert "waits for its account" in story(pair, ada["email"])["state"]
    accounts = {row["Name"]: row for row in pair.records("salesforce", "Account")}
    assert set(accounts) >= {"Twin North", "Twin South", "Single"}
    assert "Nobody" not in accounts
    assert accounts["Single"]["AccountSource"] == "Apollo"
    assert [c["AccountId"] for c in of(pair, "Contact", bob)] == [accounts["Single"]["Id"]]
    holds = pair.ask("holds", "list").document["holds"]
    (hold,) = [h for h in holds if account["id"] in json.dumps(h)]
    assert hold["code"] == "ambiguous"
    south = accounts["Twin South"]["Id"]
    assert pair.ask("holds", "resolve", str(hold["hold"]), f"link:Account/{south}").code == 0
    pair.run_until_quiet()
    assert [c["AccountId"] for c in of(pair, "Contact", ada)] == [south]
    assert pair.ask("reconcile").document["in_agreement"]


@pytest.mark.proves("U7")
def test_a_filter_that_divides_by_zero_keeps_that_record_back_and_no_other(pair: Pair) -> None:
    made = {"label": "Deals won", "name": "Won__c", "type": "double", "scale": 0}
    pair.sandboxes["salesforce"].control("POST", "/fields", {"object": "Contact", **made})
    choose(pair, person={"create_left": {"where": "100 / Won__c >= 10"}})
    assert pair.ask("config", "check").code == 0
    for name, won in (("Zero", 0), ("Few", 5), ("Many", 50), ("Empty", None)):
        pair.put("salesforce", "Contact", LastName=name, Email=f"{name.lower()}@won.test", Won__c=won)
    pair.run()
    assert {c["last_name"] for c in pair.records("apollo", "contacts")} & {
        "Zero",
        "Few",
        "Many",
        "Empty",
    } == {"Few"}
    assert "divides by zero" in story(pair, "zero@won.test")["state"]
    assert "Deals won is empty" in story(pair, "empty@won.test")["state"]
    assert "false of it" in story(pair, "many@won.test")["state"]
    assert pair.ask("reconcile").document["in_agreement"]


@pytest.mark.proves("U7", "E3")
def test_a_filter_that_names_a_field_that_goes_between_plan_and_run_lets_nobody_through(pair: Pair) -> None:
    salesforce = pair.sandboxes["salesforce"]
    made = {"label": "Wanted", "name": "Wanted__c", "type": "double", "scale": 0}
    salesforce.control("POST", "/fields", {"object": "Contact", **made})
    choose(pair, person={"create_left": {"where": "Wanted__c == 1"}})
    pair.put("salesforce", "Contact", LastName="Wanted", Email="wanted@gone.test", Wanted__c=1)
    planned = pair.ask("plan").document
    assert planned["planned"].get("create") == 1, planned
    salesforce.control(
        "POST", "/field_access", {"object": "Contact", "field": "Wanted__c", "access": "hidden"}
    )
    neighbour = hire(pair)
    assert pair.ask("run", "--plan", str(planned["run"]), "--yes").code == 0
    pair.run_until_quiet()
    assert "Wanted" not in {c["last_name"] for c in pair.records("apollo", "contacts")}
    assert len(of(pair, "Contact", neighbour)) == 1
    assert "there is no field Wanted__c" in story(pair, "wanted@gone.test")["state"]
    checked = pair.ask("config", "check")
    assert (checked.code, "filter-name" in checked.output) == (1, True)
    salesforce.control("POST", "/field_access", {"object": "Contact", "field": "Wanted__c", "access": "full"})
    pair.run_until_quiet()
    assert "Wanted" in {c["last_name"] for c in pair.records("apollo", "contacts")}


@pytest.mark.proves("U7")
def test_only_people_of_a_list_go_over(pair: Pair) -> None:
    choose(pair, person={"create_right": {"lists": ["For Sales"], "not_lists": ["Partners"]}})
    inside, both, outside = (
        hire(pair, label_names=names) for names in (["For Sales"], ["For Sales", "Partners"], ["Else"])
    )
    pair.run()
    assert [len(of(pair, "Contact", who)) for who in (inside, both, outside)] == [1, 0, 0]
    assert "'Else'" in story(pair, outside["email"])["state"]
    edit(pair, outside, label_names=["For Sales"])
    pair.run()
    assert len(of(pair, "Contact", outside)) == 1
    choose(pair, person={"create_left": {"lists": ["For Sales"]}})
    refused = pair.ask("run", "--yes")
    assert (refused.code, "shows of no person which lists" in refused.output) == (1, True)


@pytest.mark.proves("U11", "U10")
def test_a_hidden_address_is_never_made_up_and_no_assignment_rule_gives_the_lead_away(pair: Pair) -> None:
    choose(pair, person={"create_right": {"as_type": "Lead"}})
    salesforce = pair.sandboxes["salesforce"]
    other = pair.put(
        "salesforce", "User", LastName="Queue", Email="queue@example.com", Username="queue@example.com"
    )
    salesforce.control("POST", "/assignment", {"owner": other["Id"]})
    hidden = hire(pair, organization_name="Hidden Ltd")
    pair.sandboxes["apollo"].control("POST", "/visibility", {"ids": [hidden["id"]], "email_locked": True})
    pair.run()
    (lead,) = of(pair, "Lead", hidden)
    assert not lead.get("Email")
    assert lead["OwnerId"] == of(pair, "Lead", hidden)[0]["CreatedById"] != other["Id"]
    pair.sandboxes["apollo"].control("POST", "/visibility", {"ids": [hidden["id"]], "email_locked": False})
    edit(pair, hidden, title="Chief")
    pair.run()
    assert [row["Email"] for row in of(pair, "Lead", hidden)] == [hidden["email"]]
