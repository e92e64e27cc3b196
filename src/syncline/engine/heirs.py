"""Heirs: the living records in which merged and converted ones go on, found before anything is decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncline.core.fate import CONTRADICTION, CYCLE, LONGEST, UNSEEN, TrailEnd, ahead, follow
from syncline.core.model import Ending, Record, Ref, Side
from syncline.core.scope import KindSettings
from syncline.engine.context import SyncContext
from syncline.store import holds, links, mirror, standings
from syncline.store.bulk import batches

_OPEN_ENDS = {TrailEnd.CYCLE: CYCLE, TrailEnd.UNSEEN: UNSEEN}


def trace(context: SyncContext) -> None:
    """Learn where the linked records that are gone went on, and fetch what of that is not in the mirror.

    `context.heirs` then holds the records that a link is about to move to: none of them is matched or created
    meanwhile. `context.disputed` are those of which a person has to say whether it moves. Links that wait for such a
    record are decided anew once it shows.
    """
    context.heirs = {side: set() for side in Side}
    context.disputed = {side: set() for side in Side}
    for kind in context.settings.kinds:
        for side in Side:
            for refs in batches(_linked(context, kind, side)):
                _trace(context, kind, side, refs)


def _linked(context: SyncContext, kind: KindSettings, side: Side) -> Iterable[Ref]:
    """The records of a side that are gone, go on in others, and are still linked."""
    for object_type in kind.object_types(side):
        for refs in batches(mirror.fated(context.connection(side), object_type)):
            yield from links.twins(context.name, side, refs)


def _trace(context: SyncContext, kind: KindSettings, side: Side, refs: Sequence[Ref]) -> None:
    found = mirror.get_many(context.connection(side), refs)
    records = [m.record for m in found.values() if m.record.deleted]
    known = chains(context, kind, side, records, fetch=True)
    trails = {r.ref: follow(r, known, kind.object_types(side)) for r in records}
    followed = (t for t in trails.values() if kind.follow_merges or t.how is Ending.CONVERTED)
    wanted = [heir for trail in followed if (heir := trail.heir)]
    taken = links.twins(context.name, side, wanted)
    context.heirs[side].update(ref for ref in wanted if ref not in taken)
    asked = holds.waiting(context.name, side, refs, (CONTRADICTION,))
    context.disputed[side].update(heir for ref in asked if ref in trails and (heir := trails[ref].heir))
    waiting = holds.waiting(context.name, side, refs, tuple(_OPEN_ENDS.values()))
    solved = [
        ref for ref, code in waiting.items() if ref in trails and _OPEN_ENDS.get(trails[ref].end) != code
    ]
    standings.put_back(context.name, side, solved)


def chains(
    context: SyncContext, kind: KindSettings, side: Side, records: Iterable[Record], *, fetch: bool = False
) -> dict[Ref, Record]:
    """The records that trails lead over, step by step for all of them together.

    With `fetch` those that the mirror lacks are asked for by id; what does not come back is not visible.
    """
    types = kind.object_types(side)
    known: dict[Ref, Record] = {}
    wanted = {ref for record in records if (ref := ahead(record.fate, types))}
    for _ in range(LONGEST):
        if not wanted:
            break
        found = mirror.get_many(context.connection(side), list(wanted))
        if fetch and (missing := wanted - found.keys()):
            ask(context, side, missing)
            found |= mirror.get_many(context.connection(side), list(missing))
        known.update({ref: m.record for ref, m in found.items()})
        steps = (ahead(m.record.fate, types) for m in found.values() if m.record.deleted)
        wanted = {ref for ref in steps if ref and ref not in known}
    return known


def ask(context: SyncContext, side: Side, refs: Iterable[Ref]) -> None:
    """Take in records by id, as far as their system shows them."""
    for object_type, ids in mirror.by_type(refs).items():
        found = context.connectors[side].fetch(object_type, ids, context.fields(side, object_type))
        mirror.observe(context.connection(side), found, context.now())
