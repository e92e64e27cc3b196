"""Records that spoil a call for all are found, their neighbours are written once, and the calls are few (rule E3)."""

from collections.abc import Sequence
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline.connectors.http.sifting import MOST_CALLS, sift


class Server:
    """Refuses a whole call for one guilty item, and may say which."""

    def __init__(self, guilty: frozenset[int], *, tells: bool = False) -> None:
        self.guilty = guilty
        self.tells = tells
        self.written: list[int] = []
        self.refused: list[int] = []
        self.calls = 0

    def take(self, part: Sequence[int]) -> list[int]:
        self.calls += 1
        bad = [each for each in part if each in self.guilty]
        if not bad:
            self.written += part
            return []
        if len(part) == 1 or self.tells:
            self.refused += bad
            return [each for each in part if each not in self.guilty]
        return list(part)


@pytest.mark.proves("E3")
@given(st.integers(1, 200), st.sets(st.integers(0, 199), max_size=200), st.booleans())
def test_the_innocent_are_written_once_and_the_guilty_never(size: int, guilty: set[int], tells: bool) -> None:
    server = Server(frozenset(each for each in guilty if each < size), tells=tells)
    left = sift(range(size), server.take, most_calls=10_000)
    assert not left
    assert sorted(server.written) == [each for each in range(size) if each not in server.guilty]
    assert sorted(server.refused) == sorted(server.guilty)
    k = len(server.guilty)
    assert server.calls <= 1 + 2 * k * (log2(size) + 1)


@pytest.mark.proves("E3")
@given(st.integers(2, 400))
def test_where_all_are_guilty_the_calls_end_and_the_rest_is_told(size: int) -> None:
    server = Server(frozenset(range(size)))
    left = sift(range(size), server.take)
    assert server.calls <= MOST_CALLS
    assert sorted([*left, *server.refused]) == list(range(size))
    assert not server.written


def test_items_keep_their_order() -> None:
    server = Server(frozenset({2}))
    sift(range(8), server.take)
    assert server.written == [0, 1, 3, 4, 5, 6, 7]


def test_an_item_alone_is_never_sent_for_ever() -> None:
    calls: list[Sequence[int]] = []

    def stubborn(part: Sequence[int]) -> Sequence[int]:
        calls.append(part)
        return part

    assert sift([1, 2], stubborn) == []
    assert calls == [[1, 2], [1], [2]]
    assert sift([], stubborn) == []
