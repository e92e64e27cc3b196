from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from syncline.connectors.base import Token
from syncline.connectors.oauth import MemoryTokenStore
from syncline.connectors.salesforce.client import read_limits
from syncline.connectors.salesforce.host import trusted_base
from syncline.core.errors import (
    AccessError,
    AuthError,
    ConfigError,
    ProtocolError,
    QuotaError,
    RateLimitedError,
    SynclineError,
    UnavailableError,
)
from tests.unit.scripted_org import (
    DATA,
    SECRET,
    ScriptedOrg,
    batch,
    connected,
    contact_id,
    refused,
    row,
    scripted_org,
)
from tests.unit.scripted_server import HTML, Answer, StillClock

MY_DOMAIN = "https://acme.my.salesforce.com"


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with scripted_org() as running:
        yield running


def fetch(org: ScriptedOrg, clock: StillClock | None = None, store: MemoryTokenStore | None = None) -> object:
    with connected(org, clock, store=store) as connector:
        return connector.fetch("Contact", [contact_id(1)], ["LastName"])


# Where the token goes


@pytest.mark.parametrize(
    ("base", "instance", "used"),
    [
        (MY_DOMAIN, None, MY_DOMAIN),
        (
            MY_DOMAIN,
            "https://acme--dev.sandbox.my.salesforce.com",
            "https://acme--dev.sandbox.my.salesforce.com",
        ),
        ("https://login.salesforce.com", "https://na1.salesforce.com/", "https://na1.salesforce.com"),
        ("http://127.0.0.1:1234", "http://localhost:1234", "http://localhost:1234"),
        ("https://crm.example", "https://crm.example:8443", "https://crm.example:8443"),
    ],
)
def test_the_instance_of_the_token_is_used(base: str, instance: str | None, used: str) -> None:
    assert trusted_base(base, instance) == used


@pytest.mark.parametrize(
    ("base", "instance"),
    [
        (MY_DOMAIN, "https://evil.example"),
        (MY_DOMAIN, "https://salesforce.com.evil.example"),
        (MY_DOMAIN, "https://evilsalesforce.com"),
        (MY_DOMAIN, "http://acme.my.salesforce.com"),
        (MY_DOMAIN, "http://127.0.0.1:9"),
        (MY_DOMAIN, "https://169.254.169.254"),
        (MY_DOMAIN, "https://user@acme.my.salesforce.com"),
        (MY_DOMAIN, "no address"),
        ("http://127.0.0.1:9", "https://evil.example"),
        ("http://127.0.0.1:9", "https://acme.my.salesforce.com.evil.example"),
        ("https://crm.example", "http://crm.example"),
    ],
)
def test_a_token_is_not_sent_to_a_stranger(base: str, instance: str) -> None:
    with pytest.raises(AuthError):
        trusted_base(base, instance)


def test_a_token_reply_that_names_a_stranger_is_refused_and_not_kept(org: ScriptedOrg) -> None:
    org.token = {"instance_url": "https://evil.example"}
    store = MemoryTokenStore()
    with pytest.raises(AuthError, match=r"evil\.example"):
        fetch(org, store=store)
    assert store.load() is None


def test_a_stored_token_of_a_stranger_is_refused_too(org: ScriptedOrg) -> None:
    with pytest.raises(AuthError):
        fetch(org, store=MemoryTokenStore(Token("00D!x", "https://evil.example")))
    assert org.server.requests == []


def test_a_renewed_token_moves_the_connection_to_its_instance(org: ScriptedOrg) -> None:
    with scripted_org() as other, connected(org) as connector:
        connector.describe("Contact")
        org.token = {"instance_url": other.server.url}
        org.override = lambda r: None if "oauth2" in r.path else refused(401, "INVALID_SESSION_ID")
        connector.fetch("Contact", [contact_id(1)], ["LastName"])
        assert other.asked("POST", "/composite/sobjects/Contact")


# Signing in


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(400, {"error": "invalid_client", "error_description": f"bad {SECRET}"}), AuthError),
        (Answer(400, {"error": "invalid_grant", "error_description": "inactive user"}), AuthError),
        (Answer(401, {"error": "invalid_client"}), AuthError),
        (Answer(400, HTML), UnavailableError),
        (Answer(200, HTML), ProtocolError),
        (Answer(200, b'{"access_token": "00'), ProtocolError),
        (Answer(200, {}), ProtocolError),
        (Answer(200, ["00D!x"]), ProtocolError),
        (Answer(200, {"access_token": 5}), ProtocolError),
        (Answer(200, {"access_token": "two\r\nlines: yes"}), ProtocolError),
        (Answer(302, {}, {"location": "https://evil.example"}), ProtocolError),
        (Answer(503), UnavailableError),
        (Answer(429), RateLimitedError),
        (Answer(how="reset"), UnavailableError),
    ],
)
def test_a_token_request_that_fails_is_named_and_tells_no_secret(
    org: ScriptedOrg, answer: Answer, error: type[SynclineError]
) -> None:
    org.override = lambda request: answer if "oauth2" in request.path else None
    with pytest.raises(error) as caught:
        fetch(org, store=MemoryTokenStore())
    assert SECRET not in f"{caught.value!r} {caught.value.context}"
    assert {request.path for request in org.server.requests} == {"/services/oauth2/token"}
    assert len(org.server.requests) <= 2


def test_a_token_is_kept_for_the_next_process(org: ScriptedOrg) -> None:
    store = MemoryTokenStore()
    fetch(org, store=store)
    fetch(org, store=store)
    assert [r.path for r in org.server.requests].count("/services/oauth2/token") == 1


