"""When an object type was last listed whole, and which of its records are to be asked for by id since."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from syncline.store.bulk import upsert
from syncline.store.models import Sweep


def get(connection: str, object_type: str) -> Sweep | None:
    """The last sweep of an object type; none before the first."""
    return Sweep.objects.filter(connection=connection, object_type=object_type).first()


def over(connections: Collection[str]) -> list[Sweep]:
    """The last sweeps of these connections, without the ids that their listings have not shown yet."""
    rows = Sweep.objects.filter(connection__in=connections).order_by("connection", "object_type")
    return list(rows.defer("missing"))


def begun(connection: str, object_type: str, now: datetime) -> Sweep:
    """A sweep that has nothing to ask yet."""
    return Sweep(
        connection=connection,
        object_type=object_type,
        swept_at=now,
        waiting=[],
        unseen=[],
        cursor=None,
        missing=[],
    )


def save(sweep: Sweep) -> None:
    """Keep what is left to ask."""
    upsert([sweep], ("connection", "object_type"))


def ask_for(connection: str, object_type: str, ids: Collection[str]) -> None:
    """Have the next sweep ask for these ids, whatever was found out about them before."""
    last = get(connection, object_type) if ids else None
    if last:
        last.waiting = [*(each for each in last.waiting if each not in ids), *ids]
        last.unseen = [each for each in last.unseen if each not in ids]
        save(last)
