"""What a system refuses is kept out of the way, told, and tried again when something changed."""

from dataclasses import replace

import pytest

from syncline.core.model import ErrorClass, Failure, Kind
from syncline.core.policy import OnClear
from syncline.engine.reconcile import VANISHED, reconcile
from syncline.store.error_log import SyncError
from syncline.store.models import Standing
from tests.property.world import World, actions_of, with_map
from tests.unit.quiet import settled


def failure(*fields: str, kind: ErrorClass = ErrorClass.VALIDATION) -> Failure:
    return Failure(kind, "NO", "not here", fields)


def refuse(world: World, verb: str, *fields: str, title: str = "Boss") -> None:
    """The right side takes no such title."""
    world.right.fault(
        "refuse", verb=verb, failure=failure(*fields), count=None, when=lambda v: v.get("title") == title
    )


def title(world: World) -> object:
    (right,) = world.right.all("person").values()
    return right["title"]


def errors() -> list[SyncError]:
    return list(SyncError.objects.filter(resolved_at__isnull=True))


@pytest.fixture
def person(world: World) -> str:
    """A person on both sides."""
    made = world.left.put("person", {"last": "Ada", "title": "VP"})
    world.run()
    return made


def quiet(world: World, *, vanished: int = 0) -> None:
    """Nothing is left to do, faults and all; of what somebody removed unseen, reconciling tells."""
    for _ in range(5):
        if not actions_of(world.run()):
            break
    else:
        raise AssertionError([(a.op, a.reason) for a in actions_of(world.run())])
    found = reconcile(world.context())
    assert [s["difference"] for s in found.samples] == [VANISHED] * vanished
    assert found.unexplained == vanished


@pytest.mark.proves("E1", "E2", "E3")
def test_a_refused_value_is_parked_and_the_other_fields_go_on(world: World, person: str) -> None:
    refuse(world, "update", "title")
    world.left.edit("person", person, {"title": "Boss", "first": "A"})
    quiet(world)
    assert title(world) == "VP"
    assert [p["first"] for p in world.right.all("person").values()] == ["A"]
    (error,) = errors()
    assert (error.key, error.code, error.message, error.attempts) == ("title=title", "NO", "not here", 1)


@pytest.mark.proves("E2")
@pytest.mark.parametrize("fields", [("title",), ()])
def test_a_refused_value_is_tried_again_when_it_changes(
    world: World, person: str, fields: tuple[str, ...]
) -> None:
    refuse(world, "update", *fields)
    world.left.edit("person", person, {"title": "Boss"})
    quiet(world)
    assert len(errors()) == 1
    world.left.edit("person", person, {"title": "Chief"})
    quiet(world)
    assert title(world) == "Chief"
    assert not errors()


@pytest.mark.proves("E2", "E4")
@pytest.mark.parametrize("fields", [("title",), ()])
def test_an_error_closes_when_the_value_is_taken_back(
    world: World, person: str, fields: tuple[str, ...]
) -> None:
    refuse(world, "update", *fields)
    world.left.edit("person", person, {"title": "Boss"})
    quiet(world)
    world.left.edit("person", person, {"title": "VP"})
    quiet(world)
    assert not errors()


@pytest.mark.proves("E2", "E4")
@pytest.mark.parametrize("fields", [("title",), ()])
def test_an_error_closes_when_somebody_mends_the_other_side(
    world: World, person: str, fields: tuple[str, ...]
) -> None:
    refuse(world, "update", *fields)
    world.left.edit("person", person, {"title": "Boss"})
    quiet(world)
    (twin,) = world.right.all("person")
    world.right.edit("person", twin, {"title": "Boss"})
    quiet(world)
    assert not errors()


@pytest.mark.proves("E2")
def test_a_second_refused_value_replaces_the_first(world: World, person: str) -> None:
    refuse(world, "update", "title")
    refuse(world, "update", "title", title="Chief")
    for value in ("Boss", "Chief"):
        world.left.edit("person", person, {"title": value})
        quiet(world)
    assert [e.value for e in errors()] == ["'Chief'"]


@pytest.mark.proves("E2")
@pytest.mark.parametrize("fields", [("title",), ()])
def test_a_refused_value_is_tried_again_under_another_schema(
    world: World, person: str, fields: tuple[str, ...]
) -> None:
    refuse(world, "update", *fields)
    world.left.edit("person", person, {"title": "Boss"})
    quiet(world)
    world.right.faults.clear()
    quiet(world)
    assert title(world) == "VP"
    schema = world.right.types["person"]
    wider = {**schema.fields, "title": replace(schema.fields["title"], length=200)}
    world.right.change_schema(replace(schema, fields=wider))
    settled(world)
    assert title(world) == "Boss"
    assert not errors()


