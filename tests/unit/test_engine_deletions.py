"""Deletions are carried over where they may be, and nothing is lost on the way."""

from collections import Counter
from dataclasses import replace

import pytest

from syncline.connectors.memory.system import Automation
from syncline.core.criteria import Mark
from syncline.core.model import ErrorClass, Failure, Side
from syncline.engine.answer import answer
from syncline.store.error_log import SyncError
from syncline.store.models import Action, Hold, Link, Standing
from tests.property.world import World, actions_of
from tests.unit.linked_people import ADA, BOB, active, linked, ops, person
from tests.unit.quiet import killed, settled


@pytest.mark.proves("L1")
@pytest.mark.parametrize("side", list(Side))
def test_a_deletion_is_carried_over_and_counts(world: World, side: Side) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, **{f"delete_{side.other}": True})
    world.systems[side].remove("person", left if side is Side.LEFT else right)
    row = world.run()
    assert (ops(row), row.results["deleted"]) == (Counter(delete=1), 1)
    assert not world.left.all("person")
    assert not world.right.all("person")
    link = Link.objects.get()
    assert (link.ended_as, link.ended_side) == ("removed", side)
    settled(world)
    assert Link.objects.count() == 1


@pytest.mark.proves("L1", "S3")
def test_deletes_trip_the_brake(world: World) -> None:
    pairs = linked(world, ADA, BOB)
    person(world, delete_right=True)
    world.settings = replace(world.settings, brakes=replace(world.settings.brakes, max_deletes=1))
    for left, _ in pairs:
        world.left.remove("person", left)
    row = world.run()
    assert [need["brake"] for need in row.needs_approval] == ["max_deletes"]
    assert len(world.right.all("person")) == 2
    world.run(run_id=row.pk, approved_by="somebody")
    assert not world.right.all("person")


@pytest.mark.proves("L1")
@pytest.mark.parametrize(("ruling", "left_over"), [("delete", 0), ("keep", 1)])
def test_a_twin_that_was_edited_meanwhile_is_deleted_by_a_person_only(
    world: World, ruling: str, left_over: int
) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_right=True)
    world.left.remove("person", left)
    world.right.edit("person", right, {"phone": "+14155550199"})
    settled(world)
    hold = Hold.objects.get(state="open")
    assert (hold.code, hold.key) == ("deleted here, edited there", "")
    assert "Phone" in hold.reason
    answer(world.context(), hold.pk, ruling, "somebody")
    settled(world)
    kept = [row.evidence["values"]["phone"] for row in Action.objects.filter(op="delete")]
    assert kept == ["+14155550199"] * (1 - left_over)
    assert len(world.right.all("person")) == left_over
    assert not active()
    assert not Hold.objects.exclude(state="closed").exists()


def test_an_answer_to_delete_does_not_count_for_a_later_edit(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_right=True)
    world.left.remove("person", left)
    world.right.edit("person", right, {"phone": "+14155550199"})
    settled(world)
    answer(world.context(), Hold.objects.get(state="open").pk, "delete", "somebody")
    world.right.edit("person", right, {"phone": "+14155550111"})
    settled(world)
    assert len(world.right.all("person")) == 1
    assert Hold.objects.get(state="open").code == "deleted here, edited there"


@pytest.mark.proves("L1", "S1")
def test_an_edit_between_plan_and_run_keeps_the_record(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_right=True)
    world.left.remove("person", left)
    stored = world.plan()
    world.right.edit("person", right, {"phone": "+14155550199"})
    row = world.run(run_id=stored.pk)
    assert [(a.op, a.status) for a in actions_of(row)] == [("delete", "moved")]
    settled(world)
    assert len(world.right.all("person")) == 1


@pytest.mark.proves("L1", "L5")
def test_a_record_that_is_merely_absent_deletes_nothing(world: World) -> None:
    ((left, _),) = linked(world, ADA)
    person(world, delete_right=True)
    world.left.purge("person", left)
    for _ in range(3):
        world.run()
    assert len(world.right.all("person")) == 1
    assert len(active()) == 1


