"""Look up: who could be the counterpart of unlinked records, and who rivals them on their own side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from syncline.core.decide import PairContext, match_keys, same_values
from syncline.core.match import Candidate, match
from syncline.core.model import Norm, Record, Ref, Side, is_empty
from syncline.core.place import Subject
from syncline.core.references import Relations
from syncline.core.scope import KindSettings
from syncline.engine.context import SyncContext
from syncline.engine.load import records_of, relations
from syncline.engine.restore import restored
from syncline.store import keys, links, standings
from syncline.store.keys import KeyValue
from syncline.store.mirror import Mirrored
from syncline.store.standings import State

NO_RELATIONS = Relations()
UNLINKED = (State.HELD, State.NOT_ELIGIBLE, State.FAILED)
"""Where a record may stand whose counterpart depends on who else has its match keys."""


def keys_of(
    context: SyncContext, kind: KindSettings, side: Side, records: Sequence[Record]
) -> dict[Ref, list[KeyValue]]:
    """The match keys of some records, through every pair of object types they may belong to."""
    frames = [context.pair_context(kind, pair, NO_RELATIONS) for pair in kind.pairs]
    return {record.ref: _keys(frames, side, record) for record in records}


def _keys(frames: Sequence[PairContext], side: Side, record: Record) -> list[KeyValue]:
    if record.deleted:
        return []
    fitting = [f for f in frames if f.pair.on(side) == record.ref.object_type]
    return list(dict.fromkeys(pair for frame in fitting for pair in match_keys(frame, side, record)))


def index(context: SyncContext, kind: KindSettings, side: Side, records: Sequence[Record]) -> None:
    """Make records findable by their present values; whoever shared an old or a new one is decided anew."""
    with transaction.atomic():  # the keys tell only once who moved
        moved = keys.replace(context.name, side, kind.kind, keys_of(context, kind, side, records))
        for near in Side if moved else ():
            found = keys.holders(context.name, near, kind.kind, moved)
            refs = dict.fromkeys(ref for holders in found.values() for ref in holders)
            standings.put_back(context.name, near, list(refs), UNLINKED)


Told = tuple[Norm, ...]
"""What a record has in the fields besides a match key that its counterpart has to share; nothing for most kinds."""


@dataclass(frozen=True)
class Neighbours:
    """Everybody who shares a key value, and what is told besides, with a batch of records, by side."""

    holders: Mapping[Side, Mapping[tuple[KeyValue, Told], Sequence[Ref]]]
    records: Mapping[Side, Mapping[Ref, Mirrored]]
    linked: Mapping[Side, Mapping[Ref, tuple[int, Ref]]]

    def candidates(
        self, side: Side, wanted: Sequence[KeyValue], told: Told | None, but: Ref | None = None
    ) -> list[Candidate]:
        """The records of a side with one of these key values, deleted ones left out."""
        if told is None:
            return []
        found: list[Candidate] = []
        for key, value in wanted:
            for ref in self.holders[side].get(((key, value), told), ()):
                known = self.records[side].get(ref)
                if known and not known.record.deleted and ref != but:
                    found.append(self._candidate(side, known.record, key, value))
        return found

    def _candidate(self, side: Side, record: Record, key: str, value: str) -> Candidate:
        link = self.linked[side].get(record.ref)
        return Candidate(
            record.ref, key, value, str(link[0]) if link else None, record.created_at, filled(record)
        )


def filled(record: Record) -> int:
    """How many fields of a record hold something."""
    return sum(1 for value in record.values.values() if not is_empty(value))


def subjects(
    context: SyncContext, kind: KindSettings, side: Side, batch: Sequence[Record], run_id: int | None
) -> list[Subject]:
    """Unlinked records with their matches, rivals and vetoes."""
    wanted = keys_of(context, kind, side, batch)
    shared = [pair for pairs in wanted.values() for pair in pairs]
    holders = {s: keys.holders(context.name, s, kind.kind, shared) for s in Side}
    refs = {s: [ref for found in holders[s].values() for ref in found] for s in Side}
    records = records_of(context, refs)
    told = _told(context, kind, {side: batch}, records, run_id)
    around = Neighbours(
        {s: _told_apart(holders[s], told[s] if kind.match.same else None) for s in Side},
        records,
        {s: links.twins(context.name, s, refs[s]) for s in Side},
    )
    mine = told[side]
    ended = links.last_ended(context.name, side, [r.ref for r in batch])
    back = restored(context, kind, side, batch, ended) if ended else {}
    why = {ref: link.reason for ref, link in ended.items() if ref not in back}
    found = [
        _subject(
            kind, side, r, wanted[r.ref], around, mine.get(r.ref) if kind.match.same else (), why.get(r.ref)
        )
        for r in batch
    ]
    return (
        [replace(s, restored=back[s.record.ref]) if s.record.ref in back else s for s in found]
        if back
        else found
    )


def _told(
    context: SyncContext,
    kind: KindSettings,
    batch: Mapping[Side, Sequence[Record]],
    around: Mapping[Side, Mapping[Ref, Mirrored]],
    run_id: int | None,
) -> Mapping[Side, Mapping[Ref, Told]]:
    """What these records tell besides their match keys. References mean the same if they lead to linked records."""
    told: dict[Side, dict[Ref, Told]] = {side: {} for side in Side}
    if not kind.match.same:
        return told
    records = {s: [*batch.get(s, ()), *(m.record for m in around[s].values())] for s in Side}
    related = relations(context, records, run_id)
    frames = [context.pair_context(kind, pair, related) for pair in kind.pairs]
    for side, record in ((s, r) for s in Side for r in records[s]):
        frame = next((f for f in frames if f.pair.on(side) == record.ref.object_type), None)
        values = same_values(frame, side, record) if frame else None
        if values is not None:
            told[side][record.ref] = values
    return told


def _told_apart(
    holders: Mapping[KeyValue, Sequence[Ref]], told: Mapping[Ref, Told] | None
) -> Mapping[tuple[KeyValue, Told], Sequence[Ref]]:
    if told is None:
        return {(pair, ()): refs for pair, refs in holders.items()}
    apart: dict[tuple[KeyValue, Told], list[Ref]] = {}
    for pair, ref in ((pair, ref) for pair, refs in holders.items() for ref in refs if ref in told):
        apart.setdefault((pair, told[ref]), []).append(ref)
    return apart


def _subject(
    kind: KindSettings,
    side: Side,
    record: Record,
    wanted: Sequence[KeyValue],
    around: Neighbours,
    told: Told | None,
    ended: str | None,
) -> Subject:
    policy = kind.match
    first = {key: [pair for pair in wanted if pair[0] == key] for key in policy.keys}
    rivals: list[Candidate] = []
    for pairs in first.values():
        rivals = rivals or _distinct(around.candidates(side, pairs, told, but=record.ref))
    return Subject(
        side=side,
        record=record,
        match=match(around.candidates(side.other, wanted, told), policy, side.other),
        rivals=tuple(rivals),
        vetoed=f"it was linked before, and the link was ended: {ended}" if ended is not None else None,
        filled=filled(record),
    )


def _distinct(found: Sequence[Candidate]) -> list[Candidate]:
    return list({c.ref: c for c in found}.values())
