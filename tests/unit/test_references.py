"""References to several records: what goes over, what waits, and what the target shows besides."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from syncline.core.agreement import Agreement
from syncline.core.committed import Written, after_write
from syncline.core.convert import Terms, Translator
from syncline.core.mapping import FieldMap
from syncline.core.merge import FieldMerge, Observed, Verdict, unwritten
from syncline.core.model import MISSING, Raw, Ref, Side, Value
from syncline.core.policy import Direction, OnDrift
from syncline.core.references import Awaited, Relations
from syncline.core.schema import Field, FieldType
from syncline.core.written import Problem

pytestmark = pytest.mark.proves("D2")

NOW = datetime(2024, 1, 2, tzinfo=UTC)
MAP = FieldMap("contacts", "roles", Direction.TO_RIGHT, owner="left", drift=OnDrift.KEEP)
LEFT = Field("contacts", "Contacts", FieldType.REFERENCE, refers_to=("contact",), several=True)
RIGHT = Field("roles", "Roles", FieldType.REFERENCE, refers_to=("Contact",), several=True)


def relations(*linked: str, leads: str = "", planned: str = "") -> Relations:
    """Left records a, b, c... are right ones A, B, C...; some of these are leads."""
    pairs = [*linked, *leads]
    tokens = {(Side.LEFT, n): f"link:{n}" for n in pairs} | {
        (Side.RIGHT, n.upper()): f"link:{n}" for n in pairs
    }
    types = {(Side.LEFT, n): "Lead" if n in leads else "Contact" for n in pairs}
    return Relations(
        tokens=tokens,
        twins={(Side.LEFT, n): n.upper() for n in pairs},
        planned={(Side.LEFT, n): Ref("contact", n) for n in planned},
        types=types,
    )


def merge(
    known: Relations,
    left: Value,
    right: Value,
    agreement: Agreement | None = None,
    drift: OnDrift = OnDrift.KEEP,
) -> FieldMerge:
    translator = Translator(replace(MAP, drift=drift), LEFT, RIGHT, Terms(relations=known))
    return FieldMerge(translator, "map", agreement, Observed(left), Observed(right), NOW)


def agreed(made: FieldMerge, shown: Raw = None) -> Agreement:
    """The agreement after what the merge decided; a write shows what was sent unless told otherwise."""
    decision = made.decide()
    if decision.verdict is not Verdict.WRITE or isinstance(decision.value, Awaited):
        return unwritten(made, decision)
    sent = decision.value
    done = Written(Side.RIGHT, made.value(Side.LEFT), sent, sent, shown or sent, NOW)
    return after_write(made.translator, "map", made.agreement, done)


def told(made: FieldMerge) -> tuple[Verdict, Any]:
    decision = made.decide()
    return decision.verdict, decision.value


def test_what_is_linked_is_added_behind_what_is_there() -> None:
    made = merge(relations("a", "b"), ["b", "a", "b"], ["X", "A"])
    assert told(made) == (Verdict.WRITE, ["X", "A", "B"])
    assert made.decide().losing is None
    again = merge(relations("a", "b"), ["b", "a"], ["X", "A", "B"], agreed(made))
    assert again.decide().verdict is Verdict.QUIET
    assert agreed(made).settled == "as stored"


def test_the_same_records_agree_in_any_order() -> None:
    assert merge(relations("a", "b"), ["b", "a"], ["A", "B"]).decide().verdict is Verdict.AGREE


def test_what_is_not_linked_is_left_out_and_comes_with_its_link() -> None:
    first = merge(relations("a"), ["a", "b"], [])
    assert told(first) == (Verdict.WRITE, ["A"])
    assert "left out until they are linked" in first.decide().reason
    known = agreed(first)
    waiting = merge(relations("a"), ["a", "b"], ["A"], known)
    assert waiting.decide().verdict is Verdict.QUIET
    assert waiting.decide().reason.endswith(": b")
    assert told(merge(relations("a", "b"), ["a", "b"], ["A"], known)) == (Verdict.WRITE, ["A", "B"])


def test_nothing_is_written_while_none_is_linked() -> None:
    made = merge(relations(), ["a", "b"], ["X"])
    assert (made.decide().verdict, made.decide().rule) == (Verdict.WAIT, "reference")


def test_a_lead_is_no_contact_until_the_link_moves() -> None:
    alone = merge(relations(leads="a"), ["a"], [])
    assert alone.decide().verdict is Verdict.WAIT
    assert "the Lead A, to which it cannot refer" in alone.decide().reason
    both = merge(relations("b", leads="a"), ["a", "b"], [])
    assert told(both) == (Verdict.WRITE, ["B"])
    assert told(merge(relations("a", "b"), ["a", "b"], ["B"], agreed(both))) == (Verdict.WRITE, ["B", "A"])


def test_a_record_that_is_made_by_this_plan_is_awaited_with_what_is_known() -> None:
    made = merge(relations("a", planned="b"), ["a", "b"], ["X"])
    assert told(made) == (Verdict.WRITE, Awaited(Ref("contact", "b"), ["X", "A"]))


def test_what_a_person_adds_or_takes_out_on_the_target_stays() -> None:
    known = agreed(merge(relations("a", "b"), ["a", "b"], []))
    assert merge(relations("a", "b"), ["a", "b"], ["A", "B", "X"], known).decide().verdict is Verdict.SETTLE
    taken = merge(relations("a", "b"), ["a", "b"], ["A"], known)
    assert (taken.decide().verdict, taken.decide().rule) == (Verdict.SETTLE, "drift kept")
    kept = agreed(taken)
    assert merge(relations("a", "b"), ["a", "b"], ["A"], kept).decide().verdict is Verdict.QUIET
    changed = merge(relations("a", "b", "c"), ["a", "b", "c"], ["A"], kept)
    assert told(changed) == (Verdict.WRITE, ["A", "B", "C"])


def test_without_keeping_drift_what_was_taken_out_comes_back() -> None:
    known = agreed(merge(relations("a"), ["a"], [], drift=OnDrift.OVERWRITE))
    assert told(merge(relations("a"), ["a"], [], known, OnDrift.OVERWRITE)) == (Verdict.WRITE, ["A"])


def test_what_the_source_drops_is_not_taken_out() -> None:
    known = agreed(merge(relations("a", "b"), ["a", "b"], []))
    dropped = merge(relations("a", "b"), ["a"], ["A", "B"], known)
    assert (dropped.decide().verdict, dropped.decide().rule) == (Verdict.SETTLE, "as written")
    emptied = merge(relations("a", "b"), [], ["A", "B"], known)
    assert (emptied.decide().verdict, emptied.decide().rule) == (Verdict.SETTLE, "not cleared")


@pytest.mark.parametrize("empty", [[], None, "", [" "]])
def test_no_records_are_nothing(empty: Raw) -> None:
    assert merge(relations("a"), empty, []).decide().verdict is Verdict.AGREE
    assert told(merge(relations("a"), ["a"], empty)) == (Verdict.WRITE, ["A"])


def test_roles_that_were_not_read_are_not_decided() -> None:
    assert merge(relations("a"), ["a"], MISSING).decide().verdict is Verdict.BLIND


def test_many_that_wait_are_counted_and_not_all_named() -> None:
    waiting = [f"n{n}" for n in range(3_000)]
    reason = merge(relations("a"), ["a", *waiting], []).decide().reason
    assert reason.endswith("n0, n1, n2 and 2997 more")


def test_a_single_reference_is_not_sent_to_a_record_of_another_type() -> None:
    one = FieldMap("contact", "role", Direction.TO_RIGHT)
    left, right = (replace(each, several=False) for each in (LEFT, RIGHT))
    translator = Translator(one, left, right, Terms(relations=relations("b", leads="a")))
    sent = translator.to_send(Side.RIGHT, "a")
    assert isinstance(sent, Problem)
    assert sent.code == "reference"
    assert translator.to_send(Side.RIGHT, "b") == "B"
    assert translator.common(Side.LEFT, "a") == "left:a"
