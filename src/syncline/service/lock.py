"""A lock on an SQLite database: one process serves it. The kernel lets go of it however the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncline.core.errors import ServedError, StoreError
from syncline.service.jobs import place


@contextmanager
def served_alone(database: str) -> Iterator[None]:
    """Be the only process that serves a database that is a file; `ServedError` if one does. Others may be shared."""
    if not place.is_file(database):
        yield
        return
    store = Path(database.removeprefix("sqlite:///"))
    lock = _taken(store, store.with_name(f"{store.stem}.serve.lock"))
    try:
        yield
    finally:
        os.close(lock)


def _taken(store: Path, path: Path) -> int:
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.pread(lock, 20, 0).decode("ascii", "replace")
        os.close(lock)
        raise ServedError(f"another process ({other}) serves {store} already") from None
    # The file stays when the process ends: whoever removed it might remove the one of the next process.
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock
