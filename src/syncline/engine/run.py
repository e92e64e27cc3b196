"""Run: one pass over a sync.

    read both sides -> find out about lost answers -> plan -> approve -> carry out -> note how far it went

A run executes exactly its stored plan. It can be stopped or killed at any point: what was committed stays, what
was sent is looked into first next time, and the rest is derived anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from syncline.core.budget import Work
from syncline.core.errors import PlanError, RunStopped, SynclineError
from syncline.core.plan import ActionStatus
from syncline.engine.batch import Batch
from syncline.engine.commit import forget_idle
from syncline.engine.context import SyncContext
from syncline.engine.heirs import trace
from syncline.engine.parts import Parts, all_parts, sought, unread, written_blindly
from syncline.engine.preview import index_all, living, make_plan
from syncline.engine.quiet import may_run, may_write
from syncline.engine.read import read, read_whole
from syncline.engine.resolve import resolve_open
from syncline.engine.screen import screen
from syncline.engine.sweep import sweep
from syncline.engine.who import match_users
from syncline.engine.write import carry_out
from syncline.store import actions, beginnings, leases, links, progress, runs, tallies
from syncline.store.models import Run
from syncline.store.runs import RESUMABLE, RunStatus


def plan(context: SyncContext, *, limit: int | None = None, parts: Parts | None = None) -> Run:
    """Read both sides, or some parts, and store a plan of what a run would do; nothing is written to either side."""
    beginnings.prepare(context.name, context.now())
    with alone(context, "it makes a plan"):
        _prepare_or_note(context, limit, parts)
        return make_plan(context, limit=limit)


def run(
    context: SyncContext,
    *,
    run_id: int | None = None,
    limit: int | None = None,
    approved_by: str = "",
    parts: Parts | None = None,
) -> Run:
    """Carry out a stored plan, or make one and carry it out unless it waits for approval.

    A plan that waits is returned as it is: status "planned", with the reasons in `needs_approval`. With `parts`
    only those are read first; what changed is decided all the same, whenever it was observed.
    """
    may_run(context)
    with alone(context, "a run"):
        known = _prepare_or_note(context, limit, None if run_id else parts)
        chosen = _stored(context, run_id) if run_id is not None else make_plan(context, limit=limit)
        if chosen.needs_approval and not (approved_by or chosen.approved_by):
            return chosen
        chosen.approved_by = approved_by or chosen.approved_by
        by_hand = runs.by_hand(chosen)
        if by_hand is None:
            return execute(context, chosen, known)
        with context.doing(Work.BY_HAND):
            return execute(replace(context, by_hand=by_hand), chosen, known)


def look(context: SyncContext, *, parts: Parts | None = None) -> int:
    """Read both sides, or some parts, and do nothing else, which a quiet period allows; how many records were shown."""
    beginnings.prepare(context.name, context.now())
    with alone(context, "it reads"):
        return read(context, parts)


def pull(context: SyncContext, *, whole: bool = False) -> int:
    """Bring the mirror up to date; how many records were shown. `whole`: look at every record anew."""
    may_write(context, "pull by hand")
    with alone(context, "a pull"):
        shown = read(context)
        if whole:
            read_whole(context)
        return shown


def prepare(context: SyncContext, parts: Parts | None = None) -> Parts:
    """Bring everything up to date that decisions rest on: both mirrors, users, lost answers; which parts were read.

    Besides `parts` is read what never was, and where a create has to be looked for whose answer never came; and
    everything where everything is to be decided anew.
    """
    every = all_parts(context.settings)
    known = every if parts is None else (parts | unread(context) | sought(context)) & every
    read(context, known)
    sweep(context, known)
    context.users = match_users(context)
    if known != every and runs.progress(context.name).settings != context.world:
        read(context, every - known)
        known, context.users = every, match_users(context)
    trace(context)
    resolve_open(context)
    return known


def _prepare_or_note(context: SyncContext, limit: int | None, parts: Parts | None = None) -> Parts:
    """A run that fails while reading is listed like any other: no failure is silent."""
    try:
        return prepare(context, parts)
    except RunStopped:
        raise
    except SynclineError as error:
        row = runs.unplanned(context.name, context.settings.settings_hash, limit, context.now())
        context.began(row.pk)
        _close(context, row, RunStatus.FAILED, error)
        raise


@contextmanager
def alone(context: SyncContext, doing: str) -> Iterator[None]:
    """Have no other process work on the sync meanwhile; `BusyError`, telling what it does, if one does."""
    name, holder = f"sync {context.name}", leases.this_process()
    with leases.held(name, holder, context.now(), doing):
        progress.clear(context.name)
        context.began(None)
        screen(context)
        context.count_calls()
        context.keep_claim = _keeping(context, name, holder)
        try:
            yield
        finally:
            tallies.count_calls(context.calls())


def _keeping(context: SyncContext, name: str, holder: str) -> Callable[[], None]:
    """Renews the claim on the sync, long before it would end and not with each page."""
    renewed = context.now()

    def keep() -> None:
        nonlocal renewed
        now = context.now()
        if abs(now - renewed) >= leases.DURATION / 8:
            if not leases.take(name, holder, now):
                raise RunStopped("another process took the sync over, since this one was taken for dead")
            renewed = now

    return keep


def _stored(context: SyncContext, run_id: int) -> Run:
    row = runs.get(context.name, run_id)
    if row.status not in RESUMABLE or not row.world:
        raise PlanError(f"plan {run_id} cannot run: it is {row.status}{'' if row.world else ' and no plan'}")
    if runs.has_newer(row):
        raise PlanError(f"plan {run_id} cannot run: a newer one was made since")
    if row.settings != context.settings.settings_hash:
        raise PlanError(f"plan {run_id} was made under other settings and would not do what it shows")
    context.began(row.pk)
    index_all(context)
    return row


def execute(context: SyncContext, row: Run, known: Parts | None = None) -> Run:
    """Carry out a plan that may be; the claim on the sync is the caller's. `known` are the parts read just now."""
    row.status, row.started_at = RunStatus.RUNNING, context.now()
    row.save()
    beginnings.start(context.name, row.approved_by, context.now())
    try:
        if known is not None:
            _read_targets(context, row, known)
        _carry_out(context, row)
    except RunStopped as stopped:
        return _close(context, row, RunStatus.STOPPED, stopped)
    except SynclineError as error:
        _close(context, row, RunStatus.FAILED, error)
        raise
    _remember(context, row)
    return _close(context, row, RunStatus.DONE, None)


