"""Puts the stand-in of Apollo together: its parts, its operations and how a request passes through them."""

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncline.sandbox.apollo import dedupe
from syncline.sandbox.apollo.access import Access, Keys
from syncline.sandbox.apollo.account_calls import AccountCalls
from syncline.sandbox.apollo.accounts import Accounts
from syncline.sandbox.apollo.consent import HASH_PAGE, PLAIN_PAGE, Consent
from syncline.sandbox.apollo.contact_bulk import ContactBulk
from syncline.sandbox.apollo.contact_calls import ContactCalls
from syncline.sandbox.apollo.contacts import Contacts
from syncline.sandbox.apollo.coverage import COVERAGE
from syncline.sandbox.apollo.deal_stages import DealStages
from syncline.sandbox.apollo.doubts import Doubts
from syncline.sandbox.apollo.fields import Fields
from syncline.sandbox.apollo.jobs import Jobs
from syncline.sandbox.apollo.labels import Labels
from syncline.sandbox.apollo.limits import Limits
from syncline.sandbox.apollo.oauth import TOKEN_PATH, OAuth
from syncline.sandbox.apollo.operations import operations
from syncline.sandbox.apollo.opportunities import Opportunities
from syncline.sandbox.apollo.opportunity_calls import OpportunityCalls
from syncline.sandbox.apollo.organisations import Organisations
from syncline.sandbox.apollo.records import PersonInApollo
from syncline.sandbox.apollo.search import Search
from syncline.sandbox.apollo.seed import seed as fill
from syncline.sandbox.apollo.stages import Stages
from syncline.sandbox.apollo.switches import Switches
from syncline.sandbox.apollo.tokens import Tokens
from syncline.sandbox.apollo.users import Users
from syncline.sandbox.apollo.wire import (
    TOO_MANY,
    UNAUTHORISED,
    ApiError,
    Call,
    Operation,
    error_response,
    json_response,
    read_params,
)
from syncline.sandbox.apollo.workspace import ACCOUNTS, CONTACTS, OPPORTUNITIES, ORGANIZATIONS, Workspace
from syncline.sandbox.clock import Clock
from syncline.sandbox.state import State
from syncline.sandbox.system import Answer, PageRequest, SystemApp

BASE = "/api/v1"


def build(state: State, clock: Clock, seed: int) -> SystemApp:
    """The stand-in over a state, ready to be seeded and served."""
    apollo = Apollo(Workspace(state, clock, seed))
    return SystemApp(
        name="apollo",
        routes=apollo.routes(),
        records=apollo.records,
        credentials=lambda _base_url: {**apollo.keys.credentials(), **apollo.oauth.credentials()},
        seed=lambda world: fill(apollo, world),
        base_path=BASE,
        control_routes=apollo.control_routes(),
        error_answer=error_answer,
        is_next_page=is_next_page,
        operations=apollo.answered(),
        coverage=COVERAGE,
        is_listing=lambda request: request.path.endswith("/search"),
        is_write=is_write,
        storm=_as_answer(_too_many()),
        # What Apollo says during maintenance is not known; the form is that of its other errors.
        read_only=_as_answer(
            ApiError(503, {"status": 503, "error": "Service Unavailable"}, {"retry-after": "600"})
        ),
    )


