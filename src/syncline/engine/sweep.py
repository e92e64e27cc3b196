"""Sweep: learn who was deleted from a system that tells only of records it is asked for by id (rules L1, L5).

Once in a while everything is listed. What is known and on no page of a complete listing is asked for by id, within
the connector's budget a run. Only the system's answer is evidence; what does not come back is listed by reconcile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from syncline.connectors.base import Capabilities, Note
from syncline.core.budget import Work
from syncline.core.errors import QuotaError
from syncline.core.model import Ending, Fate, Record, Ref, Side
from syncline.engine.context import SyncContext
from syncline.engine.parts import Parts, all_parts, object_types
from syncline.engine.read import ListingCursor, list_all
from syncline.store import links, mirror, refusals, sweeps
from syncline.store.models import Sweep

UNSEEN = "it is in no listing any more and cannot be read by its id; nobody says that it was deleted, so its link stays"


def sweep(context: SyncContext, parts: Parts | None = None) -> None:
    """Look for deletions on both sides, or in some parts, where reading changes does not tell of them."""
    wanted = all_parts(context.settings) if parts is None else parts
    for side in Side:
        for object_type in object_types(context, side, wanted):
            able = context.connectors[side].capabilities(object_type)
            if able.deletions_by_id:
                _sweep(context, side, object_type, able)


def _sweep(context: SyncContext, side: Side, object_type: str, able: Capabilities) -> None:
    connection, now = context.connection(side), context.now()
    last = sweeps.get(connection, object_type)
    if last is None:  # everything was listed just now, by the first read
        sweeps.save(sweeps.begun(connection, object_type, now))
        return
    due = now - last.swept_at >= able.sweep_every
    if due and not _list(context, side, last):
        return
    gone = refusals.gone(context.name, side, object_type)
    asked = _next(last, gone, able.deletions_by_id)
    if asked:
        _ask(context, side, last, asked, able)
    if due or asked:
        sweeps.save(last)


def _list(context: SyncContext, side: Side, last: Sweep) -> bool:
    """List everything; a listing that proves nothing leaves what is to be asked as it was.

    False when the calls that may be spent on it are used up: the next run goes on where this one stopped, for a large
    set may need more calls than one window has, and the run has other work to do.
    """
    known = mirror.living_ids(last.connection, last.object_type) if last.cursor is None else last.missing
    listed = ListingCursor(set(known), last.cursor)
    try:
        with context.doing(Work.SWEEP):
            unlisted = list_all(context, side, last.object_type, listed)
    except QuotaError:
        last.cursor, last.missing = listed.cursor, sorted(listed.missing) if listed.cursor else []
        sweeps.save(last)
        return False
    last.swept_at, last.cursor, last.missing = context.now(), None, []
    if unlisted is not None:
        last.unseen = [remote_id for remote_id in last.unseen if remote_id in unlisted]
        last.waiting = sorted(unlisted - set(last.unseen))
    return True


def _next(last: Sweep, gone: Collection[str], budget: int) -> list[str]:
    """Whom to ask for now: first those of whom a refused write said that they are gone."""
    waiting = dict.fromkeys([*sorted(gone), *last.waiting])
    unseen = set(last.unseen)
    return [remote_id for remote_id in waiting if remote_id not in unseen][:budget]


def _ask(context: SyncContext, side: Side, last: Sweep, asked: Sequence[str], able: Capabilities) -> None:
    fields = context.fields(side, last.object_type)
    shown = context.connectors[side].fetch(last.object_type, asked, fields)
    mirror.observe(context.connection(side), with_fates(context, side, shown, able.merged_ids), context.now())
    answered = {record.ref.remote_id for record in shown}
    silent = [remote_id for remote_id in asked if remote_id not in answered]
    for remote_id in silent:
        context.listen(context.connection(side), Note("unseen", f"{last.object_type}/{remote_id}", UNSEEN))
    done = set(asked)
    last.waiting = [remote_id for remote_id in last.waiting if remote_id not in done]
    last.unseen = [*last.unseen, *silent]


def with_fates(
    context: SyncContext, side: Side, shown: Sequence[Record], merged_ids: str | None
) -> list[Record]:
    """The same records; those whose counterpart a living one lists among its merged ones went on in that one."""
    gone = [record.ref for record in shown if record.deleted and record.fate is None]
    known = links.known_as(side, gone) if merged_ids and gone else {}
    if not merged_ids or not known:
        return list(shown)
    ids = {remote_id for others in known.values() for remote_id in others}
    survivors = mirror.listing(context.connection(side), gone[0].object_type, merged_ids, ids)
    return [_fated(record, known.get(record.ref, ()), survivors) for record in shown]


def _fated(record: Record, others: Collection[str], survivors: Mapping[str, set[str]]) -> Record:
    """With one survivor the record went on there; several contradict each other, and it went nobody knows where."""
    found = sorted({survivor for other in others for survivor in survivors.get(other, ())})
    if not record.deleted or not found:
        return record
    into = (Ref(record.ref.object_type, found[0]),) if len(found) == 1 else ()
    return replace(record, fate=Fate(Ending.MERGED, into))
