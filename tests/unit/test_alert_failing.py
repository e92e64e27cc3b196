"""A sync that comes to nothing again and again is told once, and so is what keeps it from beginning (rule E5)."""

from datetime import timedelta

import pytest

from syncline.service.alerts.watch import look, note
from syncline.store import schedules
from syncline.store.alert_tables import Alert
from tests.property.world import empty_store
from tests.unit.scheduling import HOUR, SYNC, Office, failed


@pytest.fixture
def daily(opened: None) -> Office:
    """A sync whose first run is done."""
    empty_store()
    office = Office()
    office.ran()
    return office


def looked(office: Office) -> list[tuple[str, str, bool]]:
    """Look once; what changed."""
    now = office.clock.now()
    made = note(office.document, look(office.document, now), now)
    return [(alert.name, alert.condition, alert.raised) for alert in made]


def tried(office: Office, *codes: str) -> None:
    """So many tries in vain, each as soon as the one before allows it."""
    for code in codes:
        office.tick(2 * HOUR)
        office.carry_out(failed(code))


@pytest.mark.proves("E5")
@pytest.mark.parametrize(
    "code", ["remote-unavailable", "protocol", "remote-access", "config-mapping", "internal"]
)
def test_a_sync_that_comes_to_nothing_four_times_is_told_until_it_goes_through(
    daily: Office, code: str
) -> None:
    tried(daily, code, "internal", code)
    assert looked(daily) == []
    tried(daily, code)
    assert looked(daily) == [("main", "sync-failing", True)]
    alert = Alert.objects.get()
    assert alert.text == f"4 tries in a row came to nothing ({code}); the sync waits between them."
    assert "syncline status --sync main" in alert.cure
    tried(daily, code)
    assert looked(daily) == []
    daily.tick(2 * HOUR)
    daily.carry_out()
    assert looked(daily) == [("main", "sync-failing", False)]


@pytest.mark.proves("E5")
def test_nobody_expects_a_paused_sync_to_go_through(daily: Office) -> None:
    tried(daily, *["remote-unavailable"] * 4)
    assert looked(daily) == [("main", "sync-failing", True)]
    schedules.pause(SYNC, None, "ada", daily.clock.now())
    assert looked(daily) == [("main", "sync-failing", False)]


@pytest.mark.proves("E5", "C2")
def test_who_is_not_let_in_before_a_run_begins_is_told_until_somebody_mended_it(daily: Office) -> None:
    daily.tick(HOUR)
    daily.carry_out(failed("remote-auth", outcome="failed", connection="crm"))
    assert looked(daily) == [("crm", "reconnect-needed", True)]
    daily.tick(HOUR)
    assert looked(daily) == []
    schedules.release([SYNC], daily.clock.now(), timedelta(minutes=10))
    assert looked(daily) == [("crm", "reconnect-needed", False)]


@pytest.mark.proves("E5", "C6")
def test_calls_that_are_used_up_before_a_run_begins_are_told_and_nothing_else(daily: Office) -> None:
    tried_in_vain = failed("remote-quota", connection="crm")
    for number in range(5):
        daily.tick(2 * HOUR)
        daily.carry_out(tried_in_vain)
        assert looked(daily) == ([("crm", "budget-spent", True)] if number == 0 else [])
    daily.tick(2 * HOUR)
    daily.carry_out()
    assert looked(daily) == [("crm", "budget-spent", False)]
