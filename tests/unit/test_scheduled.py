"""What schedules begin: one job of a sync for all that is due, and what becomes of the next one."""

from datetime import timedelta

import pytest

from syncline.core.model import Kind, Side
from syncline.service.jobs import scheduled
from syncline.service.jobs.port import Job, Urgency
from syncline.service.retry import after_sign_in
from syncline.store import beginnings, leases, runs, schedules
from syncline.store.models import Run
from tests.unit.scheduling import DONE, EVERY, HOUR, SYNC, Office, failed, parts


@pytest.mark.proves("P1")
def test_the_first_run_reads_everything_after_all_that_is_more_urgent(office: Office) -> None:
    assert office.tick() == 1
    (job,) = office.waiting
    assert (job.work, job.urgency, parts(job)) == ("run", Urgency.BACKFILL, EVERY)


@pytest.mark.proves("U1", "P1")
def test_each_side_of_each_kind_comes_in_its_own_time(daily: Office) -> None:
    assert daily.tick(59) == 0
    assert daily.tick(1) == 1
    assert parts(daily.carry_out()) == {"left person"}
    daily.tick(4 * 60)
    assert parts(daily.carry_out()) == {"left person", "left deal"}
    daily.tick(25 * 60)
    job = daily.carry_out()
    assert (parts(job), job.urgency) == (EVERY, Urgency.SCHEDULE)


def test_a_job_is_one_however_often_it_is_asked_for_and_takes_along_what_became_due(daily: Office) -> None:
    daily.tick(60)
    for _ in range(4):
        assert daily.tick(60) == 0
    assert parts(daily.begin()) == {"left person", "left deal"}
    assert daily.tick(60) == 0


@pytest.mark.proves("P1")
def test_after_a_downtime_there_is_one_run(daily: Office) -> None:
    assert daily.tick(3 * HOUR) == 1
    job = daily.carry_out()
    assert parts(job) == EVERY
    assert daily.tick() == daily.tick(1) == 0
    assert {row.missed for row in schedules.parts(SYNC).values()} == {1}


def test_a_slot_that_nobody_began_is_missed_until_somebody_does(daily: Office) -> None:
    daily.clock.advance(60 + 599)
    assert not schedules.missed(daily.clock.now())
    daily.clock.advance(1)
    (missed,) = schedules.missed(daily.clock.now())
    assert (missed.sync, missed.side, missed.kind) == (SYNC, Side.LEFT, Kind.PERSON)
    daily.tick()
    daily.carry_out()
    assert not schedules.missed(daily.clock.now())


def test_what_is_paused_does_not_begin_and_misses_nothing(daily: Office) -> None:
    now = daily.clock.now()
    assert schedules.pause(SYNC, Kind.PERSON, "ada", now)[1]
    again, new = schedules.pause(SYNC, Kind.PERSON, "bob", now)
    assert (again.paused_by, new) == ("ada", False)
    daily.tick(HOUR)
    assert parts(daily.carry_out()) == {p for p in EVERY if "person" not in p}
    schedules.pause(SYNC, None, "ada", daily.clock.now())
    assert daily.tick(HOUR) == 0
    assert not schedules.missed(daily.clock.now())
    assert schedules.pauses(SYNC)[None].paused_by == "ada"
    assert schedules.resume(SYNC, None, daily.clock.now(), timedelta(minutes=10)) == 2
    assert not schedules.missed(daily.clock.now())
    assert daily.tick() == 1
    assert parts(daily.carry_out()) == EVERY


@pytest.mark.proves("C5")
def test_a_quiet_period_is_read_in_and_ends_by_itself_with_a_plan(office: Office) -> None:
    office.said = "    quiet_period: 6h\n"
    beginnings.prepare(SYNC, office.clock.now())
    office.tick()
    job = office.carry_out()
    assert (job.work, parts(job)) == ("read", EVERY)
    office.tick(6 * HOUR - 60)
    assert office.carry_out().work == "read"
    office.tick(60)
    job = office.carry_out()
    assert (job.work, parts(job)) == ("run", EVERY)


@pytest.mark.proves("C5")
def test_a_person_ends_it_sooner(office: Office) -> None:
    office.said = "    quiet_period: 6h\n"
    beginnings.prepare(SYNC, office.clock.now())
    office.tick()
    office.carry_out()
    beginnings.start(SYNC, "ada", office.clock.now())
    office.tick(1)
    assert office.carry_out().work == "run"


@pytest.mark.proves("C5")
def test_a_plan_that_waits_is_made_once_and_reading_goes_on(office: Office) -> None:
    office.tick()
    job = office.begin()
    made = office.plan(needs_approval=[{"brake": "first_run", "reason": "the first"}])
    office.end(job)
    office.tick(60)
    assert office.carry_out().work == "read"
    Run.objects.filter(pk=made.pk).update(approved_by="ada")
    office.tick(60)
    assert office.carry_out().work == "run"


