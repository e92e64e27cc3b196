"""Explain: why a record or field is as it is, and why something was not done (rule S5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from syncline.core.decide import Decided
from syncline.core.errors import NotFoundError, UnknownFieldError
from syncline.core.mapping import FieldMap
from syncline.core.model import Absent, Ref, Side, Value
from syncline.core.normalise import fold
from syncline.core.plan import ActionStatus, Op
from syncline.core.scope import KindSettings
from syncline.engine.called import called
from syncline.engine.context import SyncContext
from syncline.engine.derive import derive_links, derive_unlinked
from syncline.engine.derived import Derived, criteria
from syncline.engine.who import match_users
from syncline.store import actions, holds, links, mirror, refusals, standings
from syncline.store.fields import is_storable
from syncline.store.listing import potential_duplicates
from syncline.store.models import Action

MOST = 10


@dataclass(frozen=True)
class FieldStory:
    """One field of a link: what it was, what it is, and who made it so."""

    key: str
    left: Any
    right: Any
    base: Any
    seen_left: Any
    seen_right: Any
    state: str
    rule: str
    policy: str
    writer: str
    run: int | None
    last_rule: str | None
    last_reason: str | None
    losing: Any


@dataclass(frozen=True)
class Story:
    """One link or one unlinked record."""

    kind: str
    left: str | None
    right: str | None
    state: str
    linked_by: str | None
    criteria: Sequence[Mapping[str, Any]]
    fields: Sequence[FieldStory]
    holds: Sequence[str]
    errors: Sequence[str]
    duplicates: Sequence[str]


@dataclass(frozen=True)
class Explanation:
    """Everything that answers to the name a person gave."""

    record: str
    stories: Sequence[Story] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """The explanation in plain words."""
        return [line for story in self.stories for line in _story_lines(story)]


def explain(context: SyncContext, record: str, field: str | None = None) -> Explanation:
    """Why a record (an e-mail address, a domain, an id, or TYPE/ID) is as it is, or one of its fields.

    Raises `NotFoundError` where nobody answers to it, `UnknownFieldError` where the field is not mapped.
    """
    found = find(context, record)
    if not found:
        raise NotFoundError(f"no record of either side answers to {record!r}")
    context.users = match_users(context)
    stories = [story for kind in context.settings.kinds for story in _stories(context, kind, found, field)]
    if field is not None and not any(s.fields for s in stories) and any(s.left and s.right for s in stories):
        raise UnknownFieldError(
            f"{field} is not mapped for {record}", hint="Leave the field out to see all of them."
        )
    return Explanation(record, stories)


def find(context: SyncContext, text: str) -> list[tuple[Side, Ref]]:
    """The records a person means; where nobody is called so, those one of whose values it is."""
    if not is_storable(text):
        return []
    found = called(context, [text])[text]
    for side in Side if not found else ():
        types = list(context.schemas[side])
        found += [(side, ref) for ref in mirror.holding(context.connection(side), types, fold(text), MOST)]
    return found[:MOST]


def _stories(
    context: SyncContext, kind: KindSettings, found: Sequence[tuple[Side, Ref]], field: str | None
) -> list[Story]:
    mine = {
        side: [r for s, r in found if s is side and r.object_type in kind.object_types(side)] for side in Side
    }
    linked = {
        link.id: link for side in Side for link in links.of_records(context.name, side, mine[side]).values()
    }
    taken = {side: {link.ref(side) for link in linked.values()} for side in Side}
    stories = [_told(context, one, field) for one in derive_links(context, kind, list(linked.values()), None)]
    for side in Side:
        free = mirror.get_many(context.connection(side), [r for r in mine[side] if r not in taken[side]])
        derived = derive_unlinked(context, kind, side, list(free.values()), None)
        stories += [_told(context, one, field) for one in derived]
    return stories


def _told(context: SyncContext, derived: Derived, field: str | None) -> Story:
    subject = derived.subject
    own = {s: r for s, r in derived.refs.items() if subject is None or s is subject.side}
    left, right = own.get(Side.LEFT), own.get(Side.RIGHT)
    linked = links.of_records(context.name, Side.LEFT, [left]).get(left) if left and right else None
    chosen = [
        d for d in derived.decided.values() if subject is None and _means(d.merge.translator.map, field)
    ]
    journal = actions.of_record(context.name, list(own.items()))
    waiting = [h for h in holds.of_pair(context.name, left, right) if h.state == holds.OPEN]
    return Story(
        kind=derived.kind.kind.value,
        left=str(left) if left else None,
        right=str(right) if right else None,
        state=_state(context, own),
        linked_by=f"{linked.rule}, in run {linked.run_id}, {_evidence(linked.evidence)}" if linked else None,
        criteria=criteria(derived) if subject else (),
        fields=[_field_story(decided, journal) for decided in chosen],
        holds=[f"hold {h.pk}: {h.reason}" for h in waiting],
        errors=[f"{e.code}: {e.message}" for e in refusals.of_pair(context.name, left, right)],
        duplicates=_duplicates(context, derived.kind, own),
    )


def _evidence(evidence: Mapping[str, Any]) -> str:
    if evidence.get("from"):
        return f"moved here from {' and '.join(evidence['from'])}"
    return (
        f"both had the {evidence['key']} {evidence['value']}" if evidence.get("key") else "made by Syncline"
    )


def _duplicates(context: SyncContext, kind: KindSettings, refs: Mapping[Side, Ref]) -> list[str]:
    """Other records of the same side and object type with a match key of this one (rule P5)."""
    found = (potential_duplicates(context.name, side, kind.kind, [ref]) for side, ref in refs.items())
    return [str(ref) for each in found for others in each.values() for ref in others]


def _means(field_map: FieldMap, field: str | None) -> bool:
    if field is None:
        return True
    wanted = field.casefold()
    return wanted in (field_map.key.casefold(), field_map.left.casefold(), field_map.right.casefold())


def _state(context: SyncContext, refs: Mapping[Side, Ref]) -> str:
    for side, ref in refs.items():
        standing = standings.of_records(context.name, side, [ref]).get(ref)
        if standing:
            return f"{standing.state}: {standing.reason}" if standing.reason else standing.state
    return "not decided yet"


def _field_story(decided: Decided, journal: Sequence[Action]) -> FieldStory:
    merge, decision = decided.merge, decided.decision
    known, field_map = merge.agreement, merge.translator.map
    last, change = _last_write(journal, field_map.key)
    return FieldStory(
        key=field_map.key,
        left=_shown(merge.left.value),
        right=_shown(merge.right.value),
        base=known.base if known and known.agreed else None,
        seen_left=known.left if known else None,
        seen_right=known.right if known else None,
        state=_field_state(decided),
        rule=f"{decision.rule}: {decision.reason}" if decision.reason else decision.rule,
        policy=_policy(field_map),
        writer=f"Syncline, to the {last.side}" if last else "somebody in that system",
        run=last.run_id if last else None,
        last_rule=change.get("rule") if change else None,
        last_reason=change.get("reason") if change else None,
        losing=change.get("losing") if change else None,
    )


def _last_write(journal: Sequence[Action], key: str) -> tuple[Action | None, Mapping[str, Any] | None]:
    """The newest applied action that wrote the field; one that was refused is not among what was sent last."""
    for row in journal:
        if row.op in (Op.UPDATE, Op.CREATE) and row.status == ActionStatus.APPLIED:
            change = next((f for f in row.fields if f["key"] == key and f["field"] in (row.sent or {})), None)
            if change:
                return row, change
    return None, None


def _shown(value: Value) -> Any:
    return f"({value.value})" if isinstance(value, Absent) else value


def _field_state(decided: Decided) -> str:
    known, verdict = decided.merge.agreement, decided.decision.verdict.value
    if verdict != "quiet":
        return f"next: {verdict}"
    if known and known.settled:
        return f"settled: {known.settled}"
    return "agreed" if known and known.agreed else decided.decision.rule


def _policy(field_map: FieldMap) -> str:
    ways = {"both": "both ways", "to_left": "to the left only", "to_right": "to the right only"}
    owner = f"the {field_map.owner} owns it" if field_map.owner else "shared"
    way, conflict = ways[field_map.direction.value], field_map.conflict_policy.value
    rules = {side: field_map.rule_on(side).value for side in Side if field_map.direction.allows(side)}
    same = len(set(rules.values())) == 1
    rule = next(iter(rules.values())) if same else ", ".join(f"{r} on the {s}" for s, r in rules.items())
    return f"{way}, {rule}, {owner}, conflict: {conflict}"


def _story_lines(story: Story) -> list[str]:
    pair = " = ".join(ref for ref in (story.left, story.right) if ref)
    lines = [f"{story.kind} {pair}", f"  state: {story.state}"]
    lines.append(f"  linked: by {story.linked_by}" if story.linked_by else "  linked: no")
    lines += [f"  {'yes' if c['passed'] else 'no '}  {c['name']}: {c['reason']}" for c in story.criteria]
    for one in story.fields:
        lines += _field_lines(one)
    lines += [f"  potential duplicate of: {', '.join(story.duplicates)}"] if story.duplicates else []
    return [*lines, *(f"  waits: {h}" for h in story.holds), *(f"  refused: {e}" for e in story.errors)]


def _field_lines(one: FieldStory) -> list[str]:
    why = f", because {one.last_reason}" if one.last_reason else ""
    written = f"run {one.run}, by rule {one.last_rule}{why}" if one.run else "never written by Syncline"
    lines = [
        f"  {one.key}: {one.state}",
        f"    now      left {one.left!r}, right {one.right!r}",
        f"    seen     left {one.seen_left!r}, right {one.seen_right!r}",
        f"    base     {one.base!r}",
        f"    decided  {one.rule}",
        f"    policy   {one.policy}",
        f"    writer   {one.writer}; {written}",
    ]
    return [*lines, f"    lost     {one.losing!r}"] if one.losing else lines
