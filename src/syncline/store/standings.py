"""Where each record of a sync stands after its last decision (rule E4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count

from syncline.core.frozen import frozen
from syncline.core.model import Kind, Ref, Side
from syncline.store.bulk import BATCH, batches, upsert
from syncline.store.mirror import by_type
from syncline.store.models import Standing, StandingWait
from syncline.store.select import select


class State(StrEnum):
    """The states people filter by."""

    IN_SYNC = "in sync"
    PENDING = "pending"
    FAILED = "failed"
    HELD = "held"
    NOT_ELIGIBLE = "not eligible"


@frozen()
class Stand:
    """The standing of one record. `seq` is the observation it rests on; `waits_for` refs whose links it needs."""

    side: Side
    kind: Kind
    ref: Ref
    state: State
    seq: int
    rule: str = ""
    reason: str = ""
    criteria: Sequence[Mapping[str, Any]] = field(default=())
    waits_for: tuple[str, ...] = ()
    since: datetime | None = None

    def at(self, seq: int) -> Stand:
        """The same standing, resting on a newer observation."""
        return replace(self, seq=seq)


_LONGEST = 255
"""Characters of what a column that names a record holds."""
_KEY = ("sync", "side", "object_type", "remote_id")


def write(sync: str, stands: Iterable[Stand], settings: str, run_id: int) -> None:
    """Note where records stand now; the last word on a record counts."""
    latest = {(s.side, s.ref): s for s in stands}
    rows = [
        Standing(
            sync=sync,
            side=s.side.value,
            kind=s.kind.value,
            object_type=s.ref.object_type,
            remote_id=s.ref.remote_id,
            state=s.state.value,
            rule=s.rule[:100],
            reason=s.reason,
            criteria=list(s.criteria),
            seq=s.seq,
            settings=settings,
            waits_for=next(iter(s.waits_for), None),
            since=s.since,
            run_id=run_id,
        )
        for s in latest.values()
    ]
    for batch in batches(rows):
        upsert(batch, _KEY)
    _wait_for_more(sync, latest.values(), run_id)


def _wait_for_more(sync: str, stands: Iterable[Stand], run_id: int) -> None:
    """Note what records wait for besides the first, where it is of their own side: their counterparts go with them.

    What they wait for no longer wakes them once for nothing.
    """
    rows = [
        StandingWait(
            sync=sync,
            waits_for=each,
            side=s.side.value,
            object_type=s.ref.object_type,
            remote_id=s.ref.remote_id,
            run_id=run_id,
        )
        for s in stands
        for each in s.waits_for[1:]
        if each.startswith(f"{s.side}:")
    ]
    for batch in batches(rows):
        upsert(batch, ("sync", "waits_for", *_KEY[1:]))


def of_records(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, Standing]:
    """The standings of these records, as far as they were ever decided."""
    found: dict[Ref, Standing] = {}
    for batch in batches(refs):
        for object_type, ids in by_type(batch).items():
            rows = Standing.objects.filter(sync=sync, side=side, object_type=object_type, remote_id__in=ids)
            found.update({Ref(object_type, row.remote_id): row for row in rows})
    return found


@frozen()
class Decision:
    """The last decision about a record: where it left it, on which observation, under which settings."""

    state: State
    seq: int
    settings: str


def decisions(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, Decision]:
    """The last decisions about these records, as far as they were ever decided."""
    found: dict[Ref, Decision] = {}
    for object_type, ids in by_type(refs).items():
        where = {"sync": sync, "side": side, "object_type": object_type}
        rows = select(Standing, ("remote_id", "state", "seq", "settings"), where, within=("remote_id", ids))
        for remote_id, state, seq, settings in rows:
            found[Ref(object_type, remote_id)] = Decision(State(state), seq, settings)
    return found


def waiting_since(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, datetime]:
    """When those of these records that wait to settle were first seen waiting."""
    found: dict[Ref, datetime] = {}
    for object_type, ids in by_type(refs).items():
        where = {"sync": sync, "side": side, "object_type": object_type}
        rows = select(Standing, ("remote_id", "since"), where, within=("remote_id", ids))
        found.update({Ref(object_type, remote_id): since for remote_id, since in rows if since})
    return found


def pending(sync: str, side: Side, object_type: str) -> list[Ref]:
    """Records that are to be decided anew although nobody changed them."""
    rows = Standing.objects.filter(sync=sync, side=side, object_type=object_type, state=State.PENDING)
    return [Ref(object_type, remote_id) for remote_id in rows.values_list("remote_id", flat=True)]


def put_back(sync: str, side: Side, refs: Sequence[Ref], states: Sequence[State] = tuple(State)) -> None:
    """Have those of these records that are in one of these states decided anew by the next plan."""
    for batch in batches(refs):
        for object_type, ids in by_type(batch).items():
            rows = Standing.objects.filter(sync=sync, side=side, object_type=object_type, remote_id__in=ids)
            rows.filter(state__in=states).update(state=State.PENDING, waits_for=None)


def waiting_for(side: Side, remote_id: object) -> str:
    """How a standing names the record whose link it waits for."""
    return f"{side}:{remote_id}"[:_LONGEST]


def wake_around(sync: str, pairs: Iterable[tuple[Ref, Ref]]) -> int:
    """Have records decided anew whose decision rests on a link between these left and right records."""
    refs = [waiting_for(side, ref.remote_id) for pair in pairs for side, ref in zip(Side, pair, strict=True)]
    return wake(sync, refs)


def wake(sync: str, refs: Iterable[str]) -> int:
    """Have records decided anew that waited for one of these refs ("side:type/id") to be linked."""
    woken = 0
    for batch in batches(refs, BATCH):
        rows = Standing.objects.filter(sync=sync, waits_for__in=batch)
        woken += rows.update(state=State.PENDING, waits_for=None)
        woken += _wake_more(sync, batch)
    return woken


def _wake_more(sync: str, batch: Sequence[str]) -> int:
    """The same for records that waited for more than one."""
    rows = StandingWait.objects.filter(sync=sync, waits_for__in=batch)
    found = rows.values_list("side", "object_type", "remote_id").distinct()
    waiting: dict[str, list[Ref]] = {}
    for side, object_type, remote_id in found:
        waiting.setdefault(side, []).append(Ref(object_type, remote_id))
    for side, refs in waiting.items():
        put_back(sync, Side(side), refs)
    if waiting:
        rows.delete()
    return sum(map(len, waiting.values()))


def counts(sync: str) -> dict[str, dict[str, int]]:
    """How many records are in each state, by side."""
    found: dict[str, dict[str, int]] = {}
    rows = Standing.objects.filter(sync=sync).values_list("side", "state").annotate(n=Count("pk"))
    for side, state, number in rows:
        found.setdefault(side, {})[state] = number
    return found


def reasons(sync: str, state: State) -> list[tuple[str, str, int]]:
    """Kind, rule and number of the records in one state, the most frequent first."""
    rows = Standing.objects.filter(sync=sync, state=state).values_list("kind", "rule")
    return [(kind, rule, n) for kind, rule, n in rows.annotate(n=Count("pk")).order_by("-n", "kind", "rule")]


def rules(sync: str, side: Side, state: State) -> dict[str, int]:
    """The rules by which records of a side are in a state, with their number, the most frequent first."""
    rows = Standing.objects.filter(sync=sync, side=side, state=state).values_list("rule")
    return dict(rows.annotate(n=Count("pk")).order_by("-n", "rule"))


def example(sync: str, side: Side, state: State, rule: str) -> Ref | None:
    """One of the records of a side that are in a state by this rule."""
    row = Standing.objects.filter(sync=sync, side=side, state=state, rule=rule).order_by("pk").first()
    return Ref(row.object_type, row.remote_id) if row else None
