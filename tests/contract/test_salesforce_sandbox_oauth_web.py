"""The web server flow of the Salesforce sandbox: the page that asks, the code, and what it is exchanged for."""

import base64
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from tests.contract.salesforce_consent import (
    CALLBACK,
    CHALLENGE,
    VERIFIER,
    ConsentPage,
    WebApp,
    error_of,
    parameters,
)
from tests.contract.salesforce_org import SalesforceOrg, open_org

USED_UP = ("invalid_grant", "expired authorization code")


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture
def app(org: SalesforceOrg) -> WebApp:
    org.control("/clock", now=datetime.now(UTC).isoformat())
    org.sign_in()
    return WebApp.another(org)


def active_users(org: SalesforceOrg) -> dict[str, str]:
    found = org.sandbox.control("GET", "/records/User")["records"]
    return {user.get("Username", ""): user["Id"] for user in found if user["IsActive"]}


def test_the_page_asks_in_plain_html(org: SalesforceOrg, app: WebApp) -> None:
    reply = app.send_user(scope="api refresh_token")
    page = ConsentPage(reply)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html;charset=UTF-8")
    assert page.form == {"method": "post", "action": "/services/oauth2/authorize"}
    assert [button["value"] for button in page.buttons] == ["allow", "deny"]
    assert set(active_users(org).values()) <= set(page.users)
    assert "script" not in page.tags
    assert "<code>refresh_token</code>" in reply.text
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]


def test_whoever_is_hinted_at_is_chosen_beforehand(org: SalesforceOrg, app: WebApp) -> None:
    name = org.sandbox.credentials["username"]
    page = ConsentPage(app.send_user(login_hint=name.upper()))
    assert page.chosen == active_users(org)[name]


def test_a_user_who_has_left_is_not_offered_and_cannot_allow(org: SalesforceOrg, app: WebApp) -> None:
    gone = org.sandbox.control("POST", "/records/User", {"LastName": "Gone"})["Id"]
    page = ConsentPage(app.send_user())
    assert gone not in page.users
    refused = page.press("allow", user=gone)
    assert refused.status_code == 400
    assert "inactive user" in refused.text
    assert page.press("allow").status_code == 302


def test_what_the_app_sends_is_escaped_on_the_page(org: SalesforceOrg, app: WebApp) -> None:
    nasty = '"><script>alert(1)</script>'
    org.sandbox.control("POST", "/records/User", {"LastName": nasty, "IsActive": True})
    for reply in (app.send_user(state=nasty, login_hint=nasty), app.send_user(client_id=nasty)):
        assert "<script" not in reply.text
        assert "script" not in ConsentPage(reply).tags


def test_allowing_brings_the_code_and_the_state_back(app: WebApp) -> None:
    told = parameters(ConsentPage(app.send_user()).press("allow"))
    assert set(told) == {"code", "state"}
    assert told["state"] == "s&1"
    assert told["code"].endswith("==")


def test_denying_brings_an_error_and_the_state_back(app: WebApp) -> None:
    told = parameters(ConsentPage(app.send_user()).press("deny"))
    assert (told["error"], told["state"]) == ("access_denied", "s&1")
    assert "code" not in told


def test_an_app_that_sends_no_state_gets_none_back(app: WebApp) -> None:
    assert set(parameters(ConsentPage(app.send_user(state=None)).press("allow"))) == {"code"}


def test_parameters_join_those_the_callback_has(app: WebApp) -> None:
    page = ConsentPage(app.send_user(redirect_uri=f"{CALLBACK}?tab=1"))
    told = parameters(page.press("allow"))
    assert (told["tab"], set(told)) == ("1", {"tab", "code", "state"})


def test_a_page_is_answered_once_in_time_and_with_its_own_token(org: SalesforceOrg, app: WebApp) -> None:
    page, other = ConsentPage(app.send_user()), ConsentPage(app.send_user())
    assert page.press("allow", token=other.hidden["token"]).status_code == 400
    assert page.press("allow").status_code == 302
    again = page.press("allow")
    assert again.status_code == 400
    assert "location" not in again.headers
    org.control("/clock", advance=15 * 60)
    assert other.press("allow").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/back",
        "https://127.0.0.1/back",
        "http://127.0.0.1.elsewhere.example/back",
        "http://127.0.0.1@elsewhere.example/back",
        "http://elsewhere.example\\@127.0.0.1/back",
        "http://someone@127.0.0.1/back",
        "http://127.0.0.1:99999/back",
        "http://[::1/back",
        "http://127.0.0.1/back#part",
        "http://127.0.0.1/back\r\nset-cookie: a=b",
        "javascript:alert(1)",
        "",
        None,
    ],
)
def test_an_address_that_is_not_the_apps_gets_a_page_and_no_redirect(
    app: WebApp, address: str | None
) -> None:
    reply = app.send_user(redirect_uri=address)
    assert (reply.status_code, reply.headers.get("location")) == (400, None)
    assert "redirect_uri_mismatch" in reply.text


def test_an_app_nobody_knows_gets_a_page_and_no_redirect(app: WebApp) -> None:
    reply = app.send_user(client_id="3MVG9unknown")
    assert (reply.status_code, reply.headers.get("location")) == (400, None)
    assert "invalid_client_id" in reply.text


def test_registered_addresses_are_taken_to_the_letter(app: WebApp) -> None:
    app.set(callbacks=["https://app.example.com/a?x=1"])
    assert app.send_user(redirect_uri="https://app.example.com/a?x=1").status_code == 200
    assert app.send_user(redirect_uri="https://app.example.com/a").status_code == 400
    assert app.send_user(redirect_uri="https://app.example.com/a?x=1/").status_code == 400


