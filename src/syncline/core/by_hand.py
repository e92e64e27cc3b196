"""By hand: what a person asks for of chosen records, and which questions that passes by (rules U8, P6)."""

from __future__ import annotations

from syncline.core.frozen import frozen
from syncline.core.model import Side
from syncline.core.scope import PUSH_FILTERS, GateResult

UNCOUNTED = frozenset({"max_creates", "max_create_share"})
"""The brakes that count records and nothing else: a person has counted them (S3)."""


@frozen()
class ByHand:
    """A push or a pull of chosen records: the side that is written, and whether values there give way once."""

    target: Side
    overwrite: bool = False

    def passing(self, gate: GateResult) -> GateResult:
        """A gate of the side that is written, without the questions that choose among sound records (U2, U7)."""
        return gate.passed_by(PUSH_FILTERS, "it is done by hand")
