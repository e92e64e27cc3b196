"""What holds of the merge of a field, whatever its type, its policy and what both sides show."""

import json
from dataclasses import replace

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from syncline.core.agreement import Agreement
from syncline.core.committed import Written, after_write
from syncline.core.merge import Decision, FieldMerge, Ruling, Verdict, unwritten
from syncline.core.model import Absent, Raw, Side
from syncline.core.policy import Direction, OnClear, OnConflict, WriteRule
from syncline.core.references import Awaited
from syncline.testing.strategies import nasty_texts
from tests.property.merging import merges, mirrored, shown, turned_words

pytestmark = pytest.mark.proves("M2")

NOTED = frozenset({Verdict.AGREE, Verdict.SETTLE})


def applied(one: FieldMerge, decision: Decision, seen: Raw) -> FieldMerge:
    """The merge after its decision was carried out, the written side showing `seen`."""
    if decision.verdict in NOTED:
        return replace(one, agreement=unwritten(one, decision))
    if decision.verdict is not Verdict.WRITE or decision.target is None:
        return one
    target = decision.target
    sent = "id9" if isinstance(decision.value, Awaited) else decision.value
    done = Written(target, one.value(target.other), sent, sent, seen, one.now)
    after = after_write(one.translator, one.fingerprint, one.agreement, done)
    left, right = (seen, one.value(Side.RIGHT)) if target is Side.LEFT else (one.value(Side.LEFT), seen)
    return replace(
        one, agreement=after, left=replace(one.left, value=left), right=replace(one.right, value=right)
    )


@given(one=merges(), data=st.data())
@settings(max_examples=150)
def test_after_a_decision_is_carried_out_there_is_nothing_left_to_do(
    one: FieldMerge, data: st.DataObject
) -> None:
    decision = one.decide()
    event(decision.verdict)
    sent = None if isinstance(decision.value, Awaited) else decision.value
    target = decision.target or Side.RIGHT
    seen = data.draw(st.just(sent) | shown(one.translator.field(target).type))
    again = applied(one, decision, seen).decide()
    carried_out = decision.verdict in {*NOTED, Verdict.WRITE, Verdict.QUIET}
    assert again.verdict is (Verdict.QUIET if carried_out else decision.verdict)


@given(one=merges(known=True), choice=st.sampled_from(["left", "right", "keep"]))
@settings(max_examples=60)
def test_a_ruling_settles_the_two_values_it_was_given_for(one: FieldMerge, choice: str) -> None:
    ruling = Ruling(choice, one.value(Side.LEFT), one.value(Side.RIGHT))  # type: ignore[arg-type] # three words
    ruled = replace(one, ruling=ruling)
    decision = ruled.decide()
    assert decision.rule not in {"conflict", "first contact", "fought over"}
    if decision.verdict in NOTED:
        assert applied(ruled, decision, None).decide().verdict is Verdict.QUIET


@given(one=merges(agreed=True, known=True))
@settings(max_examples=50)
def test_no_change_means_nothing_to_write(one: FieldMerge) -> None:
    assert one.agreement
    still = replace(
        one,
        left=replace(one.left, value=one.agreement.left),
        right=replace(one.right, value=one.agreement.right),
    )
    assert still.decide().verdict in {Verdict.QUIET, Verdict.AGREE}


@given(
    one=merges(agreed=True, known=True, direction=Direction.BOTH, rule=WriteRule.OVERWRITE),
    side=st.sampled_from(Side),
)
@settings(max_examples=150)
def test_a_change_on_one_side_goes_over(one: FieldMerge, side: Side) -> None:
    assert one.agreement
    rest = replace(one.left, value=one.agreement.left) if side is Side.RIGHT else one.left
    right = replace(one.right, value=one.agreement.right) if side is Side.LEFT else one.right
    one = replace(one, left=rest, right=right, agreement=replace(one.agreement, writes=()))
    found = one.decide()
    if not one.changed(side):
        assert found.verdict in {Verdict.QUIET, Verdict.AGREE}
        return
    assert found.verdict not in {Verdict.QUIET, Verdict.BLIND}
    assert found.target in {side.other, None}
    assert found.rule not in {"conflict", "fill", "one way", "kept"}
    if found.verdict is Verdict.WRITE:
        assert found.rule == f"{side} changed"
        assert found.value == one.translator.to_send(side.other, one.value(side))
    if found.rule == "not cleared":
        assert one.translator.is_empty(side, one.value(side))
        assert one.translator.map.clear is OnClear.KEEP


