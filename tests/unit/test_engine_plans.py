"""A stored plan is what runs, approvals and brakes hold it, and an overtaken one does not run."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncline.connectors.memory import Crash
from syncline.core.errors import PlanError, RateLimitedError
from syncline.core.guard import Brakes
from syncline.core.model import Kind, Ref, Side
from syncline.core.policy import OnFirstContact
from syncline.store import leases, standings
from syncline.store.models import Action, Run
from syncline.store.standings import Stand, State
from tests.property.world import World, actions_of, with_map
from tests.unit.quiet import settled


def fields(row: Run) -> list[tuple[str, str, object]]:
    return [(a.op, a.left_id, a.fields) for a in actions_of(row)]


@pytest.mark.proves("S1")
def test_a_plan_writes_nothing_and_runs_as_it_is_shown(world: World) -> None:
    company = world.left.put("company", {"name": "One", "domain": "one.example"})
    world.left.put("person", {"last": "Ada", "company": company})
    world.right.put("person", {"last": "Bob"})
    stored = world.plan()
    assert not world.writes()
    shown = fields(stored)
    assert [op for op, _, _ in shown] == ["create", "create", "create"]
    world.left.put("person", {"last": "Cy"})
    done = world.run(run_id=stored.pk)
    assert (done.pk, done.status, done.results["created"]) == (stored.pk, "done", 3)
    assert {p["last"] for p in world.right.all("person").values()} == {"Ada", "Bob"}
    assert [(a.op, a.status) for a in actions_of(done)] == [("create", "applied")] * 3
    settled(world)


@pytest.mark.proves("S1")
@pytest.mark.parametrize("side", Side)
def test_an_action_whose_record_moved_is_planned_anew(world: World, side: Side) -> None:
    person = world.left.put("person", {"last": "Ada", "title": "VP"})
    world.run()
    (twin,) = world.right.all("person")
    world.left.edit("person", person, {"title": "Boss"})
    stored = world.plan()
    world.systems[side].edit("person", person if side is Side.LEFT else twin, {"title": "Chief"})
    done = world.run(run_id=stored.pk)
    assert (done.results["updated"], done.results["moved"], world.writes()) == (0, 1, 0)
    settled(world)
    assert world.right.values("person", twin)["title"] == ("Chief" if side is Side.LEFT else "Boss")  # type: ignore[index]


@pytest.mark.proves("S2")
def test_the_first_run_waits_for_approval_and_later_ones_do_not(world: World) -> None:
    world.settings = replace(world.settings, first_run_needs_approval=True)
    world.left.put("person", {"last": "Ada"})
    held = world.run()
    assert (held.status, [n["brake"] for n in held.needs_approval]) == ("planned", ["first_run"])
    assert not world.right.all("person")
    assert world.run(run_id=held.pk).status == "planned"
    assert not world.writes()
    assert world.run(run_id=held.pk, approved_by="somebody").status == "done"
    world.left.put("person", {"last": "Bob"})
    assert world.run().status == "done"
    settled(world)


@pytest.mark.proves("S2")
def test_a_small_batch_first_leaves_the_rest_to_the_next_run(world: World) -> None:
    for number in range(7):
        world.left.put("person", {"last": f"P{number}"})
    for expected in (3, 6, 7):
        world.run(limit=3)
        assert len(world.right.all("person")) == expected
    assert not actions_of(world.run(limit=3))
    settled(world)


@pytest.mark.proves("S2")
def test_a_run_that_never_planned_approves_nothing(world: World) -> None:
    """It failed while reading; carried out, it would count as the approved first run."""
    world.settings = replace(world.settings, first_run_needs_approval=True)
    world.left.put("person", {"last": "Ada"})
    world.left.fault("status", verb="read", status=429, retry_after=900.0)
    with pytest.raises(RateLimitedError):
        world.run()
    failed = Run.objects.get()
    with pytest.raises(PlanError):
        world.run(run_id=failed.pk)
    assert world.run().status == "planned"


@pytest.mark.proves("S3")
@pytest.mark.parametrize(
    ("brakes", "name"),
    [
        (Brakes(max_creates=1), "max_creates"),
        (Brakes(max_overwrites=1), "max_overwrites"),
        (Brakes(max_clears=0), "max_clears"),
    ],
)
def test_a_tripped_brake_holds_the_plan_until_somebody_approves(
    world: World, brakes: Brakes, name: str
) -> None:
    people = [world.left.put("person", {"last": f"P{n}", "title": "VP"}) for n in range(2)]
    world.run()
    for person in people:
        world.left.put("person", {"last": "New"})
        world.left.edit("person", person, {"title": None if name == "max_clears" else "Boss"})
    world.settings = replace(world.settings, brakes=brakes)
    held = world.run()
    assert (held.status, [n["brake"] for n in held.needs_approval]) == ("planned", [name])
    assert not world.writes()
    assert world.run(run_id=held.pk, approved_by="somebody").status == "done"
    settled(world)
    assert len(world.right.all("person")) == 4


@pytest.mark.proves("S3")
def test_a_side_that_shows_nobody_any_more_holds_the_plan(world: World) -> None:
    world.settings = replace(world.settings, brakes=Brakes())
    people = [world.left.put("person", {"last": f"P{n}"}) for n in range(3)]
    world.run()
    for person in people:
        world.left.remove("person", person)
    held = world.run()
    assert [n["brake"] for n in held.needs_approval] == ["emptied_side"]
    assert len(world.right.all("person")) == 3


@pytest.mark.proves("S1")
def test_a_plan_of_other_settings_does_not_run(world: World) -> None:
    world.left.put("person", {"last": "Ada"})
    stored = world.plan()
    world.settings = with_map(world.settings, Kind.PERSON, "title=title", enabled=False)
    with pytest.raises(PlanError):
        world.run(run_id=stored.pk)


@pytest.mark.proves("S1")
def test_a_plan_that_was_overtaken_does_not_run(world: World) -> None:
    """The create of the killed run may have arrived; the older plan holds the same create."""
    world.left.put("person", {"last": "Ada"})
    world.right.quirks.stale_for = timedelta(seconds=300)
    world.right.fault("status", verb="create", status=429, retry_after=900.0)
    with pytest.raises(RateLimitedError):
        world.run()
    failed = Run.objects.get()
    world.time.advance(600)
    world.right.fault("raise", verb="create", after_commit=True)
    with pytest.raises(Crash):
        world.run()
    with pytest.raises(PlanError):
        world.run(run_id=failed.pk)
    world.time.advance(600)
    settled(world)
    assert len(world.right.all("person")) == 1


@pytest.mark.proves("S1", "E3")
def test_a_killed_run_can_be_taken_up_again(world: World) -> None:
    for name in ("Ada", "Bob"):
        world.left.put("person", {"last": name})
    company = world.left.put("company", {"name": "One"})
    stored = world.plan()
    world.right.fault("raise", verb="create", object_type="person", after_commit=True)
    with pytest.raises(Crash):
        world.run(run_id=stored.pk)
    world.run(run_id=stored.pk)
    settled(world)
    assert len(world.right.all("person")) == 2
    assert len(world.right.all("company")) == 1
    assert company in world.left.all("company")


@pytest.mark.proves("S1", "M7")
def test_users_that_came_between_plan_and_run_are_counted_by_the_next_plan(world: World) -> None:
    third = world.right.put("user", {"name": "Three", "email": "three@example.com", "active": True})
    company = world.right.put("company", {"name": "One", "owner": third})
    stored = world.plan()
    world.left.put("user", {"name": "Three", "email": "three@example.com", "active": True})
    world.run(run_id=stored.pk)
    settled(world)
    (twin,) = world.left.all("company").values()
    assert twin["owner"] == world.user(Side.LEFT, "three")
    assert company in world.right.all("company")


@pytest.mark.proves("M2")
def test_a_map_that_was_off_meets_its_field_anew(world: World) -> None:
    """What was edited meanwhile is no change to be carried over: both sides are filled, and nobody owns it."""
    world.settings = with_map(
        world.settings, Kind.PERSON, "phone=phone", on_first_contact=OnFirstContact.KEEP
    )
    person = world.left.put("person", {"last": "Ada", "phone": "(415) 555-0100"})
    world.run()
    (twin,) = world.right.all("person")
    on = world.settings
    world.settings = with_map(on, Kind.PERSON, "phone=phone", enabled=False)
    world.run()
    world.left.edit("person", person, {"phone": "(415) 555-0199"})
    settled(world)
    world.settings = on
    settled(world)
    assert world.right.values("person", twin)["phone"] == "(415) 555-0100"  # type: ignore[index]


@pytest.mark.proves("S1")
def test_two_processes_do_not_work_on_a_sync_at_once(world: World) -> None:
    now = world.time.now()
    assert leases.take("sync main", "another-machine:1", now)
    with pytest.raises(PlanError):
        world.run()
    world.time.advance(leases.DURATION.total_seconds())
    assert world.run().status == "done"


def test_a_lease_of_a_process_that_died_gives_way(world: World) -> None:
    host = leases.this_process().rpartition(":")[0]
    assert leases.take("sync main", f"{host}:999999999", world.time.now())
    assert world.run().status == "done"


@pytest.mark.proves("S1")
def test_references_to_records_of_the_same_plan_are_filled_in(world: World) -> None:
    company = world.right.put("company", {"name": "One", "domain": "one.example"})
    world.right.put("person", {"last": "Ada", "company": company})
    world.run()
    (twin,), (person,) = world.left.all("company"), world.left.all("person").values()
    assert person["company"] == twin
    assert not actions_of(world.run())


@pytest.mark.proves("S1")
def test_a_record_that_waits_for_another_is_woken_by_its_link(world: World) -> None:
    for _ in range(2):
        company = world.left.put("company", {"name": "One", "domain": "one.example"})
    world.left.put("person", {"last": "Ada", "company": company})
    settled(world)
    (twin,) = world.right.all("person").values()
    assert not twin.get("company")
    first = next(iter(world.left.all("company")))
    world.left.edit("company", first, {"domain": "other.example"})
    settled(world)
    (twin,) = world.right.all("person").values()
    held = {c["domain"]: id_ for id_, c in world.right.all("company").items()}
    assert twin["company"] == held["one.example"]
    assert not Action.objects.filter(status="open").exists()


@pytest.mark.proves("D2")
def test_a_record_that_waits_for_several_is_woken_by_each_of_them(world: World) -> None:
    deal, other = Ref("deal", "d1"), Ref("deal", "d2")
    awaited = tuple(standings.waiting_for(Side.LEFT, name) for name in ("a", "b", "x" * 300))
    waiting = [
        Stand(Side.LEFT, Kind.DEAL, deal, State.IN_SYNC, 1, waits_for=awaited),
        Stand(Side.LEFT, Kind.DEAL, other, State.IN_SYNC, 1, waits_for=awaited[:1]),
    ]

    def woken_by(name: str) -> list[Ref]:
        standings.write("crm", waiting, "settings", 1)
        standings.wake("crm", [standings.waiting_for(Side.LEFT, name)])
        return sorted(standings.pending("crm", Side.LEFT, "deal"))

    assert woken_by("b") == woken_by("x" * 300) == [deal]
    assert woken_by("a") == [deal, other]
    assert woken_by("y") == []


@pytest.mark.proves("S1", "M2")
def test_a_late_listing_is_not_what_two_records_agree_on(world: World) -> None:
    """The left title was edited before they met; only reading it by its id tells. Both stay as they are."""
    world.settings = with_map(
        world.settings, Kind.PERSON, "title=title", owner=None, on_first_contact=OnFirstContact.KEEP
    )
    world.left.quirks.stale_for = timedelta(seconds=300)
    person = world.left.put("person", {"last": "Ada", "email": "ada@example.com", "title": "VP"})
    world.time.advance(400)
    world.left.listing("person")
    world.left.edit("person", person, {"title": "Boss"})
    twin = world.right.put("person", {"last": "Ada", "email": "ada@example.com", "title": "Chief"})
    world.run()
    world.time.advance(400)
    settled(world)
    assert world.right.values("person", twin)["title"] == "Chief"  # type: ignore[index]
