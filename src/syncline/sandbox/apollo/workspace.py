"""The team's workspace: its documents, ids and stamps, who acts for an API key, and the lag of its searches."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from syncline.sandbox.apollo.wire import bad_id
from syncline.sandbox.clock import Clock
from syncline.sandbox.state import Document, State

CONTACTS, ACCOUNTS, USERS, LABELS = "contacts", "accounts", "users", "labels"
CONTACT_STAGES, ACCOUNT_STAGES = "contact_stages", "account_stages"
OPPORTUNITIES, OPPORTUNITY_STAGES = "opportunities", "opportunity_stages"
PIPELINES = "opportunity_pipelines"
FIELDS, ORGANIZATIONS = "typed_custom_fields", "organizations"
_FIRST_SECOND = 0x65000000  # ids begin with a time; a fixed one keeps the ids of a seed the same everywhere


class Workspace:
    """Everything the parts of the stand-in share."""

    def __init__(self, state: State, clock: Clock, seed: int) -> None:
        self.state = state
        self.clock = clock
        self.seed = seed

    def new_id(self) -> str:
        """A fresh id: 24 hexadecimal digits that grow, the same for the same seed and order of events."""
        number = self.state.next("object_id")
        return f"{_FIRST_SECOND + number:08x}{self.seed & 0xFFFFFFFFFF:010x}{number & 0xFFFFFF:06x}"

    @property
    def team_id(self) -> str:
        """The id of the one team."""
        return str((self.state.peek("team", "team") or {})["id"])

    def stamp(self) -> str:
        """The present time as records carry it."""
        return stamp(self.clock.now())

    def acting_user(self) -> str:
        """Whom an API key acts as: the longest-standing user who is not deleted."""
        active = [user for user in self.state.all(USERS) if not user["deleted"]]
        return str(min(active, key=lambda user: (user["created_at"], user["id"]))["id"])

    def alive(self, type_: str, id_: str) -> Document | None:
        """A copy of a record that exists and is not deleted."""
        found = self.state.get(type_, id_)
        return None if found is None or found.get("_deleted") else found

    def check_id(self, type_: str, id_: object) -> str:
        """The id when it belongs to a record of the type; otherwise the vendor's 422."""
        if not isinstance(id_, str) or self.alive(type_, id_) is None:
            raise bad_id(id_)
        return id_

    def save(self, type_: str, doc: Mapping[str, Any]) -> None:
        """Store a record; while searches lag they go on showing what was there before."""
        lag = self.search_lag()
        if lag > 0:
            self._keep_shadow(type_, str(doc["id"]), self.clock.now().timestamp() + lag)
        self.state.put(type_, str(doc["id"]), doc)

    def search_lag(self) -> float:
        """How many seconds searches are behind; 0 unless the control said otherwise."""
        return float((self.state.peek("_lag", "lag") or {"seconds": 0})["seconds"])

    def set_search_lag(self, seconds: float) -> None:
        """Let searches show changes only that many seconds after they were made."""
        self.state.put("_lag", "lag", {"seconds": seconds})

    def searchable(self, type_: str) -> list[Mapping[str, Any]]:
        """The records of a type that searches see now, deleted ones left out."""
        seen: list[Mapping[str, Any]] = self.state.all(type_)
        if self.is_lagging(type_):
            seen = [shown for doc in seen if (shown := self._as_indexed(type_, doc)) is not None]
        return [doc for doc in seen if not doc.get("_deleted") and not doc.get("_hidden")]

    def is_lagging(self, type_: str) -> bool:
        """Whether searches of a type may show what was there before."""
        return self.state.count(f"_shadow_{type_}") > 0

    def _keep_shadow(self, type_: str, id_: str, until: float) -> None:
        kept = self.state.peek(f"_shadow_{type_}", id_)
        if kept is None or kept["until"] <= self.clock.now().timestamp():
            before = self.state.peek(type_, id_)
            self.state.put(f"_shadow_{type_}", id_, {"until": until, "doc": before})

    def _as_indexed(self, type_: str, doc: Mapping[str, Any]) -> Mapping[str, Any] | None:
        kept = self.state.peek(f"_shadow_{type_}", str(doc["id"]))
        if kept is None or kept["until"] <= self.clock.now().timestamp():
            return doc
        shown: Mapping[str, Any] | None = kept["doc"]
        return shown


def stamp(moment: datetime) -> str:
    """A time as ISO 8601 in UTC with milliseconds and Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def shown(doc: Mapping[str, Any]) -> Document:
    """A record without what the API never shows: keys that begin with an underscore."""
    return {key: value for key, value in doc.items() if not key.startswith("_")}
