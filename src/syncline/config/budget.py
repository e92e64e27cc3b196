"""The budget of a connection, as the settings say it."""

from __future__ import annotations

from pydantic import Field

from syncline.config.part import Part


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

    def part(self, *, by_hand: bool) -> float:
        """The part of each limit that work of that sort may use."""
        return self.share if by_hand else self.share * (1 - self.reserve)