class Apollo:
    """The parts of the stand-in and the way of a request through them."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        _index(workspace.state)
        self.doubts = Doubts(workspace.state)
        self.keys = Keys(workspace.state)
        self.tokens = Tokens(workspace)
        self.access = Access(workspace, self.keys, self.tokens, self.doubts)
        self.limits = Limits(workspace.state, workspace.clock)
        self.jobs = Jobs(workspace)
        self.stages = Stages(workspace)
        self.fields = Fields(workspace, self.doubts)
        self.labels = Labels(workspace, self.jobs)
        self.users = Users(workspace)
        self.organisations = Organisations(workspace)
        self.accounts = Accounts(workspace, self.stages, self.fields, self.organisations)
        self.contacts = Contacts(workspace, self.stages, self.fields, self.organisations)
        self.deal_stages = DealStages(workspace)
        self.deals = Opportunities(workspace, self.deal_stages, self.fields, self.accounts, self.doubts)
        self.records = PersonInApollo(
            workspace, self.contacts, self.accounts, self.deals, self.users, self.jobs
        )
        self.search = Search(workspace, self.contacts, self.accounts)
        self.contact_calls = ContactCalls(workspace, self.contacts, self.labels, self.doubts)
        self.contact_bulk = ContactBulk(workspace, self.contacts, self.labels, self.jobs, self.doubts)
        self.account_calls = AccountCalls(workspace, self.accounts, self.labels, self.jobs)
        self.opportunity_calls = OpportunityCalls(workspace, self.deals)
        self.operations = operations(self, self._usage)
        scopes = [operation.token_scope for operation in self.operations if operation.token_scope]
        self.oauth = OAuth(workspace, self.tokens, scopes)
        self.consent = Consent(workspace, self.oauth, self.tokens, self.doubts)

    def routes(self) -> list[Route]:
        """The operations as routes."""
        elsewhere = Route(
            BASE + "/{rest:path}", _not_found, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]
        )
        token = Route(BASE + TOKEN_PATH, self.oauth.exchange, methods=["POST"])
        consent = [
            Route(HASH_PAGE, self.consent.hash_page, methods=["GET"]),
            Route(PLAIN_PAGE, self.consent.ask, methods=["GET"]),
            Route(PLAIN_PAGE, self.consent.answer, methods=["POST"]),
        ]
        return [*(self._route(operation) for operation in self.operations), token, *consent, elsewhere]

    def answered(self) -> list[tuple[str, str]]:
        """Method and path of all that is answered."""
        consent = [("GET", HASH_PAGE), ("GET", PLAIN_PAGE), ("POST", PLAIN_PAGE)]
        served = [
            ("POST", TOKEN_PATH),
            *((operation.method, operation.path) for operation in self.operations),
        ]
        return [*((method, BASE + path) for method, path in served), *consent]

    def control_routes(self) -> list[Route]:
        """What tests may turn besides the controls every sandbox has."""
        return Switches(self).routes()

    def _route(self, operation: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            started = time.perf_counter()
            response = self._answer(operation, request, body)
            self._sign(response, time.perf_counter() - started)
            return response

        return Route(BASE + operation.path, endpoint, methods=[operation.method])

    def _answer(self, operation: Operation, request: Request, body: bytes) -> Response:
        headers: dict[str, str] = {}
        try:
            if operation.open:
                return json_response(200, operation.handler(self._open_call(request)), headers)
            user = self.access.admit(request.headers, operation, self.limits.plan())
            headers = self.limits.take(operation)
            self.jobs.settle()
            result = self._carry_out(operation, request, body, user)
        except ApiError as error:
            if error.status != 403:  # neither 401 nor 403 tells of limits
                error.headers = {**headers, **error.headers}
            return error_response(error)
        return json_response(200, result, headers)

    def _carry_out(self, operation: Operation, request: Request, body: bytes, user: str) -> Any:
        content_type = request.headers.get("content-type", "")
        params = read_params(request.path_params, request.url.query, content_type, body)
        with self.workspace.state.transaction():
            return operation.handler(Call(params, user))

    def _open_call(self, request: Request) -> Call:
        return Call({"known": self.access.knows(request.headers)}, "")

    def _sign(self, response: Response, seconds: float) -> None:
        """The headers every answer carries, and which nobody should rely on."""
        request_id = f"{self.workspace.state.next('request_id'):032x}"
        response.headers["x-request-id"] = request_id
        response.headers["x-transaction-id"] = request_id[::-1]
        response.headers["x-runtime"] = f"{seconds:.6f}"
        response.headers["etag"] = f'W/"{hashlib.sha256(bytes(response.body)).hexdigest()[:32]}"'

    def _usage(self, _call: Call) -> Mapping[str, Any]:
        return self.limits.usage([operation for operation in self.operations if not operation.open])


def error_answer(status: int) -> Answer | None:
    """The vendor's own body for a fault of that status."""
    if status == 401:
        return _as_answer(ApiError(401, UNAUTHORISED))
    if status == 429:
        error = _too_many()
        return _as_answer(ApiError(429, error.body, {"retry-after": "60"}))
    if status == 500:
        return _as_answer(ApiError(500, {"status": 500, "error": "Internal Server Error"}))
    return None


def _too_many() -> ApiError:
    """The 429 of a window that is used up, which says by itself how long it lasts."""
    text = TOO_MANY.format(name="api/v1", limit=200, window="minute")
    return ApiError(429, {"message": text})


def is_write(request: PageRequest) -> bool:
    """Whether a request changes anything; searches, statistics, consents and tokens are asked for by POST."""
    reads = request.path.endswith(("/search", "/api_usage_stats", TOKEN_PATH, PLAIN_PAGE))
    return request.method not in {"GET", "HEAD"} and not reads


def is_next_page(request: PageRequest) -> bool:
    """Whether a request asks for any page but the first."""
    try:
        params = read_params({}, request.query, "application/json", request.body)
    except ApiError:
        return False
    return Call(params, "").number("page", 1) > 1


def _as_answer(error: ApiError) -> Answer:
    kind = "text/plain; charset=utf-8" if isinstance(error.body, str) else "application/json; charset=utf-8"
    body = error.body.encode() if isinstance(error.body, str) else json.dumps(error.body).encode()
    return Answer(error.status, {"content-type": kind, **error.headers}, body)


async def _not_found(_request: Request) -> Response:
    return JSONResponse({"status": 404, "error": "Not Found"}, status_code=404)


def _index(state: State) -> None:
    """The indexes searches and matching need."""
    state.index(CONTACTS, "email", dedupe.contact_emails)
    state.index(CONTACTS, "crm", dedupe.contact_crm_ids)
    state.index(CONTACTS, "person", lambda doc: [doc["person_id"]] if doc["person_id"] else [])
    state.index(CONTACTS, "name", dedupe.lower_name)
    state.index(CONTACTS, "account", lambda doc: [doc["account_id"]] if doc["account_id"] else [])
    state.index(CONTACTS, "label", lambda doc: doc["label_ids"])
    state.index(ACCOUNTS, "domain", lambda doc: [doc["domain"]] if doc["domain"] else [])
    state.index(
        ACCOUNTS, "organization", lambda doc: [doc["organization_id"]] if doc["organization_id"] else []
    )
    state.index(ACCOUNTS, "name", dedupe.lower_name)
    state.index(ACCOUNTS, "crm", dedupe.account_crm_ids)
    state.index(ACCOUNTS, "label", lambda doc: doc["label_ids"])
    state.index(OPPORTUNITIES, "account", lambda doc: [doc["account_id"]] if doc["account_id"] else [])
    state.index(ORGANIZATIONS, "domain", lambda doc: [doc["domain"]])
