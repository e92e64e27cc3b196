"""The Salesforce stand-in as the common server takes it."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce import (
    batches,
    composite,
    external,
    queries,
    replication,
    resources,
    rows,
    ui_api,
)
from syncline.sandbox.salesforce.api import CONCURRENT, TOTAL, Api, Call, query_of, refused
from syncline.sandbox.salesforce.coverage import COVERAGE
from syncline.sandbox.salesforce.errors import refuse
from syncline.sandbox.salesforce.oauth.routes import oauth_endpoints
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.person import Person
from syncline.sandbox.salesforce.seed import seed_org
from syncline.sandbox.salesforce.switches import control_routes
from syncline.sandbox.state import State
from syncline.sandbox.system import Answer, PageRequest, SystemApp

MAX_HEAD = 16_384
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def build(state: State, clock: Clock, seed: int) -> SystemApp:
    """One org over a state file."""
    org = Org.open(state, clock)
    api = make_api()
    return SystemApp(
        name="salesforce",
        routes=_routes(org, api),
        records=Person(org),
        credentials=lambda base_url: _credentials(org, base_url),
        seed=lambda world: seed_org(org, world, seed),
        control_routes=control_routes(org),
        error_answer=_error_answer,
        is_next_page=_is_next_page,
        operations=[(method, each.template) for each in api.endpoints for method in each.handlers],
        coverage=COVERAGE,
        is_listing=lambda request: re.search(r"/query(All)?/?$", request.path) is not None,
        is_write=_is_write,
        topic=_queried,
        storm=_as_answer(403, "REQUEST_LIMIT_EXCEEDED", CONCURRENT),
        # The code and the words are Salesforce's; that the status is 503 is likely and not said anywhere.
        read_only=_as_answer(503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", _MAINTENANCE),
    )


def make_api() -> Api:
    """All endpoints; the more literal of two templates that fit one path stands first."""
    found: list[Api] = []
    endpoints = [
        *oauth_endpoints(),
        *resources.endpoints(),
        *queries.endpoints(),
        *batches.endpoints(),
        *composite.endpoints(lambda: found[0]),
        *replication.endpoints(),
        *ui_api.endpoints(),
        *external.endpoints(),
        *rows.endpoints(),
    ]
    found.append(Api(endpoints))
    return found[0]


def _routes(org: Org, api: Api) -> list[Route]:
    async def endpoint(request: Request) -> Response:
        if (too_long := _too_long(request)) is not None:
            return too_long
        body, headers = (reply := api.answer(await _call(org, request))).encoded()
        return Response(b"" if request.method == "HEAD" else body, reply.status, headers)

    templates = [each.template for each in api.endpoints]
    listed = [_SlashRoute(template, endpoint, methods=METHODS) for template in templates]
    return [*listed, Route("/{rest:path}", endpoint, methods=METHODS)]


class _SlashRoute(Route):
    """A route that does not mind a slash at the end, as the real service does not."""

    def __init__(self, path: str, endpoint: Any, methods: list[str]) -> None:
        super().__init__(path, endpoint, methods=methods)
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + "/?$")


async def _call(org: Org, request: Request) -> Call:
    return Call(
        org=org,
        method=request.method,
        # Undecoded: an external id may contain a slash or a per cent sign.
        path=request.scope["raw_path"].decode("latin-1"),
        origin=f"{request.url.scheme}://{request.url.netloc}",
        query=query_of(request.url.query),
        raw_query=request.url.query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
    )


def _too_long(request: Request) -> Response | None:
    """Address and headers together have a limit, which long queries and lists of ids run into."""
    address = len(request.scope["path"]) + len(request.url.query)
    headers = sum(len(name) + len(value) for name, value in request.headers.raw)
    if address + headers <= MAX_HEAD:
        return None
    if address > headers:
        return Response("URI Too Long", 414, {"content-type": "text/plain"})
    return Response("Request Header Fields Too Large", 431, {"content-type": "text/plain"})


def _credentials(org: Org, base_url: str) -> dict[str, Any]:
    user = org.tables.fetch("User", org.integration_user) or {}
    return {
        "client_id": org.app["client_id"],
        "client_secret": org.app["client_secret"],
        "username": user.get("Username"),
        "private_key": org.app["private_key"],
        "login_url": base_url,
    }


_ERRORS = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", TOTAL),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred."),
    503: ("SERVER_UNAVAILABLE", "The server is unable to handle the request."),
}


_MAINTENANCE = "Updates can't be made during maintenance. Try again when maintenance is complete."


def _error_answer(status: int) -> Answer | None:
    if status not in _ERRORS:
        return None
    return _as_answer(status, *_ERRORS[status])


def _as_answer(status: int, code: str, message: str) -> Answer:
    body, headers = refused(refuse(code, message, status)).encoded()
    return Answer(status, headers, body)


def _is_write(request: PageRequest) -> bool:
    """Whether a request changes records: retrieval by ids is a POST, and so is signing in."""
    data = re.search(r"/services/data/v\d+\.0/(.*)", request.path)
    if data is None or request.method in {"GET", "HEAD"}:
        return False
    if re.fullmatch(r"composite/?", data[1]):
        return _has_writes(request.body)
    return re.fullmatch(r"composite/sobjects/\w+/?", data[1]) is None or request.method != "POST"


def _has_writes(body: bytes) -> bool:
    """Whether any part of a composite request is more than a read."""
    try:
        parts = json.loads(body)["compositeRequest"]
        return any(part["method"] != "GET" for part in parts)
    except (ValueError, TypeError, KeyError):
        return False


def _queried(query: str) -> str:
    """The object that a query in an address is over."""
    found = re.search(r"\bFROM\s+(\w+)", query_of(query).get("q", ""), re.IGNORECASE)
    return found[1] if found else ""


def _is_next_page(request: PageRequest) -> bool:
    """Pages come by locator, or by asking for what sorts after the last id seen."""
    if re.search(r"/query(All)?/01g", request.path):
        return True
    asked = query_of(request.query).get("q", "")
    return re.search(r"\bId\s*>\s*'", asked, re.IGNORECASE) is not None
