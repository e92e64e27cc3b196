"""Resolve: find out what became of writes whose answer never came, before their records are merged again.

A kill or a lost answer leaves an action open with all that was sent. Its record is looked at by id, or, for a
create, looked for among the records that showed up since (DESIGN 6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from syncline.core.agreement import Agreement
from syncline.core.decide import LinkView, PairContext
from syncline.core.match import NO_MATCH
from syncline.core.merge import UNKNOWN_OUTCOME, Written, after_write
from syncline.core.model import Absent, Kind, Outcome, OutcomeStatus, Raw, Record, Ref, Side, is_empty
from syncline.core.normalise import normalise
from syncline.core.place import Subject, draft
from syncline.core.plan import ActionStatus, FieldChange, Op
from syncline.core.schema import ObjectSchema
from syncline.core.scope import KindSettings
from syncline.engine.batch import Batch, Ready
from syncline.engine.commit import Commit
from syncline.engine.context import SyncContext
from syncline.engine.derive import Derived
from syncline.engine.load import load_links, records_of, relations
from syncline.engine.send import made
from syncline.store import actions, links, mirror
from syncline.store.holds import NewHold
from syncline.store.links import Linked
from syncline.store.models import Action, Run
from syncline.store.standings import Stand, State


def resolve_open(context: SyncContext) -> int:
    """Settle every open action that can be settled by now; how many there were."""
    rows = actions.open_actions(context.name)
    for kind in context.settings.kinds:
        mine = [row for row in rows if row.kind == kind.kind.value]
        _resolve_updates(context, kind, [row for row in mine if row.op == Op.UPDATE])
        _resolve_creates(context, kind, [row for row in mine if row.op == Op.CREATE])
    return len(rows)


def _resolve_updates(context: SyncContext, kind: KindSettings, rows: Sequence[Action]) -> None:
    """Look at the written records by id."""
    for side in Side:
        mine = [row for row in rows if row.side == side]
        refs = [ref for row in mine if (ref := actions.ref(row, side))]
        for object_type, ids in mirror.by_type(refs).items():
            shown = context.connectors[side].fetch(object_type, ids, context.fields(side, object_type))
            mirror.observe(context.connection(side), shown, context.now())
    for row in rows:
        _resolve_update(context, kind, row)


def _resolve_update(context: SyncContext, kind: KindSettings, row: Action) -> None:
    left = actions.ref(row, Side.LEFT)
    link = links.of_records(context.name, Side.LEFT, [left]).get(left) if left else None
    view = _view(context, kind, link) if link else None
    commit = Commit(context, row.run_id, context.world)
    if link is None or view is None:
        _end(context, commit, row, ActionStatus.UNKNOWN, "its link ended before anybody could look")
    else:
        _judge(context, commit, row, link, view)
    commit.apply()


def _view(context: SyncContext, kind: KindSettings, link: Linked) -> LinkView | None:
    records = records_of(context, {side: [link.ref(side)] for side in Side})
    loaded = load_links(context, kind, [link], records, None)
    return loaded[0].view if loaded else None


def _judge(context: SyncContext, commit: Commit, row: Action, link: Linked, view: LinkView) -> None:
    """Field by field: written, not written, held, or changed by somebody since."""
    look = Look(context, view, Side(row.side))
    known = [change for change in actions.changes(row) if change.key in view.context.translators]
    states = {change.key: look.state(change) for change in known}
    arrived = any(state != BEFORE for state in states.values())
    for change in known:
        if states[change.key] != BEFORE:
            commit.noted.setdefault(link.id, {})[change.key] = look.agreement(change, states[change.key])
        elif look.touched(row) and not arrived:
            commit.held.append(_unknown_outcome(row, link, view, change))
    for side in Side:
        commit.decided[side].append(link.ref(side))
        commit.stands.append(_pending(row, side, link.ref(side)))
    if arrived:
        _end(
            context,
            commit,
            row,
            ActionStatus.APPLIED,
            "its answer was lost; the record shows that it was written",
        )
    elif commit.held:
        _end(
            context,
            commit,
            row,
            ActionStatus.HELD,
            "its answer was lost, and somebody changed the record since",
        )
    else:
        _end(context, commit, row, ActionStatus.MOVED, "it never arrived and is planned anew")


SENT, BEFORE, OTHER = "sent", "before", "other"


@dataclass(frozen=True)
class Look:
    """A record as it shows itself now, held against what was sent to it."""

    context: SyncContext
    view: LinkView
    side: Side

    def state(self, change: FieldChange) -> str:
        """Whether a field shows what was sent, what it showed before, or something else."""
        translator = self.view.context.translators[change.key]
        shown = translator.own(self.side, self.shown(change))
        if shown in (
            translator.own(self.side, change.after),
            translator.own(self.side, self.expected(change)),
        ):
            return SENT
        return BEFORE if shown == translator.own(self.side, change.before) else OTHER

    def shown(self, change: FieldChange) -> Raw:
        value = self.view.record(self.side).get(change.field)
        return None if isinstance(value, Absent) else value

    def expected(self, change: FieldChange) -> Raw:
        object_type = self.view.record(self.side).ref.object_type
        return self.context.connectors[self.side].stored_as(object_type, change.field, change.after)

    def touched(self, row: Action) -> bool:
        """Whether the record has another version than the decision was made on."""
        version = self.view.record(self.side).version
        return version is not None and row.target_version is not None and version != row.target_version

    def agreement(self, change: FieldChange, state: str) -> Agreement:
        """What was agreed by a write that did arrive; a value changed since then counts as the target's change."""
        expected = self.expected(change)
        shown = self.shown(change) if state == SENT else expected
        done = Written(self.side, change.source, change.after, expected, shown, self.context.now())
        translator = self.view.context.translators[change.key]
        known = self.view.agreements.get(change.key)
        return after_write(translator, self.view.context.fingerprints[change.key], known, done)


