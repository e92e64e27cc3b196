"""Send: the calls that write to a system, and what becomes of their answers.

What is about to be sent is committed before the call, so that a kill at any point leaves a trace of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from syncline.connectors.base import Change, Draft
from syncline.core.agreement import Agreement
from syncline.core.committed import Written, after_write
from syncline.core.decide import PairContext, created_agreements
from syncline.core.model import MISSING, Absent, Outcome, OutcomeStatus, Raw, Record, Ref, Side
from syncline.core.plan import ActionStatus, FieldChange, Op
from syncline.engine import pieces, refuse
from syncline.engine.batch import Batch, Ready
from syncline.engine.commit import Commit
from syncline.engine.counterpart import ENDED_LINK, ended_before
from syncline.engine.derived import Derived
from syncline.engine.stand import Done, is_over, new_holds, stands
from syncline.store import actions, links, mirror, refusals
from syncline.store.links import NewLink
from syncline.store.models import Action as Row
from syncline.store.standings import State

SMALLEST_BATCH = 50
"""Fewer actions than this are not committed by themselves, even where the system takes one record a call."""


def end(batch: Batch, row: Row, status: ActionStatus, commit: Commit) -> None:
    """An action came to its end."""
    row.status, row.done_at = status.value, batch.context.now()
    commit.rows.append(row)


def settle(commit: Commit, derived: Derived, done: Collection[Done]) -> None:
    """Holds of what was derived, and where its records stand once these of its actions were the last.

    Until then they stay as undecided as they were when they were planned: a kill loses nothing.
    """
    for side, ref in derived.refs.items():
        commit.decided[side].append(ref)
    commit.held += new_holds(derived)
    commit.answered |= _answered(commit, derived)
    if derived.end:
        commit.fated.append((derived.end.link.left, derived.end.link.right))
    if is_over(derived, done):
        commit.stands += stands(derived, done=done)
        commit.over.append(refusals.Decided(derived.refs, derived.parked))
        return
    for side, ref in derived.refs.items():
        commit.unfinished[side].add(ref)


def _answered(commit: Commit, derived: Derived) -> set[tuple[Ref, str]]:
    """An answer about a field is carried out once an agreement on the field is noted."""
    link_id = derived.loaded.view.id if derived.loaded else ""
    noted = commit.noted.get(int(link_id), {}) if link_id else {}
    return {(derived.refs[Side.LEFT], key) for key in derived.answered() - noted.keys()}


def send(batch: Batch, ready: Sequence[Ready]) -> None:
    """Send writes by object type, in pieces that fit the system's own batches.

    Writes that set a field to one value lie side by side where a call of the system has only one for all.
    """
    by_type: dict[tuple[Side, str], list[Ready]] = {}
    for item in ready:
        by_type.setdefault((item.action.side, _target_type(item)), []).append(item)
    for (side, object_type), items in by_type.items():
        abilities = batch.context.connectors[side].capabilities(object_type)
        creating = items[0].action.op is Op.CREATE
        size = abilities.create_batch if creating else abilities.update_batch
        most = batch.kind.batch or max(size, SMALLEST_BATCH)
        cut = pieces.unparted if creating else pieces.full
        shared = abilities.create_shared if creating else abilities.shared
        for piece in cut(items, _values(shared), most):
            _send(batch, object_type, piece)
            batch.context.check_stop()


def _values(shared: Sequence[str]) -> Callable[[Ready], list[str]]:
    """What a write sets these fields to."""

    def values(item: Ready) -> list[str]:
        sent = {change.field: repr(change.after) for change in item.action.fields}
        return [sent.get(name, "") for name in shared]

    return values


def _target_type(item: Ready) -> str:
    target = item.action.target
    if target:
        return target.object_type
    return item.derived.frame.pair.on(item.action.side) if item.derived.frame else ""


def _open(batch: Batch, items: Sequence[Ready], payloads: Mapping[int, Mapping[str, Raw]]) -> None:
    """Commit what is about to be sent, with the fields as they are now: references are known.

    A create notes the newest observation of the side it goes to: what it makes is first seen after that.
    """
    side = items[0].action.side
    newest = mirror.last_place(batch.context.connection(side)) if items[0].action.op is Op.CREATE else None
    for item in items:
        item.row.fields = [f.to_json() for f in item.action.fields]
        item.row.left_seq = item.derived.seqs.get(Side.LEFT, newest or 0)
        item.row.right_seq = item.derived.seqs.get(Side.RIGHT, newest or 0)
    actions.mark_open([item.row for item in items], payloads, batch.context.now())


def payload(fields: Sequence[FieldChange]) -> dict[str, Raw]:
    """The values to send, by field."""
    return {f.field: f.after for f in fields}


def _send(batch: Batch, object_type: str, items: Sequence[Ready]) -> None:
    """Send one piece, and again without the fields that a refusal named, until nothing is left to send."""
    left = list(items)
    refused: dict[int, list[refuse.Refused]] = {item.row.pk: [] for item in items}
    fields = {item.row.pk: item.action.fields for item in items}
    while left:
        _open(batch, left, {i.row.pk: payload(fields[i.row.pk]) for i in left})
        again, done = refuse.narrow(left, _call(batch, object_type, left, fields), fields, refused)
        commit = batch.commit()
        for item, outcome in done:
            _keep(batch, commit, item, outcome, fields[item.row.pk], refused[item.row.pk])
        commit.apply()
        left = again


def _call(
    batch: Batch, object_type: str, items: Sequence[Ready], fields: Mapping[int, Sequence[FieldChange]]
) -> list[Outcome]:
    connector = batch.context.connectors[items[0].action.side]
    if items[0].action.op is Op.CREATE:
        return connector.create(object_type, [Draft(str(i.row.pk), payload(fields[i.row.pk])) for i in items])
    return connector.update(object_type, [_change(i, fields[i.row.pk]) for i in items])


def _change(item: Ready, fields: Sequence[FieldChange]) -> Change:
    target = item.action.target
    version = item.derived.loaded.view.record(item.action.side).version if item.derived.loaded else None
    return Change(target.remote_id if target else "", payload(fields), version)


def _keep(
    batch: Batch,
    commit: Commit,
    item: Ready,
    outcome: Outcome,
    fields: Sequence[FieldChange],
    refused: Sequence[refuse.Refused],
) -> None:
    """Keep what became of one write. Without an answer the action stays open: the next run looks into it."""
    if outcome.status is OutcomeStatus.UNKNOWN:
        refuse.keep_silence(commit, item, outcome.failure)
        commit.stands += stands(item.derived, State.PENDING, "open write", "it was sent and no answer came")
    elif outcome.status is OutcomeStatus.REJECTED or outcome.record is None:
        refuse.keep(commit, item, refused)
        refuse.reject(commit, batch, item, outcome, fields)
    else:
        stored, lost = refuse.divide(item, outcome.record, outcome.failure, fields)
        if item.action.op is Op.CREATE:
            made(commit, batch, item, outcome, stored)
        else:
            _updated(commit, batch, item, outcome.record, stored)
        refuse.keep(commit, item, [*refused, *lost])
        if refuse.heals(outcome.failure):
            commit.stands += stands(item.derived, State.PENDING, "refused", "a part of it is tried again")


def _updated(commit: Commit, batch: Batch, item: Ready, shown: Record, fields: Sequence[FieldChange]) -> None:
    end(batch, item.row, ActionStatus.APPLIED, commit)
    commit.observed[item.action.side].append(_completed(batch, item, shown, fields))
    mapped = [f for f in fields if f.key in item.derived.decided]  # a mark is no field map
    commit.noted[item.link_id] = {f.key: _agreement(batch, item, f, shown) for f in mapped}
    commit.proved.append((item.row, [f.key for f in fields]))
    done = batch.done(item)
    settle(commit, item.derived, done)
    if len(fields) == len(item.action.fields):
        batch.written.setdefault(item.link_id, set()).add(item.action.side)
    elif is_over(item.derived, done):
        commit.stands += stands(item.derived, State.FAILED, "refused", "the other side refused a value")
    if _moved_beside(item, shown, fields):
        commit.stands += stands(item.derived, State.PENDING, "moved", "it changed while it was written")


def _agreement(batch: Batch, item: Ready, change: FieldChange, shown: Record) -> Agreement:
    decided = item.derived.decided[change.key]
    side = item.action.side
    merge = decided.merge
    expected = batch.context.connectors[side].stored_as(shown.ref.object_type, change.field, change.after)
    value = shown.get(change.field)
    seen = expected if isinstance(value, Absent) else value
    done = Written(side, change.source, change.after, expected, seen, batch.context.now())
    return after_write(merge.translator, merge.fingerprint, merge.agreement, done)


def _completed(batch: Batch, item: Ready, shown: Record, fields: Sequence[FieldChange]) -> Record:
    """What a short answer does not show of the written fields is as it was written."""
    stored_as = batch.context.connectors[item.action.side].stored_as
    kind = shown.ref.object_type
    unseen = [f for f in fields if shown.get(f.field) is MISSING]
    return replace(
        shown, values={**shown.values, **{f.field: stored_as(kind, f.field, f.after) for f in unseen}}
    )


def _moved_beside(item: Ready, shown: Record, fields: Sequence[FieldChange]) -> bool:
    """Whether the answer shows another mapped field changed: somebody edited the record meanwhile."""
    written = {f.field for f in fields}
    if item.derived.loaded is None:
        return False
    side = item.action.side
    for translator in item.derived.loaded.view.context.translators.values():
        name = translator.map.on(side)
        before, after = item.derived.loaded.view.record(side).get(name), shown.get(name)
        if name in written or isinstance(before, Absent) or isinstance(after, Absent):
            continue
        if translator.own(side, before) != translator.own(side, after):
            return True
    return False


def made(
    commit: Commit,
    batch: Batch,
    item: Ready,
    outcome: Outcome,
    fields: Sequence[FieldChange],
    unsure: frozenset[str] = frozenset(),
) -> None:
    """Link a record with the counterpart that was made for it, or was found there already.

    What the record shows of fields that were not sent is the system's own doing, except of `unsure` ones.
    """
    shown, side = outcome.record, item.action.side
    if (
        shown is None
        or item.derived.frame is None
        or item.derived.subject is None
        or item.derived.drafted is None
    ):
        return
    commit.observed[side].append(_completed(batch, item, shown, fields))
    refs = {**item.derived.refs, side: shown.ref}
    found = outcome.status is OutcomeStatus.EXISTING
    taken = _taken(commit, batch, side, shown.ref) if found else None
    if taken:
        refuse.hold_taken(commit, batch, item, *taken)
        return
    agreements = {} if found else _first_agreements(item, item.derived.frame, shown, fields, unsure)
    rule = "found on create" if found else item.action.rule
    commit.made.append(
        ([item.row], NewLink(batch.kind.kind, refs[Side.LEFT], refs[Side.RIGHT], rule, {}, agreements))
    )
    _name(item.row, side, shown.ref)
    end(batch, item.row, ActionStatus.UNCHANGED if found else ActionStatus.APPLIED, commit)
    commit.proved.append((item.row, [f.key for f in fields]))
    pair = item.derived.linked_as(refs)
    settle(commit, pair, [(Op.CREATE, side)])
    if found:
        commit.stands += stands(pair, State.PENDING, "found", "first merge is next")
    elif item.derived.drafted.held or _follows(item.derived.frame, side, item.derived.subject.record):
        commit.stands += stands(
            pair, State.PENDING, "made", "what was held back is decided with the new record"
        )
    elif len(fields) < len(item.action.fields):
        commit.stands += stands(pair, State.FAILED, "refused", "the other side refused a value")


def _follows(frame: PairContext, side: Side, source: Record) -> bool:
    """Whether a field that cannot be given to a new record is to be written to it now."""
    for translator in frame.translators.values():
        there, value = translator.field(side), source.get(translator.map.on(side.other))
        later = there.updatable and not there.creatable and translator.map.direction.allows(side)
        if later and not isinstance(value, Absent) and not translator.is_empty(side.other, value):
            return True
    return False


def _first_agreements(
    item: Ready, frame: PairContext, shown: Record, fields: Sequence[FieldChange], unsure: frozenset[str]
) -> dict[str, Agreement]:
    """What a record and the one just made for it agree on: nothing where a value was held back, or is `unsure`."""
    subject, drafted = item.derived.subject, item.derived.drafted
    if subject is None or drafted is None:
        return {}
    sent = {f.key: f for f in fields}
    open_ones = (*drafted.held, *drafted.waiting, *drafted.fields, *item.action.fields)
    left_out = ({change.key for change in open_ones} | unsure) - sent.keys()
    return created_agreements(frame, item.action.side, subject.record, shown, sent, frozenset(left_out))


def _taken(commit: Commit, batch: Batch, side: Side, ref: Ref) -> tuple[str, str] | None:
    """Why a record that was there already is not linked: it is, it was, or is about to be by this very batch."""
    mine = (new.left if side is Side.LEFT else new.right for _, new in commit.made)
    if ref in mine or links.twins(batch.context.name, side, [ref]):
        return "duplicate of a linked record", f"creating it found {ref}, which is linked to another record"
    ended = links.ended(batch.context.name, side, [ref])
    return (ENDED_LINK, ended_before(ref, ended)) if ended else None


def _name(row: Row, side: Side, ref: Ref) -> None:
    """Give an action the record it made."""
    if side is Side.LEFT:
        row.left_type, row.left_id = ref.object_type, ref.remote_id
    else:
        row.right_type, row.right_id = ref.object_type, ref.remote_id
