"""Workers: which processes carry out jobs, and which of them died. Their leases go by the real time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from syncline.store.access_tables import Lease
from syncline.store.leases import is_dead

_KIND = "worker "
_SYNC = "sync "
_REAPING, _REAPED = "reaping", "reaped"


def sign_in(worker: str, now: datetime, duration: timedelta) -> None:
    """Take the lease of a worker that begins; one of the same name that was there before is no more."""
    Lease.objects.update_or_create(
        name=_KIND + worker, defaults={"holder": worker, "until": now + duration, "doing": ""}
    )


def beat(worker: str, now: datetime, duration: timedelta) -> bool:
    """Renew the lease of a worker; false if another one took it, for dead."""
    return bool(Lease.objects.filter(name=_KIND + worker, holder=worker).update(until=now + duration))


def sign_out(worker: str) -> None:
    """Give the lease of a worker back that has ended its work."""
    Lease.objects.filter(name=_KIND + worker, holder=worker).delete()


def dead(now: datetime) -> list[str]:
    """The workers whose lease ran out or whose process is no more, and whose jobs nobody has queued again."""
    rows = Lease.objects.filter(name__startswith=_KIND).exclude(doing=_REAPED)
    return [row.name.removeprefix(_KIND) for row in rows if row.until <= now or is_dead(row.holder)]


def take_over(worker: str, by: str, now: datetime, duration: timedelta) -> bool:
    """Take the lease of a dead worker, and the syncs it held from it; false if another one was faster."""
    with transaction.atomic():
        row = Lease.objects.select_for_update().filter(name=_KIND + worker).exclude(doing=_REAPED).first()
        if row is None or not (row.until <= now or is_dead(row.holder)):
            return False
        row.holder, row.until, row.doing = by, now + duration, _REAPING
        row.save()
        Lease.objects.filter(name__startswith=_SYNC, holder=worker).delete()
    return True


def reaped(worker: str) -> None:
    """Note that the jobs of a dead worker are queued again."""
    Lease.objects.filter(name=_KIND + worker).update(doing=_REAPED)


def known() -> set[str]:
    """The workers that have a lease, or had one and whose jobs nobody has queued again."""
    rows = Lease.objects.filter(name__startswith=_KIND).exclude(doing=_REAPED)
    return {row.name.removeprefix(_KIND) for row in rows}


def forget(before: datetime) -> None:
    """Forget the workers that were taken over before that time."""
    Lease.objects.filter(name__startswith=_KIND, doing=_REAPED, until__lt=before).delete()


def alive(now: datetime) -> list[str]:
    """The workers that carry out jobs at the moment."""
    rows = Lease.objects.filter(name__startswith=_KIND, until__gt=now, doing="").order_by("name")
    return [row.holder for row in rows if not is_dead(row.holder)]


def died(since: datetime) -> list[str]:
    """The workers whose work another one took over since then."""
    rows = Lease.objects.filter(name__startswith=_KIND, doing__in=(_REAPING, _REAPED), until__gt=since)
    return [row.name.removeprefix(_KIND) for row in rows.order_by("name")]
