"""`syncline run` and `syncline runs`: carry plans out, and tell what became of them."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from syncline.cli.failure import ERROR, NEEDS_APPROVAL, STOPPED
from syncline.cli.output import Output, counted
from syncline.cli.plans import how_to_run, summary, tell_plan
from syncline.cli.session import looking, working
from syncline.cli.wishing import Wanted, here_or_by_worker
from syncline.config import load
from syncline.service import budgets
from syncline.service import runs as service
from syncline.service.cost import calls_by_sort
from syncline.store import runs as stored
from syncline.store.models import Run
from syncline.store.runs import RunStatus
from syncline.store.work_tables import Wish

EXIT_CODES = {RunStatus.DONE: 0, RunStatus.PLANNED: NEEDS_APPROVAL, RunStatus.STOPPED: STOPPED}


def run(
    *,
    settings: Path,
    sync: str | None,
    plan: int | None,
    limit: int | None,
    yes: bool,
    no_follow: bool,
    json: bool,
) -> int:
    """Carry out a plan, here or by the worker that is at the sync; the exit code says what became of it."""
    out = Output(as_json=json)
    by = getpass.getuser() if yes else ""

    def here() -> int:
        with working(settings, sync) as context:
            made = service.run(context, run_id=plan, limit=limit, approved_by=by)
            waits = made.status == RunStatus.PLANNED
            sorts = calls_by_sort(context, made.pk) if waits else {}
            return _told(out, made, sorts, budgets.forecast(load(settings), sorts, context.now()))

    def tell(wish: Wish) -> int:
        return _told(out, stored.get(wish.sync, wish.run_id or 0), {}, {})

    arguments = {"plan": plan, "limit": limit, "approved_by": by}
    return here_or_by_worker(out, Wanted(settings, sync, "run", arguments, not no_follow), here, tell)


def _told(out: Output, made: Run, sorts: Mapping[str, Sequence[int]], ahead: Mapping[str, Any]) -> int:
    if not out.document(summary(made)):
        if made.status == RunStatus.PLANNED:
            tell_plan(out, made, {name: sum(calls) for name, calls in sorts.items()}, ahead)
            out.say("Nothing was written.", *how_to_run(made))
        else:
            tell_run(out, made)
    return EXIT_CODES.get(RunStatus(made.status), ERROR)


def tell_run(out: Output, made: Run) -> None:
    """What a run did, in a few lines."""
    results = made.results
    done = {name: results.get(name, 0) for name in ("created", "updated", "linked", "agreed", "ended")}
    done |= {name: number for name in ("moved links", "deleted") if (number := results.get(name, 0))}
    left = {name: results.get(name, 0) for name in ("held", "rejected", "skipped")}
    out.say(f"Run {made.pk} of the sync {made.sync}: {made.status}", f"  done: {counted(done)}")
    if any(left.values()):
        out.say(f"  not done: {counted(left)}")
    if results.get("moved"):
        out.say(f"  {results['moved']} moved while it ran; the next run plans them anew")
    if results.get("open"):
        out.say(
            f"  {results['open']} were sent and no answer came; the next run finds out what became of them"
        )
    calls = {f"to {name}": sum(by.values()) for name, by in made.calls.items()}
    out.say(f"  calls: {counted(calls)}")
    if made.error:
        out.say(f"  {made.error['code']}: {made.error['message']}", f"  {made.error['cure']}")
    out.say(*_next_steps(made))


def _next_steps(made: Run) -> list[str]:
    found = []
    if made.results.get("held"):
        found.append("See what waits for you: syncline holds list")
    if made.results.get("rejected"):
        found.append("See what was refused: syncline errors")
    return found


def show_all(*, settings: Path, sync: str | None, limit: int, json: bool) -> int:
    """List the runs, the newest first."""
    out = Output(as_json=json)
    with looking(settings, sync) as (_, chosen):
        rows = stored.latest(chosen.name, limit)
    if out.document({"sync": chosen.name, "runs": [summary(row) for row in rows]}):
        return 0
    if not rows:
        out.say(f"The sync {chosen.name} has not run. Begin with: syncline plan")
        return 0
    columns = ["run", "status", "planned", "started", "ended", "approved by", "what it did"]
    out.table(columns, [_line(row) for row in rows])
    return 0


def _line(row: Run) -> list[object]:
    did = counted(row.results) if row.results else f"planned: {counted(row.planned)}"
    return [row.pk, row.status, row.planned_at, row.started_at, row.ended_at, row.approved_by, did]
