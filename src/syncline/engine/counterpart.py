"""Counterparts: what becomes of unlinked records once persons' answers and each other's claims are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncline.core.criteria import Criterion
from syncline.core.fate import UNMERGED
from syncline.core.frozen import frozen
from syncline.core.match import MatchResult
from syncline.core.merge import UNKNOWN_OUTCOME
from syncline.core.model import Ref, Side
from syncline.core.place import RESTORED, Placement, Subject, place
from syncline.core.plan import Op
from syncline.core.scope import KindSettings
from syncline.engine.context import SyncContext
from syncline.store import actions, holds, links, mirror
from syncline.store.mirror import Mirrored

ENDED_LINK = "ended link"
BY_HAND = "by hand"
NO_ANSWER = "a record was to be made and no answer came; one that showed up since may be it"


@frozen()
class Placed:
    """An unlinked record, what becomes of it, and the living record it is to be linked with."""

    subject: Subject
    placement: Placement
    counterpart: Mirrored | None = None
    criteria: tuple[Criterion, ...] = ()


def place_all(
    context: SyncContext, kind: KindSettings, side: Side, found: Sequence[Subject], run_id: int | None
) -> list[Placed]:
    """Place unlinked records of one side; nobody is linked with a record that somebody else is, was or will be."""
    answers = holds.record_rulings(context.name, side, [s.record.ref for s in found])
    asked = _vetoed(context, side.other, [place(s, kind) for s in found])
    placed = [answered(s, a, answers.get(s.record.ref)) for s, a in zip(found, asked, strict=True)]
    wanted = Counter(p.counterpart for p in placed if p.op is Op.LINK and p.counterpart)
    others = mirror.get_many(context.connection(side.other), list(wanted))
    taken = _taken(context, side.other, list(wanted), run_id)
    shared = {ref for ref, number in wanted.items() if number > 1}
    return [_placed(s, a, p, others, taken, shared) for s, a, p in zip(found, asked, placed, strict=True)]


def _vetoed(context: SyncContext, side: Side, asked: Sequence[Placement]) -> list[Placement]:
    """A record that was linked before is linked again by a person only (DESIGN 6)."""
    wanted = [p.counterpart for p in asked if p.op is Op.LINK and p.counterpart and p.rule != RESTORED]
    ended = links.ended(context.name, side, wanted)
    return [
        Placement(Op.HOLD, ENDED_LINK, ended_before(p.counterpart, ended), None, (p.counterpart,))
        if p.op is Op.LINK and p.counterpart in ended and p.rule != RESTORED
        else p
        for p in asked
    ]


def ended_before(ref: Ref, ended: Mapping[Ref, str]) -> str:
    """Why a record is not linked by itself although it fits."""
    return f"{ref} was linked before, and the link was ended: {ended[ref]}"


def answered(subject: Subject, asked: Placement, ruling: str | None) -> Placement:
    """The placement of an unlinked record, with a person's answer to its hold.

    One that may be the outcome of a lost answer, or the reason for it, gets no counterpart before somebody looked.
    """
    if ruling is None or asked.op not in (Op.HOLD, Op.CREATE):
        return asked
    if ruling == holds.UNDECIDED:
        return Placement(Op.HOLD, UNKNOWN_OUTCOME, NO_ANSWER)
    why = "a person decided so"
    if ruling.startswith("link:"):
        return Placement(Op.LINK, BY_HAND, why, Ref(*ruling.removeprefix("link:").split("/", 1)))
    if ruling == "create" and (
        asked.rule in (ENDED_LINK, UNMERGED) or subject.match.result is not MatchResult.ONE
    ):
        return Placement(Op.CREATE, BY_HAND, why)
    return Placement(Op.SKIP, BY_HAND, why) if ruling == "skip" else asked


def _taken(context: SyncContext, side: Side, refs: Sequence[Ref], run_id: int | None) -> set[Ref]:
    claimed = actions.claimed(context.name, run_id, side, refs) if run_id is not None else set()
    return claimed | set(links.twins(context.name, side, refs))


def _placed(
    subject: Subject,
    asked: Placement,
    placement: Placement,
    others: Mapping[Ref, Mirrored],
    taken: set[Ref],
    shared: set[Ref],
) -> Placed:
    wanted = placement.counterpart
    if placement.op is not Op.LINK or wanted is None:
        return Placed(subject, placement)
    other = others.get(wanted)
    if other is None or other.record.deleted:
        return Placed(subject, _instead(asked, placement, f"{wanted} is not there any more"))
    if wanted in taken:
        return Placed(subject, _instead(asked, placement, f"{wanted} is linked to another record"))
    if wanted in shared:
        return Placed(subject, _instead(asked, placement, f"{wanted} fits several records"))
    return Placed(subject, placement, other)


def _instead(asked: Placement, placement: Placement, why: str) -> Placement:
    """What becomes of a record that cannot be linked as it should: a person looks at it (once more)."""
    if asked.op is Op.HOLD:
        return replace(asked, reason=f"{asked.reason}; {why}")
    concerned = (placement.counterpart,) if placement.counterpart else ()
    return Placement(Op.HOLD, "ambiguous", f"{placement.reason}; but {why}", None, concerned)
