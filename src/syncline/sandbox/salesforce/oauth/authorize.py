"""The web server flow up to its code: the app sends a user here, who is asked and sent back.

No one signs in to the stand-in, so the page is shown each time and asks who is there; `prompt` has no effect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from syncline.sandbox.salesforce.api import Call, Reply
from syncline.sandbox.salesforce.apps import ConnectedApp
from syncline.sandbox.salesforce.consents import Wish
from syncline.sandbox.salesforce.oauth import pages
from syncline.sandbox.salesforce.oauth.callbacks import is_callback, with_parameters
from syncline.sandbox.salesforce.oauth.clients import demand_active
from syncline.sandbox.salesforce.oauth.forms import UNCACHED, OAuthError, read_form, read_parameters
from syncline.sandbox.salesforce.tables import Document

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


def ask_consent(call: Call) -> Reply:
    """The page that asks; a request that cannot be trusted gets a page too, any other error goes to the app."""
    try:
        asked = read_parameters(call.raw_query)
        app = _app(call, asked)
    except OAuthError as error:
        return pages.refusal(error)
    try:
        wish = _wish(app, asked)
    except OAuthError as error:
        told = {"error": error.error, "error_description": error.description}
        return _sent_back(asked["redirect_uri"], asked.get("state"), told)
    with call.org.state.transaction():
        return pages.consent(call.org.consents.ask(wish), _users(call))


def answer_consent(call: Call) -> Reply:
    """The answer of the user, who goes back to the app with it."""
    with call.org.state.transaction():
        try:
            return _answered(call, read_form(call))
        except OAuthError as error:
            return pages.refusal(error)


def _answered(call: Call, form: dict[str, str]) -> Reply:
    decision = form.get("decision")
    if decision not in {"allow", "deny"}:
        raise OAuthError("invalid_request", "answer with Allow or Deny")
    user = form.get("user", "")
    if decision == "allow":
        demand_active(call.org, user)
    wish = call.org.consents.answer(form.get("request", ""), form.get("token", ""))
    if wish is None:
        raise OAuthError("invalid_request", "this page was answered before, or is too old")
    if decision == "deny":
        denied = {"error": "access_denied", "error_description": "end-user denied authorization"}
        return _sent_back(wish.redirect_uri, wish.state, denied)
    return _sent_back(wish.redirect_uri, wish.state, {"code": call.org.consents.allow(wish, user)})


def _app(call: Call, asked: Mapping[str, str]) -> ConnectedApp:
    app = call.org.apps.find(asked.get("client_id", ""))
    if app is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if not is_callback(app, asked.get("redirect_uri", "")):
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    return app


def _wish(app: ConnectedApp, asked: Mapping[str, str]) -> Wish:
    if asked.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response type not supported")
    return Wish(
        client=app.client_id,
        redirect_uri=asked["redirect_uri"],
        scope=_scope(app, asked.get("scope", "")),
        state=asked.get("state"),
        challenge=_challenge(app, asked),
        login_hint=asked.get("login_hint"),
    )


def _scope(app: ConnectedApp, asked: str) -> str:
    """What is asked for, each once; all that the app may have when it asks for nothing in particular."""
    wanted = list(dict.fromkeys(asked.split())) or list(app.scopes)
    if not set(wanted) <= set(app.scopes):
        raise OAuthError("invalid_scope", "the requested scope is not allowed")
    return " ".join(wanted)


def _challenge(app: ConnectedApp, asked: Mapping[str, str]) -> str | None:
    """The challenge, which is SHA-256 whether or not the method is named."""
    if asked.get("code_challenge_method", "S256") != "S256":
        raise OAuthError("invalid_request", "code challenge method not supported")
    challenge = asked.get("code_challenge")
    if challenge is None:
        if app.pkce_required:
            raise OAuthError("invalid_request", "missing required code challenge")
        return None
    if not _CHALLENGE.fullmatch(challenge):
        raise OAuthError("invalid_request", "invalid code challenge")
    return challenge


def _users(call: Call) -> list[Document]:
    return [user for user in call.org.tables.scan("User") if user.get("IsActive")]


def _sent_back(address: str, state: str | None, told: Mapping[str, str]) -> Reply:
    parameters = {**told, "state": state} if state is not None else told
    return Reply(302, None, {"location": with_parameters(address, parameters), **UNCACHED})
