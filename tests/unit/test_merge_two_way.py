"""A field that flows both ways: one change goes over, two changes meet their policy."""

from typing import Any

import pytest

from syncline.core.merge import Verdict
from syncline.core.model import MISSING, WITHHELD, Raw, Side, Value
from syncline.core.policy import OnClear, OnConflict, OnDrift, WriteRule
from tests.unit.mapped import agreement, between, merge

pytestmark = pytest.mark.proves("M2")

S, Q, W, H = Verdict.SETTLE, Verdict.QUIET, Verdict.WRITE, Verdict.HOLD
L, R = Side.LEFT, Side.RIGHT
CLEAR = {"clear": OnClear.PROPAGATE}

# (left, right) now, (left, right) seen, policy -> verdict, rule, target, value.
CASES: dict[
    str, tuple[tuple[Value, Value], tuple[Raw, Raw], dict[str, Any], tuple[Verdict, str, Side | None, Raw]]
] = {
    "nothing changed": (("A", "A"), ("A", "A"), {}, (Q, "agreed", None, None)),
    "an old difference is left alone": (("A", "B"), ("A", "B"), {}, (Q, "unchanged", None, None)),
    "spelling is no change": (("A ", "B"), ("A", "B"), {}, (Q, "unchanged", None, None)),
    "left changed": (("L", "A"), ("A", "A"), {}, (W, "left changed", R, "L")),
    "right changed": (("A", "R"), ("A", "A"), {}, (W, "right changed", L, "R")),
    "left changed against the owner": (
        ("L", "A"),
        ("A", "A"),
        {"owner": "right"},
        (W, "left changed", R, "L"),
    ),
    "left changed beside an old difference": (("L", "B"), ("A", "B"), {}, (W, "left changed", R, "L")),
    "drift is for one way": (("A", "R"), ("A", "A"), {"drift": OnDrift.KEEP}, (W, "right changed", L, "R")),
    "both changed to the same": (("B", " B"), ("A", "A"), {}, (Verdict.AGREE, "agree", None, None)),
    "conflict, no owner": (("L", "R"), ("A", "A"), {}, (H, "conflict", None, None)),
    "conflict, left owns": (("L", "R"), ("A", "A"), {"owner": "left"}, (W, "conflict: left wins", R, "L")),
    "conflict, right owns": (("L", "R"), ("A", "A"), {"owner": "right"}, (W, "conflict: right wins", L, "R")),
    "conflict, left": (
        ("L", "R"),
        ("A", "A"),
        {"on_conflict": OnConflict.LEFT, "owner": "right"},
        (W, "conflict: left wins", R, "L"),
    ),
    "conflict, right": (
        ("L", "R"),
        ("A", "A"),
        {"on_conflict": OnConflict.RIGHT, "owner": "left"},
        (W, "conflict: right wins", L, "R"),
    ),
    "conflict, hold": (
        ("L", "R"),
        ("A", "A"),
        {"on_conflict": OnConflict.HOLD, "owner": "left"},
        (H, "conflict", None, None),
    ),
    "left cleared": ((None, "A"), ("A", "A"), {}, (S, "not cleared", None, None)),
    "right cleared": (("A", ""), ("A", "A"), {}, (S, "not cleared", None, None)),
    "left cleared, clear goes over": ((None, "A"), ("A", "A"), CLEAR, (W, "left changed", R, None)),
    "right cleared, clear goes over": (("A", " "), ("A", "A"), CLEAR, (W, "right changed", L, None)),
    "both cleared": ((None, ""), ("A", "A"), CLEAR, (Verdict.AGREE, "agree", None, None)),
    "left cleared, right edited": ((None, "R"), ("A", "A"), CLEAR, (W, "an edit beats a clear", L, "R")),
    "right cleared, left edited": (("L", None), ("A", "A"), CLEAR, (W, "an edit beats a clear", R, "L")),
    "an edit beats the owner's clear": (
        (None, "R"),
        ("A", "A"),
        {**CLEAR, "owner": "left"},
        (W, "an edit beats a clear", L, "R"),
    ),
    "an edit beats a clear on hold": (
        (None, "R"),
        ("A", "A"),
        {**CLEAR, "on_conflict": OnConflict.HOLD},
        (W, "an edit beats a clear", L, "R"),
    ),
    "a blank is filled": (("L", None), (None, None), {}, (W, "left changed", R, "L")),
    "fill into a blank": (("L", None), (None, None), {"rule": WriteRule.FILL}, (W, "left changed", R, "L")),
    "fill beside a value": (("L", "A"), ("A", "A"), {"rule": WriteRule.FILL}, (S, "fill", None, None)),
    "fill in a conflict": (
        ("L", "R"),
        ("A", "A"),
        {"rule": WriteRule.FILL, "owner": "left"},
        (S, "fill", None, None),
    ),
    "fill never clears": (
        (None, "A"),
        ("A", "A"),
        {"rule": WriteRule.FILL, **CLEAR},
        (S, "not cleared", None, None),
    ),
    "left not read": ((MISSING, "R"), ("A", "A"), {}, (Verdict.BLIND, "missing", None, None)),
    "right withheld": (("L", WITHHELD), ("A", "A"), CLEAR, (Verdict.BLIND, "withheld", None, None)),
}


