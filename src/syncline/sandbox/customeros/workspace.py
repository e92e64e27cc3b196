"""The tenant's workspace: its documents, ids and stamps, and which edition of the service it shows."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from syncline.sandbox.clock import Clock
from syncline.sandbox.customeros.editions import EDITIONS, NEWEST, Edition
from syncline.sandbox.customeros.schema import Additions
from syncline.sandbox.state import Document, State
from syncline.sandbox.system import UnknownRecordError

ORGANIZATIONS, USERS = "organizations", "users"
TYPES = (ORGANIZATIONS, USERS)
_NAMESPACE = uuid.UUID("6f2f0e0a-9d3f-5c57-8a53-1f6f4f2f7a11")


class Workspace:
    """Everything the parts of the stand-in share."""

    def __init__(self, state: State, clock: Clock, seed: int) -> None:
        self.state = state
        self.clock = clock
        self.seed = seed

    def new_id(self) -> str:
        """A fresh id in the form of a UUID, the same for the same seed and order of events."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.seed}/{self.state.next('id')}"))

    def stamp(self) -> str:
        """The present time as records carry it."""
        return stamp(self.clock.now())

    def edition(self) -> Edition:
        """The published vocabulary that is spoken now."""
        return EDITIONS[str((self.state.peek("_edition", "edition") or {"name": NEWEST})["name"])]

    def choose_edition(self, name: str) -> str:
        """Speak another published vocabulary from now on; ValueError names the ones there are.

        The stages of all organisations are renamed, and no time of change moves.
        """
        if name not in EDITIONS:
            raise ValueError(f"unknown edition {name[:40]!r}: give one of {', '.join(EDITIONS)}")
        before = self.edition()
        self.state.put("_edition", "edition", {"name": name})
        newest = {shown: stage for stage, shown in before.stages.items()}
        for doc in self.state.all(ORGANIZATIONS):
            stage = newest.get(doc["stage"], doc["stage"])
            self.save(ORGANIZATIONS, {**doc, "stage": EDITIONS[name].stages.get(stage, stage)})
        return name

    def additions(self) -> Additions:
        """What a test has added to the schema."""
        return Additions.read(self.state.peek("_schema", "additions") or {})

    def add(self, change: Mapping[str, Any]) -> Additions:
        """Add something to the schema, or take it away; what is added now."""
        kept = self.state.peek("_schema", "additions") or {}
        self.state.put("_schema", "additions", {**kept, **change})
        return self.additions()

    def listed(self) -> list[Mapping[str, Any]]:
        """The organisations that searches see: neither archived nor merged away.

        Leads that are no companies are among them only where the schema can tell.
        """
        everything = self.additions().lead_type
        return [
            doc
            for doc in self.state.all(ORGANIZATIONS)
            if not doc["hide"] and not doc["_merged_into"] and (everything or doc["leadType"] == "company")
        ]

    def found(self, type_: str, id_: str) -> Mapping[str, Any] | None:
        """A record that can be read by its id, archived ones included, merged ones not."""
        doc = self.state.peek(type_, id_)
        return None if doc is None or doc.get("_merged_into") else doc

    def edited(self, type_: str, id_: str) -> Document:
        """A copy of a record, to be changed and saved."""
        doc = self.state.get(type_, id_) if type_ in TYPES else None
        if doc is None or doc.get("_merged_into"):
            raise UnknownRecordError(f"there is no {type_[:40]} record {id_[:80]}")
        return doc

    def save(self, type_: str, doc: Mapping[str, Any]) -> None:
        """Store a record."""
        self.state.put(type_, str(doc["id"]), doc)


def stamp(moment: datetime) -> str:
    """A time as ISO 8601 in UTC with microseconds and Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def moment(text: str) -> datetime:
    """The time a stamp tells, in UTC; ValueError when it tells none."""
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
