"""Remove: delete records whose counterparts were deleted (rule L1).

The link ends in a transaction of its own before the call, so that what we delete is never taken for a deletion of
somebody else. Where the record is still there afterwards, the link stands again, as a new one with what was agreed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from syncline.core.fate import DELETED
from syncline.core.model import ErrorClass, Kind, Outcome, OutcomeStatus, Record, Ref, Side
from syncline.core.plan import ActionStatus, Op
from syncline.core.scope import KindSettings
from syncline.engine import refuse
from syncline.engine.batch import Batch, Ready
from syncline.engine.commit import Commit
from syncline.engine.context import SyncContext
from syncline.engine.part import ending
from syncline.engine.send import SMALLEST_BATCH, end
from syncline.engine.stand import stands
from syncline.store import actions, links, mirror, standings
from syncline.store.bulk import batches
from syncline.store.links import NewLink
from syncline.store.models import Action as Row
from syncline.store.refusals import Decided
from syncline.store.standings import Stand, State


def remove(batch: Batch, ready: Sequence[Ready]) -> None:
    """Delete records by object type, in pieces that fit the system's own batches."""
    by_type: dict[tuple[Side, str], list[Ready]] = {}
    for item in ready:
        if item.action.target:
            by_type.setdefault((item.action.side, item.action.target.object_type), []).append(item)
    for (side, object_type), items in by_type.items():
        size = batch.context.connectors[side].capabilities(object_type).update_batch
        for piece in batches(items, batch.kind.batch or max(size, SMALLEST_BATCH)):
            _remove(batch, side, object_type, piece)
            batch.context.check_stop()


def _remove(batch: Batch, side: Side, object_type: str, items: Sequence[Ready]) -> None:
    rows = [item.row for item in items]
    with transaction.atomic():
        actions.mark_open(rows, {row.pk: {} for row in rows}, batch.context.now())
        endings = [ending(item.derived.end) for item in items if item.derived.end]
        links.end(endings, batch.context.now())
        standings.wake_around(batch.context.name, [(each.left, each.right) for each in endings])
    ids = [item.action.target.remote_id for item in items if item.action.target]
    outcomes = batch.context.connectors[side].delete(object_type, ids)
    commit = batch.commit()
    for item, outcome in zip(items, outcomes, strict=True):
        _keep(batch, commit, item, outcome)
    commit.apply()


def _keep(batch: Batch, commit: Commit, item: Ready, outcome: Outcome) -> None:
    """Keep what became of one delete. Without an answer the action stays open: the next run looks into it."""
    target = item.action.target
    if target is None or item.derived.end is None:
        return
    if outcome.status is OutcomeStatus.UNKNOWN:
        refuse.keep_silence(commit, item, outcome.failure)
        commit.stands += stands(item.derived, State.PENDING, "open write", "it was sent and no answer came")
    elif outcome.status is OutcomeStatus.REJECTED and not _is_gone(outcome):
        refuse.reject(commit, batch, item, outcome, ())
        _reinstate(commit, item.row, item.derived.end.link.id)
    else:
        end(batch, item.row, ActionStatus.APPLIED, commit)
        commit.observed[item.action.side].append(_as_deleted(target, outcome.record))
        commit.stands += stands(item.derived, done=[(Op.DELETE, item.action.side)])
        for side, ref in item.derived.refs.items():
            commit.decided[side].append(ref)
            commit.parted.add(ref)
        commit.proved.append((item.row, ()))
        commit.over.append(Decided(item.derived.refs, ()))


def _is_gone(outcome: Outcome) -> bool:
    """It was deleted by somebody else meanwhile, which is all that was wanted."""
    return outcome.failure is not None and outcome.failure.error_class is ErrorClass.GONE


def _as_deleted(ref: Ref, shown: Record | None) -> Record:
    return replace(shown, deleted=True) if shown else Record(ref, {}, deleted=True)


def _reinstate(commit: Commit, row: Row, link_id: int) -> None:
    """A record that is still there is linked as before: an ended link stays ended, so it is a new one."""
    left, right = actions.ref(row, Side.LEFT), actions.ref(row, Side.RIGHT)
    if left and right:
        agreements = links.agreements_of([link_id]).get(link_id, {})
        again = NewLink(Kind(row.kind), left, right, "reinstated", {"link": link_id}, agreements)
        commit.made.append(([row], again))


def resolve_deletes(context: SyncContext, kind: KindSettings, rows: Sequence[Row]) -> None:
    """Look by id at records whose delete got no answer: gone is deleted, one that is there is linked again."""
    for side in Side:
        mine = [row for row in rows if row.side == side and row.op == Op.DELETE]
        refs = [ref for row in mine if (ref := actions.ref(row, side))]
        there: set[Ref] = set()
        for object_type, ids in mirror.by_type(refs).items():
            shown = context.connectors[side].fetch(object_type, ids, context.fields(side, object_type))
            mirror.observe(context.connection(side), shown, context.now())
            there.update(record.ref for record in shown if not record.deleted)
        for row in mine:
            _resolve(context, kind, side, row, there)


def _resolve(context: SyncContext, kind: KindSettings, side: Side, row: Row, there: set[Ref]) -> None:
    commit = Commit(context, row.run_id, context.world)
    ref = actions.ref(row, side)
    if ref is None:
        return
    row.done_at = context.now()
    commit.rows.append(row)
    if ref in there:
        row.status, row.reason = ActionStatus.MOVED.value, "it never arrived and is planned anew"
        state, rule, reason = State.PENDING, "open write", "a lost answer was looked into"
        _reinstate(commit, row, row.link_id or 0)
    else:
        row.status, row.reason = (
            ActionStatus.APPLIED.value,
            f"{row.reason}; its answer was lost, and the record is gone",
        )
        state, rule, reason = State.NOT_ELIGIBLE, DELETED, row.reason
        commit.observed[side].append(_as_deleted(ref, None))
        commit.proved.append((row, ()))
        commit.over.append(Decided({s: r for s in Side if (r := actions.ref(row, s))}, ()))
    for each in Side:
        if about := actions.ref(row, each):
            commit.stands.append(Stand(each, kind.kind, about, state, 0, rule, reason))
            commit.decided[each].append(about)
            commit.parted.add(about)
    commit.apply()
