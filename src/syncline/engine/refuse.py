"""Refusals: what a system would not take, so that the rest goes on without it (rules E1 to E3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from syncline.core.backoff import HEALING
from syncline.core.decide import PairContext, parking_value
from syncline.core.errors import UnavailableError, of_connection
from syncline.core.model import Absent, ErrorClass, Failure, Outcome, OutcomeStatus, Record, Side
from syncline.core.normalise import normalise
from syncline.core.plan import ActionStatus, FieldChange, Op
from syncline.core.schema import Field
from syncline.engine.batch import Batch, Ready
from syncline.engine.commit import Commit
from syncline.engine.parking import payload_digest, remote_form
from syncline.engine.stand import is_over, stands
from syncline.store import actions, refusals
from syncline.store.holds import NewHold
from syncline.store.refusals import Refusal
from syncline.store.standings import State


@dataclass(frozen=True, slots=True)
class Refused:
    """One field that was refused, and in which words."""

    change: FieldChange
    failure: Failure


def narrow(
    items: Sequence[Ready],
    outcomes: Sequence[Outcome],
    fields: dict[int, tuple[FieldChange, ...]],
    refused: Mapping[int, list[Refused]],
) -> tuple[list[Ready], list[tuple[Ready, Outcome]]]:
    """Split what is done from what is sent once more without the fields that were named in a refusal.

    `fields` and `refused` are brought up to date for those that go again.
    """
    again: list[Ready] = []
    done: list[tuple[Ready, Outcome]] = []
    for item, outcome in zip(items, outcomes, strict=True):
        bad = _named(outcome, fields[item.row.pk])
        rest = tuple(f for f in fields[item.row.pk] if f not in bad)
        if bad and rest and outcome.failure and not _needs(item, bad):
            refused[item.row.pk].extend(Refused(change, outcome.failure) for change in bad)
            fields[item.row.pk] = rest
            again.append(item)
        else:
            done.append((item, outcome))
    return again, done


def _named(outcome: Outcome, fields: Sequence[FieldChange]) -> list[FieldChange]:
    """The sent fields a refusal names; none where trying again may heal it."""
    failure = outcome.failure
    if outcome.status is not OutcomeStatus.REJECTED or failure is None or failure.error_class in HEALING:
        return []
    if failure.error_class in (ErrorClass.DUPLICATE, ErrorClass.GONE):
        return []
    return [f for f in fields if f.field in failure.fields]


def _needs(item: Ready, bad: Sequence[FieldChange]) -> bool:
    """Whether a record cannot be created without one of these fields."""
    frame = item.derived.frame
    if item.action.op is not Op.CREATE or frame is None:
        return False
    there = frame.schema(item.action.side).fields
    return any(there[f.field].required for f in bad if f.field in there)


def divide(
    item: Ready, shown: Record, failure: Failure | None, fields: Sequence[FieldChange]
) -> tuple[tuple[FieldChange, ...], list[Refused]]:
    """The fields that were stored and those that were not, where a write went through only in part.

    A failure that names no field concerns those that do not show what was sent.
    """
    if failure is None:
        return tuple(fields), []
    lost = [f for f in fields if f.field in failure.fields]
    if not lost:
        schema = _frame(item).schema(item.action.side).fields
        lost = [f for f in fields if not _shows(schema.get(f.field), shown, f)]
    return tuple(f for f in fields if f not in lost), [Refused(change, failure) for change in lost]


def _shows(field: Field | None, shown: Record, change: FieldChange) -> bool:
    value = shown.get(change.field)
    if field is None or isinstance(value, Absent):
        return False
    return normalise(field.type, value) == normalise(field.type, change.after)


def _frame(item: Ready) -> PairContext:
    frame = item.derived.loaded.view.context if item.derived.loaded else item.derived.frame
    if frame is None:
        raise ValueError("a write is derived from a link or from a record to be created")
    return frame


def heals(failure: Failure | None) -> bool:
    """Whether trying again may heal it without anybody's doing."""
    return failure is not None and failure.error_class in HEALING


