"""What a decision leaves behind: bases and seen values, rulings, and writes that somebody moves back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncline.core.agreement import Agreement, WriteMark
from syncline.core.committed import Written, after_write
from syncline.core.merge import (
    UNKNOWN_OUTCOME,
    FieldMerge,
    Ruling,
    Verdict,
    unwritten,
)
from syncline.core.model import Norm, Raw, Side
from syncline.core.policy import Direction, OnConflict, WriteRule
from syncline.core.schema import FieldType
from tests.unit.mapped import FINGERPRINT, NOW, agreement, field, merge, moved, translator

pytestmark = pytest.mark.proves("M2")


def test_agreeing_advances_base_and_seen() -> None:
    one = merge(" B", "B", agreement("A", "A"))
    assert unwritten(one, one.decide()) == agreement(" B", "B", base="B")


@pytest.mark.parametrize(("left", "right"), [(" B", "B"), ("B", " B")])
def test_a_new_spelling_on_either_side_is_noted(left: Raw, right: Raw) -> None:
    one = merge(left, right, agreement("B", "B"))
    assert one.decide().verdict is Verdict.AGREE
    again = replace(one, agreement=unwritten(one, one.decide()))
    assert again.decide().verdict is Verdict.QUIET


def test_settling_advances_seen_but_not_the_base() -> None:
    one = merge(None, "A", agreement("A", "A"))
    assert unwritten(one, one.decide()) == agreement(None, "A", base="A", agreed=False, settled="not cleared")


def test_a_first_contact_that_is_kept_has_no_base() -> None:
    one = merge("A", "B", None)
    assert unwritten(one, one.decide()) == agreement("A", "B", base=None, agreed=False, settled="kept")


def test_agreeing_ends_being_settled_and_the_old_map() -> None:
    known = agreement("A", "B", agreed=False, settled="kept", map="another map")
    one = merge("B", "B", known)
    assert unwritten(one, one.decide()) == agreement("B", "B", base="B")


@pytest.mark.parametrize(
    "one",
    [
        merge(None, "A", agreement("A", "A")),
        merge("A", "B", None),
        merge("A", "B", None, rule=WriteRule.FILL, owner="left"),
    ],
)
def test_what_is_settled_is_not_settled_again(one: FieldMerge) -> None:
    again = replace(one, agreement=unwritten(one, one.decide()))
    assert one.decide().verdict is Verdict.SETTLE
    assert again.decide().verdict is Verdict.QUIET


def wrote(sent: Raw, shown: Raw, expected: Raw | None = None, known: Agreement | None = None) -> Agreement:
    """The agreement after the left value was sent to the right."""
    amount = field(FieldType.TEXT)
    done = Written(Side.RIGHT, sent, sent, sent if expected is None else expected, shown, NOW)
    return after_write(translator(amount, amount), FINGERPRINT, known, done)


def test_a_write_that_shows_what_was_meant_is_agreed() -> None:
    done = wrote("New", " New ")
    assert (done.agreed, done.base, done.left, done.right, done.settled) == (
        True,
        "New",
        "New",
        " New ",
        None,
    )
    assert done.writes == (WriteMark(NOW, Side.RIGHT, "New"),)


def test_seen_is_what_the_system_shows_and_not_what_was_sent() -> None:
    cut = wrote("Newton", "Newt", expected="Newt", known=agreement("Old", "Old"))
    assert (cut.left, cut.right, cut.base, cut.agreed, cut.settled) == (
        "Newton",
        "Newt",
        "Old",
        False,
        "as stored",
    )


def test_a_value_that_something_else_rewrote_is_told_apart() -> None:
    assert wrote("Newton", "NEWTON!").settled == "rewritten"
    assert wrote("Newton", "Old").settled == "rewritten"


@pytest.mark.parametrize("shown", ["Newton", "Newt", "NEWTON!", None])
def test_after_a_write_there_is_nothing_to_do_whatever_came_of_it(shown: Raw) -> None:
    one = merge("Newton", "Old", agreement("Old", "Old"))
    after = replace(moved(one, "Newton", shown), agreement=wrote("Newton", shown, expected="Newt"))
    assert after.decide().verdict is Verdict.QUIET


def test_what_a_system_made_of_a_value_does_not_come_back() -> None:
    known = wrote("Newton", "Newt", expected="Newt")
    assert merge("Newton II", "Newt", known).decide().value == "Newton II"
    assert merge("Newton", "Newt.", known).decide().target is Side.LEFT


CONFLICT = agreement("A", "A")


@pytest.mark.parametrize(
    ("choice", "target", "value"), [("left", Side.RIGHT, "L"), ("right", Side.LEFT, "R")]
)
def test_a_person_decides_a_conflict(choice: str, target: Side, value: str) -> None:
    ruling = Ruling("left" if choice == "left" else "right", "L", "R")
    found = merge(
        "L ", "R", CONFLICT, ruling=ruling, rule=WriteRule.FILL, on_conflict=OnConflict.HOLD
    ).decide()
    assert (found.verdict, found.rule, found.target) == (Verdict.WRITE, "decided by a person", target)
    assert found.value == value


def test_a_ruling_counts_only_for_the_values_it_was_given_for() -> None:
    ruling = Ruling("left", "L", "R")
    assert merge("L", "R2", CONFLICT, ruling=ruling).decide().verdict is Verdict.HOLD
    assert merge("L", "L", CONFLICT, ruling=ruling).decide().verdict is Verdict.AGREE


def test_a_person_may_keep_both_for_good() -> None:
    one = merge("L", "R", CONFLICT, ruling=Ruling("keep", "L", "R"))
    assert (one.decide().verdict, one.decide().rule) == (Verdict.SETTLE, "kept by a person")
    assert replace(one, agreement=unwritten(one, one.decide())).decide().verdict is Verdict.QUIET


def test_a_person_may_clear_what_a_map_would_keep() -> None:
    found = merge(None, "A", agreement("A", "A"), ruling=Ruling("left", None, "A")).decide()
    assert (found.verdict, found.target, found.value) == (Verdict.WRITE, Side.RIGHT, None)


def test_a_ruling_cannot_turn_the_direction() -> None:
    found = merge("L", "R", CONFLICT, ruling=Ruling("right", "L", "R"), direction=Direction.TO_RIGHT)
    assert (found.decide().verdict, found.decide().rule) == (Verdict.SETTLE, "one way")


def test_a_write_without_an_answer_stays_on_hold_until_a_person_decides() -> None:
    found = merge("L", "A", CONFLICT, ruling=Ruling("hold", "L", "A")).decide()
    assert (found.verdict, found.rule) == (Verdict.HOLD, UNKNOWN_OUTCOME)


def marks(*values: Norm, hours: float = 1, side: Side = Side.RIGHT) -> tuple[WriteMark, ...]:
    """Writes of ours, the last one an hour ago, so many hours apart."""
    ages = [1 + hours * back for back in reversed(range(len(values)))]
    return tuple(WriteMark(NOW - timedelta(hours=age), side, v) for age, v in zip(ages, values, strict=True))


def drifted(writes: tuple[WriteMark, ...], left: Raw = "A") -> FieldMerge:
    return merge(left, "moved back", agreement(left, left, writes=writes), direction=Direction.TO_RIGHT)


@pytest.mark.proves("S3")
def test_a_value_that_was_moved_back_three_times_is_fought_over() -> None:
    assert drifted(marks("A", "A")).decide().verdict is Verdict.WRITE
    found = drifted(marks("A", "A", "A")).decide()
    assert (found.verdict, found.rule, found.target) == (Verdict.HOLD, "fought over", Side.RIGHT)


@pytest.mark.proves("S3")
def test_values_that_alternate_are_fought_over() -> None:
    known = agreement("A", "A", writes=marks("A", "B", "A"))
    assert merge("B", "A", known).decide().rule == "fought over"
    assert merge("C", "A", known).decide().verdict is Verdict.WRITE
    assert merge("B", "A", replace(known, writes=marks("A", "B"))).decide().verdict is Verdict.WRITE
    assert merge("B", "A", replace(known, writes=marks("C", "B", "A"))).decide().verdict is Verdict.WRITE


@pytest.mark.proves("S3")
def test_a_value_outside_the_cycle_is_written_again() -> None:
    known = agreement("A", "A", writes=marks("A", "A", "A"))
    assert merge("new", "moved back", known, direction=Direction.TO_RIGHT).decide().verdict is Verdict.WRITE


@pytest.mark.proves("S3")
def test_writes_of_another_side_or_far_apart_do_not_count() -> None:
    assert drifted(marks("A", "A", "A", side=Side.LEFT)).decide().verdict is Verdict.WRITE
    assert drifted(marks("A", "A", "A", hours=13)).decide().verdict is Verdict.WRITE


@pytest.mark.proves("S3")
def test_a_fight_does_not_end_by_waiting() -> None:
    one = replace(drifted(marks("A", "A", "A")), now=NOW + timedelta(days=30))
    assert one.decide().rule == "fought over"


@pytest.mark.proves("S3")
def test_a_person_ends_a_fight() -> None:
    one = replace(drifted(marks("A", "A", "A")), ruling=Ruling("left", "A", "moved back"))
    assert one.decide().verdict is Verdict.WRITE


def test_marks_of_writes_are_kept_for_a_day_and_not_for_ever() -> None:
    known = agreement("A", "A", writes=marks("x", "A", "B", "C", "D", "E", "F", hours=3))
    assert [mark.value for mark in wrote("New", "New", known=known).writes] == [
        "B",
        "C",
        "D",
        "E",
        "F",
        "New",
    ]
    old = agreement("A", "A", writes=marks("A", "B", hours=23.5))
    assert [mark.value for mark in wrote("New", "New", known=old).writes] == ["B", "New"]


def test_noting_a_difference_keeps_the_marks() -> None:
    one = drifted(marks("A", "A"), left=None)
    assert unwritten(one, one.decide()).writes == marks("A", "A")
