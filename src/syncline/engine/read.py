"""Read: bring the mirror up to date, page by page, resumable after a kill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from syncline.connectors.base import Cursor, Page
from syncline.core.errors import QuotaError
from syncline.core.model import Side
from syncline.engine.context import SyncContext
from syncline.engine.leave_out import telling_how_to_leave_out
from syncline.engine.parts import Part, Parts, all_parts, object_types, users_part
from syncline.store import cursors, mirror
from syncline.store.models import ReadCursor

USER_FIELDS = ("active", "email", "name")


def read(context: SyncContext, parts: Parts | None = None) -> int:
    """Read what changed on both sides, or of some parts alone; how many records were shown.

    `context.read_calls` then holds what each part cost. Where a budget is used up the rest is read before that is
    raised: another route may have calls left, and its window passes meanwhile.
    """
    wanted = all_parts(context.settings) if parts is None else parts
    shown = 0
    put_off: list[QuotaError] = []
    for side in Side:
        if (part := users_part(context.settings, side)) in wanted:
            with _counted(context, part), _put_off(put_off):
                shown += read_users(context, side)
        for part in ((side, kind.kind) for kind in context.settings.kinds if (side, kind.kind) in wanted):
            for object_type in object_types(context, side, [part]):
                with _counted(context, part), _put_off(put_off):
                    shown += read_type(context, side, object_type, context.fields(side, object_type))
    if put_off:
        raise min(put_off, key=lambda error: (error.until is None, error.until))
    return shown


@contextmanager
def _put_off(errors: list[QuotaError]) -> Iterator[None]:
    try:
        yield
    except QuotaError as error:
        errors.append(error)


@contextmanager
def _counted(context: SyncContext, part: Part) -> Iterator[None]:
    """Add the calls that are made meanwhile to those of a part."""
    calls, known = context.connectors[part[0]].calls_made, context.read_calls.setdefault(part, {})
    before = dict(calls())
    yield
    for name, number in calls().items():
        if more := number - before.get(name, 0):
            known[name] = known.get(name, 0) + more


def read_users(context: SyncContext, side: Side) -> int:
    """Read what changed of the users of a side."""
    return sum(read_type(context, side, name, USER_FIELDS) for name in context.user_types(side))


def read_type(context: SyncContext, side: Side, object_type: str, fields: Sequence[str]) -> int:
    """Read what changed of one object type; everything the first time, or when other fields are mapped."""
    connection = context.connection(side)
    fields_digest = mirror.digest(sorted(fields))
    _hear_of_deletions(context, side, object_type, fields, fields_digest)
    stored = cursors.get(connection, object_type, fields_digest)
    start = stored.cursor if stored else None
    shown = 0
    step = f"reading {connection} {object_type}"
    for page in _pages(context, side, object_type, start, fields):
        _keep(context, connection, object_type, page, stored, fields_digest)
        shown += len(page.records)
        context.report(step, shown, page.total)
        for note in page.notes:
            context.listen(connection, note)
        context.check_stop()
    return shown


def _pages(
    context: SyncContext, side: Side, object_type: str, cursor: Cursor | None, fields: Sequence[str]
) -> Iterator[Page]:
    with telling_how_to_leave_out(context.settings, side, object_type):
        yield from context.connectors[side].changes(object_type, cursor, fields)


def _hear_of_deletions(
    context: SyncContext, side: Side, object_type: str, fields: Sequence[str], fields_digest: str
) -> None:
    """Before everything is read anew: a full read shows the living only, the changes tell who was deleted."""
    connection = context.connection(side)
    old = cursors.outdated(connection, object_type, fields_digest)
    if old is None or not context.connectors[side].capabilities(object_type).sees_deletions:
        return
    for page in _pages(context, side, object_type, old.cursor, fields):
        mirror.observe(connection, [r for r in page.records if r.deleted], context.now())
        context.check_stop()


def _keep(
    context: SyncContext,
    connection: str,
    object_type: str,
    page: Page,
    stored: ReadCursor | None,
    fields_digest: str,
) -> None:
    """Records and cursor in one transaction: a kill between two pages loses neither."""
    now = context.now()
    whole = bool(stored and stored.full)
    with transaction.atomic():
        mirror.observe(connection, page.records, now)
        cursors.save(
            connection,
            object_type,
            page.cursor,
            fields_digest=fields_digest,
            full=whole or page.done,
            complete=bool(stored and stored.complete) if whole and not page.complete else page.complete,
            now=now,
        )


def read_whole(context: SyncContext) -> dict[tuple[Side, str], set[str]]:
    """Read everything once more, cursors untouched; the known records that no complete listing shows any more."""
    unseen: dict[tuple[Side, str], set[str]] = {}
    for side in Side:
        for object_type in context.schemas[side]:
            if unlisted := list_all(context, side, object_type):
                unseen[side, object_type] = unlisted
    return unseen


@dataclass
class ListingCursor:
    """How far a listing of everything is: where it goes on, and the known records that no page has shown so far."""

    missing: set[str]
    cursor: Cursor | None = None


def list_all(
    context: SyncContext, side: Side, object_type: str, listed: ListingCursor | None = None
) -> set[str] | None:
    """Read one object type once more; its known records that are on no page, or nothing if that proves nothing.

    `listed` is kept up to date page by page, so that a listing can go on later that is stopped by an error.
    """
    connection = context.connection(side)
    listed = listed or ListingCursor(mirror.living_ids(connection, object_type))
    complete, shown = False, 0
    for page in _pages(context, side, object_type, listed.cursor, context.fields(side, object_type)):
        mirror.observe(connection, page.records, context.now())
        listed.missing.difference_update(r.ref.remote_id for r in page.records)
        listed.cursor, complete, shown = page.cursor, page.complete, shown + len(page.records)
        context.report(f"reading all of {connection} {object_type}", shown, page.total)
        context.check_stop()
    return listed.missing if complete else None
