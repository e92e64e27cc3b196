"""Records a person chooses go over at once, past filters and past nothing else (U8, P6)."""

from dataclasses import replace
from typing import Any

import pytest

from syncline.core.by_hand import ByHand
from syncline.core.errors import BusyError, FirstPullError, QuietPeriodError
from syncline.core.guard import Brakes
from syncline.core.model import Kind, Raw, Side
from syncline.core.policy import WriteRule
from syncline.core.scope import CreateRule
from syncline.engine.by_hand import HandRun, carry_by_hand
from syncline.engine.erase import erase
from syncline.store import leases, runs
from syncline.store.models import Link, ReadCursor, Run
from tests.property.world import World, with_kind, with_map
from tests.unit.linked_people import made_unheard
from tests.unit.quiet import settled

TO_RIGHT, TO_LEFT = ByHand(Side.RIGHT), ByHand(Side.LEFT)
ADA: dict[str, Raw] = {"first": "Ada", "last": "Byron", "email": "ada@example.com", "stage": "lost"}


def filtered(world: World, **rest: Any) -> None:
    """Only customers get a counterpart on the right; the sync ran once."""
    rule = CreateRule(when="stages", stages=("Customer",), no_stage=False)
    world.settings = with_kind(world.settings, Kind.PERSON, create_right=rule, stage_left="stage", **rest)
    world.run()


def push(world: World, *names: str, by_hand: ByHand = TO_RIGHT, **how: Any) -> HandRun:
    world.time.advance(1)
    return carry_by_hand(world.context(), names, by_hand, by="ada", **how)


def told(done: HandRun) -> list[tuple[str, str]]:
    return [(each.state.value, each.told) for each in done.outcomes]


@pytest.mark.proves("U8")
def test_a_record_the_filter_leaves_out_goes_over_and_is_in_sync_after_it(world: World) -> None:
    ada = world.left.put("person", ADA)
    world.left.put("person", {**ADA, "email": "bob@example.com"})
    filtered(world)
    assert not world.right.all("person")
    done = push(world, "ada@example.com")
    (made,) = world.right.all("person")
    assert told(done) == [("created", f"created person/{made}")]
    assert done.run is not None
    assert (done.run.status, done.run.approved_by) == ("done", "ada")
    assert runs.by_hand(done.run) == TO_RIGHT
    assert told(push(world, f"person/{ada}", ada)) == [("in sync", "already in sync")] * 2
    assert not world.writes()
    assert len(world.right.all("person")) == 1
    settled(world)


@pytest.mark.proves("U8", "I2", "E3")
def test_who_was_made_without_an_answer_is_not_made_again_by_hand(world: World) -> None:
    world.run()
    ada = made_unheard(world, "Ada")
    assert [state for state, _ in told(push(world, ada))] == ["waits"]
    settled(world)
    assert (len(world.left.all("person")), len(world.right.all("person"))) == (1, 1)


@pytest.mark.proves("U8")
def test_only_the_chosen_ones_go_and_the_next_run_does_the_rest(world: World) -> None:
    world.run()
    for name in ("ada", "bob", "eve"):
        world.left.put("person", {**ADA, "email": f"{name}@example.com"})
    world.plan()
    waiting = world.plan()
    push(world, "bob@example.com")
    assert [p["email"] for p in world.right.all("person").values()] == ["bob@example.com"]
    world.run(run_id=waiting.pk)
    assert len(world.right.all("person")) == 3
    settled(world)


@pytest.mark.proves("U8")
def test_an_update_by_hand_leaves_the_other_side_to_the_next_run(world: World) -> None:
    ada = world.left.put("person", ADA)
    world.run()
    (twin,) = world.right.all("person")
    world.left.edit("person", ada, {"title": "Countess"})
    world.right.edit("person", twin, {"first": "Augusta"})
    done = push(world, ada)
    assert told(done) == [("updated", f"updated title of person/{twin}")]
    assert world.left.values("person", ada)["first"] == "Ada"  # type: ignore[index]
    world.run()
    assert world.left.values("person", ada)["first"] == "Augusta"  # type: ignore[index]
    settled(world)


