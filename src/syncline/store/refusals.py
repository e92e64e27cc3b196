"""The error log: writes that a system refused, and the values they park (rules E1, E2; DESIGN 6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from syncline.core.model import ErrorClass, Failure, Kind, Ref, Side
from syncline.store.bulk import batches
from syncline.store.mirror import by_type
from syncline.store.models import SyncError
from syncline.store.select import select

WHOLE_RECORD = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused write. `key` is the field map the system named, or empty where it named none.

    `value` is the refused value as `core.decide.parking_value` gives it, or the payload's digest.
    """

    kind: Kind
    side: Side
    left: Ref | None
    right: Ref | None
    key: str
    value: str
    map: str
    schema: str
    failure: Failure


def note(sync: str, refusal: Refusal, run_id: int, now: datetime) -> None:
    """Add a refusal to the error log, or count it again."""
    same = {
        **_of(refusal),
        "key": refusal.key,
        "value": refusal.value,
        "map": refusal.map,
        "schema": refusal.schema,
    }
    row = SyncError.objects.filter(sync=sync, resolved_at__isnull=True, **same).first()
    if row is None:
        row = SyncError(sync=sync, first_seen=now, attempts=0, **same)
    row.kind, row.error_class = refusal.kind.value, refusal.failure.error_class.value
    row.code, row.message = refusal.failure.code, refusal.failure.message
    row.attempts, row.last_seen, row.run_id = row.attempts + 1, now, run_id
    row.save()


def _of(refusal: Refusal) -> dict[str, str]:
    return {
        "side": refusal.side.value,
        "left_type": refusal.left.object_type if refusal.left else "",
        "left_id": refusal.left.remote_id if refusal.left else "",
        "right_type": refusal.right.object_type if refusal.right else "",
        "right_id": refusal.right.remote_id if refusal.right else "",
    }


def gone(sync: str, side: Side, object_type: str) -> set[str]:
    """The ids of the records of one side of which a refused write said that they are not there any more."""
    wanted = {"sync": sync, "side": side.value, "resolved_at__isnull": True, f"{side}_type": object_type}
    rows = SyncError.objects.filter(error_class=ErrorClass.GONE.value, **wanted)
    return set(rows.values_list(f"{side}_id", flat=True))


def open_of(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, list[SyncError]]:
    """The open errors of these records of one side."""
    found: dict[Ref, list[SyncError]] = {}
    if not refs or not SyncError.objects.filter(sync=sync, resolved_at__isnull=True).exists():
        return found  # the usual case, and asked for every batch
    for object_type, ids in by_type(refs).items():
        where = {"sync": sync, "resolved_at": None, f"{side}_type": object_type}
        rows = select(SyncError, ("pk",), where, within=(f"{side}_id", ids))
        for batch in batches(pk for (pk,) in rows):
            for row in SyncError.objects.filter(pk__in=batch).order_by("pk"):
                remote_id = row.left_id if side is Side.LEFT else row.right_id
                found.setdefault(Ref(object_type, remote_id), []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class Decided:
    """Records that were decided anew, and the refused values that still keep something from being written."""

    refs: Mapping[Side, Ref]
    parked: Collection[tuple[str, Side, str]]


def forget(sync: str, decided: Sequence[Decided], now: datetime) -> None:
    """Close the errors that matter no more: nothing that is to be written now was refused by them."""
    for own in Side:
        by_ref = {ref: one for one in decided if (ref := one.refs.get(own))}
        found = open_of(sync, own, list(by_ref))
        over = [e.pk for ref, errors in found.items() for e in errors if not _matters(by_ref[ref], e)]
        SyncError.objects.filter(pk__in=over).update(resolved_at=now)


def _matters(decided: Decided, error: SyncError) -> bool:
    return (error.key, Side(error.side), error.value) in decided.parked


@dataclass(frozen=True, slots=True)
class Proof:
    """A write that went through, with the field maps it wrote."""

    left: Ref | None
    right: Ref | None
    side: Side
    keys: Sequence[str]


def resolve(sync: str, proofs: Sequence[Proof], now: datetime) -> None:
    """Close the errors that writes proved over: of the fields they wrote, and of the records as a whole."""
    for own in Side:
        by_ref = {ref: p for p in proofs if (ref := p.left if own is Side.LEFT else p.right)}
        found = open_of(sync, own, list(by_ref))
        over = [e.pk for ref, errors in found.items() for e in errors if _proved(by_ref[ref], e)]
        SyncError.objects.filter(pk__in=over).update(resolved_at=now)


def _proved(proof: Proof, error: SyncError) -> bool:
    return error.side == proof.side and error.key in (*proof.keys, WHOLE_RECORD)


def _concerns(left: Ref | None, right: Ref | None) -> Q:
    wanted = Q(pk__in=[])
    for side, ref in (("left", left), ("right", right)):
        if ref:
            wanted |= Q(**{f"{side}_type": ref.object_type, f"{side}_id": ref.remote_id})
    return wanted


def listed(sync: str, *, limit: int | None = None) -> list[SyncError]:
    """The open errors, the newest first."""
    rows = SyncError.objects.filter(sync=sync, resolved_at__isnull=True).order_by("-last_seen", "-pk")
    return list(rows[:limit] if limit is not None else rows)


def count(sync: str) -> int:
    """How many errors are open."""
    return SyncError.objects.filter(sync=sync, resolved_at__isnull=True).count()


def of_pair(sync: str, left: Ref | None, right: Ref | None) -> list[SyncError]:
    """The open errors that concern a record or pair."""
    return list(
        SyncError.objects.filter(_concerns(left, right), sync=sync, resolved_at__isnull=True).order_by("pk")
    )
