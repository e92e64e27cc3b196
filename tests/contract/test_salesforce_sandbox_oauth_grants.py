"""What becomes of a grant in the Salesforce sandbox: refreshed, rotated, one too many, revoked, kept over a kill."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from syncline.connectors import registry
from syncline.connectors.clock import SystemClock
from syncline.connectors.oauth import MemoryTokenStore
from syncline.connectors.salesforce.connector import SalesforceConnector
from syncline.testing.sandboxes import start_sandbox
from tests.contract.salesforce_consent import ConsentPage, WebApp, error_of, parameters
from tests.contract.salesforce_org import SalesforceOrg, open_org

ENDED = ("invalid_grant", "expired access/refresh token")
INVALID = ("invalid_token", "token revoked or invalid")


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture
def app(org: SalesforceOrg) -> WebApp:
    org.control("/clock", now=datetime.now(UTC).isoformat())
    org.control("/tokens", lifetime=7200)
    org.sign_in()
    return WebApp.another(org)


def new_user(org: SalesforceOrg, name: str) -> str:
    made = org.sandbox.control("POST", "/records/User", {"LastName": name, "IsActive": True})
    return str(made["Id"])


def revoke(org: SalesforceOrg, token: str, **fields: str) -> httpx2.Response:
    address = f"{org.sandbox.base_url}/services/oauth2/revoke"
    return httpx2.post(address, data={"token": token, **fields})


def introspect(app: WebApp, token: str, **changed: str) -> httpx2.Response:
    address = f"{app.org.sandbox.base_url}/services/oauth2/introspect"
    return httpx2.post(address, data={**app.held, "token": token, **changed})


def test_a_refresh_brings_another_access_token_and_no_refresh_token(app: WebApp) -> None:
    first = app.tokens(scope="refresh_token api")
    second = app.refresh(first["refresh_token"]).json()
    assert set(second) == set(first) - {"refresh_token"}
    assert second["access_token"] != first["access_token"]
    assert (second["scope"], second["id"]) == (first["scope"], first["id"])
    assert app.works(first["access_token"])
    assert app.works(second["access_token"])
    assert app.refresh(first["refresh_token"]).status_code == 200


def test_a_refresh_token_outlives_its_sessions(org: SalesforceOrg, app: WebApp) -> None:
    first = app.tokens()
    org.control("/clock", advance=7201)
    assert not app.works(first["access_token"])
    assert app.works(app.refresh(first["refresh_token"]).json()["access_token"])


def test_a_scope_asked_for_at_a_refresh_changes_nothing(app: WebApp) -> None:
    first = app.tokens(scope="api refresh_token")
    assert app.refresh(first["refresh_token"], scope="full").json()["scope"] == "api refresh_token"


def test_rotation_replaces_the_refresh_token_and_the_old_one_dies_at_once(app: WebApp) -> None:
    app.set(rotation=True)
    first = app.tokens()
    second = app.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert error_of(app.refresh(first["refresh_token"])) == ENDED
    assert app.works(first["access_token"])
    assert app.refresh(second["refresh_token"]).status_code == 200


def test_a_refresh_needs_the_secret_unless_the_app_is_set_otherwise(app: WebApp) -> None:
    held = app.tokens()["refresh_token"]
    assert error_of(app.refresh(held, client_secret=None))[0] == "invalid_client"
    app.set(secret_for_refresh=False)
    assert app.refresh(held, client_secret=None).status_code == 200
    assert error_of(app.refresh(held, client_secret="wrong"))[0] == "invalid_client"


def test_a_refresh_token_is_of_no_use_to_another_app(org: SalesforceOrg, app: WebApp) -> None:
    held = app.tokens()["refresh_token"]
    assert error_of(WebApp(org).refresh(held)) == ENDED
    assert error_of(app.refresh("5Aep861nobody")) == ENDED
    assert app.refresh(held).status_code == 200


def test_a_user_who_has_left_cannot_be_refreshed(org: SalesforceOrg, app: WebApp) -> None:
    user = new_user(org, "Leaver")
    held = app.tokens(user)["refresh_token"]
    org.sandbox.control("POST", f"/records/User/{user}", {"IsActive": False})
    assert error_of(app.refresh(held)) == ("invalid_grant", "inactive user")


def test_the_sixth_grant_of_a_user_to_an_app_ends_the_oldest(org: SalesforceOrg, app: WebApp) -> None:
    mine, other = new_user(org, "Granter"), new_user(org, "Bystander")
    elsewhere = app.tokens(other)
    given = [app.tokens(mine) for _ in range(5)]
    app.refresh(given[0]["refresh_token"])
    assert all(app.refresh(each["refresh_token"]).status_code == 200 for each in given)
    app.tokens(mine)
    assert error_of(app.refresh(given[0]["refresh_token"])) == ENDED
    assert not app.works(given[0]["access_token"])
    assert app.refresh(given[1]["refresh_token"]).status_code == 200
    assert app.refresh(elsewhere["refresh_token"]).status_code == 200


def test_revoking_a_refresh_token_ends_all_it_has_brought(org: SalesforceOrg, app: WebApp) -> None:
    first, bystander = app.tokens(), app.tokens()
    later = app.refresh(first["refresh_token"]).json()
    reply = revoke(org, first["refresh_token"])
    assert (reply.status_code, reply.content) == (200, b"")
    assert not app.works(first["access_token"])
    assert not app.works(later["access_token"])
    assert error_of(app.refresh(first["refresh_token"])) == ENDED
    assert error_of(revoke(org, first["refresh_token"])) == INVALID
    assert app.works(bystander["access_token"])


def test_revoking_an_access_token_leaves_the_grant(org: SalesforceOrg, app: WebApp) -> None:
    held = app.tokens()
    reply = httpx2.get(
        f"{org.sandbox.base_url}/services/oauth2/revoke", params={"token": held["access_token"]}
    )
    assert (reply.status_code, reply.content) == (200, b"")
    assert not app.works(held["access_token"])
    assert app.refresh(held["refresh_token"]).status_code == 200


def test_what_cannot_be_revoked_is_named(org: SalesforceOrg, app: WebApp) -> None:
    held = app.tokens()
    assert error_of(revoke(org, "nonsense")) == INVALID
    assert (
        error_of(revoke(org, held["access_token"], token_type_hint="session"))[0] == "unsupported_token_type"
    )
    org.control("/tokens", expire=True)
    assert error_of(revoke(org, held["access_token"])) == INVALID


def test_introspection_tells_what_a_token_is_good_for(org: SalesforceOrg, app: WebApp) -> None:
    held = app.tokens(scope="api refresh_token")
    told = introspect(app, held["access_token"]).json()
    assert told["active"] is True
    assert (told["scope"], told["client_id"]) == ("api refresh_token", app.held["client_id"])
    assert (told["sub"], told["token_type"]) == (held["id"], "access_token")
    assert told["iat"] == told["nbf"] == int(held["issued_at"]) // 1000
    assert told["exp"] - told["iat"] == 7200
    assert introspect(app, held["refresh_token"]).json()["token_type"] == "refresh_token"
    revoke(org, held["refresh_token"])
    assert introspect(app, held["access_token"]).json() == {"active": False}
    assert introspect(app, held["refresh_token"]).json() == {"active": False}


def test_introspection_is_for_the_tokens_of_the_app_that_asks(org: SalesforceOrg, app: WebApp) -> None:
    held = app.tokens()
    stranger = WebApp.another(org)
    assert introspect(stranger, held["access_token"]).json() == {"active": False}
    assert introspect(stranger, held["refresh_token"]).json() == {"active": False}
    assert error_of(introspect(app, held["access_token"], client_secret="wrong"))[0] == "invalid_client"


def test_an_administrator_sees_and_ends_grants(org: SalesforceOrg, app: WebApp) -> None:
    user = new_user(org, "Ended")
    mine, others = app.tokens(user), app.tokens()
    listed = org.control("/grants")["grants"]
    assert {"client": app.held["client_id"], "user": user}.items() <= listed[-2].items()
    assert not any("refresh_token" in each for each in listed)
    left = org.control("/grants", revoke=True, user=user)["grants"]
    assert user not in [each["user"] for each in left]
    assert error_of(app.refresh(mine["refresh_token"])) == ENDED
    assert app.refresh(others["refresh_token"]).status_code == 200


def test_an_instance_that_moved_is_named_by_the_next_reply_and_followed(
    org: SalesforceOrg, app: WebApp
) -> None:
    held = app.tokens()
    moved = org.sandbox.base_url.replace("127.0.0.1", "localhost")
    whole = {"system": "salesforce", "base_url": org.sandbox.base_url, "credentials": WebApp(org).held}
    connector = registry.connect(whole, SystemClock(), MemoryTokenStore())
    assert isinstance(connector, SalesforceConnector)
    try:
        connector.check()
        org.control("/instance", url=moved)
        assert app.refresh(held["refresh_token"]).json()["instance_url"] == moved
        assert connector._client.base_url == org.sandbox.base_url
        org.control("/tokens", expire=True)
        connector.check()
        assert connector._client.base_url == moved
    finally:
        org.control("/instance", url=None)
        connector.close()


def test_consents_codes_and_grants_survive_a_kill(tmp_path: Path) -> None:
    state = str(tmp_path / "org.sqlite3")
    running = start_sandbox("salesforce", state=state)
    before = WebApp.another(SalesforceOrg(running), rotation=True)
    held, code, used = before.tokens(), before.code(), before.code()
    before.exchange(used)
    page = ConsentPage(before.send_user())
    rotated = before.refresh(held["refresh_token"]).json()
    before.org.http.close()
    running.kill()
    with start_sandbox("salesforce", state=state, port=running.port) as again:
        after = WebApp(SalesforceOrg(again), before.held)
        assert after.works(held["access_token"])
        assert after.works(rotated["access_token"])
        assert error_of(after.refresh(held["refresh_token"])) == ENDED
        assert after.refresh(rotated["refresh_token"]).status_code == 200
        assert error_of(after.exchange(used))[0] == "invalid_grant"
        fresh = [after.exchange(code).json(), after.exchange(parameters(page.press("allow"))["code"]).json()]
        tokens = [each["access_token"] for each in (held, rotated, *fresh)]
        assert len(set(tokens)) == len(tokens)
        after.org.http.close()


def test_a_reset_takes_back_every_grant_and_gives_no_token_twice(org: SalesforceOrg, app: WebApp) -> None:
    seeded = WebApp(org)
    seeded.set(rotation=True)
    held = seeded.tokens()
    org.sandbox.control("POST", "/reset")
    again = seeded.tokens()
    assert seeded.works(again["access_token"])
    assert not seeded.works(held["access_token"])
    assert error_of(seeded.refresh(held["refresh_token"])) == ENDED
    assert "refresh_token" not in seeded.refresh(again["refresh_token"]).json()
    assert error_of(app.ask(grant_type="client_credentials"))[0] == "invalid_client_id"