def _read_targets(context: SyncContext, row: Run, known: Parts) -> None:
    """Read what is about to be written and was not read just now: what came out otherwise is left to the next plan."""
    if behind := written_blindly(context, row.pk) - known:
        read(context, behind)
        index_all(context)


def _carry_out(context: SyncContext, row: Run) -> None:
    total, done = sum(row.planned.values()), 0
    kinds = {kind.kind.value: kind for kind in context.settings.kinds}
    for step in actions.steps(row.pk):
        for rows in actions.planned(row.pk, step):
            carry_out(Batch(context, row, kinds[rows[0].kind], context.world), rows)
            done += len(rows)
            context.report("carrying out the plan", done, total)
            context.check_stop()


def _remember(context: SyncContext, row: Run) -> None:
    """How far the sync has decided by now, under the settings and users of the plan.

    A limited run decided only some of it, one by hand what a person chose, one of nudges just those records.
    Agreements of maps that are off no longer count (DESIGN 5.4).
    """
    if row.by_hand is not None or row.nudged:
        return
    known = runs.progress(context.name)
    changes: dict[str, object] = {"records": living(context), "linked": links.count(context.name)}
    if row.limit is None:
        changes |= {"watermarks": row.marks, "settings": row.world, "first_run_done": True}
        if known.settings != row.world and (known.settings or runs.knew_another_world(row)):
            forget_idle(context)
    runs.advance(context.name, **changes)


def _close(context: SyncContext, row: Run, status: RunStatus, error: SynclineError | None) -> Run:
    row.status, row.ended_at = status, context.now()
    earlier, row.results = row.results, results(row.pk)
    row.calls = context.calls()
    if error:
        row.error = {"code": error.code, "message": error.message, "cure": error.cure}
        if connection := error.context.get("connection"):
            row.error["connection"] = connection
    row.save()
    tallies.count_run(row.sync, status, earlier, row.results)
    return row


def results(run_id: int) -> dict[str, int]:
    """What a run did, by what people call it."""
    found = actions.counts(run_id)

    def count(op: str, *statuses: ActionStatus) -> int:
        return sum(found.get(op, {}).get(status.value, 0) for status in statuses)

    done = ActionStatus.APPLIED
    return {
        "created": count("create", done),
        "updated": count("update", done),
        "linked": count("link", done) + count("create", ActionStatus.UNCHANGED),
        "agreed": count("commit", ActionStatus.UNCHANGED),
        "ended": count("end", done),
        "moved links": count("move", done),
        "deleted": count("delete", done),
        "held": count("hold", ActionStatus.HELD) + count("create", ActionStatus.HELD),
        "rejected": count("create", ActionStatus.REJECTED)
        + count("update", ActionStatus.REJECTED)
        + count("delete", ActionStatus.REJECTED),
        "skipped": count("skip", ActionStatus.SKIPPED),
        "moved": sum(by.get(ActionStatus.MOVED.value, 0) for by in found.values()),
        "open": sum(by.get(ActionStatus.OPEN.value, 0) for by in found.values()),
    }
