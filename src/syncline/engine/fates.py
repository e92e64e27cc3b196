"""Fates: what becomes of links one of whose records is gone, with all that the decision needs gathered per batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from syncline.core.decide import parking_value
from syncline.core.fate import FateDecision, LinkFate, Trail, decide_fate, follow
from syncline.core.frozen import frozen
from syncline.core.inherit import MARK, mark_change, moved_agreements, own_values, uncommitted
from syncline.core.model import Raw, Record, Ref, Side
from syncline.core.plan import Action, FieldChange, Op
from syncline.core.scope import KindSettings, unlink_gate
from syncline.engine.context import SyncContext
from syncline.engine.heirs import chains
from syncline.engine.load import LoadedLink, Records, load_links, relations
from syncline.store import actions, holds, links
from syncline.store.links import Linked, NewLink
from syncline.store.mirror import digest

Claims = set[tuple[Side, Ref]]
"""Records that links move to by this plan."""


@frozen()
class LinkEnd:
    """A link one of whose records is gone, what becomes of it, and what that leaves to do.

    `unmarked` says why the record that stays cannot be marked. `seen` stands for the values of the record that is
    left, so that an answer counts only for these.
    """

    link: Linked
    decision: FateDecision
    loaded: LoadedLink | None
    trails: Mapping[Side, Trail]
    seen: str = ""
    mark: FieldChange | None = None
    unmarked: str = ""
    left_over: tuple[FieldChange, ...] = ()
    moving: NewLink | None = None
    heirs: Mapping[Side, Ref] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why it ends or waits, in words."""
        return "; ".join(filter(None, (self.decision.reason, self.unmarked)))

    def actions(self, kind: KindSettings) -> list[Action]:
        """The end itself, and with it the mark of the record that stays and what of its changes goes nowhere."""
        decision, link = self.decision, self.link
        side = decision.side or Side.LEFT
        first: dict[str, Any] = {"to": [str(decision.to[s]) for s in Side]} if decision.op is Op.MOVE else {}
        if decision.op is Op.HOLD and self.seen:
            first = {"seen": self.seen}
        if decision.op is Op.DELETE:
            first = {"values": self._values(side.other)}

        def action(op: Op, where: Side, rule: str, why: str, fields: tuple[FieldChange, ...] = ()) -> Action:
            evidence = first if op is decision.op else {}
            return Action(
                op, kind.kind, where, link.left, link.right, str(link.id), fields, rule, why, evidence
            )

        target = side.other if decision.op is Op.DELETE else side
        found = [action(decision.op, target, decision.rule, self.reason)]
        if self.mark and not self._parked_mark(side.other):
            found.append(action(Op.UPDATE, side.other, self.mark.rule, self.mark.reason, (self.mark,)))
        if self.left_over:
            why = "; ".join(change.reason for change in self.left_over)
            found.append(action(Op.HOLD, side.other, self.left_over[0].rule, why, self.left_over))
        return found

    def _values(self, side: Side) -> dict[str, Raw]:
        """What the record shows in its mapped fields: the journal keeps it when the record is deleted."""
        if self.loaded is None:
            return {}
        names = {t.map.on(side) for t in self.loaded.view.context.translators.values()}
        return {n: v for n, v in self.loaded.view.record(side).values.items() if n in names}

    def _parked_mark(self, side: Side) -> bool:
        """Whether the mark was refused before."""
        value = parking_value(self.mark.after) if self.mark else ""
        return bool(self.mark and self.loaded and (self.mark.key, side, value) in self.loaded.view.parked)


def ends_of(
    context: SyncContext,
    kind: KindSettings,
    found: Sequence[Linked],
    records: Records,
    run_id: int | None,
    claims: Claims,
) -> list[LinkEnd]:
    """What becomes of those of these links whose records are gone; the oldest link gets the heir."""
    gone = [link for link in found if _gone(link, records)]
    return (
        Fates(context, kind, records, claims).decide(sorted(gone, key=lambda each: each.id), run_id)
        if gone
        else []
    )


def _gone(link: Linked, records: Records) -> list[Side]:
    """The sides of a link whose records are gone on evidence."""
    known = {side: records[side].get(link.ref(side)) for side in Side}
    return [side for side, m in known.items() if m and unlink_gate(m.record).open]


