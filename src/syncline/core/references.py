"""References: what the ids of linked records become on the other side, one by one or several together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncline.core.model import Raw, Ref, Side, is_empty
from syncline.core.written import Problem, parts_of

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Awaited:
    """A reference to a record whose counterpart this plan makes: known once it is made.

    Of a reference to several records, `so_far` holds what is known already.
    """

    ref: Ref
    so_far: Raw = None

    def behind(self, shown: Raw) -> Awaited:
        """The same, added to what the target shows."""
        return replace(self, so_far=joined(shown, self.so_far))


@dataclass(frozen=True)
class Relations:
    """Which records are each other's counterparts, as far as a batch of decisions needs it.

    `tokens` gives a linked (or to be linked) record of a side one token for both sides; `twins` its id on the
    other side, `types` its object type there; `planned` the records whose counterpart this plan makes; `doubts` says
    why nobody can tell which it is.
    """

    tokens: Mapping[tuple[Side, str], str] = field(default_factory=dict)
    twins: Mapping[tuple[Side, str], str] = field(default_factory=dict)
    planned: Mapping[tuple[Side, str], Ref] = field(default_factory=dict)
    doubts: Mapping[tuple[Side, str], str] = field(default_factory=dict)
    types: Mapping[tuple[Side, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class References:
    """The references of one side's field, to be carried into a field of the other that refers to `allowed` types."""

    relations: Relations
    source: Side
    allowed: Sequence[str]

    def token(self, remote_id: str) -> str:
        """What tells a record and its counterpart as the same."""
        alone = f"{self.source}:{remote_id}"
        known = self.relations.tokens.get((self.source, remote_id), alone)
        return known if self._fits(remote_id) else alone

    def tokens(self, value: Raw) -> tuple[str, ...]:
        """The tokens of several records, whatever their order."""
        return tuple(sorted({self.token(each) for each in parts_of(value)}))

    def unlinked(self, value: Raw) -> list[str]:
        """Those of several records that have no counterpart the other side could refer to."""
        return [] if is_empty(value) else [each for each in parts_of(value) if self._twin(each) is None]

    def left_out(self, value: Raw) -> str:
        """Why some of several records are not carried over; nothing where all of them are."""
        waiting = self.unlinked(value)
        if not waiting:
            return ""
        rest = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
        named = ", ".join(waiting[:_NAMED])
        return f"left out until they are linked with records it can refer to: {named}{rest}"

    def sent(self, remote_id: str) -> Raw | Awaited | Problem:
        """The counterpart of one record."""
        key = (self.source, remote_id)
        if twin := self._twin(remote_id):
            return twin
        if other := self.relations.twins.get(key):
            there = f"{self.relations.types[key]} {other}"
            return Problem(
                "reference", f"its counterpart of {remote_id} is the {there}, to which it cannot refer"
            )
        if planned := self.relations.planned.get(key):
            return Awaited(planned)
        if doubt := self.relations.doubts.get(key):
            return Problem("several accounts", doubt)
        return Problem("reference", f"the record it belongs to ({remote_id}) is not linked yet")

    def all_sent(self, value: Raw) -> Raw | Awaited | Problem:
        """The counterparts there are; the rest is left out until it has one, and all of it while none has."""
        sent = [self.sent(each) for each in parts_of(value)]
        twins: Raw = [each for each in sent if isinstance(each, str)]
        if awaited := next((each for each in sent if isinstance(each, Awaited)), None):
            return replace(awaited, so_far=twins)
        return twins or next(each for each in sent if isinstance(each, Problem))

    def _twin(self, remote_id: str) -> str | None:
        return self.relations.twins.get((self.source, remote_id)) if self._fits(remote_id) else None

    def _fits(self, remote_id: str) -> bool:
        """Whether the other side may refer to the counterpart of a record: a lead is no contact."""
        its_type = self.relations.types.get((self.source, remote_id))
        return its_type is None or not self.allowed or its_type in self.allowed


def joined(shown: Raw, sent: Raw) -> Raw:
    """What is sent for several records, behind those that the target shows already: none is taken out."""
    known, new = ([] if is_empty(value) else parts_of(value) for value in (shown, sent))
    return list(dict.fromkeys([*known, *new]))
