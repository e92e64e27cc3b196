"""Loading what a batch of decisions needs: links, both records, related records, answers, refused values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from syncline.core.decide import LinkView
from syncline.core.frozen import frozen
from syncline.core.model import Record, Ref, Side
from syncline.core.references import Relations
from syncline.core.scope import KindSettings
from syncline.engine.context import SyncContext
from syncline.engine.inferring import told_apart, with_accounts
from syncline.engine.parking import Parked, parked
from syncline.engine.qualify import judged
from syncline.store import actions, holds, links, mirror, refusals
from syncline.store.links import Linked
from syncline.store.mirror import Mirrored

Records = Mapping[Side, Mapping[Ref, Mirrored]]


@frozen()
class LoadedLink:
    """A link's view with the observations it rests on, and what is kept back of it."""

    view: LinkView
    left_seq: int
    right_seq: int
    errors: Mapping[Parked, datetime | None]

    def seq(self, side: Side) -> int:
        return self.left_seq if side is Side.LEFT else self.right_seq


def relations(
    context: SyncContext, records: Mapping[Side, Sequence[Record]], run_id: int | None
) -> Relations:
    """The counterparts of everything these records refer to, planned ones of a run included."""
    tokens: dict[tuple[Side, str], str] = {}
    twins: dict[tuple[Side, str], str] = {}
    planned: dict[tuple[Side, str], Ref] = {}
    types: dict[tuple[Side, str], str] = {}
    for side in Side:
        refs = _references(context, side, records.get(side, ()))
        found = links.twins(context.name, side, refs)
        for ref, (link_id, other) in found.items():
            tokens[side, ref.remote_id] = tokens[side.other, other.remote_id] = f"link:{link_id}"
            twins[side, ref.remote_id] = other.remote_id
            types[side, ref.remote_id] = other.object_type
            types[side.other, other.remote_id] = ref.object_type
        rest = [ref for ref in refs if ref not in found] if run_id is not None else []
        for ref, token in actions.planned_links(context.name, run_id or 0, side, rest).items():
            tokens[side, ref.remote_id] = token
            planned[side, ref.remote_id] = ref
    return told_apart(context, Relations(tokens, twins, planned, types=types), records)


def _references(context: SyncContext, side: Side, records: Sequence[Record]) -> list[Ref]:
    wanted: dict[Ref, None] = {}
    fields = context.reference_fields[side]
    for record in records:
        for field in fields.get(record.ref.object_type, ()):
            value = record.values.get(field.name)
            ids = value if isinstance(value, list) else [value]
            named = [each for each in ids if isinstance(each, str) and each]
            wanted.update({Ref(object_type, each): None for each in named for object_type in field.refers_to})
    return list(wanted)


def load_links(
    context: SyncContext, kind: KindSettings, found: Sequence[Linked], records: Records, run_id: int | None
) -> list[LoadedLink]:
    """Views of links whose records are all in `records`; links of object types no longer paired are left out."""
    records = {side: _with_accounts(context, kind, side, records[side]) for side in Side}
    whole = [link for link in found if all(link.ref(side) in records[side] for side in Side)]
    related = relations(
        context,
        {side: [records[side][link.ref(side)].record for link in whole] for side in Side},
        run_id,
    )
    lefts = [link.left for link in whole]
    rulings = holds.rulings(context.name, lefts)
    errors = refusals.open_of(context.name, Side.LEFT, lefts)
    frames = {(p.left, p.right): context.pair_context(kind, p, related) for p in kind.pairs}
    loaded: list[LoadedLink] = []
    for link in whole:
        frame = frames.get((link.left.object_type, link.right.object_type))
        if frame is None:
            continue
        left, right = records[Side.LEFT][link.left], records[Side.RIGHT][link.right]
        kept = parked(errors.get(link.left, []), frame)
        view = LinkView(
            id=str(link.id) if link.id else "",
            context=frame,
            agreements=link.agreements,
            left=judged(kind, frame, Side.LEFT, left.record),
            right=judged(kind, frame, Side.RIGHT, right.record),
            rulings=rulings.get(link.left, {}),
            parked=frozenset(kept),
        )
        loaded.append(LoadedLink(view, left.seq, right.seq, kept))
    return loaded


def _with_accounts(
    context: SyncContext, kind: KindSettings, side: Side, records: Mapping[Ref, Mirrored]
) -> Mapping[Ref, Mirrored]:
    if not context.inferring(kind, side):
        return records
    return {m.record.ref: m for m in with_accounts(context, kind, side, list(records.values()))}


def records_of(context: SyncContext, refs: Mapping[Side, Sequence[Ref]]) -> dict[Side, dict[Ref, Mirrored]]:
    """The mirrored records of these refs, side by side."""
    return {
        side: mirror.get_many(context.connection(side), list(dict.fromkeys(refs.get(side, ()))))
        for side in Side
    }
