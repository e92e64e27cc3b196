"""A database that others hold, that has no room, or that goes away in mid-run: told plainly, and nothing is lost."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from syncline.testing.postgres import PostgresCluster
from tests.scenario.kept import Kept

ROOM = "24m"


@pytest.fixture
def own_server(postgres_cluster: PostgresCluster) -> Iterator[PostgresCluster]:
    """A PostgreSQL server that may be taken away: nobody else works on it."""
    with PostgresCluster(postgres_cluster.binaries) as cluster:
        yield cluster


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with little room, for those who may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "syncline-test", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("no disk of its own may be mounted here (that takes root)")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_another_process_holds_is_waited_for_and_then_told(kept: Kept, tmp_path: Path) -> None:
    kept.fill()
    kept.rests()
    title = kept.edit()
    impatient = kept.within(f"{kept.pair.database}?timeout=1")
    with _held(kept):
        for command in ("run", "plan"):
            error = impatient.ask(command).error
            assert error["code"] == "store-locked"
            assert "shell" in error["cure"]
    with _held(kept):
        patient = kept.start(tmp_path, "run")
        assert patient.stays(2)
    assert patient.end().code == 0
    kept.carries_over_once(title)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_is_held_just_when_an_answer_is_to_be_noted(kept: Kept, tmp_path: Path) -> None:
    kept.fill()
    kept.rests()
    title = kept.edit()
    process = kept.within(f"{kept.pair.database}?timeout=1").held_at_the_write(tmp_path)
    with _held(kept):
        ended = process.end()
        assert (ended.code, ended.error["code"]) == (1, "store-locked"), ended
    kept.within(kept.pair.database).carries_over_once(title)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_disk_that_is_full_before_and_in_a_run(kept: Kept, small_disk: Path, tmp_path: Path) -> None:
    there = kept.within(f"sqlite:///{small_disk}/store.sqlite3")
    there.fill()
    there.rests()
    title = there.edit()
    filler = small_disk / "filler"
    _fill(filler)
    error = there.ask("run").error
    assert error["code"] == "store-full", error
    assert "room" in error["cure"]
    filler.unlink()

    process = there.held_at_the_write(tmp_path)
    _fill(filler)
    ended = process.end()
    assert (ended.code, ended.error["code"]) == (1, "store-full"), ended
    filler.unlink()
    there.carries_over_once(title)
    # What was said of it is no longer than it needs to be, and no table was damaged.
    with closing(sqlite3.connect(small_disk / "store.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_server_that_is_started_again_in_a_run(
    kept: Kept, own_server: PostgresCluster, tmp_path: Path
) -> None:
    there = kept.within(own_server.url("kept"))
    there.fill()
    there.rests()
    title = there.edit()
    process = there.held_at_the_write(tmp_path)
    own_server.halt()
    ended = process.end()
    assert (ended.code, ended.error["code"]) == (1, "store-away"), ended
    assert there.ask("run").error["code"] == "store-away"
    own_server.resume()
    there.carries_over_once(title)


@contextmanager
def _held(kept: Kept) -> Iterator[None]:
    """Another process holds the file, as a shell does that began to write and forgot to end."""
    file = kept.pair.database.removeprefix("sqlite:///").partition("?")[0]
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.rollback()


def _fill(file: Path) -> None:
    """Take all the room there is."""
    with file.open("wb", buffering=0) as stream:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while stream.write(b"\0" * size):
                    pass
            except OSError:
                continue
