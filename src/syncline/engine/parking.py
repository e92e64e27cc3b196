"""Parking: what was refused is kept back until it, its map or the remote field changes, or its time has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from syncline.core.decide import Decided, PairContext, parking_value
from syncline.core.model import Side
from syncline.core.plan import Action, FieldChange, Op
from syncline.store.error_log import SyncError
from syncline.store.mirror import digest
from syncline.store.retries import parks

Parked = tuple[str, Side, str]
"""What was refused: the key of its map, none for a whole payload; the side; the value, or the payload's digest."""
NextTry = Mapping[Parked, datetime | None]
"""What is kept back, with the time to try it again where there is one."""


def parked(errors: Sequence[SyncError], frame: PairContext) -> NextTry:
    """What is kept back of a record: refused values and payloads that still stand, with their time to try again.

    A value stands under the same map and the same remote field, a payload under the same schema (DESIGN 6).
    """
    return {
        (e.key, Side(e.side), e.value): e.next_try
        for e in errors
        if parks(e, frame.now)
        and e.map == frame.fingerprints.get(e.key, "")
        and e.schema == remote_form(frame, Side(e.side), e.key)
    }


def remote_form(frame: PairContext, side: Side, key: str) -> str:
    """What a refusal depends on there: the field of a map, or the whole object type; empty for a field that is gone."""
    schema, translator = frame.schema(side), frame.translators.get(key)
    if not key:
        return schema.fingerprint
    return schema.fields[translator.map.on(side)].fingerprint if translator else ""


def kept_back(actions: Sequence[Action], errors: NextTry) -> NextTry:
    """The payloads that were refused as they are, no field being named: parked as a whole (DESIGN 6)."""
    mine = [payload_of(a) for a in actions if a.writes] if errors else []
    return {each: errors[each] for each in mine if each in errors}


def payload_of(action: Action) -> Parked:
    """What all that an action writes is parked by."""
    return "", action.side, payload_digest(action.op, action.fields) if action.writes else ""


def value_of(key: str, decided: Decided) -> Parked:
    """What the value of one field is parked by."""
    return key, decided.decision.target or Side.LEFT, parking_value(decided.decision.value)


def payload_digest(op: Op, fields: Sequence[FieldChange]) -> str:
    """What a payload that was refused as a whole is remembered by: as a new record it says nothing about a change."""
    return digest([op.value, sorted([f.field, repr(f.after), str(f.awaits or "")] for f in fields)])
