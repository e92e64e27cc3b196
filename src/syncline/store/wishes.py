"""Wishes: what people asked for that a worker shall do, because it is at the sync and they cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from syncline.store.work_tables import Wish


class WishState(StrEnum):
    """What became of a wish."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


def wish(sync: str, work: str, arguments: Mapping[str, Any], *, by: str, now: datetime) -> Wish:
    """Store what somebody asks for."""
    return Wish.objects.create(
        sync=sync, work=work, arguments=dict(arguments), by=by, wanted_at=now, state=WishState.OPEN
    )


def get(number: int) -> Wish | None:
    """A wish by its number, as it stands now."""
    return Wish.objects.filter(pk=number).first()


def open_ones() -> list[Wish]:
    """What nobody has done yet, the oldest first."""
    return list(Wish.objects.filter(state=WishState.OPEN).order_by("pk"))


def end(number: int, state: WishState, now: datetime, **outcome: Any) -> bool:
    """Say what became of an open wish; false if it is over."""
    return bool(
        Wish.objects.filter(pk=number, state=WishState.OPEN).update(state=state, ended_at=now, **outcome)
    )


def prune(sync: str, before: datetime) -> None:
    """Forget what was over by then."""
    Wish.objects.filter(sync=sync, ended_at__lt=before).delete()
