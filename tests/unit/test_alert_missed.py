"""A schedule that is not kept is told once, and once more when it is kept again (rule E5)."""

from datetime import timedelta

import pytest

from syncline.core.model import Kind
from syncline.service.alerts.lateness import missed
from syncline.store import leases, schedules
from tests.unit.scheduling import HOUR, SYNC, Office, failed

LATE = timedelta(minutes=10)
RAISED, CLEARED = [("main", "schedule-missed", True)], [("main", "schedule-missed", False)]


def trouble(office: Office) -> str | None:
    (state,) = missed(office.document, office.clock.now())
    return state.trouble


@pytest.mark.proves("E5")
def test_what_does_not_begin_in_time_is_told_once_and_again_when_it_begins(daily: Office) -> None:
    daily.clock.advance(60 + LATE.total_seconds() - 1)
    assert daily.looked() == []
    daily.clock.advance(1)
    assert daily.looked() == RAISED
    assert trouble(daily) == "Due since 2026-03-02 12:01 UTC and not begun: reading person of apollo."
    daily.clock.advance(HOUR)
    assert daily.looked() == []
    daily.tick()
    assert daily.looked() == [], "a job that only waits has not begun"
    job = daily.begin()
    assert daily.looked() == CLEARED
    daily.end(job)
    assert daily.looked() == []


@pytest.mark.proves("E5")
def test_what_a_person_pauses_is_not_missed(daily: Office) -> None:
    daily.clock.advance(3 * HOUR)
    assert daily.looked() == RAISED
    for kind in (Kind.PERSON, Kind.ACCOUNT):
        schedules.pause(SYNC, kind, "ada", daily.clock.now())
    assert daily.looked() == []
    assert "deal of apollo, deal of crm" in (trouble(daily) or "")
    schedules.pause(SYNC, None, "ada", daily.clock.now())
    assert daily.looked() == CLEARED
    schedules.resume(SYNC, None, daily.clock.now(), LATE)
    assert daily.looked() == [], "who resumes has to wait a while before it is late again"
    daily.clock.advance(LATE.total_seconds())
    assert daily.looked() == RAISED


@pytest.mark.proves("E5")
def test_a_sync_that_waits_for_a_system_has_missed_nothing(daily: Office) -> None:
    daily.tick(60)
    for _ in range(6):
        daily.carry_out(failed())
        until = schedules.state_of(SYNC).until
        assert until is not None
        assert daily.tick((until - daily.clock.now()).total_seconds()) == 1
        assert trouble(daily) == ""


@pytest.mark.proves("E5")
def test_while_somebody_works_on_the_sync_nothing_new_is_told(daily: Office) -> None:
    daily.clock.advance(3 * HOUR)
    now = daily.clock.now()
    assert leases.take(f"sync {SYNC}", "elsewhere:1", now, doing="a run")
    assert (daily.looked(), trouble(daily)) == ([], None)
    leases.release(f"sync {SYNC}", "elsewhere:1", now)
    assert daily.looked() == RAISED
    assert leases.take(f"sync {SYNC}", "elsewhere:1", now, doing="a run")
    assert daily.looked() == [], "nor is it taken back: what is due has not begun"


def test_of_several_syncs_the_one_that_is_late_is_named(daily: Office) -> None:
    daily.said = """  other:
    left: crm
    right: apollo
    preset: apollo-salesforce
    schedule: {push: 1d, pull: 1d}
"""
    daily.tick(60)
    daily.clock.advance(2 * HOUR)
    late = {state.subject.name: state.trouble for state in missed(daily.document, daily.clock.now())}
    assert late["main"]
    assert late["other"] == "", "read once a day, it is late after two days"
