"""Taking tokens back, and telling whether one still lives."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from syncline.sandbox.salesforce.api import Call, Reply
from syncline.sandbox.salesforce.apps import ConnectedApp
from syncline.sandbox.salesforce.oauth.clients import proven_app
from syncline.sandbox.salesforce.oauth.forms import UNCACHED, OAuthError, demand, read_form, read_parameters

KINDS = {"access_token", "refresh_token"}


def revoke(call: Call) -> Reply:
    """End an access token, or a refresh token with every access token it has brought."""
    with call.org.state.transaction():
        try:
            form = read_form(call) if call.method == "POST" else read_parameters(call.raw_query)
            _end(call, form)
        except OAuthError as refusal:
            return refusal.reply
    return Reply(200)


def introspect(call: Call) -> Reply:
    """What a token is good for; tokens of other apps count as unknown."""
    try:
        form = read_form(call)
        app = proven_app(call, form)
        asked = demand(form, "token")
    except OAuthError as refusal:
        return refusal.reply
    return Reply(
        200, _of_access(call, app, asked) or _of_refresh(call, app, asked) or {"active": False}, UNCACHED
    )


def _end(call: Call, form: dict[str, str]) -> None:
    if form.get("token_type_hint", "access_token") not in KINDS:
        raise OAuthError("unsupported_token_type", "token type not supported")
    asked = form.get("token", "")
    grant = call.org.grants.of(asked)
    if grant is not None:
        call.org.grants.end(grant)
    elif not call.org.sessions.close(asked):
        raise OAuthError("invalid_token", "token revoked or invalid")


def _of_access(call: Call, app: ConnectedApp, asked: str) -> dict[str, Any] | None:
    session = call.org.sessions.find(asked)
    if session is None or session.client != app.client_id:
        return None
    times = {"iat": _seconds(session.began), "nbf": _seconds(session.began), "exp": _seconds(session.ends)}
    return {**_whose(call, app, session.user, session.scope), "token_type": "access_token", **times}


def _of_refresh(call: Call, app: ConnectedApp, asked: str) -> dict[str, Any] | None:
    """A refresh token has no end of its own here, so the reply names none."""
    grant = call.org.grants.of(asked)
    if grant is None or grant.client != app.client_id:
        return None
    began = _seconds(datetime.fromisoformat(grant.began))
    times = {"iat": began, "nbf": began}
    return {**_whose(call, app, grant.user, grant.scope), "token_type": "refresh_token", **times}


def _whose(call: Call, app: ConnectedApp, user: str, scope: str) -> dict[str, Any]:
    return {
        "active": True,
        "scope": scope,
        "client_id": app.client_id,
        "username": (call.org.tables.fetch("User", user) or {}).get("Username"),
        "sub": f"{call.origin}/id/{call.org.id}/{user}",
    }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