@given(one=merges())
@settings(max_examples=200)
def test_changing_the_sides_over_turns_the_decision_round(one: FieldMerge) -> None:
    here, there = one.decide(), mirrored(one).decide()
    event(here.verdict)
    assert here.verdict is there.verdict
    if here.verdict is Verdict.BLIND:
        return
    assert here.target == (there.target and there.target.other)
    assert (here.value, here.losing, here.allowed) == (there.value, there.losing, there.allowed)
    assert here.rule == turned_words(there.rule)


@given(one=merges(agreed=True, known=True, direction=Direction.BOTH))
@settings(max_examples=100)
def test_a_clear_never_beats_an_edit(one: FieldMerge) -> None:
    found = one.decide()
    if found.verdict is not Verdict.WRITE or found.target is None or not one.changed(found.target):
        return
    source = found.target.other
    if one.translator.is_empty(source, one.value(source)):
        assert one.translator.is_empty(found.target, one.value(found.target))


@given(one=merges(rule=WriteRule.FILL))
@settings(max_examples=100)
def test_fill_never_replaces(one: FieldMerge) -> None:
    found = one.decide()
    if found.verdict is Verdict.WRITE and found.target:
        assert one.translator.is_empty(found.target, one.value(found.target))
        assert found.value not in {None, ""} if not isinstance(found.value, list) else found.value


@given(one=merges(clear=OnClear.KEEP))
@settings(max_examples=80)
def test_nothing_is_cleared_unless_the_map_says_so(one: FieldMerge) -> None:
    found = one.decide()
    if found.verdict is Verdict.WRITE:
        assert found.value is not None
        assert found.value != []


@given(one=merges())
@settings(max_examples=150)
def test_a_value_somebody_wrote_stays_or_is_named(one: FieldMerge) -> None:
    found = one.decide()
    if found.verdict is not Verdict.WRITE or found.target is None:
        assert found.losing is None
        return
    gone = one.value(found.target)
    written = one.changed(found.target) or one.agreement is None or one.agreement.map != one.fingerprint
    kept = one.agreement is not None and one.agreement.settled in {"kept", "fill", "not cleared", "undone"}
    if (written or kept) and not one.translator.is_empty(found.target, gone):
        assert found.losing == gone


@given(one=merges())
@settings(max_examples=80)
def test_only_an_allowed_side_is_written(one: FieldMerge) -> None:
    found = one.decide()
    if found.verdict is Verdict.WRITE:
        assert found.target
        assert one.translator.map.direction.allows(found.target)
        assert not isinstance(one.left.value, Absent)
        assert not isinstance(one.right.value, Absent)


@given(one=merges(agreed=True, known=True, on_conflict=OnConflict.LATEST))
@settings(max_examples=60)
def test_the_latest_wins_only_where_the_times_are_apart(one: FieldMerge) -> None:
    found = one.decide()
    if found.rule == "conflict: latest wins":
        later, earlier = (one.left, one.right) if found.target is Side.RIGHT else (one.right, one.left)
        assert later.time
        assert later.time.after
        assert earlier.time
        assert later.time.after - earlier.time.by >= one.skew


@given(one=merges(agreed=True), text=nasty_texts())
@settings(max_examples=40)
def test_an_agreement_comes_back_from_the_store_as_it_was(one: FieldMerge, text: str) -> None:
    for known in (
        one.agreement,
        one.agreement and replace(one.agreement, base=text, left=text, right=[text]),
    ):
        assert known
        assert Agreement.from_json(json.loads(json.dumps(known.to_json()))) == known
