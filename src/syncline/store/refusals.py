"""The error log: writes that a system refused, and the values they park (rules E1, E2; DESIGN 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from syncline.core.backoff import HEALING, next_try
from syncline.core.model import ErrorClass, Failure, Kind, Ref, Side
from syncline.store.bulk import batches, change
from syncline.store.error_log import SyncError
from syncline.store.mirror import by_type
from syncline.store.pages import in_pages
from syncline.store.select import select

WHOLE_RECORD = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused write. `key` is the field map the system named, or empty where it named none.

    `value` is the refused value as `core.decide.parking_value` gives it, or the payload's digest. A record that
    was only `held_back`, because of its connection, is tried again as often as needed: at once, or when the
    connection can be used again, where that is known.
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
    held_back: bool = False


def note(sync: str, found: Sequence[Refusal], run_id: int, now: datetime) -> list[SyncError]:
    """Add refusals to the error log, or count them again; the rows they came to."""
    known = {_identity(row): row for row in _open_about(sync, found)} if found else {}
    noted: dict[tuple[str, ...], SyncError] = {}
    for refusal in found:
        same = _of(refusal)
        place = tuple(same.values())
        found_one = noted.get(place) or known.get(place)
        row = noted[place] = found_one or SyncError(sync=sync, first_seen=now, attempts=0, **same)
        _count(row, refusal, run_id, now)
    counted = {row.pk for row in known.values()}
    change([row for row in noted.values() if row.pk in counted], _COUNTED)
    SyncError.objects.bulk_create([row for row in noted.values() if row.pk not in counted])
    return list(noted.values())


_COUNTED = (
    "kind", "error_class", "code", "message", "map", "schema", "attempts", "tries", "next_try", "pauses",
    "last_seen", "run_id",
)  # fmt: skip
_PLACE = ("side", "left_type", "left_id", "right_type", "right_id", "key", "value")


def _count(row: SyncError, refusal: Refusal, run_id: int, now: datetime) -> None:
    failure = refusal.failure
    row.kind, row.error_class = refusal.kind.value, failure.error_class.value
    row.code, row.message = failure.code, failure.message
    row.map, row.schema, row.pauses = refusal.map, refusal.schema, failure.pauses
    row.attempts, row.last_seen, row.run_id = row.attempts + 1, now, run_id
    row.tries += not refusal.held_back
    token = f"{row.left_id} {row.right_id} {row.key}"
    # What stops creates is no matter of a moment: there is a pause after the first try already.
    tries = max(row.tries, 2) if failure.pauses else row.tries
    row.next_try = next_try(tries, now, token) if failure.error_class in HEALING else None
    if refusal.held_back:
        row.next_try = max(now, failure.retry_at or now)


def _identity(row: SyncError) -> tuple[str, ...]:
    return tuple(str(getattr(row, name)) for name in _PLACE)


def _open_about(sync: str, found: Sequence[Refusal]) -> list[SyncError]:
    """The open errors of the records these refusals are about."""
    rows: dict[int, SyncError] = {}
    for side in Side:
        refs = [ref for r in found if (ref := r.left if side is Side.LEFT else r.right)]
        rows |= {row.pk: row for each in open_of(sync, side, refs).values() for row in each}
    return list(rows.values())


def _of(refusal: Refusal) -> dict[str, str]:
    return {
        "side": refusal.side.value,
        "left_type": refusal.left.object_type if refusal.left else "",
        "left_id": refusal.left.remote_id if refusal.left else "",
        "right_type": refusal.right.object_type if refusal.right else "",
        "right_id": refusal.right.remote_id if refusal.right else "",
        "key": refusal.key,
        "value": refusal.value,
    }


def ref_of(row: SyncError, side: Side) -> Ref | None:
    """The record of an error on one side, if it has one there."""
    kind, remote_id = (row.left_type, row.left_id) if side is Side.LEFT else (row.right_type, row.right_id)
    return Ref(kind, remote_id) if remote_id else None


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


def forget(sync: str, decided: Sequence[Decided], now: datetime, spared: Collection[int] = ()) -> None:
    """Close the errors that matter no more: nothing that is to be written now was refused by them.

    Those that were `spared` have just come about.
    """
    for own in Side:
        by_ref = {ref: one for one in decided if (ref := one.refs.get(own))}
        found = open_of(sync, own, list(by_ref))
        over = [e.pk for ref, errors in found.items() for e in errors if not _matters(by_ref[ref], e)]
        _close(set(over) - set(spared), "what was refused is not to be written any more", now)


def _close(over: Collection[int], why: str, now: datetime) -> None:
    for batch in batches(over):
        SyncError.objects.filter(pk__in=batch).update(resolved_at=now, resolved_by=why)


def _matters(decided: Decided, error: SyncError) -> bool:
    return (error.key, Side(error.side), error.value) in decided.parked


@dataclass(frozen=True, slots=True)
class Proof:
    """A write that went through, with the field maps it wrote; or an agreement on these, for which nothing was."""

    left: Ref | None
    right: Ref | None
    side: Side
    keys: Sequence[str]
    wrote: bool


def resolve(sync: str, proofs: Sequence[Proof], now: datetime, spared: Collection[int] = ()) -> None:
    """Close the errors that writes proved over: of the fields they wrote, and of the records as a whole."""
    for own in Side:
        by_ref = {ref: p for p in proofs if (ref := p.left if own is Side.LEFT else p.right)}
        found = open_of(sync, own, list(by_ref))
        over = [e.pk for ref, errors in found.items() for e in errors if _proved(by_ref[ref], e)]
        _close(set(over) - set(spared), "the write went through", now)


def _proved(proof: Proof, error: SyncError) -> bool:
    known = (*proof.keys, WHOLE_RECORD) if proof.wrote else proof.keys
    return error.side == proof.side and error.key in known


@dataclass(frozen=True, slots=True)
class RefusalFilter:
    """Which errors are meant: all that are open unless something is said. `refs` are of a side each."""

    error_class: ErrorClass | None = None
    refs: Sequence[tuple[Side, Ref]] | None = None
    ids: Collection[int] = ()
    side: Side | None = None
    closed_too: bool = False

    def rows(self, sync: str) -> QuerySet[SyncError]:
        rows = SyncError.objects.filter(sync=sync)
        rows = rows if self.closed_too else rows.filter(resolved_at__isnull=True)
        if self.error_class is not None:
            rows = rows.filter(error_class=self.error_class.value)
        if self.side is not None:
            rows = rows.filter(side=self.side.value)
        if self.ids:
            rows = rows.filter(pk__in=list(self.ids))
        if self.refs is not None:
            wanted = Q(pk__in=[])
            for side, ref in self.refs:
                wanted |= Q(**{f"{side}_type": ref.object_type, f"{side}_id": ref.remote_id})
            rows = rows.filter(wanted)
        return rows


OPEN = RefusalFilter()


def listed(sync: str, wanted: RefusalFilter = OPEN, *, limit: int | None = None) -> Iterator[SyncError]:
    """The errors that are meant, the newest first."""
    return in_pages(wanted.rows(sync).order_by("-last_seen", "-pk")[:limit])


def count(sync: str, wanted: RefusalFilter = OPEN) -> int:
    """How many errors are meant."""
    return wanted.rows(sync).count()


def by_class(sync: str) -> dict[str, int]:
    """How many errors are open, by class."""
    rows = OPEN.rows(sync).values_list("error_class")
    return dict(rows.annotate(n=Count("pk")).order_by("-n", "error_class"))


def of_pair(sync: str, left: Ref | None, right: Ref | None) -> list[SyncError]:
    """The open errors that concern a record or pair."""
    refs = [(side, ref) for side, ref in zip(Side, (left, right), strict=True) if ref]
    return list(RefusalFilter(refs=refs).rows(sync).order_by("pk"))
