"""Laws of mapping options by name, for any two lists of options and any map by hand (rule M4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline.core.automap import OptionMap, OptionState
from syncline.core.mapping import FieldMap
from syncline.core.model import Side
from syncline.core.schema import Field, FieldType, Option

pytestmark = pytest.mark.proves("M4")

NAMES = st.one_of(
    st.sampled_from(
        ["Cold", "cold", " Cold", "Warm", "WARM", "", "a", "b", "\u0130", "Caf\u00e9", "cafe\u0301"]
    ),
    st.text(max_size=4),
)
OPTIONS = st.lists(st.builds(Option, NAMES, NAMES, st.booleans()), max_size=7).map(tuple)
BY_HAND = st.dictionaries(NAMES, NAMES, max_size=4)


def listed(name: str, options: tuple[Option, ...]) -> Field:
    return Field(name, name, FieldType.PICKLIST, options=options)


def made(left: tuple[Option, ...], right: tuple[Option, ...], by_hand: dict[str, str]) -> OptionMap:
    field_map = FieldMap("left", "right", options=by_hand, automap=True)
    return OptionMap(field_map, listed("left", left), listed("right", right))


def pairs(found: OptionMap, side: Side) -> dict[str, str]:
    """The pairs in force of a side, by value."""
    standings = found.standings(side)
    return {
        s.option.value: s.counterpart.value
        for s in standings
        if s.counterpart and s.option.active and s.counterpart.active
    }


@given(OPTIONS, OPTIONS, BY_HAND)
def test_names_map_one_to_one(
    left: tuple[Option, ...], right: tuple[Option, ...], hand: dict[str, str]
) -> None:
    found = made(left, right, hand)
    for side in Side:
        for standing in found.standings(side):
            if standing.state is OptionState.BY_NAME:
                assert standing.counterpart is not None
                assert found.counterpart(side.other, standing.counterpart) is standing.option


@given(OPTIONS, OPTIONS, BY_HAND)
def test_what_is_mapped_by_hand_never_changes(
    left: tuple[Option, ...], right: tuple[Option, ...], hand: dict[str, str]
) -> None:
    found = made(left, right, hand)
    first: dict[str, Option] = {}
    for one, other in hand.items():
        here, there = found.find(Side.LEFT, one), found.find(Side.RIGHT, other)
        if here and there:
            assert found.counterpart(Side.LEFT, here) is first.setdefault(here.value, there)


@given(OPTIONS, OPTIONS, BY_HAND)
def test_pinned_pairs_give_the_same_pairs_again(
    left: tuple[Option, ...], right: tuple[Option, ...], hand: dict[str, str]
) -> None:
    found = made(left, right, hand)
    again = made(left, right, found.pinned())
    assert pairs(again, Side.LEFT) == pairs(found, Side.LEFT)
    assert again.pinned() == found.pinned()


@given(OPTIONS, OPTIONS, BY_HAND)
def test_nothing_inactive_is_ever_written_and_what_is_written_means_the_same(
    left: tuple[Option, ...], right: tuple[Option, ...], hand: dict[str, str]
) -> None:
    found = made(left, right, hand)
    for side, options in ((Side.LEFT, left), (Side.RIGHT, right)):
        for option in options:
            carried = found.carried(side, option.value)
            if isinstance(carried, Option):
                assert carried.active
                assert found.common(side, option.value) == found.common(side.other, carried.value)


@given(OPTIONS, OPTIONS, BY_HAND)
def test_every_option_stands_somewhere_and_swapping_the_sides_changes_nothing(
    left: tuple[Option, ...], right: tuple[Option, ...], hand: dict[str, str]
) -> None:
    found, mirrored = made(left, right, {}), made(right, left, {})
    for side, options in ((Side.LEFT, left), (Side.RIGHT, right)):
        assert {s.option.value for s in found.standings(side)} == {
            o.value for o in options if o.value.strip()
        }
        assert pairs(found, side) == pairs(mirrored, side.other)
