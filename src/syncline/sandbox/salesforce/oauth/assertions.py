"""The JWT bearer flow: an app signs that it acts for a user who has agreed beforehand."""

from __future__ import annotations

import math
from typing import Any

from syncline.sandbox.salesforce import signatures
from syncline.sandbox.salesforce.api import Call
from syncline.sandbox.salesforce.apps import ConnectedApp
from syncline.sandbox.salesforce.oauth.clients import demand_active
from syncline.sandbox.salesforce.oauth.forms import OAuthError
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.tables import Document

LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")
LEEWAY = 30  # seconds by which an assertion may be late


def asserted(call: Call, assertion: str) -> tuple[ConnectedApp, str]:
    """The app and the user of an assertion that can be believed. Only the first app has a certificate."""
    org = call.org
    app = org.apps.find(org.apps.first_id)
    if app is None or app.public_key is None:
        raise OAuthError("invalid_grant", "invalid assertion")
    try:
        claims = signatures.claims_of(assertion, app.public_key)
    except signatures.UntrustedError as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error
    if claims.get("iss") != app.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if str(claims.get("aud")).rstrip("/") not in {*LOGIN_HOSTS, call.origin}:
        raise OAuthError("invalid_grant", "Audience validation failed")
    _check_end(org, app, claims)
    return app, _user(org, app, str(claims.get("sub") or claims.get("prn") or "").lower())


def _check_end(org: Org, app: ConnectedApp, claims: dict[str, Any]) -> None:
    ends, now = _end(claims), org.clock.now().timestamp()
    if ends + LEEWAY < now:
        raise OAuthError("invalid_grant", "expired authorization code")
    if app.longest_assertion is not None and ends - LEEWAY > now + app.longest_assertion:
        raise OAuthError("invalid_grant", "the assertion is valid for too long")


def _end(claims: dict[str, Any]) -> float:
    """The end of an assertion; some clients write the number as text."""
    try:
        ends = float(claims["exp"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error
    if not math.isfinite(ends):
        raise OAuthError("invalid_grant", "invalid assertion")
    return ends


def _user(org: Org, app: ConnectedApp, name: str) -> str:
    """Every user has approved the app beforehand, unless its owner leaves that to the consent page."""
    found = next((each for each in org.tables.scan("User") if _name(each) == name), None) if name else None
    user = None if found is None else str(found["Id"])
    if user is None or not (app.preauthorised or org.grants.held(app.client_id, user)):
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    demand_active(org, user)
    return user


def _name(user: Document) -> str:
    return str(user.get("Username", "")).lower()
