"""`syncline tick`: one round, for those who have cron start it and no process that serves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from syncline.cli.failure import ERROR, STOPPED
from syncline.cli.output import Output
from syncline.cli.progress import Reporter
from syncline.cli.session import stoppable
from syncline.config import load
from syncline.service.alerts.chore import finish
from syncline.service.clock import choose_clock
from syncline.service.database import open_database
from syncline.service.jobs import outcome
from syncline.service.jobs.crew import STOPPED as WAS_STOPPED
from syncline.service.jobs.performing import Performer
from syncline.service.tick import CHORES, jobs_due


def tick(*, settings: Path, json: bool) -> int:
    """Do whatever is due now, one sync after the other, in this process."""
    out = Output(as_json=json)
    document, clock = load(settings), choose_clock(os.environ)
    open_database(document)
    done: list[dict[str, Any]] = []
    with (
        closing(Performer(lambda: document, os.environ)) as perform,
        Reporter() as reporter,
        stoppable() as stopping,
    ):
        for job in jobs_due(document, clock.now()):
            if stopping():
                break
            found = perform(job, stopping, reporter.report)
            done.append({"job": job.id, "sync": job.sync, "work": job.work, **found})
        for chore in CHORES:
            chore(document, clock.now())
        finish()
        stopped = stopping()
    if not out.document({"jobs": done}):
        _tell(out, done)
    return STOPPED if stopped else ERROR if _failed(done) else 0


def _failed(done: list[dict[str, Any]]) -> bool:
    return any(each["outcome"] == outcome.FAILED for each in done)


def _tell(out: Output, done: list[dict[str, Any]]) -> None:
    if not done:
        out.say("Nothing is due.")
        return
    out.table(["job", "sync", "work", "what came of it", "why"], [_line(each) for each in done])


def _line(each: Mapping[str, Any]) -> list[object]:
    what = {WAS_STOPPED: "stopped", outcome.LATER: "comes again later"}.get(each["outcome"], each["outcome"])
    return [each["job"], each["sync"], each["work"], what, each.get("message", "")]
