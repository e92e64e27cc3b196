"""Planning and running, with a line in the log about each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from syncline.core.by_hand import ByHand
from syncline.core.errors import SynclineError
from syncline.engine import run as engine
from syncline.engine.by_hand import HandRun, carry_by_hand
from syncline.engine.context import SyncContext
from syncline.engine.parts import Parts
from syncline.service.due import GRACE
from syncline.store import schedules
from syncline.store.models import Run
from syncline.store.runs import RunStatus

FIRST_RUN = "first_run"


def plan(context: SyncContext, *, limit: int | None = None) -> Run:
    """Read both sides and store a plan of what a run would do."""
    return _logged(context, lambda: engine.plan(context, limit=limit))


def run(
    context: SyncContext,
    *,
    run_id: int | None = None,
    limit: int | None = None,
    approved_by: str = "",
    parts: Parts | None = None,
) -> Run:
    """Carry out a stored plan, or make one and carry it out; with `parts` only those are read before.

    `approved_by` approves the plan that is named, whatever holds it. Without a plan it approves a first run and
    nothing more: a brake that trips is to be looked at first, and the plan comes back as it is.
    """
    made = _run(context, run_id, limit, approved_by, parts)
    if made.status != RunStatus.STOPPED:
        # Both systems let us in, so nothing keeps the schedule any more.
        schedules.release([context.name], context.now(), GRACE)
    return made


def _run(
    context: SyncContext, run_id: int | None, limit: int | None, approved_by: str, parts: Parts | None
) -> Run:
    if run_id is not None:
        return _ended(context, run_id, approved_by)
    made = _logged(context, lambda: engine.run(context, limit=limit, parts=parts))
    if approved_by and made.needs_approval and only_first_run(made):
        return _ended(context, made.pk, approved_by)
    return made


def by_hand(context: SyncContext, names: Sequence[str], wanted: ByHand, *, by: str, dry: bool) -> HandRun:
    """Push or pull the records a person chose."""
    log = structlog.get_logger().bind(sync=context.name)
    try:
        done = carry_by_hand(context, names, wanted, by=by, dry=dry)
    except SynclineError as error:
        log.warning("failed", code=error.code, message=error.message)
        raise
    if done.run:
        log.info("done by hand", run=done.run.pk, status=str(done.run.status), results=done.run.results)
    return done


def only_first_run(made: Run) -> bool:
    """Whether nothing holds a plan but that it is the first of its sync."""
    return {need["brake"] for need in made.needs_approval} <= {FIRST_RUN}


def _ended(context: SyncContext, run_id: int, approved_by: str) -> Run:
    return _logged(context, lambda: engine.run(context, run_id=run_id, approved_by=approved_by))


def _logged(context: SyncContext, work: Callable[[], Run]) -> Run:
    log = structlog.get_logger().bind(sync=context.name)
    try:
        row = work()
    except SynclineError as error:
        log.warning("failed", code=error.code, message=error.message)
        raise
    event = "plan stored" if row.status == RunStatus.PLANNED else "run ended"
    log.info(event, run=row.pk, status=str(row.status), planned=row.planned, results=row.results)
    return row
