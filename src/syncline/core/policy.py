"""The words that settle a field, a match or a conflict: directions, rules, owners."""

from __future__ import annotations

from enum import StrEnum

from syncline.core.model import Side


class Direction(StrEnum):
    """Which way a field may be written."""

    TO_LEFT = "to_left"
    TO_RIGHT = "to_right"
    BOTH = "both"

    def allows(self, target: Side) -> bool:
        """Whether the field may be written on that side."""
        return self is Direction.BOTH or self.value == f"to_{target.value}"

    @property
    def source(self) -> Side | None:
        """The only side that is read from, or nothing where both are."""
        sources = {Direction.TO_LEFT: Side.RIGHT, Direction.TO_RIGHT: Side.LEFT}
        return sources.get(self)


class WriteRule(StrEnum):
    """`fill` writes only into an empty target; `overwrite` may replace a filled value."""

    FILL = "fill"
    OVERWRITE = "overwrite"


class OnConflict(StrEnum):
    """Who wins when both sides changed since they last agreed."""

    LEFT = "left"
    RIGHT = "right"
    LATEST = "latest"
    HOLD = "hold"


class OnFirstContact(StrEnum):
    """What happens to two filled, different values that never agreed."""

    OWNER = "owner"
    KEEP = "keep"
    LEFT = "left"
    RIGHT = "right"
    HOLD = "hold"


class OnClear(StrEnum):
    """Whether emptying a value on one side empties the other."""

    KEEP = "keep"
    PROPAGATE = "propagate"


class OnDrift(StrEnum):
    """What happens when the target of a one-way field was changed by somebody else."""

    OVERWRITE = "overwrite"
    KEEP = "keep"


class OnAmbiguous(StrEnum):
    """What happens when several records could be the counterpart."""

    HOLD = "hold"
    OLDEST = "oldest"
    RICHEST = "richest"


class OnLinkedCandidate(StrEnum):
    """What happens when the only counterpart is linked to another record already."""

    HOLD = "hold"
    MIRROR = "mirror"
    SKIP = "skip"
