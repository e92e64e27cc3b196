"""Calls of the REST API: found by path, let in by token, version and allocation, answered in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from syncline.sandbox.salesforce.errors import ApiError, Problem, not_found, refuse
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.schema import Schema
from syncline.sandbox.salesforce.tables import Document
from syncline.sandbox.salesforce.writer import Manner

OLDEST, NEWEST = 31, 68
FIRST_EVER = 20

TOTAL = "TotalRequests Limit exceeded."
CONCURRENT = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."

_VERSION = re.compile(r"v(\d{2})\.0")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, wherever it came from: HTTP or a composite."""

    org: Org
    method: str
    path: str
    origin: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    raw_query: str = ""

    @property
    def version(self) -> str:
        """The version as it stands in the path, such as v60.0."""
        return self.params["version"]

    @property
    def schema(self) -> Schema:
        """The objects as the caller sees them."""
        return self.org.catalogue.seen(restricted=self._restricted)

    @property
    def written_schema(self) -> Schema:
        """The objects with every field, those that the caller may not write marked so."""
        return self.org.catalogue.written(restricted=self._restricted)

    @property
    def _restricted(self) -> bool:
        return self.user == self.org.integration_user

    @property
    def hidden(self) -> frozenset[str]:
        """The ids of the records that are not shared with the caller."""
        return frozenset(self.org.settings["hidden_records"] if self._restricted else ())

    def scan(self, object_name: str) -> Sequence[Document]:
        """The records of an object that the caller may see, the recycle bin included."""
        records, hidden = self.org.tables.scan(object_name), self.hidden
        return [each for each in records if each["Id"] not in hidden] if hidden else records

    def fetch(self, object_name: str, id_: str) -> Document | None:
        """One record, unless the caller may not see it."""
        return None if id_ in self.hidden else self.org.tables.fetch(object_name, id_)

    @property
    def text(self) -> str:
        """The body as text."""
        try:
            return self.body.decode()
        except UnicodeDecodeError as error:
            raise refuse("JSON_PARSER_ERROR", "Invalid UTF-8 in the request entity body") from error

    def json(self) -> Any:
        """The body as JSON."""
        if not self.body.strip():
            message = "The HTTP entity body is required, but this request has no entity body."
            raise refuse("JSON_PARSER_ERROR", message)
        kind = self.headers.get("content-type", "application/json").split(";")[0].strip().lower()
        if kind != "application/json":
            message = f"Content-Type header specified in HTTP request is not supported: {kind}"
            raise refuse("UNSUPPORTED_MEDIA_TYPE", message, 415)
        try:
            return _parsed(self.text)
        except json.JSONDecodeError as error:
            message = f"{error.msg} at [line:{error.lineno}, column:{error.colno}]"
            raise refuse("JSON_PARSER_ERROR", message) from error
        except (ValueError, RecursionError) as error:
            raise refuse("JSON_PARSER_ERROR", f"{error} at [line:1, column:1]") from error

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object."""
        found = self.json()
        if not isinstance(found, dict):
            message = "Cannot deserialize instance of object from START_ARRAY value [ at [line:1, column:1]"
            raise refuse("JSON_PARSER_ERROR", message)
        return found

    def manner(self) -> Manner:
        """Who writes, and what the headers ask of a write."""
        wishes = self.headers.get("sforce-duplicate-rule-header", "")
        return Manner(
            user=self.user,
            hidden=self.hidden,
            version=float(self.version[1:]),
            allow_duplicates=re.search(r"allowSave\s*=\s*true", wishes, re.IGNORECASE) is not None,
            auto_assign=self.headers.get("sforce-auto-assign", "true").lower() != "false",
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; a body of None is an empty one, bytes and texts go out as they are."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, dict[str, str]]:
        """The bytes of the body and all headers."""
        if self.body is None:
            return b"", dict(self.headers)
        if isinstance(self.body, str):
            return self.body.encode(), {"content-type": "text/plain;charset=UTF-8", **self.headers}
        return msgspec.json.encode(self.body), {
            "content-type": "application/json;charset=UTF-8",
            **self.headers,
        }


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path template and what each method does there; an open one needs no token and is not counted."""

    template: str
    handlers: Mapping[str, Handler]
    open: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """The paths the template means, with or without a slash at the end."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template) + r"/?")


class Api:
    """All endpoints of the org."""

    def __init__(self, endpoints: list[Endpoint]) -> None:
        self.endpoints = endpoints
        self._patterns = [(endpoint.pattern, endpoint) for endpoint in endpoints]

    def answer(self, call: Call) -> Reply:
        """The answer to a call from outside: counted, and with the allocation in its header."""
        try:
            endpoint, found = self._find(call)
            if endpoint.open:
                return self._handle(endpoint, found)
            signed_in = _signed_in(found)
        except ApiError as error:
            return refused(error)
        usage = call.org.usage
        if usage.exhausted() or usage.crowded():
            kind = TOTAL if usage.exhausted() else CONCURRENT
            return _with_usage(refused(refuse("REQUEST_LIMIT_EXCEEDED", kind, 403)), usage.shown())
        usage.count()
        call.org.catch_up()
        reply = self.inside(signed_in)
        call.org.locks.settle()
        return _with_usage(reply, usage.shown())

    def inside(self, call: Call) -> Reply:
        """The answer to a call whose user is known already."""
        try:
            endpoint, found = self._find(call)
            if endpoint.open:
                raise not_found()
            _check_version(found.version)
            return self._handle(endpoint, found)
        except ApiError as error:
            return refused(error)

    def _find(self, call: Call) -> tuple[Endpoint, Call]:
        for pattern, endpoint in self._patterns:
            if match := pattern.fullmatch(call.path):
                params = {name: unquote(value) for name, value in match.groupdict().items()}
                return endpoint, replace(call, params=params)
        raise not_found()

    def _handle(self, endpoint: Endpoint, call: Call) -> Reply:
        method = call.method
        if method == "POST" and "_HttpMethod" in call.query:
            method = call.query["_HttpMethod"].upper()
        handler = endpoint.handlers.get("GET" if method == "HEAD" else method)
        if handler is None:
            return refused(_wrong_method(method, endpoint))
        return handler(call)


def refused(error: ApiError) -> Reply:
    """The reply of a refusal: an array of problems."""
    headers = {"www-authenticate": "Token"} if error.status == 401 else {}
    return Reply(error.status, [problem.shown() for problem in error.problems], headers)


def query_of(text: str) -> dict[str, str]:
    """The parameters of a query string."""
    return dict(parse_qsl(text, keep_blank_values=True))


def _parsed(text: str) -> Any:
    found = json.loads(text, parse_constant=_no_constant)
    if "\\u" in text:
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"Unexpected character: '{name}' is no JSON value")


def _signed_in(call: Call) -> Call:
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme and scheme.lower() not in {"bearer", "oauth"}:
        raise ApiError(401, Problem("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"))
    user = call.org.sessions.user_of(token.strip())
    if user is None:
        raise ApiError(401, Problem("INVALID_SESSION_ID", "Session expired or invalid"))
    return replace(call, user=user)


def _check_version(version: str) -> None:
    found = _VERSION.fullmatch(version)
    number = int(found[1]) if found else 0
    if FIRST_EVER < number < OLDEST:
        raise refuse("UNSUPPORTED_API_VERSION", f"API version {version[1:]} has been retired", 410)
    if not OLDEST <= number <= NEWEST:
        raise not_found()


def _with_usage(reply: Reply, shown: str) -> Reply:
    return replace(reply, headers={**reply.headers, "sforce-limit-info": shown})


def _wrong_method(method: str, endpoint: Endpoint) -> ApiError:
    allowed = ",".join(["HEAD", *endpoint.handlers] if "GET" in endpoint.handlers else endpoint.handlers)
    return refuse("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {allowed}", 405)
