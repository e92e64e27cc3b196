"""Holds the token of a connection, and gets another one ahead of its end or when it is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

from syncline.connectors.base import Clock, Token, TokenStore
from syncline.connectors.http import Reply, server_time
from syncline.connectors.oauth.endpoint import TokenEndpoint, read_token
from syncline.connectors.oauth.grants import Grant
from syncline.core.errors import ReconnectError, RemoteError

EARLY = timedelta(seconds=60)
"""A token whose end is known is renewed that long before it."""


class MemoryTokenStore:
    """Keeps a token for as long as the process lives, for one connector."""

    def __init__(self, token: Token | None = None) -> None:
        self._token = token

    def load(self) -> Token | None:
        return self._token

    def save(self, token: Token) -> None:
        self._token = token

    def alone(self) -> AbstractContextManager[None]:
        return nullcontext()

    def give_up(self, reason: str) -> None:  # noqa: ARG002 - nobody asks again
        self._token = None


class TokenSource:
    """Holds the token of one connection, and gets another when it has ended.

    `accept` looks at a new token before it is sent anywhere, and raises when it is not to be trusted.
    """

    def __init__(
        self,
        base_url: str,
        path: str,
        grant: Grant,
        *,
        clock: Clock,
        store: TokenStore,
        accept: Callable[[Token], None] = lambda _token: None,
        timeout: float = 30.0,
        attempts: int = 4,
        max_wait: float = 60.0,
    ) -> None:
        self._endpoint = TokenEndpoint(
            base_url,
            clock=clock,
            secrets=grant.secrets,
            timeout=timeout,
            attempts=attempts,
            max_wait=max_wait,
        )
        self._path = path
        self._grant = grant
        self._clock = clock
        self._store = store
        self._accept = accept

    @property
    def calls(self) -> Mapping[str, int]:
        """Token requests so far, by method and endpoint."""
        return self._endpoint.calls

    def current(self) -> Token:
        """The token to send, asked for first where there is none or it is about to end."""
        token = self._store.load()
        if token is None or self.ends_soon(token):
            return self.renew()
        self._accept(token)
        return token

    def renew(self, refused: Token | None = None) -> Token:
        """Another token than the one that was `refused`: the one somebody else got meanwhile, or a new one."""
        with self._store.alone():
            held = self._store.load()
            newer = refused is None or held is None or held.access_token != refused.access_token
            if held is not None and newer and not self.ends_soon(held):
                self._accept(held)
                return held
            return self._asked(held)

    def ends_soon(self, token: Token) -> bool:
        """Whether it is time to renew a token."""
        return token.expires_at is not None and token.expires_at - EARLY <= self._clock.now()

    def close(self) -> None:
        """Let go of sockets."""
        self._endpoint.close()

    def _asked(self, held: Token | None) -> Token:
        now = self._clock.now()
        try:
            form = self._grant.form(now, held)
        except ReconnectError as error:
            self._store.give_up(error.message)
            raise
        reply = self._ask(form)
        if reply.status >= 400:
            reply = self._ask_at_their_time(form, now, held, reply)
        if reply.status >= 400:
            raise self._refused(reply)
        return self._kept(read_token(reply.data, now, held))

    def _kept(self, token: Token) -> Token:
        if self._grant.consented:  # the system may have ended the one before: nothing may get between
            self._store.save(token)
        self._accept(token)
        if not self._grant.consented:
            self._store.save(token)
        return token

    def _ask(self, form: Mapping[str, str]) -> Reply:
        # Asking twice does no harm: each token is good by itself, and a refresh token that was used up is refused.
        return self._endpoint.ask(self._path, form, repeatable=True)

    def _ask_at_their_time(
        self, form: Mapping[str, str], now: datetime, held: Token | None, refused: Reply
    ) -> Reply:
        """What is valid for minutes only is refused where one of two clocks is wrong: theirs is what counts."""
        theirs = server_time(refused.headers)
        if theirs is None or abs(theirs - now) < EARLY:
            return refused
        again = self._grant.form(theirs, held)
        return self._ask(again) if again != form else refused

    def _refused(self, reply: Reply) -> RemoteError:
        """A refusal is final: the same request will be refused for ever, so a person is needed."""
        error = self._endpoint.refused(reply)
        if not (self._grant.consented and error.context.get("reason") == "invalid_grant"):
            return error
        self._store.give_up(error.message)
        return ReconnectError(
            f"The consent behind this connection is no longer good: {error.message}", reason="invalid_grant"
        )


class TokenSession:
    """The token one client sends with each request, exchanged for another in time."""

    def __init__(self, source: TokenSource) -> None:
        self.source = source
        self._token: Token | None = None

    def headers(self) -> dict[str, str]:
        """The header of a request; a token that is about to end is renewed first."""
        if self._token is None or self.source.ends_soon(self._token):
            self._token = self.source.current()
        return {"authorization": f"Bearer {self._token.access_token}"}

    def renew(self) -> bool:
        """Get another token after a refusal."""
        self._token = self.source.renew(self._token)
        return True
