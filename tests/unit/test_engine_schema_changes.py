"""A field is removed, retyped or made read-only between plan and run: left out or held, and nothing is lost."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from syncline.core.model import ErrorClass, Failure
from syncline.core.schema import Field, FieldType, ObjectSchema
from syncline.engine.reconcile import reconcile
from tests.property.world import World, actions_of
from tests.unit.quiet import settled

Change = Callable[[ObjectSchema], ObjectSchema]


def _with(schema: ObjectSchema, field: Field) -> ObjectSchema:
    return replace(schema, fields={**schema.fields, field.name: field})


def removed(schema: ObjectSchema) -> ObjectSchema:
    return replace(schema, fields={n: f for n, f in schema.fields.items() if n != "title"})


def retyped(schema: ObjectSchema) -> ObjectSchema:
    return _with(schema, replace(schema.fields["title"], type=FieldType.NUMBER))


def read_only(schema: ObjectSchema) -> ObjectSchema:
    return _with(schema, replace(schema.fields["title"], creatable=False, updatable=False))


CHANGES: list[Change] = [removed, retyped, read_only]


@pytest.fixture
def person(world: World) -> str:
    """A person on both sides."""
    made = world.left.put("person", {"last": "Ada", "first": "A", "title": "VP"})
    world.run()
    return made


def shown(world: World) -> tuple[object, object]:
    (right,) = world.right.all("person").values()
    return right.get("first"), right.get("title")


@pytest.mark.proves("E2", "S1")
@pytest.mark.parametrize("change", CHANGES)
def test_a_plan_made_before_writes_nothing_into_a_field_that_changed_since(
    world: World, person: str, change: Change
) -> None:
    before = world.right.types["person"]
    world.left.edit("person", person, {"first": "Ada", "title": "Boss"})
    planned = world.plan()
    world.right.change_schema(change(before))
    world.run(run_id=planned.pk)
    assert shown(world)[1] in ("VP", None)
    for _ in range(4):
        world.run()
    assert shown(world)[0] == "Ada"
    assert shown(world)[1] in ("VP", None)
    assert not world.writes()
    assert not reconcile(world.context()).unexplained
    world.right.change_schema(before)
    settled(world)
    assert shown(world)[0] == "Ada"
    assert [p["title"] for p in world.left.all("person").values()] == ["Boss"]


@pytest.mark.proves("E2", "E3")
@pytest.mark.parametrize("change", CHANGES)
def test_a_field_that_changes_in_mid_run_is_refused_alone(world: World, person: str, change: Change) -> None:
    """Described as it was, written as it is: the system names the field, and the others go on."""
    before = world.right.types["person"]
    code = Failure(ErrorClass.VALIDATION, "INVALID_FIELD", "No such column 'title'", ("title",))
    world.right.fault("refuse", verb="update", failure=code, count=1, when=lambda v: "title" in v)
    world.left.edit("person", person, {"first": "Ada", "title": "Boss"})
    row = world.run()
    assert shown(world) == ("Ada", "VP")
    assert [a.status for a in actions_of(row) if a.op == "update"] == ["applied"]
    world.right.change_schema(change(before))
    for _ in range(3):
        world.run()
    assert not world.writes()
    assert not reconcile(world.context()).unexplained
