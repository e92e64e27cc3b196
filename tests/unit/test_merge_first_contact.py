"""Two sides that never agreed on a field: blanks are filled, filled values are left to the policy."""

from dataclasses import replace
from typing import Any, Literal

import pytest

from syncline.core.merge import Verdict
from syncline.core.model import MISSING, WITHHELD, Raw, Side, Value
from syncline.core.policy import Direction, OnClear, OnConflict, OnFirstContact, WriteRule
from syncline.core.schema import FieldType
from tests.unit.mapped import NOW, agreement, between, field, merge, options, translator

pytestmark = pytest.mark.proves("M2")

EMPTY: list[Raw] = [None, "", "  ", []]


@pytest.mark.parametrize("blank", EMPTY)
@pytest.mark.parametrize("rule", WriteRule)
@pytest.mark.parametrize("clear", OnClear)
@pytest.mark.parametrize("target", Side)
@pytest.mark.parametrize("direction", Direction)
def test_a_blank_is_filled_where_the_direction_allows_it(
    direction: Direction, target: Side, clear: OnClear, rule: WriteRule, blank: Raw
) -> None:
    left, right = (blank, "Ada") if target is Side.LEFT else ("Ada", blank)
    found = merge(left, right, None, direction=direction, rule=rule, clear=clear).decide()
    if direction.allows(target):
        assert (found.verdict, found.target, found.value) == (Verdict.WRITE, target, "Ada")
        assert found.rule == "first contact fills"
    else:
        assert (found.verdict, found.rule) == (Verdict.SETTLE, "one way")


POLICIES: list[tuple[dict[str, Any], Verdict, Side | None]] = [
    ({}, Verdict.SETTLE, None),
    ({"owner": "left"}, Verdict.WRITE, Side.RIGHT),
    ({"owner": "right"}, Verdict.WRITE, Side.LEFT),
    ({"on_first_contact": OnFirstContact.OWNER}, Verdict.SETTLE, None),
    ({"on_first_contact": OnFirstContact.KEEP, "owner": "left"}, Verdict.SETTLE, None),
    ({"on_first_contact": OnFirstContact.LEFT}, Verdict.WRITE, Side.RIGHT),
    ({"on_first_contact": OnFirstContact.LEFT, "owner": "right"}, Verdict.WRITE, Side.RIGHT),
    ({"on_first_contact": OnFirstContact.RIGHT}, Verdict.WRITE, Side.LEFT),
    ({"on_first_contact": OnFirstContact.HOLD, "owner": "left"}, Verdict.HOLD, None),
]


@pytest.mark.parametrize(("policy", "verdict", "target"), POLICIES)
@pytest.mark.parametrize("direction", Direction)
def test_two_filled_values_are_left_to_the_policy(
    direction: Direction, policy: dict[str, Any], verdict: Verdict, target: Side | None
) -> None:
    found = merge("Ada", "Eve", None, direction=direction, **policy).decide()
    if verdict is Verdict.WRITE and target and not direction.allows(target):
        assert (found.verdict, found.rule) == (Verdict.SETTLE, "one way")
        return
    assert (found.verdict, found.target) == (verdict, target)
    if target:
        assert found.value == ("Eve" if target is Side.LEFT else "Ada")
        assert found.losing == ("Ada" if target is Side.LEFT else "Eve")


@pytest.mark.parametrize("owner", ["left", "right"])
@pytest.mark.parametrize("direction", Direction)
def test_fill_never_replaces_at_first_contact(direction: Direction, owner: str) -> None:
    found = merge("Ada", "Eve", None, direction=direction, owner=owner, rule=WriteRule.FILL).decide()
    assert found.verdict is Verdict.SETTLE
    assert found.rule in {"fill", "one way"}


