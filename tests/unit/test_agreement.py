"""An agreement in the store: compact, and the same when it comes back."""

import json
from datetime import timedelta

from syncline.core.agreement import Agreement, WriteMark
from syncline.core.model import Side
from tests.unit.mapped import NOW

FULL = Agreement(
    base=("a", "b"),
    left=["B", "a"],
    right="a;b",
    map="m1",
    agreed=False,
    settled="as stored",
    writes=(WriteMark(NOW, Side.LEFT, ("a", "b")), WriteMark(NOW - timedelta(hours=1), Side.RIGHT, None)),
)


def back(known: Agreement) -> Agreement:
    return Agreement.from_json(json.loads(json.dumps(known.to_json())))


def test_everything_comes_back() -> None:
    assert back(FULL) == FULL


def test_a_plain_agreement_is_four_entries() -> None:
    plain = Agreement(base="Ada", left="Ada", right=" Ada ", map="m1")
    assert plain.to_json() == {"b": "Ada", "l": "Ada", "r": " Ada ", "m": "m1"}
    assert back(plain) == plain


def test_false_and_nothing_are_told_apart() -> None:
    for value in (False, None, 0, ""):
        known = Agreement(base=None, left=value, right=value, map="m1")
        assert json.dumps(back(known).to_json()) == json.dumps(known.to_json())


def test_each_side_has_its_own_seen_value() -> None:
    assert FULL.seen(Side.LEFT) == ["B", "a"]
    assert FULL.seen(Side.RIGHT) == "a;b"
