"""Reading only parts, in whatever order, comes to the same as reading all."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncline.core.model import Kind, Side
from syncline.engine.parts import Parts, all_parts
from syncline.store.database import close_store, open_store
from tests.property.oracle import differences
from tests.property.world import World, actions_of, empty_store

Edit = tuple[Side, int, str]
FIELD = {Side.LEFT: "title", Side.RIGHT: "optin"}
"""What only this side owns, so that both histories have one outcome."""
EDITS = st.tuples(st.sampled_from(Side), st.integers(0, 1), st.sampled_from(["edit", "make"]))
PARTS = st.frozensets(
    st.tuples(st.sampled_from(Side), st.sampled_from([Kind.ACCOUNT, Kind.PERSON])), max_size=3
)


HISTORIES = st.lists(st.tuples(EDITS, PARTS), min_size=1, max_size=4)
ORDERS = st.permutations(sorted(all_parts(World().settings)))


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=HISTORIES, order=ORDERS)
def both_come_to_the_same(steps: Sequence[tuple[Edit, Parts]], order: Sequence[tuple[Side, Kind]]) -> None:
    partly = told(steps, [frozenset({part}) for part in order])
    assert partly == told([(edit, all_parts(World().settings)) for edit, _ in steps], [])


@pytest.mark.proves("P1", "U1")
def test_partial_reads_come_to_what_full_ones_come_to(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/parts.sqlite3")
    try:
        both_come_to_the_same()
    finally:
        close_store()


def told(steps: Sequence[tuple[Edit, Parts]], order: Sequence[Parts]) -> dict[Side, list[list[str]]]:
    """What both sides hold once nothing is left to do."""
    empty_store()
    world = World()
    for number in range(2):
        world.left.put("person", {"last": f"L{number}", "email": f"{number}@example.com"})
    world.run()
    for number, ((side, which, what), parts) in enumerate(steps):
        change(world, side, which, what, number)
        world.run(parts=parts)
    every = all_parts(world.settings)
    while any(actions_of(world.run(parts=parts)) for parts in (order or [every])):
        world.time.advance(60)
    assert not actions_of(world.run())
    assert not differences(world)
    return {
        side: sorted(
            [str(v.get(n)) for n in ("email", "last", "title", "optin")]
            for v in system.all("person").values()
        )
        for side, system in world.systems.items()
    }


def change(world: World, side: Side, which: int, what: str, number: int) -> None:
    """Somebody edits a person, or makes one whom somebody has made on the other side too."""
    system = world.systems[side]
    if what == "edit":
        id_ = sorted(system.all("person"))[which]
        system.edit("person", id_, {FIELD[side]: f"T{number}" if side is Side.LEFT else number % 2 == 0})
        return
    for each in (system, world.systems[side.other])[: which + 1]:
        each.put("person", {"last": f"New{number}", "email": f"new{number}@example.com"})
