"""`syncline worker`: a process that carries out jobs until it is stopped."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from types import FrameType

from syncline.cli.failure import ERROR
from syncline.config import load, resolve_database
from syncline.core.errors import ConfigError
from syncline.service import log
from syncline.service.jobs import place
from syncline.service.worker import Worker, until_told


def work(*, settings: Path, workers: int) -> int:
    """Work until SIGTERM or Ctrl-C; a second one ends the process at once."""
    if place.is_file(resolve_database(load(settings), os.environ)):
        raise ConfigError(
            "workers are for PostgreSQL: one process at a time may work on an SQLite file",
            hint="Use `syncline serve`, which works by itself, or set database to postgresql://...",
        )
    log.take_over()
    told = _told_to_stop()
    worker = Worker(settings, os.environ, workers=workers)
    worker.start()
    try:
        stayed = until_told(worker, told.wait)
    finally:
        worker.stop()
    return 0 if stayed else ERROR


def _told_to_stop() -> threading.Event:
    told = threading.Event()

    def tell(number: int, _frame: FrameType | None) -> None:
        if told.is_set():
            os._exit(128 + number)
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, tell)
    return told
