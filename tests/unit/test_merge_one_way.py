"""A field that flows one way: the source is carried over, the target is not a source."""

from typing import Any

import pytest

from syncline.core.merge import Verdict
from syncline.core.model import MISSING, Raw, Side, Value
from syncline.core.policy import Direction, OnClear, OnConflict, OnDrift, WriteRule
from tests.unit.mapped import agreement, merge

pytestmark = pytest.mark.proves("M2")

EITHER_WAY = pytest.mark.parametrize(
    ("direction", "source"), [(Direction.TO_RIGHT, Side.LEFT), (Direction.TO_LEFT, Side.RIGHT)]
)
S, Q = Verdict.SETTLE, Verdict.QUIET
W = Verdict.WRITE


def decided(
    source: Side, shown: tuple[Value, Value], seen: tuple[Raw, Raw], **policy: Any
) -> tuple[Verdict, str, Any]:
    """Verdict, rule and value for (source, target) values now and at the last commit."""
    left, right = shown if source is Side.LEFT else shown[::-1]
    known = agreement(*(seen if source is Side.LEFT else seen[::-1]), base=None)
    found = merge(left, right, known, **policy).decide()
    assert found.verdict is not W or found.target is source.other
    return found.verdict, found.rule, found.value


# (source now, target now), (source seen, target seen), policy -> verdict, rule, value; SOURCE stands for its side.
CASES: dict[str, tuple[tuple[Value, Value], tuple[Raw, Raw], dict[str, Any], Verdict, str, Any]] = {
    "nothing changed": (("A", "A"), ("A", "A"), {}, Q, "agreed", None),
    "an old difference is left alone": (("A", "B"), ("A", "B"), {}, Q, "unchanged", None),
    "spelling is no change": ((" A ", "B"), ("A", "B"), {}, Q, "unchanged", None),
    "the source changed": (("A2", "A"), ("A", "A"), {}, W, "SOURCE changed", "A2"),
    "the source changed beside an old difference": (("A2", "B"), ("A", "B"), {}, W, "SOURCE changed", "A2"),
    "the target drifted": (("A", "B"), ("A", "A"), {}, W, "drift", "A"),
    "drift may stay": (("A", "B"), ("A", "A"), {"drift": OnDrift.KEEP}, S, "drift kept", None),
    "a cleared target drifted": (("A", None), ("A", "A"), {}, W, "drift", "A"),
    "a cleared target may stay": (("A", ""), ("A", "A"), {"drift": OnDrift.KEEP}, S, "drift kept", None),
    "both changed": (("A2", "B"), ("A", "A"), {}, W, "SOURCE changed", "A2"),
    "both changed where drift may stay": (
        ("A2", "B"),
        ("A", "A"),
        {"drift": OnDrift.KEEP},
        W,
        "SOURCE changed",
        "A2",
    ),
    "both changed to the same": (("B", " B"), ("A", "A"), {}, Verdict.AGREE, "agree", None),
    "the conflict policy is for both ways": (
        ("A2", "B"),
        ("A", "A"),
        {"on_conflict": OnConflict.HOLD},
        W,
        "SOURCE changed",
        "A2",
    ),
    "a cleared source": ((None, "A"), ("A", "A"), {}, S, "not cleared", None),
    "a cleared source with clear": (
        ("", "A"),
        ("A", "A"),
        {"clear": OnClear.PROPAGATE},
        W,
        "SOURCE changed",
        None,
    ),
    "drift against an empty source": ((None, "B"), (None, None), {}, S, "not cleared", None),
    "drift against an empty source with clear": (
        (None, "B"),
        (None, None),
        {"clear": OnClear.PROPAGATE},
        W,
        "drift",
        None,
    ),
    "fill into a blank": (("A2", None), ("A", None), {"rule": WriteRule.FILL}, W, "SOURCE changed", "A2"),
    "fill beside a value": (("A2", "A"), ("A", "A"), {"rule": WriteRule.FILL}, S, "fill", None),
    "fill after a drift": (("A", "B"), ("A", "A"), {"rule": WriteRule.FILL}, S, "fill", None),
    "fill again where the target was cleared": (
        ("A", None),
        ("A", "A"),
        {"rule": WriteRule.FILL},
        W,
        "drift",
        "A",
    ),
    "fill never clears": (
        (None, "A"),
        ("A", "A"),
        {"rule": WriteRule.FILL, "clear": OnClear.PROPAGATE},
        S,
        "not cleared",
        None,
    ),
    "a source that was not read": ((MISSING, "B"), ("A", "A"), {}, Verdict.BLIND, "missing", None),
    "a target that was not read": (("A2", MISSING), ("A", "A"), {}, Verdict.BLIND, "missing", None),
}


@EITHER_WAY
@pytest.mark.parametrize("name", CASES)
def test_one_way(name: str, direction: Direction, source: Side) -> None:
    shown, seen, policy, verdict, rule, value = CASES[name]
    expected = (verdict, rule.replace("SOURCE", source), value)
    for owner in (None, "left", "right"):
        assert decided(source, shown, seen, direction=direction, owner=owner, **policy) == expected


@EITHER_WAY
def test_a_target_that_gives_way_is_named_only_if_somebody_wrote_it(
    direction: Direction, source: Side
) -> None:
    def losing(shown: tuple[Raw, Raw], seen: tuple[Raw, Raw], **rest: Any) -> Raw:
        left, right = shown if source is Side.LEFT else shown[::-1]
        known = agreement(*(seen if source is Side.LEFT else seen[::-1]), **rest)
        return merge(left, right, known, direction=direction).decide().losing

    assert losing(("A", "B"), ("A", "A")) == "B"
    assert losing(("A2", "B"), ("A", "A")) == "B"
    assert losing(("A2", "A"), ("A", "A")) is None
    assert losing(("A2", "B"), ("A", "B"), agreed=False, settled="kept") == "B"
    assert losing(("A2", "B"), ("A", "B"), agreed=False, settled="as stored") is None
