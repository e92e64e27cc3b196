"""The HTTP client of the connectors: tells apart what may be sent again from what may have happened."""

import random
import ssl
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx2
import msgspec

from syncline.connectors.base import Clock
from syncline.connectors.http.address import check_base_url, is_loopback
from syncline.connectors.http.budget import Budget
from syncline.connectors.http.reply import Reply, read_reply, redactor, retry_after
from syncline.core.budget import Ticket
from syncline.core.errors import (
    AuthError,
    ProtocolError,
    RateLimitedError,
    SynclineError,
    UnavailableError,
)

Params: TypeAlias = Mapping[str, str | int] | Sequence[tuple[str, str]]

LARGEST_ANSWER = 64 * 1024 * 1024
SLOWEST_ANSWER = 4
"""An answer may take that many timeouts in all: a server that drips never ends a single read."""
OK: Collection[int] = (200, 201, 202, 204)
_SECRET_FIELDS = frozenset({"assertion", "client_secret", "code", "code_verifier", "refresh_token", "token"})
_NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


@dataclass(frozen=True, slots=True)
class _Call:
    """One request as its caller asked for it; `endpoint` names it wherever it is counted or told."""

    method: str
    path: str
    endpoint: str
    params: Params | None
    body: bytes | None
    form: Mapping[str, str] | None
    headers: Mapping[str, str]
    repeatable: bool
    expect: Collection[int]

    @property
    def name(self) -> str:
        return f"{self.method} {self.endpoint}"


@dataclass(frozen=True, slots=True)
class _Trouble:
    """A try that failed: what to raise, whether to try again, and the wait the system asks for."""

    error: SynclineError
    again: bool
    wait: float | None = None


