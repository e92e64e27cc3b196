"""Which app asks, and whether it may: by a header, or by fields of the form."""

from __future__ import annotations

import base64
import binascii

from syncline.sandbox.salesforce.api import Call
from syncline.sandbox.salesforce.apps import ConnectedApp
from syncline.sandbox.salesforce.oauth.forms import OAuthError
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.tables import Document


def claimed_app(call: Call, form: dict[str, str]) -> tuple[ConnectedApp, str]:
    """The app that a request says it comes from, and the secret it gives, which nobody has looked at yet."""
    client, secret = _basic(call) or (form.get("client_id", ""), form.get("client_secret", ""))
    app = call.org.apps.find(client)
    if app is None or form.get("client_id", client) != client:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    return app, secret


def proven_app(call: Call, form: dict[str, str]) -> ConnectedApp:
    """The app that a request comes from."""
    app, secret = claimed_app(call, form)
    demand_secret(app, secret, needed=True)
    return app


def demand_secret(app: ConnectedApp, secret: str, *, needed: bool) -> None:
    """Refuse a wrong secret, and none where one is needed."""
    if (secret or needed) and not app.knows(secret):
        raise OAuthError("invalid_client", "invalid client credentials")


def demand_active(org: Org, user: str) -> Document:
    """The user, who must be able to sign in."""
    found = org.tables.fetch("User", user)
    if found is None or not found.get("IsActive"):
        raise OAuthError("invalid_grant", "inactive user")
    return found


def _basic(call: Call) -> tuple[str, str] | None:
    scheme, _, coded = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return client, secret
