"""The address where tokens are asked for and ended, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

from syncline.connectors.base import Clock, Token
from syncline.connectors.http import Budget, HttpClient, Reply, check_base_url
from syncline.core.errors import AuthError, ProtocolError, RemoteError, UnavailableError


class TokenEndpoint:
    """Sends forms to one system's token endpoint. No connection is opened before the first."""

    def __init__(
        self,
        base_url: str,
        *,
        clock: Clock,
        secrets: Sequence[str],
        timeout: float = 30.0,
        attempts: int = 4,
        max_wait: float = 60.0,
    ) -> None:
        self._open = partial(
            HttpClient,
            check_base_url(base_url),
            clock=clock,
            budget=Budget(),
            timeout=timeout,
            attempts=attempts,
            max_wait=max_wait,
            secrets=tuple(secrets),
        )

    @property
    def calls(self) -> Mapping[str, int]:
        """Requests so far, by method and endpoint."""
        return self._http.calls if "_http" in vars(self) else {}

    @cached_property
    def _http(self) -> HttpClient:
        """Opened when a token has to be asked for, which a stored one makes unnecessary."""
        return self._open()

    def ask(self, path: str, form: Mapping[str, str], *, repeatable: bool) -> Reply:
        """The answer to a form."""
        try:
            return self._http.request("POST", path, endpoint=path, form=form, repeatable=repeatable)
        except UnavailableError as error:
            error.sent = False  # of what the caller was about to write, nothing was sent
            raise

    def refused(self, reply: Reply) -> RemoteError:
        """The error of an answer of 400 or more; its context has the standard's word as `reason`."""
        said = reply.data if isinstance(reply.data, dict) else {}
        code, why = _text(said, "error"), _text(said, "error_description")
        if not code:
            return UnavailableError(
                f"The token request got HTTP {reply.status} and no OAuth answer.",
                hint="Check that the base URL leads to the system itself.",
                sent=False,
            )
        told = self._http.redact(f"{code}: {why}" if why else code)
        return AuthError(f"No token was given ({told}).", reason=code)

    def close(self) -> None:
        """Let go of sockets."""
        if "_http" in vars(self):
            self._http.close()


def read_token(data: Any, now: datetime, held: Token | None = None) -> Token:
    """The token of an answer. What it does not say stays as it was in the one that is `held`."""
    body = data if isinstance(data, dict) else {}
    access, instance, refresh = (
        _text(body, name) for name in ("access_token", "instance_url", "refresh_token")
    )
    if not _can_be_sent(access):
        raise ProtocolError("The answer to the token request holds no usable access token.")
    before = held or Token("")
    return Token(
        access,
        instance or before.instance_url,
        _end(body.get("expires_in"), now),
        refresh if _can_be_sent(refresh) else before.refresh_token,
        tuple(_text(body, "scope").split()) or before.scopes,
    )


def _can_be_sent(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _end(seconds: Any, now: datetime) -> datetime | None:
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
        seconds = int(seconds[:9])
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 10**9:
        return None
    return now + timedelta(seconds=seconds)
