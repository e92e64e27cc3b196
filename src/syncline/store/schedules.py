"""Schedules: what is due of each sync, what a person paused, and what it waits for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from syncline.core.backoff import next_run
from syncline.core.frozen import frozen
from syncline.core.model import Kind, Side
from syncline.store.schedule_tables import PausedPart, ScheduledPart, ScheduleState

Part = tuple[Side, Kind]
_WEIGHT = 0.5
"""How much the newest read counts in what one costs."""


_NOTHING: Mapping[str, Any] = {
    "since": None,
    "until": None,
    "code": "",
    "why": "",
    "connection": "",
    "tries": 0,
}
"""What a sync waits for that waits for nothing."""


def parts(sync: str) -> dict[Part, ScheduledPart]:
    """What is known of each part of a sync."""
    rows = ScheduledPart.objects.filter(sync=sync)
    return {(Side(row.side), Kind(row.kind)): row for row in rows}


def keep(sync: str, part: Part, changes: Mapping[str, Any]) -> None:
    """Note something of a part."""
    side, kind = part
    ScheduledPart.objects.update_or_create(
        sync=sync, side=side.value, kind=kind.value, defaults=dict(changes)
    )


def forget(sync: str, gone: Iterable[Part]) -> None:
    """Let go of parts that are not synced any more."""
    for side, kind in gone:
        ScheduledPart.objects.filter(sync=sync, side=side.value, kind=kind.value).delete()


def note_calls(sync: str, costs: Mapping[Part, Mapping[str, int]]) -> None:
    """Take what reading some parts cost just now into what it costs on average."""
    for part, row in parts(sync).items():
        if (cost := costs.get(part)) is not None:
            keep(sync, part, {"calls": _mean(row.calls, cost)})


def _mean(before: Mapping[str, float], now: Mapping[str, int]) -> dict[str, float]:
    if not before:
        return dict(now)
    names = before.keys() | now.keys()
    found = {name: (1 - _WEIGHT) * before.get(name, 0) + _WEIGHT * now.get(name, 0) for name in names}
    return {name: round(number, 2) for name, number in sorted(found.items()) if number >= 0.05}


def begin(sync: str) -> None:
    """A job of the sync begins: the next one is another one, and looks at what rests by then."""
    ScheduleState.objects.get_or_create(sync=sync)
    ScheduleState.objects.filter(sync=sync).update(begun=F("begun") + 1, decide_at=None)


def end(sync: str, now: datetime, *, again: bool) -> None:
    """What was begun is over. With `again` it came to nothing, and is due as before."""
    rows = ScheduledPart.objects.filter(sync=sync, begun_at__isnull=False, ended_at__isnull=True)
    rows.update(ended_at=now, **({"due_at": now} if again else {}))


def pause(sync: str, kind: Kind | None, by: str, now: datetime) -> tuple[PausedPart, bool]:
    """Have nothing begin by itself; since when and by whom, and whether it is so only now."""
    return PausedPart.objects.get_or_create(
        sync=sync, kind=kind.value if kind else "", defaults={"paused_at": now, "paused_by": by[:100]}
    )


def resume(sync: str, kind: Kind | None, now: datetime, grace: timedelta) -> int:
    """Take pauses back, those of single kinds too where no kind is named; how many there were."""
    rows = PausedPart.objects.filter(sync=sync, **({"kind": kind.value} if kind else {}))
    number, _ = rows.delete()
    if number:
        _be_patient(sync, now + grace)
    return number


def pauses(sync: str) -> dict[Kind | None, PausedPart]:
    """What is paused: single kinds, or all of it under None."""
    return {Kind(row.kind) if row.kind else None: row for row in PausedPart.objects.filter(sync=sync)}


def state_of(sync: str) -> ScheduleState:
    """What a sync waits for; a row that is not stored waits for nothing."""
    return ScheduleState.objects.filter(sync=sync).first() or ScheduleState(sync=sync)


def anybody_waits(syncs: Collection[str], connection: str, codes: Collection[str]) -> bool:
    """Whether one of these syncs waits because of such an error of the connection."""
    rows = ScheduleState.objects.filter(sync__in=syncs, connection=connection, code__in=codes)
    return rows.exists()


@frozen()
class Obstacle:
    """What is in the way of a sync: an error by its code and words, and the connection it is about, if any."""

    code: str
    why: str
    connection: str = ""


def hold_until(
    sync: str, until: datetime | None, obstacle: Obstacle, now: datetime, grace: timedelta
) -> datetime:
    """Begin nothing by itself until then; without a time, ever longer from one try in vain to the next."""
    with _tried_in_vain(sync, obstacle, now) as row:
        row.until = until if until and until > now else next_run(row.tries, now, sync)
    _be_patient(sync, row.until + grace)
    return row.until


def hold(sync: str, obstacle: Obstacle, now: datetime) -> None:
    """Begin nothing by itself before `release`: another try would be in vain too."""
    with _tried_in_vain(sync, obstacle, now) as row:
        row.until = None


@contextmanager
def _tried_in_vain(sync: str, obstacle: Obstacle, now: datetime) -> Iterator[ScheduleState]:
    with transaction.atomic():
        ScheduleState.objects.get_or_create(sync=sync)
        row = ScheduleState.objects.select_for_update().get(sync=sync)
        row.tries += 1
        row.since, row.code, row.why = now, obstacle.code, obstacle.why
        row.connection = obstacle.connection
        yield row
        row.save()


def release(syncs: Collection[str], now: datetime, grace: timedelta) -> int:
    """Wait no longer: what was in the way is gone; how many syncs waited."""
    waiting = ScheduleState.objects.filter(sync__in=syncs, tries__gt=0)
    names = list(waiting.values_list("sync", flat=True))
    for name in names:
        _be_patient(name, now + grace)
    return waiting.filter(sync__in=names).update(**_NOTHING)


def decide_at(sync: str, at: datetime) -> None:
    """When records that rest are to be looked at again."""
    ScheduleState.objects.update_or_create(sync=sync, defaults={"decide_at": at})


def _be_patient(sync: str, until: datetime) -> None:
    """Who was kept from beginning has missed nothing."""
    ScheduledPart.objects.filter(sync=sync, late_at__lt=until).update(late_at=until)


@frozen()
class MissedPart:
    """A part whose slot was to be taken and still is not."""

    sync: str
    side: Side
    kind: Kind
    due_at: datetime


def missed(now: datetime) -> list[MissedPart]:
    """What should have begun by now and has not, apart from what is paused or waits. It is a state, not an event."""
    held = Q(until__isnull=True, since__isnull=False)
    waiting = ScheduleState.objects.filter(held | Q(until__gt=now)).values_list("sync", flat=True)
    paused = {(row.sync, row.kind) for row in PausedPart.objects.all()}
    rows = ScheduledPart.objects.filter(late_at__lte=now).exclude(sync__in=list(waiting))
    rows = rows.filter(Q(begun_at__isnull=True) | Q(ended_at__isnull=False)).order_by("due_at", "pk")
    return [
        MissedPart(row.sync, Side(row.side), Kind(row.kind), row.due_at)
        for row in rows
        if not paused & {(row.sync, ""), (row.sync, row.kind)}
    ]
