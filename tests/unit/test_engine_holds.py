"""Holds open when a person is needed, stay while they are, and close by themselves when they are not."""

import pytest

from syncline.core.errors import NotFoundError, RecordError
from syncline.core.model import ErrorClass, Failure, Kind, Raw, Side
from syncline.core.policy import OnConflict
from syncline.core.scope import CreateRule
from syncline.engine.answer import answer
from syncline.engine.reconcile import reconcile
from syncline.store.models import Hold
from tests.property.world import World, actions_of, with_kind, with_map
from tests.unit.quiet import settled


@pytest.fixture
def pair(world: World) -> tuple[str, str]:
    """A person on both sides whose title both changed to another; the map leaves that to a person."""
    world.settings = with_map(
        world.settings, Kind.PERSON, "title=title", owner=None, on_conflict=OnConflict.HOLD
    )
    person = world.left.put("person", {"last": "Ada", "title": "VP"})
    world.run()
    (twin,) = world.right.all("person")
    world.left.edit("person", person, {"title": "Boss"})
    world.right.edit("person", twin, {"title": "Chief"})
    world.run()
    return person, twin


def titles(world: World, pair: tuple[str, str]) -> list[Raw]:
    return [
        world.systems[side].values("person", id_)["title"]  # type: ignore[index]
        for side, id_ in zip(Side, pair, strict=True)
    ]


def open_holds() -> list[Hold]:
    return list(Hold.objects.filter(state="open"))


@pytest.mark.proves("M2")
def test_a_conflict_is_held_with_both_values(world: World, pair: tuple[str, str]) -> None:
    (hold,) = open_holds()
    assert (hold.code, hold.key, hold.left_value, hold.right_value) == (
        "conflict",
        "title=title",
        "Boss",
        "Chief",
    )
    assert titles(world, pair) == ["Boss", "Chief"]
    settled(world)
    assert [h.pk for h in open_holds()] == [hold.pk]


@pytest.mark.proves("M2")
@pytest.mark.parametrize(
    ("ruling", "expected"),
    [("left", ["Boss", "Boss"]), ("right", ["Chief", "Chief"]), ("keep", ["Boss", "Chief"])],
)
def test_an_answer_is_carried_out_and_the_hold_is_over(
    world: World, pair: tuple[str, str], ruling: str, expected: list[Raw]
) -> None:
    answer(world.context(), open_holds()[0].pk, ruling, "somebody")
    settled(world)
    assert titles(world, pair) == expected
    assert [h.state for h in Hold.objects.all()] == ["closed"]


@pytest.mark.proves("M2")
def test_an_answer_outlives_the_other_work_on_its_link(world: World, pair: tuple[str, str]) -> None:
    """A field both agree on is noted before the answer is written."""
    for side, id_ in zip(Side, pair, strict=True):
        world.systems[side].edit("person", id_, {"first": "A"})
    answer(world.context(), open_holds()[0].pk, "left", "somebody")
    settled(world)
    assert titles(world, pair) == ["Boss", "Boss"]


@pytest.mark.proves("M2")
def test_an_answer_outlives_a_write_that_failed(world: World, pair: tuple[str, str]) -> None:
    answer(world.context(), open_holds()[0].pk, "left", "somebody")
    world.right.fault("hang", verb="update", after_commit=False)
    world.run()
    settled(world)
    assert titles(world, pair) == ["Boss", "Boss"]


@pytest.mark.proves("M2")
@pytest.mark.parametrize("beside", [False, True])
def test_an_answer_waits_while_updates_are_off(world: World, pair: tuple[str, str], beside: bool) -> None:
    """It counts for the values it was given about, and is carried out once it may be."""
    world.settings = with_kind(world.settings, Kind.PERSON, update_left=False)
    answer(world.context(), open_holds()[0].pk, "right", "somebody")
    if beside:
        world.left.edit("person", pair[0], {"first": "A"})
    settled(world)
    assert titles(world, pair) == ["Boss", "Chief"]
    assert not reconcile(world.context()).samples
    world.settings = with_kind(world.settings, Kind.PERSON, update_left=True)
    settled(world)
    assert titles(world, pair) == ["Chief", "Chief"]
    assert [h.state for h in Hold.objects.all()] == ["closed"]


@pytest.mark.proves("M2")
def test_an_answer_outlives_a_refusal(world: World, pair: tuple[str, str]) -> None:
    """It is carried out by the next try, and is not asked for again."""
    world.left.fault(
        "refuse", verb="update", failure=Failure(ErrorClass.TRANSIENT, "BUSY", "later", ("title",))
    )
    answer(world.context(), open_holds()[0].pk, "right", "somebody")
    world.run()
    assert titles(world, pair) == ["Boss", "Chief"]
    world.time.advance(3600)
    settled(world)
    assert titles(world, pair) == ["Chief", "Chief"]
    assert Hold.objects.count() == 1


@pytest.mark.proves("M2")
def test_an_answer_about_other_values_does_not_count(world: World, pair: tuple[str, str]) -> None:
    answer(world.context(), open_holds()[0].pk, "left", "somebody")
    world.left.edit("person", pair[0], {"title": "Queen"})
    settled(world)
    assert titles(world, pair) == ["Queen", "Chief"]
    (hold,) = open_holds()
    assert hold.left_value == "Queen"


