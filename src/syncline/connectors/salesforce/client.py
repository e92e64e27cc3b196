"""Speaks REST with one Salesforce organisation: signs in, keeps to the API's limits, reads its refusals."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from syncline.connectors.base import Clock, Token, TokenStore
from syncline.connectors.http import Budget, HttpClient, Ledger, Limits, Reply, server_time
from syncline.connectors.oauth import Grant, TokenSource
from syncline.connectors.salesforce.codes import MAINTENANCE
from syncline.connectors.salesforce.failures import Problem, read_problems
from syncline.connectors.salesforce.host import trusted_base
from syncline.core.budget import Window, WindowUsage
from syncline.core.errors import (
    AccessError,
    ConfigError,
    ProtocolError,
    QuotaError,
    RateLimitedError,
    SynclineError,
    UnavailableError,
)

API_VERSION = "v62.0"
TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address, not a password
_LIMIT_HEADER = "sforce-limit-info"
_QUOTA_PAUSE = timedelta(hours=1)
"""The day of the limit rolls, so a little is free again after a while; the header then says how much."""
_BUSY = frozenset({"SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "UNABLE_TO_LOCK_ROW", "TOO_MANY_APEX_REQUESTS"})
_FORBIDDEN = frozenset({"INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "INVALID_TYPE"})
_BARRED = frozenset({
    "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "CLIENT_NOT_ACCESSIBLE_FOR_USER", "INVALID_LOGIN",
    "FUNCTIONALITY_NOT_ENABLED", "LOGIN_MUST_USE_SECURITY_TOKEN",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """How to talk to the organisation; `auto_assign` and `client` are sent with each request."""

    base_url: str
    version: str = API_VERSION
    auto_assign: str = "FALSE"
    client: str = "syncline"
    timeout: float = 30.0
    attempts: int = 4
    max_wait: float = 60.0


class SalesforceClient:
    """One session with one organisation; the token is got at the first call and renewed when it has ended."""

    def __init__(
        self,
        settings: Settings,
        grant: Grant,
        *,
        clock: Clock,
        store: TokenStore,
        ledger: Ledger | None = None,
    ) -> None:
        self.settings = settings
        self.server_time: datetime | None = None
        self._clock = clock
        self._token: Token | None = None
        self._tokens = TokenSource(
            settings.base_url,
            TOKEN_PATH,
            grant,
            clock=clock,
            store=store,
            accept=self._accept,
            timeout=settings.timeout,
            attempts=settings.attempts,
            max_wait=settings.max_wait,
        )
        self._http = HttpClient(
            settings.base_url,
            clock=clock,
            budget=Budget(ledger, LIMITS, max_wait=settings.max_wait),
            headers=self._headers,
            renew=self._renew,
            refuses=_in_maintenance,
            timeout=settings.timeout,
            attempts=settings.attempts,
            max_wait=settings.max_wait,
            secrets=grant.secrets,
        )

    @property
    def base_url(self) -> str:
        """Where requests go: the instance the last token belongs to."""
        return self._http.base_url

    @property
    def calls(self) -> Mapping[str, int]:
        """Calls so far, by method and endpoint; token requests are among them."""
        return Counter(self._http.calls) + Counter(self._tokens.calls)

    def close(self) -> None:
        """Let go of sockets."""
        self._http.close()
        self._tokens.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        endpoint: str,
        repeatable: bool = True,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The answer to a request; `path` begins behind the version unless it begins with /services.

        A refusal that concerns the whole connection is raised, after some waiting where that may help. Any
        other comes back with its status.
        """
        self._sign_in()
        full = path if path.startswith("/services/") else f"/services/data/{self.settings.version}{path}"
        attempt = 1
        while True:
            reply = self._http.request(
                method,
                full,
                endpoint=endpoint,
                repeatable=repeatable,
                params=params,
                json=json,
                headers=headers,
            )
            self._note_time(reply)
            problems = read_problems(reply.data) if reply.status >= 400 else []
            self._raise_for_connection(reply, problems)
            if not any(_may_pass(problem, repeatable=repeatable) for problem in problems):
                return reply
            if attempt >= self.settings.attempts:
                raise self._busy(method, endpoint, problems[0])
            self._pause(attempt)
            attempt += 1

    def ask(self, method: str, path: str, *, endpoint: str, **rest: Any) -> Any:
        """The JSON answer to a request that is not about single records; any refusal is raised."""
        reply = self.send(method, path, endpoint=endpoint, **rest)
        if reply.status >= 400:
            raise self.refusal(method, endpoint, reply)
        return reply.data

    def refusal(self, method: str, endpoint: str, reply: Reply) -> SynclineError:
        """The error for an answer of 400 or more that nobody can work with."""
        problems = read_problems(reply.data)
        said = self._http.redact("; ".join(f"{p.code}: {p.message}" for p in problems))
        where = f"{method} {endpoint}"
        if reply.status == 403 or (problems and problems[0].code in _FORBIDDEN):
            told = f": {said}" if said else " (HTTP 403)"
            return AccessError(f"Salesforce refuses {where}{told}.")
        if not problems:
            return ProtocolError(
                f"The answer to {where} has HTTP {reply.status} and no error of Salesforce's."
            )
        return ProtocolError(f"Salesforce refuses {where}: {said}.", reason=problems[0].code)

    def wait(self, attempt: int) -> None:
        """Let some time pass before something is tried again."""
        self._pause(attempt)

    def _headers(self) -> dict[str, str]:
        headers = {
            "sforce-call-options": f"client={self.settings.client}",
            "sforce-auto-assign": self.settings.auto_assign,
        }
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token.access_token}"
        return headers

    def _sign_in(self) -> None:
        if self._token is None or self._tokens.ends_soon(self._token):
            self._use(self._tokens.current())

    def _renew(self) -> bool:
        self._use(self._tokens.renew(self._token))
        return True

    def _use(self, token: Token) -> None:
        self._token = token
        self._http.base_url = trusted_base(self.settings.base_url, token.instance_url)

    def _accept(self, token: Token) -> None:
        trusted_base(self.settings.base_url, token.instance_url)

    def _note_time(self, reply: Reply) -> None:
        self.server_time = server_time(reply.headers) or self.server_time

    def _raise_for_connection(self, reply: Reply, problems: list[Problem]) -> None:
        codes = {problem.code for problem in problems}
        if "REQUEST_LIMIT_EXCEEDED" in codes and not any(_is_concurrency(each) for each in problems):
            until = self._clock.now() + _QUOTA_PAUSE
            when = until.isoformat(timespec="seconds")
            raise QuotaError(
                f"The organisation's calls of the last 24 hours are used up; try again at {when}.",
                until=until,
            )
        if barred := sorted(codes & _BARRED):
            raise AccessError(f"The organisation does not let this user or app use the API ({barred[0]}).")
        if reply.status == 410 or "UNSUPPORTED_API_VERSION" in codes:
            raise ConfigError(
                f"The organisation does not know version {self.settings.version} of the API.",
                hint="Set the option api_version to a version of GET /services/data, such as v62.0.",
            )

    def _busy(self, method: str, endpoint: str, problem: Problem) -> RateLimitedError | UnavailableError:
        told = self._http.redact(f"{problem.code}: {problem.message}")
        if _is_concurrency(problem):
            retry_at = self._clock.now() + timedelta(seconds=self.settings.max_wait)
            when = retry_at.isoformat(timespec="seconds")
            return RateLimitedError(
                f"Salesforce has too many calls at once for {method} {endpoint}; try again not before {when} ({told}).",
                retry_at=retry_at,
                endpoint=endpoint,
            )
        return UnavailableError(
            f"Salesforce is too busy for {method} {endpoint} ({told}).", sent=False, endpoint=endpoint
        )

    def _pause(self, attempt: int) -> None:
        seconds = 0.5 * 2**attempt * random.SystemRandom().uniform(0.5, 1.0)
        self._clock.sleep(min(seconds, self.settings.max_wait))


