"""Deals of Apollo and Salesforce in real processes: both ways, waiting for their accounts, and turned off."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncline.core.model import Kind
from syncline.store.models import Link, Standing
from tests.scenario.pair import Pair, writes

USERS = {"default_left": "alex.admin@example.com", "default_right": "admin@org.example"}
CLOSES = "2027-03-31"


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(
        tmp_path,
        f"sqlite:///{tmp_path}/store.sqlite3",
        options={"apollo": {"deal_hours": 0}},
        sync={"users": USERS},
    )
    with made:
        yield made


def company(pair: Pair, system: str, name: str) -> str:
    """A company that both systems know by its domain."""
    domain = f"{name.lower()}.example"
    if system == "apollo":
        return str(pair.put("apollo", "accounts", name=name, domain=domain)["id"])
    return str(pair.put("salesforce", "Account", Name=name, Website=domain)["Id"])


def in_salesforce(pair: Pair, name: str, account: str, **values: Any) -> str:
    told = {"Name": name, "AccountId": account, "StageName": "Qualification", "CloseDate": CLOSES}
    return str(pair.put("salesforce", "Opportunity", **{**told, **values})["Id"])


def stages(pair: Pair) -> dict[str, str]:
    return {stage["name"]: stage["id"] for stage in pair.records("apollo", "opportunity_stages")}


def in_apollo(pair: Pair, name: str, account: str | None, **values: Any) -> str:
    told = {"name": name, "account_id": account, "opportunity_stage_id": stages(pair)["Prospecting"]}
    return str(pair.put("apollo", "opportunities", **{**told, "closed_date": CLOSES, **values})["id"])


def opportunity(pair: Pair, id_: str) -> dict[str, Any]:
    return next(each for each in pair.records("salesforce", "Opportunity") if each["Id"] == id_)


def deal(pair: Pair, id_: str) -> dict[str, Any]:
    return next(each for each in pair.records("apollo", "opportunities") if each["id"] == id_)


def counts(pair: Pair) -> tuple[int, int, int]:
    """Deals in Apollo, in Salesforce, and their links in the store."""
    with pair.store():
        linked = Link.objects.filter(kind=Kind.DEAL, ended_at=None).count()
    return (
        len(pair.records("apollo", "opportunities")),
        len(pair.records("salesforce", "Opportunity")),
        linked,
    )


def counterparts(pair: Pair) -> dict[str, str]:
    """The Salesforce deal of each Apollo deal."""
    with pair.store():
        return dict(Link.objects.filter(kind=Kind.DEAL, ended_at=None).values_list("left_id", "right_id"))


def is_quiet(pair: Pair) -> bool:
    before = pair.requests()
    pair.run()
    return not writes(before, pair.requests())


@pytest.mark.proves("D1", "D2", "I2")
def test_deals_go_both_ways_by_name_and_account_and_salesforce_is_right(pair: Pair) -> None:
    acme = {system: company(pair, system, "Acme") for system in pair.systems}
    beta = company(pair, "apollo", "Beta")
    known = in_salesforce(pair, "Renewal", acme["salesforce"], Amount=1000.4, NextStep="Call")
    twin = in_apollo(pair, "Renewal", acme["apollo"], amount="900")
    namesake = in_apollo(pair, "Renewal", beta, amount="50")
    pilot = in_apollo(pair, "Pilot", acme["apollo"], description="Two sites")
    order = in_salesforce(pair, "Order", acme["salesforce"], StageName="Closed Won")
    pair.run_until_quiet()

    assert counts(pair) == (4, 4, 4)
    linked = counterparts(pair)
    assert linked[twin] == known
    assert opportunity(pair, linked[namesake])["Amount"] == 50
    made = opportunity(pair, linked[pilot])
    assert (made["AccountId"], made["Description"]) == (acme["salesforce"], "Two sites")
    assert (made["StageName"], made["CloseDate"]) == ("Prospecting", CLOSES)
    shown = deal(pair, twin)
    assert (shown["amount"], shown["next_step"]) == (1000, "Call")
    assert opportunity(pair, known)["Amount"] == 1000.4
    won = next(each for each in pair.records("apollo", "opportunities") if linked[each["id"]] == order)
    assert (won["is_won"], won["account_id"]) == (True, acme["apollo"])
    assert is_quiet(pair)

    pair.put("salesforce", "Opportunity", known, Amount=5000)
    pair.put("apollo", "opportunities", twin, amount="7000", next_step="Send the offer")
    pair.put("apollo", "opportunities", pilot, opportunity_stage_id=stages(pair)["Negotiation/Review"])
    pair.put("salesforce", "Opportunity", linked[namesake], StageName="Closed Lost")
    pair.run_until_quiet()
    assert (opportunity(pair, known)["Amount"], deal(pair, twin)["amount"]) == (5000, 5000)
    assert opportunity(pair, known)["NextStep"] == "Send the offer"
    assert opportunity(pair, linked[pilot])["StageName"] == "Negotiation/Review"
    lost = deal(pair, namesake)
    assert (lost["is_closed"], lost["is_won"]) == (True, False)
    assert counts(pair) == (4, 4, 4)
    assert is_quiet(pair)
    assert pair.ask("reconcile").document["in_agreement"]


@pytest.mark.proves("D2")
def test_a_deal_waits_until_its_account_is_linked_and_is_not_doubled_meanwhile(pair: Pair) -> None:
    here, first = company(pair, "apollo", "Twice"), company(pair, "salesforce", "Twice")
    second = company(pair, "salesforce", "Twice")
    theirs = in_salesforce(pair, "Renewal", first)
    ours = in_apollo(pair, "Renewal", here)
    lone = in_apollo(pair, "Loose end", None)
    pair.run_until_quiet()
    assert counts(pair) == (2, 2, 1)
    with pair.store():
        waiting = Standing.objects.filter(kind=Kind.DEAL, rule="reference")
        reasons = set(waiting.values_list("reason", flat=True))
    assert reasons == {f"the record it belongs to ({id_}) is not linked yet" for id_ in (here, first)}
    pair.sandboxes["salesforce"].control("POST", "/delete", {"type": "Account", "id": second})
    pair.run()  # links the accounts, and writes nothing
    pair.run_until_quiet()
    assert counts(pair) == (2, 2, 2)
    assert counterparts(pair)[ours] == theirs
    assert lone in counterparts(pair)
    assert is_quiet(pair)


@pytest.mark.proves("D1")
def test_deals_are_only_pulled_or_left_alone_by_one_word(pair: Pair) -> None:
    acme = {system: company(pair, system, "Acme") for system in pair.systems}
    known = in_salesforce(pair, "Renewal", acme["salesforce"], Amount=1000)
    pair.sync = {"users": USERS, "kinds": {"deal": {"mode": "to_left"}}}
    pair.write_settings()
    mine = in_apollo(pair, "Mine", acme["apollo"])
    pair.run_until_quiet()
    assert counts(pair) == (2, 1, 1)
    twin = next(left for left, right in counterparts(pair).items() if right == known)
    pair.put("apollo", "opportunities", twin, next_step="Only here")
    pair.put("salesforce", "Opportunity", known, Amount=1200)
    pair.run_until_quiet()
    assert opportunity(pair, known).get("NextStep") is None
    assert deal(pair, twin)["amount"] == 1200

    pair.sync = {"users": USERS, "kinds": {"deal": {"mode": "off"}}}
    pair.write_settings()
    pair.put("salesforce", "Opportunity", known, Amount=1300)
    assert is_quiet(pair)
    assert counts(pair) == (2, 1, 1)
    assert deal(pair, twin)["amount"] == 1200

    pair.sync = {"users": USERS}
    pair.write_settings()
    pair.run_until_quiet()
    assert deal(pair, twin)["amount"] == 1300
    assert mine in counterparts(pair)
    assert counts(pair) == (2, 2, 2)


@pytest.mark.proves("D2")
def test_texts_that_apollo_leaves_out_are_not_sent_again_and_again(pair: Pair) -> None:
    pair.sandboxes["apollo"].control("POST", "/doubts", {"deal_texts_are_taken": False})
    acme = {system: company(pair, system, "Acme") for system in pair.systems}
    known = in_salesforce(pair, "Renewal", acme["salesforce"], NextStep="Call", Description="Big")
    pair.run_until_quiet()
    assert is_quiet(pair)
    assert opportunity(pair, known)["NextStep"] == "Call"
    assert counts(pair) == (1, 1, 1)
