"""By hand: what a person asks for of chosen records, and which questions that passes by (rules U8, P6)."""

from __future__ import annotations

from dataclasses import replace

from syncline.core.criteria import Criterion
from syncline.core.frozen import frozen
from syncline.core.model import Side

PASSED_BY = frozenset({"stage"})
"""The questions of the create gate that a push by hand passes by: which new records are wanted (U2, U7)."""
UNCOUNTED = frozenset({"max_creates", "max_create_share"})
"""The brakes that count records and nothing else: a person has counted them (S3)."""


@frozen()
class ByHand:
    """A push or a pull of chosen records: the side that is written, and whether values there give way once."""

    target: Side
    overwrite: bool = False

    def passing(self, criterion: Criterion) -> Criterion:
        """The answer to a question of the create gate, which may be passed by."""
        if criterion.passed or criterion.name not in PASSED_BY:
            return criterion
        return replace(
            criterion, passed=True, reason=f"{criterion.reason}; passed by, since it is done by hand"
        )
