"""Walks over a set that changes between two pages: nothing that stays is missed, and proof is never claimed wrongly."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline.connectors.apollo.client import Listing
from syncline.connectors.apollo.full import FullReader
from syncline.connectors.apollo.position import FullRead
from syncline.connectors.apollo.walk import MOST_STEPS_BACK, Walk
from syncline.core.errors import ProtocolError
from tests.unit.apollo_team import Team, created

Ask = Callable[[int], Listing]
ALL_PAGES = 10_000


def team_of(rows: int, per_page: int = 5) -> Team:
    team = Team(per_page=per_page)
    for _ in range(rows):
        team.add()
    return team


def walked(walk: Walk, ask: Ask, per_page: int = 5) -> list[str]:
    """The ids a walk comes by to its end."""
    seen: list[str] = []
    while not walk.ended:
        seen += [row["id"] for row in walk.advance(ask, per_page, ALL_PAGES).rows]
    return seen


@pytest.mark.parametrize("rows", [0, 1, 4, 5, 6, 10, 11])
@pytest.mark.parametrize("backward", [False, True])
def test_a_quiet_set_is_read_once_and_proven(rows: int, backward: bool) -> None:
    team = team_of(rows)
    walk = Walk(page=max(1, -(-rows // 5)) if backward else 1, backward=backward)
    seen = walked(walk, lambda page: team.search("created_at", page, oldest_first=backward))
    assert sorted(seen) == sorted(team.rows)
    assert walk.proven


def test_a_removed_row_makes_the_walk_go_back_a_page() -> None:
    team = team_of(12)
    walk = Walk()
    first = walk.advance(created(team), 5, ALL_PAGES)
    team.remove(first.rows[0]["id"])
    rest = walked(walk, created(team))
    assert team.living() <= {row["id"] for row in first.rows} | set(rest)
    assert [page for _, page in team.asked] == [1, 2, 1, 2, 3]
    assert walk.proven


def test_new_rows_show_some_twice_and_cost_no_step_back() -> None:
    team = team_of(12)
    walk = Walk()
    first = walk.advance(created(team), 5, ALL_PAGES)
    there = team.living()
    team.add()
    assert there <= {row["id"] for row in first.rows} | set(walked(walk, created(team)))
    assert walk.steps_back == 0


def test_rows_that_vanish_for_ever_end_in_doubt() -> None:
    team = team_of(400)
    walk = Walk()

    def ask(page: int) -> Listing:
        team.remove(min(team.living()))
        return team.search("created_at", page)

    walked(walk, ask)
    assert walk.steps_back == MOST_STEPS_BACK
    assert walk.doubtful
    assert not walk.proven


def test_rows_of_one_stamp_at_the_edge_are_proven_by_their_number_only() -> None:
    team = Team()
    for number in range(10):
        team.add(same_stamp=number > 0)
    walk = Walk()
    walked(walk, created(team))
    assert walk.tied
    assert walk.proven
    swapped = Walk()
    pages = {1: team.search("created_at", 1), 2: team.search("created_at", 1)}
    again = [*pages[2].rows[:4], team.search("created_at", 2).rows[0]]
    pages[2] = Listing(2, again, 10)
    walked(swapped, lambda page: pages[page])
    assert not swapped.proven


def test_a_page_that_comes_once_more_is_asked_for_again() -> None:
    team = team_of(12)
    answers = [team.search("created_at", n) for n in (1, 1, 2, 3)]
    answers[1] = Listing(2, answers[0].rows, 12)
    assert sorted(walked(Walk(), lambda _page: answers.pop(0))) == sorted(team.rows)


@pytest.mark.parametrize("number", [1, 2])
def test_a_page_that_repeats_for_ever_is_an_error(number: int) -> None:
    first = team_of(12).search("created_at", 1)
    walk = Walk()
    with pytest.raises(ProtocolError, match="page 2"):
        walked(walk, lambda page: Listing(page if number == 2 else 1, first.rows, 12))


def test_a_page_pushed_on_by_as_many_new_rows_is_no_repetition() -> None:
    team = team_of(12)
    walk = Walk()
    first = walk.advance(created(team), 5, ALL_PAGES)
    for _ in range(5):
        team.add()
    there = {row["id"] for row in first.rows} | set(walked(walk, created(team)))
    assert {id_ for id_ in team.rows if int(id_, 16) <= 12} <= there


def test_a_hole_in_the_pages_is_no_proof() -> None:
    walk = Walk()
    walked(walk, lambda page: Listing(page, team_of(5).search("created_at", 1).rows if page == 1 else [], 12))
    assert walk.doubtful
    assert not walk.proven


events = st.lists(st.sampled_from(["add", "tie", "edit", "remove", "none"]), max_size=30)


@given(rows=st.integers(0, 23), happenings=events, pick=st.randoms(use_true_random=False))
@pytest.mark.proves("P0")
def test_what_is_there_all_the_time_is_met(rows: int, happenings: list[str], pick: Random) -> None:
    team = team_of(rows)
    there = team.living()
    left = list(happenings)

    def ask(page: int) -> Listing:
        happen(team, left.pop() if left else "none", pick)
        return team.search("created_at", page)

    walk = Walk()
    seen: set[str] = set()
    while not walk.ended:
        seen.update(row["id"] for row in walk.advance(ask, 5, ALL_PAGES).rows)
        walk = msgspec.convert(msgspec.to_builtins(walk), Walk)
    assert walk.doubtful or (there & team.living()) <= seen


def happen(team: Team, event: str, pick: Random) -> None:
    living = sorted(team.living())
    if event in {"add", "tie"}:
        team.add(same_stamp=event == "tie" and bool(living))
    elif event == "edit" and living:
        team.edit(pick.choice(living), f"tick {team.ticks}")
    elif event == "remove" and living:
        team.remove(pick.choice(living))


def read_whole(
    team: Team, stages: list[str], limit: int, told: int | None = None
) -> tuple[set[str], FullRead]:
    """What a full read shows where a search shows `limit` rows, and tells no more than `told` of its total."""

    def ask(stage: str | None, oldest_first: bool, page: int) -> Listing:
        assert page * team.per_page <= limit
        listing = team.search("created_at", page, oldest_first=oldest_first, stage=stage)
        return replace(listing, total=min(listing.total, told or listing.total))

    reader = FullReader(ask, stages, team.per_page, limit)
    full, seen, done = FullRead(Walk()), set[str](), False
    while not done:
        listing, done = reader.step(full)
        seen.update(row["id"] for row in listing.rows)
        full = msgspec.convert(msgspec.to_builtins(full), FullRead)
    return seen, full


@pytest.mark.parametrize("rows", [0, 19, 20, 21, 30, 38])
@pytest.mark.proves("P0")
def test_a_set_larger_than_a_search_shows_is_read_from_both_ends(rows: int) -> None:
    team = team_of(rows)
    seen, full = read_whole(team, ["s1"], 20)
    assert seen == team.living()
    assert full.proven
    assert full.stage is None


@pytest.mark.proves("P0")
def test_a_set_twice_as_large_is_read_by_stage() -> None:
    team = Team()
    for number in range(100):
        team.add(stage=f"s{number % 4}")
    seen, full = read_whole(team, ["s0", "s1", "s2", "s3"], 20)
    assert seen == team.living()
    assert full.proven


@pytest.mark.proves("P0")
def test_rows_without_a_stage_leave_a_large_set_unproven() -> None:
    team = Team()
    for number in range(60):
        team.add(stage=f"s{number % 2}" if number % 10 else None)
    seen, full = read_whole(team, ["s0", "s1"], 20)
    assert len(seen) >= 54
    assert not full.proven


def test_a_stage_larger_than_two_searches_show_is_unproven() -> None:
    team = team_of(90)
    seen, full = read_whole(team, ["s1"], 20)
    assert len(seen) == 40
    assert not full.proven


def test_a_total_that_stops_at_the_limit_is_no_proof() -> None:
    team = team_of(90)
    seen, full = read_whole(team, ["s1"], 20, told=20)
    assert len(seen) == 40
    assert not full.proven
