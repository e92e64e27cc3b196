"""When an object type was last listed whole, and which of its records are to be asked for by id since."""

from __future__ import annotations

from datetime import datetime

from syncline.store.bulk import upsert
from syncline.store.models import Sweep


def get(connection: str, object_type: str) -> Sweep | None:
    """The last sweep of an object type; none before the first."""
    return Sweep.objects.filter(connection=connection, object_type=object_type).first()


def begun(connection: str, object_type: str, now: datetime) -> Sweep:
    """A sweep that has nothing to ask yet."""
    return Sweep(connection=connection, object_type=object_type, swept_at=now, waiting=[], unseen=[])


def save(sweep: Sweep) -> None:
    """Keep what is left to ask."""
    upsert([sweep], ("connection", "object_type"))
