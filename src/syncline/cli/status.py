"""`syncline status`: where every record of a sync stands (rule E4), and when it ran."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from syncline.cli.budgets import tell_budgets
from syncline.cli.failure import STOPPED
from syncline.cli.following import follow as follow_run
from syncline.cli.following import line
from syncline.cli.output import Output, cell, counted
from syncline.cli.plans import summary
from syncline.cli.session import looking
from syncline.config import SyncSettings
from syncline.core.model import Side
from syncline.service import budgets
from syncline.service.clock import choose_clock
from syncline.service.watching import seen
from syncline.store import beginnings, holds, links, nudges, refusals, runs, standings
from syncline.store.beginnings import Beginning
from syncline.store.models import Run
from syncline.store.runs import RunStatus
from syncline.store.standings import State


def show(*, settings: Path, sync: str | None, follow: bool, json: bool) -> int:
    """Tell where a sync stands; following it, when its run has ended."""
    out = Output(as_json=json)
    clock = choose_clock(os.environ)
    with looking(settings, sync) as (document, chosen):
        if follow and not follow_run(out, chosen.name, clock):
            return STOPPED
        now = clock.now()
        found = collect(chosen, now)
        found["budgets"] = budgets.shown(document, (chosen.left, chosen.right), now)
    if not out.document(found):
        _tell(out, chosen, found)
    return 0


def collect(settings: SyncSettings, now: datetime) -> dict[str, Any]:
    """All that status tells, as JSON."""
    newest = next(iter(runs.latest(settings.name, 1)), None)
    done = runs.last_done(settings.name)
    beginning = beginnings.of(settings.name)
    left_out = standings.reasons(settings.name, State.NOT_ELIGIBLE)
    return {
        "sync": settings.name,
        "started": _started(settings, beginning),
        "linked": links.count(settings.name),
        "records": standings.counts(settings.name),
        "not_eligible": [{"kind": kind, "rule": rule, "records": n} for kind, rule, n in left_out],
        "progress": seen(settings.name, now),
        "open_holds": holds.count(settings.name),
        "open_errors": refusals.count(settings.name),
        "nudged": nudges.waiting(settings.name),
        "newest_run": summary(newest) if newest else None,
        "last_done": summary(done) if done else None,
        "next": _next(settings, newest, done, now),
    }


def _started(settings: SyncSettings, beginning: Beginning) -> dict[str, Any]:
    """Since when, and by whose word, the sync may write (rule C5)."""
    return {
        "started": beginning.started,
        "at": beginning.started_at,
        "by": beginning.started_by or None,
        "quiet_until": None if beginning.started else beginning.quiet_until(settings.quiet_period),
    }


def _next(settings: SyncSettings, newest: Run | None, done: Run | None, now: datetime) -> dict[str, Any]:
    """What should happen next, and when."""
    if newest and newest.status == RunStatus.PLANNED and newest.needs_approval:
        return {"what": f"plan {newest.pk} waits for approval", "at": None}
    if done is None or done.ended_at is None:
        return {"what": "the first run", "at": None}
    due = _due(settings, done.ended_at)
    return {"what": "a run is due" if due <= now else "the next run", "at": due}


def _due(settings: SyncSettings, ended_at: datetime) -> datetime:
    """When the first side of a kind is to be read again."""
    schedule = settings.schedule
    return min(
        schedule.of(side, kind.kind).next_after(ended_at, ended_at, schedule.zone)
        for kind in settings.kinds
        for side in Side
    )


def _tell(out: Output, settings: SyncSettings, found: dict[str, Any]) -> None:
    out.say(f"The sync {settings.name}: {settings.left} and {settings.right}, {found['linked']} links")
    sides = {side.value: settings.connection(side) for side in Side}
    rows = [
        [sides[side], *(by.get(state.value, 0) for state in State)] for side, by in found["records"].items()
    ]
    if rows:
        out.table(["records of", *(state.value for state in State)], rows)
    for reason in found["not_eligible"]:
        out.say(f"  not eligible: {reason['records']} of kind {reason['kind']}, because of: {reason['rule']}")
    open_ = {
        "holds (syncline holds list)": found["open_holds"],
        "errors (syncline errors)": found["open_errors"],
    }
    out.say(f"Open: {counted(open_)}")
    if until := found["started"]["quiet_until"]:
        out.say(f"Quiet period: nothing is written before {cell(until)} UTC, or before `syncline start`")
    if found["nudged"]:
        out.say(f"Nudged: {found['nudged']} records wait to be synced before anything else")
    if found["progress"]:
        out.say(f"At work: {line(found['progress'])}")
    newest = found["newest_run"]
    if newest:
        did = counted(newest["results"]) if newest["results"] else f"planned {counted(newest['planned'])}"
        out.say(f"Newest run: {newest['run']}, {newest['status']}, {cell(newest['planned_at'])} UTC: {did}")
    tell_budgets(out, found["budgets"])
    following = found["next"]
    out.say(f"Next: {following['what']}" + (f", {cell(following['at'])} UTC" if following["at"] else ""))
