"""A write whose answer never came is looked into before anything else is done about its record."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from syncline.connectors.memory import Automation, Crash
from syncline.core.model import ErrorClass, Failure
from syncline.engine.answer import answer
from syncline.store.models import Action, Hold, Link
from tests.property.world import World, actions_of
from tests.unit.linked_people import person
from tests.unit.quiet import settled

LOST: list[tuple[str, bool]] = [("hang", True), ("hang", False), ("raise", True), ("raise", False)]
EACH_LOSS = pytest.mark.parametrize(("kind", "after"), LOST)


def lose(world: World, verb: str, kind: str = "hang", *, after: bool = True, count: int = 1) -> None:
    """The next run loses answers of the right side, by a fault of the wire or by its own end."""
    world.right.fault(kind, verb=verb, after_commit=after, count=count)
    with suppress(Crash):
        world.run()
    world.right.faults.clear()


def names(world: World) -> tuple[list[Any], list[Any]]:
    left, right = (sorted(str(p["last"]) for p in s.all("person").values()) for s in world.systems.values())
    return left, right


@pytest.mark.proves("I2", "E3")
@EACH_LOSS
def test_a_record_without_match_keys_is_made_once(world: World, kind: str, after: bool) -> None:
    world.left.put("person", {"last": "Ada", "title": "VP"})
    lose(world, "create", kind, after=after)
    settled(world)
    assert names(world) == (["Ada"], ["Ada"])
    assert Link.objects.count() == 1


@pytest.mark.proves("I2")
@EACH_LOSS
def test_records_that_look_the_same_are_made_once_each(world: World, kind: str, after: bool) -> None:
    for _ in range(3):
        world.left.put("person", {"last": "Ada"})
    lose(world, "create", kind, after=after)
    settled(world)
    assert names(world) == (["Ada"] * 3, ["Ada"] * 3)


@pytest.mark.proves("I2")
def test_a_record_belongs_to_the_create_of_which_it_shows_the_most(world: World) -> None:
    """Of two like each other but for a title only the second was made: the first is not taken for it."""
    person(world, batch=1)
    plain = world.left.put("person", {"last": "Ada"})
    titled = world.left.put("person", {"last": "Ada", "title": "VP"})
    for after in (False, True):
        world.right.fault(
            "hang", verb="create", after_commit=after, when=lambda v, a=after: bool(v.get("title")) is a
        )
    world.run()
    world.right.faults.clear()
    settled(world)
    assert len(world.right.made) == 2
    assert world.left.all("person")[plain].get("title") is None
    assert world.left.all("person")[titled]["title"] == "VP"


@pytest.mark.proves("I2")
def test_a_record_that_was_there_before_is_not_taken_for_the_one_that_was_made(world: World) -> None:
    """Both sides hold somebody of that name, nobody can tell whether they are one, and both get a counterpart."""
    world.left.put("person", {"last": "Ada"})
    world.right.put("person", {"last": "Ada"})
    lose(world, "create", "raise")
    settled(world)
    assert names(world) == (["Ada"] * 2, ["Ada"] * 2)


@pytest.mark.proves("I2")
def test_of_two_records_that_may_be_the_one_a_person_chooses(world: World) -> None:
    world.left.put("person", {"last": "Ada"})
    lose(world, "create")
    ours = world.right.made[0].id
    other = world.right.put("person", {"last": "Ada"})
    settled(world)
    assert names(world) == (["Ada"], ["Ada", "Ada"])
    asked = Hold.objects.get(state="open", side="left")
    assert set(asked.allowed) == {f"person/{ours}", f"person/{other}"}
    answer(world.context(), asked.pk, f"link:person/{ours}", "somebody")
    answer(world.context(), Hold.objects.get(state="open", right_id=other).pk, "create", "somebody")
    settled(world)
    assert Link.objects.filter(right_id=ours).exists()
    assert names(world) == (["Ada", "Ada"], ["Ada", "Ada"])
    assert not Hold.objects.filter(state="open").exists()


@pytest.mark.proves("I2")
def test_a_record_that_was_changed_before_we_looked_is_not_made_again(world: World) -> None:
    world.right.automations.append(Automation("person", lambda _: {"last": "Rewritten"}))
    person = world.left.put("person", {"last": "Ada", "title": "VP"})
    lose(world, "create")
    settled(world)
    assert names(world) == (["Ada"], ["Rewritten"])
    world.left.edit("person", person, {"title": "Boss"})
    settled(world)
    assert names(world) == (["Ada"], ["Rewritten"])
    hold = Hold.objects.get(state="open", side="left")
    answer(world.context(), hold.pk, f"link:person/{world.right.made[0].id}", "somebody")
    settled(world)
    assert Link.objects.count() == 1
    assert not Hold.objects.filter(state="open").exists()


@pytest.mark.proves("I2")
def test_a_record_that_a_person_leaves_alone_stays_so(world: World) -> None:
    world.right.automations.append(Automation("person", lambda _: {"last": "Rewritten"}))
    world.left.put("person", {"last": "Ada", "title": "VP"})
    lose(world, "create")
    settled(world)
    for hold in Hold.objects.filter(state="open"):
        answer(world.context(), hold.pk, "skip", "somebody")
    settled(world)
    world.time.advance(90_000)
    assert not actions_of(world.run())
    assert names(world) == (["Ada"], ["Rewritten"])


@pytest.mark.proves("I2")
def test_what_was_edited_since_is_merged_once_the_record_is_known(world: World) -> None:
    person = world.left.put("person", {"last": "Ada", "title": "VP"})
    lose(world, "create")
    world.left.edit("person", person, {"first": "A", "title": "Boss"})
    world.right.edit("person", world.right.made[0].id, {"phone": "(415) 555-0123"})
    settled(world)
    (left,), (right,) = world.left.all("person").values(), world.right.all("person").values()
    assert (left["first"], left["title"], left["phone"]) == ("A", "Boss", "(415) 555-0123")
    assert (right["first"], right["title"], right["phone"]) == ("A", "Boss", "(415) 555-0123")


@pytest.mark.proves("I2")
def test_a_late_listing_is_waited_for(world: World) -> None:
    world.right.quirks.stale_for = timedelta(seconds=300)
    world.right.quirks.stale_reads = 1
    world.left.put("person", {"last": "Ada"})
    lose(world, "create")
    for _ in range(3):
        world.run()
    assert Action.objects.filter(status="open").count() == 1
    world.time.advance(400)
    settled(world)
    assert names(world) == (["Ada"], ["Ada"])


@pytest.mark.proves("I1", "I2")
def test_a_record_that_is_in_no_listing_yet_is_found_by_its_key(world: World) -> None:
    world.right.quirks.stale_reads = 50
    world.left.put("person", {"last": "Ada", "email": "ada@example.com"})
    lose(world, "create")
    world.run()
    assert Link.objects.count() == 1
    settled(world)
    assert names(world) == (["Ada"], ["Ada"])


@pytest.mark.proves("E3")
def test_a_field_that_was_refused_is_not_taken_for_sent(world: World) -> None:
    """The system refuses the title; sent once more without it, the create gets no answer."""
    no_title = Failure(ErrorClass.VALIDATION, "NO", "no titles here", ("title",))
    world.left.put("person", {"last": "Ada", "title": "VP"})
    world.right.fault("refuse", verb="create", failure=no_title)
    world.right.fault("hang", verb="create", after_commit=True, skip=1)
    world.run()
    settled(world)
    assert [p["title"] for p in world.right.all("person").values()] == ["VP"]


@pytest.fixture
def pair(world: World) -> tuple[str, str]:
    """A person on both sides."""
    person = world.left.put("person", {"last": "Ada", "title": "VP", "score": 1})
    world.run()
    (twin,) = world.right.all("person")
    return person, twin


@pytest.mark.proves("E3")
@EACH_LOSS
def test_an_update_is_done_once_its_answer_is_lost(
    world: World, pair: tuple[str, str], kind: str, after: bool
) -> None:
    world.left.edit("person", pair[0], {"title": "Boss"})
    lose(world, "update", kind, after=after)
    settled(world)
    assert world.right.values("person", pair[1])["title"] == "Boss"  # type: ignore[index]
    assert len([s for s in world.right.sent if s.verb == "update"]) == 1
    assert not Hold.objects.exists()


@pytest.mark.proves("E3")
def test_a_value_edited_after_the_lost_answer_is_a_change_of_its_own(
    world: World, pair: tuple[str, str]
) -> None:
    world.left.edit("person", pair[0], {"score": 2})
    lose(world, "update")
    world.right.edit("person", pair[1], {"score": 3})
    settled(world)
    assert world.left.values("person", pair[0])["score"] == 3  # type: ignore[index]


@pytest.mark.proves("E3")
@pytest.mark.parametrize(("ruling", "title"), [("left", "Boss"), ("right", "VP"), ("keep", "VP")])
def test_a_value_that_may_have_been_moved_back_waits_for_a_person(
    world: World, pair: tuple[str, str], ruling: str, title: str
) -> None:
    world.left.edit("person", pair[0], {"title": "Boss"})
    lose(world, "update")
    world.right.edit("person", pair[1], {"title": "VP"})
    settled(world)
    hold = Hold.objects.get(state="open")
    assert (hold.code, hold.left_value, hold.right_value) == ("unknown outcome", "Boss", "VP")
    answer(world.context(), hold.pk, ruling, "somebody")
    settled(world)
    assert world.right.values("person", pair[1])["title"] == title  # type: ignore[index]
    assert world.left.values("person", pair[0])["title"] == ("Boss" if ruling == "keep" else title)  # type: ignore[index]
    assert not Hold.objects.filter(state="open").exists()
