"""Whatever is sent to the OAuth endpoints of the Salesforce sandbox, the answer is one of theirs and never a 500."""

import base64
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx2
import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.salesforce_consent import CALLBACK, ConsentPage, WebApp, error_of
from tests.contract.salesforce_org import SalesforceOrg, open_org

FORM = {"content-type": "application/x-www-form-urlencoded"}
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
POSTED = ("token", "revoke", "introspect")


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture(scope="module")
def app(org: SalesforceOrg) -> WebApp:
    return WebApp(org)


def post(
    org: SalesforceOrg, path: str, body: bytes, headers: dict[str, str] | None = None
) -> httpx2.Response:
    address = f"{org.sandbox.base_url}/services/oauth2/{path}"
    return httpx2.post(address, content=body, headers=FORM if headers is None else headers)


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize(
    "body",
    [
        b"token=a&token=b",
        b"grant_type=refresh_token&grant_type=refresh_token",
        b"token=%ff",
        b"token=\xff\xfe",
        b"token=" + b"x" * 20_000,
        b"&".join(b"p%d=1" % number for number in range(200)),
    ],
)
def test_forms_that_cannot_be_read_are_refused(org: SalesforceOrg, path: str, body: bytes) -> None:
    assert error_of(post(org, path, body))[0] == "invalid_request"


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "", "text/plain"])
def test_only_forms_are_taken(org: SalesforceOrg, path: str, kind: str) -> None:
    reply = post(org, path, b'{"grant_type": "client_credentials"}', {"content-type": kind})
    assert error_of(reply)[0] == "invalid_request"


def test_a_form_may_name_its_charset(app: WebApp) -> None:
    body = f"grant_type=client_credentials&client_id={app.held['client_id']}&client_secret={app.held['client_secret']}"
    kind = {"content-type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8"}
    assert post(app.org, "token", body.encode(), kind).status_code == 200


@pytest.mark.parametrize(
    ("grant_type", "error"),
    [
        ("authorization_code", "invalid_request"),
        ("refresh_token", "invalid_request"),
        ("password", "unsupported_grant_type"),
        ("", "invalid_request"),
        (None, "invalid_request"),
        (JWT_BEARER, "invalid_grant"),
    ],
)
def test_what_is_missing_is_named(app: WebApp, grant_type: str | None, error: str) -> None:
    assert error_of(app.ask(grant_type=grant_type))[0] == error


@pytest.mark.parametrize("coded", ["=", "\xe9", "!!!", base64.b64encode(b"\xff:\xff").decode(), "eDp5"])
def test_a_header_that_names_no_app_is_refused(org: SalesforceOrg, coded: str) -> None:
    headers = {**FORM, "authorization": f"Basic {coded}"}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    address = f"{org.sandbox.base_url}/services/oauth2/token"
    reply = httpx2.post(address, content=b"grant_type=client_credentials", headers=raw)
    assert error_of(reply)[0] == "invalid_client_id"


def test_a_header_and_a_form_must_name_the_same_app(app: WebApp) -> None:
    other = WebApp.another(app.org)
    pair = (app.held["client_id"], app.held["client_secret"])
    address = f"{app.org.sandbox.base_url}/services/oauth2/token"
    form = {"grant_type": "client_credentials", "client_id": other.held["client_id"]}
    assert error_of(httpx2.post(address, data=form, auth=pair))[0] == "invalid_client_id"


@pytest.mark.parametrize("exp", [None, "soon", float("nan"), float("inf"), 10**400, [], True, {"a": 1}])
def test_an_assertion_without_a_usable_end_is_refused(app: WebApp, exp: Any) -> None:
    claims = {"iss": app.held["client_id"], "sub": app.org.sandbox.credentials["username"], "exp": exp}
    payload = json.dumps({**claims, "aud": "https://login.salesforce.com"}).encode()
    signed = jwt.api_jws.encode(payload, app.org.sandbox.credentials["private_key"], "RS256")
    assert error_of(app.ask(grant_type=JWT_BEARER, assertion=signed))[0] == "invalid_grant"


