"""Servers that answer nonsense, too late or not at all: told with a code, and nothing is lost or doubled."""

from typing import Any

import pytest

from syncline.core.plan import ActionStatus
from syncline.store.models import Action
from tests.scenario.pair import writes
from tests.scenario.trouble import Daily

READS = {"apollo": ("POST", "/contacts/search"), "salesforce": ("GET", "/queryAll")}
WRITES = {
    "apollo": (("POST", "/contacts/bulk_"), ("PATCH", "/contacts/[0-9a-f]+$")),
    "salesforce": (("POST", "/composite/sobjects$"), ("PATCH", "/composite/sobjects$")),
}
CREATES = {
    "apollo": "POST /api/v1/contacts/bulk_create",
    "salesforce": "POST /services/data/{version}/composite/sobjects",
}
HOUR = {"retry-after": "3600"}


@pytest.mark.parametrize("system", READS)
@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ({"kind": "html"}, "protocol", "a page of HTML"),
        ({"kind": "truncate"}, "protocol", "not whole JSON"),
        ({"kind": "hang"}, "remote-unavailable", "did not answer in time"),
        ({"kind": "reset"}, "remote-unavailable", "broke the connection off"),
        ({"kind": "status", "status": 500}, "remote-unavailable", "HTTP 500"),
        ({"kind": "status", "status": 429}, "remote-rate", "too many calls"),
        ({"kind": "status", "status": 429, "headers": HOUR}, "remote-rate", "it may go on at 20"),
    ],
    ids=["html", "truncate", "hang", "reset", "500", "429", "429-for-an-hour"],
)
def test_a_read_that_fails_for_ever_stops_the_run_before_anything_is_written(
    daily: Daily, system: str, fault: dict[str, Any], code: str, words: str
) -> None:
    method, path = READS[system]
    daily.work()
    if fault["kind"] == "hang":
        daily.lose_patience()
    daily.pair.fault(system, method=method, path=f"{path}$", **fault)
    before = daily.pair.requests()
    error = daily.fails(code)
    assert words in error["message"]
    assert f"{method} {path}" in error["message"]
    assert writes(before, daily.pair.requests()) == {}
    daily.recovers()


@pytest.mark.parametrize("system", WRITES)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "html"}, "remote-unavailable"),
        ({"kind": "truncate"}, "remote-unavailable"),
        ({"kind": "hang"}, "remote-unavailable"),
        ({"kind": "hang_after_commit"}, "remote-unavailable"),
        ({"kind": "reset"}, "remote-unavailable"),
        ({"kind": "reset", "after_commit": True}, "remote-unavailable"),
        ({"kind": "status", "status": 500}, "remote-unavailable"),
        ({"kind": "status", "status": 500, "after_commit": True}, "remote-unavailable"),
    ],
    ids=["html", "truncate", "hang", "hang-done", "reset", "reset-done", "500", "500-done"],
)
@pytest.mark.proves("E2", "E3")
def test_a_write_without_an_answer_is_told_looked_into_and_never_done_twice(
    daily: Daily, system: str, fault: dict[str, Any], code: str
) -> None:
    daily.work()
    if "hang" in fault["kind"]:
        daily.lose_patience()
    for method, path in WRITES[system]:
        daily.pair.fault(system, method=method, path=path, **fault)
    before = daily.pair.requests()[system].get(CREATES[system], 0)
    results = daily.run().json["results"]
    assert daily.pair.requests()[system][CREATES[system]] == before + 1
    assert (results["open"], results["created"], results["updated"]) == (2, 1, 1)
    with daily.pair.store():
        lost = Action.objects.filter(status=ActionStatus.OPEN)
        assert sorted(lost.values_list("op", flat=True)) == ["create", "update"]
        assert all(row.sent and row.sent_at for row in lost)
    _errors_tell(daily, system, code)
    daily.run()
    daily.recovers()


def _errors_tell(daily: Daily, system: str, code: str) -> None:
    told = daily.open_errors()[:2]
    assert len(daily.open_errors()) == daily.errors + 2
    for error in told:
        assert (error["system"], error["class"]) == (system, "transient")
        assert error["code"] in (code, "protocol")
        assert error["message"]
        assert error["cure"]


@pytest.mark.parametrize("system", WRITES)
def test_a_system_that_wants_us_to_wait_stops_the_run_and_says_until_when(daily: Daily, system: str) -> None:
    daily.work()
    for method, path in WRITES[system]:
        daily.pair.fault(system, method=method, path=path, kind="status", status=429, headers=HOUR)
    error = daily.fails("remote-rate")
    assert "it may go on at 20" in error["message"]
    daily.recovers()


def test_the_same_page_of_apollo_for_ever_is_noticed(daily: Daily) -> None:
    for _ in range(5):
        daily.hire("apollo")
    document = daily.pair.settings()
    document["connections"]["apollo"]["options"] = {"page_size": 2}
    daily.pair.write_settings(document)
    daily.pair.fault("apollo", kind="repeat_page", path="/contacts/search$")
    error = daily.fails("protocol")
    assert "page" in error["message"]
    daily.recovers()


def test_the_same_page_of_salesforce_for_ever_is_noticed(daily: Daily) -> None:
    for _ in range(5):
        daily.hire("salesforce")
    pages = daily.pair.sandboxes["salesforce"]
    pages.control("POST", "/pages", {"size": 2})
    daily.pair.fault("salesforce", kind="repeat_page", path="/query")
    error = daily.fails("protocol")
    assert "page" in error["message"]
    pages.control("POST", "/pages", {"size": None})
    daily.recovers()
