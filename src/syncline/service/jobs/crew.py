"""The crew of a process: the works that are going on in it, one of a sync at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncline.engine.context import Report
from syncline.service.jobs.port import Job
from syncline.service.jobs.slices import Slices

Perform = Callable[[Job, Callable[[], bool], Report], Mapping[str, Any]]
"""Opens the sync of a job, does its work and tells what came of it: `outcome` and small JSON values."""

STOPPED = "stopped"
"""The outcome of a work that was asked to stop before its end."""

PARKED = 3.0
"""Seconds after which a work that nobody advances gives up its claim on the sync."""


@dataclass
class _Going:
    job: str
    slices: Slices
    lock: threading.Lock = field(default_factory=threading.Lock)
    advanced: float = field(default_factory=time.monotonic)


class Crew:
    """Advances jobs slice by slice. `stopping` tells that the process is to end, `hurrying` that it ends now."""

    def __init__(self, perform: Perform) -> None:
        self._perform = perform
        self._going: dict[str, _Going] = {}
        self._lock = threading.Lock()
        self.stopping = threading.Event()
        self.hurrying = threading.Event()

    def advance(self, job: Job, gives_way: Callable[[], bool]) -> dict[str, Any]:
        """Carry a job on by a slice; or have it stop, when the process ends or it gives way to another job.

        `fresh`: it began anew just now. `yields`: it stopped before its end, and another job is to continue it.
        """
        yields = self.stopping.is_set() or gives_way()
        while True:
            going, fresh = self._take(job, begin=not yields)
            if going is None:
                return {"over": False, "fresh": False, "yields": True}
            with going.lock:
                if self._going.get(job.sync) is going:
                    return {"fresh": fresh, **self._slice(job, going, yields=yields)}

    def drop(self, job: Job) -> None:
        """Stop a job that was cancelled; what it did stays."""
        going = self._going.get(job.sync)
        if going is not None and going.job == job.id:
            self._end(job.sync, going)

    def release(self, idle: float = PARKED) -> None:
        """Stop what nobody advances: another process may have taken it over, and waits for the sync."""
        for sync, going in list(self._going.items()):
            if time.monotonic() - going.advanced > idle:
                self._end(sync, going, wait=False)

    def _take(self, job: Job, *, begin: bool) -> tuple[_Going | None, bool]:
        """The slices of a job: those that pause here, or new ones as soon as no other job of the sync has any."""
        while True:
            with self._lock:
                going = self._going.get(job.sync)
                if going is None and not begin:
                    return None, False
                if going is None:
                    made = _Going(job.id, Slices(self._work(job), job.id))
                    self._going[job.sync] = made
                    return made, True
            if going.job == job.id:
                return going, False
            self._end(job.sync, going)

    def _work(self, job: Job) -> Callable[[Callable[[], bool], Report], Mapping[str, Any]]:
        return lambda stopping, report: self._perform(job, stopping, report)

    def _slice(self, job: Job, going: _Going, *, yields: bool) -> dict[str, Any]:
        slices, hurry = going.slices, self.hurrying.is_set
        try:
            done = slices.stop(hurry) if yields else slices.advance(hurry)
        except BaseException:
            self._forget(job.sync, going)
            raise
        going.advanced = time.monotonic()
        told = dict(done.told) if done else {}
        stopped = done is not None and done.over and told.get("outcome") == STOPPED
        if yields or (done and done.over):
            self._forget(job.sync, going)
        over = done is not None and done.over and not stopped
        return {**told, "over": over, "yields": (yields or stopped) and not over}

    def _end(self, sync: str, going: _Going, *, wait: bool = True) -> None:
        if not going.lock.acquire(blocking=wait):
            return
        try:
            if self._going.get(sync) is going:
                going.slices.stop(self.hurrying.is_set)
        finally:
            self._forget(sync, going)
            going.lock.release()

    def _forget(self, sync: str, going: _Going) -> None:
        with self._lock:
            if self._going.get(sync) is going:
                del self._going[sync]
