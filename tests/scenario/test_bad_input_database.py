"""A database that others hold, that has no room, or that goes away in mid-run: told plainly, and nothing is lost."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from syncline.testing.postgres import PostgresCluster
from tests.scenario.disk import fill, held
from tests.scenario.kept import Kept


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_another_process_holds_is_waited_for_and_then_told(kept: Kept, tmp_path: Path) -> None:
    kept.fill()
    kept.rests()
    title = kept.edit()
    impatient = kept.within(f"{kept.pair.database}?timeout=1")
    with held(_file(kept)):
        for command in ("run", "plan"):
            error = impatient.ask(command).error
            assert error["code"] == "store-locked"
            assert "shell" in error["cure"]
    with held(_file(kept)):
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
    with held(_file(kept)):
        ended = process.end()
        assert (ended.code, ended.error["code"]) == (1, "store-locked"), ended
    kept.within(kept.pair.database).carries_over_once(title)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_disk_that_is_full_before_and_in_a_run(kept: Kept, small_disk: Path, tmp_path: Path) -> None:
    there = kept.within(f"sqlite:///{small_disk}/store.sqlite3")
    there.fill()
    there.rests()
    title = there.edit()
    with fill(small_disk / "filler"):
        error = there.ask("run").error
        assert error["code"] == "store-full", error
        assert "room" in error["cure"]
    process = there.held_at_the_write(tmp_path)
    with fill(small_disk / "filler"):
        ended = process.end()
        assert (ended.code, ended.error["code"]) == (1, "store-full"), ended
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


def _file(kept: Kept) -> Path:
    return Path(kept.pair.database.removeprefix("sqlite:///"))