@pytest.mark.parametrize("user", ["", None, 5, []])
def test_an_assertion_that_names_nobody_is_refused(app: WebApp, user: Any) -> None:
    app.org.sandbox.control("POST", "/records/User", {"LastName": "Nameless", "IsActive": True})
    claims = {
        "iss": app.held["client_id"],
        "sub": user,
        "exp": 4_000_000_000,
        "aud": "https://test.salesforce.com",
    }
    payload = json.dumps(claims).encode()
    signed = jwt.api_jws.encode(payload, app.org.sandbox.credentials["private_key"], "RS256")
    said = error_of(app.ask(grant_type=JWT_BEARER, assertion=signed))
    assert said == ("invalid_grant", "user hasn't approved this consumer")


def test_an_assertion_nested_beyond_reason_is_refused(app: WebApp) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 8_000).decode().rstrip("=")
    assert error_of(app.ask(grant_type=JWT_BEARER, assertion=f"{deep}.e30.x"))[0] == "invalid_grant"


@pytest.mark.parametrize(
    "query", ["", "client_id=a&client_id=b", "client_id=%ff", "&".join(f"p{n}=1" for n in range(200))]
)
def test_a_page_is_the_answer_to_a_query_that_cannot_be_read(org: SalesforceOrg, query: str) -> None:
    reply = org.http.get(f"/services/oauth2/authorize?{query}")
    assert (reply.status_code, reply.headers.get("location")) == (400, None)
    assert reply.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"decision=allow",
        b"decision=allow&user=x&request=y&token=z",
        b"decision=deny&request=%00",
        b"\xff",
    ],
)
def test_an_answer_that_came_from_no_page_leads_nowhere(org: SalesforceOrg, body: bytes) -> None:
    reply = post(org, "authorize", body)
    assert (reply.status_code, reply.headers.get("location")) == (400, None)
    assert reply.headers["content-type"].startswith("text/html")


def test_state_and_hint_come_back_as_they_were(app: WebApp) -> None:
    odd = "\u2028 ü\x00\r\nset-cookie: a=b&code=stolen#/%"
    reply = ConsentPage(app.send_user(state=odd, login_hint=odd)).press("allow")
    assert "set-cookie" not in reply.headers
    assert dict(httpx2.QueryParams(reply.headers["location"].partition("?")[2]))["state"] == odd
    assert reply.headers["location"].startswith(f"{CALLBACK}?code=aPrx")


def test_bytes_that_are_no_text_get_an_answer(org: SalesforceOrg) -> None:
    for path in (b"authorize?state=\xff", b"revoke?token=\xff"):
        with socket.create_connection(("127.0.0.1", org.sandbox.port), timeout=10) as raw:
            raw.sendall(
                b"GET /services/oauth2/" + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
            )
            assert b" 400 " in raw.makefile("rb").readline()


NAMES = st.sampled_from([
    "grant_type", "code", "client_id", "client_secret", "redirect_uri", "refresh_token", "token", "assertion",
    "code_verifier", "scope", "state", "response_type", "code_challenge", "user", "decision", "request",
])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    path=st.sampled_from(["authorize", "token", "revoke", "introspect", "userinfo", "nowhere"]),
    fields=st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=30)),
    known=st.booleans(),
)
def test_anything_at_all_is_answered(
    org: SalesforceOrg, app: WebApp, method: str, path: str, fields: dict[str, str], known: bool
) -> None:
    whole = {**fields, **app.held, "redirect_uri": CALLBACK} if known else fields
    address = f"{org.sandbox.base_url}/services/oauth2/{path}"
    body = urlencode(whole) if method == "POST" else ""
    query = None if method == "POST" else whole
    reply = httpx2.request(method, address, content=body, params=query, headers=FORM)
    assert reply.status_code < 500
