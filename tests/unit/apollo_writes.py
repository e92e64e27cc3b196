"""A scripted Apollo for tests of writes, and short words for what comes out of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from syncline.connectors.apollo.connector import ApolloConnector, Options
from syncline.connectors.base import Change, Draft
from syncline.core.model import ErrorClass, Outcome, Raw
from tests.unit.scripted_server import Answer, Request, ScriptedServer, StillClock

Respond = Callable[[Request], Answer]
FIELDS = [
    {"id": "f1", "modality": "contact", "name": "Size", "type": "number"},
    {
        "id": "f2",
        "modality": "contact",
        "name": "Locked",
        "type": "string",
        "is_readonly_mapped_crm_field": True,
    },
    {"id": "f3", "modality": "contact", "name": "Odd", "type": "formula"},
    {"id": "f4", "modality": "account", "name": "Of accounts", "type": "string"},
]
WHOLE: dict[str, Any] = {
    "email": None,
    "contact_stage_id": "s1",
    "phone_numbers": [],
    "typed_custom_fields": {},
}


class Team:
    """A server that knows the fields of a team and answers writes as the test says."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.clock = StillClock()
        self.on: dict[str, Respond] = {}
        server.respond = self._respond
        self.connector = ApolloConnector(
            "key", clock=self.clock, base_url=server.url, options=Options(timeout=5)
        )
        self.connector.describe("contact")
        server.requests.clear()

    def sent(self, route: str) -> list[Request]:
        return [request for request in self.server.requests if name_of(request) == route]

    def update(self, *changes: Mapping[str, Raw]) -> list[Outcome]:
        return self.connector.update("contact", [Change(f"c{n}", each) for n, each in enumerate(changes)])

    def create(self, *drafts: Mapping[str, Raw]) -> list[Outcome]:
        return self.connector.create("contact", [Draft(str(n), each) for n, each in enumerate(drafts)])

    def _respond(self, request: Request) -> Answer:
        if request.path == "/typed_custom_fields":
            return Answer(body={"typed_custom_fields": FIELDS})
        if request.path in {"/contact_stages", "/account_stages"}:
            return Answer(
                body={request.path[1:]: [{"id": "s1", "name": "Cold"}, {"id": "s2", "name": "Won"}]}
            )
        return self.on[name_of(request)](request)


def name_of(request: Request) -> str:
    """The route of a request, ids left out."""
    parts = request.path.strip("/").split("/")
    known = {"bulk_create", "bulk_update", "update_stages", "update_owners", "search", "health"}
    return f"{request.method} {parts[0]}" + (
        f"/{parts[1] if parts[1] in known else '{id}'}" if parts[1:] else ""
    )


def statuses(outcomes: list[Outcome]) -> list[str]:
    return [outcome.status.value for outcome in outcomes]


def classes(outcomes: list[Outcome]) -> list[ErrorClass | None]:
    return [outcome.failure.error_class if outcome.failure else None for outcome in outcomes]
