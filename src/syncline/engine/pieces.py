"""Pieces: how writes are divided among calls where a call sets some fields to one value for all of its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

from syncline.store.bulk import batches

_T = TypeVar("_T")


def full(items: Sequence[_T], shared: Callable[[_T], Any], most: int) -> Iterator[list[_T]]:
    """As few pieces as there can be, with equal values side by side."""
    return batches(sorted(items, key=shared), most)


def unparted(items: Sequence[_T], shared: Callable[[_T], Any], most: int) -> Iterator[list[_T]]:
    """Pieces that part equal values only where there are more than `most`: each value of a piece is a call."""
    piece: list[_T] = []
    for _, group in groupby(sorted(items, key=shared), shared):
        for part in batches(group, most):
            if len(piece) + len(part) > most:
                yield piece
                piece = []
            piece += part
    if piece:
        yield piece
