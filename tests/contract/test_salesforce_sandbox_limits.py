"""Allocations, long requests, locators and tokens that run out, in the Salesforce sandbox, over HTTP."""

from collections.abc import Iterator

import pytest

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        for number in range(5):
            opened.create("Lead", LastName=f"Lead {number}", Company="X")
        opened.control("/pages", size=2)
        yield opened


@pytest.fixture(autouse=True)
def plenty(org: SalesforceOrg) -> Iterator[None]:
    yield
    org.control("/limits", max=100_000, used=0, concurrent={"max": 25, "running": 0}, shown_besides={})
    org.control("/pages", lifetime=172_800)


def test_calls_leave_the_count_after_a_day(org: SalesforceOrg) -> None:
    org.control("/limits", max=10, used=9)
    assert org.call("GET", "limits").headers["sforce-limit-info"] == "api-usage=10/10"
    status, code, message, _ = refusal(org.call("GET", "limits"))
    assert (status, code, message) == (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    org.control("/clock", advance=25 * 3600)
    org.sign_in()
    assert org.call("GET", "limits").status_code == 200


def test_too_many_long_requests_refuse_the_next_until_they_end(org: SalesforceOrg) -> None:
    org.control("/limits", concurrent={"running": 24})
    assert org.call("GET", "limits").status_code == 200
    used = org.control("/limits")["used"]
    org.control("/limits", concurrent={"running": 25, "seconds": 60})
    status, code, message, _ = refusal(org.call("GET", "limits"))
    assert (status, code) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert message == "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    assert org.control("/limits")["used"] == used
    org.control("/clock", advance=61)
    assert org.call("GET", "limits").status_code == 200
    org.control("/limits", concurrent={"max": 5, "running": 5})
    assert org.call("GET", "limits").status_code == 403


def test_the_header_may_show_more_than_the_allocation(org: SalesforceOrg) -> None:
    assert ";" not in org.call("GET", "limits").headers["sforce-limit-info"]
    org.control("/limits", shown_besides={"api-bursts": "1/750", "per-app-api-usage": "17/250(appName=app)"})
    shown = org.call("GET", "limits").headers["sforce-limit-info"]
    assert shown.endswith("; api-bursts=1/750; per-app-api-usage=17/250(appName=app)")


def test_a_locator_ends_when_told_or_after_its_time(org: SalesforceOrg) -> None:
    first = org.query("SELECT Id FROM Lead")["nextRecordsUrl"]
    assert org.http.get(first).status_code == 200
    org.control("/pages", expire=True)
    assert refusal(org.http.get(first))[:2] == (400, "INVALID_QUERY_LOCATOR")
    org.control("/pages", lifetime=60)
    second = org.query("SELECT Id FROM Lead")["nextRecordsUrl"]
    org.control("/clock", advance=59)
    assert org.http.get(second).status_code == 200
    org.control("/clock", advance=10)
    assert refusal(org.http.get(second))[:2] == (400, "INVALID_QUERY_LOCATOR")


def test_a_token_may_end_between_two_pages_and_the_locator_outlives_it(org: SalesforceOrg) -> None:
    first = org.query("SELECT Id FROM Lead")["nextRecordsUrl"]
    org.control("/tokens", expire=True)
    refused = org.http.get(first)
    assert refusal(refused)[:2] == (401, "INVALID_SESSION_ID")
    org.sign_in()
    second = org.http.get(first).json()
    assert (len(second["records"]), second["done"]) == (2, False)


def test_each_retired_version_is_gone(org: SalesforceOrg) -> None:
    for version in ("v21.0", "v30.0"):
        reply = org.call("GET", "sobjects", version=version)
        assert refusal(reply)[:2] == (410, "UNSUPPORTED_API_VERSION")
    assert org.call("GET", "sobjects", version="v31.0").status_code == 200
