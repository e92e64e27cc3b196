"""The web flow: a person is sent to the system, consents there, and comes back with a code for a token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from syncline.connectors.base import Clock, Token
from syncline.connectors.oauth.endpoint import TokenEndpoint, read_token
from syncline.core.errors import AuthError


@dataclass(frozen=True, slots=True)
class WebFlow:
    """Where one system asks a person, and where codes become tokens.

    `page` is the address up to its query. `pkce` says whether the system knows challenges. `revoke_path` is None
    where tokens cannot be ended by a call.
    """

    page: str
    base_url: str
    token_path: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    pkce: bool = False
    revoke_path: str | None = None

    def endpoint(self, clock: Clock) -> TokenEndpoint:
        """Where codes become tokens; the caller closes it."""
        return TokenEndpoint(self.base_url, clock=clock, secrets=(self.client_secret,), attempts=2)


@dataclass(frozen=True, slots=True)
class Question:
    """What one person is asked: the address to open, and what the answer has to fit."""

    url: str
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str | None = field(repr=False)


def ask(flow: WebFlow, redirect_uri: str) -> Question:
    """A question of its own for each time somebody is asked."""
    state = secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(48) if flow.pkce else None
    parameters = {
        "response_type": "code",
        "client_id": flow.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
    }
    if flow.scope:
        parameters["scope"] = flow.scope
    if verifier is not None:
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        parameters |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return Question(f"{flow.page}?{urlencode(parameters)}", redirect_uri, state, verifier)


def read_answer(question: Question, parameters: Mapping[str, Sequence[str]]) -> str:
    """The code of an answer that fits the question; anything else is an `AuthError` that says what it is.

    Its context has `reason`: `state` for an answer to another question, `denied`, or `callback`.
    """
    if any(len(values) != 1 for values in parameters.values()):
        raise _no_answer("a parameter stands there twice")
    told = {name: values[0] for name, values in parameters.items()}
    refusal = told.get("error_description") or told.get("error_message") or told.get("error")
    refused = "error" in told or "status_code" in told
    # Apollo does not say whether a refusal keeps the state, and nothing can be won by sending one.
    if not (refused and "state" not in told) and not _same(told.get("state", ""), question.state):
        raise AuthError(
            "The answer does not belong to this question: its state is another one. Nothing was stored.",
            hint="Begin again with `syncline connection authorize NAME`, and use the address it prints.",
            reason="state",
        )
    if refused:
        raise AuthError(
            f"The consent was refused ({_short(refusal or told.get('status_code', ''))}). Nothing was stored.",
            hint="Run `syncline connection authorize NAME` again, and allow it; some systems let only "
            "administrators do that.",
            reason="denied",
        )
    if not told.get("code"):
        raise _no_answer("it holds neither a code nor a refusal")
    return told["code"]


def exchange(flow: WebFlow, question: Question, code: str, clock: Clock) -> Token:
    """The token a code stands for. A code is good once, so it is never sent a second time."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": question.redirect_uri,
        "client_id": flow.client_id,
        "client_secret": flow.client_secret,
    }
    if question.verifier is not None:
        form["code_verifier"] = question.verifier
    endpoint, now = flow.endpoint(clock), clock.now()
    try:
        reply = endpoint.ask(flow.token_path, form, repeatable=False)
        if reply.status >= 400:
            error = endpoint.refused(reply)
            if error.context.get("reason") == "invalid_grant":
                error.cure = (
                    "A code is good once and for minutes: run `syncline connection authorize NAME` again."
                )
            raise error
        return read_token(reply.data, now)
    finally:
        endpoint.close()


def revoke(flow: WebFlow, token: Token, clock: Clock) -> bool:
    """End a token at its system; false where that cannot be done by a call, or it had ended before."""
    if flow.revoke_path is None:
        return False
    endpoint = flow.endpoint(clock)
    try:
        form = {"token": token.refresh_token or token.access_token}
        return endpoint.ask(flow.revoke_path, form, repeatable=True).status < 400
    finally:
        endpoint.close()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _no_answer(why: str) -> AuthError:
    return AuthError(
        f"What came back is no answer: {why}. Nothing was stored.",
        hint="Begin again with `syncline connection authorize NAME`.",
        reason="callback",
    )


def _short(text: str) -> str:
    """A system's own words as one short line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
