"""The decisions about one link: merge, gates and parking put together, and the actions they come to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from syncline.core.agreement import Agreement
from syncline.core.barred import barred
from syncline.core.by_hand import ByHand
from syncline.core.committed import Written, after_write
from syncline.core.convert import Terms, Translator
from syncline.core.filter import Variable, variables
from syncline.core.frozen import frozen
from syncline.core.mapping import ObjectPair
from syncline.core.merge import (
    KEPT_BY_A_PERSON,
    Decision,
    FieldMerge,
    Observed,
    Ruling,
    Verdict,
    unwritten,
)
from syncline.core.model import Absent, Norm, Raw, Record, Side, Value, is_empty
from syncline.core.plan import POOL, Action, FieldChange, Op
from syncline.core.push import UNVERIFIED, UPDATE_FILTER, kept_back, roles, update_criterion
from syncline.core.references import Awaited
from syncline.core.schema import FieldType, ObjectSchema
from syncline.core.scope import GateResult, KindSettings, update_gate
from syncline.core.written import is_domain, valid_email


@dataclass(frozen=True)
class PairContext:
    """All that the decisions about one pair of object types have in common."""

    settings: KindSettings
    pair: ObjectPair
    left: ObjectSchema
    right: ObjectSchema
    terms: Terms
    now: datetime
    skew: timedelta = timedelta(seconds=5)
    by_hand: ByHand | None = None

    def schema(self, side: Side) -> ObjectSchema:
        return self.left if side is Side.LEFT else self.right

    def names(self, side: Side) -> Mapping[str, Variable]:
        """What filters over records of that side may speak of."""
        if side not in self._names:
            self._names[side] = variables(self.schema(side), roles(self.settings, side, self.schema(side)))
        return self._names[side]

    @cached_property
    def _names(self) -> dict[Side, Mapping[str, Variable]]:
        return {}

    @cached_property
    def translators(self) -> Mapping[str, Translator]:
        """A translator per field map whose two fields exist, by the map's key."""
        return {
            m.key: Translator(m, self.left.fields[m.left], self.right.fields[m.right], self.terms)
            for m in self.pair.active
            if m.left in self.left.fields and m.right in self.right.fields
        }

    @cached_property
    def identifying(self) -> Sequence[tuple[str, Translator]]:
        """The match keys of the kind in their order, each with every translator whose values serve it."""
        keys = self.settings.match.keys
        return [(key, t) for key in keys for t in self.translators.values() if _serves(key, t)]

    @cached_property
    def fingerprints(self) -> Mapping[str, str]:
        """What an agreement of each map rests on: the map and the types of both fields."""
        return {
            key: t.map.fingerprint(t.left.type.value, t.right.type.value)
            for key, t in self.translators.items()
        }


@frozen()
class LinkView:
    """One link as its decision sees it. `parked` holds (map key, target side, value) that were refused."""

    id: str
    context: PairContext
    agreements: Mapping[str, Agreement]
    left: Record
    right: Record
    rulings: Mapping[str, Ruling] = field(default_factory=dict)
    parked: frozenset[tuple[str, Side, str]] = frozenset()

    def record(self, side: Side) -> Record:
        return self.left if side is Side.LEFT else self.right


_UNDONE = (Verdict.WRITE, Verdict.WAIT, Verdict.QUIET)
"""What a decision comes to that changes nothing until it can be carried out."""


@frozen()
class Decided:
    """The merge of one field with what it came to."""

    merge: FieldMerge
    decision: Decision

    @property
    def answer_waits(self) -> bool:
        """Whether what a person decided about the values there are still has to be carried out."""
        verdict, rule = self.decision.verdict, self.decision.rule
        kept = verdict is Verdict.QUIET and rule == KEPT_BY_A_PERSON
        return verdict in _UNDONE and not kept and self.merge.ruled()


def decide_link(view: LinkView) -> dict[str, Decided]:
    """Decide every mapped field of a link, by map key."""
    gates = {side: _update_gate(view, side) for side in Side}
    return {key: _decide_field(view, key, gates) for key in view.context.translators}


def _update_gate(view: LinkView, target: Side) -> GateResult:
    settings, source = view.context.settings, target.other
    filtered = None
    if settings.update_where(target):
        users = view.context.terms.users
        filtered = update_criterion(settings, target, view.record(source), view.context.names(source), users)
    gate = update_gate(settings, target, view.record(target), filtered)
    by_hand = view.context.by_hand
    return by_hand.passing(gate) if by_hand and by_hand.target is target else gate


