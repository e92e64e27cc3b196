"""Storms, maintenance, stale listings, cut connections and wrong clocks, as both sandboxes show them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox
from tests.contract.apollo_http import answer, client_of, contact_ids, new_contact
from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal

SEARCH = "contacts/search$"


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture(scope="module")
def apollo(sandbox_of: Any) -> RunningSandbox:
    running: RunningSandbox = sandbox_of("apollo")
    return running


@pytest.fixture(autouse=True)
def clean(org: SalesforceOrg, apollo: RunningSandbox) -> Iterator[None]:
    yield
    for sandbox in (org.sandbox, apollo):
        sandbox.control("DELETE", "/faults")
        sandbox.control("POST", "/clock", {"skew": 0, "frozen": False})


@pytest.fixture
def http(apollo: RunningSandbox) -> Iterator[httpx2.Client]:
    with client_of(apollo) as client:
        yield client


def set_fault(sandbox: RunningSandbox, **rule: object) -> None:
    sandbox.control("POST", "/faults", rule)


def tell_clock(sandbox: RunningSandbox, **change: object) -> Mapping[str, Any]:
    told: Mapping[str, Any] = sandbox.control("POST", "/clock", change)
    return told


def test_a_storm_lasts_its_seconds_and_says_how_long_it_still_does(
    apollo: RunningSandbox, http: httpx2.Client
) -> None:
    tell_clock(apollo, frozen=True)
    set_fault(apollo, kind="storm", path=SEARCH, seconds=20)
    first = http.post("/contacts/search", json={})
    tell_clock(apollo, advance=15)
    later = http.post("/contacts/search", json={})
    tell_clock(apollo, advance=5)
    over = http.post("/contacts/search", json={})
    assert [reply.status_code for reply in (first, later, over)] == [429, 429, 200]
    assert [reply.headers["retry-after"] for reply in (first, later)] == ["20", "5"]
    assert first.json()["message"].startswith("The maximum number of api calls allowed")


def test_a_storm_may_end_with_its_count(apollo: RunningSandbox, http: httpx2.Client) -> None:
    set_fault(apollo, kind="storm", path=SEARCH, seconds=600, count=2)
    told = [http.post("/contacts/search", json={}).status_code for _ in range(3)]
    assert told == [429, 429, 200]


def test_salesforce_refuses_in_a_storm_in_its_own_words(org: SalesforceOrg) -> None:
    set_fault(org.sandbox, kind="storm", path="/query$", count=1)
    reply = org.call("GET", "query", q="SELECT Id FROM Contact")
    assert refusal(reply)[:2] == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "retry-after" not in reply.headers
    set_fault(org.sandbox, kind="storm", path="/query$", count=1, status=429, seconds=9, body="Slow down")
    proxy = org.call("GET", "query", q="SELECT Id FROM Contact")
    assert (proxy.status_code, proxy.text, proxy.headers["retry-after"]) == (429, "Slow down", "9")


def test_a_cut_connection_had_announced_the_whole_answer(apollo: RunningSandbox, http: httpx2.Client) -> None:
    id_ = new_contact(http, first_name="Cut", title="before")["id"]
    set_fault(apollo, kind="cut", method="PATCH", count=1)
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete"):
        http.patch(f"/contacts/{id_}", json={"title": "after"})
    assert answer(http.get(f"/contacts/{id_}"))["contact"]["title"] == "after"


def test_stale_searches_lag_and_reads_by_id_are_true(apollo: RunningSandbox, http: httpx2.Client) -> None:
    tell_clock(apollo, frozen=True)
    known = new_contact(http, first_name="Known", last_name="Stale", title="old")["id"]
    tell_clock(apollo, advance=1)
    set_fault(apollo, kind="stale", seconds=30)
    fresh = new_contact(http, first_name="Fresh", last_name="Stale")["id"]
    http.patch(f"/contacts/{known}", json={"title": "new"})
    assert answer(http.get(f"/contacts/{known}"))["contact"]["title"] == "new"
    found = answer(http.post("/contacts/search", json={"q_keywords": "Stale"}))["contacts"]
    assert [(one["id"], one["title"]) for one in found] == [(known, "old")]
    tell_clock(apollo, advance=31)
    assert set(contact_ids(http, q_keywords="Stale")) == {known, fresh}


def test_stale_queries_show_what_was_deleted_since(org: SalesforceOrg) -> None:
    tell_clock(org.sandbox, frozen=True)
    id_ = org.create("Contact", LastName="Lagging")
    tell_clock(org.sandbox, advance=1)
    set_fault(org.sandbox, kind="stale", seconds=30)
    assert org.call("DELETE", f"sobjects/Contact/{id_}").status_code == 204
    asked = "SELECT Id FROM Contact WHERE LastName = 'Lagging'"
    assert org.query(asked)["totalSize"] == 1
    assert org.call("GET", f"sobjects/Contact/{id_}").status_code == 404
    tell_clock(org.sandbox, advance=31)
    assert org.query(asked)["totalSize"] == 0


def test_what_was_there_before_the_rule_is_shown(apollo: RunningSandbox, http: httpx2.Client) -> None:
    id_ = new_contact(http, first_name="Early", last_name="Bird")["id"]
    set_fault(apollo, kind="stale", seconds=3600)
    assert contact_ids(http, q_keywords="Early Bird") == [id_]


def test_apollo_in_maintenance_reads_and_does_not_write(apollo: RunningSandbox, http: httpx2.Client) -> None:
    id_ = new_contact(http, first_name="Quiet", last_name="Time", title="before")["id"]
    set_fault(apollo, kind="read_only")
    refused = http.patch(f"/contacts/{id_}", json={"title": "after"})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "600")
    assert answer(http.get(f"/contacts/{id_}"))["contact"]["title"] == "before"
    assert contact_ids(http, q_keywords="Quiet Time") == [id_]
    assert http.post("/contacts", json={"first_name": "Nobody"}).status_code == 503


def test_salesforce_in_maintenance_reads_and_does_not_write(org: SalesforceOrg) -> None:
    id_ = org.create("Contact", LastName="Quiet")
    set_fault(org.sandbox, kind="read_only")
    org.sign_in()
    reply = org.call("PATCH", f"sobjects/Contact/{id_}", {"LastName": "Loud"})
    assert refusal(reply)[:2] == (503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE")
    asked = {"ids": [id_], "fields": ["LastName"]}
    assert org.call("POST", "composite/sobjects/Contact", asked).json()[0]["LastName"] == "Quiet"
    part = {"method": "GET", "url": f"/services/data/v60.0/sobjects/Contact/{id_}", "referenceId": "a"}
    assert org.call("POST", "composite", {"compositeRequest": [part]}).status_code == 200
    write = {**part, "method": "PATCH", "body": {"LastName": "Loud"}}
    assert org.call("POST", "composite", {"compositeRequest": [write]}).status_code == 503


def test_a_wrong_clock_is_in_stamps_and_headers_and_not_in_what_tests_are_told(
    apollo: RunningSandbox, http: httpx2.Client
) -> None:
    tell_clock(apollo, now="2031-05-01T12:00:00+00:00", frozen=True)
    told = tell_clock(apollo, skew=-600)
    assert (told["now"], told["skew"]) == ("2031-05-01T12:00:00+00:00", -600)
    reply = http.post("/contacts", json={"first_name": "Late"})
    assert reply.json()["contact"]["created_at"] == "2031-05-01T11:50:00.000Z"
    assert parsedate_to_datetime(reply.headers["date"]) == datetime.fromisoformat("2031-05-01T11:50:00Z")
    assert tell_clock(apollo, advance=60)["now"] == "2031-05-01T12:01:00+00:00"


def test_several_faults_act_at_once(apollo: RunningSandbox, http: httpx2.Client) -> None:
    tell_clock(apollo, frozen=True)
    new_contact(http, first_name="Seen", last_name="Together")
    tell_clock(apollo, advance=1)
    set_fault(apollo, kind="stale", seconds=30)
    set_fault(apollo, kind="latency", seconds=0.2, count=1)
    set_fault(apollo, kind="truncate", path=SEARCH, count=1, skip=1)
    set_fault(apollo, kind="read_only")
    assert http.post("/contacts", json={"first_name": "Unseen"}).status_code == 503
    whole = http.post("/contacts/search", json={"q_keywords": "Together"})
    half = http.post("/contacts/search", json={"q_keywords": "Together"})
    assert len(whole.json()["contacts"]) == 1
    assert len(half.content) == len(whole.content) // 2
    hits = [rule["hits"] for rule in apollo.control("GET", "/faults")["faults"]]
    assert hits == [2, 1, 1, 1]


def test_a_rule_that_makes_no_sense_is_refused_with_the_reason(apollo: RunningSandbox) -> None:
    reply = httpx2.post(f"{apollo.control_url}/faults", json={"kind": "html", "count": "three"})
    assert reply.status_code == 400
    assert reply.json()["error"] == 'count must be null or a whole number from 1, not "three"'
    assert apollo.control("GET", "/faults") == {"faults": []}


@pytest.mark.parametrize(
    "change",
    [
        {"skew": "ten"},
        {"skew": True},
        {"advance": 1e300},
        {"frozen": "no"},
        {"now": 5},
        {"later": 1},
        {"now": "x"},
    ],
    ids=str,
)
def test_a_change_of_the_clock_that_makes_no_sense_changes_nothing(
    apollo: RunningSandbox, change: Mapping[str, Any]
) -> None:
    tell_clock(apollo, frozen=True)
    before = apollo.control("GET", "/clock")
    reply = httpx2.post(f"{apollo.control_url}/clock", json={"advance": 60, **change})
    assert reply.status_code == 400
    assert reply.json()["error"]
    assert apollo.control("GET", "/clock") == before