def keep(commit: Commit, item: Ready, refused: Sequence[Refused]) -> None:
    """Put refused fields into the error log: they park the value, and the record's other fields went on.

    What heals by itself parks all that is left to be changed, until it is time.
    """
    for one in refused:
        if not heals(one.failure):
            commit.refused.append(_refusal(item, one.failure, one.change))
    passing = [one for one in refused if heals(one.failure)]
    if passing:
        rest = payload_digest(Op.UPDATE, [one.change for one in passing])
        commit.refused.append(_refusal(item, passing[0].failure, None, rest))


def keep_silence(commit: Commit, item: Ready, failure: Failure | None) -> None:
    """Put a write that got no answer into the error log; nothing is parked by it."""
    silence = replace(failure or NO_ANSWER, error_class=ErrorClass.TRANSIENT)
    commit.refused.append(replace(_refusal(item, silence, None), held_back=True))


def _refusal(item: Ready, failure: Failure, change: FieldChange | None, whole: str = "") -> Refusal:
    """What goes into the error log: of one field, or of the payload with this digest."""
    frame, side = _frame(item), item.action.side
    key = change.key if change else ""
    return Refusal(
        kind=item.action.kind,
        side=side,
        left=actions.ref(item.row, Side.LEFT),
        right=actions.ref(item.row, Side.RIGHT),
        key=key,
        value=parking_value(change.after) if change else whole,
        map=frame.fingerprints.get(key, ""),
        schema=remote_form(frame, side, key),
        failure=failure,
        held_back=heals(failure) and of_connection(failure.code),
    )


NO_ANSWER = Failure(ErrorClass.TRANSIENT, UnavailableError.code, "the write was sent and no answer came")
NO_WORDS = Failure(ErrorClass.TRANSIENT, "NO_RECORD", "the write was answered without the record it is about")


def reject(
    commit: Commit, batch: Batch, item: Ready, outcome: Outcome, fields: Sequence[FieldChange]
) -> None:
    """Keep a write that was refused altogether; what may heal by itself is tried again when it is time."""
    failure = outcome.failure or NO_WORDS
    item.row.status, item.row.done_at = ActionStatus.REJECTED.value, batch.context.now()
    item.row.failure = actions.failure_document(failure)
    commit.rows.append(item.row)
    named = _named(outcome, fields)
    for change in named:
        commit.refused.append(_refusal(item, failure, change))
    creating = item.action.op is Op.CREATE
    if not named or creating:
        # A link parks refused fields one by one; for a record to be created all that was wanted stays one payload.
        whole = payload_digest(item.action.op, item.action.fields if creating else fields)
        commit.refused.append(_refusal(item, failure, None, whole))
    lasts = failure.error_class not in HEALING and is_over(item.derived, batch.done(item))
    if lasts:
        commit.over.append(refusals.Decided(item.derived.refs, item.derived.parked))
    state = State.FAILED if lasts else State.PENDING
    commit.stands += stands(item.derived, state, "refused", f"{failure.code}: {failure.message}")


def hold_taken(commit: Commit, batch: Batch, item: Ready, code: str, reason: str) -> None:
    """A create found a record that may not be linked by itself: a person has to look (rule I2)."""
    item.row.status, item.row.done_at, item.row.reason = ActionStatus.HELD.value, batch.context.now(), reason
    commit.rows.append(item.row)
    left, right = actions.ref(item.row, Side.LEFT), actions.ref(item.row, Side.RIGHT)
    own = item.action.side.other
    commit.held.append(NewHold(item.action.kind, own, left, right, code, reason))
    for side, ref in item.derived.refs.items():
        commit.decided[side].append(ref)
    commit.stands += stands(item.derived, State.HELD, code, reason)
    commit.over.append(refusals.Decided(item.derived.refs, item.derived.parked))
