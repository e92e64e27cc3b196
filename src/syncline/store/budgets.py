"""Budgets: the calls of each connection, counted for all processes together (rule C6).

A call is counted in a transaction of its own: what is sent stays counted whatever becomes of the work it was for. So
nobody may call a system inside of a transaction, which would hold up every other process meanwhile; Django refuses it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from syncline.core.budget import (
    FullWindow,
    Ticket,
    Window,
    WindowCount,
    WindowUsage,
    correct,
    new_count,
    stub,
    take,
)
from syncline.store.budget_tables import CallCount, CallWindow
from syncline.store.bulk import quoted

KEPT = timedelta(days=2)
"""How long the calls of an hour are remembered."""
_DAY = timedelta(hours=24)
_COLUMNS = ("limit", "resets_at", "used", "opening", "taken", "flying", "told", "told_by")
"""In the order of the fields of a count."""


def take_call(
    connection: str, endpoint: str, windows: Sequence[Window], share: float, now: datetime
) -> Ticket | FullWindow:
    """Count a call, or tell which window is used up of which a `share` may be used."""
    with _alone() as cursor:
        found = _locked(cursor, connection, endpoint, windows, now)
        taken, spent = take(list(found.values()), share, now)
        _keep(cursor, found, taken)
        if spent:
            return spent.full(endpoint, share)
        _note_call(cursor, connection, endpoint, now)
        return Ticket(endpoint, {count.window.name: stub(count) for count in taken})


def settle_call(
    connection: str, ticket: Ticket, windows: Sequence[Window], told: Sequence[WindowUsage], now: datetime
) -> None:
    """A call is over, and this is what its answer told."""
    if not windows:
        return
    with _alone() as cursor:
        found = _locked(cursor, connection, ticket.endpoint, windows, now)
        _keep(cursor, found, correct(found.values(), ticket, told, now))


def counts(connection: str) -> list[tuple[str | None, WindowCount]]:
    """Every window of a connection, with its endpoint; None for one over all of them."""
    rows = CallWindow.objects.filter(connection=connection).order_by("endpoint", "seconds")
    return [(row.endpoint or None, _count(row)) for row in rows]


def _count(row: CallWindow) -> WindowCount:
    length = timedelta(seconds=row.seconds)
    window = Window(row.window, length, shared=not row.endpoint, rolling=row.rolling)
    return WindowCount(window, *(getattr(row, name) for name in _COLUMNS))


def calls_of_last_day(connections: Collection[str], now: datetime) -> dict[str, int]:
    """How many calls began in the last 24 hours, to the hour."""
    rows = CallCount.objects.filter(connection__in=connections, hour__gt=now - _DAY, hour__lte=now)
    found = rows.values_list("connection").annotate(Sum("calls")).order_by()
    return dict(Counter(dict.fromkeys(connections, 0)) | dict(found))


def calls_by_endpoint(connection: str, now: datetime) -> dict[str, int]:
    """The same by endpoint."""
    rows = CallCount.objects.filter(connection=connection, hour__gt=now - _DAY, hour__lte=now)
    return dict(rows.values_list("endpoint").annotate(Sum("calls")).order_by("endpoint"))


def forget(connection: str) -> None:
    """Ask the vendor anew: what is known of its windows is let go, its next answers tell."""
    CallWindow.objects.filter(connection=connection).delete()


def prune(now: datetime) -> None:
    """Let go of counts that nobody asks for any more."""
    CallCount.objects.filter(hour__lt=now - KEPT).delete()


@contextmanager
def _alone() -> Iterator[CursorWrapper]:
    """A transaction of our own; PostgreSQL need not wait for its disk, for the next answer tells the count anyway."""
    with transaction.atomic(durable=True), database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute("SET LOCAL synchronous_commit TO OFF")
        yield cursor


def _locked(
    cursor: CursorWrapper, connection: str, endpoint: str, windows: Sequence[Window], now: datetime
) -> dict[int, WindowCount]:
    """These windows by row, nobody else's until the transaction ends; rows that are missing are made."""
    scopes = {window.name: "" if window.shared else endpoint for window in windows}
    found = _read(cursor, connection, scopes, windows)
    if len(found) < len(windows):
        known = {count.window.name for count in found.values()}
        fresh = [_new_row(connection, scopes[w.name], w, now) for w in windows if w.name not in known]
        CallWindow.objects.bulk_create(fresh, ignore_conflicts=True)
        found = _read(cursor, connection, scopes, windows)
    return found


def _read(
    cursor: CursorWrapper, connection: str, scopes: Mapping[str, str], windows: Sequence[Window]
) -> dict[int, WindowCount]:
    """Written by hand: it is done twice a call, and building the query would take longer than all the rest."""
    name = quoted(CallWindow)
    columns = ", ".join(name(CallWindow._meta.get_field(each)) for each in _COLUMNS)
    lock = " FOR UPDATE" if database.vendor == "postgresql" else ""
    sql = (
        f"SELECT id, endpoint, {name(CallWindow._meta.get_field('window'))}, {columns} FROM {name(None)} "  # noqa: S608
        f"WHERE connection = %s AND endpoint IN (%s, '') ORDER BY id{lock}"
    )
    cursor.execute(sql, [connection, max(scopes.values(), default="")])
    by_name = {window.name: window for window in windows}
    return {
        pk: WindowCount(by_name[window], limit, _time(resets_at), *rest)
        for pk, endpoint, window, limit, resets_at, *rest in cursor.fetchall()
        if scopes.get(window) == endpoint
    }


def _time(stored: datetime) -> datetime:
    """SQLite has times without their zone, which is UTC."""
    return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


def _new_row(connection: str, endpoint: str, window: Window, now: datetime) -> CallWindow:
    fresh = new_count(window, now)
    return CallWindow(
        connection=connection,
        endpoint=endpoint,
        window=window.name,
        seconds=int(window.length.total_seconds()),
        rolling=window.rolling,
        limit=fresh.limit,
        resets_at=fresh.resets_at,
    )


def _keep(cursor: CursorWrapper, before: Mapping[int, WindowCount], after: Sequence[WindowCount]) -> None:
    changed = [[*_cells(new), pk] for (pk, old), new in zip(before.items(), after, strict=True) if new != old]
    if changed:
        name = quoted(CallWindow)
        assigned = ", ".join(f"{name(CallWindow._meta.get_field(each))} = %s" for each in _COLUMNS)
        cursor.executemany(f"UPDATE {name(None)} SET {assigned} WHERE id = %s", changed)  # noqa: S608


def _cells(count: WindowCount) -> list[Any]:
    """What changes of a window, in the order of the columns."""
    ends = database.ops.adapt_datetimefield_value(count.resets_at)
    rest = (count.used, count.opening, count.taken, count.flying, count.told, count.told_by)
    return [count.limit, ends, *rest]


def _note_call(cursor: CursorWrapper, connection: str, endpoint: str, now: datetime) -> None:
    name = quoted(CallCount)
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    sql = (
        f"INSERT INTO {name(None)} (connection, endpoint, hour, calls) VALUES (%s, %s, %s, 1) "  # noqa: S608
        f"ON CONFLICT (connection, endpoint, hour) DO UPDATE SET calls = {name(None)}.calls + 1"
    )
    cursor.execute(sql, [connection, endpoint, database.ops.adapt_datetimefield_value(hour)])
