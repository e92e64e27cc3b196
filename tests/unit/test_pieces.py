"""How writes are divided among calls that set some fields to one value for all of their records."""

from collections import Counter
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from syncline.engine.pieces import full, unparted

OWNERS = st.lists(st.sampled_from("abcde"), max_size=60)
MOST = st.integers(1, 20)


def owner(item: tuple[int, str]) -> str:
    return item[1]


@given(OWNERS, MOST)
def test_each_goes_once_and_no_piece_is_too_large(owners: list[str], most: int) -> None:
    items = list(enumerate(owners))
    for cut in (full, unparted):
        pieces = list(cut(items, owner, most))
        assert sorted(item for piece in pieces for item in piece) == items
        assert all(0 < len(piece) <= most for piece in pieces)


@given(OWNERS, MOST)
def test_there_are_as_few_calls_as_there_can_be(owners: list[str], most: int) -> None:
    items = list(enumerate(owners))
    needed = sum(ceil(number / most) for number in Counter(owners).values())
    assert sum(len({owner(item) for item in piece}) for piece in unparted(items, owner, most)) == needed
    assert len(list(full(items, owner, most))) == ceil(len(items) / most)
