"""`syncline status`: where every record of a sync stands (rule E4), and when it ran."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from syncline.cli.budgets import tell_budgets
from syncline.cli.failure import STOPPED
from syncline.cli.following import follow as follow_run
from syncline.cli.following import line
from syncline.cli.output import Output, cell, counted
from syncline.cli.plans import summary
from syncline.cli.scheduling import next_of, told
from syncline.cli.session import looking
from syncline.config import Document, SyncSettings
from syncline.core.model import Kind, Side
from syncline.service import budgets
from syncline.service.clock import choose_clock
from syncline.service.schedule_view import side_first, view
from syncline.service.watching import seen
from syncline.store import beginnings, holds, links, nudges, refusals, runs, standings, sweeps
from syncline.store.beginnings import Beginning
from syncline.store.models import Sweep
from syncline.store.standings import State


def show(*, settings: Path, sync: str | None, follow: bool, json: bool) -> int:
    """Tell where a sync stands; following it, when its run has ended."""
    out = Output(as_json=json)
    clock = choose_clock(os.environ)
    with looking(settings, sync) as (document, chosen):
        if follow and not follow_run(out, chosen.name, clock):
            return STOPPED
        now = clock.now()
        found = collect(document, chosen, now)
        found["budgets"] = budgets.shown(document, (chosen.left, chosen.right), now)
    if not out.document(found):
        _tell(out, chosen, found)
        _tell_schedule(out, found["schedule"], now)
    return 0


def collect(document: Document, settings: SyncSettings, now: datetime) -> dict[str, Any]:
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
        "sweeps": [_swept(each) for each in sweeps.over((settings.left, settings.right))],
        "newest_run": summary(newest) if newest else None,
        "last_done": summary(done) if done else None,
        "schedule": view(document, settings, now),
    }


def _started(settings: SyncSettings, beginning: Beginning) -> dict[str, Any]:
    """Since when, and by whose word, the sync may write (rule C5)."""
    return {
        "started": beginning.started,
        "at": beginning.started_at,
        "by": beginning.started_by or None,
        "quiet_until": None if beginning.started else beginning.quiet_until(settings.quiet_period),
    }


def _swept(last: Sweep) -> dict[str, Any]:
    """How far it is known who was deleted, where only listing everything tells (rule L1)."""
    return {
        "connection": last.connection,
        "object_type": last.object_type,
        "listed_at": last.swept_at,
        "listing": last.cursor is not None,
        "to_ask": len(last.waiting),
        "unseen": len(last.unseen),
    }


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
    elif not found["started"]["started"]:
        out.say("Not started: nothing is written before a person approves a first run, or `syncline start`")
    if found["nudged"]:
        out.say(f"Nudged: {found['nudged']} records wait to be synced before anything else")
    for each in found["sweeps"]:
        out.say(_swept_line(each))
    if found["progress"]:
        out.say(f"At work: {line(found['progress'])}")
    newest = found["newest_run"]
    if newest:
        did = counted(newest["results"]) if newest["results"] else f"planned {counted(newest['planned'])}"
        out.say(f"Newest run: {newest['run']}, {newest['status']}, {cell(newest['planned_at'])} UTC: {did}")
    tell_budgets(out, found["budgets"])


def _swept_line(swept: Mapping[str, Any]) -> str:
    """What people read of a sweep."""
    what = f"Looked for deletions in {swept['connection']}, {swept['object_type']}"
    rest = "; a new look is going on" if swept["listing"] else ""
    rest += f"; missing, to be asked for by id: {swept['to_ask']}" if swept["to_ask"] else ""
    rest += f"; missing, and it does not tell why: {swept['unseen']}" if swept["unseen"] else ""
    return f"{what}: {cell(swept['listed_at'])} UTC{rest}"


def _tell_schedule(out: Output, schedule: Mapping[str, Any], now: datetime) -> None:
    """When each side of each kind is read next, and what is in the way of it."""
    parts = side_first(schedule)
    kinds = [kind.value for kind in Kind if kind in {part["kind"] for part in parts}]
    rows: dict[str, dict[str, str]] = {}
    for part in parts:
        rows.setdefault(part["connection"], {})[part["kind"]] = next_of(part, schedule, now)
    out.table(
        ["read next, UTC", *kinds], [[name, *(by.get(k, "") for k in kinds)] for name, by in rows.items()]
    )
    paused = {part["kind"]: part["paused"] for part in parts if part["paused"]}
    out.say(*(f"Paused: {kind}, by {by['by']}, {cell(by['at'])} UTC" for kind, by in paused.items()))
    out.say(*told(schedule))
