"""What becomes of an unlinked record: linked, created, held or left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from syncline.core.agreement import Agreement
from syncline.core.barred import barred
from syncline.core.convert import Translator
from syncline.core.criteria import Criterion
from syncline.core.decide import PairContext
from syncline.core.fate import UNMERGED
from syncline.core.frozen import frozen
from syncline.core.match import Candidate, Match, MatchResult, choose, rank
from syncline.core.model import Absent, Record, Ref, Side, Value
from syncline.core.plan import POOL, FieldChange, Op
from syncline.core.policy import OnLinkedCandidate
from syncline.core.push import SOURCE, create_criteria, kept_back, source_value
from syncline.core.schema import ObjectSchema
from syncline.core.scope import GateResult, KindSettings, create_gate
from syncline.core.written import Problem

RESTORED = "restored"
"""The rule by which a record that lives again is linked with its old counterpart."""


@frozen()
class Restored:
    """An unlinked record that was gone and lives again, with the reason for which its link ended.

    `twin` is its old counterpart, if that is there and free; without one it is treated like any other. One that is
    `unmerged` waits for a person. `agreements` are those of the old `link`.
    """

    why: str
    twin: Ref | None = None
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    link: int | None = None
    unmerged: bool = False


@frozen()
class Subject:
    """An unlinked record with all that was found about it.

    `match` is the counterpart found on the other side; `rivals` are records of its own side (itself not among
    them) that share a match key; `vetoed` says why an ended link forbids a new one.
    """

    side: Side
    record: Record
    match: Match
    rivals: tuple[Candidate, ...] = ()
    vetoed: str | None = None
    filled: int = 0
    restored: Restored | None = None

    def as_candidate(self) -> Candidate:
        return Candidate(self.record.ref, "", "", None, self.record.created_at, self.filled)


@frozen()
class Placement:
    """What is to become of an unlinked record: LINK with `counterpart`, CREATE, HOLD or SKIP."""

    op: Op
    rule: str
    reason: str
    counterpart: Ref | None = None
    concerned: tuple[Ref, ...] = ()


ERASED = "it was erased: nothing of it is kept, and nothing is made of it"


def place(subject: Subject, settings: KindSettings) -> Placement:
    """Decide between linking, creating, holding and leaving alone, before any field is looked at."""
    if subject.record.deleted:
        return Placement(Op.SKIP, "alive", "the record is deleted")
    if subject.record.erased:
        return Placement(Op.SKIP, "erased", ERASED)
    if (back := subject.restored) and (back.twin or back.unmerged):
        return _again(back)
    if subject.vetoed:
        return Placement(Op.SKIP, "ended link", subject.vetoed)
    covered = _covered(subject, settings)
    if covered:
        return covered
    found = subject.match
    if found.result is MatchResult.SEVERAL:
        names = ", ".join(str(r) for r in found.found)
        return Placement(
            Op.HOLD, "ambiguous", f"several records could be its counterpart: {names}", None, found.found
        )
    if found.result is MatchResult.LINKED:
        return _linked_candidate(found, settings)
    rivalry = _rivalry(subject, settings)
    if rivalry:
        return rivalry
    if found.result is MatchResult.ONE and found.chosen:
        return Placement(Op.LINK, found.key or "", f"both have the {found.key} {found.value}", found.chosen)
    return Placement(Op.CREATE, "no candidate", "nobody on the other side has its match keys")


def _again(back: Restored) -> Placement:
    """A restored record is linked as before; what was merged and stands on its own again is not taken apart."""
    if back.unmerged:
        reason = f"it lives again, although its link went to another record: {back.why}"
        return Placement(Op.HOLD, UNMERGED, reason)
    return Placement(Op.LINK, RESTORED, f"it lives again, and so does its counterpart {back.twin}", back.twin)


def _covered(subject: Subject, settings: KindSettings) -> Placement | None:
    """A lead is covered by the contact of the same person (rule P3)."""
    own, best = subject.record.ref, _best(subject, settings)
    if own in best:
        return None
    better = min(best)
    return Placement(Op.SKIP, "covered", f"it is the same person as {better}, which goes before it", better)


def _best(subject: Subject, settings: KindSettings) -> set[Ref]:
    refs = [subject.record.ref, *(r.ref for r in subject.rivals)]
    return rank(refs, settings.match.preferred(subject.side))[0]


def _linked_candidate(found: Match, settings: KindSettings) -> Placement:
    names = ", ".join(str(r) for r in found.found)
    reason = f"a counterpart of it is linked to another record ({names}); this one looks like a duplicate"
    policy = settings.match.on_linked_candidate
    if policy is OnLinkedCandidate.MIRROR:
        return Placement(Op.CREATE, "duplicate mirrored", reason, None, found.found)
    op = Op.SKIP if policy is OnLinkedCandidate.SKIP else Op.HOLD
    return Placement(op, "duplicate of a linked record", reason, None, found.found)


def _rivalry(subject: Subject, settings: KindSettings) -> Placement | None:
    own = subject.record.ref
    linked = tuple(sorted(r.ref for r in subject.rivals if r.link))
    if linked and subject.match.result is not MatchResult.ONE:
        if settings.match.on_linked_candidate is OnLinkedCandidate.MIRROR:
            return None
        reason = f"{linked[0]} of the same side has the same match key and is linked already"
        op = Op.SKIP if settings.match.on_linked_candidate is OnLinkedCandidate.SKIP else Op.HOLD
        return Placement(op, "duplicate of a linked record", reason, None, linked)
    best = _best(subject, settings)
    free = [r for r in subject.rivals if not r.link and r.ref in best]
    if not free:
        return None
    chosen = choose([subject.as_candidate(), *free], settings.match.on_ambiguous)
    if chosen == own:
        return None
    refs = tuple(sorted(r.ref for r in free))
    names = ", ".join(str(r) for r in refs)
    return Placement(Op.HOLD, "ambiguous", f"{names} of the same side shares its match key", None, refs)


@frozen()
class Drafted:
    """A record to be created: its fields, and those that wait for a person or for another record.

    `behind` says why values stay behind although the record goes over.
    """

    fields: tuple[FieldChange, ...]
    held: tuple[FieldChange, ...]
    waiting: tuple[FieldChange, ...]
    gate: GateResult
    behind: tuple[str, ...] = ()

    @property
    def takes_turn(self) -> bool:
        """Whether its owner comes from the pool."""
        return any(change.rule == POOL for change in self.fields)


def draft(context: PairContext, source: Side, record: Record, turn: str | None = None) -> Drafted:
    """What a counterpart of this record on the other side would be created with.

    `turn` is the user of the pool whose turn it is, should nobody own the record.
    """
    target = source.other
    drafting = [t for t in context.translators.values() if _drafts(t, target)]
    behind = {t.map.key: why for t in drafting if (why := _behind(context, t, source, record))}
    going = (t for t in drafting if t.map.key not in behind)
    found = (_drafted(t, target, record.get(t.map.on(source)), turn) for t in going)
    changes = _offered(context.schema(target), [change for change in found if change])
    fields = [c for c in changes if c.rule in (NEW, POOL)]
    further = _further(context, source, record)
    stamp, takes = source_value(
        context.settings.create_rule(target), context.schema(target), [c.field for c in changes]
    )
    fields += [stamp] if stamp else []
    further += [takes] if takes else []
    known: dict[str, Value] = {c.field: str(c.awaits) if c.awaits else c.after for c in fields}
    gate = create_gate(
        context.settings, source, record, context.schema(source), known, context.schema(target), further
    )
    if context.by_hand and context.by_hand.target is target:
        gate = context.by_hand.passing(gate)
    waiting = tuple(c for c in changes if c.rule == "reference")
    held = tuple(c for c in changes if c.rule not in (NEW, POOL, SOURCE, "reference"))
    return Drafted(tuple(fields), held, waiting, gate, tuple(dict.fromkeys(behind.values())))


def _behind(context: PairContext, translator: Translator, source: Side, record: Record) -> str | None:
    settings, value = context.settings, record.get(translator.map.on(source))
    if settings.push_unverified_emails or isinstance(value, Absent) or translator.is_empty(source, value):
        return None
    return kept_back(settings, source, record, (translator.left, translator.right))


def _further(context: PairContext, source: Side, record: Record) -> list[Criterion]:
    """What else the settings ask; the names of fields are looked up only where a filter needs them."""
    settings = context.settings
    names = context.names(source) if settings.create_rule(source.other).where else {}
    return create_criteria(settings, source, record, context.schema(source), names, context.terms.users)


def awaited(context: PairContext, drafted: Drafted) -> FieldChange | None:
    """The reference a new record waits for: without it nobody can tell whether its counterpart is there already."""
    same = {key for key, t in context.translators.items() if t.map.left in context.settings.match.same}
    return next((change for change in drafted.waiting if change.key in same), None)


def carried(context: PairContext, source: Side, record: Record, name: str) -> str | None:
    """Why the value of a field would not be written to a new record of the other side; nothing where it would."""
    target = source.other
    for translator in context.translators.values():
        value = record.get(name)
        if translator.map.on(source) != name or isinstance(value, Absent) or not _drafts(translator, target):
            continue
        if translator.is_empty(source, value):
            pooled = translator.holds_owner(target) and translator.terms.users.pool.get(target)
            return None if pooled else "is empty"
        sent = translator.to_send(target, value)
        return f"cannot be carried over: {sent.reason}" if isinstance(sent, Problem) else None
    return "is mapped to no field of the other side that can be written"


def _offered(schema: ObjectSchema, changes: list[FieldChange]) -> list[FieldChange]:
    """The same, with values held that the record type of the new record does not take."""
    kinds = schema.record_types
    if kinds is None:
        return changes
    named = next((c.after for c in changes if c.field == kinds.told_by), None) or kinds.default
    found = [(change, barred(schema, change.field, change.after, named)) for change in changes]
    return [
        replace(change, after=None, rule=bad.code, reason=bad.reason, allowed=bad.allowed) if bad else change
        for change, bad in found
    ]


NEW = "new record"


def _drafts(translator: Translator, target: Side) -> bool:
    allowed = translator.map.direction.allows(target) or translator.map.on_create
    return allowed and translator.field(target).creatable


def _drafted(translator: Translator, target: Side, value: Value, turn: str | None) -> FieldChange | None:
    key, name = translator.map.key, translator.map.on(target)
    if isinstance(value, Absent):
        return None
    if translator.is_empty(target.other, value):
        if turn is None or not translator.holds_owner(target):
            return None
        who = translator.terms.users.name(target, turn)
        return FieldChange(key, name, None, turn, value, POOL, f"nobody owns it; it is the turn of {who}")
    sent = translator.to_send(target, value)
    if isinstance(sent, Problem):
        return FieldChange(key, name, None, None, value, sent.code, sent.reason, allowed=sent.allowed)
    after, awaits = FieldChange.split(sent)
    by = translator.attribution(target, value)
    return FieldChange(key, name, None, after, value, NEW, by, awaits=awaits)
