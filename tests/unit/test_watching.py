"""How far a run is, as others see it."""

from datetime import timedelta

from syncline.engine.context import silent
from syncline.service.watching import Watched, seen
from syncline.store import leases, progress
from syncline.store.work_tables import RunProgress
from tests.property.world import World


def at_work(world: World) -> str:
    """This process is at the sync."""
    name = world.settings.name
    assert leases.take(f"sync {name}", leases.this_process(), world.time.now(), doing="a run")
    return name


def note(world: World, done: int, total: int | None, seconds: float) -> None:
    now = world.time.now()
    row = RunProgress(
        sync=world.settings.name,
        holder=leases.this_process(),
        step="reading left person",
        done=done,
        total=total,
        began_at=now - timedelta(seconds=seconds),
        updated_at=now,
    )
    progress.note(row)


def test_nobody_is_at_work(world: World) -> None:
    note(world, 5, 10, 1)
    assert seen(world.settings.name, world.time.now()) is None


def test_rate_and_time_left_go_by_the_whole_step(world: World) -> None:
    name = at_work(world)
    note(world, 300, 1000, 30)
    found = seen(name, world.time.now())
    assert found is not None
    assert (found["by"], found["doing"]) == (leases.this_process(), "a run")
    assert (found["step"]["rate"], found["step"]["seconds_left"]) == (10.0, 70)


def test_no_time_left_is_told_where_nothing_is_known(world: World) -> None:
    name = at_work(world)
    for done, total, seconds in ((0, 100, 5.0), (5, None, 5.0), (5, 100, 0.0), (5, 100, -3.0)):
        note(world, done, total, seconds)
        found = seen(name, world.time.now())
        assert found is not None
        assert found["step"]["seconds_left"] is None


def test_a_step_that_shows_more_than_it_said_has_nothing_left(world: World) -> None:
    name = at_work(world)
    note(world, 120, 100, 10)
    found = seen(name, world.time.now())
    assert found is not None
    assert found["step"]["seconds_left"] == 0


def test_steps_of_whoever_was_there_before_are_not_shown(world: World) -> None:
    note(world, 5, 10, 1)
    leases.take(f"sync {world.settings.name}", "elsewhere:1", world.time.now(), doing="a run")
    found = seen(world.settings.name, world.time.now())
    assert found is not None
    assert found["step"] is None


def test_it_is_written_down_at_most_once_a_second(world: World) -> None:
    name = at_work(world)
    told: list[int] = []
    watched = Watched(name, world.time, lambda step, done, total: told.append(done))
    for done in range(50):
        watched.report("reading left person", done, 50)
    assert told == list(range(50)), "whoever looks on here is told of everything"
    assert RunProgress.objects.get(sync=name).done == 0


def test_a_run_leaves_no_step_of_the_one_before(world: World) -> None:
    at_work(world)
    note(world, 5, 10, 1)
    world.run(approved_by="a person")
    assert not RunProgress.objects.filter(sync=world.settings.name).exists()


def test_a_step_begins_anew_with_another_name(world: World) -> None:
    name = at_work(world)
    watched = Watched(name, world.time, silent)
    watched.report("planning persons", 1, None)
    assert RunProgress.objects.get(sync=name).began_at == world.time.now()
