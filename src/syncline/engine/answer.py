"""Answer: what a person decided about a hold; the next run acts on it."""

from __future__ import annotations

from django.db import transaction

from syncline.core.errors import RecordError
from syncline.core.fate import ANSWERS
from syncline.core.model import Ref, Side
from syncline.engine.context import SyncContext
from syncline.store import holds, links, mirror, standings
from syncline.store.models import Hold

FIELD_ANSWERS = ("left", "right", "keep")
RECORD_ANSWERS = ("create", "skip", "link:TYPE/ID")


def answers(hold: Hold) -> tuple[str, ...]:
    """What may be answered to a hold."""
    return ANSWERS.get(hold.code) or (FIELD_ANSWERS if hold.key else RECORD_ANSWERS)


def answer(context: SyncContext, hold_id: int, ruling: str, by: str) -> None:
    """Keep a person's answer to an open hold, and have its records decided anew.

    Holds about a field take left, right or keep; holds about a record take create, skip or link:TYPE/ID; holds about
    a link one of whose records is gone take what `core.fate.ANSWERS` says.
    Raises `NotFoundError` for a hold that is not open, `RecordError` for an answer that does not fit it.
    """
    hold = holds.get(context.name, hold_id)
    _check(context, hold, ruling)
    with transaction.atomic():
        holds.resolve(hold, ruling, by, context.now())
        for side in Side:
            ref = _ref(hold, side)
            if ref:
                standings.put_back(context.name, side, [ref])


def _ref(hold: Hold, side: Side) -> Ref | None:
    kind, remote_id = (
        (hold.left_type, hold.left_id) if side is Side.LEFT else (hold.right_type, hold.right_id)
    )
    return Ref(kind, remote_id) if remote_id else None


def _check(context: SyncContext, hold: Hold, ruling: str) -> None:
    fitting = answers(hold)
    if ruling.startswith("link:") and not hold.key and hold.code not in ANSWERS:
        _check_counterpart(context, hold, ruling.removeprefix("link:"))
    elif ruling not in fitting or ruling == RECORD_ANSWERS[-1]:
        raise RecordError(
            f"{ruling!r} is no answer to hold {hold.pk}", hint=f"Answer with one of: {', '.join(fitting)}."
        )


def _check_counterpart(context: SyncContext, hold: Hold, named: str) -> None:
    """The record a person links by hand exists, is of the other side, and is not linked yet."""
    side = Side(hold.side)
    object_type, _, remote_id = named.partition("/")
    ref = Ref(object_type, remote_id)
    if ref not in mirror.get_many(context.connection(side.other), [ref]):
        raise RecordError(
            f"{named} is not known on the {side.other} side",
            hint="Name it as TYPE/ID, for example link:Contact/003..., and run `syncline run` first if it is new.",
        )
    if links.twins(context.name, side.other, [ref]):
        raise RecordError(
            f"{named} is linked to another record already", hint="Look at it with `syncline explain`."
        )
