"""Bringing the tables of a database up to date: all of it or nothing, by one process at a time."""

from __future__ import annotations

from django.core.management import call_command
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader

from syncline.core.errors import NewerStoreError
from syncline.store.trouble import as_store_error

_APP = "store"
_LOCK = 0x53594E43
"""Any number, as long as all processes name the same one."""


def bring_up_to_date() -> None:
    """Make the tables what this version needs; raises `NewerStoreError` where they are ahead of it.

    Everything is one transaction, so a process that is killed meanwhile leaves the database as it was. Others that
    come at the same time wait, and find nothing left to do.
    """
    if not _missing():
        return
    # SQLite checks references at each statement, and lets that be turned off only outside a transaction.
    connection.disable_constraint_checking()
    try:
        with transaction.atomic():
            _wait_for_others()
            if _missing():
                call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.enable_constraint_checking()


def unapplied() -> list[str]:
    """The changes that this version knows and the database lacks; `StoreError` where it does not answer."""
    try:
        return sorted(_missing())
    except (Error, OSError) as error:
        raise as_store_error(error) from error


def _missing() -> set[str]:
    loader = MigrationLoader(connection)
    known = {name for app, name in loader.disk_migrations if app == _APP}
    done = {name for app, name in loader.applied_migrations if app == _APP}
    if ahead := done - known:
        raise NewerStoreError(
            f"the database was changed by a newer version of Syncline, which made {max(ahead)} of it; "
            f"this one knows nothing after {max(known)}"
        )
    return known - done


def _wait_for_others() -> None:
    """SQLite's transaction has the file to itself from its beginning; PostgreSQL is told."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
