"""The clock of Syncline's machine is put back, between runs and in one: nothing is stuck, lost or doubled."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncline.store.access_tables import Lease
from syncline.store.leases import DURATION
from tests.scenario.kept import Kept
from tests.scenario.own_clock import OwnClock, own_clock
from tests.scenario.pair import writes

BACK = timedelta(hours=3).total_seconds()


@pytest.fixture
def clock() -> Iterator[OwnClock]:
    """A clock that is right, until somebody puts it wrong."""
    with own_clock() as made:
        yield made


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_clock_that_goes_back_between_runs_and_in_one(kept: Kept, clock: OwnClock, tmp_path: Path) -> None:
    there = kept.within(kept.pair.database, **clock.environ)
    there.fill()
    there.rests()
    clock.ahead = -BACK
    before = there.pair.requests()
    assert there.ask("run").json["status"] == "done"
    assert writes(before, there.pair.requests()) == {}
    there.carries_over_once(there.edit())

    clock.ahead = 0.0
    title = there.edit()
    process = there.held_at_the_write(tmp_path)
    clock.ahead = -BACK
    assert process.end().code == 0
    there.carries_over_once(title)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_claim_of_another_machine_from_a_later_time_holds_nobody_up(kept: Kept, clock: OwnClock) -> None:
    """Its process died, and by the clock that was put back its claim would last for hours."""
    there = kept.within(kept.pair.database, **clock.environ)
    there.fill()
    assert there.ask("run").code == 0
    with there.pair.store():
        later = datetime.now(UTC) + timedelta(hours=3)
        Lease.objects.filter(name="sync crm").update(holder="elsewhere:1", until=later)
    said = there.ask("run")
    assert said.code == 0, said
    with there.pair.store():
        soon = datetime.now(UTC) + DURATION
        Lease.objects.filter(name="sync crm").update(holder="elsewhere:1", until=soon)
    assert there.ask("run").error["code"] == "plan-busy"
