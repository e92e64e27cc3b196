"""Wipe: take the values of records out of everything the store keeps of them. Every row stays, and tells no value."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from syncline.core.model import Ref, Side
from syncline.core.plan import ActionStatus
from syncline.store.bulk import batches, change
from syncline.store.erasures import REASON
from syncline.store.error_log import SyncError
from syncline.store.mirror import bare_row, by_type
from syncline.store.models import Action, Hold, Link, MatchKey, MirrorRecord, Standing, StandingWait, Turn
from syncline.store.nudge_tables import Nudge
from syncline.store.standings import State
from syncline.store.work_tables import Wish

BLANK: Mapping[type[models.Model], Mapping[str, Any]] = {
    Link: {"agreements": {}, "evidence": {}, "ended_reason": REASON},
    Action: {
        "fields": [],
        "sent": None,
        "evidence": {},
        "failure": None,
        "reason": REASON,
        "target_version": None,
    },
    Hold: {
        "left_value": None,
        "right_value": None,
        "allowed": [],
        "cause": REASON,
        "reason": REASON,
        "ruling": "",
    },
    SyncError: {"value": "", "code": REASON, "message": REASON},
    Standing: {
        "state": State.NOT_ELIGIBLE,
        "rule": REASON,
        "reason": REASON,
        "criteria": [],
        "waits_for": None,
        "since": None,
    },
}
"""What the columns that may hold something of a record hold once it is erased, by table."""
GONE = (MatchKey, Nudge, StandingWait, Turn)
"""Tables whose rows about a record are of no use without its values."""
ONCE_OVER: Mapping[type[models.Model], Mapping[str, Any]] = {
    Wish: {"arguments": {}, "result": None, "error": None},
}
"""Columns of a sync's rows that nobody needs once they are over, whichever records they are about."""
TEXTS: Mapping[type[models.Model], Sequence[str]] = {
    Action: ("reason",),
    Hold: ("reason", "cause"),
    Standing: ("reason",),
    SyncError: ("message",),
}
"""Columns with words about one record, which may name another one."""
IN_PLACE = "(erased)"


def count(sync: str, side: Side, refs: Sequence[Ref]) -> dict[str, int]:
    """How many rows of each table are about these records of one side."""
    found = dict.fromkeys((model.__name__ for model in BLANK), 0)
    for where in _about(sync, side, refs):
        for model in BLANK:
            found[model.__name__] += model._default_manager.filter(where(model)).count()
    return found


def wipe(sync: str, side: Side, refs: Sequence[Ref], now: datetime) -> None:
    """End what goes on about these records of one side of a sync, and take the values out; in a transaction."""
    for where in _about(sync, side, refs):
        mine = Action.objects.filter(where(Action))
        mine.filter(status=ActionStatus.PLANNED).update(status=ActionStatus.MOVED, done_at=now)
        mine.filter(status=ActionStatus.OPEN).update(status=ActionStatus.UNKNOWN, done_at=now)
        Link.objects.filter(where(Link), ended_at__isnull=True).update(ended_at=now)
        holds = Hold.objects.filter(where(Hold)).exclude(state="closed")
        holds.update(state="closed", closed_at=now, closed_by=REASON)
        SyncError.objects.filter(where(SyncError), resolved_at__isnull=True).update(resolved_at=now)
        for model, blank in BLANK.items():
            model._default_manager.filter(where(model)).update(**blank)
        for model in GONE:
            model._default_manager.filter(where(model)).delete()
    for model, blank in ONCE_OVER.items():
        model._default_manager.filter(sync=sync, ended_at__isnull=False).update(**blank)


def _about(sync: str, side: Side, refs: Sequence[Ref]) -> Iterator[Any]:
    """Conditions on tables: about some of these records, batch by batch."""
    for object_type, ids in by_type(refs).items():
        for batch in batches(ids):

            def where(model: type[models.Model], name: str = object_type, some: list[str] = batch) -> Q:
                if any(column.name == f"{side}_id" for column in model._meta.fields):
                    return Q(**{"sync": sync, f"{side}_type": name, f"{side}_id__in": some})
                return Q(sync=sync, side=side.value, object_type=name, remote_id__in=some)

            yield where


def wipe_mirror(connection: str, refs: Sequence[Ref], now: datetime) -> None:
    """Leave of these records only that they are there. They are not observed anew by it, so nothing is decided."""
    for object_type, ids in by_type(refs).items():
        for batch in batches(ids):
            rows = MirrorRecord.objects.filter(
                connection=connection, object_type=object_type, remote_id__in=batch
            )
            bare = []
            for old in rows:
                row = bare_row(connection, Ref(object_type, old.remote_id), old, deleted=old.deleted, now=now)
                row.pk = old.pk
                bare.append(row)
            change(bare, [f.name for f in MirrorRecord._meta.concrete_fields if not f.primary_key])


def wipe_words(words: Collection[str]) -> None:
    """Take these words out of what is told about other records: a vendor may name one in a refusal of another."""
    if not words:
        return
    pattern = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))), re.IGNORECASE)
    for model, columns in TEXTS.items():
        wanted = Q()
        for column in columns:
            for word in words:
                wanted |= Q(**{f"{column}__icontains": word})
        rows = list(model._default_manager.filter(wanted))
        for row in rows:
            for column in columns:
                setattr(row, column, pattern.sub(IN_PLACE, getattr(row, column)))
        change(rows, columns)
