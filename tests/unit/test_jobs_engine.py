"""The job engine keeps what its port promises, on both databases."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event
from uuid import uuid4

import pytest
import sqlalchemy as sa

from syncline.service.jobs import place
from syncline.service.jobs.port import JobState, Urgency
from syncline.store.database import open_store
from tests.unit.job_queue import Doings, asking, found, is_, job, until, until_over, working

DYING = """
import os, sys, threading
from syncline.service.jobs.crew import Crew
from syncline.service.jobs.dbos_engine import DbosEngine
from syncline.store.database import open_store

both = threading.Barrier(2)

def perform(job, stopping, report):
    for number in range(job.arguments["slices"]):
        report("a page", number + 1, None)
        stopping()
    both.wait(30)
    os._exit(9)

open_store(sys.argv[1])
DbosEngine(sys.argv[1]).work(Crew(perform), "dead", workers=4)
threading.Event().wait(60)
"""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database for the tests of this module; each has jobs of its own."""
    if request.param == "sqlite":
        made = f"sqlite:///{tmp_path_factory.mktemp('jobs')}/store.sqlite3"
    else:
        made = request.getfixturevalue("postgres_cluster").url(f"jobs_{uuid4().hex[:8]}")
    open_store(made)
    return made


def test_a_job_that_is_queued_twice_is_one_job(url: str) -> None:
    with asking(url) as engine:
        assert engine.enqueue(job("twice", slices=1))
        assert not engine.enqueue(job("twice", slices=1))
        assert [each.job for each in engine.status() if each.job.id == "twice"] == [job("twice", slices=1)]
        assert engine.cancel("twice")


def test_a_job_that_waits_can_be_cancelled_and_tried_again(url: str) -> None:
    with asking(url) as engine:
        engine.enqueue(job("undecided", slices=1))
        assert not engine.retry("undecided")
        assert engine.cancel("undecided")
        assert is_(engine, "undecided", JobState.CANCELLED)
        assert not engine.cancel("undecided")
        assert engine.retry("undecided")
        assert is_(engine, "undecided", JobState.WAITING)
        assert not engine.cancel("nobody knows it")
        assert not engine.retry("nobody knows it")
        assert engine.cancel("undecided")


def test_the_urgent_ones_of_a_sync_go_first_and_one_at_a_time(url: str) -> None:
    doings = Doings()
    ids = {urgency: f"order {urgency.name}" for urgency in Urgency}
    with asking(url) as engine:
        for urgency in sorted(Urgency, reverse=True):
            engine.enqueue(job(ids[urgency], "order", urgency))
    with working(url, doings) as engine:
        assert {each.state for each in until_over(engine, *ids.values())} == {JobState.DONE}
    expected = [(ids[u], what) for u in sorted(Urgency) for what in ("began", "ended")]
    assert [note for note in doings.noted if note[0] in ids.values()] == expected


def test_different_syncs_go_side_by_side(url: str) -> None:
    met = Barrier(2)
    doings = Doings()
    doings.gates = {name: _Meets(met) for name in ("side a", "side b")}
    with working(url, doings) as engine:
        engine.enqueue(job("side a", "a", slices=1))
        engine.enqueue(job("side b", "b", slices=1))
        until_over(engine, "side a", "side b")
    assert not met.broken


class _Meets(Event):
    """A gate that opens when both have come to it."""

    def __init__(self, barrier: Barrier) -> None:
        super().__init__()
        self._barrier = barrier

    def wait(self, timeout: float | None = None) -> bool:
        self._barrier.wait(timeout)
        return True


def test_a_job_gives_way_to_a_more_urgent_one_and_is_continued(url: str) -> None:
    doings = Doings()
    doings.gates["slow"] = Event()
    with working(url, doings) as engine:
        engine.enqueue(job("slow", "way", Urgency.BACKFILL, slices=4))
        until(lambda: doings.of("slow") == ["began"])
        engine.enqueue(job("urgent", "way", Urgency.MANUAL))
        doings.gates["slow"].set()
        slow, urgent = until_over(engine, "slow", "urgent")
    assert (slow.state, urgent.state) == (JobState.DONE, JobState.DONE)
    assert [note for note in doings.noted if note[0] in ("slow", "urgent")] == [
        ("slow", "began"), ("slow", "stopped"), ("urgent", "began"), ("urgent", "ended"),
        ("slow", "began"), ("slow", "ended"),
    ]  # fmt: skip


