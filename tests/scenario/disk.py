"""The file of a database in trouble: held by another process, or on a disk without room."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Another process holds the file, as a shell does that began to write and forgot to end."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.rollback()


@contextmanager
def fill(file: Path) -> Iterator[None]:
    """Take all the room there is."""
    with file.open("wb", buffering=0) as stream:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while stream.write(b"\0" * size):
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        file.unlink()
