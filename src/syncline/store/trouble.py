"""What a database error means for people: its code, its consequence and its cure."""

from __future__ import annotations

from syncline.core.errors import AwayStoreError, FullStoreError, LockedStoreError, StoreError

_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40P01")
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMOPEN", "53100")
_AWAY = ("08", "57P")
"""Codes by their beginnings: SQLite's names, and SQLSTATEs of PostgreSQL."""


def as_store_error(error: BaseException) -> StoreError:
    """The error of ours that says what one of the database, or of the file system under it, means."""
    code = _code(error)
    told = first_line(error)
    if code.startswith(_LOCKED):
        return LockedStoreError(f"another process holds the database: {told}")
    if code.startswith(_FULL):
        return FullStoreError(f"there is no room for the database: {told}")
    if code.startswith(_AWAY):
        return AwayStoreError(f"the database does not answer: {told}")
    return StoreError(f"the database cannot be used: {told}")


def first_line(error: BaseException) -> str:
    """The first line of what an error says; the others repeat statements."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _code(error: BaseException) -> str:
    """What the driver calls it. PostgreSQL's has no code where there is no connection to be told one by."""
    cause = error.__cause__ or error
    name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    if name:
        return str(name)
    lost = type(cause).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout")
    return "08" if type(cause).__module__.startswith("psycopg") and lost else ""
