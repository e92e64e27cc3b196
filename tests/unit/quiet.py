"""Running until nothing is left to do, and judging what came of it."""

from contextlib import suppress

import pytest

from syncline.connectors.memory import Crash
from syncline.engine.reconcile import reconcile
from tests.property.oracle import differences
from tests.property.world import World, actions_of


def settled(world: World, runs: int = 6) -> None:
    """Faults end and runs go on until one has nothing to do; then nothing may be wrong."""
    for system in world.systems.values():
        system.faults.clear()
        system.settle()
    for _ in range(runs):
        world.time.advance(60)
        row = world.run()
        if not actions_of(row):
            break
    else:
        raise AssertionError([(a.op, a.left_id, a.right_id, a.reason, a.status) for a in actions_of(row)])
    found = differences(world)
    assert not found, found
    reconciled = reconcile(world.context())
    assert not reconciled.unexplained, reconciled.to_json()


def killed(world: World, **how: object) -> None:
    """A run that a fault ends."""
    with pytest.raises(Crash):
        world.run(**how)


def killed_after(world: World, looks: int) -> None:
    """The process ends when it has looked at the clock that often, if it does."""
    world.clock.looks_left = looks
    with suppress(Crash):
        world.run()
    world.clock.looks_left = None
