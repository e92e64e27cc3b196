"""Write: carry out the actions of a stored plan, batch by batch.

Every batch is derived again just before it is carried out; what came out differently has moved since it was
planned and is left to the next plan. What is about to be sent is committed before the call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncline.core.agreement import Agreement
from syncline.core.model import Kind, Ref, Side
from syncline.core.plan import Action, ActionStatus, Op
from syncline.engine.account_first import needing
from syncline.engine.batch import Batch, Ready
from syncline.engine.commit import Commit
from syncline.engine.context import SyncContext
from syncline.engine.derive import current_links, derive_links, derive_unlinked
from syncline.engine.derived import Derived
from syncline.engine.part import part
from syncline.engine.remove import remove
from syncline.engine.send import end, send, settle
from syncline.engine.stand import stands
from syncline.store import actions, links, mirror, refusals
from syncline.store.links import NewLink
from syncline.store.mirror import Mirrored
from syncline.store.models import Action as Row
from syncline.store.standings import Stand, State


def carry_out(batch: Batch, rows: Sequence[Row]) -> None:
    """Carry out actions that are all of one op."""
    op = Op(rows[0].op)
    vanished = _read_again(batch.context, op, rows)
    gone = [row for row in rows if _source(row) in vanished]
    ready, moved = _stand_still(batch, [row for row in rows if row not in gone])
    _leave_to_next_plan(batch, moved)
    _leave_alone(batch, gone)
    if op in (Op.UPDATE, Op.CREATE):
        send(batch, ready)
    elif op is Op.DELETE:
        remove(batch, ready)
    elif ready:
        _note(batch, ready)


def _read_again(context: SyncContext, op: Op, rows: Sequence[Row]) -> set[tuple[Side, Ref]]:
    """Read source and target once more where the system reads records in batches (DESIGN 6).

    What is only noted is read again where listings are late (DESIGN 5.8). Answers the records that are gone without
    anybody saying that they were deleted.
    """
    vanished: set[tuple[Side, Ref]] = set()
    writes, notes = op in (Op.UPDATE, Op.CREATE, Op.DELETE), op in (Op.LINK, Op.COMMIT)
    for side in Side:
        connector = context.connectors[side]
        refs = [ref for row in rows if (ref := actions.ref(row, side))]
        for object_type, ids in mirror.by_type(refs).items():
            abilities = connector.capabilities(object_type)
            if abilities.batch_fetch and (writes or (notes and abilities.listing_lag)):
                found = connector.fetch(object_type, ids, context.fields(side, object_type))
                mirror.observe(context.connection(side), found, context.now())
                seen = {record.ref for record in found}
                unseen = [ref for id_ in ids if (ref := Ref(object_type, id_)) not in seen]
                known = mirror.get_many(context.connection(side), unseen)
                vanished |= {(side, r) for r in unseen if r not in known or not known[r].record.deleted}
    return vanished


def _source(row: Row) -> tuple[Side, Ref | None]:
    """The record whose values a write carries over."""
    side = Side(row.side).other
    return side, _ref(row, side)


def _leave_alone(batch: Batch, rows: Sequence[Row]) -> None:
    """Nothing is made of a record that cannot be read any more, although nobody says that it was deleted."""
    commit = batch.commit()
    reason = "it cannot be read any more, and nobody says that it was deleted"
    for row in rows:
        end(batch, row, ActionStatus.MOVED, commit)
        row.reason = f"{row.reason}; {reason}".lstrip("; ")
        refs = {s: r for s in Side if (r := _ref(row, s))}
        commit.over.append(refusals.Decided(refs, ()))
        known = {s: mirror.get_many(batch.context.connection(s), [r]) for s, r in refs.items()}
        commit.stands += [
            Stand(side, Kind(row.kind), ref, State.FAILED, found.seq, "vanished", reason)
            for side, records in known.items()
            for ref, found in records.items()
        ]
    if rows:
        commit.apply()


def _stand_still(batch: Batch, rows: Sequence[Row]) -> tuple[list[Ready], list[tuple[Row, Derived | None]]]:
    """The actions that come out the same as they were planned, and those that do not."""
    now = {**_derive_pairs(batch, rows), **_derive_single(batch, rows)}
    ready: list[Ready] = []
    moved: list[tuple[Row, Derived | None]] = []
    for row in rows:
        derived = now.get(row.pk)
        action = derived.action(Op(row.op), Side(row.side)) if derived else None
        if derived and action and same(row, action) and _is_next(derived, action):
            ready.append(Ready(row, derived, action))
        else:
            moved.append((row, derived))
    return ready, moved


def _is_next(derived: Derived, action: Action) -> bool:
    """Whether a link may end by now: not before the record that stays has its mark."""
    return action.op is not Op.END or not any(each.writes for each in derived.actions)


def _derive_pairs(batch: Batch, rows: Sequence[Row]) -> dict[int, Derived]:
    """What the links behind these actions call for now."""
    pairs = {
        row.pk: (left, right)
        for row in rows
        if (left := _ref(row, Side.LEFT)) and (right := _ref(row, Side.RIGHT))
    }
    known = current_links(batch.context, list(pairs.values()))
    derived = derive_links(batch.context, batch.kind, list(known.values()), None)
    by_left = {d.refs[Side.LEFT]: d for d in derived}
    return {
        pk: by_left[left] for pk, (left, right) in pairs.items() if (left, right) in known and left in by_left
    }


def _derive_single(batch: Batch, rows: Sequence[Row]) -> dict[int, Derived]:
    """What the unlinked records behind these actions call for now."""
    found: dict[int, Derived] = {}
    for side in Side:
        mine = {ref: row.pk for row in rows if (ref := _subject(row, side))}
        known = mirror.get_many(batch.context.connection(side), list(mine))
        taken = links.twins(batch.context.name, side, list(known))
        heirs = batch.context.heirs[side]
        free: list[Mirrored] = [m for ref, m in known.items() if ref not in taken and ref not in heirs]
        needed = needing(batch.context, side, rows)
        derived = derive_unlinked(batch.context, batch.kind, side, free, None, needed)
        found.update({mine[d.refs[side]]: d for d in derived})
    return found


def _ref(row: Row, side: Side) -> Ref | None:
    return actions.ref(row, side)


def _subject(row: Row, side: Side) -> Ref | None:
    """The unlinked record an action is about, if it is one of that side."""
    own, other = _ref(row, side), _ref(row, side.other)
    if Op(row.op) is Op.LINK:
        return own if Side(row.side) is side else None
    return own if other is None else None


def same(planned: Row, now: Action) -> bool:
    """Whether an action came out as it was planned.

    A reference that was awaited may be known by now, or stay open because its record could not be made: then
    the rest goes without it.
    """
    op = Op(planned.op)
    if op in (Op.HOLD, Op.SKIP):
        return True
    if op in (Op.END, Op.MOVE, Op.DELETE):
        return (planned.rule, planned.evidence.get("to")) == (now.rule, now.evidence.get("to"))
    if op is Op.LINK:
        return (_ref(planned, Side.LEFT), _ref(planned, Side.RIGHT)) == (now.left, now.right)
    awaited = {f["key"] for f in planned.fields if f.get("awaits")}
    before = [
        (f["key"], f["source"], f["before"], f["after"]) for f in planned.fields if f["key"] not in awaited
    ]
    return before == [(f.key, f.source, f.before, f.after) for f in now.fields if f.key not in awaited]


def _leave_to_next_plan(batch: Batch, moved: Sequence[tuple[Row, Derived | None]]) -> None:
    commit = batch.commit()
    for row, derived in moved:
        row.status, row.done_at = ActionStatus.MOVED.value, batch.context.now()
        row.reason = f"{row.reason}; it changed since the plan was made and is planned anew".lstrip("; ")
        commit.rows.append(row)
        commit.stands += _planned_anew(row, derived)
    if moved:
        commit.apply()


def _planned_anew(row: Row, derived: Derived | None) -> list[Stand]:
    """Both records of the action: also one that was not looked at because it was to be linked."""
    reason = "it changed since the plan was made"
    found = stands(derived, State.PENDING, "moved", reason) if derived else []
    known = {(stand.side, stand.ref) for stand in found}
    rest = [(side, ref) for side in Side if (ref := _ref(row, side)) and (side, ref) not in known]
    return found + [Stand(s, Kind(row.kind), ref, State.PENDING, 0, "moved", reason) for s, ref in rest]


_ENDED = {
    Op.LINK: ActionStatus.APPLIED,
    Op.END: ActionStatus.APPLIED,
    Op.MOVE: ActionStatus.APPLIED,
    Op.COMMIT: ActionStatus.UNCHANGED,
    Op.HOLD: ActionStatus.HELD,
    Op.SKIP: ActionStatus.SKIPPED,
}


def _note(batch: Batch, ready: Sequence[Ready]) -> None:
    """Carry out actions that call nobody: links, agreements, holds, skips, ends."""
    commit = batch.commit()
    linked = [item for item in ready if item.action.op is Op.LINK]
    first = actions.planned_notes(
        batch.context.name, batch.run.pk, [item.derived.refs[Side.LEFT] for item in linked]
    )
    for item in linked:
        _link(batch, commit, item, first.get(item.derived.refs[Side.LEFT]))
    for item in ready:
        if item.action.op is not Op.LINK:
            _close(batch, commit, item)
    commit.apply()


def _link(batch: Batch, commit: Commit, item: Ready, note: Row | None) -> None:
    """Make a link, together with its first agreements where those came out as they were planned."""
    agreed = item.derived.action(Op.COMMIT, Side.LEFT)
    both = note is not None and agreed is not None and same(note, agreed)
    end(batch, item.row, _ENDED[Op.LINK], commit)
    rows, done = [item.row], batch.done(item)
    if note is not None and agreed is not None and both:
        end(batch, note, _ENDED[Op.COMMIT], commit)
        rows.append(note)
        done.add((Op.COMMIT, agreed.side))
        commit.proved.append((note, [f.key for f in agreed.fields]))
    known = item.derived.subject.restored if item.derived.subject else None
    agreements = {**(known.agreements if known else {}), **(item.derived.noted() if both else {})}
    commit.made.append((rows, _new_link(batch, item, agreements)))
    settle(commit, item.derived, done)


def _close(batch: Batch, commit: Commit, item: Ready) -> None:
    """Carry out an agreement, a hold, a skip, or the end or move of a link."""
    op = item.action.op
    end(batch, item.row, _ENDED[op], commit)
    if op is Op.COMMIT:
        if item.row.link_id is None:
            item.row.link_id = item.link_id
        commit.noted[item.link_id] = item.derived.noted()
        commit.proved.append((item.row, [f.key for f in item.action.fields]))
    settle(commit, item.derived, batch.done(item))
    if item.derived.end and op in (Op.END, Op.MOVE):
        part(commit, item.row, item.derived.end)


def _new_link(batch: Batch, item: Ready, agreements: Mapping[str, Agreement]) -> NewLink:
    left, right = (item.derived.refs[side] for side in Side)
    return NewLink(batch.kind.kind, left, right, item.action.rule, item.action.evidence, agreements)
