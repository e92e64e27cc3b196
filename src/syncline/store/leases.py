"""Leases: at most one process works on a sync, and a dead one gives way."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from syncline.core.errors import BusyError
from syncline.store.access_tables import Lease

DURATION = timedelta(minutes=2)


def this_process() -> str:
    """How this process is named in leases."""
    return f"{socket.gethostname()}:{os.getpid()}"


def take(
    name: str, holder: str, now: datetime, duration: timedelta = DURATION, *, doing: str | None = None
) -> bool:
    """Take or renew a lease, saying what for; false while another holder's lasts."""
    said = {} if doing is None else {"doing": doing}
    with transaction.atomic():
        Lease.objects.get_or_create(name=name, defaults={"holder": holder, "until": now})
        free = Q(holder=holder) | Q(until__lte=now)
        row = Lease.objects.select_for_update().get(name=name)
        if is_dead(row.holder):
            free |= Q(holder=row.holder)
        taken = Lease.objects.filter(free, name=name).update(holder=holder, until=now + duration, **said)
    return bool(taken)


def is_dead(holder: str) -> bool:
    """Whether the holder was a process of this machine that is no more."""
    host, _, pid = holder.rpartition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def release(name: str, holder: str, now: datetime) -> None:
    """Give a lease back."""
    Lease.objects.filter(name=name, holder=holder).update(until=now)


def worker(name: str, now: datetime) -> tuple[str, str] | None:
    """Who holds a lease at the moment, and what it does."""
    row = Lease.objects.filter(name=name, until__gt=now).first()
    return (row.holder, row.doing) if row and not is_dead(row.holder) else None


@contextmanager
def held(name: str, holder: str, now: datetime, doing: str = "") -> Iterator[None]:
    """Hold a lease for a while; `BusyError` if somebody else has it."""
    if not take(name, holder, now, doing=doing):
        other, its_work = worker(name, now) or ("", "")
        raise BusyError(
            f"another process ({other}) is working on {name}{f': {its_work}' if its_work else ''}"
        )
    try:
        yield
    finally:
        release(name, holder, now)
