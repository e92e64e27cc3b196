"""What answers over HTTP says, asked well and asked badly."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from syncline.api.gate import MOST_BYTES
from syncline.store.database import open_store
from tests.unit.asked import ask, serving


def error(found: Any) -> dict[str, str]:
    """The error of an answer, which is told in the same words everywhere."""
    assert found.headers["content-type"] == "application/json"
    told: dict[str, str] = found.json()["error"]
    assert set(told) == {"code", "message", "cure"}
    assert all(told.values())
    assert "Traceback" not in found.text
    return told


def test_a_process_that_lives_says_so(store: str, tmp_path: Path) -> None:
    found = ask(serving(tmp_path), "GET", "/healthz")
    assert (found.status_code, found.json()) == (200, {"status": "ok"})


def test_it_is_ready_when_database_and_worker_are(store: str, tmp_path: Path) -> None:
    found = ask(serving(tmp_path), "GET", "/readyz")
    assert (found.status_code, found.json()) == (200, {"ready": True, "database": "ok", "worker": "ok"})


def test_a_worker_that_ended_makes_it_unready_in_words(store: str, tmp_path: Path) -> None:
    found = ask(serving(tmp_path, trouble=lambda: "the worker ended"), "GET", "/readyz")
    assert (found.status_code, found.json()["worker"]) == (503, "the worker ended")


def test_a_database_of_an_older_version_makes_it_unready(store: str, tmp_path: Path) -> None:
    recorder = MigrationRecorder(connection)
    name = "0004_credential"
    recorder.record_unapplied("store", name)
    try:
        found = ask(serving(tmp_path), "GET", "/readyz")
    finally:
        recorder.record_applied("store", name)
    assert found.status_code == 503
    assert name in found.json()["database"]


def test_a_database_that_is_gone_makes_it_unready_and_leaves_it_alive(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    open_store(f"sqlite:///{folder}/store.sqlite3", migrate=False)
    folder.rmdir()
    found = ask(serving(tmp_path), "GET", "/readyz")
    assert found.status_code == 503
    assert "cannot be used" in found.json()["database"]
    assert ask(serving(tmp_path), "GET", "/healthz").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/healthz/", "//healthz", "/api", "/%00", "/..%2f..", "/api/é"]
)
def test_an_address_with_nothing_at_it(path: str, store: str, tmp_path: Path) -> None:
    found = ask(serving(tmp_path), "GET", path)
    assert (found.status_code, error(found)["code"]) == (404, "http-not-found")


def test_a_method_that_is_not_taken_names_those_that_are(store: str, tmp_path: Path) -> None:
    found = ask(serving(tmp_path), "DELETE", "/readyz")
    assert (found.status_code, error(found)["code"]) == (405, "http-method")
    assert found.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("host", ["a b", "user@there.test", "there.test/path", "[::1", "x" * 300])
def test_a_host_that_is_none(host: str, store: str, tmp_path: Path) -> None:
    found = ask(serving(tmp_path), "GET", "/healthz", headers={"host": host})
    assert (found.status_code, error(found)["code"]) == (400, "http-bad-request")


@pytest.mark.parametrize("length", ["9" * 400, str(MOST_BYTES + 1)])
def test_more_than_is_taken_is_refused_before_it_comes_in(length: str, store: str, tmp_path: Path) -> None:
    found = ask(serving(tmp_path), "POST", "/healthz", headers={"content-length": length})
    assert (found.status_code, error(found)["code"]) == (413, "http-too-large")


def test_more_than_is_taken_is_refused_though_nobody_says_how_much(store: str, tmp_path: Path) -> None:
    async def endless() -> Any:
        for _ in range(3):
            yield b"x" * (MOST_BYTES // 2)

    found = ask(serving(tmp_path), "POST", "/healthz", content=endless())
    assert (found.status_code, error(found)["code"]) == (413, "http-too-large")


def test_the_description_of_the_api_is_there_and_needs_nothing_from_elsewhere(
    store: str, tmp_path: Path
) -> None:
    found = ask(serving(tmp_path), "GET", "/api/openapi.json")
    assert found.json()["openapi"].startswith("3.")
    assert ask(serving(tmp_path), "GET", "/api/docs").status_code == 404
