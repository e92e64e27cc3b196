"""The worker: carries out the jobs of a store, and sees each second to what is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from syncline.config import Document, resolve_database
from syncline.service.clock import choose_clock
from syncline.service.database import open_database
from syncline.service.jobs.crew import Crew
from syncline.service.jobs.dbos_engine import DbosEngine
from syncline.service.jobs.performing import Performer
from syncline.service.jobs.roll import Roll, lease_time
from syncline.service.newest import Newest
from syncline.service.tick import tick
from syncline.store.database import close_store

WORKERS = 4
_ROUND_SECONDS = 1.0
_LONGEST_PAUSE = 30.0
_ROUNDS_BETWEEN_LOOKS = 5
"""At what was begun here and is carried out no more."""
_PRUNE_EVERY = timedelta(days=1)
_LETTING_GO = 3.0
"""Seconds of those it may take to stop that are left for letting go of the database."""


class Worker:
    """Carries out jobs in threads of this process, from `start` to `stop`; one of a process."""

    def __init__(self, settings: Path, environ: Mapping[str, str], *, workers: int = WORKERS) -> None:
        self._newest = Newest(settings)
        self._environ = environ
        self._workers = workers
        self._roll = Roll(lease_time(environ))
        self._performer = Performer(self._newest.document, environ)
        self._crew = Crew(self._performer)
        self._pruned: datetime | None = None
        self._rounds = 0
        self._ending = threading.Event()
        self._loop = threading.Thread(target=self._go_round, name="worker", daemon=True)
        self.lost = threading.Event()
        """Set when another worker took this one for dead: it carries out nothing any more."""

    def start(self) -> None:
        """Open the database and begin."""
        document = self.document()
        open_database(document, self._environ)
        self._clock = choose_clock(self._environ)
        self.engine = DbosEngine(resolve_database(document, self._environ))
        self._roll.sign_in()
        self.engine.work(self._crew, self._roll.name, workers=self._workers)
        close_store()
        self._loop.start()
        structlog.get_logger().info("worker started", worker=self._roll.name, jobs_at_once=self._workers)

    def document(self) -> Document:
        """The settings of the moment."""
        return self._newest.document()

    def trouble(self) -> str:
        """Why it carries out nothing, in words; empty while it works."""
        if self.lost.is_set():
            return "another worker took this one for dead"
        if self._ending.is_set():
            return "it is stopping"
        return "" if self._loop.is_alive() else "it is not running"

    def stop(self, seconds: float = 10.0) -> None:
        """Finish the pages that are being worked on, commit, and return within that time.

        What is not done by then counts as cut off: it is found out next time what became of it.
        """
        until = time.monotonic() + seconds
        self._ending.set()
        self._crew.stopping.set()
        hurry = threading.Timer(max(0.0, seconds - _LETTING_GO), self._crew.hurrying.set)
        hurry.daemon = True
        hurry.start()
        self.engine.close(max(1, int(until - time.monotonic() - 1)))
        self._crew.hurrying.set()
        hurry.cancel()
        self._loop.join(max(0.0, until - time.monotonic()))
        if not self.lost.is_set():
            self._roll.sign_out()
        self._performer.close()
        close_store()
        structlog.get_logger().info("worker stopped", worker=self._roll.name)

    def _go_round(self) -> None:
        """A round each second; after one that failed, ever longer pauses up to half a minute."""
        pause = _ROUND_SECONDS
        while not self._ending.wait(pause):
            try:
                self._round()
                pause = _ROUND_SECONDS
            except Exception as error:  # noqa: BLE001 - a locked or restarted database is no reason to end
                pause = min(pause * 2, _LONGEST_PAUSE)
                structlog.get_logger().error("a round of the worker failed", again_in=pause, exc_info=error)
                close_store()
        close_store()

    def _round(self) -> None:
        if not self._roll.beat():
            self._give_up()
            return
        self._crew.release()
        self._roll.reap(self.engine)
        self._find_lost()
        document = self.document()
        tick(document, self.engine, self._clock.now())
        self._prune(document)

    def _find_lost(self) -> None:
        self._rounds += 1
        if self._rounds % _ROUNDS_BETWEEN_LOOKS == 0 and (jobs := self.engine.find_lost(self._roll.name)):
            structlog.get_logger().warning("jobs whose end could not be noted are queued again", jobs=jobs)

    def _give_up(self) -> None:
        structlog.get_logger().error(
            "another worker took this one for dead; it stops", worker=self._roll.name
        )
        self.lost.set()
        self._ending.set()
        self._crew.stopping.set()

    def _prune(self, document: Document) -> None:
        now = self._roll.now()
        if self._pruned is None or now - self._pruned >= _PRUNE_EVERY:
            self._pruned = now
            gone = self.engine.prune(now - document.retention.jobs)
            structlog.get_logger().info("old jobs were forgotten", jobs=gone)


def until_told(worker: Worker, told: Callable[[float], bool]) -> bool:
    """Let a worker work until somebody says so; false if it was lost before."""
    while not told(_ROUND_SECONDS):
        if worker.lost.is_set():
            return False
    return True
