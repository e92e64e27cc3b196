"""Puts the stand-in of CustomerOS together: its parts, and how a request passes through them."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ariadne import graphql_sync, make_executable_schema
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncline.sandbox.clock import Clock
from syncline.sandbox.customeros import schema
from syncline.sandbox.customeros.access import Access
from syncline.sandbox.customeros.coverage import COVERAGE
from syncline.sandbox.customeros.editions import EDITIONS
from syncline.sandbox.customeros.limits import Limits, too_many
from syncline.sandbox.customeros.queries import Queries
from syncline.sandbox.customeros.records import PersonInCustomerOS
from syncline.sandbox.customeros.seed import seed as fill
from syncline.sandbox.customeros.switches import Switches
from syncline.sandbox.customeros.trouble import Trouble
from syncline.sandbox.customeros.wire import Refusal, answer
from syncline.sandbox.customeros.workspace import Workspace
from syncline.sandbox.state import State
from syncline.sandbox.system import Answer, PageRequest, SystemApp

PATH = "/query"
LISTINGS = frozenset({"organizations", "organizations_HiddenAfter", "ui_organizations_search", "users"})
OPEN = "IntrospectionQuery"
"""An operation of this name is answered without a key."""
LARGEST = 1_000_000
MOST_KEPT = 256


def build(state: State, clock: Clock, seed: int) -> SystemApp:
    """The stand-in over a state, ready to be seeded and served."""
    service = CustomerOS(Workspace(state, clock, seed))
    return SystemApp(
        name="customeros",
        routes=[Route(PATH, service.query, methods=["POST"])],
        records=service.records,
        credentials=lambda _base_url: service.access.credentials(),
        seed=lambda world: fill(service, world),
        control_routes=Switches(service).routes(),
        error_answer=lambda status: _error_answer(service.access, status),
        operations=[("POST", PATH)],
        coverage=COVERAGE,
        is_listing=lambda request: bool(LISTINGS & set(asked_for(request.body))),
        is_write=lambda request: False,  # noqa: ARG005 - the queries that are served change nothing
        place=place,
        editions=tuple(EDITIONS),
        choose_edition=service.workspace.choose_edition,
        storm=_as_answer(too_many(60)),
    )


class CustomerOS:
    """The parts of the stand-in and the way of a request through them."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.access = Access(workspace.state)
        self.limits = Limits(workspace.state, workspace.clock)
        self.trouble = Trouble(workspace.state)
        self.records = PersonInCustomerOS(workspace)
        self._queries = Queries(workspace, self.limits)
        self._schemas: dict[str, GraphQLSchema] = {}
        self._fitting: set[tuple[str, str]] = set()

    async def query(self, request: Request) -> Response:
        """Answer one operation."""
        body = await request.body()
        try:
            return self._answer(request.headers, body)
        except Refusal as refusal:
            return refusal.response()

    def _answer(self, headers: Mapping[str, str], body: bytes) -> Response:
        asked = _read(body)
        document = _parsed(asked["query"])
        if not _is_open(document, asked.get("operationName")):
            self.access.admit(headers)
            self.limits.take()
            self.limits.check(document)
        text = schema.text(self.workspace.edition(), self.workspace.additions())
        with self.workspace.state.transaction():
            success, result = graphql_sync(
                self._schema(text),
                asked,
                query_document=document,
                query_validator=self._validator(text, asked["query"]),
                middleware=self._middleware(),
            )
        return answer(200 if success or "data" in result else 422, result)

    def _schema(self, text: str) -> GraphQLSchema:
        if text not in self._schemas:
            self._schemas[text] = self._queries.bind(make_executable_schema(text))
        return self._schemas[text]

    def _validator(self, text: str, query: str) -> Callable[..., list[GraphQLError]]:
        """Looks whether a query fits a schema; clients ask the same ones all day, so it is remembered which do."""

        def check(*given: Any, **named: Any) -> list[GraphQLError]:
            if (text, query) in self._fitting:
                return []
            errors = validate(*given, **named)
            if not errors:
                self._fitting = {*self._fitting, (text, query)} if len(self._fitting) < MOST_KEPT else set()
            return errors

        return check

    def _middleware(self) -> list[Callable[..., Any]] | None:
        """Lets fields fail that are told to; nothing stands in the way while there are none."""
        if not self.trouble.is_near():
            return None

        def resolve(
            next_: Callable[..., Any], parent: Any, info: GraphQLResolveInfo[Any], **given: Any
        ) -> Any:
            if message := self.trouble.of(info.field_name):
                raise GraphQLError(message)
            return next_(parent, info, **given)

        return [resolve]


def place(request: PageRequest) -> str:
    """Where a request goes, as faults know it: the path and the fields it asks the query for."""
    return " ".join([request.path, *asked_for(request.body)])


def asked_for(body: bytes) -> list[str]:
    """The names of the fields an operation asks the query for; none when it cannot be understood."""
    try:
        document = _parsed(_read(body)["query"])
    except Refusal:
        return []
    return [
        selected.name.value
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        for selected in definition.selection_set.selections
        if hasattr(selected, "name")
    ]


def _read(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "json request body could not be decoded") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        raise Refusal(422, "no operation provided", code="GRAPHQL_PARSE_FAILED")
    if not isinstance(asked.get("variables") or {}, dict):
        raise Refusal(400, "json request body could not be decoded")
    return {name: asked[name] for name in ("query", "variables", "operationName") if asked.get(name)}


@lru_cache(maxsize=MOST_KEPT)
def _parsed(query: str) -> DocumentNode:
    try:
        if len(query) > LARGEST:
            raise Refusal(422, "the operation is too long", code="GRAPHQL_PARSE_FAILED")
        return parse(query, max_tokens=50_000)
    except (GraphQLError, RecursionError) as error:
        text = error.message if isinstance(error, GraphQLError) else "the operation is nested too deeply"
        raise Refusal(422, text, code="GRAPHQL_PARSE_FAILED") from None


def _is_open(document: DocumentNode, name: object) -> bool:
    """Whether this is the operation that needs no key. It tells of the schema; here it is held to that."""
    chosen = [
        each
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode) and each.name and each.name.value == OPEN
    ]
    only = name in {None, OPEN} and len(chosen) == len(document.definitions) == 1
    fields = [getattr(each, "name", None) for one in chosen for each in one.selection_set.selections]
    return only and all(each is not None and each.value.startswith("__") for each in fields)


def _error_answer(access: Access, status: int) -> Answer | None:
    """The service's own body for a fault of that status."""
    if status == 401:
        return _as_answer(access.refusal())
    if status == 429:
        return _as_answer(too_many(60))
    if status == 500:
        return _as_answer(Refusal(500, "internal system error"))
    return None


def _as_answer(refusal: Refusal) -> Answer:
    response = refusal.response()
    return Answer(response.status_code, {"content-type": "application/json"}, bytes(response.body))
