"""Values: classes whose instances are compared by what they hold and never changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def frozen(*, slots: bool = True, order: bool = False) -> Callable[[type[_T]], type[_T]]:
    """A dataclass that the type checker takes for frozen.

    At run time it is not: a frozen instance sets each attribute through a call, which takes three times as long,
    and a run makes hundreds of values per record.
    """
    return dataclass(slots=slots, order=order, unsafe_hash=True)
