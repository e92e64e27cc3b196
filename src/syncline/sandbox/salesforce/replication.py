"""Which records changed, or were deleted, in a window of time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from syncline.sandbox.salesforce import stamps
from syncline.sandbox.salesforce.api import Call, Endpoint, Reply
from syncline.sandbox.salesforce.errors import refuse
from syncline.sandbox.salesforce.resources import DATA, object_of
from syncline.sandbox.salesforce.tables import Document

UPDATED_DAYS = 30
DELETED_DAYS = 15


def endpoints() -> list[Endpoint]:
    """The endpoints of this module."""
    return [
        Endpoint(f"{DATA}/sobjects/{{object}}/updated", {"GET": updated}),
        Endpoint(f"{DATA}/sobjects/{{object}}/deleted", {"GET": deleted}),
    ]


def updated(call: Call) -> Reply:
    """The ids of the living records that were made or changed in the window."""
    start, end = _window(call, UPDATED_DAYS)
    found = [each["Id"] for each in _stamped(call, start, end) if not each.get("IsDeleted")]
    _demand_few(call, found)
    return Reply(200, {"ids": found, "latestDateCovered": _covered(call, end)})


def deleted(call: Call) -> Reply:
    """The records that were deleted in the window and are still in the recycle bin."""
    start, end = _window(call, DELETED_DAYS)
    found = [
        {"deletedDate": each["SystemModstamp"], "id": each["Id"]}
        for each in _stamped(call, start, end)
        if each.get("IsDeleted")
    ]
    _demand_few(call, found)
    body = {
        "deletedRecords": found,
        "earliestDateAvailable": _earliest(call),
        "latestDateCovered": _covered(call, end),
    }
    return Reply(200, body)


def _window(call: Call, days: int) -> tuple[datetime, datetime]:
    """The window in whole minutes: the service does not look at seconds."""
    start, end = (_minute(call, name) for name in ("start", "end"))
    if start >= end:
        raise refuse("INVALID_REPLICATION_DATE", "The start date must be earlier than the end date")
    if start < call.org.clock.now() - timedelta(days=days, minutes=1):
        raise refuse("INVALID_REPLICATION_DATE", f"The start date cannot be more than {days} days ago")
    return start, end


def _minute(call: Call, name: str) -> datetime:
    text = call.query.get(name, "")
    moment = stamps.parse_moment(text)
    if moment is None:
        raise refuse("INVALID_REPLICATION_DATE", f"{name} is no date with a time and an offset: {text}")
    return moment.replace(second=0, microsecond=0)


def _stamped(call: Call, start: datetime, end: datetime) -> list[Document]:
    first, last = stamps.wire(start), stamps.wire(end)
    records = call.scan(object_of(call).name)
    return [each for each in records if first <= each.get("SystemModstamp", "") < last]


def _demand_few(call: Call, found: list[Any]) -> None:
    limit = call.org.settings["replication_id_limit"]
    if len(found) > limit:
        raise refuse("EXCEEDED_ID_LIMIT", f"more than {limit} records changed: ask for a shorter time")


def _covered(call: Call, end: datetime) -> str:
    """Up to when nothing is missing: not beyond the beginning of a transaction that is still open."""
    oldest = call.org.late.oldest()
    moments = [end, call.org.clock.now().replace(microsecond=0), *([oldest] if oldest else [])]
    return stamps.wire(min(moments))


def _earliest(call: Call) -> str:
    """Since when every deletion is known."""
    oldest = stamps.stamp(call.org.clock.now() - timedelta(days=DELETED_DAYS))
    purged: dict[str, str] = call.org.settings["purged_until"]
    return max(oldest, purged.get(object_of(call).name, ""))
