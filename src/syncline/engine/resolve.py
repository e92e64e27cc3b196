"""Resolve: find out what became of writes whose answer never came, before their records are merged again.

A kill or a lost answer leaves an action open with all that was sent. Its record is looked at by id, or, for a
create, looked for among the records that showed up since (DESIGN 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncline.core.agreement import Agreement
from syncline.core.committed import Written, after_write
from syncline.core.decide import LinkView
from syncline.core.merge import UNKNOWN_OUTCOME
from syncline.core.model import Absent, Kind, Raw, Ref, Side
from syncline.core.plan import ActionStatus, FieldChange, Op
from syncline.core.scope import KindSettings
from syncline.engine.commit import Commit
from syncline.engine.context import SyncContext
from syncline.engine.load import load_links, records_of
from syncline.engine.newcomers import resolve_creates
from syncline.engine.parts import Parts
from syncline.engine.remove import resolve_deletes
from syncline.store import actions, links, mirror
from syncline.store.holds import NewHold
from syncline.store.links import Linked
from syncline.store.models import Action
from syncline.store.standings import Stand, State


def resolve_open(context: SyncContext, known: Parts | None = None) -> int:
    """Settle every open action that can be settled by now; how many there were.

    A create can be where its part was read since it was sent: `known` parts were, all of them where none are named.
    """
    rows = actions.open_actions(context.name)
    for kind in context.settings.kinds:
        mine = [row for row in rows if row.kind == kind.kind.value]
        _resolve_updates(context, kind, [row for row in mine if row.op == Op.UPDATE])
        resolve_creates(context, kind, mine, known)
        resolve_deletes(context, kind, mine)
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
    if link is None or view is None or link.right != actions.ref(row, Side.RIGHT):
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
    sent = [change for change in actions.changes(row) if change.field in (row.sent or {})]
    known = [change for change in sent if change.key in view.context.translators]
    states = {change.key: look.state(change) for change in known}
    arrived = any(state != BEFORE for state in states.values())
    for change in known:
        if states[change.key] != BEFORE:
            commit.noted.setdefault(link.id, {})[change.key] = look.agreement(change, states[change.key])
        elif look.touched(row) and not arrived:
            commit.held.append(_unknown_outcome(row, link, view, change))
    for side in Side:
        commit.decided[side].append(link.ref(side))
        commit.unfinished[side].add(link.ref(side))
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
