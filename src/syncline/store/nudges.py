"""Nudges: records that somebody said had changed, until they are synced (rule U1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from syncline.core.errors import NudgesFullError
from syncline.core.model import Ref, Side
from syncline.store.bulk import batches, change, upsert
from syncline.store.mirror import by_type, reserve
from syncline.store.nudge_tables import Nudge

COUNTER = "nudges"
ABANDONED = timedelta(minutes=10)
"""After that long somebody who took a nudge up, and did not say what came of it, is believed to be dead."""
_KEY = ("sync", "side", "object_type", "remote_id")


@dataclass(frozen=True, slots=True)
class NudgeTiming:
    """How long a nudged record waits for further changes, for how long at most, and how many may wait."""

    settle: timedelta
    at_most: timedelta
    most: int


@dataclass(frozen=True, slots=True)
class NewNudge:
    """Records of a connection that somebody said had changed, for one sync."""

    sync: str
    side: Side
    connection: str
    refs: Sequence[Ref]
    by: str


def note(asked: Iterable[NewNudge], timing: NudgeTiming, now: datetime) -> int:
    """Note these nudges, all or none; how many of the records waited already.

    Raises `NudgesFullError` where more would wait than may. Taking a number comes first: it lets one process at a
    time go on, so that what is found here stays as it is until it is replaced.
    """
    again = 0
    with transaction.atomic():
        for each in asked:
            number = reserve(COUNTER, len(each.refs))
            known = _of(each)
            _check_room(each, known, timing.most)
            rows = [
                _row(each, ref, known.get(ref), number + place, timing, now)
                for place, ref in enumerate(each.refs)
            ]
            for batch in batches(rows):
                upsert(batch, _KEY)
            again += len(known)
    return again


def _of(asked: NewNudge) -> dict[Ref, Nudge]:
    found: dict[Ref, Nudge] = {}
    for batch in batches(asked.refs):
        for object_type, ids in by_type(batch).items():
            rows = Nudge.objects.filter(
                sync=asked.sync, side=asked.side, object_type=object_type, remote_id__in=ids
            )
            found.update({ref_of(row): row for row in rows})
    return found


def _check_room(asked: NewNudge, known: Collection[Ref], most: int) -> None:
    waiting = count(asked.sync, asked.side)
    if waiting + len(asked.refs) - len(known) > most:
        raise NudgesFullError(
            f"{waiting} nudged records of {asked.connection} wait already, and no more than {most} may: "
            f"none of these {len(asked.refs)} was noted"
        )


def _row(
    asked: NewNudge, ref: Ref, known: Nudge | None, number: int, timing: NudgeTiming, now: datetime
) -> Nudge:
    """A nudged record waits until nothing more is said of it for a while, and not for ever."""
    asked_at = known.asked_at if known else now
    return Nudge(
        sync=asked.sync,
        connection=asked.connection,
        side=asked.side.value,
        object_type=ref.object_type,
        remote_id=ref.remote_id,
        number=number,
        asked_by=asked.by[:100],
        asked_at=asked_at,
        due_at=max(now, min(now + timing.settle, asked_at + timing.at_most)),
        times=known.times + 1 if known else 1,
    )


def ref_of(row: Nudge) -> Ref:
    """The record a nudge is about."""
    return Ref(row.object_type, row.remote_id)


def count(sync: str, side: Side) -> int:
    """How many nudged records of a side wait."""
    return Nudge.objects.filter(sync=sync, side=side).count()


def untaken(now: datetime) -> Mapping[str, tuple[int, datetime]]:
    """By sync the oldest number, and its time, of the nudges that are due and that nobody took up."""
    free = Q(taken_at__isnull=True) | Q(taken_at__lt=now - ABANDONED) | Q(taken_at__gt=now)
    rows = _due(now).filter(free).values_list("sync").annotate(Min("number"), Min("due_at")).order_by("sync")
    return {sync: (number, due_at) for sync, number, due_at in rows}


def take(sync: str, now: datetime, most: int | None = None) -> list[Nudge]:
    """Take up the nudges that are due; the first that were asked for, `most` of them."""
    mine = _due(now).filter(sync=sync)
    rows = list(mine.order_by("asked_at", "pk")[:most])
    mine.update(taken_at=now)
    return rows


def release(sync: str) -> None:
    """Nobody works on the nudges of a sync any more."""
    Nudge.objects.filter(sync=sync, taken_at__isnull=False).update(taken_at=None)


def _due(now: datetime) -> QuerySet[Nudge]:
    return Nudge.objects.filter(due_at__lte=now)


def done(rows: Sequence[Nudge]) -> None:
    """Forget nudges that were seen to; records that were nudged again meanwhile stay."""
    with transaction.atomic():
        for row in rows:
            Nudge.objects.filter(pk=row.pk, number=row.number).delete()


def put_off(rows: Sequence[Nudge], until: datetime, error: str, *, tries: int) -> None:
    """Have nudges tried again later, unless they were nudged again; `tries` counts against the record itself."""
    for batch in batches(rows):
        with transaction.atomic():
            number = reserve(COUNTER, len(batch))
            stored = Nudge.objects.filter(pk__in=[row.pk for row in batch])
            numbers = dict(stored.values_list("pk", "number"))
            mine = [row for row in batch if numbers.get(row.pk) == row.number]
            for place, row in enumerate(mine):
                row.number, row.due_at = number + place, until
                row.attempts, row.error = row.attempts + tries, error
            change(mine, ("number", "due_at", "attempts", "error"))


def waiting(sync: str) -> int:
    """How many nudged records wait for a sync."""
    return Nudge.objects.filter(sync=sync).count()