@pytest.mark.proves("U8")
def test_the_number_of_records_is_not_braked_and_overwriting_is(world: World) -> None:
    ada = world.left.put("person", ADA)
    world.run()
    (twin,) = world.right.all("person")
    world.settings = replace(world.settings, brakes=Brakes(max_creates=0, max_overwrites=0))
    world.left.put("person", {**ADA, "email": "bob@example.com"})
    world.left.edit("person", ada, {"last": "Lovelace"})
    assert told(push(world, ada))[0] == ("planned", "would be updated: last")
    assert world.right.values("person", twin)["last"] == "Byron"  # type: ignore[index]
    waiting = Run.objects.latest("pk")
    assert [need["brake"] for need in waiting.needs_approval] == ["max_overwrites"]
    world.run(run_id=waiting.pk, approved_by="ada")
    assert world.right.values("person", twin)["last"] == "Lovelace"  # type: ignore[index]
    world.plan()
    assert "bob@example.com" not in {p["email"] for p in world.right.all("person").values()}
    state = replace(world.settings)
    push(world, *world.left.all("person"))
    assert state == world.settings
    assert len(world.right.all("person")) == 2


@pytest.mark.proves("U8", "I2")
def test_candidates_are_never_passed_by_even_ones_nobody_read_yet(world: World) -> None:
    filtered(world)
    world.left.put("person", ADA)
    world.left.put("person", {**ADA, "email": "bob@example.com"})
    world.plan()
    world.right.put("person", {"last": "Byron", "email": "ada@example.com"})
    twice = {"last": "Twice", "email": "bob@example.com"}
    world.right.put("person", twice)
    world.right.put("person", twice)
    linked, held = told(push(world, "ada@example.com", "bob@example.com"))
    assert linked[0] in ("linked", "updated")
    assert held[0] == "held"
    assert "several records could be its counterpart" in held[1]
    assert (len(world.right.all("person")), Link.objects.count()) == (3, 1)


@pytest.mark.proves("U8")
def test_it_is_refused_with_the_reason_where_push_is_off(world: World) -> None:
    world.left.put("person", ADA)
    off = CreateRule(enabled=False)
    world.settings = with_kind(world.settings, Kind.PERSON, create_right=off, update_right=False)
    world.run()
    ((state, why),) = told(push(world, "ada@example.com"))
    assert (state, why) == (
        "refused",
        "refused: persons are not written to right-crm: create_right and update_right are off",
    )
    world.settings = with_kind(world.settings, Kind.PERSON, update_right=True)
    ((state, why),) = told(push(world, "ada@example.com"))
    assert (state, "creating persons there is off" in why) == ("refused", True)
    assert not world.right.all("person")


@pytest.mark.proves("U8")
def test_names_that_mean_nobody_several_or_the_other_side_are_refused_one_by_one(world: World) -> None:
    filtered(world)
    world.left.put("person", ADA)
    first = world.left.put("person", {**ADA, "email": "two@example.com"})
    second = world.left.put("person", {**ADA, "email": "two@example.com", "last": "Other"})
    right = world.right.put("person", {"last": "Right", "email": "right@example.com"})
    off = CreateRule(enabled=False)
    world.settings = with_kind(world.settings, Kind.PERSON, create_left=off)
    world.run()
    hostile = ["'; DROP TABLE store_link; --", "\x00", "\ud800", "person/", "person/" + "9" * 300, "%", " "]
    done = push(
        world,
        "nobody@example.com",
        "two@example.com",
        f"right:person/{right}",
        "person/777777",
        *hostile,
        "ada@example.com",
    )
    states = [each.state.value for each in done.outcomes]
    assert states == ["refused"] * (len(states) - 1) + ["created"]
    reasons = {each.name: each.told for each in done.outcomes}
    assert "no record of left-crm answers to it" in reasons["nobody@example.com"]
    assert first in reasons["two@example.com"]
    assert second in reasons["two@example.com"]
    assert "has no counterpart in left-crm" in reasons[f"right:person/{right}"]
    assert "does not show it" in reasons["person/777777"]


@pytest.mark.proves("U8")
def test_one_that_was_made_a_moment_ago_goes_by_its_id_or_address(world: World) -> None:
    filtered(world)
    ada = world.left.put("person", ADA)
    world.left.put("person", {**ADA, "email": "bob@example.com"})
    done = push(world, f"person/{ada}", "BOB@example.com")
    assert [each.state for each in done.outcomes] == ["created", "created"]
    settled(world)


@pytest.mark.proves("U8")
def test_it_is_refused_before_everybody_was_read_once(world: World) -> None:
    filtered(world)
    ReadCursor.objects.filter(connection="right-crm", object_type="person").update(full=False)
    world.left.put("person", ADA)
    with pytest.raises(FirstPullError, match=r"has not been finished \(right-crm: person\)"):
        push(world, "ada@example.com")
    leases.take("sync main", "elsewhere:1", world.time.now(), doing="it makes a plan")
    with pytest.raises(FirstPullError, match="is still running"):
        push(world, "ada@example.com")
    ReadCursor.objects.update(full=True)
    with pytest.raises(BusyError, match="it makes a plan"):
        push(world, "ada@example.com")
    assert not world.right.all("person")


