"""The work "run": a run of the sync, as `syncline run` does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncline.core.errors import RunStopped
from syncline.engine.context import SyncContext
from syncline.engine.run import look
from syncline.service import runs
from syncline.service.jobs import scheduled
from syncline.store.runs import RunStatus


def run(context: SyncContext, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Plan and carry out; a plan that waits for a person stays as it is, and that is no error.

    `plan` is the number of a stored plan to carry out, `approved_by` who approved it, `limit` that of a trial. A run
    that a schedule began has `parts`, and lets records rest that were changed a moment ago.
    """
    by_schedule = "parts" in arguments
    if by_schedule:
        context.settle = context.settings.schedule.settle
    made = runs.run(
        context,
        run_id=arguments.get("plan"),
        limit=arguments.get("limit"),
        approved_by=arguments.get("approved_by", ""),
        parts=scheduled.read(arguments["parts"]) if by_schedule else None,
    )
    if by_schedule:
        scheduled.carried(context, made)
    if made.status == RunStatus.STOPPED:
        raise RunStopped("the run was asked to stop; what was done so far is kept")
    return {"run": made.pk, "status": str(made.status)}


def read(context: SyncContext, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read what is due and do nothing else: in a quiet period, and while a plan waits for approval."""
    shown = look(context, parts=scheduled.read(arguments["parts"]))
    scheduled.carried(context, None)
    return {"records": shown}
