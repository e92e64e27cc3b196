"""What a plan of one link says is what is there, what it does not say stays, and a second plan has nothing to add."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from syncline.core.agreement import Agreement
from syncline.core.committed import Written, after_write
from syncline.core.decide import (
    Decided,
    LinkView,
    PairContext,
    decide_link,
    link_actions,
    noted_agreements,
    parking_value,
)
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.merge import Verdict
from syncline.core.model import Absent, Kind, Raw, Record, Ref, Side
from syncline.core.plan import FieldChange, Op
from syncline.core.schema import Field, FieldType, ObjectSchema
from syncline.core.scope import KindSettings
from tests.property.merging import CHOOSING, NOW, OPTIONS, POLICIES, TERMS, TYPES, VALUES
from tests.property.merging import field_of as described

pytestmark = pytest.mark.proves("S1")

_PAIRS = st.lists(st.sampled_from(TYPES), min_size=1, max_size=4)
_POLICIES, _OPTIONS, _SWITCHES = (
    st.sampled_from(POLICIES),
    st.sampled_from(OPTIONS),
    st.sampled_from([True, True, False]),
)
_SHOWN = {kind: st.sampled_from([*values, *values, "NOT READ"]) for kind, values in VALUES.items()}
_SEEN = {kind: st.sampled_from(values) for kind, values in VALUES.items()}
_AGREED = st.sampled_from([True, True, True, False])


@st.composite
def views(draw: st.DrawFn) -> LinkView:
    """A link with a few fields of any types, any policies, and any past."""
    pairs = draw(_PAIRS)
    maps = [_map(draw, number, pair) for number, pair in enumerate(pairs)]
    left, right = (
        ObjectSchema(
            name,
            Kind.PERSON,
            {f.name: f for n, pair in enumerate(pairs) for f in [_field(draw, n, pair[at])]},
        )
        for at, name in enumerate(["contact", "Contact"])
    )
    pair = ObjectPair("contact", "Contact", tuple(maps))
    kind = KindSettings(Kind.PERSON, (pair,), update_left=draw(_SWITCHES), update_right=draw(_SWITCHES))
    frame = PairContext(kind, pair, left, right, TERMS, NOW)
    agreements = {
        key: Agreement(None, draw(_SEEN[t.left.type]), draw(_SEEN[t.right.type]), frame.fingerprints[key])
        for key, t in frame.translators.items()
        if draw(_AGREED)
    }
    return LinkView("7", frame, agreements, _record(draw, left), _record(draw, right))


def _map(draw: st.DrawFn, number: int, types: tuple[FieldType, FieldType]) -> FieldMap:
    chosen = draw(_POLICIES)
    options: Mapping[str, str] = draw(_OPTIONS) if CHOOSING & {*types} else {}
    return FieldMap(f"f{number}", f"f{number}", **chosen, options=options)


def _field(draw: st.DrawFn, number: int, kind: FieldType) -> Field:
    plain = described(f"f{number}", kind, {})
    return replace(plain, updatable=draw(_SWITCHES), required=not draw(_SWITCHES))


def _record(draw: st.DrawFn, shape: ObjectSchema) -> Record:
    drawn: dict[str, Any] = {f.name: draw(_SHOWN[f.type]) for f in shape.fields.values()}
    values = {name: value for name, value in drawn.items() if value != "NOT READ"}
    return Record(Ref(shape.object_type, "1"), values)


def carried_out(view: LinkView, decided: Mapping[str, Decided]) -> LinkView:
    """The link after its plan was carried out, with both systems storing just what they are sent."""
    agreements = {**view.agreements, **noted_agreements(decided)}
    shown: dict[Side, dict[str, Raw]] = {side: dict(view.record(side).values) for side in Side}
    for action in link_actions(view, decided):
        for change in action.fields if action.op is Op.UPDATE else ():
            sent: Raw = "made" if change.awaits else change.after
            shown[action.side][change.field] = sent
            done = Written(action.side, change.source, sent, sent, sent, NOW)
            translator = view.context.translators[change.key]
            print_ = view.context.fingerprints[change.key]
            agreements[change.key] = after_write(translator, print_, view.agreements.get(change.key), done)
    return replace(
        view,
        agreements=agreements,
        left=replace(view.left, values=shown[Side.LEFT]),
        right=replace(view.right, values=shown[Side.RIGHT]),
    )


@given(view=views())
@settings(max_examples=70)
def test_a_second_plan_has_nothing_to_write_or_to_note(view: LinkView) -> None:
    again = carried_out(view, decide_link(view))
    actions = link_actions(again, decide_link(again))
    assert {action.op for action in actions} <= {Op.HOLD}
    assert noted_agreements(decide_link(again)) == {}


@given(view=views())
@settings(max_examples=50)
def test_a_plan_tells_what_is_there_and_who_may_be_written(view: LinkView) -> None:
    for action in link_actions(view, decide_link(view)):
        event(action.op)
        keys = [change.key for change in action.fields]
        assert len(set(keys)) == len(keys) > 0
        for change in action.fields if action.op is Op.UPDATE else ():
            there = view.context.translators[change.key].field(action.side)
            assert change.before == view.record(action.side).get(change.field)
            assert change.source == view.record(action.side.other).get(change.field)
            assert there.updatable
            assert view.context.settings.updates(action.side)
            assert change.awaits or not there.required or change.after not in (None, "", [])


@given(view=views())
@settings(max_examples=40)
def test_every_field_is_in_one_action_at_most_and_only_open_ones_are_in_none(view: LinkView) -> None:
    decided = decide_link(view)
    planned = [change.key for action in link_actions(view, decided) for change in action.fields]
    assert len(set(planned)) == len(planned)
    silent = {Verdict.QUIET, Verdict.BLIND, Verdict.WAIT}
    assert {key for key, d in decided.items() if d.decision.verdict not in silent} == {*planned}


@given(view=views())
@settings(max_examples=50)
def test_what_is_held_waits_or_is_not_known_advances_nothing(view: LinkView) -> None:
    decided = decide_link(view)
    after = carried_out(view, decided)
    for key, one in decided.items():
        if one.decision.verdict in {Verdict.HOLD, Verdict.WAIT, Verdict.BLIND, Verdict.QUIET}:
            assert after.agreements.get(key) == view.agreements.get(key)
        if one.decision.verdict is not Verdict.WRITE:
            name = view.context.translators[key].map.left
            assert after.left.get(name) == view.left.get(name)
            assert after.right.get(name) == view.right.get(name)


@given(view=views())
@settings(max_examples=30)
def test_a_value_somebody_wrote_is_in_the_plan_before_it_goes(view: LinkView) -> None:
    decided = decide_link(view)
    after = carried_out(view, decided)
    for action in link_actions(view, decided):
        for change in action.fields if action.op is Op.UPDATE else ():
            old, new = (v.record(action.side).get(change.field) for v in (view, after))
            assert not isinstance(old, Absent)
            assert old in (new, change.before)


@given(view=views())
@settings(max_examples=40)
def test_a_refused_value_is_not_planned_again(view: LinkView) -> None:
    writes = [
        (change.key, action.side, parking_value(change.after))
        for action in link_actions(view, decide_link(view))
        for change in action.fields
        if action.op is Op.UPDATE and not change.awaits
    ]
    parked = replace(view, parked=frozenset(writes))
    again = [a for a in link_actions(parked, decide_link(parked)) if a.op is Op.UPDATE]
    assert all(change.awaits for action in again for change in action.fields)


@given(view=views())
@settings(max_examples=30)
def test_a_change_comes_back_from_the_store_as_it_was(view: LinkView) -> None:
    for action in link_actions(view, decide_link(view)):
        for change in action.fields:
            back = FieldChange.from_json(json.loads(json.dumps(change.to_json())))
            assert back == (change if change.losing else replace(change, losing=back.losing))
