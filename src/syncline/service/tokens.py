"""The tokens of connections whose users have consented: encrypted in the store, renewed by one process at a time."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec

from syncline.connectors.base import Clock, Token
from syncline.core.errors import AuthError, ReconnectError, SynclineError
from syncline.service.redact import REDACTOR
from syncline.store import credentials, leases
from syncline.store.access_tables import Credential
from syncline.store.credentials import TokenRow
from syncline.store.sealing import TokenKeys

LEASE = timedelta(minutes=10)
"""Longer than a renewal can take with all its tries, so that nobody is overtaken while it is at work."""
_POLL_SECONDS = 0.1
_THREADS: dict[str, threading.Lock] = defaultdict(threading.Lock)
"""Leases tell processes apart; within this one, threads wait here."""


class _Content(msgspec.Struct):
    """What is encrypted: the token, and which app of which system it may be sent to."""

    access_token: str
    refresh_token: str | None
    instance_url: str | None
    app: str


class StoredTokens:
    """The token store of one connection. `app` names the app and the address that its token belongs to."""

    def __init__(self, connection: str, app: str, token_keys: Callable[[], TokenKeys], clock: Clock) -> None:
        self._connection = connection
        self._app = app
        self._keys = token_keys
        self._clock = clock
        self._loaded: Credential | None = None
        self._cut_off: datetime | None = None

    def load(self) -> Token:
        """The stored token; raises `ReconnectError` where there is none that is good, or `TokenKeyError`."""
        row = self._loaded = self._row()
        if row.gave_up:
            raise ReconnectError(f"Reconnect needed: {row.gave_up}")
        content = self._opened(row)
        if content.app != self._app:
            raise ReconnectError(
                "Reconnect needed: the stored token was given to another app or address than the settings name now."
            )
        token = Token(
            content.access_token,
            content.instance_url,
            row.expires_at,
            content.refresh_token,
            tuple(row.scopes),
        )
        _hide(token)
        return token

    def put(self, token: Token, by: str) -> None:
        """Store the token of a new consent."""
        credentials.put(self._connection, self._sealed(token), by, self._clock.now())

    def save(self, token: Token) -> None:
        if self._loaded is None or not credentials.replace(
            self._loaded, self._sealed(token), self._clock.now()
        ):
            raise ReconnectError("The connection was disconnected while its token was renewed.")

    def give_up(self, reason: str) -> None:
        if self._cut_off is not None:
            reason = (
                f"{reason} A renewal that began at {self._cut_off:%Y-%m-%d %H:%M:%S} UTC got no answer that could be "
                "stored; if the system carried it out, the token it gave is lost."
            )
        if self._loaded is not None:
            credentials.give_up(self._loaded, reason)

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self.locked():
            row, began = self._row(), self._clock.now()
            self._cut_off = row.renewing_since
            credentials.mark_renewal(row, self._cut_off or began)
            try:
                yield
            except SynclineError as error:
                # A refusal means that the system has changed nothing; after any other error it may have.
                unclear = None if isinstance(error, AuthError) else began
                credentials.mark_renewal(row, self._cut_off or unclear)
                raise
            credentials.mark_renewal(row, None)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process, and every other thread of this one, from changing the stored token."""
        with _THREADS[self._connection], self._lease():
            yield

    @contextmanager
    def _lease(self) -> Iterator[None]:
        name, holder = f"token {self._connection}", leases.this_process()
        while not leases.take(name, holder, self._clock.now(), LEASE):
            self._clock.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            leases.release(name, holder, self._clock.now())

    def _row(self) -> Credential:
        row = credentials.find(self._connection)
        if row is None:
            raise ReconnectError(
                "Nobody has consented to this connection yet.",
                hint="Run `syncline connection authorize NAME`, and allow it in the browser.",
            )
        return row

    def _opened(self, row: Credential) -> _Content:
        return msgspec.json.decode(
            self._keys().unseal(credentials.sealed(row), self._connection), type=_Content
        )

    def _sealed(self, token: Token) -> TokenRow:
        _hide(token)
        content = _Content(token.access_token, token.refresh_token, token.instance_url, self._app)
        sealed = self._keys().seal(msgspec.json.encode(content), self._connection)
        return TokenRow(sealed, token.expires_at, token.scopes)


def _hide(token: Token) -> None:
    REDACTOR.hide(each for each in (token.access_token, token.refresh_token) if each)
