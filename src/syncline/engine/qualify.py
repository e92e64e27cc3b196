"""Qualify: whether records that are to get a counterpart meet what is required, and have settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from syncline.core.criteria import DISQUALIFIED, Criterion, asked
from syncline.core.decide import PairContext
from syncline.core.frozen import frozen
from syncline.core.mapping import ObjectPair
from syncline.core.model import Record, Ref, Side
from syncline.core.place import RESTORED, Placement, carried
from syncline.core.plan import Op
from syncline.core.references import Relations
from syncline.core.scope import KindSettings
from syncline.core.settling import settles_at, why
from syncline.engine.context import SyncContext
from syncline.engine.counterpart import BY_HAND, Placed
from syncline.store import standings


@frozen()
class Unsettled:
    """A record that was changed too lately; `since` is when it was first seen waiting."""

    reason: str
    since: datetime


def qualify(context: SyncContext, kind: KindSettings, placed: Sequence[Placed]) -> list[Placed]:
    """Leave alone what does not meet the requirements of its side; what a person decided stands."""
    if not (kind.require_left or kind.require_right):
        return list(placed)
    frames = {(p.left, p.right): context.pair_context(kind, p, Relations()) for p in kind.pairs}
    return [_qualified(kind, frames, one) for one in placed]


def _qualified(kind: KindSettings, frames: Mapping[tuple[str, str], PairContext], one: Placed) -> Placed:
    pair = _pair(kind, one)
    # Whoever shares a key with others and does not qualify has nothing that a person would have to settle.
    if pair is None or one.placement.op not in (Op.LINK, Op.CREATE, Op.HOLD):
        return one
    criteria = tuple(_criteria(kind, frames[pair.left, pair.right], one))
    refused = next((c for c in criteria if not c.passed), None)
    if refused is None or one.placement.rule in (BY_HAND, RESTORED):
        return replace(one, criteria=criteria)
    return replace(
        one, placement=Placement(Op.SKIP, refused.name, refused.reason), counterpart=None, criteria=criteria
    )


def _pair(kind: KindSettings, one: Placed) -> ObjectPair | None:
    own, side = one.subject.record.ref.object_type, one.subject.side
    if one.counterpart is None:
        return kind.pair_for_create(side, own)
    there = one.counterpart.record.ref.object_type
    return kind.pair(own, there) if side is Side.LEFT else kind.pair(there, own)


def _criteria(kind: KindSettings, frame: PairContext, one: Placed) -> Iterator[Criterion]:
    for side, record in _records(one):
        yield from _asked(kind, frame, side, record)


def _asked(kind: KindSettings, frame: PairContext, side: Side, record: Record) -> list[Criterion]:
    def kept_back(name: str) -> str | None:
        return carried(frame, side, record, name)

    return asked(kind.requirements(side), record, frame.schema(side), kept_back)


def judged(kind: KindSettings, frame: PairContext, side: Side, record: Record) -> Record:
    """A linked record with the mark of those that qualify no more, where the settings want one (rule Q6)."""
    if kind.on_disqualified is None or side is not kind.qualifying:
        return record
    qualifies = all(criterion.passed for criterion in _asked(kind, frame, side, record))
    mark = None if qualifies else kind.on_disqualified.value
    return replace(record, values={**record.values, DISQUALIFIED: mark})


def _records(one: Placed) -> Iterator[tuple[Side, Record]]:
    yield one.subject.side, one.subject.record
    if one.counterpart:
        yield one.subject.side.other, one.counterpart.record


def late_ones(context: SyncContext, kind: KindSettings, placed: Sequence[Placed]) -> dict[Ref, Unsettled]:
    """Those that are to get a counterpart while they, or it, were changed too lately."""
    wanted = [p for p in placed if p.placement.op in (Op.LINK, Op.CREATE) and p.placement.rule != BY_HAND]
    records: dict[Side, list[Record]] = {side: [] for side in Side}
    for one in wanted:
        records[one.subject.side].append(one.subject.record)
        records[one.subject.side.other] += [one.counterpart.record] if one.counterpart else []
    found = unsettled(context, kind, records)
    late: dict[Ref, Unsettled] = {}
    for one in wanted:
        own, side = one.subject.record.ref, one.subject.side
        there = one.counterpart.record.ref if one.counterpart else None
        if told := found.get((side, own)) or (found.get((side.other, there)) if there else None):
            late[own] = told
    return late


def unsettled(
    context: SyncContext, kind: KindSettings, records: Mapping[Side, Iterable[Record]]
) -> dict[tuple[Side, Ref], Unsettled]:
    """Those of these records that were changed too lately to be carried over."""
    settling = context.settling(kind)
    if not settling.wait:
        return {}
    now = context.now()
    found: dict[tuple[Side, Ref], Unsettled] = {}
    for side in Side:
        mine = {record.ref: record for record in records.get(side, ())}
        since = standings.waiting_since(context.name, side, list(mine))
        for ref, record in mine.items():
            fields = _sent(kind, side, ref.object_type)
            at = settles_at(settling, record, fields, since.get(ref)) if fields else None
            if at is not None and at > now:
                found[side, ref] = Unsettled(why(at), since.get(ref, now))
                context.settling_until.append(at)
    return found


def _sent(kind: KindSettings, side: Side, object_type: str) -> set[str]:
    """The fields of a record of that side whose changes count: what it sends, and what is required of it."""
    sent = {
        m.on(side)
        for pair in kind.pairs
        if pair.on(side) == object_type
        for m in pair.active
        if m.direction.allows(side.other) or m.on_create
    }
    return sent | {each.field for each in kind.requirements(side).values()} if sent else sent
