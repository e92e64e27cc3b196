"""Gets access tokens without a person: the client credentials grant and the JWT bearer grant."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, Protocol

from syncline.connectors.base import Clock, Token, TokenStore
from syncline.connectors.http import Budget, HttpClient, Reply, check_base_url, server_time
from syncline.core.errors import AuthError, ProtocolError, RemoteError, UnavailableError

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 180
"""Salesforce is said to refuse assertions that are valid for longer; other systems have no need of more either."""
EARLY = timedelta(seconds=60)
"""A token whose end is known is renewed that long before it."""


class MemoryTokenStore:
    """Keeps a token for as long as the process lives."""

    def __init__(self, token: Token | None = None) -> None:
        self._token = token

    def load(self) -> Token | None:
        return self._token

    def save(self, token: Token) -> None:
        self._token = token


class Grant(Protocol):
    """What a token is asked for with."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that must be in no message."""
        ...

    def form(self, now: datetime) -> Mapping[str, str]:
        """The fields of the token request."""
        ...


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The application signs in as itself."""

    client_id: str
    client_secret: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.client_secret,)

    def form(self, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the other grant needs the time
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }


@dataclass(frozen=True, slots=True)
class JwtBearer:
    """The application signs in as a user who has agreed beforehand, by an assertion it signs with its key."""

    client_id: str
    username: str
    audience: str
    private_key: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.private_key,)

    def form(self, now: datetime) -> Mapping[str, str]:
        return {"grant_type": JWT_BEARER, "assertion": self._assertion(now)}

    def _assertion(self, now: datetime) -> str:
        """The signed claims; Authlib is imported here because most commands never sign in."""
        signer = importlib.import_module("authlib.oauth2.rfc7523.assertion")
        keys = importlib.import_module("joserfc.jwk")
        refused = importlib.import_module("joserfc.errors").JoseError
        # A key in an environment variable often has its line breaks written as two characters.
        pem = self.private_key.replace("\\n", "\n").strip() + "\n"
        try:
            signed: str = signer.sign_jwt_bearer_assertion(
                keys.RSAKey.import_key(pem),
                self.client_id,
                self.audience,
                subject=self.username,
                issued_at=int(now.timestamp()),
                expires_in=ASSERTION_SECONDS,
                header={"alg": "RS256", "typ": "JWT"},
            )
        except (refused, ValueError, TypeError) as error:
            raise _bad_key() from error
        return signed


def _bad_key() -> AuthError:
    return AuthError(
        "The private key cannot sign: it is no RSA key in PEM form.",
        hint="Refer to the file that holds the private key, beginning with -----BEGIN PRIVATE KEY-----.",
    )


class TokenSource:
    """Holds the token of one connection, and gets another when it has ended.

    `accept` looks at a new token before it is kept or sent anywhere, and raises when it is not to be trusted.
    """

    def __init__(
        self,
        base_url: str,
        path: str,
        grant: Grant,
        *,
        clock: Clock,
        store: TokenStore,
        accept: Callable[[Token], None],
        timeout: float = 30.0,
        attempts: int = 4,
        max_wait: float = 60.0,
    ) -> None:
        self._open = partial(
            HttpClient,
            check_base_url(base_url),
            clock=clock,
            budget=Budget(share=1.0),
            timeout=timeout,
            attempts=attempts,
            max_wait=max_wait,
            secrets=grant.secrets,
        )
        self._path = path
        self._grant = grant
        self._clock = clock
        self._store = store
        self._accept = accept

    @property
    def calls(self) -> Mapping[str, int]:
        """Token requests so far, by method and endpoint."""
        return self._http.calls if "_http" in vars(self) else {}

    @cached_property
    def _http(self) -> HttpClient:
        """Opened when a token has to be asked for, which a stored one makes unnecessary."""
        return self._open()

    def current(self) -> Token:
        """The token to send, asked for first where there is none or it is about to end."""
        token = self._store.load()
        if token is None or self._ends_soon(token):
            return self.renew()
        self._accept(token)
        return token

    def renew(self) -> Token:
        """Ask for another token and keep it."""
        now = self._clock.now()
        form = self._grant.form(now)
        reply = self._ask(form)
        if reply.status >= 400:
            reply = self._ask_at_their_time(form, now, reply)
        if reply.status >= 400:
            raise self._refused(reply)
        token = _read_token(reply.data, now)
        self._accept(token)
        self._store.save(token)
        return token

    def close(self) -> None:
        """Let go of sockets."""
        if "_http" in vars(self):
            self._http.close()

    def _ask(self, form: Mapping[str, str]) -> Reply:
        # Asking twice does no harm: each token is good by itself.
        return self._http.request("POST", self._path, endpoint=self._path, form=form, repeatable=True)

    def _ask_at_their_time(self, form: Mapping[str, str], now: datetime, refused: Reply) -> Reply:
        """What is valid for minutes only is refused where one of two clocks is wrong: theirs is what counts."""
        theirs = server_time(refused.headers)
        if theirs is None or abs(theirs - now) < EARLY:
            return refused
        again = self._grant.form(theirs)
        return self._ask(again) if again != form else refused

    def _ends_soon(self, token: Token) -> bool:
        return token.expires_at is not None and token.expires_at - EARLY <= self._clock.now()

    def _refused(self, reply: Reply) -> RemoteError:
        """A refusal is final: the same request will be refused for ever, so a person is needed."""
        said = reply.data if isinstance(reply.data, dict) else {}
        code, why = (_text(said, "error"), _text(said, "error_description"))
        if not code:
            return UnavailableError(
                f"The token request got HTTP {reply.status} and no OAuth answer.",
                hint="Check that the base URL leads to the system itself.",
            )
        told = self._http.redact(f"{code}: {why}" if why else code)
        return AuthError(f"No token was given ({told}).", reason=code)


def _read_token(data: Any, now: datetime) -> Token:
    body = data if isinstance(data, dict) else {}
    access, instance = _text(body, "access_token"), _text(body, "instance_url")
    if not access or not (access.isascii() and access.isprintable()) or " " in access:
        raise ProtocolError("The answer to the token request holds no usable access token.")
    return Token(access, instance or None, _end(body.get("expires_in"), now))


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _end(seconds: Any, now: datetime) -> datetime | None:
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
        seconds = int(seconds[:9])
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 10**9:
        return None
    return now + timedelta(seconds=seconds)