@pytest.mark.parametrize("name", CASES)
def test_two_way(name: str) -> None:
    shown, seen, policy, expected = CASES[name]
    found = merge(*shown, agreement(*seen, base="A"), **policy).decide()
    assert (found.verdict, found.rule, found.target, found.value) == expected


OPPOSITE = {"left": "right", "right": "left", "conflict: left wins": "conflict: right wins"}


@pytest.mark.parametrize("name", CASES)
def test_left_and_right_are_treated_alike(name: str) -> None:
    shown, seen, policy, (verdict, _, target, value) = CASES[name]
    turned = {key: type(said)(OPPOSITE[said]) if said in OPPOSITE else said for key, said in policy.items()}
    found = merge(*shown[::-1], agreement(*seen[::-1], base="A"), **turned).decide()
    assert (found.verdict, found.target, found.value) == (verdict, target and target.other, value)


@pytest.mark.parametrize("settled", ["kept", "fill", "not cleared", "undone", "as stored"])
def test_a_settled_difference_rests_until_a_side_is_edited(settled: str) -> None:
    known = agreement("A", "B", base=None, agreed=False, settled=settled)
    assert merge("A", "B", known, owner="left").decide().verdict is Q
    assert merge("A2", "B", known, owner="right").decide().target is R
    assert merge("A", "B2", known, owner="left").decide().target is L
    assert merge("B", "B", known).decide().verdict is Verdict.AGREE


LATE, EARLY = between(20, 10), between(3_600, 3_000)
OVERLAPPING = between(3_300, 15)
TIMES: dict[str, tuple[Any, Any, str | None, tuple[Verdict, str, Side | None]]] = {
    "left is later": (LATE, EARLY, None, (W, "conflict: latest wins", R)),
    "right is later": (EARLY, LATE, None, (W, "conflict: latest wins", L)),
    "the later one wins against the owner": (LATE, EARLY, "right", (W, "conflict: latest wins", R)),
    "overlapping, with an owner": (OVERLAPPING, LATE, "left", (W, "conflict: owner wins a tie", R)),
    "overlapping, right owns": (OVERLAPPING, EARLY, "right", (W, "conflict: owner wins a tie", L)),
    "overlapping, nobody owns": (OVERLAPPING, EARLY, None, (H, "conflict", None)),
    "equal": (LATE, LATE, None, (H, "conflict", None)),
    "one time unknown": (LATE, None, None, (H, "conflict", None)),
    "no time known": (None, None, "left", (W, "conflict: owner wins a tie", R)),
    "apart by less than the clocks": (between(10, 5), between(60, 14), None, (H, "conflict", None)),
    "apart by just the clocks": (between(10, 5), between(60, 15), None, (W, "conflict: latest wins", R)),
    "exact times": (between(5, 5), between(60, 60), None, (W, "conflict: latest wins", R)),
}


@pytest.mark.parametrize("name", TIMES)
def test_latest(name: str) -> None:
    left, right, owner, expected = TIMES[name]
    times = {side: time for side, time in ((L, left), (R, right)) if time}
    policy: dict[str, Any] = {"owner": owner, "on_conflict": OnConflict.LATEST}
    found = merge("L", "R", agreement("A", "A"), times=times, **policy).decide()
    assert (found.verdict, found.rule, found.target) == expected


def test_times_never_tell_whether_something_changed() -> None:
    times = {L: LATE, R: EARLY}
    assert merge("A", "A", agreement("A", "A"), times=times).decide().verdict is Q
    assert merge("A", "R", agreement("A", "A"), times=times).decide().target is L


def test_the_value_that_gives_way_in_a_conflict_is_named() -> None:
    found = merge("L", "R", agreement("A", "A"), owner="left").decide()
    assert (found.losing, found.value) == ("R", "L")
    assert merge("L", "A", agreement("A", "A")).decide().losing is None
