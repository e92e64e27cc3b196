"""Refused writes over two real systems: what heals by itself, what waits for a person, and what is never sent twice.

Each story ends with the same counts on both sides as it began with, nothing open, and a run that writes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from syncline.core.backoff import MOST_TRIES
from syncline.store.models import Link
from tests.scenario.pair import writes
from tests.scenario.people import addresses
from tests.scenario.trouble import PEOPLE, Daily

MINUTES = 60
DAY = 25 * 60 * MINUTES
"""By then accounts are read whole: Apollo's listings do not tell when one changed."""


READING = (
    "account_stages/index", "accounts/search", "accounts/show", "contact_stages/index", "contacts/search",
    "contacts/show", "fields/index", "labels/index", "typed_custom_fields/index", "users/api_profile", "users/search",
)  # fmt: skip
DEALS = ("opportunities/search", "opportunities/show", "opportunity_stages/index")
READ_ONLY = [*(f"api/v1/{each}" for each in READING), *(f"deals/api/v1/{each}" for each in DEALS)]
"""The endpoints of a key that may only read."""


@dataclass(frozen=True)
class Person:
    """Somebody whom both systems know once."""

    address: str
    apollo: str
    salesforce: str


@pytest.fixture(scope="module")
def taken() -> set[str]:
    """People who were in a story before."""
    return set()


@pytest.fixture
def people(daily: Daily, taken: set[str]) -> Iterator[Person]:
    """People both systems know, a new one each time."""
    return _people(daily, taken)


def _people(daily: Daily, taken: set[str]) -> Iterator[Person]:
    pair = daily.pair
    ours, theirs = addresses(pair, "apollo", "contacts"), addresses(pair, "salesforce", "Contact")
    leads = addresses(pair, "salesforce", "Lead")
    for address in sorted(ours):
        if len(ours[address]) == len(theirs.get(address, ())) == 1 and not {address} & (taken | leads.keys()):
            taken.add(address)
            yield Person(address, ours[address][0], theirs[address][0])


def control(daily: Daily, path: str, system: str = "salesforce", **wish: Any) -> Any:
    """Turn a switch of a stand-in."""
    return daily.pair.sandboxes[system].control("POST", path, wish)


def wait(daily: Daily, seconds: float) -> None:
    """Time passes, in both systems and for us."""
    for system in PEOPLE:
        control(daily, "/clock", system, advance=seconds)


def shown(daily: Daily, system: str, id_: str) -> dict[str, Any]:
    """A record as its system has it."""
    name = PEOPLE[system]
    found: dict[str, Any] = daily.pair.sandboxes[system].control("GET", f"/records/{name}/{id_}")
    return found


def error_of(daily: Daily, person: Person) -> dict[str, Any]:
    """The open error about somebody."""
    (found,) = daily.program.ask("errors", "--record", person.address).json["errors"]
    return dict(found)


def run_and_count(daily: Daily) -> dict[str, int]:
    """A run that ends well, and the calls of it that may have changed something."""
    before = daily.pair.requests()
    said = daily.run()
    assert said.code == 0, said
    return writes(before, daily.pair.requests())


@contextmanager
def story(daily: Daily) -> Iterator[None]:
    """At its end the counts are as at its beginning, and nothing is left to do."""
    before, errors = daily.counts(), len(daily.open_errors())
    try:
        yield
    finally:
        control(daily, "/automations", clear=True)
        control(daily, "/validation_rules", clear=True)
        control(daily, "/locks", ids=[])
        control(daily, "/field_access", object="Contact", field="Title", access="full")
        daily.pair.heal()
    daily.rests()
    assert run_and_count(daily) == {}
    assert daily.counts() == before
    assert len(daily.open_errors()) == errors
    assert daily.program.ask("reconcile").json["in_agreement"]