def test_a_long_job_is_carried_out_in_parts_and_shown_as_one(url: str) -> None:
    doings = Doings()
    with working(url, doings, steps=3) as engine:
        engine.enqueue(job("long", "parts", slices=7))
        done = until_over(engine, "long")[0]
        assert [each.job.id for each in engine.status(limit=500)].count("long") == 1
    assert done.state is JobState.DONE
    assert doings.of("long") == ["began", "ended"]
    assert {"long", "long:2", "long:3"} <= _ids(url)


def test_a_job_that_runs_stops_after_its_step_when_it_is_cancelled(url: str) -> None:
    doings = Doings()
    doings.gates["unwanted"] = Event()
    with working(url, doings) as engine:
        engine.enqueue(job("unwanted", "stop", slices=50))
        until(lambda: doings.of("unwanted") == ["began"])
        assert engine.cancel("unwanted")
        doings.gates["unwanted"].set()
        until(lambda: doings.of("unwanted") == ["began", "stopped"])
        assert is_(engine, "unwanted", JobState.CANCELLED)


def test_what_failed_is_told_in_words_and_nothing_of_a_record_is_kept(url: str) -> None:
    told = {"outcome": "failed", "code": "remote-access", "message": "may not read contacts"}
    with working(url, Doings()) as engine:
        engine.enqueue(job("failing", "words", told=told))
        failed = until_over(engine, "failing")[0]
        assert (failed.state, failed.failure) == (JobState.FAILED, "remote-access: may not read contacts")
        assert "failing" in [each.job.id for each in engine.status(states=[JobState.FAILED])]
        assert "failing" not in [each.job.id for each in engine.status(states=[JobState.DONE])]
    with asking(url) as engine:
        assert engine.retry("failing")
        assert engine.cancel("failing")


def test_what_a_dead_worker_had_begun_is_taken_over_and_poison_is_called_so(url: str) -> None:
    doings = Doings()
    doings.gates["poison"] = Event()
    with asking(url) as engine:
        engine.enqueue(job("cut off", "reap a", slices=3))
        engine.enqueue(job("poison", "reap b", slices=0))
    died = subprocess.run([sys.executable, "-c", DYING, url], check=False, timeout=120)
    assert died.returncode == 9
    with working(url, doings, "living", attempts=1) as engine:
        assert {found(engine, id_).worker for id_ in ("cut off", "poison")} == {"dead"}
        assert engine.reap("dead") == 2
        assert engine.reap("dead") == 0
        assert until_over(engine, "cut off")[0].state is JobState.DONE
        assert doings.of("cut off") == ["began", "ended"]
        until(lambda: doings.of("poison") == ["began"])
        assert engine.reap("living") == 1
        poison = until_over(engine, "poison")[0]
        assert (poison.state, poison.attempts) == (JobState.FAILED, 3)
        assert poison.failure.startswith("job: its process died 2 times before its next step was done")
        doings.gates["poison"].set()
        until(lambda: doings.of("poison") == ["began", "ended"])
        assert is_(engine, "poison", JobState.FAILED)
    assert {"cut off", "cut off:2"} <= _ids(url)


def test_jobs_that_are_over_are_forgotten_after_a_while(url: str) -> None:
    with asking(url) as engine:
        engine.enqueue(job("waiting for ever", "prune"))
        engine.enqueue(job("given up", "prune"))
        engine.cancel("given up")
        assert engine.prune(datetime.now(UTC) - timedelta(hours=1)) == 0
        assert engine.prune(datetime.now(UTC) + timedelta(hours=1)) > 0
        left = [each.job.id for each in engine.status(limit=500)]
        assert "waiting for ever" in left
        assert "given up" not in left
        assert engine.cancel("waiting for ever")


def test_jobs_are_kept_as_json_beside_the_store(url: str) -> None:
    with asking(url) as engine:
        engine.enqueue(job("readable", "json", plan=7))
        engine.cancel("readable")
    connections = place.connect(url)
    schema = None if place.is_file(url) else place.SCHEMA
    table = sa.Table("workflow_status", sa.MetaData(), schema=schema, autoload_with=connections)
    with connections.connect() as connection:
        rows = connection.execute(sa.select(table)).mappings().all()
    connections.dispose()
    assert {row["serialization"] for row in rows} == {"portable_json"}
    if place.is_file(url):
        assert place.jobs_file(url) == Path(url.removeprefix("sqlite:///")).with_name("store.jobs.sqlite3")
        assert place.jobs_file(url).exists()


def _ids(url: str) -> set[str]:
    with asking(url) as engine:
        return {row.workflow_id for row in engine._list()}
