"""The worker of a process, and the commands that look after jobs."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncline.cli.main import call
from syncline.service.jobs.dbos_engine import DbosEngine, JobFailedError
from syncline.service.jobs.port import JobState
from syncline.service.worker import Worker
from syncline.store import workers
from syncline.store.access_tables import Lease
from syncline.store.database import close_store
from syncline.store.leases import this_process
from tests.unit.job_queue import asking, job, until, until_over

OTHER = "another-machine.example:7"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "syncline.yaml"
    file.write_text(f"version: 1\ndatabase: sqlite:///{tmp_path}/store.sqlite3\n")
    return file


def database(settings: Path) -> str:
    return f"sqlite:///{settings.parent}/store.sqlite3"


def test_a_worker_signs_in_carries_out_what_is_queued_and_signs_out(settings: Path) -> None:
    with asking(database(settings)) as engine:
        engine.enqueue(job("unknown sync", "nobody"))
    worker = Worker(settings, {})
    worker.start()
    try:
        assert workers.alive(datetime.now(UTC)) == [this_process()]
        failed = until_over(worker.engine, "unknown sync")[0]
        assert (failed.state, failed.worker) == (JobState.FAILED, this_process())
        assert failed.failure.startswith("config")
    finally:
        worker.stop(5)
    assert not Lease.objects.exists()
    close_store()


def test_a_worker_that_was_taken_for_dead_stops_and_leaves_the_lease_to_who_took_it(settings: Path) -> None:
    worker = Worker(settings, {"SYNCLINE_LEASE_SECONDS": "1", "SYNCLINE_TESTING": "1"})
    worker.start()
    try:
        Lease.objects.filter(name=f"worker {this_process()}").update(holder=OTHER, doing="reaped")
        until(worker.lost.is_set)
    finally:
        worker.stop(5)
    assert [row.holder for row in Lease.objects.all()] == [OTHER]
    close_store()


def test_commands_list_cancel_and_retry_jobs(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with asking(database(settings)) as engine:
        engine.enqueue(job("run:crm:1", plan=3))

    def ask(*words: str) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        code = call(["jobs", *words, "--json", "--settings", str(settings)])
        return code, json.loads(capsys.readouterr().out)

    code, listed = ask("list", "--state", "waiting")
    assert code == 0
    assert isinstance(listed["jobs"], list)
    shown = listed["jobs"][0]
    assert (shown["id"], shown["urgency"], shown["arguments"]) == ("run:crm:1", "schedule", {"plan": 3})
    assert ask("cancel", "run:crm:1") == (0, {"job": "run:crm:1", "done": "cancelled"})
    assert ask("retry", "run:crm:1") == (0, {"job": "run:crm:1", "done": "queued again"})
    code, told = ask("retry", "run:crm:1")
    assert code == 1
    assert isinstance(told["error"], dict)
    assert told["error"]["code"] == "job"
    assert call(["jobs", "list", "--settings", str(settings)]) == 0
    assert "run:crm:1" in capsys.readouterr().out


def test_workers_are_refused_where_the_store_is_a_file(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["worker", "--settings", str(settings)]) == 1
    assert "syncline serve" in capsys.readouterr().err


def test_the_engine_s_own_log_goes_where_ours_goes_and_repeats_no_failed_job(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    DbosEngine(f"sqlite:///{tmp_path}/store.sqlite3").close()
    logger = logging.getLogger("dbos")
    assert not [each for each in logger.handlers if isinstance(each, logging.StreamHandler)]
    logger.error("a job failed", exc_info=JobFailedError("code: words"))
    logger.warning("something else")
    assert [record.message for record in caplog.records if record.name == "dbos"] == ["something else"]