def _unknown_outcome(row: Action, link: Linked, view: LinkView, change: FieldChange) -> NewHold:
    translator = view.context.translators[change.key]
    left, right = view.left.get(translator.map.left), view.right.get(translator.map.right)
    return NewHold(
        kind=Kind(row.kind),
        side=Side(row.side),
        left=link.left,
        right=link.right,
        code=UNKNOWN_OUTCOME,
        reason=f"{change.field} was written, no answer came, and the record was changed by somebody since",
        cause=UNKNOWN_OUTCOME,
        key=change.key,
        left_value=None if isinstance(left, Absent) else left,
        right_value=None if isinstance(right, Absent) else right,
    )


def _pending(row: Action, side: Side, ref: Ref) -> Stand:
    return Stand(side, Kind(row.kind), ref, State.PENDING, 0, "open write", "a lost answer was looked into")


def _end(context: SyncContext, commit: Commit, row: Action, status: ActionStatus, reason: str) -> None:
    row.status, row.done_at, row.reason = status.value, context.now(), reason
    commit.rows.append(row)


def _resolve_creates(context: SyncContext, kind: KindSettings, rows: Sequence[Action]) -> None:
    """Look for records that were made without our hearing of it."""
    taken: set[Ref] = set()
    for row in rows:
        side = Side(row.side)
        source = actions.ref(row, side.other)
        commit = Commit(context, row.run_id, context.world)
        if source is None or links.twins(context.name, side.other, [source]):
            _end(
                context, commit, row, ActionStatus.UNKNOWN, "its record was linked before anybody could look"
            )
        elif found := next((r for r in _newcomers(context, kind, row) if r.ref not in taken), None):
            taken.add(found.ref)
            _adopt(context, kind, row, found, commit)
        elif _may_still_appear(context, kind, row):
            continue
        else:
            _end(context, commit, row, ActionStatus.MOVED, "it never arrived and is planned anew")
            commit.stands.append(_pending(row, side.other, source))
        commit.apply()


