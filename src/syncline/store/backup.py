"""A copy of the database that is whole, though others write meanwhile. SQLite only: PostgreSQL brings its own."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

from syncline.core.errors import StoreError


def back_up(target: Path) -> int:
    """Copy the database into a file that is not there yet; its size in bytes.

    It shows the database as it was at one moment. Raises `StoreError` where that cannot be done; then there is no file.
    """
    if connection.vendor != "sqlite":
        raise StoreError(
            "the database is on PostgreSQL, which has a program of its own for backups",
            hint="Run `pg_dump --format=custom --file=FILE DATABASE`; see the page about backups.",
        )
    source = Path(connection.settings_dict["NAME"])
    if not source.is_file():
        raise StoreError(f"there is no database {source} yet", hint="Check the settings that are used.")
    if target.exists():
        raise StoreError(f"{target} exists already", hint="Name a file that is not there yet.")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        _copy(part)
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the backup {target} was not made: {error}", hint="Check its folder.") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(part: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(part)) as copy:
        connection.connection.backup(copy)
        # One file, to be carried about without neighbours; the program sets WAL again when it opens it.
        copy.execute("PRAGMA journal_mode=DELETE")
        (state,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if state != "ok":
        raise StoreError(f"the database is damaged: {state}", hint="Restore an older backup.")
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