@pytest.mark.parametrize("address", ["http://localhost/x", "http://[::1]:4000/", "http://127.0.0.1:1"])
def test_this_machine_is_taken_with_any_port(app: WebApp, address: str) -> None:
    assert app.send_user(redirect_uri=address).status_code == 200


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"scope": "api world"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_other_mistakes_are_told_to_the_app(app: WebApp, asked: dict[str, str | None], error: str) -> None:
    told = parameters(app.send_user(**asked))
    assert (told["error"], told["state"]) == (error, "s&1")


def test_the_tokens_are_those_of_the_user_who_allowed(org: SalesforceOrg, app: WebApp) -> None:
    admin = active_users(org)["admin@org.example.crm"]
    body = app.exchange(app.code(user=admin, scope="refresh_token api")).json()
    names = {
        "access_token",
        "refresh_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    }
    assert set(body) == names
    assert all(isinstance(value, str) for value in body.values())
    assert body["scope"] == "refresh_token api"
    assert body["issued_at"].isdigit()
    assert body["id"].rsplit("/", 1)[1] == admin
    signed = hmac.digest(
        app.held["client_secret"].encode(), (body["id"] + body["issued_at"]).encode(), "sha256"
    )
    assert base64.b64decode(body["signature"]) == signed
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    who = httpx2.get(body["id"], headers=headers).json()
    assert (who["user_id"], who["username"]) == (admin, "admin@org.example.crm")
    made = org.call("POST", "sobjects/Lead", {"LastName": "Of Admin", "Company": "X"}, headers=headers).json()
    assert org.get("Lead", made["id"])["CreatedById"] == admin


def test_without_a_scope_the_app_gets_all_it_may_have(app: WebApp) -> None:
    app.set(scopes=["api", "offline_access"])
    body = app.exchange(app.code()).json()
    assert body["scope"] == "api offline_access"
    assert "refresh_token" in body


def test_only_a_scope_that_asks_for_it_brings_a_refresh_token(app: WebApp) -> None:
    assert "refresh_token" not in app.tokens(scope="api id")
    assert "refresh_token" in app.tokens(scope="offline_access")


def test_a_code_is_good_once(app: WebApp) -> None:
    code = app.code()
    assert app.exchange(code).status_code == 200
    assert error_of(app.exchange(code)) == USED_UP


def test_a_code_is_good_for_a_quarter_of_an_hour(org: SalesforceOrg, app: WebApp) -> None:
    early, late = app.code(), app.code()
    org.control("/clock", advance=14 * 60 + 50)
    assert app.exchange(early).status_code == 200
    org.control("/clock", advance=11)
    assert error_of(app.exchange(late)) == USED_UP


def test_a_code_is_of_no_use_to_another_app(org: SalesforceOrg, app: WebApp) -> None:
    code = app.code()
    assert error_of(WebApp(org).exchange(code)) == USED_UP
    assert app.exchange(code).status_code == 200


def test_a_code_is_of_no_use_with_another_callback_and_used_up_then(app: WebApp) -> None:
    code = app.code()
    assert error_of(app.exchange(code, redirect_uri=f"{CALLBACK}/"))[0] == "redirect_uri_mismatch"
    assert error_of(app.exchange(code)) == USED_UP


def test_a_challenge_is_sha_256_even_if_its_method_is_not_named(app: WebApp) -> None:
    for method in ("S256", None):
        code = app.code(code_challenge=CHALLENGE, code_challenge_method=method)
        assert app.exchange(code, code_verifier=VERIFIER).status_code == 200


def test_a_wrong_and_a_missing_verifier_are_two_errors(app: WebApp) -> None:
    wrong, missing = (app.code(code_challenge=CHALLENGE) for _ in range(2))
    assert error_of(app.exchange(wrong, code_verifier=CHALLENGE))[0] == "invalid_request"
    assert error_of(app.exchange(missing))[0] == "invalid_grant"
    app.set(wrong_verifier="invalid_grant")
    code = app.code(code_challenge=CHALLENGE)
    assert error_of(app.exchange(code, code_verifier=CHALLENGE)) == ("invalid_grant", "invalid code verifier")


def test_a_verifier_nobody_asked_for_is_refused(app: WebApp) -> None:
    assert error_of(app.exchange(app.code(), code_verifier=VERIFIER))[1] == "unexpected code verifier"


def test_an_app_may_have_to_send_a_challenge(app: WebApp) -> None:
    app.set(pkce_required=True)
    assert parameters(app.send_user())["error"] == "invalid_request"
    assert app.send_user(code_challenge=CHALLENGE).status_code == 200


def test_a_secret_is_needed_unless_the_app_is_set_otherwise(app: WebApp) -> None:
    code = app.code()
    assert error_of(app.exchange(code, client_secret=None))[0] == "invalid_client"
    assert app.exchange(code).status_code == 200
    app.set(secret_for_code=False)
    assert app.exchange(app.code(), client_secret=None).status_code == 200
    assert error_of(app.exchange(app.code(), client_secret="wrong"))[0] == "invalid_client"


def test_a_user_who_left_in_between_gets_no_token(org: SalesforceOrg, app: WebApp) -> None:
    user = org.sandbox.control("POST", "/records/User", {"LastName": "Leaver", "IsActive": True})["Id"]
    code = app.code(user=user)
    org.sandbox.control("POST", f"/records/User/{user}", {"IsActive": False})
    assert error_of(app.exchange(code)) == ("invalid_grant", "inactive user")