def _in_maintenance(reply: Reply) -> bool:
    """Whether the organisation says that it can only be read; it refuses before it writes anything."""
    return any(problem.code == MAINTENANCE for problem in read_problems(reply.data))


def _is_concurrency(problem: Problem) -> bool:
    return problem.code == "REQUEST_LIMIT_EXCEEDED" and "Concurrent" in problem.message


def _may_pass(problem: Problem, *, repeatable: bool) -> bool:
    """Whether the refused request may be sent again: nothing was carried out, or it does no harm twice."""
    return (
        _is_concurrency(problem)
        or problem.code in _BUSY
        or (repeatable and problem.code == "UNKNOWN_EXCEPTION")
    )


def read_limits(headers: Mapping[str, str], _now: datetime) -> Iterable[WindowUsage]:
    """What `Sforce-Limit-Info: api-usage=18/15000` says of the rolling day."""
    for part in headers.get(_LIMIT_HEADER, "").split(";"):
        name, _, numbers = part.strip().partition("=")
        used, _, limit = numbers.partition("/")
        if name == "api-usage" and _is_count(used) and _is_count(limit) and int(limit) > 0:
            yield WindowUsage(DAY.name, int(used), int(limit))


DAY = Window("24 hours", _QUOTA_PAUSE, shared=True, rolling=True)
LIMITS = Limits((DAY,), read_limits)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12