def _newcomers(context: SyncContext, kind: KindSettings, row: Action) -> Iterator[Record]:
    """Unlinked records that were made since and hold what was sent, the oldest first."""
    side = Side(row.side)
    sent: Mapping[str, Raw] = row.sent or {}
    since = (row.sent_at or row.done_at or context.now()) - GRACE
    for object_type in kind.object_types(side):
        schema = context.schemas[side][object_type]
        for batch in mirror.observed_since(context.connection(side), object_type, since):
            taken = links.twins(context.name, side, [m.record.ref for m in batch])
            for mirrored in batch:
                record = mirrored.record
                if record.ref in taken or record.deleted or (record.created_at or since) < since - SKEW:
                    continue
                if sent and all(_shows(context, side, schema, record, *one) for one in sent.items()):
                    yield record


def _shows(
    context: SyncContext, side: Side, schema: ObjectSchema, record: Record, name: str, value: Raw
) -> bool:
    """Whether a record may be the one that was made with this value: it shows it, or was still to get it."""
    field, shown = schema.fields.get(name), record.get(name)
    if field is None or isinstance(shown, Absent) or (field.set_later and is_empty(shown)):
        return field is not None
    expected = context.connectors[side].stored_as(schema.object_type, name, value)
    region = context.settings.region
    wanted = {normalise(field.type, value, region), normalise(field.type, expected, region)}
    return normalise(field.type, shown, region) in wanted


def _may_still_appear(context: SyncContext, kind: KindSettings, row: Action) -> bool:
    """Whether the system's listings may be too old to show the record yet."""
    side = Side(row.side)
    lags = [context.connectors[side].capabilities(t).listing_lag for t in kind.object_types(side)]
    return context.now() - (row.sent_at or context.now()) < max(lags)


def _adopt(context: SyncContext, kind: KindSettings, row: Action, found: Record, commit: Commit) -> None:
    """Link the record that was made, as if its answer had come."""
    side = Side(row.side)
    source = actions.ref(row, side.other)
    mirrored = mirror.get_many(context.connection(side.other), [source] if source else [])
    record = mirrored[source].record if source else found
    pair = kind.pair(*_types(side, found.ref, record.ref))
    if pair is None:
        _end(context, commit, row, ActionStatus.UNKNOWN, "the settings no longer pair these object types")
        return
    frame = context.pair_context(kind, pair, relations(context, {side: [found], side.other: [record]}, None))
    drafted = draft(frame, side.other, record)
    derived = Derived(
        kind=kind,
        refs={side.other: record.ref},
        seqs={side.other: mirrored[record.ref].seq},
        subject=Subject(side.other, record, NO_MATCH),
        frame=frame,
        drafted=drafted,
    )
    action = actions.to_core(row)
    changes = [change for change in action.fields if _arrived(frame, side, found, change)]
    batch = Batch(context, Run(pk=row.run_id), kind, context.world)
    made(commit, batch, Ready(row, derived, action), Outcome(OutcomeStatus.APPLIED, found), changes)
    commit.stands += [_pending(row, side.other, record.ref), _pending(row, side, found.ref)]


def _arrived(frame: PairContext, side: Side, found: Record, change: FieldChange) -> bool:
    """Whether a field was set before the answer was lost; what was not is merged anew."""
    field = frame.schema(side).fields.get(change.field)
    later = field is not None and field.set_later
    return not (later and is_empty(found.get(change.field)) and not is_empty(change.after))


def _types(side: Side, ref: Ref, other: Ref) -> tuple[str, str]:
    pair = (ref.object_type, other.object_type)
    return pair if side is Side.LEFT else pair[::-1]


GRACE = timedelta(minutes=1)
"""Clocks of two machines may differ; a record that showed up a little before it was sent counts too."""

SKEW = timedelta(minutes=10)
"""The same for the time at which a system says that it made a record."""
