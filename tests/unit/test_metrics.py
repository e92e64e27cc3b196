"""What Prometheus is told: right for every process, of bounded size, and for nobody else's eyes (rule O4)."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from syncline import __version__
from syncline.api.app import make_app
from syncline.config import Document, parse
from syncline.core.model import ErrorClass, Failure
from syncline.service.jobs.port import Job, JobState, JobStatus, Urgency
from syncline.service.metrics import FAMILIES, exposition
from syncline.service.serving import Serving
from syncline.store import alerts, tallies
from syncline.store.alerts import StateChange, Subject
from syncline.store.budget_tables import CallWindow
from syncline.store.database import close_store
from syncline.store.error_log import SyncError
from syncline.store.tallies import Measure
from tests.property.world import World
from tests.unit.asked import TOKEN, ask, serving

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Values = dict[tuple[str, ...], float]


def document(*syncs: str) -> Document:
    connections = {"left-crm": {"system": "memory"}, "right-crm": {"system": "memory"}}
    each = {name: {"left": "left-crm", "right": "right-crm"} for name in syncs or ("main",)}
    return parse({"version": 1, "connections": connections, "syncs": each})


def scraped(*syncs: str, now: datetime = NOW, engine: Any = None) -> dict[str, Values]:
    """Every value by metric and labels, as Prometheus reads it."""
    found: dict[str, Values] = {}
    for family in text_string_to_metric_families(exposition(document(*syncs), engine, now).decode()):
        for sample in family.samples:
            labels = tuple(sample.labels[label] for label in FAMILIES[sample.name].labels)
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


@pytest.mark.proves("O4")
def test_runs_are_told_as_they_were(world: World) -> None:
    for name in ("Ada", "Bob", "Cyd"):
        world.left.put("person", {"last": name})
    wrong = Failure(ErrorClass.VALIDATION, "NO", "not here")
    world.right.fault("refuse", verb="create", failure=wrong, when=lambda values: values["last"] == "Cyd")
    done = world.run()
    found = scraped(now=world.time.now() + timedelta(minutes=5))
    assert found["syncline_runs_total"] == {("main", "done"): 1}
    assert found["syncline_records_total"]["main", "created"] == done.results["created"] == 2
    assert found["syncline_records_total"]["main", "rejected"] == 1
    assert found["syncline_errors_open"] == {("main", "validation"): 1}
    assert found["syncline_holds_open"] == {("main",): 0}
    assert found["syncline_lag_seconds"]["main",] == 300
    calls = {(c, e): n for c, each in done.calls.items() for e, n in each.items()}
    assert found["syncline_api_calls_total"] == calls != {}
    world.left.put("person", {"last": "Dee"})
    world.run()
    again = scraped()
    assert again["syncline_runs_total"] == {("main", "done"): 2}
    assert again["syncline_records_total"]["main", "created"] == 3
    assert sum(again["syncline_api_calls_total"].values()) > sum(calls.values())


def test_a_run_that_was_stopped_and_goes_on_is_counted_once_record_by_record(store: str) -> None:
    tallies.count_run("main", "stopped", {}, {"created": 5, "open": 2})
    tallies.count_run("main", "done", {"created": 5, "open": 2}, {"created": 9, "open": 0})
    found = scraped()
    assert found["syncline_records_total"] == {("main", "created"): 9}
    assert found["syncline_runs_total"] == {("main", "stopped"): 1, ("main", "done"): 1}


def test_processes_that_count_at_once_lose_nothing(store: str) -> None:
    def count() -> None:
        for _ in range(10):
            tallies.add(Measure.CALLS, "left-crm", {"GET /a": 1, "GET /b": 2})
        close_store()

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    calls = scraped()["syncline_api_calls_total"]
    assert calls == {("left-crm", "GET /a"): 40, ("left-crm", "GET /b"): 80}


def test_what_the_settings_do_not_name_is_not_told(store: str) -> None:
    tallies.add(Measure.RUNS, "of-old", {"done": 3})
    tallies.add(Measure.CALLS, "of-old", {"GET /a": 3})
    found = scraped()
    assert not found.get("syncline_runs_total")
    assert not found.get("syncline_api_calls_total")


def test_what_is_left_of_the_budget_is_told(store: str) -> None:
    CallWindow.objects.create(
        connection="left-crm", endpoint="", window="day", seconds=86_400, limit=1000, used=300,
        resets_at=NOW + timedelta(hours=3),
    )  # fmt: skip
    assert scraped()["syncline_budget_left"] == {("left-crm", "all", "day"): 500}
    later = scraped(now=NOW + timedelta(hours=4))
    assert later["syncline_budget_left"] == {("left-crm", "all", "day"): 800}


class Queue:
    """A job engine that only tells of jobs."""

    def status(self, *, limit: int = 50, states: Any = ()) -> list[JobStatus]:
        job = Job("a", "main", Urgency.SCHEDULE, "run", {})
        told = [JobState.WAITING, JobState.RUNNING, JobState.WAITING, JobState.DONE]
        each = [JobStatus(job, state, NOW, None, None, "", 0, "") for state in told]
        return [status for status in each if status.state in states][:limit]


def test_queue_alerts_and_build_are_told(store: str) -> None:
    for name in ("left-crm", "right-crm"):
        alerts.note(StateChange(Subject("connection", name), "reconnect-needed", True, "x"), [], NOW)
    found = scraped(engine=Queue())
    assert found["syncline_jobs"] == {("waiting",): 2, ("running",): 1}
    assert found["syncline_alerts_raised"] == {("reconnect-needed",): 2}
    assert found["syncline_build_info"] == {(__version__,): 1}
    assert found["syncline_workers"] == {(): 0}


def test_every_metric_is_told_of_with_its_type(store: str) -> None:
    text = exposition(document(), None, NOW).decode()
    for name, family in FAMILIES.items():
        assert f"# TYPE {name} {'counter' if family.counts else 'gauge'}" in text
        assert not {"id", "email", "record", "value"} & set(family.labels)


def test_a_scrape_asks_the_store_as_often_however_much_is_in_it(
    store: str, django_queries: Callable[[], AbstractContextManager[list[object]]]
) -> None:
    with django_queries() as empty:
        scraped("main", "other")
    SyncError.objects.bulk_create(
        SyncError(
            sync="main", kind="person", side="left", left_id=str(n), error_class="validation", code="X",
            message="x", first_seen=NOW, last_seen=NOW, run_id=1,
        )
        for n in range(500)
    )  # fmt: skip
    for n in range(50):
        tallies.add(Measure.CALLS, "left-crm", {f"GET /{n}": 1})
    with django_queries() as full:
        scraped("main", "other")
    assert len(full) == len(empty) <= 3 + 3 * 2 + 2


def test_it_is_told_over_http_to_whoever_shows_the_token(store: str, tmp_path: Path) -> None:
    asked = replace(serving(tmp_path), reread=document)
    found = ask(asked, "GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/plain; version=")
    assert "syncline_build_info" in found.text


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 401),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 401),
        ("192.0.2.7", {}, 401),
        ("192.0.2.7", {"Authorization": "Bearer another-token"}, 401),
        ("192.0.2.7", {"Authorization": "Bearer "}, 401),
        ("192.0.2.7", {"Authorization": f"Basic {TOKEN}"}, 401),
        ("192.0.2.7", {"Authorization": f"bearer {TOKEN}"}, 200),
        ("not an address", {}, 401),
    ],
)
def test_only_this_machine_may_ask_without_a_token(
    store: str, tmp_path: Path, address: str, headers: dict[str, str], status: int
) -> None:
    assert _ask_from(serving(tmp_path), address, headers) == status


def test_without_a_token_in_the_settings_nobody_else_may_ask(store: str, tmp_path: Path) -> None:
    closed = serving(tmp_path, token="")
    assert _ask_from(closed, "192.0.2.7", {"Authorization": "Bearer "}) == 401
    assert _ask_from(closed, "127.0.0.1", {}) == 200


def _ask_from(asked: Serving, address: str, headers: dict[str, str]) -> int:
    async def once() -> int:
        transport = httpx2.ASGITransport(make_app(asked), client=(address, 4711))
        async with httpx2.AsyncClient(transport=transport, base_url="http://syncline.test") as client:
            return (await client.get("/metrics", headers=headers)).status_code

    return asyncio.run(once())
