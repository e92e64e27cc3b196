"""The clock of the machine is put back while `serve` works: it goes on at its pace, neither stuck nor in a rush."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncline.store import schedules
from tests.scenario.kept import Kept
from tests.scenario.own_clock import OwnClock, own_clock
from tests.scenario.pair import SyncProcess

BACK = timedelta(hours=3).total_seconds()
EVERY = 2
SCHEDULE = {"push": f"{EVERY}s", "pull": "1h", "settle": "0s", "kinds": {"account": {"push": "1h"}}}


@pytest.fixture
def clock() -> Iterator[OwnClock]:
    with own_clock() as clock:
        yield clock


@pytest.fixture
def often(kept: Kept, clock: OwnClock) -> Iterator[Kept]:
    """Two systems that agree, the left of which is read every two seconds by that clock."""
    there = kept.within(kept.pair.database, **clock.environ)
    there.fill()
    document = there.pair.settings()
    document["syncs"]["crm"]["schedule"] = SCHEDULE
    there.pair.write_settings(document)
    there.rests()
    yield there
    there.pair.write_settings()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_clock_that_goes_back_neither_stops_serve_nor_hurries_it(
    often: Kept, clock: OwnClock, tmp_path: Path
) -> None:
    with often.working(tmp_path) as process:
        _arrives(often, process)
        clock.ahead = -BACK
        since, before = time.monotonic(), _begun(often)
        _arrives(often, process)  # perhaps by a run that had begun before
        title = _arrives(often, process)
        most = (time.monotonic() - since) / EVERY + 2
        assert 1 <= _begun(often) - before <= most, "a storm of runs"
    often.carries_over_once(title)


def _arrives(kept: Kept, process: SyncProcess) -> str:
    """Somebody's title is edited, and arrives because of the schedule alone."""
    title = kept.edit()
    assert process.until(lambda: kept.shows(title)), process.said()
    return title


def _begun(kept: Kept) -> int:
    """How many runs the schedule has begun."""
    with kept.pair.store():
        return schedules.state_of("crm").begun
