"""Schedules that were not kept: one run catches up after a downtime, and a system that was away is waited for."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from syncline.service.jobs.port import JobState, JobStatus, Urgency
from syncline.store import alerts, schedules
from tests.scenario.at_work import GOING, AtWork
from tests.scenario.kept import Kept, keep
from tests.scenario.pair import SyncProcess
from tests.unit.scheduling import EVERY, parts

DOWNTIME = timedelta(hours=3)
SLOT = timedelta(minutes=10)
TRIES = 4
WINDOW = timedelta(minutes=42)
LEFT = {part for part in EVERY if part.startswith("left")}


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Two systems that agree; the time stands still, and a test moves it."""
    schedule = {"push": "10m", "pull": "30m", "settle": "0s"}
    with keep(tmp_path_factory.mktemp("settled"), schedule=schedule) as kept:
        kept.pair.sandboxes["apollo"].control("POST", "/clock", {"frozen": True})
        yield kept


@pytest.fixture
def timed(
    settled: Kept, database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Kept:
    """The same over a database of each kind, by the clock of a stand-in."""
    url = settled.pair.sandboxes["apollo"].control_url + "/clock"
    there = settled.on(database, capsys, monkeypatch)
    there = there.within(database, SYNCLINE_CLOCK_URL=url, SYNCLINE_TESTING="1")
    there.fill()
    return there


@pytest.mark.proves("P1", "E2", "E5", "C6")
def test_a_downtime_is_made_up_for_once_and_a_system_that_was_away_is_waited_for(
    timed: Kept, tmp_path: Path
) -> None:
    """One story, since each process that works by itself takes a while to start."""
    with AtWork.on(timed.pair) as work:
        with timed.working(tmp_path) as process:
            carried_out(work, process, 1)
        pass_time(timed, DOWNTIME)
        title = timed.edit()
        with timed.working(tmp_path) as process:
            caught_up_once(timed, work, process)
            assert timed.shows(title)
            outlived(timed, work, process)
            title = resumed_when_the_window_opens(timed, work, process)
            timed.agrees()
    timed.carries_over_once(title)


def caught_up_once(timed: Kept, work: AtWork, process: SyncProcess) -> None:
    """Three hours were missed: that is one run of everything. The next slots are as far apart as ever."""
    carried_out(work, process, 2)
    for number in (3, 4, 5):
        pass_time(timed, SLOT)
        carried_out(work, process, number)
    first, *rest = begun(work)
    assert first.state is JobState.DONE
    assert [parts(each.job) for each in rest] == [EVERY, LEFT, LEFT, EVERY]


def outlived(timed: Kept, work: AtWork, process: SyncProcess) -> None:
    """A system stops. It is left alone for longer and longer, and all is well when it is there again.

    Somebody is told when that has gone on for a while, and when it is over.
    """
    errors, before = len(timed.ask("errors").json["errors"]), len(begun(work))
    title, stopped_at = timed.edit(), now(timed)
    timed.pair.sandboxes["salesforce"].stop()
    pass_time(timed, SLOT, "apollo")
    waits = [next_try(timed, process, number) for number in range(1, TRIES)]
    last = waiting(timed, process, TRIES)
    waits.append(last - now(timed))
    needs_a_person(timed, process, "sync-failing")
    timed.pair.start("salesforce")
    pass_time(timed, now(timed) - stopped_at, "salesforce")
    pass_time(timed, last - now(timed))
    waiting(timed, process, 0)
    needs_a_person(timed, process)
    assert timed.shows(title)
    assert waits[0] >= timedelta(minutes=1)
    assert all(later > 2 * earlier for earlier, later in pairwise(waits)), waits
    assert len(begun(work)) - before == TRIES + 1
    assert timed.ask("status").json["newest_run"]["status"] == "done"
    assert len(timed.ask("errors").json["errors"]) == errors


def resumed_when_the_window_opens(timed: Kept, work: AtWork, process: SyncProcess) -> str:
    """A quota is used up: nothing is asked before the time that the system named, and then the work goes on."""
    title, before = timed.edit(), len(begun(work))
    timed.pair.fault(
        "apollo",
        kind="status",
        path="/contacts/search",
        status=429,
        headers={"Retry-After": str(int(WINDOW.total_seconds()))},
        count=1,
    )
    pass_time(timed, 3 * SLOT)
    opens = waiting(timed, process, 1)
    assert timedelta(0) <= opens - now(timed) - WINDOW < timedelta(minutes=1)
    pass_time(timed, WINDOW - timedelta(seconds=1))
    process.stays(2.5)
    assert len(begun(work)) - before == 1
    pass_time(timed, opens - now(timed))
    waiting(timed, process, 0)
    assert timed.shows(title)
    return title


def next_try(timed: Kept, process: SyncProcess, number: int) -> timedelta:
    """Wait until so many tries were in vain, and let the time come for the next one; how long that is."""
    wait = waiting(timed, process, number) - now(timed)
    pass_time(timed, wait, "apollo")
    return wait


def waiting(timed: Kept, process: SyncProcess, tries: int) -> datetime:
    """Wait until so many tries were in vain; when the next one comes, or the present where none was."""
    with timed.pair.store():
        assert process.until(lambda: schedules.state_of("crm").tries == tries), process.said()
        return schedules.state_of("crm").until or now(timed)


def needs_a_person(timed: Kept, process: SyncProcess, *conditions: str) -> None:
    """Wait until just these alerts stand."""
    with timed.pair.store():
        came = process.until(lambda: [each.condition for each in alerts.standing()] == [*conditions])
        assert came, alerts.standing()


def begun(work: AtWork) -> list[JobStatus]:
    """The jobs that came of the schedule, the oldest first."""
    return [each for each in reversed(work.jobs.status()) if each.job.urgency >= Urgency.SCHEDULE]


def carried_out(work: AtWork, process: SyncProcess, number: int) -> None:
    """Wait until so many of them are over."""

    def came() -> bool:
        jobs = begun(work)
        return len(jobs) >= number and all(job.state not in GOING for job in jobs)

    assert process.until(came), process.said()


def now(timed: Kept) -> datetime:
    shown = timed.pair.sandboxes["apollo"].control("GET", "/clock")
    return datetime.fromisoformat(shown["now"])


def pass_time(timed: Kept, time: timedelta, *systems: str) -> None:
    """Some time goes by for these systems, or for all of them; for Syncline if Apollo is one of them."""
    for system in systems or timed.pair.systems:
        timed.pair.sandboxes[system].control("POST", "/clock", {"advance": time.total_seconds()})
