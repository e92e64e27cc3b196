"""The consent page of the Apollo sandbox: what it shows, where it sends people, and what it refuses to ask."""

import base64
import hashlib
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import answer
from tests.contract.salesforce_consent import ConsentPage

LOOPBACK = "http://127.0.0.1:8717/back"
REGISTERED = "https://syncline.example/oauth/callback"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


def origin(sandbox: RunningSandbox) -> str:
    parts = urlsplit(sandbox.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def send_user(sandbox: RunningSandbox, **changed: str | None) -> httpx2.Response:
    """What the user's browser is shown; None leaves a parameter out."""
    asked = {
        "response_type": "code",
        "client_id": sandbox.credentials["client_id"],
        "redirect_uri": LOOPBACK,
        "scope": "contact_read",
        "state": "s&1",
    }
    params = {name: value for name, value in {**asked, **changed}.items() if value is not None}
    return httpx2.get(f"{origin(sandbox)}/oauth/authorize", params=params)


def told(response: httpx2.Response) -> dict[str, str]:
    """What the app is told by the address its user is sent back to."""
    assert response.status_code == 302, response.text
    query = urlsplit(response.headers["location"]).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def exchange(sandbox: RunningSandbox, code: str, redirect_uri: str = LOOPBACK) -> httpx2.Response:
    app = {name: str(sandbox.credentials[name]) for name in ("client_id", "client_secret")}
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, **app}
    return httpx2.post(f"{sandbox.base_url}/oauth/token", data=form)


def test_the_hash_page_goes_on_by_a_script_of_its_own_and_runs_no_other(sandbox: RunningSandbox) -> None:
    page = httpx2.get(f"{origin(sandbox)}/")
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    assert "#/oauth/authorize?" in script
    assert 'data-plain="/oauth/authorize"' in page.text
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.headers["content-security-policy"]


def test_the_page_shows_what_is_asked_for_and_by_whom(sandbox: RunningSandbox) -> None:
    reply = send_user(sandbox)
    assert "127.0.0.1:8717" in reply.text
    for scope in ("contact_read", "read_user_profile", "app_scopes"):
        assert f"<code>{scope}</code>" in reply.text
    page = ConsentPage(reply)
    assert [button["value"] for button in page.buttons] == ["allow", "deny"]
    assert page.users
    assert "script" not in page.tags


def test_without_a_scope_all_of_the_app_is_asked_for(sandbox: RunningSandbox) -> None:
    assert "<code>contacts_search</code>" in send_user(sandbox, scope=None).text


@pytest.mark.parametrize("redirect_uri", [LOOPBACK, REGISTERED, "http://localhost:9/x?tab=1"])
def test_a_yes_brings_a_code_that_is_good_once_for_that_address(
    sandbox: RunningSandbox, redirect_uri: str
) -> None:
    page = ConsentPage(send_user(sandbox, redirect_uri=redirect_uri))
    back = told(page.press("allow"))
    assert back["state"] == "s&1"
    assert answer(exchange(sandbox, back["code"], f"{LOOPBACK}/other"), 400)["error"] == "invalid_grant"
    pair = answer(exchange(sandbox, back["code"], redirect_uri))
    assert pair["scope"] == "contact_read read_user_profile app_scopes"
    assert answer(exchange(sandbox, back["code"], redirect_uri), 400)["error"] == "invalid_grant"


def test_the_token_acts_as_the_user_who_pressed(sandbox: RunningSandbox) -> None:
    page = ConsentPage(send_user(sandbox))
    user = page.users[-1]
    pair = answer(exchange(sandbox, told(page.press("allow", user=user))["code"]))
    headers = {"authorization": f"Bearer {pair['access_token']}"}
    assert answer(httpx2.get(f"{sandbox.base_url}/users/api_profile", headers=headers))["id"] == user


def test_a_no_comes_back_as_a_status_and_may_lose_the_state(sandbox: RunningSandbox) -> None:
    back = told(ConsentPage(send_user(sandbox)).press("deny"))
    assert back.keys() == {"status_code", "error_message", "state"}
    assert back["status_code"] == "403"
    sandbox.control("POST", "/doubts", {"denial_keeps_state": False})
    try:
        assert "state" not in told(ConsentPage(send_user(sandbox)).press("deny"))
        assert "state" in told(ConsentPage(send_user(sandbox)).press("allow"))
    finally:
        sandbox.control("POST", "/doubts", {"denial_keeps_state": True})


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "wrong"},
        {"client_id": None},
        {"redirect_uri": "https://elsewhere.example/"},
        {"redirect_uri": "http://127.0.0.1:8717@elsewhere.example/"},
        {"redirect_uri": "http://127.0.0.1:8717/\r\nx-injected: 1"},
        {"redirect_uri": "http://[::1"},
        {"redirect_uri": None},
        {"response_type": "token"},
        {"scope": "everything"},
        {"state": "x" * 5_000},
    ],
)
def test_what_cannot_be_asked_sends_nobody_anywhere(
    sandbox: RunningSandbox, changed: dict[str, str | None]
) -> None:
    reply = send_user(sandbox, **changed)
    assert reply.status_code == 400
    assert "location" not in reply.headers
    assert "cannot be allowed" in reply.text


def test_markup_in_an_address_stays_text(sandbox: RunningSandbox) -> None:
    reply = send_user(sandbox, scope="<script>alert(1)</script>")
    assert "<script>" not in reply.text


def test_a_page_is_answered_once_in_time_and_with_a_button(sandbox: RunningSandbox) -> None:
    page = ConsentPage(send_user(sandbox))
    assert page.press("allow", decision="maybe").status_code == 400
    assert page.press("allow", user="nobody@example.com").status_code == 400
    assert page.press("allow").status_code == 302
    assert page.press("allow").status_code == 400
    late = ConsentPage(send_user(sandbox))
    sandbox.control("POST", "/clock", {"frozen": True})
    sandbox.control("POST", "/clock", {"advance": 901})
    assert late.press("allow").status_code == 400
    sandbox.control("POST", "/clock", {"frozen": False})
    assert ConsentPage(send_user(sandbox)).press("allow", ticket="é\x00").status_code == 400
