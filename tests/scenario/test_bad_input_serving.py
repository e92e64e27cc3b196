"""What works by itself goes on by itself: its database is held, full, restarted; nothing is lost or done twice."""

import re
from pathlib import Path

import pytest

from syncline.testing.postgres import PostgresCluster
from tests.scenario.disk import fill, held
from tests.scenario.kept import Kept
from tests.scenario.pair import SyncProcess

TROUBLE = re.compile("a round of the worker failed|job comes again later|cannot be (read|used)")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_serve_outlives_a_file_that_is_held_and_a_disk_that_is_full(
    kept: Kept, small_disk: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{small_disk}/store.sqlite3"
    there = kept.within(url)
    there.fill()
    there.rests()
    with kept.within(f"{url}?timeout=1").working(tmp_path) as process:
        _arrives(there, process)
        with held(small_disk / "store.sqlite3"):
            assert process.until(lambda: _said(process) > 0)
        _arrives(there, process)
        before = _said(process)
        with fill(small_disk / "filler"):
            assert process.until(lambda: _said(process) > before)
        title = _arrives(there, process)
    there.carries_over_once(title)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_worker_outlives_a_server_that_is_started_again(
    kept: Kept, own_server: PostgresCluster, tmp_path: Path
) -> None:
    there = kept.within(own_server.url("kept"))
    there.fill()
    there.rests()
    with there.working(tmp_path) as process:
        _arrives(there, process)
        own_server.halt()
        assert process.until(lambda: _said(process) > 0)
        own_server.resume()
        title = _arrives(there, process)
    there.carries_over_once(title)


def _arrives(kept: Kept, process: SyncProcess) -> str:
    """Somebody's title is edited and nudged; it arrives, by whoever works."""
    contact = kept.somebody()[1]
    title = kept.edit()
    assert kept.ask("nudge", "apollo", f"contact/{contact}").code == 0
    assert process.until(lambda: kept.shows(title)), process.end()
    return title


def _said(process: SyncProcess) -> int:
    """How often it told of trouble."""
    return len(TROUBLE.findall(process.said()))
