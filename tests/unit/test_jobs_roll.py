"""Workers keep leases: a dead one is noticed, and its jobs and syncs are taken over once."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from syncline.core.errors import BusyError, ConfigError
from syncline.service.jobs.port import Job, JobState, JobStatus, Urgency
from syncline.service.jobs.roll import LEASE, Roll, lease_time
from syncline.store import leases, workers
from syncline.store.access_tables import Lease
from syncline.testing.clock import ManualClock

ELSEWHERE = "another-machine.example:7"
NOW = datetime.now(UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("store")


class Reaping:
    """A job engine that knows no jobs, and notes whose it was asked to queue again."""

    def __init__(self) -> None:
        self.reaped: list[str] = []
        self.running: list[str] = []

    def reap(self, worker: str) -> int:
        self.reaped.append(worker)
        return 3

    def enqueue(self, job: Job) -> bool:
        raise AssertionError(job)

    def status(self, *, limit: int = 50, states: Sequence[JobState] = ()) -> list[JobStatus]:
        job = Job("a", "crm", Urgency.SCHEDULE, "run", {})
        return [JobStatus(job, JobState.RUNNING, NOW, NOW, None, each, 1, "") for each in self.running]

    def cancel(self, job_id: str) -> bool:
        return False

    def retry(self, job_id: str) -> bool:
        return False

    def prune(self, before: datetime) -> int:
        return 0

    def close(self) -> None:
        pass


def roll(name: str) -> Roll:
    made = Roll()
    made.name = name
    return made


def test_a_worker_whose_lease_ran_out_is_taken_over_once() -> None:
    engine, here = Reaping(), Roll()
    here.sign_in()
    workers.sign_in(ELSEWHERE, NOW - 2 * MINUTE, LEASE)
    assert here.reap(engine) == 3
    assert here.reap(engine) == 0
    assert engine.reaped == [ELSEWHERE]
    assert workers.alive(datetime.now(UTC)) == [here.name]


def test_a_worker_that_lives_is_left_alone() -> None:
    engine, here = Reaping(), Roll()
    here.sign_in()
    workers.sign_in(ELSEWHERE, datetime.now(UTC), LEASE)
    assert here.reap(engine) == 0
    assert here.beat()
    assert sorted(workers.alive(datetime.now(UTC))) == sorted([here.name, ELSEWHERE])


def test_a_worker_of_this_machine_whose_process_is_no_more_is_taken_over_at_once() -> None:
    process = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(process, 0)
    name = leases.this_process().rpartition(":")[0] + f":{process}"
    workers.sign_in(name, datetime.now(UTC), LEASE)
    engine = Reaping()
    assert Roll().reap(engine) == 3
    assert engine.reaped == [name]


def test_a_worker_that_was_taken_for_dead_learns_it_at_its_next_beat() -> None:
    asleep = roll(ELSEWHERE)
    workers.sign_in(ELSEWHERE, NOW - 2 * MINUTE, LEASE)
    assert Roll().reap(Reaping()) == 3
    assert not asleep.beat()


def test_a_reaper_that_dies_before_it_is_done_is_followed_by_another() -> None:
    workers.sign_in(ELSEWHERE, NOW - 3 * MINUTE, LEASE)
    assert workers.take_over(ELSEWHERE, "third.example:9", NOW - 2 * MINUTE, LEASE)
    engine = Reaping()
    assert Roll().reap(engine) == 3
    assert engine.reaped == [ELSEWHERE]


def test_what_a_worker_without_a_lease_had_begun_is_queued_again() -> None:
    """It ended in haste, or the database was restored from a backup."""
    engine, here = Reaping(), Roll()
    here.sign_in()
    engine.running = [here.name, ELSEWHERE]
    assert here.reap(engine) == 3
    assert engine.reaped == [ELSEWHERE]


def test_the_syncs_of_a_dead_worker_are_free_again() -> None:
    leases.take("sync crm", ELSEWHERE, NOW, doing="a run")
    with pytest.raises(BusyError), leases.held("sync crm", "me:1", NOW):
        pass
    workers.sign_in(ELSEWHERE, NOW - 2 * MINUTE, LEASE)
    Roll().reap(Reaping())
    with leases.held("sync crm", "me:1", NOW):
        pass


def test_who_was_away_for_long_does_not_take_the_others_for_dead_at_once() -> None:
    """After the database was down for a while everybody is late."""
    clock = ManualClock()
    here, engine = Roll(clock=clock), Reaping()
    here.sign_in()
    workers.sign_in(ELSEWHERE, clock.now(), LEASE)
    clock.sleep(120)
    assert here.beat()
    assert here.reap(engine) == 0
    clock.sleep(61)
    assert here.beat()
    assert here.reap(engine) == 3


def test_who_ended_leaves_nothing_to_take_over() -> None:
    here = Roll()
    here.sign_in()
    here.sign_out()
    assert not Lease.objects.filter(name__startswith="worker").exists()


def test_who_was_taken_over_is_forgotten_after_a_day() -> None:
    long_ago = NOW - timedelta(days=3)
    workers.sign_in(ELSEWHERE, long_ago, LEASE)
    assert workers.take_over(ELSEWHERE, "third.example:9", long_ago + 2 * MINUTE, LEASE)
    workers.reaped(ELSEWHERE)
    Roll().reap(Reaping())
    assert not Lease.objects.filter(name__contains=ELSEWHERE).exists()


def test_only_a_test_may_choose_how_long_a_lease_lasts() -> None:
    assert lease_time({}) == LEASE
    chosen = {"SYNCLINE_LEASE_SECONDS": "2"}
    assert lease_time({**chosen, "SYNCLINE_TESTING": "1"}) == timedelta(seconds=2)
    with pytest.raises(ConfigError, match="for tests only"):
        lease_time(chosen)
