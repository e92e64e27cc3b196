"""Brakes: each holds a plan just above its limit, none at it, and none concludes from what was not read (S3)."""

from dataclasses import replace
from typing import Any

import pytest

from syncline.core.guard import Brakes, PlanCounts, tripped

pytestmark = pytest.mark.proves("S3")

OFF = Brakes(
    max_creates=None,
    max_overwrites=None,
    max_clears=None,
    max_deletes=None,
    max_create_share=None,
    max_overwrite_share=None,
    max_clear_share=None,
    max_delete_share=None,
    emptied_side=False,
    match_rate_fall=None,
)


def only(**limits: Any) -> Brakes:
    """All brakes off but these."""
    return replace(OFF, **limits)


def counted(name: str, number: int, **rest: Any) -> PlanCounts:
    return PlanCounts(**{name: number, **rest})


def names(brakes: Brakes, counts: PlanCounts) -> list[str]:
    return [brake.brake for brake in tripped(brakes, counts)]


NUMBERS = [
    ("max_creates", "creates"),
    ("max_overwrites", "overwrites"),
    ("max_clears", "clears"),
    ("max_deletes", "deletes"),
]


@pytest.mark.parametrize(("brake", "what"), NUMBERS)
@pytest.mark.parametrize("limit", [0, 1, 500])
def test_a_number_trips_above_its_limit(brake: str, what: str, limit: int) -> None:
    brakes = only(**{brake: limit})
    assert names(brakes, counted(what, limit)) == []
    assert names(brakes, counted(what, limit + 1)) == [brake]


SHARES = [
    ("max_create_share", "creates"),
    ("max_overwrite_share", "overwrites"),
    ("max_clear_share", "clears"),
    ("max_delete_share", "deletes"),
]


@pytest.mark.parametrize(("brake", "what"), SHARES)
@pytest.mark.parametrize("percent", [0, 1, 7, 29, 57, 58, 99, 100])
def test_a_share_trips_above_its_limit(brake: str, what: str, percent: int) -> None:
    brakes = only(**{brake: percent / 100})
    assert names(brakes, counted(what, percent * 10, linked_before=1_000)) == []
    assert names(brakes, counted(what, percent * 10 + 1, linked_before=1_000)) == [brake]


@pytest.mark.parametrize(("brake", "what"), SHARES)
def test_a_share_of_little_says_nothing(brake: str, what: str) -> None:
    brakes = only(share_from=100, **{brake: 0.01})
    assert names(brakes, counted(what, 90, linked_before=100)) == []
    assert names(brakes, counted(what, 90, linked_before=101)) == [brake]


def test_an_emptied_side_holds_the_plan() -> None:
    brakes = only(emptied_side=True)
    counts = PlanCounts(records={"left": 0, "right": 5}, records_before={"left": 1, "right": 5})
    assert names(brakes, counts) == ["emptied_side"]
    assert "left had 1 records" in tripped(brakes, counts)[0].reason
    assert names(brakes, replace(counts, records={"right": 5})) == ["emptied_side"]
    assert names(brakes, replace(counts, records={"left": 1, "right": 5})) == []
    assert names(brakes, replace(counts, records_before={"left": 0, "right": 5})) == []
    assert names(OFF, counts) == []


def test_a_side_that_was_not_read_whole_is_not_called_empty() -> None:
    brakes = only(emptied_side=True)
    counts = PlanCounts(records={"left": 0}, records_before={"left": 900}, partial=frozenset({"left"}))
    assert names(brakes, counts) == []
    assert names(brakes, replace(counts, partial=frozenset({"right"}))) == ["emptied_side"]


def rate(linked: int, **rest: Any) -> PlanCounts:
    """Nine in ten of a thousand were linked at the last run."""
    even = {"left": 500, "right": 500}
    return PlanCounts(linked=linked, linked_before=450, records=even, records_before=even, **rest)


def test_a_fall_of_the_match_rate_holds_the_plan() -> None:
    brakes = only(match_rate_fall=0.2)
    assert names(brakes, rate(350)) == []
    assert names(brakes, rate(349)) == ["match_rate_fall"]
    assert names(brakes, rate(500)) == []
    assert names(OFF, rate(0)) == []
    assert "70% of records are linked; at the last run it was 90%" in tripped(brakes, rate(349))[0].reason


def test_the_match_rate_is_not_judged_on_little_or_on_half_the_records() -> None:
    brakes = only(match_rate_fall=0.2)
    for side in ("left", "right"):
        assert names(brakes, rate(0, partial=frozenset({side}))) == []
    assert names(replace(brakes, share_from=450), rate(0)) == []
    assert names(brakes, replace(rate(0), records={})) == []
    assert names(brakes, replace(rate(0), records_before={})) == []


def test_every_brake_that_trips_is_told() -> None:
    counts = PlanCounts(creates=9_000, clears=600, linked_before=1_000, linked=1_000)
    assert names(Brakes(), counts) == ["max_creates", "max_clears", "max_create_share", "max_clear_share"]
    assert all("9000" in t.reason or "600" in t.reason for t in tripped(Brakes(), counts))


def test_a_quiet_plan_trips_nothing() -> None:
    assert tripped(Brakes(), PlanCounts()) == ()
    assert tripped(Brakes(), rate(450, creates=1, overwrites=20)) == ()
