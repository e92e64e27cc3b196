"""The token endpoint: what is shown is exchanged for an access token."""

from __future__ import annotations

import base64
import hashlib
import hmac

from syncline.sandbox.salesforce.api import Call, Reply
from syncline.sandbox.salesforce.apps import REFRESH_SCOPES, ConnectedApp
from syncline.sandbox.salesforce.consents import Wish
from syncline.sandbox.salesforce.grants import Grant
from syncline.sandbox.salesforce.oauth.assertions import asserted
from syncline.sandbox.salesforce.oauth.clients import claimed_app, demand_active, demand_secret, proven_app
from syncline.sandbox.salesforce.oauth.forms import UNCACHED, OAuthError, demand, read_form

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def token(call: Call) -> Reply:
    """A new access token; a refusal is stored too, since it uses up a code."""
    with call.org.state.transaction():
        try:
            return Reply(200, _exchanged(call, read_form(call)), UNCACHED)
        except OAuthError as refusal:
            return refusal.reply


def _exchanged(call: Call, form: dict[str, str]) -> dict[str, str]:
    flow = _FLOWS.get(demand(form, "grant_type"))
    if flow is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    return flow(call, form)


def _by_code(call: Call, form: dict[str, str]) -> dict[str, str]:
    app, secret = claimed_app(call, form)
    demand_secret(app, secret, needed=app.secret_for_code)
    code = call.org.consents.take(demand(form, "code"), app.client_id)
    if code is None:
        raise OAuthError("invalid_grant", "expired authorization code")
    if demand(form, "redirect_uri") != code.wish.redirect_uri:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    _check_verifier(app, code.wish, form.get("code_verifier"))
    demand_active(call.org, code.user)
    grant = call.org.grants.open(app.client_id, code.user, code.wish.scope)
    return _of_grant(call, app, grant, fresh=True)


def _check_verifier(app: ConnectedApp, wish: Wish, verifier: str | None) -> None:
    """A verifier without a challenge is refused as well, as a vendor's own tool has found out."""
    if not verifier:
        if wish.challenge is not None:
            raise OAuthError("invalid_grant", "code verifier is missing")
        return
    if wish.challenge is None:
        raise OAuthError(app.wrong_verifier, "unexpected code verifier")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    if not hmac.compare_digest(digest, wish.challenge.encode()):
        raise OAuthError(app.wrong_verifier, "invalid code verifier")


def _by_refresh_token(call: Call, form: dict[str, str]) -> dict[str, str]:
    """The scope stays what the user has allowed, whatever is asked for."""
    app, secret = claimed_app(call, form)
    demand_secret(app, secret, needed=app.secret_for_refresh)
    grant = call.org.grants.of(demand(form, "refresh_token"))
    if grant is None or grant.client != app.client_id:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    demand_active(call.org, grant.user)
    if app.rotation:
        grant = call.org.grants.rotate(grant)
    return _of_grant(call, app, grant, fresh=app.rotation)


def _by_secret(call: Call, form: dict[str, str]) -> dict[str, str]:
    """The real service refuses this flow on its login hosts; here login and data are one address."""
    app = proven_app(call, form)
    if app.run_as is None:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    demand_active(call.org, app.run_as)
    return _without_grant(call, app, app.run_as)


def _by_assertion(call: Call, form: dict[str, str]) -> dict[str, str]:
    return _without_grant(call, *asserted(call, form.get("assertion", "")))


_FLOWS = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh_token,
    "client_credentials": _by_secret,
    JWT_BEARER: _by_assertion,
}


def _of_grant(call: Call, app: ConnectedApp, grant: Grant, *, fresh: bool) -> dict[str, str]:
    access = call.org.sessions.open(grant.user, call.org.id, app.client_id, grant.scope, grant.id)
    reply = _reply(call, app, grant.user, grant.scope, access)
    if fresh and grant.refresh_token is not None:
        return {**reply, "refresh_token": grant.refresh_token}
    return reply


def _without_grant(call: Call, app: ConnectedApp, user: str) -> dict[str, str]:
    scope = " ".join(each for each in app.scopes if each not in REFRESH_SCOPES)
    access = call.org.sessions.open(user, call.org.id, app.client_id, scope)
    return _reply(call, app, user, scope, access)


def _reply(call: Call, app: ConnectedApp, user: str, scope: str, access: str) -> dict[str, str]:
    """Signed with the secret of the app, so that it can tell who has written the address of the user."""
    issued = str(int(call.org.clock.now().timestamp() * 1000))
    who = f"{call.origin}/id/{call.org.id}/{user}"
    signature = hmac.digest(app.client_secret.encode(), (who + issued).encode(), hashlib.sha256)
    return {
        "access_token": access,
        "signature": base64.b64encode(signature).decode(),
        "scope": scope,
        "instance_url": call.org.settings["instance_url"] or call.origin,
        "id": who,
        "token_type": "Bearer",
        "issued_at": issued,
    }