@pytest.mark.parametrize("owner", [None, "left", "right"])
def test_the_latest_never_decides_a_first_contact(owner: Literal["left", "right"] | None) -> None:
    times = {Side.LEFT: between(9_000, 8_000), Side.RIGHT: between(20, 10)}
    latest = merge("Ada", "Eve", None, times=times, owner=owner, on_conflict=OnConflict.LATEST)
    assert latest.decide() == merge("Ada", "Eve", None, owner=owner).decide()


@pytest.mark.parametrize(
    ("left", "right"), [("Ada", " Ada "), ("caf\u00e9", "cafe\u0301"), ("", None), ([], " ")]
)
@pytest.mark.parametrize("direction", Direction)
def test_the_same_on_both_sides_is_agreed_without_a_write(
    direction: Direction, left: Raw, right: Raw
) -> None:
    assert merge(left, right, None, direction=direction).decide().verdict is Verdict.AGREE


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (MISSING, "Ada"),
        ("Ada", MISSING),
        (WITHHELD, "Ada"),
        ("Ada", WITHHELD),
        (MISSING, None),
        (WITHHELD, MISSING),
    ],
)
@pytest.mark.parametrize("direction", Direction)
def test_missing_and_withheld_are_not_empty(direction: Direction, left: Value, right: Value) -> None:
    found = merge(left, right, None, direction=direction, owner="left", clear=OnClear.PROPAGATE).decide()
    assert found.verdict is Verdict.BLIND
    assert found.rule in {"missing", "withheld"}
    assert found.value is None


def test_another_map_means_first_contact_again() -> None:
    known = agreement("Ada", "Ada", map="another map")
    changed = merge("Ada B.", "Ada", known, on_first_contact=OnFirstContact.HOLD).decide()
    assert (changed.verdict, changed.rule) == (Verdict.HOLD, "first contact")
    owned = merge("Ada B.", "Ada", known, owner="right").decide()
    assert (owned.verdict, owned.target, owned.losing) == (Verdict.WRITE, Side.LEFT, "Ada B.")
    same = merge("Ada", "Ada", known).decide()
    assert same.verdict is Verdict.AGREE


def test_what_another_map_agreed_on_is_named_when_it_gives_way() -> None:
    known = agreement("Ada", "Eve", map="another map", agreed=False, settled="kept")
    found = merge("Ada", "Eve", known, owner="left").decide()
    assert (found.verdict, found.losing) == (Verdict.WRITE, "Eve")


def test_blank_choices_are_filled_and_erase_nothing() -> None:
    tags = field(FieldType.MULTIPICKLIST, options=options("Retail"))
    found = merge(
        [" "], ["Retail"], None, translator(tags, tags, owner="left", clear=OnClear.PROPAGATE)
    ).decide()
    assert (found.verdict, found.target, found.value) == (Verdict.WRITE, Side.LEFT, ["Retail"])


@pytest.mark.proves("M5")
def test_an_option_without_counterpart_holds_the_field_with_what_is_allowed() -> None:
    stages = field(FieldType.PICKLIST, restricted=True, options=options("Open", "Won"))
    found = merge("Frozen", None, None, translator(FieldType.TEXT, stages)).decide()
    assert (found.verdict, found.rule, found.allowed) == (Verdict.HOLD, "option", ("Open", "Won"))
    assert found.target is Side.RIGHT


def test_a_reference_waits_for_the_link_of_its_record() -> None:
    carrier = translator(FieldType.REFERENCE, FieldType.REFERENCE)
    found = merge("acc1", None, None, carrier).decide()
    assert (found.verdict, found.rule) == (Verdict.WAIT, "reference")


def test_what_would_be_stored_as_it_is_already_is_not_written() -> None:
    amount = field(FieldType.MONEY, scale=0)
    found = merge(99.6, 100, None, translator(FieldType.MONEY, amount, owner="left")).decide()
    assert (found.verdict, found.rule) == (Verdict.SETTLE, "as written")


def test_a_first_contact_does_not_depend_on_the_clock() -> None:
    now = merge("Ada", "Eve", None, owner="left")
    assert now.decide() == replace(now, now=NOW.replace(year=2030)).decide()
