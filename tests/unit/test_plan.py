"""Planned changes keep everything a person and the run need, through the store and back (S1)."""

import json
from dataclasses import replace

import pytest

from syncline.core.model import Raw, Ref
from syncline.core.plan import FieldChange
from syncline.core.references import Awaited

FULL = FieldChange(
    key="title=Title",
    field="Title",
    before="CEO",
    after="CTO",
    source="CTO",
    rule="conflict: left wins",
    reason="conflict: left wins: the left value goes to the right",
    losing="CEO",
    awaits=Ref("account", "acc2"),
    allowed=("CTO", "CEO"),
)


def back(change: FieldChange) -> FieldChange:
    return FieldChange.from_json(json.loads(json.dumps(change.to_json())))


@pytest.mark.proves("S1")
def test_a_change_comes_back_from_the_store_as_it_was() -> None:
    assert back(FULL) == FULL
    bare = FieldChange("a=b", "b", None, ["x"], ["x"], "left changed")
    assert back(bare) == bare


@pytest.mark.parametrize("losing", [False, 0, 0.0, "x", ["x"], None])
def test_no_losing_value_is_lost(losing: Raw) -> None:
    assert back(replace(FULL, losing=losing)).losing == losing


def test_what_says_nothing_is_not_stored() -> None:
    stored = FieldChange("a=b", "b", None, None, None, "agree").to_json()
    assert stored == {
        "key": "a=b",
        "field": "b",
        "before": None,
        "after": None,
        "source": None,
        "rule": "agree",
    }


def test_a_value_or_the_record_it_waits_for() -> None:
    assert FieldChange.split("x") == ("x", None)
    assert FieldChange.split(Awaited(Ref("account", "acc2"))) == (None, Ref("account", "acc2"))
