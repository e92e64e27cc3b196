"""Leases: at most one process works on a sync, and a dead one gives way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from syncline.core.errors import PlanError
from syncline.store.models import Lease

DURATION = timedelta(minutes=2)


def take(name: str, holder: str, now: datetime) -> bool:
    """Take or renew a lease; false while another holder's lasts."""
    with transaction.atomic():
        Lease.objects.get_or_create(name=name, defaults={"holder": holder, "until": now})
        free = Q(holder=holder) | Q(until__lte=now)
        taken = Lease.objects.filter(free, name=name).update(holder=holder, until=now + DURATION)
    return bool(taken)


def release(name: str, holder: str, now: datetime) -> None:
    """Give a lease back."""
    Lease.objects.filter(name=name, holder=holder).update(until=now)


def holder_of(name: str, now: datetime) -> str | None:
    """Who holds a lease at the moment."""
    row = Lease.objects.filter(name=name, until__gt=now).first()
    return row.holder if row else None


@contextmanager
def held(name: str, holder: str, now: datetime) -> Iterator[None]:
    """Hold a lease for a while; `PlanError` if somebody else has it."""
    if not take(name, holder, now):
        raise PlanError(
            f"another process ({holder_of(name, now)}) is working on {name}",
            hint="Wait for it to end. If it was killed, its claim runs out within two minutes.",
        )
    try:
        yield
    finally:
        release(name, holder, now)
