"""Links follow merges, and what contradicts itself waits."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from syncline.core.model import Ending, Fate, Ref, Side
from syncline.engine.answer import answer
from syncline.engine.reconcile import reconcile
from syncline.store.error_log import SyncError
from syncline.store.models import Hold, Link, Standing
from tests.property.world import World, actions_of
from tests.unit.linked_people import ADA, BOB, active, linked, ops, person
from tests.unit.quiet import settled


@pytest.mark.proves("L2")
def test_a_merge_into_an_unlinked_record_moves_the_link(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, create_right=replace(world.settings.kinds[1].create_right, enabled=False))
    survivor = world.left.put("person", {**ADA, "last": "Lovelace", "email": "other@example.com"})
    world.run()
    world.left.merge("person", survivor, [left])
    world.right.edit("person", right, {"title": "Chief"})
    row = world.run()
    assert (ops(row), row.results["moved links"]) == (Counter(move=1), 1)
    assert active() == {(survivor, right)}
    old = Link.objects.get(left_id=left)
    assert (old.ended_as, old.ended_side) == ("merged", "left")
    assert Link.objects.get(left_id=survivor).evidence["from"] == [f"person/{left}"]
    settled(world)
    # The pending change went over; what the survivor shows otherwise met its counterpart for the first time.
    assert world.left.all("person")[survivor]["title"] == "Chief"
    assert world.right.all("person")[right]["last"] == "Lovelace"


@pytest.mark.proves("L2")
@pytest.mark.parametrize("side", list(Side))
def test_a_merge_of_two_linked_records_keeps_the_survivors_link(world: World, side: Side) -> None:
    ada, bob = linked(world, ADA, BOB)
    own, other = (0, 1) if side is Side.LEFT else (1, 0)
    world.systems[side].merge("person", ada[own], [bob[own]])
    world.systems[side.other].edit("person", bob[other], {"title": "Chief"})
    settled(world)
    assert active() == {ada}
    assert len(world.systems[side.other].all("person")) == 2
    assert world.systems[side].all("person")[ada[own]]["title"] == "Boss"
    hold = Hold.objects.get(state="open")
    assert (hold.code, hold.key) == ("change of an ended link", "title=title")
    world.systems[side.other].edit("person", bob[other], {"phone": "+14155550177"})
    settled(world)
    assert Hold.objects.get(state="open").pk == hold.pk
    answer(world.context(), hold.pk, "keep", "somebody")
    settled(world)
    assert not Hold.objects.filter(state="open").exists()


@pytest.mark.proves("L2", "L5")
def test_a_chain_of_merges_is_followed_to_its_end_and_deletion_sync_deletes_nobody(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_right=True)
    second = world.left.put("person", BOB)
    third = world.left.put("person", {"last": "Cy", "email": "cy@example.net"})
    world.left.merge("person", second, [left])
    world.left.merge("person", third, [second])
    settled(world)
    assert active() == {(third, right)}
    assert len(world.right.all("person")) == 1


@pytest.mark.proves("L2", "L5")
def test_a_survivor_that_is_deleted_later_takes_no_twin_of_its_loser_along(world: World) -> None:
    ada, bob = linked(world, ADA, BOB)
    person(world, delete_right=True)
    world.left.merge("person", bob[0], [ada[0]])
    world.left.remove("person", bob[0])
    settled(world)
    assert set(world.right.all("person")) == {ada[1]}
    assert Link.objects.get(left_id=ada[0]).ended_as == "merged"


@pytest.mark.proves("L2")
def test_of_several_linked_losers_the_oldest_link_moves(world: World) -> None:
    pairs = linked(world, ADA, BOB)
    survivor = world.left.put("person", {"last": "Cy", "email": "cy@example.net"})
    world.left.merge("person", survivor, [left for left, _ in pairs])
    row = world.run()
    assert ops(row) == Counter(move=1, end=1)
    settled(world)
    assert active() == {(survivor, pairs[0][1])}
    assert len(world.right.all("person")) == 2


@pytest.mark.proves("L2")
def test_merges_on_both_sides_meet(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, create_right=replace(world.settings.kinds[1].create_right, enabled=False))
    person(world, create_left=replace(world.settings.kinds[1].create_left, enabled=False))
    here = world.left.put("person", {"last": "Cy", "email": "cy@example.net"})
    there = world.right.put("person", {"last": "Di", "email": "di@example.net"})
    world.left.merge("person", here, [left])
    world.right.merge("person", there, [right])
    settled(world)
    assert active() == {(here, there)}


def test_merges_that_are_not_followed_end_the_link(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, follow_merges=False)
    survivor = world.left.put("person", BOB)
    world.left.merge("person", survivor, [left])
    settled(world)
    assert (survivor, right) not in active()
    assert Link.objects.get(left_id=left).ended_as == "merged"


@pytest.mark.proves("L5")
def test_merges_in_a_circle_wait_until_they_make_sense(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    other = world.left.put("person", {"last": "Cy"})
    world.run()
    world.left.merge("person", other, [left])
    world.left.remove("person", other)
    world.left.decree("person", other, Fate(Ending.MERGED, (Ref("person", left),)))
    settled(world)
    assert Hold.objects.get(state="open", left_id=left).code == "merged in a circle"
    world.left.restore("person", other)
    settled(world)
    assert not Hold.objects.filter(state="open", code="merged in a circle").exists()
    assert not Link.objects.filter(left_id=left, ended_at=None).exists()
    assert len(world.right.all("person")) == 2
    assert right in world.right.all("person")


@pytest.mark.proves("L5")
def test_a_survivor_that_nobody_shows_us_is_waited_for(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    world.left.remove("person", left)
    world.left.decree("person", left, Fate(Ending.MERGED, (Ref("person", "p000099"),)))
    settled(world)
    hold = Hold.objects.get(state="open")
    assert hold.code == "survivor not visible"
    assert active() == {(left, right)}
    while (made := world.left.put("person", {"last": "Late"})) != "p000099":
        world.left.purge("person", made)
    settled(world)
    assert active() == {("p000099", right)}
    assert not Hold.objects.filter(state="open").exists()


def test_a_link_whose_survivor_is_not_visible_ends_where_a_person_says_so(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    world.left.remove("person", left)
    world.left.decree("person", left, Fate(Ending.MERGED, (Ref("person", "p000099"),)))
    settled(world)
    answer(world.context(), Hold.objects.get(state="open").pk, "keep", "somebody")
    settled(world)
    assert not active()
    assert right in world.right.all("person")


@pytest.mark.proves("L5")
@pytest.mark.parametrize("keep", [True, False])
def test_a_merge_here_and_a_deletion_there_wait_for_a_person(world: World, keep: bool) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_left=True, delete_right=True)
    survivor = world.left.put("person", BOB)
    world.left.merge("person", survivor, [left])
    world.right.remove("person", right)
    settled(world)
    assert Hold.objects.get(state="open").code == "both sides say otherwise"
    assert survivor in world.left.all("person")
    assert not world.right.all("person")
    assert Standing.objects.get(side="left", remote_id=survivor).state == "held"
    world.left.edit("person", survivor, {"title": "VP"})
    settled(world)
    assert Standing.objects.get(side="left", remote_id=survivor).state == "held"
    if keep:
        answer(world.context(), Hold.objects.get(state="open").pk, "keep", "somebody")
        settled(world)
        assert not Hold.objects.filter(state="open").exists()
        assert survivor in world.left.all("person")
        assert {left for left, _ in active()} == {survivor}


@pytest.mark.proves("L5")
def test_a_dispute_ends_when_the_survivor_becomes_the_counterpart_of_another_record(world: World) -> None:
    (ada, bob) = linked(world, ADA, {"last": "Cy", "email": "cy@example.com"})
    survivor = world.left.put("person", BOB)
    world.left.merge("person", survivor, [ada[0]])
    world.right.remove("person", ada[1])
    settled(world)
    assert Hold.objects.get(state="open").code == "both sides say otherwise"
    world.left.merge("person", survivor, [bob[0]])
    settled(world)
    assert active() == {(survivor, bob[1])}
    assert not Hold.objects.filter(state="open").exists()


@pytest.mark.proves("L5")
@pytest.mark.parametrize("merged", [True, False])
def test_a_dispute_goes_where_its_survivor_goes(world: World, merged: bool) -> None:
    """It is over when the survivor was deleted too, and is about the last one of a longer chain."""
    ((left, right),) = linked(world, ADA)
    survivor = world.left.put("person", BOB)
    world.left.merge("person", survivor, [left])
    world.right.remove("person", right)
    settled(world)
    assert Hold.objects.get(state="open").code == "both sides say otherwise"
    if merged:
        last = world.left.put("person", {"last": "Cy", "email": "cy@example.com"})
        world.left.merge("person", last, [survivor])
    else:
        world.left.remove("person", survivor)
    settled(world)
    assert Hold.objects.filter(state="open").exists() is merged
    assert not reconcile(world.context()).samples


@pytest.mark.proves("L5", "E4")
def test_a_survivor_is_free_again_when_its_loser_comes_back(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    person(world, delete_left=True)
    survivor = world.left.put("person", BOB)
    world.left.merge("person", survivor, [left])
    world.right.remove("person", right)
    settled(world)
    assert Standing.objects.get(side="left", remote_id=survivor).state == "held"
    world.left.restore("person", left)
    settled(world)
    assert survivor in {own for own, _ in active()}


@pytest.mark.proves("L2")
def test_a_fate_that_changes_before_anything_was_done_counts_as_it_is_now(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    first = world.left.put("person", {"last": "Cy"})
    second = world.left.put("person", {"last": "Di"})
    world.left.merge("person", first, [left])
    stored = world.plan()
    world.left.decree("person", left, Fate(Ending.MERGED, (Ref("person", second),)))
    row = world.run(run_id=stored.pk)
    assert [a.status for a in actions_of(row) if a.op == "move"] == ["moved"]
    settled(world)
    assert (second, right) in active()


@pytest.mark.proves("L2", "I2")
def test_a_stored_plan_makes_no_counterpart_of_a_survivor_whose_loser_is_linked(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    survivor = world.left.put("person", {"last": "Cy"})
    stored = world.plan()
    assert ops(stored) == Counter(create=1)
    world.left.merge("person", survivor, [left])
    row = world.run(run_id=stored.pk)
    assert [a.status for a in actions_of(row)] == ["moved"]
    settled(world)
    assert active() == {(survivor, right)}
    assert len(world.right.all("person")) == 1


@pytest.mark.proves("L2", "L5")
def test_a_record_that_is_merged_between_read_and_write_is_not_written(world: World) -> None:
    ((left, right),) = linked(world, ADA)
    survivor = world.left.put("person", {"last": "Cy"})
    world.run()
    world.right.edit("person", right, {"title": "Chief"})
    world.left.racing.append(lambda: world.left.merge("person", survivor, [left]))
    world.run()
    settled(world)
    assert Link.objects.get(left_id=left).ended_as == "merged"
    assert not SyncError.objects.filter(resolved_at=None).exists()
    assert Hold.objects.filter(state="open", code="change of an ended link").exists()


@pytest.mark.proves("L2")
def test_a_thousand_losers_of_one_survivor_take_no_query_each(world: World, django_queries: Any) -> None:
    people = [{"last": f"P{n}", "email": f"p{n}@example.com"} for n in range(1_000)]
    for system in world.systems.values():
        system.batch_size = system.page_size = 500
    pairs = linked(world, *people)
    world.left.merge("person", pairs[0][0], [left for left, _ in pairs[1:]])
    with django_queries() as queries:
        row = world.run()
    assert ops(row) == Counter(end=999)
    assert len(queries) < 600
    assert len(active()) == 1
