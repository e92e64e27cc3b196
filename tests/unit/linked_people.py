"""People who are linked on both sides, for tests of what becomes of their links."""

from collections import Counter
from typing import Any

from syncline.core.model import Kind
from syncline.store.models import Link, Run
from tests.property.world import World, actions_of, with_kind

ADA = {"last": "Ada", "email": "ada@example.com", "phone": "+14155550123", "title": "Boss"}
BOB = {"last": "Bob", "email": "bob@example.org", "title": "VP"}


def linked(world: World, *people: dict[str, Any]) -> list[tuple[str, str]]:
    """People on both sides, as (left id, right id)."""
    lefts = [world.left.put("person", one) for one in people]
    world.run()
    return [(left, twin_of(left)) for left in lefts]


def twin_of(left: str) -> str:
    return str(Link.objects.get(left_id=left, ended_at=None).right_id)


def person(world: World, **changes: Any) -> None:
    world.settings = with_kind(world.settings, Kind.PERSON, **changes)


def ops(row: Run) -> Counter[str]:
    return Counter(a.op for a in actions_of(row))


def active() -> set[tuple[str, str]]:
    return set(Link.objects.filter(ended_at=None).values_list("left_id", "right_id"))


def made_unheard(world: World, last: str) -> str:
    """A left person whose counterpart was made by a create that got no answer; they have no match key."""
    made = world.left.put("person", {"last": last})
    world.right.fault("hang", verb="create", after_commit=True)
    world.run()
    return made
