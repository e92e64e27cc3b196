"""Where changes tell of no deletions, everything is listed now and then, and what is missing is asked for by id."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncline.connectors.memory.faults import Fault
from syncline.core.errors import QuotaError
from syncline.core.model import Ending, Fate, Ref, Side
from syncline.engine.run import run
from syncline.store import mirror
from syncline.store.error_log import SyncError
from syncline.store.models import Link, Sweep
from tests.property.world import World
from tests.unit.quiet import settled


@pytest.fixture
def people(world: World) -> list[str]:
    """Four people on both sides; the left system tells of deletions only when it is asked by id."""
    quirks = world.left.quirks
    quirks.sees_deletions, quirks.deletions_by_id, quirks.sweep_every = False, 10, timedelta(hours=24)
    made = [world.left.put("person", {"last": name, "email": f"{name}@example.com"}) for name in "abcd"]
    settled(world)
    return made


def next_day(world: World) -> None:
    """A run a day later."""
    world.time.advance(86_401)
    world.run()


def living(world: World) -> int:
    return Link.objects.filter(ended_at=None).count()


def left_record(person: str) -> mirror.Mirrored:
    return mirror.get_many("left-crm", [Ref("person", person)])[Ref("person", person)]


@pytest.mark.proves("L1")
def test_a_deletion_is_found_by_the_next_sweep_and_not_before(world: World, people: list[str]) -> None:
    world.left.remove("person", people[0])
    world.run()
    assert living(world) == 4
    next_day(world)
    assert living(world) == 3
    assert left_record(people[0]).record.deleted
    settled(world)
    assert (len(world.left.all("person")), len(world.right.all("person"))) == (3, 4)


@pytest.mark.proves("L1", "C6")
def test_no_more_than_the_budget_is_asked_for_in_a_run(world: World, people: list[str]) -> None:
    world.left.quirks.deletions_by_id = 2
    for person in people[:3]:
        world.left.remove("person", person)
    next_day(world)
    assert (living(world), len(Sweep.objects.get(object_type="person").waiting)) == (2, 1)
    world.run()
    assert (living(world), Sweep.objects.get(object_type="person").waiting) == (1, [])


@pytest.mark.proves("L1", "P0")
def test_a_listing_that_is_not_provably_whole_proves_nothing(world: World, people: list[str]) -> None:
    world.left.remove("person", people[0])
    world.left.quirks.stale_for = timedelta(seconds=1)
    next_day(world)
    assert living(world) == 4
    assert Sweep.objects.get(object_type="person").waiting == []


@pytest.mark.proves("L5")
def test_absence_alone_is_asked_once_and_ends_nothing(world: World, people: list[str]) -> None:
    """The record is not listed, and its system says nothing of it by id either."""
    for rows in (world.left.rows.committed, world.left.rows.listed):
        del rows["person", people[0]]
    world.time.advance(86_401)
    heard: list[tuple[str, str]] = []
    context = replace(world.context(), listen=lambda _, note: heard.append((note.code, note.place)))
    run(context)
    assert heard == [("unseen", f"person/{people[0]}")]
    assert living(world) == 4
    assert Sweep.objects.get(object_type="person").unseen == [people[0]]
    next_day(world)
    assert not world.connectors[Side.LEFT].calls_made().get("fetch person")


@pytest.mark.proves("E2", "L5")
def test_a_write_that_is_refused_as_gone_has_its_record_asked_for_at_once(
    world: World, people: list[str]
) -> None:
    twin = Link.objects.get(left_id=people[0]).right_id
    world.left.remove("person", people[0])
    world.right.edit("person", twin, {"phone": "+44 20 7946 0001"})
    world.left.quirks.deletions_by_id = 0  # nor does the look just before the write show that it is gone
    world.run()
    world.left.quirks.deletions_by_id = 10
    assert SyncError.objects.get(resolved_at=None).error_class == "gone"
    world.run()
    assert living(world) == 3
    settled(world)
    assert not SyncError.objects.filter(resolved_at=None).exists()


@pytest.mark.proves("L2")
def test_a_merge_is_told_from_a_deletion_by_what_the_survivor_lists(world: World, people: list[str]) -> None:
    world.left.quirks.merged_ids = "tags"
    loser, survivor, deleted = people[:3]
    twin = Link.objects.get(left_id=loser).right_id
    world.left.remove("person", loser)
    world.left.remove("person", deleted)
    world.left.edit("person", survivor, {"tags": [twin, "003-of-nobody"]})
    next_day(world)
    assert left_record(loser).record.fate == Fate(Ending.MERGED, (Ref("person", survivor),))
    assert (left_record(deleted).record.deleted, left_record(deleted).record.fate) == (True, None)
    assert living(world) == 2
    assert len(world.right.all("person")) == 4


@pytest.mark.proves("L2", "L5")
def test_survivors_that_contradict_each_other_are_no_survivors(world: World, people: list[str]) -> None:
    world.left.quirks.merged_ids = "tags"
    loser, one, other, _ = people
    twin = Link.objects.get(left_id=loser).right_id
    world.left.remove("person", loser)
    for person in (one, other):
        world.left.edit("person", person, {"tags": [twin]})
    next_day(world)
    assert left_record(loser).record.fate == Fate(Ending.MERGED, ())


@pytest.mark.proves("C6", "L1")
def test_a_listing_that_runs_out_of_calls_goes_on_where_it_stopped(world: World, people: list[str]) -> None:
    world.left.page_size = 1
    world.left.remove("person", people[0])
    title = {"last": "new", "email": "new@example.com"}
    world.time.advance(86_401)
    world.left.put("person", title)
    spent = QuotaError("no calls are left", until=world.time.now() + timedelta(hours=1))
    world.left.faults.add(Fault("raise", verb="read", object_type="person", count=1, skip=4, error=spent))
    world.run()
    stopped = Sweep.objects.get(object_type="person")
    assert stopped.cursor
    assert people[0] in stopped.missing
    assert len(stopped.missing) < 5
    assert len(world.right.all("person")) == 5, "the run did its other work"
    assert living(world) == 5
    world.run()
    done = Sweep.objects.get(object_type="person")
    assert (done.cursor, done.missing) == (None, [])
    assert living(world) == 4
    assert left_record(people[0]).record.deleted
