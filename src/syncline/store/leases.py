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
_CLOCKS_DIFFER = timedelta(minutes=10)
"""How wrong the clocks of two machines may be before leases are no longer believed."""
_LONG_AGO = timedelta(days=365)


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
        if is_dead(row.holder) or _is_of_a_later_time(row, now + duration):
            free |= Q(holder=row.holder)
        taken = Lease.objects.filter(free, name=name).update(holder=holder, until=now + duration, **said)
    return bool(taken)


def is_dead(holder: str) -> bool:
    """Whether the holder was a process of this machine that is no more."""
    return _lives(holder) is False


def _is_of_a_later_time(row: Lease, longest: datetime) -> bool:
    """Whether it lasts longer than any lease can: the clock was put back since, and would have to come round again.

    A holder on this machine that lives goes by the same clock, and will renew it.
    """
    return row.until > longest + _CLOCKS_DIFFER and not _lives(row.holder)


def _lives(holder: str) -> bool | None:
    """Whether the holder is a process that goes on; not known of other machines."""
    host, _, pid = holder.rpartition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return None
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def release(name: str, holder: str, now: datetime) -> None:
    """Give a lease back. It was over long ago then, even if the clock is put back."""
    Lease.objects.filter(name=name, holder=holder).update(until=now - _LONG_AGO)


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