@pytest.mark.proves("E2")
def test_a_refused_value_is_tried_again_under_another_map(world: World, person: str) -> None:
    refuse(world, "update", "title")
    world.left.edit("person", person, {"title": "Boss"})
    quiet(world)
    world.right.faults.clear()
    world.settings = with_map(world.settings, Kind.PERSON, "title=title", clear=OnClear.KEEP)
    settled(world)
    assert title(world) == "Boss"


@pytest.mark.proves("E2", "E3")
def test_a_record_that_is_refused_altogether_is_parked_as_it_is(world: World) -> None:
    world.right.fault("refuse", verb="create", failure=failure(), count=None)
    person = world.left.put("person", {"last": "Ada"})
    world.left.put("person", {"last": "Bob"})
    quiet(world)
    assert len(errors()) == 2
    world.right.faults.clear()
    quiet(world)
    assert not world.right.all("person")
    world.left.edit("person", person, {"last": "Ada L"})
    settled(world)
    assert [p["last"] for p in world.right.all("person").values()] == ["Ada L"]
    assert len(errors()) == 1


@pytest.mark.proves("E2", "E4")
def test_an_agreement_on_another_field_closes_no_refusal_of_all_that_was_written(
    world: World, person: str
) -> None:
    (right,) = world.right.all("person")
    world.left.fault("refuse", verb="update", failure=failure(), count=None)
    world.right.edit("person", right, {"title": "Boss"})
    quiet(world)
    world.left.edit("person", person, {"first": "A"})
    world.right.edit("person", right, {"first": "A"})
    quiet(world)
    assert len(errors()) == 1
    assert Standing.objects.get(side="left", remote_id=person).state == "failed"


@pytest.mark.proves("E2")
def test_what_was_refused_as_a_new_record_is_not_refused_as_a_change(world: World) -> None:
    loser = world.left.put("person", {"last": "Ada"})
    world.run()
    world.right.fault("refuse", verb="create", failure=failure(), count=None)
    survivor = world.left.put("person", {"last": "Cy", "title": "VP"})
    quiet(world)
    assert len(errors()) == 1
    world.left.merge("person", survivor, [loser])
    settled(world)
    assert [(p["last"], p["title"]) for p in world.right.all("person").values()] == [("Cy", "VP")]
    assert not errors()


@pytest.mark.proves("E3")
def test_a_record_is_made_without_the_field_that_is_refused(world: World) -> None:
    refuse(world, "create", "title")
    refuse(world, "update", "title")
    world.left.put("person", {"last": "Ada", "title": "Boss", "first": "A"})
    quiet(world)
    (right,) = world.right.all("person").values()
    assert (right["last"], right["first"], right.get("title")) == ("Ada", "A", None)
    (error,) = errors()
    assert error.key == "title=title"
    assert error.right_id
    states = Standing.objects.filter(kind="person").values_list("state", flat=True)
    assert set(states) == {"failed"}


@pytest.mark.proves("E3")
def test_one_bad_record_of_a_batch_does_not_stop_its_neighbours(world: World) -> None:
    for number in range(12):
        world.left.put("person", {"last": f"P{number}", "title": "Boss" if number == 5 else "VP"})
    refuse(world, "create")
    quiet(world)
    assert len(world.right.all("person")) == 11


@pytest.mark.proves("E2")
@pytest.mark.parametrize("kind", [ErrorClass.TRANSIENT, ErrorClass.QUOTA, ErrorClass.LOCK])
def test_a_refusal_that_heals_is_tried_again_by_the_next_run(
    world: World, person: str, kind: ErrorClass
) -> None:
    world.right.fault("refuse", verb="update", failure=failure(kind=kind))
    world.left.edit("person", person, {"title": "Boss"})
    world.run()
    assert title(world) == "VP"
    assert len(errors()) == 1
    settled(world)
    assert title(world) == "Boss"
    assert not errors()


@pytest.mark.proves("E2")
def test_a_write_to_a_record_that_is_gone_is_parked_and_told(world: World, person: str) -> None:
    world.right.quirks.sees_deletions = False
    (twin,) = world.right.all("person")
    world.right.remove("person", twin)
    world.left.edit("person", person, {"title": "Boss"})
    quiet(world, vanished=1)
    assert [e.error_class for e in errors()] == ["gone"]
    assert not world.right.all("person")
    assert len(world.left.all("person")) == 1


@pytest.mark.proves("E2")
def test_a_refused_record_is_tried_again_when_its_company_loses_its_link(world: World) -> None:
    company = world.left.put("company", {"name": "One", "domain": "one.example"})
    world.run()
    refuse(world, "create")
    world.left.put("person", {"last": "Ada", "title": "Boss", "company": company})
    world.run()
    assert [e.key for e in errors()] == [""]
    world.right.faults.clear()
    (there,) = world.right.all("company")
    world.right.remove("company", there)
    quiet(world)
    (made,) = world.right.all("person").values()
    assert (made["title"], made.get("company")) == ("Boss", None)