@pytest.mark.proves("U8", "C5")
def test_it_is_refused_before_the_sync_was_started(world: World) -> None:
    world.left.put("person", ADA)
    world.plan()
    with pytest.raises(QuietPeriodError, match="no push by hand yet"):
        push(world, "ada@example.com")


@pytest.mark.proves("U8")
def test_a_push_deletes_nobody_and_ends_no_link(world: World) -> None:
    ada = world.left.put("person", ADA)
    world.settings = with_kind(world.settings, Kind.PERSON, delete_right=True)
    world.run()
    world.left.discard("person", ada)
    ((state, why),) = told(push(world, f"left:person/{ada}"))
    assert (state, "next run" in why) == ("waits", True)
    assert len(world.right.all("person")) == 1
    assert Link.objects.filter(ended_at__isnull=True).count() == 1
    world.run()
    assert not Link.objects.filter(ended_at__isnull=True).exists()


@pytest.mark.proves("U8", "U4")
def test_the_account_of_somebody_new_goes_with_them(world: World) -> None:
    filtered(world)
    one = world.left.put("company", {"name": "One", "domain": "one.example"})
    world.left.put("company", {"name": "Two", "domain": "two.example"})
    world.left.put("person", {**ADA, "company": one})
    world.plan()
    assert told(push(world, "ada@example.com"))[0][0] == "created"
    (account,) = world.right.all("company")
    (person,) = world.right.all("person").values()
    assert person["company"] == account
    settled(world)


@pytest.mark.proves("U8", "L4")
def test_an_erased_person_is_pushed_by_nobody(world: World) -> None:
    filtered(world)
    ada = world.left.put("person", ADA)
    world.plan()
    sides = {"main": {side: world.settings.connection(side) for side in Side}}
    erase(world.context(), sides, "ada@example.com", "eve")
    for name in ("ada@example.com", f"person/{ada}"):
        ((state, why),) = told(push(world, name))
        assert state == "refused", why
    assert not world.right.all("person")


@pytest.mark.proves("P6")
@pytest.mark.parametrize("target", list(Side))
def test_overwriting_replaces_what_a_map_only_fills_and_does_so_once(world: World, target: Side) -> None:
    world.settings = with_map(world.settings, Kind.PERSON, "phone=phone", rule=WriteRule.FILL)
    source = target.other
    own = world.systems[source].put("person", {**ADA, "phone": "+1 212 555 0101"})
    there = world.systems[target].put("person", {**ADA, "phone": "+1 212 555 0202"})
    world.run()
    assert told(push(world, own, by_hand=ByHand(target)))[0][0] == "in sync"
    done = push(world, own, by_hand=ByHand(target, overwrite=True))
    assert told(done) == [("updated", f"updated phone of person/{there}")]
    assert world.systems[target].values("person", there)["phone"] == "+1 212 555 0101"  # type: ignore[index]
    world.systems[source].edit("person", own, {"phone": "+1 212 555 0303"})
    world.run()
    assert world.systems[target].values("person", there)["phone"] == "+1 212 555 0101"  # type: ignore[index]
    settled(world)


@pytest.mark.proves("P6", "U8")
def test_overwriting_empties_nothing(world: World) -> None:
    ada = world.left.put("person", {**ADA, "phone": None})
    twin = world.right.put("person", {**ADA, "phone": "+1 212 555 0202"})
    world.run()
    world.left.edit("person", ada, {"phone": None})
    push(world, ada, by_hand=ByHand(Side.RIGHT, overwrite=True))
    assert world.right.values("person", twin)["phone"] == "+1 212 555 0202"  # type: ignore[index]


@pytest.mark.proves("U8")
def test_a_dry_one_tells_and_writes_nothing(world: World) -> None:
    filtered(world)
    world.left.put("person", ADA)
    world.plan()
    assert told(push(world, "ada@example.com", dry=True)) == [("planned", "would be created")]
    assert not world.right.all("person")
    assert not world.writes()


@pytest.mark.proves("P1")
def test_a_pull_carries_a_right_record_to_the_left(world: World) -> None:
    filtered(world)
    world.right.put("person", {**ADA, "email": "eve@example.com"})
    world.plan()
    assert told(push(world, "eve@example.com", by_hand=TO_LEFT))[0][0] == "created"
    assert len(world.left.all("person")) == 1
    settled(world)
