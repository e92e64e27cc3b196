"""Derive: what observations and agreements call for, record by record.

The plan stores what is derived here. The run derives it again just before it writes and carries out only what
came out the same, so that nothing is forced onto a record that moved since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from syncline.core.decide import (
    Decided,
    decide_link,
    link_actions,
)
from syncline.core.model import Ref, Side, is_empty
from syncline.core.place import ERASED, Placement, Subject
from syncline.core.plan import Action, Op
from syncline.core.schema import FieldType
from syncline.core.scope import KindSettings
from syncline.core.written import parts_of
from syncline.engine.account_first import Needs
from syncline.engine.context import SyncContext
from syncline.engine.counterpart import place_all
from syncline.engine.creation import creation, left_alone
from syncline.engine.derived import Derived
from syncline.engine.fates import Claims, LinkEnd, ends_of
from syncline.engine.inferring import awaiting, with_accounts
from syncline.engine.load import LoadedLink, load_links, records_of, relations
from syncline.engine.lookup import subjects
from syncline.engine.parking import kept_back, payload_of, value_of
from syncline.engine.qualify import Unsettled, late_ones, qualify, unsettled
from syncline.engine.turns import turns_of
from syncline.store import links, refusals, retries
from syncline.store.links import Linked
from syncline.store.mirror import Mirrored
from syncline.store.standings import waiting_for


def derive_links(
    context: SyncContext,
    kind: KindSettings,
    found: Sequence[Linked],
    run_id: int | None,
    claims: Claims | None = None,
) -> list[Derived]:
    """What these links call for. `claims` are the records that other links move to by the same plan."""
    records = records_of(context, {side: [link.ref(side) for link in found] for side in Side})
    ends = ends_of(context, kind, found, records, run_id, set() if claims is None else claims)
    ended = [_ending(kind, end, records) for end in ends]
    ended += [d for link in found if (d := _bare(kind, link, records))]
    gone = {d.refs[Side.LEFT] for d in ended}
    whole = [link for link in found if link.left not in gone]
    loaded = load_links(context, kind, whole, records, run_id)
    return ended + _settled(context, kind, [_derive_link(context, kind, each) for each in loaded])


def _settled(context: SyncContext, kind: KindSettings, derived: Sequence[Derived]) -> list[Derived]:
    """The same without writes of values that were changed too lately."""
    views = [d.loaded.view for d in derived if d.loaded and any(a.writes for a in d.actions)]
    found = unsettled(context, kind, {side: [view.record(side) for view in views] for side in Side})
    return [_without_unsettled(d, found) for d in derived] if found else list(derived)


def _without_unsettled(derived: Derived, found: Mapping[tuple[Side, Ref], Unsettled]) -> Derived:
    late = {
        a.side: u for a in derived.actions if (u := found.get((a.side.other, derived.refs[a.side.other])))
    }
    kept = tuple(a for a in derived.actions if not (a.writes and a.side in late))
    if len(kept) == len(derived.actions):
        return derived
    return replace(derived, actions=kept, unsettled=next(iter(late.values())))


def _ending(kind: KindSettings, end: LinkEnd, records: Mapping[Side, Mapping[Ref, Mirrored]]) -> Derived:
    """What a link calls for one of whose records is gone for certain."""
    actions = end.actions(kind)
    stopped = kept_back(actions, end.loaded.errors if end.loaded else {})
    if stopped and end.decision.op is Op.END and not any(stopped.values()):
        actions, stopped = [a for a in actions if not a.writes], {}  # the mark is refused for good
    refs = {side: end.link.ref(side) for side in Side}
    disputed = end.heirs if end.decision.op is Op.HOLD else {}
    return Derived(
        kind=kind,
        refs=refs,
        seqs={side: m.seq for side in Side if (m := records[side].get(refs[side]))},
        actions=() if stopped else tuple(actions),
        loaded=end.loaded,
        waits_for=tuple(waiting_for(side, heir.remote_id) for side, heir in disputed.items()),
        parked=stopped,
        end=end,
    )


def _bare(kind: KindSettings, link: Linked, records: Mapping[Side, Mapping[Ref, Mirrored]]) -> Derived | None:
    """Nothing is written about a link one of whose records shows itself as somebody who was erased (rule L4)."""
    known = {side: m for side in Side if (m := records[side].get(link.ref(side)))}
    if any(mirrored.record.deleted for mirrored in known.values()):
        return None
    side = next((side for side, mirrored in known.items() if mirrored.record.erased), None)
    if side is None:
        return None
    skipped = Action(Op.SKIP, kind.kind, side, link.left, link.right, str(link.id), (), "erased", ERASED)
    seqs = {s: mirrored.seq for s, mirrored in known.items()}
    return Derived(kind, {s: link.ref(s) for s in Side}, seqs, (skipped,))


def _derive_link(context: SyncContext, kind: KindSettings, loaded: LoadedLink) -> Derived:
    decided = decide_link(loaded.view)
    actions = link_actions(loaded.view, decided)
    whole = kept_back(actions, loaded.errors)
    rests_on = [each for d in decided.values() for each in _referred(d)]
    for side in Side:
        rests_on += awaiting(context.inferring(kind, side), side, loaded.view.record(side))
    named = [value_of(key, d) for key, d in decided.items() if d.decision.rule == "parked"]
    return Derived(
        kind=kind,
        refs={side: loaded.view.record(side).ref for side in Side},
        seqs={side: loaded.seq(side) for side in Side},
        actions=tuple(a for a in actions if payload_of(a) not in whole),
        loaded=loaded,
        decided=decided,
        waits_for=tuple(dict.fromkeys(rests_on)),
        parked={**whole, **{each: loaded.errors.get(each) for each in named}},
    )


def _referred(decided: Decided) -> Iterator[str]:
    """The records a field refers to: another link of one of them changes what becomes of the field."""
    merge = decided.merge
    if merge.translator.left.type is not FieldType.REFERENCE:
        return
    for side in Side:
        value = merge.value(side)
        if not is_empty(value):
            ids = parts_of(value) if merge.translator.is_several else [value]
            yield from (waiting_for(side, each) for each in ids)


def derive_unlinked(
    context: SyncContext,
    kind: KindSettings,
    side: Side,
    batch: Sequence[Mirrored],
    run_id: int | None,
    needed: Needs = MappingProxyType({}),
) -> list[Derived]:
    """What these records without a link call for; accounts that are `needed` are made past what chooses them."""
    seqs = {m.record.ref: m.seq for m in batch}
    known = with_accounts(context, kind, side, batch)
    found = subjects(context, kind, side, [m.record for m in known], run_id)
    errors = refusals.open_of(context.name, side, list(seqs))
    placed = qualify(context, kind, place_all(context, kind, side, found, run_id))
    late = late_ones(context, kind, placed)
    related = relations(context, {side: [s.record for s in found]}, run_id)
    ready = [p for p in placed if p.subject.record.ref not in late]
    meeting = [(p.subject, p.placement, p.counterpart) for p in ready if p.counterpart]
    turns = turns_of(context, side, list(seqs))
    creating = any(p.placement.op is Op.CREATE for p in placed)
    paused = retries.pause(context.name, side.other, kind.kind) if creating else ""
    derived = _first_contacts(context, kind, side, meeting, seqs, run_id)
    for one in placed:
        ref = one.subject.record.ref
        if ref in late:
            alone = left_alone(kind, one.subject, one.placement, seqs[ref])
            derived.append(replace(alone, actions=(), unsettled=late[ref]))
        elif one.placement.op is Op.CREATE:
            mine = errors.get(ref, [])
            made = creation(context, kind, one, seqs[ref], related, mine, turns, needed.get(ref))
            derived.append(_paused(made, paused) if paused and not mine else made)
        elif one.counterpart is None:
            derived.append(left_alone(kind, one.subject, one.placement, seqs[ref]))
    criteria = {p.subject.record.ref: p.criteria for p in placed if p.criteria}
    return [replace(d, asked=criteria[d.refs[side]]) if d.refs[side] in criteria else d for d in derived]


def _paused(made: Derived, why: str) -> Derived:
    """The same, but that nothing is created for now."""
    kept = tuple(a for a in made.actions if a.op is not Op.CREATE)
    return replace(made, actions=kept, turn=None, paused=why) if len(kept) < len(made.actions) else made


Meeting = tuple[Subject, Placement, Mirrored]


def _first_contacts(
    context: SyncContext,
    kind: KindSettings,
    side: Side,
    meeting: Sequence[Meeting],
    seqs: Mapping[Ref, int],
    run_id: int | None,
) -> list[Derived]:
    """Links about to be made, and what their first merges call for."""
    records: dict[Side, dict[Ref, Mirrored]] = {side: {}, side.other: {}}
    fresh: list[Linked] = []
    for subject, placement, other in meeting:
        own = subject.record.ref
        records[side][own] = Mirrored(subject.record, seqs[own])
        records[side.other][other.record.ref] = other
        left, right = pair_refs(side, own, other.record.ref)
        known = subject.restored.agreements if subject.restored else {}
        fresh.append(Linked(0, kind.kind, left, right, known, placement.rule, 0, context.now(), {}))
    loaded = {one.view.record(side).ref: one for one in load_links(context, kind, fresh, records, run_id)}
    return [
        _first_contact(context, kind, s, p, other, loaded.get(s.record.ref), seqs) for s, p, other in meeting
    ]


def _first_contact(
    context: SyncContext,
    kind: KindSettings,
    subject: Subject,
    placement: Placement,
    other: Mirrored,
    loaded: LoadedLink | None,
    seqs: Mapping[Ref, int],
) -> Derived:
    own, there = subject.record.ref, other.record.ref
    if loaded is None:
        reason = f"the settings pair no {own.object_type} with a {there.object_type}"
        return left_alone(kind, subject, Placement(Op.SKIP, "not paired", reason), seqs[own])
    left, right = pair_refs(subject.side, own, there)
    evidence: dict[str, Any] = {"key": subject.match.key, "value": subject.match.value}
    if subject.restored and subject.restored.link:
        evidence = {"link": subject.restored.link}
    rule, reason = placement.rule, placement.reason
    making = Action(Op.LINK, kind.kind, subject.side, left, right, None, (), rule, reason, evidence)
    derived = _derive_link(context, kind, loaded)
    return replace(derived, actions=(making, *derived.actions), subject=subject, placement=placement)


def pair_refs(side: Side, own: Ref, other: Ref) -> tuple[Ref, Ref]:
    """(left, right) of a record of `side` and its counterpart."""
    return (own, other) if side is Side.LEFT else (other, own)


def current_links(context: SyncContext, pairs: Sequence[tuple[Ref, Ref]]) -> dict[tuple[Ref, Ref], Linked]:
    """The active links between these records."""
    found = links.of_records(context.name, Side.LEFT, [left for left, _ in pairs])
    return {(link.left, link.right): link for link in found.values()}
