"""The budget of a connection, as the settings say it."""

from __future__ import annotations

from pydantic import Field

from syncline.config.part import Part
from syncline.core.budget import Work

SWEEP_SHARE = 0.5
"""The part of our share that a sweep may use, together with all that was called before: reading changes goes on."""


class Budget(Part):
    """How much of a system's quota of calls Syncline may use."""

    share: float = Field(
        default=0.8, gt=0, le=1, description="The part of the vendor's quota that may be used, from 0 to 1."
    )
    reserve: float = Field(
        default=0.1,
        ge=0,
        lt=1,
        description="The part of that share which is kept for pushes and pulls of chosen records, from 0 to below 1.",
    )

    def part(self, work: Work) -> float:
        """The part of each limit that work of that sort may use."""
        if work is Work.BY_HAND:
            return self.share
        for_runs = 1 - self.reserve
        return self.share * (min(for_runs, SWEEP_SHARE) if work is Work.SWEEP else for_runs)
