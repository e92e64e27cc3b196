"""Ended: what became of each record that was pushed or pulled by hand, in plain words (rule U8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from syncline.core.frozen import frozen
from syncline.core.model import Ref, Side
from syncline.core.plan import ActionStatus, Op
from syncline.engine.chosen import ChosenRecord
from syncline.engine.context import SyncContext
from syncline.store import actions, standings
from syncline.store.models import Action, Run, Standing
from syncline.store.standings import State


class RecordOutcomeState(StrEnum):
    """The ways it can end for a record; `planned` where nothing was carried out yet."""

    CREATED = "created"
    LINKED = "linked"
    UPDATED = "updated"
    IN_SYNC = "in sync"
    PLANNED = "planned"
    HELD = "held"
    WAITS = "waits"
    REFUSED = "refused"


Outcome = RecordOutcomeState


@frozen()
class RecordOutcome:
    """What became of one name: the record, its counterpart, how it ended, and that in words."""

    name: str
    ref: Ref | None
    counterpart: Ref | None
    state: Outcome
    told: str

    def to_json(self) -> dict[str, str | None]:
        record, counterpart = (str(ref) if ref else None for ref in (self.ref, self.counterpart))
        return {
            "name": self.name,
            "record": record,
            "counterpart": counterpart,
            "outcome": self.state.value,
            "told": self.told,
        }


def outcomes(context: SyncContext, chosen: Iterable[ChosenRecord], made: Run | None) -> list[RecordOutcome]:
    """What became of each of these records in a run by hand."""
    source = context.by_hand.target.other if context.by_hand else Side.LEFT
    rows: dict[Ref, list[Action]] = {}
    for row in actions.of_run(made.pk) if made else ():
        if ref := actions.ref(row, source):
            rows.setdefault(ref, []).append(row)
    asked = list(chosen)
    stood = standings.of_records(context.name, source, [each.ref for each in asked if each.ref])
    return [_outcome(source, each, rows, stood) for each in asked]


def _outcome(
    source: Side, each: ChosenRecord, rows: Mapping[Ref, Sequence[Action]], stood: Mapping[Ref, Standing]
) -> RecordOutcome:
    if each.ref is None:
        return RecordOutcome(each.name, None, None, Outcome.REFUSED, f"refused: {each.refusal}")
    mine = rows.get(each.ref, ())
    counterpart = next((ref for row in mine if (ref := actions.ref(row, source.other))), None)
    state, told = _ended(mine, counterpart) if mine else _stood(stood.get(each.ref))
    return RecordOutcome(each.name, each.ref, counterpart, state, told)


def _ended(rows: Sequence[Action], counterpart: Ref | None) -> tuple[Outcome, str]:
    """How it ended by its actions: what was not done goes before what was."""
    by_op = {Op(row.op): row for row in rows}
    for row in rows:
        if refusal := _not_done(row):
            return refusal
    if any(row.status == ActionStatus.PLANNED for row in rows):
        return Outcome.PLANNED, _would(by_op)
    held = f"; held: {by_op[Op.HOLD].reason}" if Op.HOLD in by_op else ""
    if Op.CREATE in by_op:
        found = by_op[Op.CREATE].status == ActionStatus.UNCHANGED
        words = f"linked with {counterpart}, which was there already" if found else f"created {counterpart}"
        return (Outcome.LINKED if found else Outcome.CREATED), words + held
    if Op.UPDATE in by_op:
        return Outcome.UPDATED, f"updated {_fields(by_op[Op.UPDATE])} of {counterpart}" + held
    if Op.HOLD in by_op:
        return Outcome.HELD, f"held: {by_op[Op.HOLD].reason}"
    if Op.LINK in by_op:
        return Outcome.LINKED, f"linked with {counterpart}: {by_op[Op.LINK].reason}"
    return Outcome.IN_SYNC, "already in sync"


def _not_done(row: Action) -> tuple[Outcome, str] | None:
    if row.status in (ActionStatus.OPEN, ActionStatus.UNKNOWN):
        return Outcome.WAITS, "it was sent and no answer came; the next run finds out what became of it"
    if row.status == ActionStatus.MOVED:
        return Outcome.WAITS, "it changed while it was worked on; ask for it once more"
    if row.status == ActionStatus.REJECTED:
        return Outcome.REFUSED, f"refused by the system: {(row.failure or {}).get('message', row.reason)}"
    if row.op == Op.CREATE and row.status == ActionStatus.HELD:
        return Outcome.HELD, f"held: {row.reason}"
    if row.op in (Op.SKIP, Op.END):
        return Outcome.REFUSED, f"refused: {row.reason}"
    return None


def _would(by_op: Mapping[Op, Action]) -> str:
    """What a plan that was not carried out would do."""
    if Op.CREATE in by_op:
        return "would be created"
    words = [f"would be linked: {by_op[Op.LINK].reason}"] if Op.LINK in by_op else []
    words += [f"would be updated: {_fields(by_op[Op.UPDATE])}"] if Op.UPDATE in by_op else []
    words += [f"would be held: {by_op[Op.HOLD].reason}"] if Op.HOLD in by_op else []
    return "; ".join(words) or "already in sync"


def _fields(row: Action) -> str:
    return ", ".join(change["field"] for change in row.fields)


def _stood(standing: Standing | None) -> tuple[Outcome, str]:
    """How it ended where there was nothing to do: by where the record stands."""
    if standing is None or standing.state == State.IN_SYNC:
        return Outcome.IN_SYNC, "already in sync"
    state = {State.HELD: Outcome.HELD, State.PENDING: Outcome.WAITS}.get(
        State(standing.state), Outcome.REFUSED
    )
    return state, f"{state}: {standing.reason}"
