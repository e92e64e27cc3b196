"""Tokens of the Salesforce sandbox, over HTTP."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.contract.salesforce_consent import WebApp, error_of
from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture(autouse=True)
def signed_in(org: SalesforceOrg) -> None:
    org.control("/clock", now=datetime.now(UTC).isoformat())
    org.control("/tokens", lifetime=7200)
    org.control("/limits", max=100_000, used=0)
    org.sign_in()


def ask(org: SalesforceOrg, headers: dict[str, str] | None = None, **form: str) -> httpx2.Response:
    return httpx2.post(f"{org.sandbox.base_url}/services/oauth2/token", data=form, headers=headers)


def assertion(org: SalesforceOrg, key: str | None = None, **claims: Any) -> str:
    held = org.sandbox.credentials
    whole = {
        "iss": held["client_id"],
        "sub": held["username"],
        "aud": "https://login.salesforce.com",
        "exp": datetime.now(UTC) + timedelta(minutes=3),
    }
    return jwt.encode({**whole, **claims}, key or held["private_key"], algorithm="RS256")


def test_the_reply_has_the_keys_of_the_service_and_no_expiry(org: SalesforceOrg) -> None:
    held = org.sandbox.credentials
    secret = {"client_id": held["client_id"], "client_secret": held["client_secret"]}
    reply = ask(org, grant_type="client_credentials", **secret)
    body = reply.json()
    assert reply.status_code == 200
    assert set(body) == {
        "access_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    }
    assert isinstance(body["issued_at"], str)
    assert body["issued_at"].isdigit()
    assert body["instance_url"] == org.sandbox.base_url
    assert body["token_type"] == "Bearer"
    assert len(body["id"].rsplit("/", 2)[1]) == 18


def test_client_credentials_may_come_in_the_header(org: SalesforceOrg) -> None:
    held = org.sandbox.credentials
    pair = base64.b64encode(f"{held['client_id']}:{held['client_secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}"}
    assert ask(org, headers, grant_type="client_credentials").status_code == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "wrong"}, "invalid_client_id"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": JWT_BEARER, "assertion": "no.jwt"}, "invalid_grant"),
    ],
)
def test_refused_token_requests_have_an_object_as_body(
    org: SalesforceOrg, change: dict[str, str], error: str
) -> None:
    held = org.sandbox.credentials
    form = {"grant_type": "client_credentials"}
    form |= {"client_id": held["client_id"], "client_secret": held["client_secret"]}
    reply = ask(org, None, **{**form, **change})
    assert reply.status_code == 400
    assert reply.json()["error"] == error
    assert reply.json()["error_description"]


def test_a_signed_assertion_brings_a_token_that_works(org: SalesforceOrg) -> None:
    reply = ask(org, grant_type=JWT_BEARER, assertion=assertion(org))
    headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
    assert org.call("GET", "limits", headers=headers).status_code == 200
    assert (
        ask(org, grant_type=JWT_BEARER, assertion=assertion(org, aud=org.sandbox.base_url)).status_code == 200
    )


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"aud": "https://elsewhere.example"}, "Audience validation failed"),
        ({"sub": "nobody@org.example"}, "user hasn't approved this consumer"),
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, "expired authorization code"),
    ],
)
def test_an_assertion_that_says_the_wrong_thing_is_refused(
    org: SalesforceOrg, claims: dict[str, Any], says: str
) -> None:
    reply = ask(org, grant_type=JWT_BEARER, assertion=assertion(org, **claims))
    assert (reply.status_code, reply.json()) == (400, {"error": "invalid_grant", "error_description": says})


def test_an_assertion_signed_by_another_key_is_refused(org: SalesforceOrg) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    reply = ask(org, grant_type=JWT_BEARER, assertion=assertion(org, other.decode()))
    assert reply.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_an_inactive_user_gets_no_token(org: SalesforceOrg) -> None:
    user = org.sandbox.control("POST", "/records/User", {"LastName": "Gone", "Username": "gone@org.example"})
    reply = ask(org, grant_type=JWT_BEARER, assertion=assertion(org, sub="gone@org.example"))
    assert user["IsActive"] is False
    assert reply.json()["error_description"] == "inactive user"


@pytest.mark.parametrize("header", [{"Authorization": "Bearer nonsense"}, {"Authorization": ""}])
def test_without_a_valid_token_the_answer_is_an_array_and_401(
    org: SalesforceOrg, header: dict[str, str]
) -> None:
    reply = org.call("GET", "limits", headers=header)
    assert refusal(reply) == (401, "INVALID_SESSION_ID", "Session expired or invalid", None)
    assert "sforce-limit-info" not in reply.headers


def test_another_kind_of_authorisation_is_an_invalid_header(org: SalesforceOrg) -> None:
    reply = org.call("GET", "limits", headers={"Authorization": "Basic eDp5"})
    assert refusal(reply)[:2] == (401, "INVALID_AUTH_HEADER")


def test_tokens_end_with_their_lifetime_or_when_told(org: SalesforceOrg) -> None:
    org.control("/tokens", lifetime=60)
    org.sign_in()
    org.control("/clock", advance=59)
    assert org.call("GET", "limits").status_code == 200
    org.control("/clock", advance=2)
    assert org.call("GET", "limits").status_code == 401
    org.sign_in()
    org.control("/tokens", expire=True)
    assert org.call("GET", "limits").status_code == 401


def test_a_revoked_token_is_of_no_use(org: SalesforceOrg) -> None:
    token = org.http.headers["authorization"].removeprefix("Bearer ")
    url = f"{org.sandbox.base_url}/services/oauth2/revoke"
    assert httpx2.post(url, data={"token": token}).status_code == 200
    assert org.call("GET", "limits").status_code == 401
    assert httpx2.post(url, data={"token": token}).json()["error"] == "invalid_token"


def test_userinfo_and_the_identity_address_tell_who_holds_the_token(org: SalesforceOrg) -> None:
    info = org.http.get("/services/oauth2/userinfo").json()
    assert info["preferred_username"] == org.sandbox.credentials["username"]
    identity = org.http.get(info["sub"].removeprefix(org.sandbox.base_url)).json()
    assert identity["user_id"] == info["user_id"]
    assert identity["urls"]["query"] == f"{org.sandbox.base_url}/services/data/v{{version}}/query/"
    stranger = httpx2.get(f"{org.sandbox.base_url}/services/oauth2/userinfo")
    assert (stranger.status_code, stranger.text) == (403, "Bad_OAuth_Token")


def test_every_authorised_reply_tells_the_usage(org: SalesforceOrg) -> None:
    org.control("/limits", max=1000, used=10)
    assert org.call("GET", "limits").headers["sforce-limit-info"] == "api-usage=11/1000"
    assert org.call("GET", "sobjects/Nope").headers["sforce-limit-info"] == "api-usage=12/1000"
    org.http.get("/services/data")
    assert org.call("GET", "limits").json()["DailyApiRequests"] == {"Max": 1000, "Remaining": 987}


def test_a_used_up_allocation_refuses_until_the_window_moves_on(org: SalesforceOrg) -> None:
    org.control("/limits", max=2, used=1)
    assert org.call("GET", "limits").status_code == 200
    refused = org.call("GET", "limits")
    assert refusal(refused)[:3] == (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    assert refused.headers["sforce-limit-info"] == "api-usage=2/2"
    org.control("/clock", advance=25 * 3600)
    org.sign_in()
    assert org.call("GET", "limits").status_code == 200


def test_client_credentials_need_a_user_to_run_as(org: SalesforceOrg) -> None:
    app = WebApp.another(org)
    refused = app.ask(grant_type="client_credentials")
    assert error_of(refused) == ("invalid_grant", "no client credentials user enabled")
    user = org.sandbox.control("POST", "/records/User", {"LastName": "Runner", "IsActive": True})["Id"]
    app.set(run_as=user)
    body = app.ask(grant_type="client_credentials").json()
    assert body["id"].rsplit("/", 1)[1] == user
    assert "refresh_token" not in body
    assert "refresh_token" not in body["scope"].split()


def test_users_may_have_to_approve_an_app_before_it_can_assert_to_be_them(org: SalesforceOrg) -> None:
    app = WebApp(org)
    user = org.sandbox.control(
        "POST", "/records/User", {"LastName": "Asked", "Username": "asked@org.example", "IsActive": True}
    )["Id"]
    app.set(preauthorised=False)
    try:
        signed = assertion(org, sub="asked@org.example")
        refused = ask(org, grant_type=JWT_BEARER, assertion=signed)
        assert error_of(refused) == ("invalid_grant", "user hasn't approved this consumer")
        app.tokens(user)
        assert ask(org, grant_type=JWT_BEARER, assertion=signed).status_code == 200
    finally:
        app.set(preauthorised=True)


def test_how_long_an_assertion_may_be_valid_can_be_bounded(org: SalesforceOrg) -> None:
    far = assertion(org, exp=datetime.now(UTC) + timedelta(hours=1))
    assert ask(org, grant_type=JWT_BEARER, assertion=far).status_code == 200
    app = WebApp(org)
    app.set(longest_assertion=180)
    try:
        assert error_of(ask(org, grant_type=JWT_BEARER, assertion=far))[0] == "invalid_grant"
        assert ask(org, grant_type=JWT_BEARER, assertion=assertion(org)).status_code == 200
    finally:
        app.set(longest_assertion=None)


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"client_id": "nobody"}, "no connected app"),
        ({"colour": "blue"}, "no setting colour"),
        ({"client_secret": "mine"}, "no setting client_secret"),
        ({"callbacks": "x"}, "callbacks"),
        ({"rotation": "yes"}, "rotation"),
        ({"create": True, "rotation": "yes"}, "rotation"),
        ({"wrong_verifier": "shrug"}, "wrong_verifier"),
        ({"run_as": "005000000000000AAA"}, "no User"),
    ],
)
def test_a_setting_an_app_cannot_have_is_refused(org: SalesforceOrg, wish: dict[str, Any], says: str) -> None:
    reply = httpx2.post(f"{org.sandbox.control_url}/connected_app", json=wish)
    assert reply.status_code == 400
    assert says in reply.json()["error"]


def test_an_instance_must_be_an_address(org: SalesforceOrg) -> None:
    reply = httpx2.post(f"{org.sandbox.control_url}/instance", json={"url": "elsewhere"})
    assert (reply.status_code, reply.json()) == (400, {"error": "url must be an http address"})
