"""Brakes: limits that hold a plan until a person approves it (rule S3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar

from syncline.core.mapping import FORBID_EXTRA


@dataclass(frozen=True)
class Brakes:
    """Limits for one run. Numbers count writes; shares are parts of the linked records, from 0 to 1.

    Shares are judged only when more than `share_from` records are linked: a share of little says nothing.
    `match_rate_fall` compares the share of linked records with the run before.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID_EXTRA

    max_creates: int | None = 5_000
    max_overwrites: int | None = 5_000
    max_clears: int | None = 500
    max_deletes: int | None = 100
    max_create_share: float | None = 0.5
    max_overwrite_share: float | None = 0.3
    max_clear_share: float | None = 0.05
    max_delete_share: float | None = 0.02
    emptied_side: bool = True
    match_rate_fall: float | None = 0.2
    share_from: int = 100


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """What a plan would write, and the sets it was made on.

    `records` and `records_before` count living records per side now and at the last finished run. `partial`
    sides were not provably read whole: nothing is concluded from what they lack.
    """

    creates: int = 0
    overwrites: int = 0
    clears: int = 0
    deletes: int = 0
    linked: int = 0
    linked_before: int = 0
    records: Mapping[str, int] = field(default_factory=dict)
    records_before: Mapping[str, int] = field(default_factory=dict)
    partial: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tripped:
    """A brake that holds the plan, with the figures that tripped it."""

    brake: str
    reason: str


def tripped(brakes: Brakes, counts: PlanCounts) -> tuple[Tripped, ...]:
    """The brakes that hold this plan; none means that it may run."""
    return (
        *_numbers(brakes, counts),
        *_shares(brakes, counts),
        *_emptied(brakes, counts),
        *_match_rate(brakes, counts),
    )


def _numbers(brakes: Brakes, counts: PlanCounts) -> list[Tripped]:
    limits = (
        ("max_creates", counts.creates, brakes.max_creates, "create"),
        ("max_overwrites", counts.overwrites, brakes.max_overwrites, "overwrite values of"),
        ("max_clears", counts.clears, brakes.max_clears, "clear values of"),
        ("max_deletes", counts.deletes, brakes.max_deletes, "delete"),
    )
    return [
        Tripped(name, f"the plan would {verb} {number} records; at most {limit} are allowed in a run")
        for name, number, limit, verb in limits
        if limit is not None and number > limit
    ]


def _shares(brakes: Brakes, counts: PlanCounts) -> list[Tripped]:
    if counts.linked_before <= brakes.share_from:
        return []
    limits = (
        ("max_create_share", counts.creates, brakes.max_create_share, "create"),
        ("max_overwrite_share", counts.overwrites, brakes.max_overwrite_share, "overwrite values of"),
        ("max_clear_share", counts.clears, brakes.max_clear_share, "clear values of"),
        ("max_delete_share", counts.deletes, brakes.max_delete_share, "delete"),
    )
    return [
        Tripped(
            name, f"the plan would {verb} {number} of {counts.linked_before} records, more than {limit:.0%}"
        )
        for name, number, limit, verb in limits
        if limit is not None and number > _exact(limit) * counts.linked_before
    ]


def _exact(share: float) -> Fraction:
    """The share as it was written: 29 of 100 are 0.29, and not a hair more."""
    return Fraction(str(share))


def _emptied(brakes: Brakes, counts: PlanCounts) -> list[Tripped]:
    if not brakes.emptied_side:
        return []
    return [
        Tripped("emptied_side", f"{side} had {before} records at the last run and shows none now")
        for side, before in sorted(counts.records_before.items())
        if before > 0 and counts.records.get(side, 0) == 0 and side not in counts.partial
    ]


def _match_rate(brakes: Brakes, counts: PlanCounts) -> list[Tripped]:
    total, before = sum(counts.records.values()), sum(counts.records_before.values())
    if brakes.match_rate_fall is None or counts.partial or counts.linked_before <= brakes.share_from:
        return []
    if not total or not before:
        return []
    now_rate, old_rate = Fraction(2 * counts.linked, total), Fraction(2 * counts.linked_before, before)
    if old_rate - now_rate <= _exact(brakes.match_rate_fall):
        return []
    then, now = f"{float(old_rate):.0%}", f"{float(now_rate):.0%}"
    return [Tripped("match_rate_fall", f"{now} of records are linked; at the last run it was {then}")]
