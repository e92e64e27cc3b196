"""Preview: store what the changed records of both sides call for as a plan. Nothing is written to either side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction

from syncline.core.by_hand import UNCOUNTED
from syncline.core.guard import PlanCounts, tripped
from syncline.core.model import Kind, Ref, Side, is_empty
from syncline.core.plan import Action, Op
from syncline.core.scope import KindSettings
from syncline.engine.account_first import wake_contacts
from syncline.engine.context import SyncContext
from syncline.engine.derive import derive_links, derive_unlinked
from syncline.engine.derived import Derived
from syncline.engine.fates import Claims
from syncline.engine.inferring import wake_inferring
from syncline.engine.lookup import index
from syncline.engine.newcomers import suspects
from syncline.engine.stand import stands
from syncline.store import actions, cursors, holds, links, mirror, refusals, retries, runs, standings, turns
from syncline.store.actions import Planned
from syncline.store.bulk import batches
from syncline.store.mirror import Mirrored
from syncline.store.models import Run
from syncline.store.runs import Progress, RunStatus
from syncline.store.standings import Decision, Stand, State, waiting_for


@dataclass
class Planning:
    """One plan in the making. `busy` records have a write whose outcome is not known: nothing is decided yet.

    `only` are the records a person chose or somebody nudged, by side.
    """

    context: SyncContext
    run: Run
    world: str
    progress: Progress
    busy: Mapping[Side, frozenset[Ref]]
    only: Mapping[Side, Sequence[Ref]] | None = None
    links_done: set[int] = field(default_factory=set)
    marks: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, int] = field(default_factory=dict)
    creates: int = 0
    overwrites: int = 0
    clears: int = 0
    deletes: int = 0
    claims: Claims = field(default_factory=set)


def make_plan(
    context: SyncContext, *, limit: int | None = None, only: Mapping[Side, Sequence[Ref]] | None = None
) -> Run:
    """Plan a run over everything that changed since it was last decided; `limit` records per kind at most.

    With `only`, over these records, whenever they changed.
    """
    hash_, now = context.settings.settings_hash, context.now()
    nudged = only is not None and context.by_hand is None
    run = runs.begin(context.name, hash_, limit, now, context.by_hand, nudged=nudged)
    context.began(run.pk)
    _put_back_due(context)
    planning = Planning(context, run, context.world, progress(context), _busy(context, only), only)
    for order, kind in enumerate(context.settings.kinds):
        _plan_kind(planning, order, kind)
    _judge(planning)
    return run


def _put_back_due(context: SyncContext) -> None:
    """Have records decided anew whose refused write is to be tried again by now (rule E2)."""
    for side, refs in retries.due(context.name, context.now()).items():
        standings.put_back(context.name, side, refs, (State.FAILED, State.HELD))


def progress(context: SyncContext) -> Progress:
    """How far was decided; under other settings, schemas or users nothing was."""
    known = runs.progress(context.name)
    if known.settings == context.world:
        return known
    return Progress(context.world, {}, known.records, known.linked, known.first_run_done)


def _busy(context: SyncContext, only: object) -> dict[Side, frozenset[Ref]]:
    """Whose last write got no answer; where not all was read, also who may have been made by such a write."""
    rows = actions.open_actions(context.name)
    made = suspects(context) if only is not None else {side: set[Ref]() for side in Side}
    return {
        side: frozenset({r for row in rows if (r := actions.ref(row, side))} | made[side]) for side in Side
    }


def _plan_kind(planning: Planning, order: int, kind: KindSettings) -> None:
    context = planning.context
    for side in Side:
        index_changed(context, kind, side, planning.progress)
    decided = 0
    for side in Side:
        for batch in _wanted(planning, kind, side):
            _plan_batch(planning, order, kind, side, batch)
            decided += len(batch)
            context.report(f"planning {kind.kind}s", decided, None)
            context.check_stop()


def index_all(context: SyncContext) -> None:
    """Make everything that changed since the last decision findable."""
    known = progress(context)
    for kind in context.settings.kinds:
        for side in Side:
            index_changed(context, kind, side, known)


def index_changed(context: SyncContext, kind: KindSettings, side: Side, known: Progress) -> None:
    """Make what changed since the last decision findable, before anybody is matched."""
    for object_type in kind.object_types(side):
        mark = known.watermarks.get(f"{side}:{object_type}", 0)
        for batch in mirror.changed_after(context.connection(side), object_type, mark):
            index(context, kind, side, [m.record for m in batch])


def _wanted(planning: Planning, kind: KindSettings, side: Side) -> Iterator[list[Mirrored]]:
    """The records to decide about."""
    if planning.only is None:
        yield from _dirty(planning, kind, side)
        return
    types = kind.object_types(side)
    for refs in batches(ref for ref in planning.only.get(side, ()) if ref.object_type in types):
        yield list(mirror.get_many(planning.context.connection(side), refs).values())


def _dirty(planning: Planning, kind: KindSettings, side: Side) -> Iterator[list[Mirrored]]:
    """The records that changed since they were decided, and those that are to be decided anew."""
    context = planning.context
    connection = context.connection(side)
    for object_type in kind.object_types(side):
        name = f"{side}:{object_type}"
        mark = planning.progress.watermarks.get(name, 0)
        planning.marks[name] = max(mark, mirror.last_seq(connection, object_type))
        for batch in mirror.changed_after(connection, object_type, mark):
            decided = standings.decisions(context.name, side, [m.record.ref for m in batch])
            if changed := [m for m in batch if not _is_decided(planning, m, decided.get(m.record.ref))]:
                yield changed
        for refs in batches(standings.pending(context.name, side, object_type)):
            if old := [m for m in mirror.get_many(connection, refs).values() if m.seq <= mark]:
                yield old


def _is_decided(planning: Planning, mirrored: Mirrored, known: Decision | None) -> bool:
    if known is None or known.state is State.PENDING:
        return False
    return known.seq >= mirrored.seq and known.settings == planning.world


def _plan_batch(
    planning: Planning, order: int, kind: KindSettings, side: Side, batch: Sequence[Mirrored]
) -> None:
    context, run_id = planning.context, planning.run.pk
    _set_aside(planning, kind, side, batch)
    free = {m.record.ref: m for m in batch if m.record.ref not in planning.busy[side]}
    linked = links.of_records(context.name, side, list(free))
    claimed = actions.claimed(context.name, run_id, side, list(free))
    fresh = [link for link in linked.values() if link.id not in planning.links_done]
    planning.links_done.update(link.id for link in fresh)
    heirs = context.heirs[side]
    unlinked = [m for ref, m in free.items() if not (ref in linked or ref in claimed or ref in heirs)]
    standings.wake(
        context.name, [waiting_for(side, m.record.ref.remote_id) for m in unlinked if m.record.deleted]
    )
    _await_links(planning, kind, side, [m for ref, m in free.items() if ref in heirs and ref not in linked])
    derived = derive_links(context, kind, fresh, run_id, planning.claims)
    if kind.kind is Kind.ACCOUNT:
        wake_contacts(context, side, [m.record.ref for m in unlinked])
        wake_inferring(context, side, list(free))
    derived += _accounts_first(
        planning, kind, side, unlinked, derive_unlinked(context, kind, side, unlinked, run_id)
    )
    planned = _one_way(planning, _limited(planning, kind, derived))
    _store(planning, order, side, planned)
    _note_quiet(planning, [d for d in planned if not d.actions])


def _store(planning: Planning, order: int, side: Side, planned: Sequence[Derived]) -> None:
    context, run_id = planning.context, planning.run.pk
    with transaction.atomic():
        turns.keep(context.name, side.other, {d.refs[side]: d.turn for d in planned if d.turn}, run_id)
        actions.add(run_id, context.name, order, [p for d in planned for p in _rows(planning, d)])


def _accounts_first(
    planning: Planning, kind: KindSettings, side: Side, batch: Sequence[Mirrored], derived: list[Derived]
) -> list[Derived]:
    """The same, once the accounts that contacts wait for are planned before them (rule U4)."""
    context, run_id = planning.context, planning.run.pk
    waiting = [d for d in derived if d.account][: _room(planning, kind)]
    needed = {d.account: d.subject.record for d in reversed(waiting) if d.account and d.subject}
    order = next((n for n, k in enumerate(context.settings.kinds) if k.kind is Kind.ACCOUNT), None)
    wanted = [ref for ref in needed if ref not in planning.busy[side] | context.heirs[side]]
    if not wanted or order is None:
        return derived
    accounts = context.settings.kinds[order]
    known = list(mirror.get_many(context.connection(side), wanted).values())
    found = derive_unlinked(context, accounts, side, known, run_id, needed)
    making = [d for d in found if d.action(Op.CREATE, side.other)]
    actions.drop_skips(context.name, run_id, side, [d.refs[side] for d in making])
    _store(planning, order, side, making)
    made = {d.refs[side] for d in making}
    going = {d.refs[side] for d in waiting if d.account in made}
    again = derive_unlinked(context, kind, side, [m for m in batch if m.record.ref in going], run_id)
    return [*again, *(d for d in derived if d.refs[side] not in going)]


def _room(planning: Planning, kind: KindSettings) -> int | None:
    """How many more records of the kind the plan may hold; None where it is not limited."""
    limit = planning.run.limit
    return None if limit is None else max(0, limit - planning.chosen.get(kind.kind, 0))


def _note_quiet(planning: Planning, quiet: Sequence[Derived]) -> None:
    """Records that are as they should be: what was held or refused about them is over."""
    context, run_id, now = planning.context, planning.run.pk, planning.context.now()
    refs = {side: [ref for d in quiet if (ref := d.refs.get(side))] for side in Side}
    with transaction.atomic():
        answered = {(d.refs[Side.LEFT], key) for d in quiet for key in d.answered()}
        holds.renew(context.name, refs, (), run_id, now, answered=answered)
        refusals.forget(context.name, [refusals.Decided(d.refs, d.parked) for d in quiet], now)
        standings.write(context.name, [s for d in quiet for s in stands(d)], planning.world, run_id)


def _set_aside(planning: Planning, kind: KindSettings, side: Side, batch: Sequence[Mirrored]) -> None:
    """Records with a write whose outcome is not known stay pending until it is."""
    reason = "a write was sent and no answer came; it is looked at before anything else is done"
    busy = [m for m in batch if m.record.ref in planning.busy[side]]
    stands = [Stand(side, kind.kind, m.record.ref, State.PENDING, m.seq, "open write", reason) for m in busy]
    standings.write(planning.context.name, stands, planning.world, planning.run.pk)


def _await_links(planning: Planning, kind: KindSettings, side: Side, batch: Sequence[Mirrored]) -> None:
    """Records that a link is about to move to are decided once it has, whatever becomes of the plan."""
    reason = "the link of a record that was merged or converted into it is about to move here"
    states = dict.fromkeys(planning.context.disputed[side], State.HELD)
    refs = [(m.record.ref, m.seq) for m in batch]
    found = [
        Stand(side, kind.kind, ref, states.get(ref, State.PENDING), seq, "heir", reason) for ref, seq in refs
    ]
    standings.write(planning.context.name, found, planning.world, planning.run.pk)


def _limited(planning: Planning, kind: KindSettings, derived: list[Derived]) -> list[Derived]:
    """All of it, or as many records of the kind as the limit allows."""
    room = _room(planning, kind)
    if room is None:
        return derived
    taken = [d for d in derived if d.actions][:room]
    planning.chosen[kind.kind] = planning.chosen.get(kind.kind, 0) + len(taken)
    return taken


def _one_way(planning: Planning, derived: list[Derived]) -> list[Derived]:
    """What is done by hand: the one side is written. All else that is called for waits for the next run."""
    context, by_hand = planning.context, planning.context.by_hand
    if by_hand is None:
        return derived
    kept = [replace(d, actions=_by_hand(d.actions, by_hand.target)) for d in derived]
    cut = [k for k, d in zip(kept, derived, strict=True) if len(k.actions) < len(d.actions)]
    reason = "it calls for more than is done by hand, which the next run does"
    stood = [s for d in cut for s in stands(d, State.PENDING, "one side", reason)]
    standings.write(context.name, stood, planning.world, planning.run.pk)
    quiet = {id(d) for d in cut if not d.actions}
    return [d for d in kept if id(d) not in quiet]


def _by_hand(actions: Sequence[Action], target: Side) -> tuple[Action, ...]:
    """Those of the actions of one record that are done by hand: none where a link ends or moves."""
    if any(a.op in (Op.END, Op.MOVE, Op.DELETE) for a in actions):
        return ()
    return tuple(a for a in actions if not a.writes or a.side is target)


def _rows(planning: Planning, derived: Derived) -> list[Planned]:
    for action in derived.actions:
        _count(planning, action)
    left, right = (derived.seqs.get(side, 0) for side in Side)
    return [Planned(a, left, right, _version(derived, a)) for a in derived.actions]


def _version(derived: Derived, action: Action) -> str | None:
    return (
        derived.loaded.view.record(action.side).version if derived.loaded and action.op is Op.UPDATE else None
    )


def _count(planning: Planning, action: Action) -> None:
    planning.creates += action.op is Op.CREATE
    planning.deletes += action.op is Op.DELETE
    if action.op is Op.UPDATE:
        filled = [f for f in action.fields if not is_empty(f.before)]
        planning.overwrites += any(not is_empty(f.after) or f.awaits for f in filled)
        planning.clears += any(is_empty(f.after) and not f.awaits for f in filled)


def _judge(planning: Planning) -> None:
    """Close the plan: its counts, and what a person has to approve before it may run (S2, S3)."""
    context, run = planning.context, planning.run
    before = planning.progress
    counts = PlanCounts(
        creates=planning.creates,
        overwrites=planning.overwrites,
        clears=planning.clears,
        deletes=planning.deletes,
        linked=links.count(context.name) + sum(actions.counts(run.pk).get(Op.LINK, {}).values()),
        linked_before=before.linked,
        records=living(context),
        records_before=before.records,
        partial=partial_sides(context),
    )
    uncounted = UNCOUNTED if context.by_hand else ()
    needs = [
        {"brake": t.brake, "reason": t.reason}
        for t in tripped(context.settings.brakes, counts)
        if t.brake not in uncounted
    ]
    if context.settings.first_run_needs_approval and not before.first_run_done:
        needs.append({"brake": "first_run", "reason": "the first run of a sync needs an approved plan"})
    run.status = RunStatus.PLANNED
    run.needs_approval, run.marks, run.world = needs, planning.marks, planning.world
    run.planned = {op: sum(by.values()) for op, by in actions.counts(run.pk).items()}
    run.save()


def living(context: SyncContext) -> dict[str, int]:
    """How many records of the synced kinds each side has."""
    return {side.value: mirror.living(context.connection(side), list(context.schemas[side])) for side in Side}


def partial_sides(context: SyncContext) -> frozenset[str]:
    """The sides of which nothing may be concluded from absence."""
    return frozenset(
        side.value for side in Side if cursors.partial(context.connection(side), list(context.schemas[side]))
    )