# Limits


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("api-usage=18/15000", [(18, 15_000)]),
        ("api-usage=18/15000; per-app-api-usage=17/250(appName=x)", [(18, 15_000)]),
        ("api-bursts=1/750; api-usage=5/100", [(5, 100)]),
        ("api-usage=x/15000", []),
        ("api-usage=1/0", []),
        ("api-usage=" + "9" * 400 + "/1", []),
        ("", []),
    ],
)
def test_the_limit_header_is_read(header: str, told: list[tuple[int, int]]) -> None:
    usages = list(read_limits({"sforce-limit-info": header}, datetime(2026, 5, 1, tzinfo=UTC)))
    assert [(usage.used, usage.limit) for usage in usages] == told


@pytest.mark.proves("C6")
def test_our_share_of_the_calls_is_kept(org: ScriptedOrg) -> None:
    clock = StillClock()
    limits = {"sforce-limit-info": "api-usage=81/100"}
    org.override = lambda r: (
        Answer(body={"fields": org.fields}, headers=limits) if "describe" in r.path else None
    )
    with pytest.raises(QuotaError) as caught:
        fetch(org, clock)
    assert caught.value.until == clock.now() + timedelta(hours=1)
    assert len(org.server.requests) == 1


def test_used_up_calls_are_a_quota_error(org: ScriptedOrg) -> None:
    org.queries = [refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")]
    with connected(org) as connector, pytest.raises(QuotaError) as caught:
        list(connector.changes("Contact", None, []))
    assert caught.value.until is not None


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        ("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", RateLimitedError),
        ("QUERY_TIMEOUT", "too long", UnavailableError),
    ],
)
def test_a_busy_server_is_asked_again_and_given_up_in_time(
    org: ScriptedOrg, code: str, message: str, error: type[SynclineError]
) -> None:
    clock = StillClock()
    busy = refused(403, code, message)
    with connected(org, clock) as connector:
        org.queries = [busy, batch([row(1)])]
        org.override = lambda r: batch([], total=1) if "COUNT" in dict(r.query).get("q", "") else None
        assert len(list(connector.changes("Contact", None, []))) == 1
        org.queries = [busy]
        with pytest.raises(error) as caught:
            list(connector.changes("Contact", None, []))
    if isinstance(caught.value, RateLimitedError):
        assert caught.value.retry_at is not None
        assert caught.value.retry_at > clock.now()
    assert 0 < sum(clock.slept) < 60


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(403, "API_DISABLED_FOR_ORG"), AccessError),
        (refused(403, "CLIENT_NOT_ACCESSIBLE_FOR_USER"), AccessError),
        (Answer(403, HTML), AccessError),
        (refused(410, "UNSUPPORTED_API_VERSION"), ConfigError),
        (Answer(404, HTML), ProtocolError),
        (refused(414, "URI_TOO_LONG"), ProtocolError),
        (Answer(301, {}, {"location": "https://evil.example"}), ProtocolError),
        (Answer(how="cut"), UnavailableError),
    ],
)
def test_a_refusal_of_the_whole_connection_is_named(
    org: ScriptedOrg, answer: Answer, error: type[SynclineError]
) -> None:
    org.override = lambda request: answer if request.path.startswith(DATA) else None
    with pytest.raises(error):
        fetch(org)


# Who we are


SOBJECTS = [
    {"name": "Account", "queryable": True, "createable": True, "updateable": True},
    {"name": "Contact", "queryable": True, "createable": False, "updateable": True},
    {"name": "User", "queryable": True},
]


@pytest.mark.proves("C3")
def test_check_lists_what_is_missing(org: ScriptedOrg) -> None:
    who = {"organization_id": "00D1", "preferred_username": "sync@example.org"}
    answers = {
        f"{DATA}/sobjects": Answer(body={"sobjects": SOBJECTS}),
        "/services/oauth2/userinfo": Answer(body=who),
    }
    org.override = lambda request: answers.get(request.path)
    with connected(org) as connector:
        report = connector.check()
    assert (report.account, report.user) == ("00D1", "sync@example.org")
    assert report.readable == ("Account", "Contact", "User")
    assert report.writable == ("Account",)
    assert set(report.missing) == {
        "Account.Name: read",  # the scripted fields are those of a contact
        "Contact: create",
        "Lead: read",
        "Lead: create",
        "Lead: edit",
        "Opportunity: read",
        "Opportunity: create",
        "Opportunity: edit",
        "OpportunityContactRole: read",
        "OpportunityContactRole: create",
        "OpportunityContactRole: edit",
    }
    assert not set(report.granted) & set(report.missing)


def test_check_goes_on_where_the_app_may_not_ask_who_it_is(org: ScriptedOrg) -> None:
    answers = {
        f"{DATA}/sobjects": Answer(body={"sobjects": SOBJECTS}),
        "/services/oauth2/userinfo": Answer(403, b"no"),
    }
    org.override = lambda request: answers.get(request.path)
    with connected(org) as connector:
        report = connector.check()
    assert report.account == "127.0.0.1"
    assert any("openid" in each for each in report.missing)


@pytest.mark.parametrize("body", [{}, [], {"sobjects": {}}])
def test_check_of_another_form_is_a_protocol_error(org: ScriptedOrg, body: object) -> None:
    org.override = lambda r: Answer(body=body) if r.path.endswith("/sobjects") else None
    with connected(org) as connector, pytest.raises(ProtocolError):
        connector.check()