@pytest.mark.proves("M2")
@pytest.mark.parametrize("values", [("Same", "Same"), ("VP", "VP"), ("VP", "Chief"), ("Boss", "VP")])
def test_a_hold_closes_by_itself_when_people_settle_it(
    world: World, pair: tuple[str, str], values: tuple[str, str]
) -> None:
    """They agree, take it back, or leave one side's change, which then goes over."""
    for side, id_, value in zip(Side, pair, values, strict=True):
        world.systems[side].edit("person", id_, {"title": value})
    settled(world)
    assert not open_holds()
    left, right = titles(world, pair)
    assert left == right


@pytest.mark.proves("M2")
def test_a_hold_closes_when_a_side_is_deleted(world: World, pair: tuple[str, str]) -> None:
    world.left.remove("person", pair[0])
    settled(world)
    assert not open_holds()


@pytest.mark.proves("M5", "M7")
def test_an_answer_that_cannot_be_followed_is_asked_for_again(world: World) -> None:
    """Nobody can send an owner who has no counterpart, whatever is answered."""
    third = world.right.put("user", {"name": "Three", "email": "three@example.com", "active": True})
    company = world.left.put("company", {"name": "One", "domain": "one.example"})
    settled(world)
    (twin,) = world.right.all("company")
    world.right.edit("company", twin, {"owner": third})
    settled(world)
    (hold,) = open_holds()
    assert hold.code == "user"
    answer(world.context(), hold.pk, "right", "somebody")
    settled(world)
    assert [h.code for h in open_holds()] == ["user"]
    world.left.put("user", {"name": "Three", "email": "Three@example.com", "active": True})
    settled(world)
    assert not open_holds()
    assert world.left.values("company", company)["owner"] == world.user(Side.LEFT, "Three")  # type: ignore[index]


@pytest.mark.proves("I2")
def test_records_that_could_be_the_same_wait_until_they_are_told_apart(world: World) -> None:
    first, second = (
        world.left.put("person", {"last": f"P{n}", "email": "ada@example.com"}) for n in range(2)
    )
    settled(world)
    assert {h.left_id for h in open_holds()} == {first, second}
    assert not world.right.all("person")
    world.left.edit("person", second, {"email": "bob@example.org"})
    settled(world)
    assert not open_holds()
    assert len(world.right.all("person")) == 2


@pytest.mark.proves("I2")
@pytest.mark.parametrize(("ruling", "number"), [("create", 1), ("skip", 0)])
def test_an_unlinked_record_is_made_or_left_alone_as_a_person_says(
    world: World, ruling: str, number: int
) -> None:
    first, second = (
        world.left.put("person", {"last": f"P{n}", "email": "ada@example.com"}) for n in range(2)
    )
    settled(world)
    answer(world.context(), next(h.pk for h in open_holds() if h.left_id == first), ruling, "somebody")
    settled(world)
    assert len(world.right.all("person")) == number
    assert [h.left_id for h in open_holds()] == [second]
    world.left.edit("person", first, {"title": "Boss"})
    settled(world)
    assert len(world.right.all("person")) == number


@pytest.mark.proves("I2")
def test_answers_that_do_not_fit_are_refused(world: World, pair: tuple[str, str]) -> None:
    (hold,) = open_holds()
    for wrong in ("create", "both", "", f"link:person/{pair[1]}"):
        with pytest.raises(RecordError):
            answer(world.context(), hold.pk, wrong, "somebody")
    with pytest.raises(NotFoundError):
        answer(world.context(), hold.pk + 1000, "left", "somebody")
    answer(world.context(), hold.pk, "left", "somebody")
    with pytest.raises(NotFoundError):
        answer(world.context(), hold.pk, "left", "somebody")


@pytest.mark.proves("S3")
def test_a_field_that_somebody_keeps_moving_back_is_held(world: World) -> None:
    world.settings = with_map(world.settings, Kind.PERSON, "stage=stage")
    person = world.left.put("person", {"last": "Ada", "stage": "new"})
    world.run()
    (twin,) = world.right.all("person")
    for _ in range(6):
        world.right.edit("person", twin, {"stage": "lost"})
        world.run()
    (hold,) = open_holds()
    assert hold.code == "fought over"
    assert len([s for s in world.right.sent if s.verb == "update"]) == 3
    world.time.advance(90_000)
    assert not actions_of(world.run())
    world.left.edit("person", person, {"stage": "customer"})
    settled(world)
    assert not open_holds()
    assert world.right.values("person", twin)["stage"] == "customer"  # type: ignore[index]


@pytest.mark.proves("M7")
def test_a_value_that_was_only_for_the_new_record_is_held_no_longer_than_until_it_is_made(
    world: World,
) -> None:
    """A new record gets its owner once. That nobody can own it there is no matter once it is there."""
    stranger = world.left.put("user", {"name": "S", "email": "s@example.com", "active": True})
    world.left.put("company", {"name": "One", "owner": stranger})
    world.run()
    assert len(world.right.all("company")) == 1
    settled(world)
    assert not Hold.objects.filter(state="open").exists()


@pytest.mark.proves("I2")
def test_an_answer_to_make_another_waits_until_records_may_be_made(world: World) -> None:
    world.left.put("person", {"last": "Ada", "email": "ada@example.com"})
    world.run()
    double = world.right.put("person", {"last": "Ada", "email": "Ada@Example.com"})
    world.run()
    (hold,) = open_holds()
    assert hold.right_id == double
    answer(world.context(), hold.pk, "create", "somebody")
    world.settings = with_kind(world.settings, Kind.PERSON, create_left=CreateRule(enabled=False))
    settled(world)
    assert len(world.left.all("person")) == 1
    world.settings = with_kind(world.settings, Kind.PERSON, create_left=CreateRule())
    settled(world)
    assert len(world.left.all("person")) == 2
    assert [h.state for h in Hold.objects.all()] == ["closed"]
