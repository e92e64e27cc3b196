"""A memory system and a connector that note every write of ours, and a clock that can end the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncline.connectors.base import Clock, Draft
from syncline.connectors.memory import Crash, MemoryConnector, MemorySystem
from syncline.core.model import Outcome, OutcomeStatus, Raw
from syncline.testing.clock import ManualClock


@dataclass(frozen=True)
class Made:
    """A record that a create of ours made, and the action it was made for."""

    object_type: str
    id: str
    action: int


@dataclass(frozen=True)
class Sent:
    """One draft or change that reached the system, and what the record held before."""

    verb: str
    object_type: str
    id: str | None
    action: int | None
    values: Mapping[str, Raw]
    before: Mapping[str, Raw]


@dataclass
class WatchedSystem(MemorySystem):
    """`made` and `sent` are what our connectors did to it, answered or not."""

    made: list[Made] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    drafts: dict[int, int] = field(default_factory=dict)
    racing: list[Callable[[], None]] = field(default_factory=list)
    """What other people do elsewhere while a write of ours is under way; each happens once."""

    def insert(self, object_type: str, values: Mapping[str, Raw]) -> Outcome:
        self._race()
        action = self.drafts.get(id(values), 0)
        outcome = super().insert(object_type, values)
        if outcome.status is OutcomeStatus.APPLIED and outcome.record:
            self.made.append(Made(object_type, outcome.record.ref.remote_id, action))
            self.sent.append(Sent("create", object_type, None, action, dict(values), {}))
        return outcome

    def modify(self, object_type: str, id_: str, values: Mapping[str, Raw], version: str | None) -> Outcome:
        self._race()
        before = dict(self.values(object_type, id_) or {})
        outcome = super().modify(object_type, id_, values, version)
        if outcome.status is OutcomeStatus.APPLIED:
            self.sent.append(Sent("update", object_type, id_, None, dict(values), before))
        return outcome

    def discard(self, object_type: str, id_: str) -> Outcome:
        before = dict(self.values(object_type, id_) or {})
        outcome = super().discard(object_type, id_)
        if outcome.status is OutcomeStatus.APPLIED:
            self.sent.append(Sent("delete", object_type, id_, None, {}, before))
        return outcome

    def hides(self, object_type: str, id_: str, name: str) -> bool:
        """Whether a reader does not get to see that field."""
        withheld = self._withheld.get((object_type, id_), set())
        return name in withheld or name in self.unreadable.get(object_type, set())

    def _race(self) -> None:
        while self.racing:
            self.racing.pop(0)()


class WatchedConnector(MemoryConnector):
    """Tells its system which action each draft belongs to."""

    remote: WatchedSystem

    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        self.remote.drafts = {id(draft.values): int(draft.key) for draft in drafts}
        return super().create(object_type, drafts)

    def writes(self) -> int:
        """How many calls of ours were writes."""
        return sum(
            n for verb, n in self.calls_made().items() if verb.split()[0] in {"create", "update", "delete"}
        )


class EndingClock(Clock):
    """The engine's clock: it tells the time of the systems, and ends the process when it was asked often enough."""

    def __init__(self, time: ManualClock) -> None:
        self.time = time
        self.looks_left: int | None = None

    def now(self) -> datetime:
        if self.looks_left is not None:
            self.looks_left -= 1
            if self.looks_left < 0:
                self.looks_left = None
                raise Crash("the process ended here")
        return self.time.now()

    def sleep(self, seconds: float) -> None:
        self.time.sleep(seconds)