def _never(_reply: Reply) -> bool:
    return False


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates of this machine, loaded once for all clients: that takes longer than a request."""
    return httpx2.create_ssl_context()


class HttpClient:
    """Sends requests to one system and answers with `Reply`, or raises what stops the connection.

    `headers` is asked for each request, so a renewed token takes effect; `renew` gets a new token and says
    whether it did; `refuses` tells a 5xx by which the system says that it carried nothing out. A 4xx other than
    401, 408 and 429 is returned: it is about the records, and the connector looks at it.
    """

    def __init__(
        self,
        base_url: str,
        *,
        clock: Clock,
        budget: Budget,
        headers: Callable[[], Mapping[str, str]] = dict,
        renew: Callable[[], bool] | None = None,
        refuses: Callable[[Reply], bool] = _never,
        timeout: float = 30.0,
        attempts: int = 4,
        max_wait: float = 60.0,
        secrets: Sequence[str] = (),
    ) -> None:
        self.base_url = check_base_url(base_url)
        self.calls: Counter[str] = Counter()
        self._host = urlsplit(self.base_url).hostname or ""
        self._clock = clock
        self._budget = budget
        self._headers = headers
        self._renew = renew
        self._refuses = refuses
        self._timeout = timeout
        self._attempts = attempts
        self._max_wait = max_wait
        self._secrets = tuple(secrets)
        self._sent: tuple[str, ...] = ()
        self._http = httpx2.Client(
            timeout=timeout,
            follow_redirects=False,
            # A proxy named in the environment is for the world outside, not for a sandbox on this machine.
            trust_env=not is_loopback(self._host),
            # Plain http, which only sandboxes speak, has nothing to verify.
            verify=False if self.base_url.startswith("http:") else _trusted(),
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        endpoint: str,
        repeatable: bool,
        params: Params | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] = OK,
    ) -> Reply:
        """Send a request, again where that is safe, and return its answer.

        `endpoint` is the route's template: calls are counted and budgeted as "METHOD endpoint". `repeatable`
        says that the request does no harm when it is carried out twice. One that is not is sent again only if it
        cannot have been carried out; when its answer is lost or cannot be read, `UnavailableError` has `sent`
        true. A status below 400 that `expect` does not name, a redirect included, is a `ProtocolError`.
        """
        body = None if json is None else msgspec.json.encode(json)
        call = _Call(
            method, path, endpoint, params, body, form, dict(headers or {}), repeatable, frozenset(expect)
        )
        renewed = False
        attempt = 1
        while True:
            result = self._send_once(call)
            if isinstance(result, Reply):
                return result
            if isinstance(result.error, AuthError) and not renewed and self._renew is not None:
                renewed = True
                if self._renew():
                    continue
            if not result.again or attempt >= self._attempts:
                raise result.error
            self._pause(result, attempt)
            attempt += 1

    def close(self) -> None:
        """Let go of sockets."""
        self._http.close()

    def redact(self, text: str) -> str:
        """Vendor text as one short line for a message: no secrets, no control characters."""
        return redactor([*self._secrets, *self._sent])(text)

    def _send_once(self, call: _Call) -> Reply | _Trouble:
        ticket = self._admitted(call.name)
        self.calls[call.name] += 1
        heard: Mapping[str, str] = {}
        try:
            reply = self._exchange(call)
            heard = reply.headers if reply else heard
        except _NOT_SENT as error:
            again = not isinstance(error, httpx2.LocalProtocolError)
            return _Trouble(self._unavailable(call, _cause(error), sent=False), again=again)
        except httpx2.DecodingError:
            return self._unreadable(call, "cannot be unpacked")
        except httpx2.RequestError as error:
            return _Trouble(self._unavailable(call, _cause(error), sent=True), again=call.repeatable)
        finally:
            self._budget.after(ticket, heard, self._clock.now())
        if reply is None:
            trouble = self._unreadable(call, f"is larger than {LARGEST_ANSWER // 2**20} MB")
            return _Trouble(trouble.error, again=False)
        return self._judge(call, reply)

    def _admitted(self, name: str) -> Ticket:
        """Leave to make a call, waited for where its window opens soon."""
        while not isinstance(leave := self._budget.before(name, self._clock.now()), Ticket):
            self._clock.sleep(leave)
        return leave

    def _exchange(self, call: _Call) -> Reply | None:
        """The answer read whole, or None when it is too large to be one."""
        headers = {"accept": "application/json", **self._checked_headers(), **call.headers}
        self._sent = _secret_parts(headers, call.form or {})
        if call.body is not None:
            headers.setdefault("content-type", "application/json")
        deadline = time.monotonic() + SLOWEST_ANSWER * self._timeout
        body = bytearray()
        with self._http.stream(
            call.method,
            self.base_url + call.path,
            params=call.params,  # type: ignore[arg-type]  # pairs of text are a form httpx2 takes
            content=call.body,
            data=dict(call.form) if call.form is not None else None,
            headers=headers,
        ) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    return None
                if time.monotonic() > deadline:
                    raise httpx2.ReadTimeout("the answer takes too long")
            return read_reply(response.status_code, dict(response.headers), bytes(body))

    def _judge(self, call: _Call, reply: Reply) -> Reply | _Trouble:
        status = reply.status
        if status == 401:
            return _Trouble(self._unauthorised(call, reply), again=False)
        if status == 429:
            return self._slow_down(call, reply)
        if status >= 500 and self._says_it_did_nothing(reply):
            return self._refused(call, reply)
        if status >= 500 or status == 408:
            error = self._unavailable(call, f"answered HTTP {status}{self._quote(reply)}", sent=True)
            return _Trouble(error, again=call.repeatable, wait=retry_after(reply.headers, self._clock.now()))
        if status >= 400:
            return reply
        if status not in call.expect:
            return self._unreadable(call, f"has the unexpected status {status}", again=False)
        if not reply.is_json:
            kind = "a page of HTML" if "<" in reply.text[:200] else "not whole JSON"
            return self._unreadable(call, f"is {kind}")
        return reply

    def _says_it_did_nothing(self, reply: Reply) -> bool:
        """A 503 that names a time to come back is a refusal, as a 429 is; of others the connector may know it."""
        comes_back = reply.status == 503 and retry_after(reply.headers, self._clock.now()) is not None
        return comes_back or self._refuses(reply)

    def _refused(self, call: _Call, reply: Reply) -> _Trouble:
        wait = retry_after(reply.headers, self._clock.now())
        error = self._unavailable(call, f"answered HTTP {reply.status}{self._quote(reply)}", sent=False)
        return _Trouble(error, again=wait is not None and wait <= self._max_wait, wait=wait)

    def _unauthorised(self, call: _Call, reply: Reply) -> AuthError:
        said = self._quote(reply)
        return AuthError(f"{self._host} does not accept the credentials ({call.name}: HTTP 401{said}).")

    def _slow_down(self, call: _Call, reply: Reply) -> _Trouble:
        now = self._clock.now()
        wait = retry_after(reply.headers, now)
        retry_at = now + timedelta(seconds=self._max_wait if wait is None else wait)
        when = retry_at.isoformat(timespec="seconds")
        when = f"it may go on at {when}" if wait is not None else f"try again not before {when}"
        message = f"{self._host} refuses {call.name} for now, too many calls; {when} (HTTP 429{self._quote(reply)})."
        error = RateLimitedError(message, retry_at=retry_at, endpoint=call.endpoint)
        return _Trouble(error, again=wait is None or wait <= self._max_wait, wait=wait)

    def _unreadable(self, call: _Call, what: str, *, again: bool = True) -> _Trouble:
        if not call.repeatable:  # it may have been carried out, which matters more than how the answer looks
            return _Trouble(self._unavailable(call, f"gave an answer that {what}", sent=True), again=False)
        return _Trouble(ProtocolError(f"The answer of {self._host} to {call.name} {what}."), again=again)

    def _unavailable(self, call: _Call, why: str, *, sent: bool) -> UnavailableError:
        return UnavailableError(f"{self._host} {why} ({call.name}).", sent=sent, endpoint=call.endpoint)

    def _pause(self, trouble: _Trouble, attempt: int) -> None:
        """Wait as long as the system asks, else ever longer and never in step with other clients."""
        backoff = 0.5 * 2**attempt * random.SystemRandom().uniform(0.5, 1.0)
        seconds = trouble.wait if trouble.wait is not None else backoff
        self._clock.sleep(min(seconds, self._max_wait))

    def _checked_headers(self) -> dict[str, str]:
        """The caller's headers; a key with a line break or another odd character is never sent."""
        headers = dict(self._headers())
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable() and value == value.strip()):
                raise AuthError(f"The value for the header {name} holds characters that cannot be sent.")
        return headers

    def _quote(self, reply: Reply) -> str:
        """What the system said, for the end of a message."""
        said = reply.text if not reply.is_json else _said(reply.data)
        line = self.redact(said) if "<html" not in said.lower() else ""
        return f": {line}" if line else ""


def _secret_parts(headers: Mapping[str, str], form: Mapping[str, str]) -> tuple[str, ...]:
    """What of a request must be in no message, should the system repeat it."""
    values = [value for name, value in headers.items() if name.lower() in {"authorization", "x-api-key"}]
    parts = [part for value in values for part in (value, value.rpartition(" ")[2])]
    return (*parts, *(value for name, value in form.items() if name in _SECRET_FIELDS and value))


def _said(data: Any) -> str:
    """The human part of a JSON error, wherever vendors put it."""
    first = data[0] if isinstance(data, list) and data else data
    if not isinstance(first, dict):
        return ""
    texts = (first.get(key) for key in ("error_description", "message", "error", "error_code", "errorCode"))
    return next((text for text in texts if isinstance(text, str) and text), "")


def _cause(error: httpx2.RequestError) -> str:
    """Why a connection failed, in words of ours: the library's own may quote the request."""
    if "CERTIFICATE" in str(error):
        return "cannot be trusted: its certificate is not valid"
    if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError | httpx2.ProxyError):
        return "cannot be reached"
    if isinstance(error, httpx2.TimeoutException):
        return "did not answer in time"
    return "broke the connection off"