def test_a_plan_of_other_settings_waits_no_longer(daily: Office) -> None:
    daily.plan()
    daily.said = "    locale: {region: DE}\n"
    daily.tick(60)
    assert daily.carry_out().work == "run"


def test_a_first_plan_waits_no_longer_when_none_has_to_be_approved(office: Office) -> None:
    office.plan(needs_approval=[{"brake": "first_run", "reason": "the first"}])
    office.said = "    first_run_needs_approval: false\n"
    beginnings.start(SYNC, "ada", office.clock.now())
    office.tick()
    assert office.carry_out().work == "run"


@pytest.mark.proves("C5")
def test_what_nobody_started_only_reads_where_nothing_has_to_be_approved(office: Office) -> None:
    office.said = "    first_run_needs_approval: false\n"
    for _ in range(2):
        office.tick(60)
        assert office.carry_out().work == "read"
    beginnings.start(SYNC, "ada", office.clock.now())
    office.tick(60)
    job = office.carry_out()
    assert (job.work, parts(job)) == ("run", EVERY)


def test_a_system_that_is_down_is_left_alone_for_longer_and_longer(daily: Office) -> None:
    waits = []
    daily.tick(60)
    for _ in range(7):
        begun = daily.clock.now()
        assert "left person" in parts(daily.carry_out(failed()))
        until = schedules.state_of(SYNC).until
        assert until
        waits.append((until - begun).total_seconds())
        assert daily.tick(waits[-1] - 1) == 0
        assert not schedules.missed(daily.clock.now())
        assert daily.tick(1) == 1
    assert waits == sorted(waits)
    assert 60 <= waits[0] < 80
    assert waits[-1] == HOUR
    daily.carry_out()
    assert schedules.state_of(SYNC).until is None


def test_what_failed_is_due_again_after_the_wait_however_seldom_it_is(daily: Office) -> None:
    daily.said = "    schedule: {pull: '0 6 * * *', push: 6h}\n"
    daily.tick()
    daily.tick(24 * HOUR)
    told = failed(resume_at=(daily.clock.now() + timedelta(minutes=5)).isoformat())
    assert parts(daily.carry_out(told)) == EVERY
    assert daily.tick(299) == 0
    daily.tick(1)
    assert parts(daily.carry_out()) == EVERY


def test_a_wait_ends_when_what_was_in_the_way_is_gone(daily: Office) -> None:
    daily.tick(60)
    daily.carry_out(failed("remote-reconnect"))
    assert schedules.state_of(SYNC).code == "remote-reconnect"
    assert daily.tick(1) == 0
    assert after_sign_in(daily.document, "elsewhere", daily.clock.now()) == 0
    assert after_sign_in(daily.document, "crm", daily.clock.now()) == 1
    assert daily.tick(1) == 1


@pytest.mark.proves("C2")
@pytest.mark.parametrize("code", ["remote-auth", "remote-reconnect"])
def test_who_is_not_let_in_tries_no_more_until_a_person_did_something(daily: Office, code: str) -> None:
    daily.tick(60)
    daily.carry_out({"outcome": "failed", "code": code, "message": "crm does not let us in"})
    state = schedules.state_of(SYNC)
    assert (state.until, state.code, state.why) == (None, code, "crm does not let us in")
    assert [daily.tick(seconds) for seconds in (60, HOUR, 30 * 24 * HOUR)] == [0, 0, 0]
    assert not schedules.missed(daily.clock.now())
    after_sign_in(daily.document, "crm", daily.clock.now())
    assert not schedules.missed(daily.clock.now())
    assert daily.tick() == 1
    assert parts(daily.carry_out()) == EVERY


@pytest.mark.proves("C2")
def test_what_a_person_asked_for_and_was_not_let_in_holds_the_schedule_too(daily: Office) -> None:
    wish = Job("wish-1", SYNC, Urgency.MANUAL, "wish", {"wish": 1})
    scheduled.over(wish, failed(), daily.clock.now())
    assert daily.tick(60) == 1
    daily.carry_out()
    scheduled.over(wish, failed("remote-auth"), daily.clock.now())
    assert daily.tick(HOUR) == 0
    scheduled.over(wish, {"outcome": "stopped"}, daily.clock.now())
    scheduled.over(wish, DONE, daily.clock.now())
    assert daily.tick(HOUR) == 0


def test_a_clock_that_goes_back_lets_nobody_in_who_was_not(daily: Office) -> None:
    daily.tick(60)
    daily.carry_out(failed("remote-auth"))
    daily.clock = type(daily.clock)(daily.clock.now() - timedelta(days=30))
    assert daily.tick() == daily.tick(HOUR) == 0


