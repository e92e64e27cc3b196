"""Fate: what becomes of a link one of whose records is gone: deleted, merged or converted (rules L1 to L5).

A trail leads from a record that is gone to the one it went on as, over as many merges and conversions as there
were. Only evidence of the systems makes one; a record that merely is not found has no trail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from syncline.core.frozen import frozen
from syncline.core.model import Ending, Fate, Record, Ref, Side
from syncline.core.plan import Op
from syncline.core.scope import KindSettings, delete_gate

LONGEST = 100
"""Steps of a trail; a longer one is taken for a circle."""

DELETED = "deleted"
REMOVED = "removed"
"""How a link ended whose other record was deleted by us for it; the other endings are `Ending` and DELETED."""

CYCLE = "merged in a circle"
UNSEEN = "survivor not visible"
CONTRADICTION = "both sides say otherwise"
EDITED = "deleted here, edited there"
UNCOMMITTED = "change of an ended link"
UNMERGED = "unmerged"
"""Why a link or a record waits for a person."""

ANSWERS: Mapping[str, tuple[str, ...]] = {
    CYCLE: ("keep",),
    UNSEEN: ("keep",),
    CONTRADICTION: ("keep",),
    EDITED: ("delete", "keep"),
    UNCOMMITTED: ("keep",),
}
"""What a person may answer to a hold about a link as a whole: keep ends it and leaves every record as it is."""


class TrailEnd(StrEnum):
    """What stands where a trail ends."""

    LIVES = "lives"
    DELETED = "deleted"
    UNSEEN = "unseen"
    """The record is not in the mirror, and its system did not show it when it was asked."""
    CYCLE = "cycle"
    ELSEWHERE = "elsewhere"
    """It went on as something that this kind does not sync."""


@frozen()
class Trail:
    """How a record that is gone went on; no `how`: it was plainly deleted. The last of `refs` is where it ended."""

    end: TrailEnd
    how: Ending | None = None
    refs: tuple[Ref, ...] = ()

    @property
    def heir(self) -> Ref | None:
        """The living record in which it goes on."""
        return self.refs[-1] if self.end is TrailEnd.LIVES else None


def ahead(fate: Fate | None, types: Sequence[str]) -> Ref | None:
    """The next record of a trail, of one of these object types."""
    return next((ref for ref in fate.into if ref.object_type in types), None) if fate else None


def follow(record: Record, known: Mapping[Ref, Record], types: Sequence[str]) -> Trail:
    """The trail of a record that is gone, through these known ones."""
    how: Ending | None = None
    path: list[Ref] = []
    here = record
    while here.fate is not None:
        how = Ending.CONVERTED if Ending.CONVERTED in (how, here.fate.how) else Ending.MERGED
        step = ahead(here.fate, types)
        if step is None:
            return Trail(TrailEnd.ELSEWHERE, how, (*path, *here.fate.into[:1]))
        if step == record.ref or step in path or len(path) >= LONGEST:
            return Trail(TrailEnd.CYCLE, how, tuple(path))
        path.append(step)
        if step not in known:
            return Trail(TrailEnd.UNSEEN, how, tuple(path))
        here = known[step]
        if not here.deleted:
            return Trail(TrailEnd.LIVES, how, tuple(path))
    return Trail(TrailEnd.DELETED, how, tuple(path))


@frozen()
class LinkFate:
    """A link with the trails of its records that are gone.

    `taken` are living records at the end of a trail that have a link, or get one by this plan. `edited` names the
    fields in which the record that is left holds what never went over.
    """

    left: Ref
    right: Ref
    trails: Mapping[Side, Trail]
    taken: Collection[tuple[Side, Ref]] = ()
    edited: Sequence[str] = ()
    can_delete: bool = False
    ruling: str | None = None

    def ref(self, side: Side) -> Ref:
        return self.left if side is Side.LEFT else self.right


@frozen()
class FateDecision:
    """END, MOVE, DELETE or HOLD, with the side of the record that is gone (none where both are).

    `rule` is how the link ends, or the code of the hold; `to` has the records a moved link joins.
    """

    op: Op
    rule: str
    reason: str
    side: Side | None
    to: Mapping[Side, Ref] = field(default_factory=dict)


def decide_fate(settings: KindSettings, fate: LinkFate) -> FateDecision:
    """Decide what becomes of a link one or both of whose records are gone."""
    plain = [side for side, trail in fate.trails.items() if trail.how is None]
    if len(plain) == len(fate.trails):
        return _deleted(settings, fate, plain[0])
    if plain:
        return _contradicted(settings, fate, plain[0])
    return _went_on(settings, fate)


def _deleted(settings: KindSettings, fate: LinkFate, side: Side) -> FateDecision:
    gone, twin, there = fate.ref(side), fate.ref(side.other), side.other
    what = f"{gone} was deleted on the {side}"
    if len(fate.trails) > 1:
        return FateDecision(Op.END, DELETED, f"{what}, and {twin} on the {there}", None)
    if fate.ruling == "keep":
        return FateDecision(Op.END, DELETED, f"{what}; a person decided that {twin} stays", side)
    refusal = delete_gate(settings, there, can_delete=fate.can_delete).refusal
    if refusal:
        return FateDecision(Op.END, DELETED, f"{what}; {twin} stays, because {refusal.reason}", side)
    if fate.edited and fate.ruling != "delete":
        names = ", ".join(fate.edited)
        why = f"{what}, and {twin} on the {there} holds what never went over ({names}): delete it too, or keep it"
        return FateDecision(Op.HOLD, EDITED, why, side)
    return FateDecision(Op.DELETE, DELETED, f"{what}, and deletions are carried over to the {there}", side)


def _contradicted(settings: KindSettings, fate: LinkFate, deleted: Side) -> FateDecision:
    """One side deleted its record, the other one let it go on in another."""
    side = deleted.other
    trail = fate.trails[side]
    here = f"{_told(fate, side, trail)}, and {fate.ref(deleted)} was deleted on the {deleted}"
    open_end = trail.end in (TrailEnd.LIVES, TrailEnd.UNSEEN) and _followed(settings, trail)
    if fate.ruling == "keep" or not open_end or (side, trail.heir) in fate.taken:
        return FateDecision(Op.END, _how(trail), here, None)
    return FateDecision(
        Op.HOLD, CONTRADICTION, f"{here}: nobody can tell whether {trail.refs[-1]} is wanted", None
    )


def _followed(settings: KindSettings, trail: Trail) -> bool:
    return trail.how is not Ending.MERGED or settings.follow_merges


def _went_on(settings: KindSettings, fate: LinkFate) -> FateDecision:
    trails = fate.trails
    side = next(iter(trails)) if len(trails) == 1 else None
    told = " and ".join(_told(fate, s, trail) for s, trail in trails.items())
    how = _how(*trails.values())
    for s, trail in trails.items():
        if not _followed(settings, trail):
            return FateDecision(Op.END, how, f"{told}; merges are not followed (follow_merges)", side)
        if hold := _open_end(trail):
            if fate.ruling == "keep":
                return FateDecision(Op.END, how, f"{told}; a person decided to leave it so", side)
            return FateDecision(Op.HOLD, hold, f"{told}: {_DOUBTS[hold]}", side)
        if trail.heir is None:
            return FateDecision(Op.END, how, f"{told}, {_LOST[trail.end]}", side)
        if (s, trail.heir) in fate.taken:
            return FateDecision(Op.END, how, f"{told}, which is linked to another record and stays so", side)
    to = {s: trails[s].heir or fate.ref(s) if s in trails else fate.ref(s) for s in Side}
    if settings.pair(to[Side.LEFT].object_type, to[Side.RIGHT].object_type) is None:
        return FateDecision(Op.END, how, f"{told}, and the settings do not pair the two", side)
    return FateDecision(Op.MOVE, how, f"{told}; the link moves there", side, to)


def _open_end(trail: Trail) -> str | None:
    return {TrailEnd.CYCLE: CYCLE, TrailEnd.UNSEEN: UNSEEN}.get(trail.end)


def _how(*trails: Trail) -> str:
    converted = any(trail.how is Ending.CONVERTED for trail in trails)
    return Ending.CONVERTED.value if converted else Ending.MERGED.value


_DOUBTS = {
    CYCLE: "the merges lead back to where they began",
    UNSEEN: "this connection does not get to see that record",
}
_LOST = {
    TrailEnd.DELETED: "which was deleted later",
    TrailEnd.ELSEWHERE: "which is of a type that is not synced",
}


def _told(fate: LinkFate, side: Side, trail: Trail) -> str:
    way = ", then ".join(str(ref) for ref in trail.refs) or "another record"
    verb = "converted" if trail.how is Ending.CONVERTED else "merged"
    return f"{fate.ref(side)} was {verb} into {way} on the {side}"
