"""A run that is killed leaves nothing undone, nothing doubled and nothing forgotten."""

from dataclasses import replace

import pytest

from syncline.core.errors import BusyError, RunStopped
from syncline.core.model import Side
from syncline.engine.run import run
from syncline.store.access_tables import Lease
from syncline.store.models import Action
from tests.property.world import World
from tests.unit.quiet import killed, killed_after, settled


@pytest.mark.proves("S1", "E3")
@pytest.mark.parametrize(("verb", "after"), [("fetch", False), ("update", False), ("update", True)])
def test_an_update_killed_at_its_call_is_finished_by_the_next_run(
    world: World, verb: str, after: bool
) -> None:
    """The same link has a field both sides changed alike: it is agreed before the kill."""
    person = world.left.put("person", {"last": "Ada", "title": "VP", "first": "A"})
    world.run()
    (twin,) = world.right.all("person")
    world.left.edit("person", person, {"title": "Boss", "first": "Ada"})
    world.right.edit("person", twin, {"first": "Ada"})
    world.right.fault("raise", verb=verb, after_commit=after)
    killed(world)
    settled(world)
    assert world.right.values("person", twin)["title"] == "Boss"  # type: ignore[index]


@pytest.mark.proves("S1", "E3")
@pytest.mark.parametrize("looks", range(6, 24))
def test_a_kill_between_the_writes_of_both_sides_leaves_neither_out(world: World, looks: int) -> None:
    person = world.left.put("person", {"last": "Ada", "title": "VP", "first": "A"})
    world.run()
    (twin,) = world.right.all("person")
    world.left.edit("person", person, {"title": "Boss"})
    world.right.edit("person", twin, {"first": "Ada"})
    killed_after(world, looks)
    settled(world)
    assert world.right.values("person", twin)["title"] == "Boss"  # type: ignore[index]
    assert world.left.values("person", person)["first"] == "Ada"  # type: ignore[index]


@pytest.mark.proves("I2", "E3")
def test_a_record_with_a_held_field_is_created_after_a_kill(world: World) -> None:
    """The hold is noted before the create; that alone is not the end of the record's story."""
    world.left.put("user", {"name": "Three", "email": "three@example.com", "active": True})
    world.left.put(
        "company", {"name": "One", "domain": "one.example", "owner": world.user(Side.LEFT, "three")}
    )
    world.left.fault("raise", verb="fetch")
    killed(world)
    settled(world)
    assert [c["name"] for c in world.right.all("company").values()] == ["One"]


@pytest.mark.proves("I1", "E3")
@pytest.mark.parametrize("looks", range(0, 40, 3))
def test_a_first_contact_killed_anywhere_ends_merged(world: World, looks: int) -> None:
    person = world.left.put("person", {"last": "Ada", "email": "ada@example.com", "title": "Boss"})
    twin = world.right.put("person", {"last": "Ada", "email": "Ada@example.com", "first": "A"})
    killed_after(world, looks)
    settled(world)
    assert world.right.values("person", twin)["title"] == "Boss"  # type: ignore[index]
    assert world.left.values("person", person)["first"] == "A"  # type: ignore[index]


@pytest.mark.proves("I1")
def test_the_counterpart_of_a_link_that_was_not_made_is_decided_on_its_own(world: World) -> None:
    """Planned as a link; before the plan ran, the left record got another address."""
    person = world.left.put("person", {"last": "Ada", "email": "ada@example.com"})
    world.right.put("person", {"last": "Bob", "email": "ada@example.com"})
    stored = world.plan()
    world.left.edit("person", person, {"email": "bob@example.org"})
    world.run(run_id=stored.pk)
    settled(world)
    assert len(world.left.all("person")) == len(world.right.all("person")) == 2
    assert not Action.objects.filter(status="planned", run_id=stored.pk).exists()


@pytest.mark.proves("S6")
def test_a_run_that_was_taken_for_dead_stops_and_leaves_the_sync_to_who_took_it(world: World) -> None:
    """It was asleep, say, while another process took its claim over."""
    world.left.put("person", {"last": "Ada", "email": "ada@example.com"})

    def taken() -> bool:
        Lease.objects.update(holder="another-machine.example:7", doing="a run")
        world.time.advance(30)
        return False

    with pytest.raises(RunStopped, match="another process took the sync over"):
        run(replace(world.context(), stopping=taken))
    assert not world.right.all("person")
    with pytest.raises(BusyError):
        world.run()
