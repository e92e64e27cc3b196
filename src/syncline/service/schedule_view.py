"""The schedule as people look at it: what comes when, and what is in its way. Nothing is changed by looking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from syncline.config import Document, SyncSettings
from syncline.core.errors import known_as
from syncline.core.model import Side
from syncline.service.jobs.scheduled import dues, waiting_plan, waits
from syncline.service.polling import paces, polls_allowed
from syncline.store import schedules
from syncline.store.schedule_tables import PausedPart


def view(document: Document, settings: SyncSettings, now: datetime) -> dict[str, Any]:
    """When each side of each kind is read next, and what is paused or waits, as JSON."""
    plan = waiting_plan(settings)
    told = settings.schedule.document
    return {
        "parts": list(_parts(document, settings, now)),
        "paused": _paused(schedules.pauses(settings.name).get(None)),
        "waits": _wait(settings.name, now),
        "plan": plan.pk if plan else None,
        "settle": told.model_dump(mode="json")["settle"],
        "time_zone": told.time_zone,
        "audit": told.audit,
    }


def _wait(sync: str, now: datetime) -> Mapping[str, Any] | None:
    """What a sync waits for; without a time in `until`, for a person."""
    state = schedules.state_of(sync)
    if not waits(state, now):
        return None
    cure = "" if state.until else known_as(state.code).hint
    return {
        "since": state.since,
        "until": state.until,
        "code": state.code,
        "why": state.why,
        "tries": state.tries,
        "cure": cure,
    }


def _parts(document: Document, settings: SyncSettings, now: datetime) -> Iterator[dict[str, Any]]:
    stored, pauses = schedules.parts(settings.name), schedules.pauses(settings.name)
    late = {(each.side, each.kind) for each in schedules.missed(now) if each.sync == settings.name}
    pace = paces(
        settings, {part: row.calls for part, row in stored.items()}, polls_allowed(document, settings.left)
    )
    for (side, kind), due in dues(document, settings, stored, now).items():
        row = stored.get((side, kind))
        yield {
            "side": side.value,
            "connection": settings.connection(side),
            "kind": kind.value,
            "every": str(settings.schedule.of(side, kind)),
            "really": str(pace[side, kind].timing),
            "why": pace[side, kind].why or None,
            "due_at": due.due_at,
            "begun_at": row.begun_at if row else None,
            "ended_at": row.ended_at if row else None,
            "missed": due.missed,
            "late": (side, kind) in late,
            "paused": _paused(pauses.get(kind)),
        }


def _paused(row: PausedPart | None) -> Mapping[str, Any] | None:
    return {"at": row.paused_at, "by": row.paused_by} if row else None


def side_first(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The parts in the order people read them: the left side, then the right one, what comes first at the top."""
    return sorted(found["parts"], key=lambda part: (part["side"] != Side.LEFT, part["due_at"], part["kind"]))
