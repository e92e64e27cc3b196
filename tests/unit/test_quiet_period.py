"""After connecting nothing is written until a person starts the sync, or a set time is over (C5)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncline.core.errors import BusyError, QuietPeriodError
from syncline.core.model import Side
from syncline.engine.quiet import may_write, spelt
from syncline.store import beginnings, leases
from syncline.store.models import MirrorRecord, SyncState
from tests.property.world import World

PERSON = {"first": "Ada", "last": "Byron", "email": "ada@example.com"}


def quiet(world: World, period: timedelta | None = timedelta(hours=6)) -> None:
    world.settings = replace(world.settings, quiet_period=period)
    world.left.put("person", PERSON)


@pytest.mark.proves("C5")
def test_a_run_is_refused_with_the_time_that_remains_and_writes_nothing(world: World) -> None:
    quiet(world)
    world.plan()
    world.time.advance(120)
    with pytest.raises(QuietPeriodError) as refused:
        world.run()
    assert "another 5 h 57 min" in refused.value.message
    assert "syncline start" in refused.value.cure
    assert "syncline plan" in refused.value.cure
    assert not world.right.all("person")


@pytest.mark.proves("C5")
def test_a_plan_reads_and_shows_in_the_quiet_period_and_settings_may_change(world: World) -> None:
    quiet(world)
    made = world.plan()
    assert made.planned["create"] == 1
    assert MirrorRecord.objects.filter(object_type="person").count() == 1
    world.settings = replace(world.settings, settings_hash="another", quiet_period=timedelta(hours=1))
    assert world.plan().planned["create"] == 1
    with pytest.raises(QuietPeriodError, match=r"another 59 min"):
        world.run()


@pytest.mark.proves("C5")
def test_it_is_over_by_the_clock_to_the_second(world: World) -> None:
    quiet(world)
    world.plan()
    prepared = beginnings.of("main").prepared_at
    assert prepared is not None
    end = prepared + timedelta(hours=6)
    world.time.advance((end - world.time.now()).total_seconds() - 2)
    with pytest.raises(QuietPeriodError, match="another 1 s"):
        world.run()
    world.run()
    assert len(world.right.all("person")) == 1
    assert beginnings.of("main").started


@pytest.mark.proves("C5")
def test_a_person_ends_it_sooner_and_is_remembered(world: World) -> None:
    quiet(world)
    world.plan()
    now = world.time.now()
    assert beginnings.start("main", "ada", now)
    assert not beginnings.start("main", "bob", now + timedelta(hours=1))
    known = beginnings.of("main")
    assert (known.started_at, known.started_by) == (now, "ada")
    world.run()
    assert len(world.right.all("person")) == 1


@pytest.mark.proves("C5")
def test_without_a_period_the_first_approved_run_starts_the_sync(world: World) -> None:
    quiet(world, None)
    world.settings = replace(world.settings, first_run_needs_approval=True)
    assert world.run().status == "planned"
    assert not beginnings.of("main").started
    with pytest.raises(QuietPeriodError, match="nobody has started it"):
        may_write(world.context(), "push")
    world.run(approved_by="ada")
    assert beginnings.of("main").started_by == "ada"
    may_write(world.context(), "push")


@pytest.mark.proves("C5")
def test_a_sync_that_ran_before_this_was_asked_goes_on(world: World) -> None:
    world.run()
    SyncState.objects.update(started_at=None, prepared_at=None)
    quiet(world)
    world.run()
    assert len(world.right.all("person")) == 1


def test_who_else_works_on_the_sync_is_told_with_what_it_does(world: World) -> None:
    leases.take("sync main", "elsewhere:1", world.time.now(), doing="it makes a plan")
    with pytest.raises(BusyError, match=r"elsewhere:1\) is working on sync main: it makes a plan"):
        world.run()
    assert not world.systems[Side.RIGHT].all("person")


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=3, seconds=59), "3 min"),
        (timedelta(hours=6), "6 h"),
        (timedelta(days=2, hours=3, minutes=4), "2 d 3 h"),
    ],
)
def test_times_are_spelt_as_people_plan(time: timedelta, words: str) -> None:
    assert spelt(time) == words
