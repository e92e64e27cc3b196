"""Runs: a plan, its approval and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from syncline.core.by_hand import ByHand
from syncline.core.errors import PlanError
from syncline.core.model import Side
from syncline.store.models import Run, SyncState


class RunStatus(StrEnum):
    """The life of a run."""

    PLANNING = "planning"
    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    REPLACED = "replaced"
    """A newer plan was made; this one will not run."""


_OVER = (RunStatus.DONE, RunStatus.STOPPED, RunStatus.FAILED)
RESUMABLE = (RunStatus.PLANNED, RunStatus.RUNNING, RunStatus.STOPPED, RunStatus.FAILED)


def begin(
    sync: str,
    settings: str,
    limit: int | None,
    now: datetime,
    by_hand: ByHand | None = None,
    *,
    nudged: bool = False,
) -> Run:
    """A new run about to be planned; plans of the sync that did not run are replaced by it.

    What is done by hand, or because of nudges, replaces only its own sort: a plan of everything notices by itself
    what moved.
    """
    unfinished = [RunStatus.PLANNING, RunStatus.PLANNED, RunStatus.RUNNING]
    before = Run.objects.filter(sync=sync, status__in=unfinished)
    before = before.filter(by_hand__isnull=False) if by_hand else before
    before = before.filter(nudged=True) if nudged else before
    before.update(status=RunStatus.REPLACED, ended_at=now)
    return Run.objects.create(
        sync=sync,
        status=RunStatus.PLANNING,
        settings=settings,
        limit=limit,
        planned_at=now,
        by_hand=[by_hand.target.value, by_hand.overwrite] if by_hand else None,
        nudged=nudged,
    )


def discard(row: Run) -> None:
    """Forget a plan in which there is nothing to do."""
    row.delete()


def by_hand(row: Run) -> ByHand | None:
    """What a person asked for of the records of this run, if it was made for chosen ones."""
    if row.by_hand is None:
        return None
    target, overwrite = row.by_hand
    return ByHand(Side(target), overwrite)


def unplanned(sync: str, settings: str, limit: int | None, now: datetime) -> Run:
    """A run that ended before it could be planned; stored plans stay as they are."""
    return Run.objects.create(
        sync=sync, status=RunStatus.PLANNING, settings=settings, limit=limit, planned_at=now
    )


def get(sync: str, run_id: int) -> Run:
    """A run of the sync by its number; `PlanError` where there is none."""
    row = Run.objects.filter(sync=sync, pk=run_id).first()
    if row is None:
        raise PlanError(
            f"there is no plan {run_id} of the sync {sync}", hint="List them with `syncline runs`."
        )
    return row


def has_newer(row: Run) -> bool:
    """Whether another plan of everything was made after this one."""
    later = Run.objects.filter(sync=row.sync, pk__gt=row.pk, by_hand__isnull=True, nudged=False)
    return later.exclude(world="").exists()


def waiting_plan(sync: str) -> Run | None:
    """The newest plan of everything, if it waits for a person to approve it."""
    row = Run.objects.filter(sync=sync, by_hand__isnull=True, nudged=False).order_by("-pk").first()
    waits = row and row.status == RunStatus.PLANNED and row.needs_approval and not row.approved_by
    return row if waits else None


def forget_idle(row: Run) -> bool:
    """Let go of the run before this one if neither found anything to do: thousands of them would tell nothing."""
    before = Run.objects.filter(sync=row.sync, pk__lt=row.pk).order_by("-pk").first()
    if before is None or not (_is_idle(row) and _is_idle(before)) or before.marks != row.marks:
        return False
    before.delete()
    return True


def _is_idle(row: Run) -> bool:
    everything = row.by_hand is None and not row.nudged and row.limit is None
    return everything and row.status == RunStatus.DONE and not row.planned and not any(row.results.values())


def knew_another_world(row: Run) -> bool:
    """Whether anything was planned before under other settings, schemas or users."""
    others = Run.objects.filter(sync=row.sync, pk__lt=row.pk).exclude(world__in=("", row.world))
    return others.exists()


def latest(sync: str, limit: int = 20) -> list[Run]:
    """The newest runs first."""
    return list(Run.objects.filter(sync=sync).order_by("-pk")[:limit])


def times(ids: Iterable[int]) -> dict[int, datetime]:
    """When these runs began, as far as they are kept."""
    rows = Run.objects.filter(pk__in=set(ids)).values_list("pk", "started_at", "planned_at")
    return {pk: started or planned for pk, started, planned in rows}


def last_done(sync: str) -> Run | None:
    """The newest run over everything that went to its end."""
    rows = Run.objects.filter(sync=sync, status=RunStatus.DONE, by_hand__isnull=True, nudged=False)
    return rows.order_by("-pk").first()


def newest_plan(sync: str) -> Run | None:
    """The newest plan of everything, whatever became of it."""
    rows = Run.objects.filter(sync=sync, by_hand__isnull=True, nudged=False).exclude(world="")
    return rows.order_by("-pk").first()


def last_ended(sync: str) -> Run | None:
    """The newest run that came to an end of its own."""
    return Run.objects.filter(sync=sync, status__in=_OVER).order_by("-pk").first()


def results(sync: str, limit: int) -> list[dict[str, int]]:
    """What the newest runs did that came to an end of their own, the newest first."""
    rows = Run.objects.filter(sync=sync, status__in=_OVER).order_by("-pk")
    return list(rows.values_list("results", flat=True)[:limit])


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync has decided: the place of the newest decided change per "side:type"."""

    settings: str
    watermarks: dict[str, int]
    records: dict[str, int]
    linked: int
    first_run_done: bool


def progress(sync: str) -> Progress:
    """How far a sync has decided; nothing before its first run."""
    row = SyncState.objects.filter(sync=sync).first() or SyncState(sync=sync)
    return Progress(row.settings, dict(row.watermarks), dict(row.records), row.linked, row.first_run_done)


def advance(sync: str, **changes: Any) -> None:
    """Note how far a sync has decided."""
    SyncState.objects.update_or_create(sync=sync, defaults=changes)
