"""A sync that comes to nothing again and again is told once, and so is what keeps it from beginning (rule E5)."""

from datetime import timedelta

import pytest

from syncline.store import schedules
from syncline.store.alert_tables import Alert
from tests.unit.scheduling import HOUR, SYNC, Office, failed


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
    assert daily.looked() == []
    tried(daily, code)
    assert daily.looked() == [("main", "sync-failing", True)]
    alert = Alert.objects.get()
    assert alert.text == f"4 tries in a row came to nothing ({code}); the sync waits between them."
    assert "syncline status --sync main" in alert.cure
    tried(daily, code)
    assert daily.looked() == []
    daily.tick(2 * HOUR)
    daily.carry_out()
    assert daily.looked() == [("main", "sync-failing", False)]


@pytest.mark.proves("E5")
def test_nobody_expects_a_paused_sync_to_go_through(daily: Office) -> None:
    tried(daily, *["remote-unavailable"] * 4)
    assert daily.looked() == [("main", "sync-failing", True)]
    schedules.pause(SYNC, None, "ada", daily.clock.now())
    assert daily.looked() == [("main", "sync-failing", False)]


@pytest.mark.proves("E5", "C2")
def test_who_is_not_let_in_before_a_run_begins_is_told_until_somebody_mended_it(daily: Office) -> None:
    daily.tick(HOUR)
    daily.carry_out(failed("remote-auth", outcome="failed", connection="crm"))
    assert daily.looked() == [("crm", "reconnect-needed", True)]
    daily.tick(HOUR)
    assert daily.looked() == []
    schedules.release([SYNC], daily.clock.now(), timedelta(minutes=10))
    assert daily.looked() == [("crm", "reconnect-needed", False)]


@pytest.mark.proves("E5", "C6")
def test_calls_that_are_used_up_before_a_run_begins_are_told_and_nothing_else(daily: Office) -> None:
    tried_in_vain = failed("remote-quota", connection="crm")
    for number in range(5):
        daily.tick(2 * HOUR)
        daily.carry_out(tried_in_vain)
        assert daily.looked() == ([("crm", "budget-spent", True)] if number == 0 else [])
    daily.tick(2 * HOUR)
    daily.carry_out()
    assert daily.looked() == [("crm", "budget-spent", False)]