@pytest.mark.proves("L1", "E2")
def test_a_delete_that_is_refused_is_in_the_error_log_and_its_link_stands(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_right=True)
    world.left.remove("person", left)
    failure = Failure(ErrorClass.PERMISSION, "NO_DELETE", "you may not delete this")
    world.right.fault("refuse", verb="delete", failure=failure)
    row = world.run()
    assert row.results["rejected"] == 1
    assert SyncError.objects.get(resolved_at=None).code == "NO_DELETE"
    assert active() == {(left, right)}
    assert not actions_of(world.run())
    assert Standing.objects.get(side="right", remote_id=right).state == "failed"
    assert len(world.right.all("person")) == 1


def test_a_delete_that_may_succeed_later_is_tried_again(world: World) -> None:
    ((left, _),) = linked(world, ADA)
    person(world, delete_right=True)
    world.left.remove("person", left)
    world.right.fault("refuse", verb="delete", failure=Failure(ErrorClass.LOCK, "LOCKED", "later"))
    world.run()
    settled(world)
    assert not world.right.all("person")
    assert not active()
    assert not SyncError.objects.filter(resolved_at=None).exists()


@pytest.mark.proves("L1")
@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("how", ["raise", "hang"])
def test_a_delete_without_an_answer_is_looked_into(world: World, how: str, after: bool) -> None:
    ((left, _),) = linked(world, ADA)
    person(world, delete_right=True)
    world.left.remove("person", left)
    world.right.fault(how, verb="delete", after_commit=after)
    if how == "raise":
        killed(world)
    else:
        assert world.run().results["open"] == 1
    settled(world)
    assert not world.right.all("person")
    assert not active()


@pytest.mark.proves("L1")
@pytest.mark.parametrize("deletes", [True, False])
def test_what_stays_behind_is_marked(world: World, deletes: bool) -> None:
    ((left, right),) = linked(world, {**ADA, "tags": ["a"]})
    world.right.quirks.deletes = False
    person(world, delete_right=deletes, on_ended={Side.RIGHT: Mark("tags", "gone")})
    world.left.remove("person", left)
    row = world.run()
    assert ops(row) == Counter(update=1, end=1)
    assert world.right.all("person")[right]["tags"] == ["a", "gone"]
    assert not active()
    settled(world)


def test_a_deletion_ends_what_was_open_about_a_lost_answer(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_left=True)
    world.left.edit("person", left, {"title": "VP"})
    world.right.fault("hang", verb="update", after_commit=True)
    assert world.run().results["open"] == 1
    world.right.remove("person", right)
    settled(world)
    assert not world.left.all("person")
    assert not SyncError.objects.filter(resolved_at=None).exists()


def test_a_mark_that_is_refused_does_not_keep_the_link(world: World) -> None:
    ((left, _),) = linked(world, ADA)
    person(world, on_ended={Side.RIGHT: Mark("title", "Gone")})
    world.left.remove("person", left)
    world.right.fault("refuse", verb="update", failure=Failure(ErrorClass.VALIDATION, "NO", "no", ("title",)))
    world.run()
    settled(world)
    assert not active()


@pytest.mark.parametrize("later", [False, True])
def test_a_mark_that_the_system_rewrites_is_made_once(world: World, later: bool) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, on_ended={Side.RIGHT: Mark("title", "Gone")})
    world.right.automations.append(Automation("person", lambda _: {"title": "GONE"}, later=later))
    world.left.remove("person", left)
    assert ops(world.run()) == Counter(update=1, end=1)
    settled(world)
    assert world.right.all("person")[right]["title"] == "GONE"
    assert not active()


def test_a_mark_that_nobody_can_make_is_told(world: World) -> None:
    ((left, _),) = linked(world, ADA)
    person(world, on_ended={Side.RIGHT: Mark("stage", "Unheard of")})
    world.left.remove("person", left)
    settled(world)
    assert "Stage has no option Unheard of" in Link.objects.get().ended_reason
