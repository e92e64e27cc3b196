"""Creation: what an unlinked record calls for that is to get a counterpart, or that gets none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from syncline.core.criteria import Criterion
from syncline.core.decide import PairContext
from syncline.core.model import Record, Ref, Side
from syncline.core.place import Drafted, Placement, Subject, awaited, draft
from syncline.core.plan import Action, FieldChange, Op
from syncline.core.references import Relations
from syncline.core.schema import FieldType
from syncline.core.scope import KindSettings
from syncline.engine import account_first
from syncline.engine.context import SyncContext
from syncline.engine.counterpart import Placed
from syncline.engine.derived import Derived
from syncline.engine.inferring import awaiting
from syncline.engine.parking import kept_back, parked
from syncline.engine.turns import Turns
from syncline.store.error_log import SyncError
from syncline.store.standings import waiting_for

NOT_PAIRED = Placement(Op.SKIP, "not paired", "nothing is made of its object type")


def creation(
    context: SyncContext,
    kind: KindSettings,
    one: Placed,
    seq: int,
    related: Relations,
    errors: Sequence[SyncError],
    turns: Turns,
    contact: Record | None,
) -> Derived:
    """What a record calls for that is to get a counterpart; `contact` needs it as its account."""
    subject, placement, side = one.subject, one.placement, one.subject.side
    pair = kind.pair_for_create(side, subject.record.ref.object_type)
    if pair is None:
        return left_alone(kind, subject, NOT_PAIRED, seq)
    frame = context.pair_context(kind, pair, related)
    drafted = draft(frame, side, subject.record, turns.offered(subject.record.ref))
    if contact and not drafted.gate.open:
        drafted = account_first.for_contact(context, frame, side, drafted, contact)
        why = f"needed by {contact.ref}; {placement.reason}"
        placement = replace(placement, rule=account_first.RULE, reason=why, concerned=(contact.ref,))
    if not drafted.gate.open:
        return _not_created(kind, subject, drafted, seq)
    if wait := awaited(frame, drafted):
        left = left_alone(kind, subject, Placement(Op.SKIP, wait.rule, wait.reason), seq)
        return replace(left, waits_for=(waiting_for(side, wait.source),))
    if account := account_first.awaited_account(context, kind, frame, side, drafted):
        return _awaiting(kind, subject, drafted, seq, account)
    reason = "; ".join((placement.reason, *drafted.behind))
    making = _about(kind, subject, Op.CREATE, replace(placement, reason=reason), side.other, drafted.fields)
    kept = kept_back([making], parked(errors, frame))
    made = [] if kept else [making]
    turn = turns.taken(subject.record.ref) if made and drafted.takes_turn else None
    if made and drafted.held:
        held = Placement(Op.HOLD, "field", "; ".join(h.reason for h in drafted.held))
        made.insert(0, _about(kind, subject, Op.HOLD, held, side, drafted.held))
    return Derived(
        kind=kind,
        refs={side: subject.record.ref},
        seqs={side: seq},
        actions=tuple(made),
        subject=subject,
        placement=placement,
        frame=frame,
        drafted=drafted,
        waits_for=_rests_on(context, kind, frame, subject, drafted),
        parked=kept,
        turn=turn,
    )


def _rests_on(
    context: SyncContext, kind: KindSettings, frame: PairContext, subject: Subject, drafted: Drafted
) -> tuple[str, ...]:
    """The records by whose links it is decided anew: those waited for, and those the new record refers to.

    Another link of the latter is another payload, which ends a refusal of the first one.
    """
    side = subject.side
    references = (
        change
        for change in drafted.fields
        if (known := frame.translators.get(change.key)) and known.field(side).type is FieldType.REFERENCE
    )
    account = awaiting(context.inferring(kind, side), side, subject.record)
    return (*(waiting_for(side, found.source) for found in chain(drafted.waiting, references)), *account)


def _awaiting(kind: KindSettings, subject: Subject, drafted: Drafted, seq: int, account: Ref) -> Derived:
    """A contact that is made once its account has a counterpart; decided anew when the account is."""
    alone = left_alone(kind, subject, account_first.waiting(account), seq, drafted=drafted)
    waits = (waiting_for(subject.side, account.remote_id),)
    return replace(alone, actions=(), waits_for=waits, account=account)


def _not_created(kind: KindSettings, subject: Subject, drafted: Drafted, seq: int) -> Derived:
    """The gate is closed: the record is not eligible, or waits where a value of a required field cannot be sent."""
    refusal = drafted.gate.refusal or Criterion("gate", False, "")
    held_back = drafted.held and refusal.name == "required fields"
    op, rule = (Op.HOLD, "field") if held_back else (Op.SKIP, refusal.name)
    reason = "; ".join(h.reason for h in drafted.held) if held_back else refusal.reason
    fields = drafted.held if held_back else ()
    return left_alone(kind, subject, Placement(op, rule, reason), seq, fields, drafted)


def left_alone(
    kind: KindSettings,
    subject: Subject,
    placement: Placement,
    seq: int,
    fields: tuple[FieldChange, ...] = (),
    drafted: Drafted | None = None,
) -> Derived:
    """A record for which nothing is written to the other side, by this placement."""
    action = _about(kind, subject, placement.op, placement, subject.side, fields)
    return Derived(
        kind=kind,
        refs={subject.side: subject.record.ref},
        seqs={subject.side: seq},
        actions=(action,),
        subject=subject,
        placement=placement,
        drafted=drafted,
    )


def _about(
    kind: KindSettings,
    subject: Subject,
    op: Op,
    placement: Placement,
    side: Side,
    fields: tuple[FieldChange, ...],
) -> Action:
    own = subject.record.ref
    left, right = (own, None) if subject.side is Side.LEFT else (None, own)
    evidence = {"concerned": [str(ref) for ref in placement.concerned]} if placement.concerned else {}
    return Action(op, kind.kind, side, left, right, None, fields, placement.rule, placement.reason, evidence)
