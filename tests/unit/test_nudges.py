"""Nudges are coalesced per record, wait to settle and not for ever, are bounded, and become jobs (U1)."""

from datetime import timedelta
from typing import Any

import pytest

from syncline.config import Document
from syncline.core.errors import NudgesFullError, RecordError, UnknownNameError
from syncline.core.model import Ref, Side
from syncline.service import nudges as taking
from syncline.service.jobs.port import Job, Urgency
from syncline.service.jobs.works import work
from syncline.service.nudging import carry, due
from syncline.service.tick import SOURCES
from syncline.store import nudges
from syncline.store.nudge_tables import Nudge
from syncline.store.nudges import NewNudge, NudgeTiming
from syncline.testing.clock import ManualClock
from tests.unit.nudged import two_syncs, waiting

MINUTE = timedelta(minutes=1)
ADA, BOB = "contact/1", "contact/2"


def note(document: Document, clock: ManualClock, *names: str, **how: Any) -> taking.Noted:
    return taking.note(document, "apollo", names, by="a test", now=clock.now(), **how)


def in_seconds(clock: ManualClock) -> list[float]:
    """In how many seconds each nudge is due."""
    return [(row.due_at - clock.now()).total_seconds() for row in waiting()]


def jobs(document: Document, clock: ManualClock) -> list[Job]:
    return list(due(document, clock.now()))


@pytest.mark.proves("U1")
def test_a_record_nudged_often_waits_once(store: str) -> None:
    document, clock = two_syncs(), ManualClock()
    assert note(document, clock, ADA, ADA, f" {BOB} ") == taking.Noted(2, 0, ["crm"])
    clock.advance(10)
    assert note(document, clock, ADA) == taking.Noted(1, 1, ["crm"])
    assert [(row.remote_id, row.times) for row in waiting()] == [("1", 2), ("2", 1)]


@pytest.mark.proves("U1")
def test_a_nudge_goes_to_every_sync_that_works_on_its_object_type(store: str) -> None:
    document, clock = two_syncs(), ManualClock()
    assert note(document, clock, "account/9", ADA).syncs == ["crm", "firms"]
    found = Nudge.objects.order_by("sync", "object_type").values_list("sync", "object_type")
    assert list(found) == [("crm", "account"), ("crm", "contact"), ("firms", "account")]


@pytest.mark.proves("U1")
def test_it_settles_and_a_record_nudged_again_and_again_still_goes(store: str) -> None:
    document, clock = two_syncs(settle="30s", at_most="1m"), ManualClock()
    note(document, clock, ADA)
    assert in_seconds(clock) == [30]
    assert not jobs(document, clock)
    for expected in (30, 20, 0):
        clock.advance(20)
        note(document, clock, ADA)
        assert in_seconds(clock) == [expected]
    assert len(jobs(document, clock)) == 1


@pytest.mark.proves("U1")
def test_a_person_does_not_wait(store: str) -> None:
    document, clock = two_syncs(settle="30s"), ManualClock()
    note(document, clock, ADA, at_once=True)
    assert in_seconds(clock) == [0]


@pytest.mark.proves("U1")
def test_more_than_may_wait_are_refused_and_nothing_of_the_call_is_noted(store: str) -> None:
    document, clock = two_syncs(most=2), ManualClock()
    note(document, clock, ADA, "account/1")
    with pytest.raises(NudgesFullError, match="2 nudged records of apollo wait already") as refused:
        note(document, clock, ADA, "account/2")
    assert refused.value.code == "plan-nudges"
    assert [row.times for row in waiting()] == [1, 1, 1]
    assert note(document, clock, ADA).again == 1


@pytest.mark.parametrize(
    "name",
    ["", "contact", "/1", "contact/", "contact/\x00", "contact/1\n2", "contact/" + "1" * 256, "\u202e/1"],
)
def test_what_names_no_record_is_refused(name: str, store: str) -> None:
    with pytest.raises(RecordError):
        note(two_syncs(), ManualClock(), ADA, name)
    assert not waiting()


@pytest.mark.parametrize("name", ["Contact/1", "user/1", "'; DROP TABLE store_nudge; --/1", "é" * 90 + "/1"])
def test_an_object_type_that_no_sync_works_on_is_refused(name: str, store: str) -> None:
    with pytest.raises(UnknownNameError, match="No sync works on"):
        note(two_syncs(), ManualClock(), ADA, name)
    assert not waiting()


def test_an_unknown_connection_is_refused_with_those_there_are(store: str) -> None:
    with pytest.raises(UnknownNameError, match="apollo, first, second"):
        taking.note(two_syncs(), "hubspot", [ADA], by="a test", now=ManualClock().now())


@pytest.mark.proves("U1")
def test_due_nudges_of_a_sync_are_one_job_until_it_begins(store: str) -> None:
    document, clock = two_syncs(), ManualClock()
    note(document, clock, ADA, "account/9")
    first = jobs(document, clock)
    assert [(job.sync, job.urgency, job.work) for job in first] == [
        ("crm", Urgency.REALTIME, "nudge"),
        ("firms", Urgency.REALTIME, "nudge"),
    ]
    assert len({job.id for job in first}) == 2
    clock.advance(1)
    note(document, clock, BOB)
    assert jobs(document, clock) == first
    nudges.take("crm", clock.now())
    assert [job.sync for job in jobs(document, clock)] == ["firms"]
    note(document, clock, ADA)
    (again, _) = jobs(document, clock)
    assert again.sync == "crm"
    assert again.id not in {job.id for job in first}


def test_a_job_that_was_lost_is_queued_again_after_a_while_and_not_before(store: str) -> None:
    document, clock = two_syncs(), ManualClock()
    note(document, clock, ADA)
    (first,) = jobs(document, clock)
    nudges.take("crm", clock.now())
    clock.advance(nudges.ABANDONED.total_seconds() - 1)
    assert not jobs(document, clock)
    clock.advance(2)
    (second,) = jobs(document, clock)
    assert second.id != first.id
    nudges.take("crm", clock.now())
    clock.advance(-3600)
    assert not jobs(document, clock)
    clock.advance(7200)
    assert len(jobs(document, clock)) == 1


def test_a_sync_that_is_no_more_has_no_jobs(store: str) -> None:
    document, clock = two_syncs(), ManualClock()
    note(document, clock, ADA)
    gone = document.model_copy(update={"syncs": {}})
    assert not jobs(gone, clock)


def test_what_was_nudged_anew_is_neither_forgotten_nor_put_off(store: str) -> None:
    document, clock = two_syncs(), ManualClock()
    note(document, clock, ADA, BOB, "contact/3")
    ada, bob, third = nudges.take("crm", clock.now())
    note(document, clock, ADA, BOB)
    nudges.done([ada, third])
    nudges.put_off([bob], clock.now() + MINUTE, "not now", tries=1)
    assert [(row.remote_id, row.times, row.attempts) for row in waiting()] == [("1", 2, 0), ("2", 2, 0)]
    assert in_seconds(clock) == [0, 0]


def test_ten_thousand_are_noted_in_few_statements(store: str, django_queries: Any) -> None:
    timing = NudgeTiming(timedelta(0), 5 * MINUTE, 10_000)
    many = NewNudge("crm", Side.LEFT, "apollo", [Ref("contact", str(n)) for n in range(10_000)], "a test")
    with django_queries() as asked:
        nudges.note([many], timing, ManualClock().now())
    assert len(asked) < 100
    assert nudges.waiting("crm") == 10_000


def test_the_job_is_known_to_workers_and_to_the_tick() -> None:
    assert work("nudge") is carry
    assert due in SOURCES
