"""Records that come back: deleted ones are linked or made again, merged ones are not taken apart."""

from dataclasses import replace

import pytest

from syncline.core.criteria import Mark
from syncline.core.model import Side
from syncline.engine.answer import answer
from syncline.store.models import Hold, Link, Standing
from tests.property.world import World
from tests.unit.linked_people import ADA, BOB, active, linked, person
from tests.unit.quiet import settled


@pytest.mark.proves("L4")
@pytest.mark.parametrize("side", list(Side))
def test_a_restored_record_is_linked_again_with_what_was_agreed(world: World, side: Side) -> None:
    (pair,) = linked(world, ADA)
    own, other = (pair[0], pair[1]) if side is Side.LEFT else (pair[1], pair[0])
    system, twins = world.systems[side], world.systems[side.other]
    system.remove("person", own)
    settled(world)
    assert not active()
    twins.edit("person", other, {"phone": "+14155550199"})
    settled(world)
    assert not active()
    system.restore("person", own)
    system.edit("person", own, {"title": "Chief"})
    settled(world)
    assert active() == {pair}
    assert Link.objects.get(ended_at=None).rule == "restored"
    # Each side's change is a change, and no first contact: both go over.
    assert twins.all("person")[other]["title"] == "Chief"
    assert system.all("person")[own]["phone"] == "+14155550199"


@pytest.mark.proves("L4")
def test_a_restored_record_whose_twin_we_deleted_is_made_again(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_right=True)
    world.left.remove("person", left)
    settled(world)
    assert not world.right.all("person")
    world.left.restore("person", left)
    settled(world)
    ((again, twin),) = active()
    assert again == left
    assert twin != right
    assert world.right.all("person")[twin]["email"] == "ada@example.com"


@pytest.mark.proves("L4")
def test_what_we_deleted_and_somebody_restores_brings_nobody_back_alone(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_right=True)
    world.left.remove("person", left)
    settled(world)
    world.right.restore("person", right)
    settled(world)
    assert not active()
    assert not world.left.all("person")
    assert Standing.objects.get(side="right", remote_id=right).rule == "ended link"
    world.left.restore("person", left)
    settled(world)
    assert active() == {(left, right)}


@pytest.mark.proves("L4", "L1")
def test_a_restored_record_whose_twin_a_person_deleted_waits(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    world.left.remove("person", left)
    settled(world)
    world.right.remove("person", right)
    settled(world)
    world.left.restore("person", left)
    settled(world)
    assert not active()
    assert not world.right.all("person")


@pytest.mark.proves("L4")
def test_a_restored_record_whose_twin_found_another_stays_alone(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    world.left.remove("person", left)
    settled(world)
    other = world.left.put("person", ADA)
    settled(world)
    answer(world.context(), Hold.objects.get(state="open").pk, f"link:person/{right}", "somebody")
    settled(world)
    assert active() == {(other, right)}
    world.left.restore("person", left)
    settled(world)
    assert active() == {(other, right)}


@pytest.mark.proves("L4", "L2")
@pytest.mark.parametrize("ruling", ["create", "skip"])
def test_a_merge_that_is_taken_back_is_listed_and_not_reversed(world: World, ruling: str) -> None:
    ada, bob = linked(world, ADA, BOB)
    world.left.merge("person", ada[0], [bob[0]])
    settled(world)
    world.left.restore("person", bob[0])
    settled(world)
    assert active() == {ada}
    hold = Hold.objects.get(state="open")
    assert (hold.code, hold.left_id) == ("unmerged", bob[0])
    answer(world.context(), hold.pk, ruling, "somebody")
    settled(world)
    assert len(active()) == (2 if ruling == "create" else 1)
    assert not Hold.objects.filter(state="open").exists()


def test_a_marked_field_meets_its_counterpart_anew(world: World) -> None:
    """The mark is nobody's edit: it does not go over to the record that came back."""
    ((left, right),) = linked(world, {**ADA, "stage": "new"})
    person(world, on_ended={Side.RIGHT: Mark("stage", "Lost")})
    world.left.remove("person", left)
    settled(world)
    assert world.right.all("person")[right]["stage"] == "lost"
    world.left.restore("person", left)
    settled(world)
    assert active() == {(left, right)}
    assert world.left.all("person")[left]["stage"] == "new"
    assert world.right.all("person")[right]["stage"] == "new"


def test_a_record_that_lives_again_before_its_link_ended_keeps_it(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_right=True)
    world.settings = replace(world.settings, brakes=replace(world.settings.brakes, max_deletes=0))
    world.left.remove("person", left)
    stored = world.run()
    assert stored.needs_approval
    world.left.restore("person", left)
    world.run(run_id=stored.pk, approved_by="somebody")
    settled(world)
    assert active() == {(left, right)}
    assert Link.objects.count() == 1