def _decide_field(view: LinkView, key: str, gates: Mapping[Side, GateResult]) -> Decided:
    merge = field_merge(view, key)
    decision = merge.decide()
    if decision.verdict is Verdict.WRITE and decision.target:
        decision = _checked(view, key, decision, gates[decision.target])
    return Decided(merge, decision)


def field_merge(view: LinkView, key: str) -> FieldMerge:
    """The merge of one field of a link, ready to be decided."""
    context = view.context
    translator = context.translators[key]
    return FieldMerge(
        translator=translator,
        fingerprint=context.fingerprints[key],
        agreement=view.agreements.get(key),
        left=Observed(view.left.get(translator.map.left), view.left.times.get(translator.map.left)),
        right=Observed(view.right.get(translator.map.right), view.right.times.get(translator.map.right)),
        now=context.now,
        skew=context.skew,
        ruling=view.rulings.get(key),
        overwriting=context.by_hand.target if context.by_hand and context.by_hand.overwrite else None,
    )


def _checked(view: LinkView, key: str, decision: Decision, gate: GateResult) -> Decision:
    target = decision.target or Side.LEFT
    if gate.refusal:
        rule = UPDATE_FILTER if gate.refusal.name == UPDATE_FILTER else "update gate"
        return replace(decision, verdict=Verdict.QUIET, rule=rule, reason=gate.refusal.reason)
    if behind := _kept_back(view, key, target):
        return replace(decision, verdict=Verdict.QUIET, rule=UNVERIFIED, reason=behind)
    if (key, target, parking_value(decision.value)) in view.parked:
        return replace(
            decision, verdict=Verdict.QUIET, rule="parked", reason="the other side refused this value"
        )
    there = view.context.translators[key].field(target)
    if not there.updatable:
        return replace(
            decision, verdict=Verdict.HOLD, rule="read only", reason=f"{there.label} cannot be written"
        )
    if there.required and is_empty(_plain(decision.value)) and not isinstance(decision.value, Awaited):
        return replace(
            decision, verdict=Verdict.SETTLE, rule="required", reason=f"{there.label} may not be empty"
        )
    schema = view.context.schema(target)
    if kinds := schema.record_types:
        shown = view.record(target).get(kinds.told_by)
        if bad := barred(schema, there.name, _plain(decision.value), shown):
            return Decision(Verdict.HOLD, bad.code, bad.reason, target, allowed=bad.allowed)
    return decision


def _kept_back(view: LinkView, key: str, target: Side) -> str | None:
    settings, translator = view.context.settings, view.context.translators[key]
    if settings.push_unverified_emails:
        return None
    return kept_back(settings, target.other, view.record(target.other), (translator.left, translator.right))


def _plain(value: Raw | Awaited) -> Raw:
    return None if isinstance(value, Awaited) else value


def parking_value(value: Raw | Awaited) -> str:
    """The text by which a refused value is remembered; of a long one its beginning and its hash."""
    text = repr(value)
    if len(text) <= 200:
        return text
    return f"{text[:120]} {hashlib.sha256(text.encode(errors='replace')).hexdigest()}"


def link_actions(view: LinkView, decided: Mapping[str, Decided]) -> list[Action]:
    """The actions a decided link comes to: a write per side, what to note, and what waits for a person."""
    actions = [_action(view, Op.UPDATE, side, _chosen(decided, Verdict.WRITE, side)) for side in Side]
    noted = [d for d in decided.values() if d.decision.verdict in (Verdict.AGREE, Verdict.SETTLE)]
    actions.append(_action(view, Op.COMMIT, Side.LEFT, noted))
    held = [d for d in decided.values() if d.decision.verdict is Verdict.HOLD]
    actions.append(_action(view, Op.HOLD, Side.LEFT, held))
    return [a for a in actions if a.fields] + _filtered(view, decided)


def _filtered(view: LinkView, decided: Mapping[str, Decided]) -> list[Action]:
    """What the update filter keeps from being written is listed, once per side."""
    found = {d.decision.target: d.decision for d in decided.values() if d.decision.rule == UPDATE_FILTER}
    return [
        replace(_action(view, Op.SKIP, side, ()), rule=UPDATE_FILTER, reason=decision.reason)
        for side, decision in found.items()
        if side
    ]


def _chosen(decided: Mapping[str, Decided], verdict: Verdict, target: Side) -> list[Decided]:
    return [d for d in decided.values() if d.decision.verdict is verdict and d.decision.target is target]


