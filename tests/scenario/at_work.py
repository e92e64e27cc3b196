"""Processes that work by themselves on a pair, and the jobs they carry out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from syncline.service.jobs.dbos_engine import DbosEngine
from syncline.service.jobs.port import Job, JobState, JobStatus, Urgency
from tests.scenario.killer import COMMITS
from tests.scenario.pair import SECONDS, Pair, SyncProcess

FIRST = Job("first sync", "crm", Urgency.MANUAL, "run", {"approved_by": "somebody"})
GOING = (JobState.WAITING, JobState.RUNNING)
STOP_SECONDS = 10.0


@dataclass
class AtWork:
    """The workers of a pair: `serve` on SQLite, `worker` on PostgreSQL."""

    pair: Pair
    jobs: DbosEngine
    seconds: float = SECONDS

    @classmethod
    @contextmanager
    def on(cls, pair: Pair, seconds: float = SECONDS) -> Iterator["AtWork"]:
        """Look after the jobs of a pair."""
        engine = DbosEngine(pair.database)
        try:
            yield cls(pair, engine, seconds)
        finally:
            engine.close()

    def start(self, name: str = "worker") -> SyncProcess:
        """One more process at work; each writes what it says into a folder of its own."""
        folder = self.pair.folder / name
        folder.mkdir(exist_ok=True)
        return self.pair.at_work(folder)

    def first(self) -> JobStatus:
        """How the first sync stands."""
        return next(each for each in self.jobs.status() if each.job.id == FIRST.id)

    def hang_at_a_commit(self, random: Random, skip: int = 0) -> None:
        """Hold the next writes, but for some, after the system committed them and before it answers."""
        for moment in COMMITS:
            for rule in moment.rules:
                self.pair.fault(moment.system, **{**rule, "skip": random.randint(0, skip)})

    def hangs(self) -> bool:
        """Whether something is held."""
        return any(self.pair.hits(system) for system in self.pair.systems)

    def until_over(self, *processes: SyncProcess) -> JobStatus:
        """Wait until the first sync is over; the processes have to live on."""
        self.until(lambda: self.first().state not in GOING, *processes)
        return self.first()

    def until(self, came: Callable[[], bool], *processes: SyncProcess) -> None:
        """Wait for something while these processes live."""
        deadline = time.monotonic() + self.seconds
        while not came():
            for process in processes:
                assert process.process.poll() is None, process.end()
            assert time.monotonic() < deadline, self.first()
            processes[0].stays(0.05)


def stop(process: SyncProcess) -> None:
    """Ask a process to end. It does in time, and calls that a success."""
    process.process.terminate()
    ended = process.end(STOP_SECONDS)
    assert ended.code == 0, ended
