"""A run that reads only what is due: it calls nobody else, and comes to what full runs come to."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from syncline.connectors.memory import Fault
from syncline.core.errors import QuotaError
from syncline.core.model import Kind, Side
from syncline.engine.context import SyncContext
from syncline.engine.run import look, plan, run
from syncline.store.models import Link, MirrorRecord
from tests.property.world import World, actions_of
from tests.unit.linked_people import ADA, BOB, linked, made_unheard
from tests.unit.quiet import settled

PEOPLE_LEFT = (Side.LEFT, Kind.PERSON)
PEOPLE_RIGHT = (Side.RIGHT, Kind.PERSON)
COMPANIES_LEFT = (Side.LEFT, Kind.ACCOUNT)


class Called:
    """A sync that is open, as workers keep it: what the systems say of their fields is known."""

    def __init__(self, world: World) -> None:
        self.context = world.context()
        run(self.context)

    def by(self, work: Callable[[SyncContext], object]) -> dict[Side, dict[str, int]]:
        """The calls of a piece of work, by side."""
        before = {side: Counter(each.calls_made()) for side, each in self.context.connectors.items()}
        work(self.context)
        return {
            side: dict(Counter(each.calls_made()) - before[side])
            for side, each in self.context.connectors.items()
        }


@pytest.mark.proves("U1", "P1")
def test_nobody_is_called_for_what_is_not_due(world: World) -> None:
    linked(world, ADA)
    called = Called(world)
    for parts, left in (
        ({PEOPLE_LEFT}, {"read user": 1, "read person": 1}),
        ({COMPANIES_LEFT}, {"read company": 1}),
        (set(), {}),
    ):
        assert called.by(lambda c, p=frozenset(parts): run(c, parts=p)) == {Side.LEFT: left, Side.RIGHT: {}}  # type: ignore[misc]


def test_what_each_part_cost_is_known_after_it_was_read(world: World) -> None:
    linked(world, ADA)
    called = Called(world)
    called.context.read_calls.clear()
    called.by(lambda c: run(c, parts=frozenset({PEOPLE_LEFT, COMPANIES_LEFT})))
    assert called.context.read_calls == {
        PEOPLE_LEFT: {"read user": 1, "read person": 1},
        COMPANIES_LEFT: {"read company": 1},
    }


@pytest.mark.proves("U1")
def test_an_edit_goes_over_when_its_side_was_read_and_the_other_was_not(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    world.left.edit("person", left, {"title": "Chief"})
    done = world.run(parts=frozenset({PEOPLE_LEFT}))
    assert done.results["updated"] == 1
    assert world.right.values("person", right)["title"] == "Chief"  # type: ignore[index]


def test_an_edit_of_a_side_that_was_not_read_is_neither_carried_over_nor_lost(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    world.right.edit("person", right, {"phone": "+14155550177"})
    world.left.edit("person", left, {"phone": "+14155550188", "title": "Chief"})
    world.run(parts=frozenset({PEOPLE_LEFT}))
    assert world.right.values("person", right)["phone"] == "+14155550177"  # type: ignore[index]
    settled(world)


@pytest.mark.proves("I2")
def test_who_was_made_on_the_other_side_meanwhile_is_linked_and_not_doubled(world: World) -> None:
    linked(world, ADA)
    world.right.put("person", BOB)
    world.left.put("person", BOB)
    world.run(parts=frozenset({PEOPLE_LEFT}))
    world.run(parts=frozenset({PEOPLE_LEFT}))
    assert len(world.right.all("person")) == 2
    assert Link.objects.filter(ended_at=None).count() == 2
    settled(world)


@pytest.mark.proves("I2", "E3")
def test_where_a_create_got_no_answer_its_part_is_read_whatever_is_due(world: World) -> None:
    linked(world, ADA)
    cy = made_unheard(world, "Cy")
    world.run(parts=frozenset({PEOPLE_LEFT}))
    assert len(world.right.all("person")) == 2
    assert Link.objects.filter(left_id=cy, ended_at=None).exists()
    settled(world)


def test_the_first_run_reads_everything_whatever_is_due(world: World) -> None:
    world.right.put("person", ADA)
    world.left.put("person", ADA)
    world.left.put("person", BOB)
    world.run(parts=frozenset({PEOPLE_LEFT}))
    assert len(world.right.all("person")) == 2


def test_when_everything_is_decided_anew_everything_is_read(world: World) -> None:
    linked(world, ADA)
    world.left.put("user", {"name": "Three", "email": "three@example.com", "active": True})
    context = world.context()
    run(context, parts=frozenset({PEOPLE_LEFT}))
    assert "read person" in context.connectors[Side.RIGHT].calls_made()


@pytest.mark.proves("C5")
def test_looking_reads_what_is_due_and_writes_nothing(world: World) -> None:
    called = Called(world)
    world.left.put("person", ADA)
    assert not called.by(lambda c: look(c, parts=frozenset({PEOPLE_LEFT})))[Side.RIGHT]
    assert MirrorRecord.objects.filter(object_type="person").count() == 1
    assert not world.right.all("person")


def test_a_plan_over_some_parts_reads_just_those(world: World) -> None:
    linked(world, ADA)
    called = Called(world)
    assert not called.by(lambda c: plan(c, parts=frozenset({PEOPLE_RIGHT})))[Side.LEFT]


def test_a_run_that_started_by_itself_lets_a_record_rest(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    world.left.edit("person", left, {"title": "Chief"})
    context = world.context()
    context.settle = timedelta(seconds=30)
    assert not actions_of(run(context, parts=frozenset({PEOPLE_LEFT})))
    (ready,) = set(context.settling_until)
    assert ready <= world.time.now() + timedelta(seconds=30)
    world.time.advance(30)
    context = world.context()
    context.settle = timedelta(seconds=30)
    run(context, parts=frozenset())
    assert world.right.values("person", right)["title"] == "Chief"  # type: ignore[index]


@pytest.mark.proves("C6", "P1")
def test_where_one_route_has_no_calls_left_the_others_are_read_meanwhile(world: World) -> None:
    linked(world, ADA)
    world.left.put("company", {"name": "One", "domain": "one.example"})
    bob = world.left.put("person", BOB)
    opens = world.time.now() + timedelta(hours=1)
    for object_type, until in (("company", opens + timedelta(hours=1)), ("user", opens), ("deal", None)):
        spent = QuotaError(f"no calls for {object_type}", until=until)
        world.left.faults.add(Fault("raise", verb="read", object_type=object_type, error=spent))
    with pytest.raises(QuotaError, match="no calls for user") as raised:
        world.run()
    assert raised.value.until == opens
    assert MirrorRecord.objects.filter(connection="left-crm", remote_id=bob).exists()
    assert not world.writes()
    settled(world)
    assert len(world.right.all("company")) == 1