class Fates:
    """The links of a batch that may end, with what all their decisions need."""

    def __init__(self, context: SyncContext, kind: KindSettings, records: Records, claims: Claims) -> None:
        self.context, self.kind, self.records, self.claims = context, kind, records, claims
        self.known: dict[Side, dict[Ref, Record]] = {}
        self.taken: Claims = set(claims)

    def decide(self, found: Sequence[Linked], run_id: int | None) -> list[LinkEnd]:
        """Decide link by link; whatever they ask of the store is asked for all of them together."""
        trails = self._trails(found)
        loaded = load_links(self.context, self.kind, found, self.records, run_id)
        by_id = {each.view.id: each for each in loaded}
        rulings = holds.pair_rulings(self.context.name, [link.left for link in found])
        self._marked = self._marked_already(found)
        self._related = relations(
            self.context, {side: list(self.known[side].values()) for side in Side}, run_id
        )
        return [
            self._end(link, by_id.get(str(link.id)), trails[link.id], rulings.get(link.left))
            for link in found
        ]

    def _marked_already(self, found: Sequence[Linked]) -> set[tuple[int, str]]:
        """The links, by id, and the fields in which a record got its mark: a system that rewrites it is not asked
        for it again and again."""
        name, wanted = self.context.name, self.kind.on_ended
        marked = [actions.applied_to(name, MARK, side, [link.ref(side) for link in found]) for side in wanted]
        return set().union(*marked)

    def _trails(self, found: Sequence[Linked]) -> dict[int, dict[Side, Trail]]:
        trails: dict[int, dict[Side, Trail]] = {link.id: {} for link in found}
        for side in Side:
            lost = {
                link.id: self._record(side, link.ref(side))
                for link in found
                if side in _gone(link, self.records)
            }
            self.known[side] = chains(self.context, self.kind, side, lost.values())
            for link_id, record in lost.items():
                trails[link_id][side] = follow(record, self.known[side], self.kind.object_types(side))
            heirs = [heir for each in trails.values() if side in each and (heir := each[side].heir)]
            self.taken |= {(side, ref) for ref in links.twins(self.context.name, side, heirs)}
        return trails

    def _record(self, side: Side, ref: Ref) -> Record:
        return self.records[side][ref].record

    def _end(
        self,
        link: Linked,
        loaded: LoadedLink | None,
        trails: Mapping[Side, Trail],
        ruling: holds.PairRuling | None,
    ) -> LinkEnd:
        stays = next((side for side in Side if side not in trails), None)
        seen, edited = self._edited(link, loaded, stays)
        can = self._can_delete(link, loaded, stays)
        counts = ruling.choice if ruling and ruling.seen == seen else None
        fate = LinkFate(link.left, link.right, trails, self.taken, edited, can, counts)
        decision = decide_fate(self.kind, fate)
        heirs = {side: heir for side, trail in trails.items() if (heir := trail.heir)}
        end = LinkEnd(link, decision, loaded, trails, seen, heirs=heirs)
        if decision.op is Op.MOVE:
            moved = {(side, ref) for side, ref in decision.to.items() if side in trails}
            self.taken |= moved
            self.claims |= moved
            return LinkEnd(
                link,
                decision,
                loaded,
                trails,
                heirs=heirs,
                moving=self._moved(link, loaded, decision, trails),
            )
        return self._left(end, stays) if decision.op is Op.END and stays else end

    def _edited(self, link: Linked, loaded: LoadedLink | None, stays: Side | None) -> tuple[str, list[str]]:
        if loaded is None or stays is None:
            return "", []
        record = self._record(stays, link.ref(stays))
        values = own_values(loaded.view.context, link.agreements, stays, record)
        return (digest(values) if values else ""), list(values)

    def _can_delete(self, link: Linked, loaded: LoadedLink | None, stays: Side | None) -> bool:
        if loaded is None or stays is None:
            return False
        return self.context.connectors[stays].capabilities(link.ref(stays).object_type).deletes

    def _left(self, end: LinkEnd, stays: Side) -> LinkEnd:
        """The mark of the record that stays, and the changes of it that go nowhere now."""
        link, record = end.link, self._record(stays, end.link.ref(stays))
        mark: FieldChange | None = None
        why = ""
        if (wanted := self.kind.on_ended.get(stays)) and self.kind.updates(stays) and end.loaded:
            made = mark_change(self.context.schemas[stays][record.ref.object_type], wanted, record)
            mark, why = (None, made) if isinstance(made, str) else (made, "")
            if (link.id, wanted.field) in self._marked:
                mark = None
        trail = end.trails[stays.other]
        left_over: tuple[FieldChange, ...] = ()
        if end.loaded and trail.how is not None:
            heir = self.known[stays.other].get(trail.heir) if trail.heir else None
            same_type = heir if heir and heir.ref.object_type == link.ref(stays.other).object_type else None
            left_over = uncommitted(end.loaded.view.context, link.agreements, stays, record, same_type)
        return LinkEnd(
            link, end.decision, end.loaded, end.trails, end.seen, mark, why, left_over, heirs=end.heirs
        )

    def _moved(
        self, link: Linked, loaded: LoadedLink | None, decision: FateDecision, trails: Mapping[Side, Trail]
    ) -> NewLink:
        """The link to the heir, with the agreements it takes along."""
        to = decision.to
        records = {
            side: self.known[side][ref] if side in trails else self._record(side, ref)
            for side, ref in to.items()
        }
        pair = self.kind.pair(to[Side.LEFT].object_type, to[Side.RIGHT].object_type)
        agreements = {}
        if pair:
            new = self.context.pair_context(self.kind, pair, self._related)
            old = loaded.view.context if loaded else None
            agreements = moved_agreements(old, new, link.agreements, trails.keys(), records)
        came = [str(link.ref(side)) for side in trails]
        evidence = {"from": came, "link": link.id, "key": None}
        return NewLink(self.kind.kind, to[Side.LEFT], to[Side.RIGHT], decision.rule, evidence, agreements)
