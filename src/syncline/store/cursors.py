"""Where the next read of each object type starts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from syncline.store.bulk import upsert
from syncline.store.models import ReadCursor


def get(connection: str, object_type: str, fields_digest: str) -> ReadCursor | None:
    """The stored cursor; none if other fields were read with it, since what they held was never seen."""
    row = _stored(connection, object_type)
    return row if row and row.fields_digest == fields_digest else None


def outdated(connection: str, object_type: str, fields_digest: str) -> ReadCursor | None:
    """The stored cursor if other fields were read with it: it still tells what was deleted since."""
    row = _stored(connection, object_type)
    return row if row and row.fields_digest != fields_digest and row.full else None


def _stored(connection: str, object_type: str) -> ReadCursor | None:
    return ReadCursor.objects.filter(connection=connection, object_type=object_type).first()


def save(
    connection: str,
    object_type: str,
    cursor: dict[str, Any],
    *,
    fields_digest: str,
    full: bool,
    complete: bool,
    now: datetime,
) -> None:
    """Keep a cursor; in one transaction with the page it stands behind."""
    row = ReadCursor(
        connection=connection,
        object_type=object_type,
        cursor=cursor,
        fields_digest=fields_digest,
        full=full,
        complete=complete,
        read_at=now,
    )
    upsert([row], ("connection", "object_type"))


def read_at(connection: str, object_types: list[str]) -> datetime | None:
    """When these types were last read; nothing where one never was."""
    rows = ReadCursor.objects.filter(connection=connection, object_type__in=object_types, full=True)
    times = dict(rows.values_list("object_type", "read_at"))
    return min(times.values()) if times and len(times) == len(object_types) else None


def unread(connection: str, object_types: list[str]) -> list[str]:
    """The types that were not read to the end once."""
    rows = ReadCursor.objects.filter(connection=connection, object_type__in=object_types, full=True)
    known = set(rows.values_list("object_type", flat=True))
    return [name for name in object_types if name not in known]


def partial(connection: str, object_types: list[str]) -> list[str]:
    """The types whose set was not provably read whole: nothing may be concluded from absence there."""
    whole = ReadCursor.objects.filter(
        connection=connection, object_type__in=object_types, full=True, complete=True
    )
    known = set(whole.values_list("object_type", flat=True))
    return [name for name in object_types if name not in known]
