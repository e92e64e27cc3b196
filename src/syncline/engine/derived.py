"""Derived: what one link or one record calls for, and on what that rests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from syncline.core.agreement import Agreement
from syncline.core.criteria import Criterion
from syncline.core.decide import (
    Decided,
    PairContext,
    noted_agreements,
)
from syncline.core.frozen import frozen
from syncline.core.model import Ref, Side
from syncline.core.place import Drafted, Placement, Subject
from syncline.core.plan import Action, Op
from syncline.core.scope import KindSettings
from syncline.engine.fates import LinkEnd
from syncline.engine.load import LoadedLink
from syncline.engine.parking import NextTry
from syncline.engine.qualify import Unsettled


@frozen()
class Derived:
    """What one link or one unlinked record calls for. No actions: it is as it should be.

    `seqs` are the observations it rests on. A link has `loaded` and `decided`; an unlinked record that is to be
    created has `frame` and `drafted`. `waits_for` names the records its references rest on, linked or not. `parked` is
    what was refused and is kept back, with the time to try it again where there is one; `paused` why nothing of
    its kind can be created now.
    `turn` is the user of the pool who gets the record that is to be created. `end` is there where a record of the
    link is gone. `account` is the one that a contact waits for before it is made.
    """

    kind: KindSettings
    refs: Mapping[Side, Ref]
    seqs: Mapping[Side, int]
    actions: tuple[Action, ...] = ()
    loaded: LoadedLink | None = None
    decided: Mapping[str, Decided] = field(default_factory=dict)
    subject: Subject | None = None
    placement: Placement | None = None
    frame: PairContext | None = None
    drafted: Drafted | None = None
    waits_for: tuple[str, ...] = ()
    parked: NextTry = field(default_factory=dict)
    paused: str = ""
    asked: tuple[Criterion, ...] = ()
    unsettled: Unsettled | None = None
    turn: str | None = None
    end: LinkEnd | None = None
    account: Ref | None = None

    def action(self, op: Op, side: Side) -> Action | None:
        """The action of this op, on that side where it writes."""
        fitting = (a for a in self.actions if a.op is op and (a.side is side or not a.writes))
        return next(fitting, None)

    def noted(self) -> dict[str, Agreement]:
        """The agreements after the fields for which nothing is written."""
        return noted_agreements(self.decided)

    def answered(self) -> set[str]:
        """The keys of field maps about which a person's answer is still to be carried out."""
        return {key for key, decided in self.decided.items() if decided.answer_waits}

    def linked_as(self, refs: Mapping[Side, Ref]) -> Derived:
        """The same, now that its counterpart was made: what holds about it concerns the pair."""
        held = tuple(replace(a, left=refs[Side.LEFT], right=refs[Side.RIGHT]) for a in self.actions)
        return replace(self, refs=refs, actions=held)


def criteria(derived: Derived) -> list[dict[str, Any]]:
    """The questions that were asked about an unlinked record, with their answers, as they are stored."""
    asked = derived.drafted.gate.criteria if derived.drafted else ()
    placement = derived.placement
    first = (
        [Criterion(placement.rule, placement.op in (Op.CREATE, Op.LINK), placement.reason)]
        if placement
        else []
    )
    named = {c.name for c in (*derived.asked, *asked)}
    shown = [*(c for c in first if c.name not in named), *derived.asked, *asked]
    return [{"name": c.name, "passed": c.passed, "reason": c.reason} for c in shown]
