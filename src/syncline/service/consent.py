"""A person's consent: asked for, exchanged for a token that is stored, looked at, and given back (rules C2, C4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from syncline.config import Document
from syncline.connectors.base import Clock
from syncline.connectors.oauth import Question, ask, exchange, read_answer, revoke
from syncline.connectors.registry import web_flow
from syncline.core.errors import ConfigError, SynclineError, TokenKeyError
from syncline.service.connect import by_consent, connection_settings, stored_tokens, token_keys
from syncline.service.database import open_database
from syncline.service.named import naming
from syncline.service.redact import REDACTOR
from syncline.store import credentials
from syncline.store.database import close_store

NONE, GOOD, RECONNECT, UNREADABLE = (
    "no consent yet",
    "connected",
    "reconnect needed",
    "unreadable with this key",
)

Answers = Callable[[Question], Mapping[str, Sequence[str]]]
"""Sends a person to a question and comes back with the parameters of their answer."""


@dataclass(frozen=True, slots=True)
class TokenState:
    """What may be told of a stored token: everything but the token."""

    state: str
    reason: str = ""
    expires_at: datetime | None = None
    renewed_at: datetime | None = None
    granted_by: str = ""
    granted_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    older_key: bool = False


class Consent:
    """The consent behind one connection. The database has to be open."""

    def __init__(self, document: Document, name: str, clock: Clock, environ: Mapping[str, str]) -> None:
        self._name = name
        self._clock = clock
        self._settings = connection_settings(document, name, environ)
        if not by_consent(document, name):
            raise ConfigError(
                f"Connection {name} signs in with its credentials, so nobody has to consent.",
                hint=f"Set `sign_in: oauth` in connections.{name} if it should act for a person.",
            )
        self._flow = web_flow(self._settings)
        self._tokens = stored_tokens(document, name, self._settings, clock, environ)
        self._check_key = partial(token_keys, document, environ)

    @property
    def redirect_uri(self) -> str | None:
        """Where the settings say that people are sent back to."""
        given = self._settings["options"].get("redirect_uri")
        return str(given) if given else None

    def obtain(self, redirect_uri: str, answers: Answers, by: str) -> None:
        """Ask a person and store what comes of it; whatever fails leaves what was stored before as it was."""
        self._check_key()  # nobody is asked when the answer could not be stored
        with naming(self._name):
            question = ask(self._flow, redirect_uri)
            REDACTOR.hide(each for each in (question.state, question.verifier) if each)
            code = read_answer(question, answers(question))
            REDACTOR.hide([code])
            token = exchange(self._flow, question, code, self._clock)
            with self._tokens.locked():
                self._tokens.put(token, by)

    def end(self) -> tuple[bool, bool]:
        """Forget the token; whether there was one, and whether the system was told and has ended it."""
        with self._tokens.locked():
            revoked = False
            # What cannot be read, or told to the system, is forgotten all the same.
            with suppress(SynclineError):
                revoked = revoke(self._flow, self._tokens.load(), self._clock)
            return credentials.forget(self._name), revoked


def token_states(document: Document, environ: Mapping[str, str]) -> dict[str, TokenState]:
    """What is known of the tokens of the connections that keep one. No system is called."""
    names = [name for name in document.connections if by_consent(document, name)]
    if not names:
        return {}
    open_database(document, environ)
    try:
        return {name: token_state(document, name, environ) for name in names}
    finally:
        close_store()


def token_state(document: Document, name: str, environ: Mapping[str, str]) -> TokenState:
    """What is known of the token of a connection whose user consents. The database has to be open."""
    row = credentials.find(name)
    if row is None:
        return TokenState(NONE)
    told: dict[str, Any] = {
        "expires_at": row.expires_at,
        "renewed_at": row.renewed_at,
        "granted_by": row.granted_by,
        "granted_at": row.granted_at,
        "scopes": tuple(row.scopes),
    }
    try:
        keys = token_keys(document, environ)
        keys.unseal(credentials.sealed(row), name)
    except TokenKeyError as error:
        return TokenState(UNREADABLE, error.message, **told)
    older = row.key_id != keys.first_id
    return TokenState(RECONNECT if row.gave_up else GOOD, row.gave_up, older_key=older, **told)
