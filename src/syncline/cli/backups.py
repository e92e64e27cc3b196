"""`syncline backup`: a copy of the database, made while everything goes on."""

from __future__ import annotations

from pathlib import Path

from syncline.cli.output import Output
from syncline.config import load
from syncline.service.database import open_database
from syncline.store.backup import back_up
from syncline.store.database import close_store


def make(file: Path, *, settings: Path, json: bool) -> int:
    """Make a backup and tell its size."""
    out = Output(as_json=json)
    # As it is: the backup before an upgrade is made by the version after it, too.
    open_database(load(settings), migrate=False)
    try:
        size = back_up(file)
    finally:
        close_store()
    if not out.document({"file": str(file), "bytes": size}):
        out.say(f"The database was copied to {file}, {size:,} bytes, and the copy checked.")
    return 0
