"""Scheduled: what is due of each sync becomes one job, and what becomes of that job is kept for the next one.

    tick -> what is due -> one job -> begin -> its work -> over -> what is due next, or how long to wait

Nothing here is queued as truth. A job that is lost comes again with the next tick, under another id after a while.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from syncline.config import Document, SyncSettings, resolved
from syncline.core.errors import AuthError, BusyError, ConfigError, known_as
from syncline.core.frozen import frozen
from syncline.core.model import Kind, Side
from syncline.engine.context import SyncContext
from syncline.engine.parts import Part, Parts
from syncline.service.due import GRACE, Due, Rhythm
from syncline.service.jobs.port import Job, Urgency
from syncline.service.polling import paces, polls_allowed
from syncline.store import beginnings, leases, runs, schedules
from syncline.store.beginnings import Beginning
from syncline.store.models import Run
from syncline.store.schedule_tables import ScheduledPart, ScheduleState
from syncline.store.schedules import Obstacle

RUN, READ = "run", "read"
ABANDONED = timedelta(minutes=10)
"""After this time a job that nobody works on counts as lost."""
_DUE = [field.name for field in fields(Due)]


def due(document: Document, now: datetime) -> Iterator[Job]:
    """One job for each sync that has anything to do by now."""
    for name in document.syncs:
        try:
            settings = resolved(document, name)
            stored = schedules.parts(name)
            job = _job(settings, stored, keep_up(document, settings, stored, now), now)
        except ConfigError as error:
            structlog.get_logger().warning(
                "the schedule of a sync cannot be read", sync=name, message=error.message
            )
            continue
        if job is not None:
            yield job


def keep_up(
    document: Document, settings: SyncSettings, stored: Mapping[Part, ScheduledPart], now: datetime
) -> dict[Part, Due]:
    """When each part is due, brought up to date with the settings, the budget and the clock."""
    found = dues(document, settings, stored, now)
    schedules.forget(settings.name, stored.keys() - found.keys())
    for part, each in found.items():
        if part not in stored or each != _due_of(stored[part]):
            schedules.keep(settings.name, part, asdict(each))
    return found


def dues(
    document: Document, settings: SyncSettings, stored: Mapping[Part, ScheduledPart], now: datetime
) -> dict[Part, Due]:
    """When each part is due by what is stored of it, as it is to be now."""
    return {
        part: rhythm.kept(_due_of(stored[part]), now) if part in stored else rhythm.first(now)
        for part, rhythm in sorted(_rhythms(document, settings, stored).items())
    }


def _rhythms(
    document: Document, settings: SyncSettings, stored: Mapping[Part, ScheduledPart]
) -> dict[Part, Rhythm]:
    costs = {part: row.calls for part, row in stored.items()}
    found = paces(settings, costs, polls_allowed(document, settings.left))
    return {part: Rhythm(pace.timing, settings.schedule.zone) for part, pace in found.items()}


def _due_of(row: ScheduledPart) -> Due:
    return Due(**{name: getattr(row, name) for name in _DUE})


@frozen()
class Standing:
    """Where a sync stands before anything begins: what it may do, and whether its first run is yet to come."""

    work: str
    opening: bool


def standing(settings: SyncSettings, now: datetime) -> Standing:
    """In a quiet period, before anybody started it, and while a plan waits for approval, it only reads (C5, S2)."""
    known = beginnings.of(settings.name)
    quiet = not known.started and _is_quiet(settings, known, now)
    waits = waiting_plan(settings) is not None
    return Standing(READ if quiet or waits else RUN, opening=not (known.ran or waits or quiet))


def _is_quiet(settings: SyncSettings, known: Beginning, now: datetime) -> bool:
    """Whether a sync that nobody started has to keep quiet; a plan that waits for approval writes nothing either."""
    if settings.quiet_period is None:
        return not settings.first_run_needs_approval
    until = known.quiet_until(settings.quiet_period)
    return until is None or until > now


def waiting_plan(settings: SyncSettings) -> Run | None:
    """The plan that waits for approval, unless settings have changed since: then a new one is made."""
    row = runs.waiting_plan(settings.name)
    if row is None or row.settings != settings.settings_hash:
        return None
    causes = {need["brake"] for need in row.needs_approval}
    return row if causes - {"first_run"} or settings.first_run_needs_approval else None


def _job(
    settings: SyncSettings, stored: Mapping[Part, ScheduledPart], known: Mapping[Part, Due], now: datetime
) -> Job | None:
    state, paused = schedules.state_of(settings.name), schedules.pauses(settings.name)
    begun = {part: row.begun_at for part, row in stored.items() if part in known and _is_going(row)}
    if waits(state, now) or None in paused or not known or _in_hand(settings.name, begun.values(), now):
        return None
    # What began and never came to its end was cut off: the sync is not in hand any more.
    ready = begun.keys() | {part for part, each in known.items() if each.due_at <= now}
    parts = frozenset(part for part in ready if part[1] not in paused)
    stands = standing(settings, now)
    if stands.opening and stands.work == RUN:
        parts = frozenset(known)
    rested = stands.work == RUN and state.decide_at is not None and state.decide_at <= now
    if not parts and not rested:
        return None
    since = min([known[part].due_at for part in parts] or [state.decide_at or now])
    lost = max(0, int((now - since) / ABANDONED))
    first = not beginnings.of(settings.name).ran
    return Job(
        f"{stands.work}:{settings.name}:{since:%Y%m%dT%H%M%SZ}:{state.begun}.{lost}",
        settings.name,
        Urgency.BACKFILL if first else Urgency.SCHEDULE,
        stands.work,
        {"parts": written(parts)},
    )


def waits(row: ScheduleState, now: datetime) -> bool:
    """Whether the sync waits. After the clock went back no time holds it: nobody knows how long it should."""
    if row.until is None or row.since is None:
        return row.since is not None
    return row.since - ABANDONED <= now < row.until


def _in_hand(sync: str, begun: Iterable[datetime | None], now: datetime) -> bool:
    """Whether somebody works on the sync, or took a job of it up a moment ago."""
    if leases.worker(f"sync {sync}", now):
        return True
    return any(at and timedelta(0) <= now - at < ABANDONED for at in begun)


def _is_going(row: ScheduledPart) -> bool:
    return row.begun_at is not None and row.ended_at is None


def begin(document: Document, job: Job, now: datetime) -> Job:
    """A scheduled job begins: what became due while it waited goes with it, and what is not due any more does not."""
    if "parts" not in job.arguments:
        return job
    settings = resolved(document, job.sync)
    stored, paused = schedules.parts(job.sync), schedules.pauses(job.sync)
    rhythms = _rhythms(document, settings, stored)
    told, opening = read(job.arguments["parts"]), not beginnings.of(job.sync).ran
    parts: set[Part] = set()
    for part, row in stored.items():
        is_due = row.due_at <= now and part[1] not in paused
        if part in rhythms and (is_due or (part in told and (opening or _is_going(row)))):
            taken = asdict(rhythms[part].taken(_due_of(row), now)) if row.due_at <= now else {}
            schedules.keep(job.sync, part, {**taken, "begun_at": now, "ended_at": None})
            parts.add(part)
    schedules.begin(job.sync)
    return replace(job, arguments={**job.arguments, "parts": written(parts)})


def carried(context: SyncContext, made: Run | None) -> None:
    """What a scheduled run leaves for the next one: what reading cost, and when resting records are looked at."""
    schedules.note_calls(context.name, context.read_calls)
    if context.settling_until:
        schedules.decide_at(context.name, min(context.settling_until))
    if made is not None:
        runs.forget_idle(made)


def over(job: Job, told: Mapping[str, Any], now: datetime) -> None:
    """A job is over. After a scheduled one that failed its sync waits, and what was begun is due again.

    After any that was not let in it waits until a person did something about it (rule C2).
    """
    failed, code = told["outcome"] != "done", told.get("code", "")
    if told["outcome"] == "stopped":
        return
    if "parts" in job.arguments:
        schedules.end(job.sync, now, again=failed)
    if failed and issubclass(known_as(code), AuthError):
        schedules.hold(job.sync, _obstacle(told), now)
    elif "parts" in job.arguments:
        _wait_or_go_on(job, told, now)


def _wait_or_go_on(job: Job, told: Mapping[str, Any], now: datetime) -> None:
    if told["outcome"] == "done":
        schedules.release([job.sync], now, GRACE)
        return
    if told["code"] == BusyError.code:
        return
    at = datetime.fromisoformat(told["resume_at"]) if told.get("resume_at") else None
    schedules.hold_until(job.sync, at, _obstacle(told), now, GRACE)


def _obstacle(told: Mapping[str, Any]) -> Obstacle:
    return Obstacle(told["code"], told["message"], told.get("connection", ""))


def written(parts: Collection[Part]) -> list[list[str]]:
    """Parts as the arguments of a job."""
    return [[side.value, kind.value] for side, kind in sorted(parts)]


def read(told: Collection[Collection[str]]) -> Parts:
    """Parts as they were written."""
    return frozenset((Side(side), Kind(kind)) for side, kind in told)
