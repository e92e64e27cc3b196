"""The frame of a command: settings read, a sync opened, progress shown, Ctrl-C taken as a wish to stop."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from syncline.cli.progress import Reporter, make_room
from syncline.config import Document, SyncSettings, load, resolved
from syncline.engine.context import SyncContext
from syncline.service.database import open_database
from syncline.service.wiring import choose_sync, close_sync, open_sync
from syncline.store.database import close_store


@contextmanager
def working(settings: Path, sync: str | None, *, checked: bool = True) -> Iterator[SyncContext]:
    """A sync at work, until the end of the with block. Ctrl-C stops it between two batches."""
    document = load(settings)
    with Reporter() as reporter, stoppable() as stopping:
        context = open_sync(document, sync, report=reporter.report, stopping=stopping, checked=checked)
        try:
            yield context
        finally:
            close_sync(context)


@contextmanager
def looking(settings: Path, sync: str | None) -> Iterator[tuple[Document, SyncSettings]]:
    """The settings of a sync with its database open; no system is called and no secret looked up."""
    document = load(settings)
    chosen = resolved(document, choose_sync(document, sync))
    open_database(document)
    try:
        yield document, chosen
    finally:
        close_store()


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Take the first Ctrl-C, or a SIGTERM, as a wish to stop; a second one stops at once."""
    wishes: list[int] = []

    def wish(number: int, _frame: FrameType | None) -> None:
        if wishes:
            raise KeyboardInterrupt
        wishes.append(number)
        make_room()
        print("stopping after this batch; once more stops at once", file=sys.stderr, flush=True)

    before: dict[int, Any] = {
        number: signal.signal(number, wish) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(wishes)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