@pytest.mark.proves("E2", "E4")
def test_a_lock_heals_after_a_pause(daily: Daily, people: Iterator[Person]) -> None:
    person = next(people)
    with story(daily):
        control(daily, "/locks", ids=[person.salesforce])
        daily.pair.put("apollo", "contacts", person.apollo, title="Behind a lock")
        for _ in range(2):
            assert run_and_count(daily)
        assert run_and_count(daily) == {}
        error = error_of(daily, person)
        assert (error["class"], error["code"], error["attempts"]) == ("lock", "UNABLE_TO_LOCK_ROW", 2)
        assert error["next_try"]
        control(daily, "/locks", ids=[])
        assert run_and_count(daily) == {}
        wait(daily, 10 * MINUTES)
        assert run_and_count(daily)
        assert shown(daily, "salesforce", person.salesforce)["Title"] == "Behind a lock"


@pytest.mark.proves("E2", "E4")
def test_a_lock_that_stays_is_tried_five_times_and_waits_for_a_person(
    daily: Daily, people: Iterator[Person]
) -> None:
    person = next(people)
    with story(daily):
        failed = daily.program.ask("status").json["records"]["left"].get("failed", 0)
        control(daily, "/locks", ids=[person.salesforce])
        daily.pair.put("apollo", "contacts", person.apollo, title="Locked for good")
        tries = 0
        for _ in range(12):
            tries += bool(run_and_count(daily))
            wait(daily, 60 * MINUTES)
        assert tries == MOST_TRIES
        assert (error_of(daily, person)["attempts"], error_of(daily, person)["next_try"]) == (
            MOST_TRIES,
            None,
        )
        assert daily.program.ask("status").json["records"]["left"]["failed"] == failed + 1
        control(daily, "/locks", ids=[])
        assert run_and_count(daily) == {}
        asked = daily.program.ask("errors", "retry", str(error_of(daily, person)["id"])).json
        assert (asked["released"], asked["left_alone"]) == (1, [])
        assert run_and_count(daily)
        assert shown(daily, "salesforce", person.salesforce)["Title"] == "Locked for good"
        closed = daily.program.ask("errors", "--resolved", "--record", person.address).json["errors"]
        assert [e["resolved_by"] for e in closed] == ["the write went through"]


@pytest.mark.proves("E2")
def test_what_was_not_permitted_goes_once_the_connection_was_tested(
    daily: Daily, people: Iterator[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = next(people)
    with story(daily):
        reading = control(daily, "/keys", "apollo", endpoints=READ_ONLY)["key"]
        with monkeypatch.context() as patch:
            patch.setenv("APOLLO_API_KEY", reading)
            daily.pair.put("salesforce", "Contact", person.salesforce, Title="Not permitted")
            run_and_count(daily)
            error = error_of(daily, person)
            assert (error["class"], error["code"]) == ("permission", "API_INACCESSIBLE")
            wait(daily, 600 * MINUTES)
            assert run_and_count(daily) == {}
            tested = daily.program.ask("connection", "test", "apollo")
            assert (tested.code, tested.json["tried_again"]) == (1, 0)
            assert run_and_count(daily) == {}
        assert run_and_count(daily) == {}
        tested = daily.program.ask("connection", "test", "apollo")
        assert (tested.code, tested.json["tried_again"]) == (0, 1), tested
        assert run_and_count(daily)
        assert shown(daily, "apollo", person.apollo)["title"] == "Not permitted"


@pytest.mark.parametrize("off", [{"enabled": False}, {"mode": "off"}])
def test_a_kind_that_may_not_be_read_can_be_left_out(
    daily: Daily, monkeypatch: pytest.MonkeyPatch, off: dict[str, Any]
) -> None:
    scopes = [each for each in READ_ONLY if not each.startswith("deals/")]
    key = control(daily, "/keys", "apollo", endpoints=scopes)["key"]
    with story(daily), monkeypatch.context() as patch:
        patch.setenv("APOLLO_API_KEY", key)
        wait(daily, 600 * MINUTES)
        refused = daily.run()
        assert (refused.code, refused.json["error"]["code"]) == (1, "remote-access"), refused
        assert "opportunities/search" in refused.json["error"]["message"]
        assert "set syncs.crm.kinds.deal.enabled to false" in refused.json["error"]["cure"]
        document = daily.pair.settings()
        document["syncs"]["crm"].setdefault("kinds", {})["deal"] = off
        daily.pair.write_settings(document)
        before = daily.pair.requests()
        assert run_and_count(daily) == {}
        after = daily.pair.requests()
        asked = {
            route for system, routes in after.items() for route, _ in routes.items() - before[system].items()
        }
        assert asked
        assert not [route for route in asked if "opportunit" in route.lower()]
        daily.pair.write_settings()


@pytest.mark.proves("E2")
def test_a_value_that_is_cut_short_there_is_not_written_again(daily: Daily, people: Iterator[Person]) -> None:
    person = next(people)
    with story(daily):
        control(daily, "/automations", object="Contact", field="Title", transform="cut")
        daily.pair.put("apollo", "contacts", person.apollo, title="A title that is too long for them")
        assert run_and_count(daily)
        assert shown(daily, "salesforce", person.salesforce)["Title"] == "A title th"
        for _ in range(3):
            assert run_and_count(daily) == {}
            wait(daily, 60 * MINUTES)
        assert shown(daily, "apollo", person.apollo)["title"] == "A title that is too long for them"
        control(daily, "/automations", clear=True)


@pytest.mark.proves("S3")
def test_a_workflow_that_fights_back_ends_in_a_hold(daily: Daily, taken: set[str]) -> None:
    """The field goes one way, to Salesforce, so that what the workflow writes there is no edit to carry back."""
    company = linked_company(daily, taken)
    with story(daily):
        ours, its = options_but(company.industry)
        control(daily, "/automations", object="Account", field="Industry", value=its, seconds=1)
        daily.pair.put("apollo", "accounts", company.apollo, industry=ours)
        wait(daily, DAY)
        fought = 0
        for _ in range(8):
            fought += bool(run_and_count(daily))
            wait(daily, 20 * MINUTES)
        assert 2 <= fought <= 4
        assert industry(daily, company) == its
        held = daily.program.ask("holds", "list").json["holds"]
        (mine,) = [hold for hold in held if hold["left"] == f"account/{company.apollo}"]
        assert (mine["code"], mine["field"]) == ("fought over", "industry=Industry")
        control(daily, "/automations", clear=True)
        assert run_and_count(daily) == {}
        assert daily.program.ask("holds", "resolve", str(mine["hold"]), "left").code == 0
        daily.rests()
        assert industry(daily, company) == ours


@pytest.mark.proves("E3")
def test_one_bad_record_in_a_call_for_many_stops_nobody(daily: Daily, people: Iterator[Person]) -> None:
    bad, *good = [next(people) for _ in range(4)]
    with story(daily):
        rule = {
            "object": "Contact",
            "field": "Title",
            "comparison": "=",
            "value": "Refused",
            "message": "No.",
        }
        control(daily, "/validation_rules", **rule)
        for number, each in enumerate((bad, *good)):
            title = "Refused" if each is bad else f"Taken {number}"
            daily.pair.put("apollo", "contacts", each.apollo, title=title)
        run_and_count(daily)
        for number, each in enumerate(good, 1):
            assert shown(daily, "salesforce", each.salesforce)["Title"] == f"Taken {number}"
        error = error_of(daily, bad)
        assert (error["code"], error["class"]) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "validation")
        assert "No." in error["message"]
        assert run_and_count(daily) == {}
        control(daily, "/validation_rules", clear=True)
        assert run_and_count(daily) == {}
        daily.program.ask("errors", "retry", "--class", "validation")
        assert run_and_count(daily)
        assert shown(daily, "salesforce", bad.salesforce)["Title"] == "Refused"


@pytest.mark.proves("E2", "S1")
@pytest.mark.parametrize(("access", "code"), [("hidden", "config-field"), ("read_only", "config-mapping")])
def test_a_field_that_is_gone_or_read_only_since_the_plan_stops_it_and_nothing_is_lost(
    daily: Daily, people: Iterator[Person], access: str, code: str
) -> None:
    person = next(people)
    with story(daily):
        new = {"title": f"Now {access}", "first_name": f"Called {access}"}
        daily.pair.put("apollo", "contacts", person.apollo, **new)
        before = shown(daily, "salesforce", person.salesforce)
        plan = daily.program.ask("plan").json["run"]
        control(daily, "/field_access", object="Contact", field="Title", access=access)
        said = daily.program.ask("run", "--plan", str(plan), "--yes")
        assert said.error["code"] == code
        assert "Title" in said.error["message"]
        assert shown(daily, "salesforce", person.salesforce) == before
        control(daily, "/field_access", object="Contact", field="Title", access="full")
        daily.rests()
        assert shown(daily, "salesforce", person.salesforce)["Title"] == new["title"]


@contextmanager
def in_the_midst(daily: Daily) -> Iterator[None]:
    """A run whose first write to Salesforce is on its way so long that somebody can change something meanwhile."""
    daily.pair.fault("salesforce", kind="latency", seconds=4, path="/composite/sobjects$", count=1)
    process = daily.pair.command("run", "--yes")
    assert process.until(lambda: daily.pair.hits("salesforce") > 0), process.end()
    yield
    ended = process.end()
    assert ended.code == 0, ended
    daily.pair.heal()


@pytest.mark.proves("E2", "E3")
def test_a_field_that_goes_while_a_run_writes_is_left_out_and_comes_back(
    daily: Daily, people: Iterator[Person]
) -> None:
    one, other = next(people), next(people)
    with story(daily):
        daily.pair.put("apollo", "contacts", one.apollo, title="Too late", first_name="Early")
        daily.pair.put("apollo", "contacts", other.apollo, first_name="Earlier")
        with in_the_midst(daily):
            control(daily, "/field_access", object="Contact", field="Title", access="hidden")
        error = error_of(daily, one)
        assert (error["code"], error["field"]) == ("INVALID_FIELD_FOR_INSERT_UPDATE", "title=Title")
        assert shown(daily, "salesforce", one.salesforce)["FirstName"] == "Early"
        assert shown(daily, "salesforce", other.salesforce)["FirstName"] == "Earlier"
        assert daily.run().error["code"] == "config-field"
        control(daily, "/field_access", object="Contact", field="Title", access="full")
        assert run_and_count(daily) == {}
        assert daily.program.ask("connection", "test", "salesforce").json["tried_again"] == 1
        daily.rests()
        assert shown(daily, "salesforce", one.salesforce)["Title"] == "Too late"


@pytest.mark.proves("E2")
def test_an_option_that_is_gone_is_not_sent_again_until_it_is_back(daily: Daily, taken: set[str]) -> None:
    company = linked_company(daily, taken)
    with story(daily):
        option, _ = options_but(company.industry)
        daily.pair.put("apollo", "accounts", company.apollo, industry=option)
        wait(daily, DAY)
        with in_the_midst(daily):
            control(daily, "/picklists", object="Account", field="Industry", value=option, active=False)
        (error,) = daily.program.ask("errors", "--record", f"account/{company.apollo}").json["errors"]
        assert error["code"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        assert (error["field"], error["class"]) == ("industry=Industry", "validation")
        for _ in range(3):
            asked = daily.program.ask("errors", "retry", "--class", "validation").json
            assert asked["released"] == 0
            assert run_and_count(daily) == {}
            wait(daily, 60 * MINUTES)
        control(daily, "/picklists", object="Account", field="Industry", value=option, active=True)
        assert run_and_count(daily)
        assert industry(daily, company) == option


@dataclass(frozen=True)
class Company:
    """A company that is linked, and what Salesforce has for its industry."""

    apollo: str
    salesforce: str
    industry: str | None


def linked_company(daily: Daily, taken: set[str]) -> Company:
    """A company of both systems whose industry is the same in both."""
    there = {row["Id"]: row for row in daily.pair.records("salesforce", "Account")}
    with daily.pair.store():
        links = list(Link.objects.filter(kind="account", ended_at__isnull=True).order_by("pk"))
    link = next(e for e in links if there[e.right_id].get("Industry") and e.right_id not in taken)
    taken.add(link.right_id)
    return Company(link.left_id, link.right_id, there[link.right_id]["Industry"])


def options_but(industry: str | None) -> tuple[str, str]:
    """Two industries that are another one."""
    one, other = [each for each in ("Biotechnology", "Energy", "Banking") if each != industry][:2]
    return one, other


def industry(daily: Daily, company: Company) -> Any:
    """The industry that Salesforce has."""
    path = f"/records/Account/{company.salesforce}"
    return daily.pair.sandboxes["salesforce"].control("GET", path)["Industry"]
