"""Where jobs are kept: a file beside the store's on SQLite, a schema of the same database on PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

SCHEMA = "dbos"
_BUSY_MILLISECONDS = 30_000
_CONNECTIONS = 8
"""More than enough for four workers: a step holds one only while it is written down."""


def is_file(database: str) -> bool:
    """Whether the store is an SQLite file, which one process at a time may work on."""
    return database.startswith("sqlite:")


def jobs_file(database: str) -> Path:
    """The file of the jobs of a store that is a file."""
    store = Path(database.removeprefix("sqlite:///"))
    return store.with_name(f"{store.stem}.jobs.sqlite3")


def connect(database: str) -> sa.Engine:
    """Connections to the jobs of the store with that URL."""
    if not is_file(database):
        url = sa.make_url(database).set(drivername="postgresql+psycopg")
        return sa.create_engine(url, pool_size=_CONNECTIONS, max_overflow=_CONNECTIONS, pool_pre_ping=True)
    engine = sa.create_engine(f"sqlite:///{jobs_file(database)}")
    sa.event.listen(engine, "connect", _prepare)
    return engine


def has_tables(engine: sa.Engine) -> bool:
    """Whether jobs were ever kept there."""
    schema = None if engine.dialect.name == "sqlite" else SCHEMA
    return sa.inspect(engine).has_table("workflow_status", schema=schema)


def _prepare(connection: Any, _record: object) -> None:
    """Without these every step would wait for the disk, and two writers would meet in a deadlock."""
    connection.isolation_level = "IMMEDIATE"
    for name, value in (
        ("busy_timeout", _BUSY_MILLISECONDS),
        ("journal_mode", "WAL"),
        ("synchronous", "NORMAL"),
        ("foreign_keys", "ON"),
    ):
        connection.execute(f"PRAGMA {name}={value}")