def test_a_clock_that_goes_back_stops_nothing_for_ever_and_makes_no_storm(daily: Office) -> None:
    daily.tick(60)
    daily.carry_out(failed(resume_at=(daily.clock.now() + timedelta(days=2)).isoformat()))
    daily.clock = type(daily.clock)(daily.clock.now() - timedelta(days=30))
    assert daily.tick() <= 1
    began = [daily.tick(10) and bool(daily.carry_out()) for _ in range(13)]
    assert 1 <= sum(began) <= 3


def test_who_works_on_the_sync_is_left_to_it(daily: Office) -> None:
    leases.take("sync main", "elsewhere:1", daily.clock.now(), doing="a run")
    assert daily.tick(60) == 0


def test_a_job_that_was_lost_comes_again(daily: Office) -> None:
    daily.tick(60)
    (job,) = daily.waiting
    daily.queue.cancel(job.id)
    assert daily.tick(60) == 0
    assert daily.tick(10 * 60) == 1
    daily.begin()
    assert daily.tick(5 * 60) == 0
    daily.queue.states.clear()
    assert daily.tick(5 * 60) == 1
    assert parts(daily.begin()) >= {"left person"}


def test_a_job_that_waits_gets_no_second_one_however_long(daily: Office) -> None:
    daily.tick(60)
    for _ in range(5):
        assert daily.tick(HOUR) == 0
    assert len(daily.waiting) == 1


def test_a_job_that_was_cut_off_begins_again_as_it_was(daily: Office) -> None:
    daily.tick(3 * HOUR)
    (job,) = daily.waiting
    first = daily.begin()
    daily.queue.states[job.id] = type(daily.queue.states[job.id]).WAITING
    daily.clock.advance(5)
    assert parts(daily.begin()) == parts(first) == EVERY


def test_a_second_job_that_comes_too_late_reads_nothing(daily: Office) -> None:
    daily.tick(60)
    (job,) = daily.waiting
    daily.carry_out()
    daily.queue.states[job.id] = type(daily.queue.states[job.id]).WAITING
    assert parts(daily.begin()) == set()


def test_records_that_rest_are_looked_at_when_they_have_rested(daily: Office) -> None:
    schedules.decide_at(SYNC, daily.clock.now() + timedelta(seconds=20))
    assert daily.tick(19) == 0
    assert daily.tick(1) == 1
    assert parts(daily.carry_out()) == set()
    assert daily.tick(1) == 0


def test_a_schedule_that_cannot_be_read_stops_no_other(daily: Office) -> None:
    daily.said = """    schedule: {pull: '0 0 30 2 *'}
  other:
    left: apollo
    right: crm
    preset: apollo-salesforce
"""
    daily.tick(60)
    assert [job.sync for job in daily.waiting] == ["other"]


def test_a_kind_that_is_not_synced_any_more_is_forgotten(daily: Office) -> None:
    daily.said = "    kinds: {deal: {enabled: false}}\n"
    daily.tick(1)
    assert {kind for _, kind in schedules.parts(SYNC)} == {Kind.ACCOUNT, Kind.PERSON}


def test_of_runs_that_found_nothing_the_newest_is_kept(daily: Office) -> None:
    made = [
        daily.plan(status="done", needs_approval=[], results={"created": 0}, marks={"a": 1}) for _ in range(3)
    ]
    assert [runs.forget_idle(row) for row in made] == [False, True, True]
    busy = daily.plan(status="done", needs_approval=[], planned={"create": 1}, marks={"a": 1})
    assert not runs.forget_idle(busy)
    assert not runs.forget_idle(daily.plan(status="done", needs_approval=[], marks={"a": 2}))
    assert list(Run.objects.order_by("pk").values_list("pk", flat=True))[:2] == [made[2].pk, busy.pk]


def test_a_day_of_a_sync_on_both_databases(store: str) -> None:
    office = Office()
    office.ran()
    schedules.pause(SYNC, Kind.DEAL, "ada", office.clock.now())
    office.tick(60)
    office.carry_out(failed())
    until = schedules.state_of(SYNC).until
    assert until
    office.tick((until - office.clock.now()).total_seconds())
    office.carry_out()
    schedules.note_calls(SYNC, {(Side.LEFT, Kind.PERSON): {"POST /search": 3}})
    schedules.note_calls(SYNC, {(Side.LEFT, Kind.PERSON): {"POST /search": 1}})
    assert schedules.parts(SYNC)[Side.LEFT, Kind.PERSON].calls == {"POST /search": 2}
    office.clock.advance(HOUR)
    late = {(each.side, each.kind) for each in schedules.missed(office.clock.now())}
    assert late == {(Side.LEFT, Kind.PERSON), (Side.LEFT, Kind.ACCOUNT)}
    schedules.resume(SYNC, None, office.clock.now(), timedelta(minutes=10))
    office.tick()
    assert parts(office.carry_out()) == EVERY