def _action(view: LinkView, op: Op, side: Side, decided: Iterable[Decided]) -> Action:
    changes = tuple(field_change(d) for d in decided)
    return Action(
        op=op,
        kind=view.context.settings.kind,
        side=side,
        left=view.left.ref,
        right=view.right.ref,
        link=view.id or None,
        fields=changes,
        reason="; ".join(dict.fromkeys(c.reason for c in changes if c.reason)),
    )


def field_change(decided: Decided) -> FieldChange:
    """The field of an action that a decision came to. Notes and holds carry left as source, right as before."""
    merge, decision = decided.merge, decided.decision
    writing = decision.verdict is Verdict.WRITE and decision.target is not None
    target = decision.target if writing and decision.target else Side.RIGHT
    after, awaits = FieldChange.split(decision.value)
    by = merge.translator.attribution(target, merge.value(target.other)) if writing else ""
    return FieldChange(
        key=merge.translator.map.key,
        field=merge.translator.map.on(target),
        before=merge.value(target),
        after=after,
        source=merge.value(target.other),
        rule=decision.rule,
        reason="; ".join(filter(None, (decision.reason, by))),
        losing=decision.losing,
        awaits=awaits,
        allowed=decision.allowed,
    )


def noted_agreements(decided: Mapping[str, Decided]) -> dict[str, Agreement]:
    """The agreements after the fields for which nothing is written."""
    verdicts = (Verdict.AGREE, Verdict.SETTLE)
    return {
        key: unwritten(d.merge, d.decision) for key, d in decided.items() if d.decision.verdict in verdicts
    }


def match_keys(context: PairContext, side: Side, record: Record) -> list[tuple[str, str]]:
    """The (key, value) pairs by which a record can be found; only values that can identify somebody."""
    values = ((key, _identifying(key, t, side, record)) for key, t in context.identifying)
    return list(dict.fromkeys((key, value) for key, value in values if value))


def same_values(context: PairContext, side: Side, record: Record) -> tuple[Norm, ...] | None:
    """What a record has in the fields that its counterpart has to mean the same in; None if that is not known."""
    wanted = context.settings.match.same
    maps = [t for name in wanted for t in context.translators.values() if t.map.left == name]
    values = [(t, record.get(t.map.on(side))) for t in maps]
    known = [t.common(side, value) for t, value in values if not isinstance(value, Absent)]
    return tuple(known) if len(known) == len(wanted) else None


def _serves(key: str, translator: Translator) -> bool:
    types = {translator.left.type, translator.right.type}
    if key == "email":
        return FieldType.EMAIL in types
    if key == "domain":
        return FieldType.DOMAIN in types or translator.map.transform == "domain"
    return key == translator.map.left


def _identifying(key: str, translator: Translator, side: Side, record: Record) -> str | None:
    value: Value = record.get(translator.map.on(side))
    if not isinstance(value, str) or is_empty(value) or len(value) > 500:
        return None
    common = translator.common(side, value)
    if not isinstance(common, str):
        return None
    if FieldType.EMAIL in (translator.left.type, translator.right.type) and not valid_email(common):
        return None
    if key == "domain" and not is_domain(common):
        return None
    return common


def created_agreements(
    context: PairContext,
    side: Side,
    source: Record,
    shown: Record,
    sent: Mapping[str, FieldChange],
    left_out: frozenset[str],
) -> dict[str, Agreement]:
    """The agreements of a pair whose record on `side` was just made.

    `sent` holds the changes that were written by map key; `left_out` the maps whose value waits or holds, which
    stay without agreement, as does a value that could not be given at creation but may be written afterwards.
    What the system filled in by itself is settled as "created so": a default is nobody's edit and is not
    carried back.
    """
    agreements: dict[str, Agreement] = {}
    for key, translator in context.translators.items():
        here, there = source.get(translator.map.on(side.other)), shown.get(translator.map.on(side))
        if key in left_out or isinstance(here, Absent) or isinstance(there, Absent):
            continue
        if (
            key not in sent
            and translator.map.direction.allows(side)
            and not translator.is_empty(side.other, here)
        ):
            continue
        after = sent[key].after if key in sent else there
        written = Written(side, sent[key].source if key in sent else here, after, after, there, context.now)
        agreement = after_write(translator, context.fingerprints[key], None, written)
        reason = agreement.settled and _settled_so(sent.get(key), agreement.settled)
        agreements[key] = replace(agreement, settled=reason, writes=())
    return agreements


def _settled_so(change: FieldChange | None, settled: str) -> str:
    if change is None:
        return "created so"
    return POOL if change.rule == POOL else settled
