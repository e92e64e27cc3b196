"""Finding the counterpart of an unlinked record: keys in, one candidate, several or none out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from syncline.core.frozen import frozen
from syncline.core.mapping import FORBID_EXTRA
from syncline.core.model import Ref, Side
from syncline.core.policy import OnAmbiguous, OnLinkedCandidate


@dataclass(frozen=True)
class MatchPolicy:
    """How records of a kind are matched.

    `keys` are tried in order: the first that finds anybody decides. Records that share a key count only if they mean
    the same in the left fields of `same`, too: a deal is told by its name and its account. `prefer_left` and
    `prefer_right` rank the object types of a side: of a lead and a contact of one person the one named first wins
    (rule P3).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID_EXTRA

    keys: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    on_ambiguous: OnAmbiguous = OnAmbiguous.HOLD
    on_linked_candidate: OnLinkedCandidate = OnLinkedCandidate.HOLD
    prefer_left: tuple[str, ...] = ()
    prefer_right: tuple[str, ...] = ()

    def preferred(self, side: Side) -> tuple[str, ...]:
        """The object types of a side, the best first."""
        return self.prefer_left if side is Side.LEFT else self.prefer_right


@frozen()
class Candidate:
    """A record that shares a match key with the subject; `filled` counts its values."""

    ref: Ref
    key: str
    value: str
    link: str | None = None
    created_at: datetime | None = None
    filled: int = 0


class MatchResult(StrEnum):
    """What matching one record came to."""

    NONE = "none"
    ONE = "one"
    SEVERAL = "several"
    LINKED = "linked"


@frozen()
class Match:
    """The result with its evidence: the key that found somebody, and who was found."""

    result: MatchResult
    chosen: Ref | None = None
    key: str | None = None
    value: str | None = None
    found: tuple[Ref, ...] = ()
    covered: tuple[Ref, ...] = ()


NO_MATCH = Match(MatchResult.NONE)


def match(candidates: Iterable[Candidate], policy: MatchPolicy, side: Side) -> Match:
    """Choose the counterpart on `side` among records that share a key with the subject.

    The order in which candidates come never matters. A candidate that is linked already counts, a covered one
    too: it is reported as LINKED, so that nothing is created or linked beside it (rule I2). Under `mirror` only
    a record for which nobody is free is one.
    """
    by_key: dict[str, dict[Ref, Candidate]] = {}
    for candidate in sorted(candidates, key=lambda c: (c.ref, c.value), reverse=True):
        by_key.setdefault(candidate.key, {})[candidate.ref] = candidate
    for key in policy.keys:
        if found := by_key.get(key):
            return _decide(found, policy, side)
    return NO_MATCH


def _decide(found: Mapping[Ref, Candidate], policy: MatchPolicy, side: Side) -> Match:
    best, covered = rank(list(found), policy.preferred(side))
    free = [found[ref] for ref in sorted(best) if found[ref].link is None]
    linked = {ref for ref, candidate in found.items() if candidate.link is not None}
    if linked and not (free and policy.on_linked_candidate is OnLinkedCandidate.MIRROR):
        return _match(MatchResult.LINKED, found, best | linked, covered)
    chosen = free[0].ref if len(free) == 1 else choose(free, policy.on_ambiguous)
    return _match(MatchResult.ONE if chosen else MatchResult.SEVERAL, found, best, covered, chosen)


def _match(
    result: MatchResult,
    found: Mapping[Ref, Candidate],
    counted: set[Ref],
    covered: tuple[Ref, ...],
    chosen: Ref | None = None,
) -> Match:
    evidence = found[chosen or min(counted)]
    rest = tuple(ref for ref in covered if ref not in counted)
    return Match(result, chosen, evidence.key, evidence.value, tuple(sorted(counted)), rest)


def rank(refs: Sequence[Ref], preferred: Sequence[str]) -> tuple[set[Ref], tuple[Ref, ...]]:
    """Keep the records of the best object type present; the others are covered by them."""
    order: Mapping[str, int] = {name: place for place, name in enumerate(preferred)}
    if not refs:
        return set(), ()
    top = min(order.get(r.object_type, len(order)) for r in refs)
    best = {r for r in refs if order.get(r.object_type, len(order)) == top}
    return best, tuple(sorted(set(refs) - best))


def choose(candidates: Sequence[Candidate], policy: OnAmbiguous) -> Ref | None:
    """One of several by the policy, or nothing where a person has to decide."""
    if policy is OnAmbiguous.OLDEST:
        dated = [c for c in candidates if c.created_at is not None]
        if len(dated) == len(candidates):
            return min(candidates, key=lambda c: (c.created_at, c.ref)).ref
    if policy is OnAmbiguous.RICHEST:
        return min(candidates, key=lambda c: (-c.filled, c.ref)).ref
    return None
