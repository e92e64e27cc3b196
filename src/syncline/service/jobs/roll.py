"""The roll of workers: each beats its lease, and takes over what a dead one left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from syncline.connectors.base import Clock
from syncline.connectors.clock import SystemClock
from syncline.core.errors import ConfigError
from syncline.service.clock import TESTING
from syncline.service.jobs.port import JobEngine, JobState
from syncline.store import workers
from syncline.store.leases import this_process

LEASE = timedelta(seconds=60)
BEATS = 6
"""How often a lease is renewed before it would run out."""
FORGET = timedelta(days=1)
_MANY = 1000
LEASE_SECONDS = "SYNCLINE_LEASE_SECONDS"


def alive() -> list[str]:
    """The workers that carry out jobs at the moment."""
    return workers.alive(SystemClock().now())


class Roll:
    """One worker's place on the roll. Leases go by the real time, whatever clock decides what is due."""

    def __init__(self, duration: timedelta = LEASE, clock: Clock | None = None) -> None:
        self.name = this_process()
        self._duration = duration
        self._clock = clock or SystemClock()
        self._next_beat = self._patient_until = self._next_look = self._clock.now()

    def sign_in(self) -> None:
        """Begin."""
        now = self._clock.now()
        workers.sign_in(self.name, now, self._duration)
        self._next_beat = now + self._duration / BEATS

    def sign_out(self) -> None:
        """Begin no more jobs, and have none."""
        workers.sign_out(self.name)

    def beat(self) -> bool:
        """Renew the lease when it is time to; false if another worker took this one for dead."""
        now = self._clock.now()
        due = now >= self._next_beat or now < self._next_beat - self._duration
        if not due:
            return True
        if now >= self._next_beat + self._duration:
            # The database was away, or this process was asleep: the others may be no less late, and alive.
            self._patient_until = now + self._duration
        self._next_beat = now + self._duration / BEATS
        return workers.beat(self.name, now, self._duration)

    def reap(self, engine: JobEngine) -> int:
        """Queue again what dead workers had begun; how many jobs. Done twice it does no harm."""
        now, found = self._clock.now(), 0
        if now < self._patient_until:
            return 0
        for worker in workers.dead(now):
            if worker != self.name and workers.take_over(worker, self.name, now, self._duration):
                jobs = engine.reap(worker)
                workers.reaped(worker)
                structlog.get_logger().warning("took over from a dead worker", worker=worker, jobs=jobs)
                found += jobs
        if now >= self._next_look or now < self._next_look - self._duration:
            self._next_look = now + self._duration / BEATS
            found += _reap_unknown(engine)
            workers.forget(now - FORGET)
        return found

    def now(self) -> datetime:
        """The real time."""
        return self._clock.now()


def _reap_unknown(engine: JobEngine) -> int:
    """The same for workers without a lease: one that had to end in haste, or of whom a restored backup tells."""
    running = engine.status(limit=_MANY, states=[JobState.RUNNING])
    found = 0
    for worker in {each.worker for each in running} - workers.known():
        found += engine.reap(worker)
        structlog.get_logger().warning("took over from a worker nobody knows", worker=worker)
    return found


def lease_time(environ: Mapping[str, str]) -> timedelta:
    """How long a worker's lease lasts; only a test may choose it."""
    chosen = environ.get(LEASE_SECONDS)
    if not chosen:
        return LEASE
    if environ.get(TESTING) != "1":
        raise ConfigError(
            f"{LEASE_SECONDS} is set, and it is for tests only.",
            hint=f"Unset {LEASE_SECONDS}; in a test set {TESTING}=1 too.",
        )
    return timedelta(seconds=float(chosen))
