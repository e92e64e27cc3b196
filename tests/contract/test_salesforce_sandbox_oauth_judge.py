"""A published OAuth client and the Salesforce sandbox understand each other."""

from collections.abc import Iterator
from typing import Any

import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client

from tests.contract.salesforce_consent import CALLBACK, ConsentPage
from tests.contract.salesforce_org import SalesforceOrg, open_org


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture(params=["client_secret_basic", "client_secret_post"])
def client(org: SalesforceOrg, request: pytest.FixtureRequest) -> Iterator[Any]:
    held = org.sandbox.credentials
    with OAuth2Client(
        held["client_id"],
        held["client_secret"],
        scope="api refresh_token",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method=request.param,
        base_url=org.sandbox.base_url,
    ) as made:
        yield made


def allowed(org: SalesforceOrg, client: Any, verifier: str) -> tuple[str, str]:
    """Where the user comes back to, and the state the client had sent."""
    root = f"{org.sandbox.base_url}/services/oauth2"
    address, state = client.create_authorization_url(f"{root}/authorize", code_verifier=verifier)
    return ConsentPage(org.http.get(address)).press("allow").headers["location"], state


def test_sign_in_refresh_and_revocation(org: SalesforceOrg, client: Any) -> None:
    root = f"{org.sandbox.base_url}/services/oauth2"
    verifier = generate_token(48)
    back, state = allowed(org, client, verifier)
    token = client.fetch_token(
        f"{root}/token", authorization_response=back, state=state, code_verifier=verifier
    )
    assert token["scope"] == "api refresh_token"
    assert client.get("/services/data/v60.0/limits").status_code == 200
    refreshed = client.refresh_token(f"{root}/token")
    assert refreshed["access_token"] != token["access_token"]
    assert refreshed["refresh_token"] == token["refresh_token"]
    assert client.get("/services/data/v60.0/limits").status_code == 200
    assert client.introspect_token(f"{root}/introspect", token=refreshed["access_token"]).json()["active"]
    revoked = client.revoke_token(
        f"{root}/revoke", token=refreshed["refresh_token"], token_type_hint="refresh_token"
    )
    assert revoked.status_code == 200
    assert client.get("/services/data/v60.0/limits").status_code == 401
    with pytest.raises(OAuthError) as refused:
        client.refresh_token(f"{root}/token")
    assert refused.value.error == "invalid_grant"


def test_rotation_is_followed(org: SalesforceOrg, client: Any) -> None:
    org.control("/connected_app", rotation=True)
    verifier = generate_token(48)
    back, state = allowed(org, client, verifier)
    token_url = f"{org.sandbox.base_url}/services/oauth2/token"
    first = client.fetch_token(token_url, authorization_response=back, state=state, code_verifier=verifier)
    second = client.refresh_token(token_url)
    third = client.refresh_token(token_url)
    org.control("/connected_app", rotation=False)
    assert len({each["refresh_token"] for each in (first, second, third)}) == 3


def test_another_verifier_is_refused(org: SalesforceOrg, client: Any) -> None:
    back, state = allowed(org, client, generate_token(48))
    token_url = f"{org.sandbox.base_url}/services/oauth2/token"
    with pytest.raises(OAuthError) as refused:
        client.fetch_token(
            token_url, authorization_response=back, state=state, code_verifier=generate_token(48)
        )
    assert refused.value.error == "invalid_request"
