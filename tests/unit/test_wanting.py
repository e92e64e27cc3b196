"""What a person asks for while a worker is at the sync: stored, queued first, done once, and told of."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from syncline.config import Document
from syncline.connectors.clock import SystemClock
from syncline.core.errors import BusyError, PlanError, RunStopped, known_as
from syncline.service import wanting
from syncline.service.jobs.port import Urgency
from syncline.service.tick import jobs_due
from syncline.store import leases, wishes, workers
from syncline.store.models import Run
from syncline.store.wishes import WishState
from syncline.store.work_tables import Wish
from tests.property.world import World

LINES = {"left": "left", "right": "right"}


def document(sync: str) -> Document:
    systems = {name: {"system": "memory"} for name in ("left", "right")}
    return Document.model_validate({"version": 1, "connections": systems, "syncs": {sync: LINES}})


def wanted(world: World, work: str = "run", **arguments: Any) -> Wish:
    return wishes.wish(world.settings.name, work, arguments, by="a person", now=world.time.now())


def fulfil(world: World, wish: Wish) -> Mapping[str, Any]:
    world.time.advance(1)
    return wanting.fulfil(world.context(), {"wish": wish.pk})


def as_it_stands(wish: Wish) -> Wish:
    found = wishes.get(wish.pk)
    assert found is not None
    return found


def test_a_wish_becomes_a_job_that_goes_before_the_rest(world: World) -> None:
    wish = wanted(world)
    found = jobs_due(document(world.settings.name), world.time.now())
    assert [(job.id, job.urgency, job.work) for job in found] == [(f"wish-{wish.pk}", Urgency.MANUAL, "wish")]
    assert found == jobs_due(document(world.settings.name), world.time.now()), "it is one job, however often"


def test_a_wish_whose_job_was_lost_is_queued_again(world: World) -> None:
    wish = wanted(world)
    later = world.time.now() + wanting.AGAIN + timedelta(seconds=1)
    (job,) = wanting.due(document(world.settings.name), later)
    assert job.id == f"wish-{wish.pk}-1"


def test_a_wish_of_a_sync_that_is_gone_waits(world: World) -> None:
    wanted(world)
    assert not list(wanting.due(document("another"), world.time.now()))


def test_a_run_that_was_asked_for_is_done_once(world: World) -> None:
    world.left.put("person", {"email": "ada@example.com"})
    wish = wanted(world, approved_by="a person")
    fulfil(world, wish)
    found = as_it_stands(wish)
    assert (found.state, Run.objects.get(pk=found.run_id or 0).status) == (WishState.DONE, "done")
    assert not fulfil(world, wish)
    assert Run.objects.filter(status="done").count() == 1
    assert not list(wanting.due(document(world.settings.name), world.time.now()))


def test_a_plan_that_waits_is_approved_by_a_wish(world: World) -> None:
    world.left.put("person", {"email": "ada@example.com"})
    plan = world.plan()
    wish = wanted(world, plan=plan.pk, approved_by="a person")
    fulfil(world, wish)
    plan.refresh_from_db()
    assert (plan.status, plan.approved_by) == ("done", "a person")
    assert as_it_stands(wish).run_id == plan.pk


def test_a_push_that_was_asked_for_tells_of_each_record(world: World) -> None:
    world.run(approved_by="a person")
    id_ = world.left.put("person", {"email": "ada@example.com"})
    asked = {"records": [f"person/{id_}"], "to": "right", "overwrite": False, "by": "p", "dry_run": False}
    wish = wanted(world, "by_hand", **asked)
    fulfil(world, wish)
    found = as_it_stands(wish)
    assert found.result["run"] == found.run_id
    assert [each["record"] for each in found.result["records"]] == [f"person/{id_}"]


def test_a_look_at_both_sides_that_was_asked_for(world: World) -> None:
    world.run(approved_by="a person")
    world.left.put("person", {"email": "ada@example.com"})
    wish = wanted(world, "pull", whole=False)
    fulfil(world, wish)
    assert as_it_stands(wish).result["shown"] >= 1


def test_what_fails_is_told_to_who_asked(world: World) -> None:
    wish = wanted(world, plan=4711)
    with pytest.raises(PlanError):
        fulfil(world, wish)
    found = as_it_stands(wish)
    assert (found.state, found.error["code"]) == (WishState.FAILED, "plan")
    assert known_as(found.error["code"]) is PlanError


def test_what_is_stopped_or_meets_another_process_stays_open(world: World) -> None:
    world.left.put("person", {"email": "ada@example.com"})
    wish = wanted(world, approved_by="a person")
    context = world.context()
    context.stopping = lambda: True
    with pytest.raises(RunStopped):
        wanting.fulfil(context, {"wish": wish.pk})
    with (
        leases.held(f"sync {world.settings.name}", "elsewhere:1", world.time.now(), "a run"),
        pytest.raises(BusyError),
    ):
        wanting.fulfil(world.context(), {"wish": wish.pk})
    assert as_it_stands(wish).state == WishState.OPEN


def test_a_wish_whose_job_was_cancelled_is_withdrawn(world: World) -> None:
    wish = wanted(world)
    for job in ("run-1", "wish-", f"wish-{wish.pk}x"):
        wanting.withdraw(job, world.time.now())
    assert as_it_stands(wish).state == WishState.OPEN
    wanting.withdraw(f"wish-{wish.pk}-3", world.time.now())
    assert as_it_stands(wish).state == WishState.WITHDRAWN


def test_only_a_worker_takes_wishes(world: World) -> None:
    sync, now = world.settings.name, world.time.now()
    me = leases.this_process()
    with leases.held(f"sync {sync}", me, now, "a run"):
        assert not wanting.worker_is_at(sync, now), "it is another command"
        workers.sign_in(me, SystemClock().now(), timedelta(minutes=1))
        assert wanting.worker_is_at(sync, now)
    assert not wanting.worker_is_at(sync, now), "the worker rests"


def test_wishes_that_are_over_are_forgotten_in_time(world: World) -> None:
    over, still = wanted(world), wanted(world)
    wishes.end(over.pk, WishState.DONE, world.time.now())
    wishes.prune(world.settings.name, world.time.now() + timedelta(days=1))
    assert [wish.pk for wish in Wish.objects.all()] == [still.pk]


def test_ends_are_said_once(world: World) -> None:
    wish = wanted(world)
    assert wishes.end(wish.pk, WishState.WITHDRAWN, world.time.now())
    assert not wishes.end(wish.pk, WishState.DONE, world.time.now())
    assert as_it_stands(wish).state == WishState.WITHDRAWN
    assert not fulfil(world, wish)


def test_a_push_that_was_stopped_is_taken_up_again(world: World) -> None:
    world.run(approved_by="a person")
    id_ = world.left.put("person", {"email": "ada@example.com"})
    asked = {"records": [f"person/{id_}"], "to": "right", "overwrite": False, "by": "p", "dry_run": False}
    wish = wanted(world, "by_hand", **asked)
    context = world.context()
    context.stopping = lambda: True
    with pytest.raises(RunStopped):
        wanting.fulfil(context, {"wish": wish.pk})
    fulfil(world, wish)
    assert as_it_stands(wish).state == WishState.DONE
