"""The work "run": a run of the sync, as `syncline run` does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncline.core.errors import RunStopped
from syncline.engine.context import SyncContext
from syncline.service import runs
from syncline.store.runs import RunStatus


def run(context: SyncContext, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Plan and carry out; a plan that waits for a person stays as it is, and that is no error.

    `plan` is the number of a stored plan to carry out, `approved_by` who approved it, `limit` that of a trial.
    """
    made = runs.run(
        context,
        run_id=arguments.get("plan"),
        limit=arguments.get("limit"),
        approved_by=arguments.get("approved_by", ""),
    )
    if made.status == RunStatus.STOPPED:
        raise RunStopped("the run was asked to stop; what was done so far is kept")
    return {"run": made.pk, "status": str(made.status)}
