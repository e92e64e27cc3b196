"""Deleted records end their links by evidence alone, and an ended link is not made up for by itself."""

import pytest

from syncline.core.model import Kind
from syncline.engine.reconcile import VANISHED, reconcile
from syncline.store.error_log import SyncError
from syncline.store.models import Hold, Link, Standing
from tests.property.world import World, actions_of, with_kind, with_map
from tests.unit.quiet import settled

ADA = {"last": "Ada", "email": "ada@example.com"}


@pytest.fixture
def pair(world: World) -> tuple[str, str]:
    """A person on both sides."""
    person = world.left.put("person", ADA)
    world.run()
    (twin,) = world.right.all("person")
    return person, twin


@pytest.mark.proves("L1")
def test_a_deletion_ends_the_link_and_nothing_is_made_again(world: World, pair: tuple[str, str]) -> None:
    world.left.remove("person", pair[0])
    settled(world)
    assert Link.objects.get().ended_reason.startswith(f"person/{pair[0]} was deleted on the left")
    assert (len(world.left.all("person")), len(world.right.all("person"))) == (0, 1)
    world.right.edit("person", pair[1], {"title": "Boss"})
    settled(world)
    assert not world.left.all("person")
    standing = Standing.objects.get(side="right", remote_id=pair[1])
    assert (standing.state, standing.rule) == ("not eligible", "ended link")


@pytest.mark.proves("L1", "I2")
def test_a_namesake_of_a_deleted_record_is_not_linked_by_itself(world: World, pair: tuple[str, str]) -> None:
    """A person may have made it anew, or it may be somebody else: a person says which."""
    world.left.remove("person", pair[0])
    settled(world)
    again = world.left.put("person", ADA)
    settled(world)
    assert len(world.right.all("person")) == 1
    assert not Link.objects.filter(ended_at__isnull=True).exists()
    hold = Hold.objects.get(state="open", left_id=again)
    assert hold.code == "ended link"


@pytest.mark.proves("L1", "I2")
def test_a_namesake_of_the_twin_that_was_left_gets_no_counterpart_by_itself(
    world: World, pair: tuple[str, str]
) -> None:
    """Otherwise the deleted record would come back through it."""
    world.left.remove("person", pair[0])
    settled(world)
    again = world.right.put("person", ADA)
    settled(world)
    assert not world.left.all("person")
    assert not Link.objects.filter(ended_at__isnull=True).exists()
    assert Hold.objects.filter(state="open", right_id=again).exists()


@pytest.mark.proves("L1", "I2")
def test_a_create_that_finds_a_record_of_an_ended_link_waits_for_a_person(
    world: World, pair: tuple[str, str]
) -> None:
    """The system finds it by a key that is not one of ours."""
    world.left.remove("person", pair[0])
    settled(world)
    world.settings = with_kind(
        world.settings, Kind.PERSON, match=type(world.settings.kinds[1].match)(keys=())
    )
    world.right.quirks.duplicates = "existing"
    world.left.put("person", ADA)
    settled(world)
    assert len(world.right.all("person")) == 1
    assert not Link.objects.filter(ended_at__isnull=True).exists()
    assert Hold.objects.filter(state="open").exists()


@pytest.mark.proves("L1")
def test_a_deletion_is_heard_of_although_other_fields_are_read_now(
    world: World, pair: tuple[str, str]
) -> None:
    """A full read shows the living only; what was deleted since the last read is in the changes."""
    for number in range(30):
        world.left.put("company", {"name": f"C{number}"})
    world.left.remove("person", pair[0])
    for number in range(30):
        world.left.put("company", {"name": f"D{number}"})
    world.settings = with_map(world.settings, Kind.PERSON, "title=title", enabled=False)
    settled(world)
    assert not Link.objects.filter(kind="person", ended_at__isnull=True).exists()


@pytest.mark.proves("L1", "L5")
def test_nothing_is_made_of_a_record_that_cannot_be_read_any_more(world: World) -> None:
    """The system does not tell of deletions, and the record was not eligible while it was there."""
    world.left.quirks.sees_deletions = False
    rule = world.settings.kinds[1].create_right
    world.settings = with_kind(world.settings, Kind.PERSON, create_right=type(rule)(enabled=False))
    person = world.left.put("person", ADA)
    world.run()
    world.left.remove("person", person)
    world.settings = with_kind(world.settings, Kind.PERSON, create_right=rule)
    for _ in range(2):
        world.run()
    assert not world.right.all("person")
    assert not actions_of(world.run())
    assert Standing.objects.get(side="left", remote_id=person).rule == "vanished"


@pytest.mark.proves("E2", "L5")
def test_a_lost_answer_about_a_record_that_vanished_since_is_asked_after_no_more(
    world: World, pair: tuple[str, str]
) -> None:
    world.right.edit("person", pair[1], {"title": "VP"})
    world.left.fault("hang", verb="update", after_commit=False)
    world.run()
    world.left.faults.clear()
    world.right.quirks.sees_deletions = False
    world.right.remove("person", pair[1])
    for _ in range(3):
        world.time.advance(60)
        world.run()
    assert not actions_of(world.run())
    assert not SyncError.objects.filter(resolved_at=None).exists()


@pytest.mark.proves("S6")
def test_a_record_that_vanished_is_told_once_and_not_compared_any_more(world: World) -> None:
    """Its twin was changed since, and nobody knows what the record holds: only its absence is unexplained."""
    person = world.left.put("person", {**ADA, "stage": "new"})
    world.run()
    (twin,) = world.right.all("person")
    world.left.quirks.sees_deletions = False
    world.left.remove("person", person)
    world.right.edit("person", twin, {"stage": "lost"})
    world.run()
    assert not actions_of(world.run())
    found = reconcile(world.context())
    assert [(s["difference"], s.get("record")) for s in found.samples] == [(VANISHED, f"person/{person}")]
