"""Turns: who of a pool takes the next record that nobody owns (rule Q5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncline.core.model import Ref, Side
from syncline.engine.context import SyncContext
from syncline.store import turns


@dataclass
class Turns:
    """The turns of one pool while a batch of records is decided.

    A record keeps the turn it was planned with as long as its user may take records. A new turn goes to whoever
    stands next in the pool after the user who had the last one, users who left being passed over.
    """

    pool: Sequence[str]
    active: frozenset[str]
    kept: dict[Ref, str]
    last: str | None

    def offered(self, ref: Ref) -> str | None:
        """The user whose turn it would be with this record; nobody where there is no pool."""
        if (user := self.kept.get(ref)) in self.active:
            return user
        start = self.pool.index(self.last) + 1 if self.last in self.pool else 0
        return next((u for u in (*self.pool[start:], *self.pool[:start]) if u in self.active), None)

    def taken(self, ref: Ref) -> str | None:
        """The user who gets this record; unless it was kept, the next one is somebody else's."""
        user = self.offered(ref)
        if user and self.kept.get(ref) != user:
            self.kept[ref] = self.last = user
        return user


def turns_of(context: SyncContext, side: Side, refs: Sequence[Ref]) -> Turns:
    """The turns of the other side's pool, for these records of a side."""
    pool = context.users.pool.get(side.other, ())
    if not pool:
        return Turns((), frozenset(), {}, None)
    active = frozenset(u for u in pool if context.users.is_active(side.other, u))
    kept = turns.of_records(context.name, side.other, refs)
    return Turns(pool, active, kept, turns.last(context.name, side.other))
