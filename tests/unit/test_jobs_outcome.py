"""What an error means for its job, and what keeps a worker going when something is broken."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError

from syncline.config import Document, parse
from syncline.core import errors
from syncline.service.jobs import outcome
from syncline.service.jobs.port import Job
from syncline.service.newest import Newest
from syncline.service.tick import tick
from tests.unit.job_queue import job
from tests.unit.test_jobs_roll import Reaping

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = [
    (errors.QuotaError("used up", until=NOW + HOUR), NOW + HOUR),
    (errors.RateLimitedError("slow down", retry_at=NOW + HOUR), NOW + HOUR),
    (errors.RateLimitedError("slow down", retry_at=NOW - HOUR), None),
    (errors.UnavailableError("no answer"), None),
]


@pytest.mark.parametrize(("error", "resume_at"), LATER)
def test_what_heals_by_itself_is_told_when_to_come_again(
    error: Exception, resume_at: datetime | None
) -> None:
    told = outcome.of_error(error, NOW)
    assert (told["outcome"], told.get("resume_at")) == ("later", resume_at and resume_at.isoformat())


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.RunStopped("asked to"), "stopped"),
        (errors.BusyError("another one works on it"), "later"),
        (errors.QuietPeriodError("not started"), "later"),
        (OperationalError("database is locked"), "later"),
        (errors.AuthError("no"), "failed"),
        (errors.ReconnectError("consent ended"), "failed"),
        (errors.MappingError("no such field"), "failed"),
        (ValueError("a mistake of ours"), "failed"),
    ],
)
def test_every_error_has_one_outcome(error: Exception, expected: str) -> None:
    assert outcome.of_error(error, NOW)["outcome"] == expected


def test_what_is_kept_of_an_error_holds_no_address_and_no_mistake_s_details() -> None:
    told = outcome.of_error(errors.RecordError("ann@customer.test is refused"), NOW)
    assert told["message"] == "[address] is refused"
    assert "secret-value" not in str(outcome.of_error(KeyError("secret-value"), NOW))


def test_a_part_of_a_tick_that_fails_stops_no_other_part() -> None:
    queued: list[Job] = []
    done: list[datetime] = []

    class Engine(Reaping):
        def enqueue(self, job: Job) -> bool:
            queued.append(job)
            return True

    def broken(*_: object) -> Iterable[Job]:
        yield job("first")
        raise ValueError("broken")

    def sound(_document: Document, _now: datetime) -> Iterable[Job]:
        return [job("second")]

    def chore(_document: Document, now: datetime) -> None:
        done.append(now)

    document = parse({"version": 1})
    new = tick(document, Engine(), NOW, sources=(broken, sound), chores=(broken_chore, chore))
    assert new == 1
    assert (queued, done) == ([job("first"), job("second")], [NOW])


def broken_chore(_document: Document, _now: datetime) -> None:
    raise ValueError("broken")


def test_settings_are_read_again_when_they_changed_and_broken_ones_change_nothing(tmp_path: Path) -> None:
    file = tmp_path / "syncline.yaml"
    file.write_text(_settings({"level": "info"}))
    newest = Newest(file)
    assert newest.document() is newest.document()
    file.write_text(_settings({"level": "error"}))
    changed = newest.document()
    assert changed.logging.level == "error"
    file.write_text("version: 1\nnonsense: true\n")
    assert newest.document() is changed
    file.unlink()
    assert newest.document() is changed
    file.write_text(_settings({"level": "warning"}))
    assert newest.document().logging.level == "warning"


def _settings(logging: Mapping[str, str]) -> str:
    return f"version: 1\nlogging: {{level: {logging['level']}}}\n"
