"""Who may call the Apollo sandbox: tokens of OAuth, their scopes and rotation, and keys for chosen endpoints."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import answer, client_of

THIRTY_DAYS = 2_592_000
REDIRECT = "https://syncline.example/oauth/callback"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


def exchange(sandbox: RunningSandbox, **form: str) -> httpx2.Response:
    """One call of the token endpoint by the registered app; the form may overrule its secrets."""
    app = {name: str(sandbox.credentials[name]) for name in ("client_id", "client_secret")}
    return httpx2.post(f"{sandbox.base_url}/oauth/token", data={**app, **form})


def refresh(sandbox: RunningSandbox, pair: dict[str, Any], **form: str) -> httpx2.Response:
    return exchange(sandbox, grant_type="refresh_token", refresh_token=pair["refresh_token"], **form)


def granted(sandbox: RunningSandbox, **wish: object) -> dict[str, Any]:
    pair: dict[str, Any] = sandbox.control("POST", "/oauth/grant", wish)
    return pair


def call(
    sandbox: RunningSandbox, pair: dict[str, Any], method: str, path: str, **more: Any
) -> httpx2.Response:
    headers = {"authorization": f"Bearer {pair['access_token']}"}
    return httpx2.request(method, sandbox.base_url + path, headers=headers, **more)


def refused(sandbox: RunningSandbox, pair: dict[str, Any]) -> bool:
    """Whether the access token is turned away as the vendor turns tokens away: in JSON, without limits."""
    response = call(sandbox, pair, "GET", "/users/api_profile")
    if response.status_code == 200:
        return False
    assert answer(response, 401)["error_code"] == "INVALID_ACCESS_TOKEN"
    assert not [name for name in response.headers if name.startswith("x-rate-limit")]
    return True


# --- the token endpoint


def test_a_code_becomes_a_pair_of_tokens_once(sandbox: RunningSandbox) -> None:
    code = granted(sandbox, scopes=["contact_read"], **{"as": "code"})
    form = {"grant_type": "authorization_code", "code": code["code"], "redirect_uri": code["redirect_uri"]}
    response = exchange(sandbox, **form)
    pair = answer(response)
    assert response.headers["cache-control"] == "no-store"
    assert pair.keys() == {
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "scope",
        "created_at",
    }
    assert (pair["token_type"], pair["expires_in"]) == ("Bearer", THIRTY_DAYS)
    assert pair["scope"] == "contact_read read_user_profile app_scopes"
    assert isinstance(pair["created_at"], int)
    assert not refused(sandbox, pair)
    assert answer(exchange(sandbox, **form), 400)["error"] == "invalid_grant"


def test_a_refresh_ends_both_old_tokens(sandbox: RunningSandbox) -> None:
    old = granted(sandbox, scopes=["contact_read"])
    new = answer(refresh(sandbox, old))
    assert new["scope"] == old["scope"]
    assert refused(sandbox, old)
    assert answer(refresh(sandbox, old), 400)["error"] == "invalid_grant"
    assert not refused(sandbox, new)


def test_a_refresh_whose_answer_is_lost_has_happened_all_the_same(sandbox: RunningSandbox) -> None:
    old = granted(sandbox)
    fault = {"kind": "status", "status": 502, "path": "/oauth/token", "count": 1, "after_commit": True}
    sandbox.control("POST", "/faults", fault)
    assert refresh(sandbox, old).status_code == 502
    assert refused(sandbox, old)
    assert answer(refresh(sandbox, old), 400)["error"] == "invalid_grant"


def test_a_refresh_may_narrow_the_scope_and_never_widen_it(sandbox: RunningSandbox) -> None:
    wide = granted(sandbox, scopes=["contact_read", "contacts_search"])
    assert answer(refresh(sandbox, wide, scope="contact_read account_read"), 400)["error"] == "invalid_scope"
    assert not refused(sandbox, wide)
    narrow = answer(refresh(sandbox, wide, scope="contact_read"))
    assert narrow["scope"] == "contact_read read_user_profile app_scopes"
    assert call(sandbox, narrow, "POST", "/contacts/search", json={}).status_code == 403
    assert answer(refresh(sandbox, narrow, scope="contacts_search"), 400)["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "redirect_uri": REDIRECT}, 400, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": REDIRECT}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "é\x00"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token", "client_id": "é"}, 401, "invalid_client"),
    ],
)
def test_what_the_token_endpoint_refuses(
    sandbox: RunningSandbox, form: dict[str, str], status: int, error: str
) -> None:
    refusal = answer(exchange(sandbox, **form), status)
    assert refusal.keys() == {"error", "error_description"}
    assert refusal["error"] == error


def test_the_token_endpoint_reads_forms_only(sandbox: RunningSandbox) -> None:
    body = {**sandbox.credentials, "grant_type": "refresh_token", "refresh_token": "x"}
    refusal = httpx2.post(f"{sandbox.base_url}/oauth/token", json=body)
    assert answer(refusal, 401)["error"] == "invalid_client"


def test_a_code_is_good_for_its_redirect_url_alone_and_for_ten_minutes(sandbox: RunningSandbox) -> None:
    sandbox.control("POST", "/clock", {"frozen": True})
    code = granted(sandbox, **{"as": "code"})
    form = {"grant_type": "authorization_code", "code": code["code"]}
    elsewhere = exchange(sandbox, **form, redirect_uri="https://elsewhere.example/")
    assert answer(elsewhere, 400)["error"] == "invalid_grant"
    sandbox.control("POST", "/clock", {"advance": 600})
    late = exchange(sandbox, **form, redirect_uri=code["redirect_uri"])
    sandbox.control("POST", "/clock", {"frozen": False})
    assert answer(late, 400)["error"] == "invalid_grant"


# --- what a token may do


def test_a_token_acts_as_the_user_who_granted_it(sandbox: RunningSandbox) -> None:
    with client_of(sandbox) as http:
        users = answer(http.get("/users/search"))["users"]
        by_key = answer(http.get("/users/api_profile"))["id"]
    pair = granted(sandbox, user=users[1]["email"], scopes=["contact_write"])
    assert by_key == users[0]["id"]
    assert answer(call(sandbox, pair, "GET", "/users/api_profile"))["id"] == users[1]["id"]
    body = {"first_name": "Owned", "label_names": ["By token"]}
    made = answer(call(sandbox, pair, "POST", "/contacts", json=body))
    assert made["contact"]["owner_id"] == made["labels"][0]["user_id"] == users[1]["id"]


def test_a_token_of_a_user_who_left_is_worth_nothing(sandbox: RunningSandbox) -> None:
    user = sandbox.control("POST", "/records/users", {"first_name": "Leaver", "email": "leaver@example.com"})
    pair = granted(sandbox, user=user["id"])
    assert not refused(sandbox, pair)
    sandbox.control("POST", f"/records/users/{user['id']}", {"deleted": True})
    assert refused(sandbox, pair)


@pytest.mark.parametrize(
    ("scope", "method", "path", "name"),
    [
        ("contact_read", "GET", "/contacts/66e34b81740c50074e3d1bd4", "api/v1/contacts/show"),
        ("contact_write", "POST", "/contacts", "api/v1/contacts/create"),
        ("contacts_search", "POST", "/contacts/search", "api/v1/contacts/search"),
        ("contacts_bulk_create", "POST", "/contacts/bulk_create", "api/v1/contacts/bulk_create"),
        ("contacts_bulk_update", "POST", "/contacts/bulk_update", "api/v1/contacts/bulk_update"),
        ("contact_stages_update", "POST", "/contacts/update_stages", "api/v1/contacts/update_stages"),
        ("contact_owners_update", "POST", "/contacts/update_owners", "api/v1/contacts/update_owners"),
        ("contact_stages_list", "GET", "/contact_stages", "api/v1/contact_stages/index"),
        ("account_bulk_create", "POST", "/accounts/bulk_create", "api/v1/accounts/bulk_create"),
        ("account_stages_update", "POST", "/accounts/bulk_update", "api/v1/accounts/bulk_update"),
        ("users_list", "GET", "/users/search", "api/v1/users/search"),
        ("custom_fields_list", "GET", "/fields", "api/v1/fields/index"),
        ("custom_field_write", "POST", "/fields", "api/v1/fields/create"),
        ("tags_list", "GET", "/labels", "api/v1/labels/index"),
        ("lists_create", "POST", "/labels", "api/v1/labels/create"),
        (
            "api_usage_stats_read",
            "POST",
            "/usage_stats/api_usage_stats",
            "api/v1/usage_stats/api_usage_stats",
        ),
    ],
)
def test_each_operation_needs_its_scope(
    sandbox: RunningSandbox, scope: str, method: str, path: str, name: str
) -> None:
    other = "account_read" if scope != "account_read" else "contact_read"
    refusal = call(sandbox, granted(sandbox, scopes=[other]), method, path)
    assert answer(refusal, 403) == {
        "error": f"{name} is not accessible with this access token",
        "error_code": "API_INACCESSIBLE",
    }
    assert "x-rate-limit-minute" not in refusal.headers
    allowed = call(sandbox, granted(sandbox, scopes=[scope]), method, path)
    assert allowed.status_code in {200, 422}
    assert "x-rate-limit-minute" in allowed.headers


def test_no_token_may_delete_a_contact(sandbox: RunningSandbox) -> None:
    refusal = call(sandbox, granted(sandbox), "DELETE", "/contacts/66e34b81740c50074e3d1bd4")
    assert answer(refusal, 403) == {
        "error": "api/v1/contacts/destroy is not accessible with this access token",
        "error_code": "API_INACCESSIBLE",
    }


def test_health_knows_tokens(sandbox: RunningSandbox) -> None:
    pair = granted(sandbox)
    assert answer(call(sandbox, pair, "GET", "/auth/health"))["is_logged_in"] is True
    unknown = call(sandbox, {"access_token": "wrong"}, "GET", "/auth/health")
    assert answer(unknown)["is_logged_in"] is False


def test_tokens_and_keys_share_the_windows_of_the_team(sandbox: RunningSandbox) -> None:
    sandbox.control("POST", "/limits", {"plan": "organization"})
    with client_of(sandbox) as http:
        assert http.get("/labels").headers["x-minute-usage"] == "1"
    assert call(sandbox, granted(sandbox), "GET", "/labels").headers["x-minute-usage"] == "2"
    sandbox.control("POST", "/limits", {"plan": "demo"})


# --- the end of tokens


def test_an_access_token_ends_after_thirty_days_and_can_be_refreshed(sandbox: RunningSandbox) -> None:
    sandbox.control("POST", "/clock", {"frozen": True})
    pair = granted(sandbox)
    sandbox.control("POST", "/clock", {"advance": THIRTY_DAYS - 1})
    assert not refused(sandbox, pair)
    sandbox.control("POST", "/clock", {"advance": 1})
    assert refused(sandbox, pair)
    assert not refused(sandbox, answer(refresh(sandbox, pair)))
    sandbox.control("POST", "/clock", {"frozen": False})


def test_tokens_of_one_user_are_expired_or_revoked_by_a_switch(sandbox: RunningSandbox) -> None:
    with client_of(sandbox) as http:
        first, second = (user["id"] for user in answer(http.get("/users/search"))["users"][:2])
    one, two = granted(sandbox, user=first), granted(sandbox, user=second)
    sandbox.control("POST", "/oauth/expire", {"user": second})
    assert [refused(sandbox, pair) for pair in (one, two)] == [False, True]
    two = answer(refresh(sandbox, two))
    sandbox.control("POST", "/oauth/revoke", {"user": second})
    assert [refused(sandbox, pair) for pair in (one, two)] == [False, True]
    assert answer(refresh(sandbox, two), 400)["error"] == "invalid_grant"
    sandbox.control("POST", "/oauth/revoke", {})
    assert refused(sandbox, one)


@pytest.mark.parametrize(
    "wish",
    [
        {"user": "nobody@example.com"},
        {"user": 7},
        {"scopes": ["everything"]},
        {"scopes": "contact_read"},
        {"as": "magic"},
        {"as": "code", "redirect_uri": "https://elsewhere.example/"},
    ],
)
def test_a_grant_that_cannot_be_is_explained(sandbox: RunningSandbox, wish: dict[str, object]) -> None:
    response = httpx2.post(f"{sandbox.control_url}/oauth/grant", json=wish)
    assert answer(response, 400).keys() == {"error"}


def test_tokens_outlive_a_kill_and_cannot_be_read_out_of_the_state(tmp_path: Path) -> None:
    path = tmp_path / "apollo.sqlite3"
    first = start_sandbox("apollo", state=str(path))
    spent, pair = granted(first), granted(first, scopes=["contact_read"])
    spent_by = answer(refresh(first, spent))
    code = granted(first, **{"as": "code"})
    first.kill()
    kept = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    held = [spent_by["access_token"], pair["refresh_token"], code["code"]]
    assert not [secret for secret in held if secret.encode() in kept]
    with start_sandbox("apollo", state=str(path)) as second:
        assert second.credentials == first.credentials
        assert [refused(second, one) for one in (pair, spent_by, spent)] == [False, False, True]
        form = {"code": code["code"], "redirect_uri": code["redirect_uri"]}
        assert not refused(second, answer(exchange(second, grant_type="authorization_code", **form)))


# --- keys


def test_a_key_is_made_for_the_endpoints_it_is_given(sandbox: RunningSandbox) -> None:
    made = sandbox.control("POST", "/keys", {"endpoints": ["api/v1/labels/index"]})
    headers = {"x-api-key": made["key"]}
    assert httpx2.get(f"{sandbox.base_url}/labels", headers=headers).status_code == 200
    refusal = httpx2.get(f"{sandbox.base_url}/users/search", headers=headers)
    assert answer(refusal, 403) == {
        "error": "This API key is not authorized to access api/v1/users/search. Request an API key from "
        "your administrator that includes this endpoint in its configured scope.",
        "error_code": "API_INACCESSIBLE",
    }
    unknown = httpx2.post(f"{sandbox.control_url}/keys", json={"endpoints": ["api/v1/everything"]})
    assert "api/v1/labels/index" in answer(unknown, 400)["error"]


def test_phone_calls_are_for_master_keys_whatever_a_key_was_given(sandbox: RunningSandbox) -> None:
    url = f"{sandbox.base_url}/phone_calls/search"
    given = sandbox.control("POST", "/keys", {"endpoints": ["api/v1/phone_calls/search"]})
    refusal = answer(httpx2.get(url, headers={"x-api-key": given["key"]}), 403)
    assert "not authorized to access api/v1/phone_calls/search" in refusal["error"]
    master = sandbox.control("POST", "/keys", {"master": True})
    found = answer(httpx2.get(url, headers={"x-api-key": master["key"]}, params={"per_page": 5}))
    assert found["pagination"] == {"page": "1", "per_page": "5", "total_entries": 0, "total_pages": 0}
    assert found["phone_calls"] == []


def test_the_free_plan_may_be_let_search(sandbox: RunningSandbox) -> None:
    pair = granted(sandbox, scopes=["contacts_search"])
    sandbox.control("POST", "/limits", {"plan": "free"})
    text = "This endpoint is only available to Apollo users on paid plans."
    assert answer(call(sandbox, pair, "POST", "/contacts/search", json={}), 403) == {"message": text}
    sandbox.control("POST", "/doubts", {"searches_on_free_plan": True})
    assert call(sandbox, pair, "POST", "/contacts/search", json={}).status_code == 200
    sandbox.control("POST", "/doubts", {"searches_on_free_plan": False})
    sandbox.control("POST", "/limits", {"plan": "demo"})
