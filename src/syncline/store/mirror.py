"""Questions to the mirror, and the one way observations get into it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Q, QuerySet

from syncline.core.frozen import frozen
from syncline.core.model import ChangeTime, Ending, Fate, Raw, Record, Ref
from syncline.store.bulk import BATCH, batches, upsert
from syncline.store.models import Counter, MirrorRecord
from syncline.store.select import Rows, select


@frozen()
class Mirrored:
    """A record with the place of its last change in the order of its connection's changes."""

    record: Record
    seq: int


def observe(connection: str, records: Iterable[Record], now: datetime) -> dict[Ref, int]:
    """Take in what a system showed; the refs whose values changed, with their new places.

    An observation older than the mirror's is dropped; an equal stamp is taken (DESIGN 5.8).
    """
    changed: dict[Ref, int] = {}
    for batch in batches(_latest(records)):
        with transaction.atomic():
            changed.update(_observe(connection, batch, now))
    return changed


def _latest(records: Iterable[Record]) -> Iterable[Record]:
    """Each record once, the last showing of it: one statement cannot replace a row twice."""
    return {record.ref: record for record in records}.values()


def _observe(connection: str, records: Sequence[Record], now: datetime) -> dict[Ref, int]:
    known = _rows(connection, [r.ref for r in records])
    rows: list[MirrorRecord] = []
    moved: list[tuple[MirrorRecord, Ref]] = []
    for record in records:
        old = known.get(record.ref)
        if old is not None and _older(record, old):
            continue
        row = _row(connection, record, old, now)
        if old is None or row.digest != old.digest:
            moved.append((row, record.ref))
        elif row.version == old.version and row.changed_at == old.changed_at:
            continue
        rows.append(row)
    first = reserve(_counter(connection), len(moved))
    for place, (row, _) in enumerate(moved):
        row.seq = first + place
        row.first_seq = row.first_seq or row.seq
    upsert(rows, ("connection", "object_type", "remote_id"))
    return {ref: row.seq for row, ref in moved}


def reserve(name: str, count: int) -> int:
    """The first of `count` new numbers of a counter; inside a transaction of the caller."""
    Counter.objects.get_or_create(name=name)
    if count:
        Counter.objects.filter(name=name).update(value=F("value") + count)
    return Counter.objects.get(name=name).value - count + 1


def _older(record: Record, row: MirrorRecord) -> bool:
    return bool(record.changed_at and row.changed_at and record.changed_at < row.changed_at)


def _row(connection: str, record: Record, old: MirrorRecord | None, now: datetime) -> MirrorRecord:
    """The row after an observation. What a short answer does not show is as it was."""
    kept = old if record.partial else None
    if record.erased or (kept and kept.erased):
        return bare_row(connection, record.ref, old, deleted=record.deleted, now=now)
    hidden = record.withheld | (set(kept.withheld) - record.values.keys() if kept else set())
    known = {**kept.values, **record.values} if kept else record.values
    values = {name: value for name, value in known.items() if name not in hidden}
    withheld = sorted(hidden)
    fate = _fate_document(record.fate)
    return MirrorRecord(
        connection=connection,
        object_type=record.ref.object_type,
        remote_id=record.ref.remote_id,
        values=values,
        withheld=withheld,
        times=_times(record, old, now),
        version=record.version,
        created_at=record.created_at,
        changed_at=record.changed_at,
        observed_at=now,
        deleted=record.deleted,
        fate=fate,
        digest=digest([values, withheld, record.deleted, *([fate] if fate else [])]),
        seq=old.seq if old else 0,
        first_seq=old.first_seq if old else 0,
    )


def bare_row(
    connection: str, ref: Ref, old: MirrorRecord | None, *, deleted: bool, now: datetime
) -> MirrorRecord:
    """The row of an erased record: that it is there, or was, and nothing else."""
    return MirrorRecord(
        connection=connection,
        object_type=ref.object_type,
        remote_id=ref.remote_id,
        observed_at=now,
        deleted=deleted,
        erased=True,
        digest=digest(["erased", deleted]),
        seq=old.seq if old else 0,
        first_seq=old.first_seq if old else 0,
    )


def digest(document: Any) -> str:
    """A short text that differs where two JSON documents differ."""
    return hashlib.blake2b(msgspec.json.encode(document, order="sorted"), digest_size=16).hexdigest()


def _times(record: Record, old: MirrorRecord | None, now: datetime) -> dict[str, list[str | None]]:
    if old is None:
        return {}
    times: dict[str, list[str | None]] = dict(old.times)
    after, by = old.changed_at or old.observed_at, record.changed_at or now
    for name, value in record.values.items():
        if name in old.values and old.values[name] != value:
            times[name] = [after.isoformat(), by.isoformat()]
    return times


def _rows(connection: str, refs: Sequence[Ref]) -> dict[Ref, MirrorRecord]:
    found: dict[Ref, MirrorRecord] = {}
    for object_type, ids in by_type(refs).items():
        rows = MirrorRecord.objects.filter(connection=connection, object_type=object_type, remote_id__in=ids)
        found.update({Ref(object_type, row.remote_id): row for row in rows})
    return found


_COLUMNS = (
    "object_type",
    "remote_id",
    "values",
    "withheld",
    "times",
    "version",
    "created_at",
    "changed_at",
    "deleted",
    "fate",
    "erased",
    "seq",
)


def _mirrored(rows: Rows) -> list[Mirrored]:
    """The records some rows stand for, without a model object for each."""
    return [_record(*row) for row in rows]


def _record(
    object_type: str,
    remote_id: str,
    values: Mapping[str, Raw],
    withheld: list[str],
    times: Mapping[str, list[str | None]],
    version: str | None,
    created_at: datetime | None,
    changed_at: datetime | None,
    deleted: bool,
    fate: list[Any] | None,
    erased: bool,
    seq: int,
) -> Mirrored:
    record = Record(
        ref=Ref(object_type, remote_id),
        values=values,
        withheld=frozenset(withheld),
        version=version,
        created_at=created_at,
        changed_at=changed_at,
        deleted=deleted,
        fate=_fate(fate) if fate else None,
        erased=erased,
        times={name: _change_time(pair) for name, pair in times.items()},
    )
    return Mirrored(record, seq)


def _fate_document(fate: Fate | None) -> list[Any] | None:
    if fate is None:
        return None
    return [fate.how.value, [[ref.object_type, ref.remote_id] for ref in fate.into]]


def _fate(document: list[Any]) -> Fate:
    how, into = document
    return Fate(Ending(how), tuple(Ref(*ref) for ref in into))


def by_type(refs: Iterable[Ref]) -> dict[str, list[str]]:
    """The ids of some refs, by object type."""
    grouped: dict[str, list[str]] = {}
    for ref in refs:
        grouped.setdefault(ref.object_type, []).append(ref.remote_id)
    return grouped


def get_many(connection: str, refs: Sequence[Ref]) -> dict[Ref, Mirrored]:
    """The records of these refs, as far as they were ever observed."""
    found: dict[Ref, Mirrored] = {}
    for object_type, ids in by_type(refs).items():
        where = {"connection": connection, "object_type": object_type}
        rows = select(MirrorRecord, _COLUMNS, where, within=("remote_id", ids))
        found.update({m.record.ref: m for m in _mirrored(rows)})
    return found


def _change_time(pair: list[str | None]) -> ChangeTime:
    after, by = pair
    return ChangeTime(datetime.fromisoformat(after) if after else None, datetime.fromisoformat(str(by)))


def changed_after(connection: str, object_type: str, seq: int) -> Iterator[list[Mirrored]]:
    """Records observed to change after that place, in the order of their changes, batch by batch."""
    while True:
        where = {"connection": connection, "object_type": object_type}
        batch = _mirrored(select(MirrorRecord, _COLUMNS, where, after=("seq", seq), limit=BATCH))
        if not batch:
            return
        yield batch
        seq = batch[-1].seq


def fated(connection: str, object_type: str) -> list[Ref]:
    """The records of a type that went on in others."""
    rows = MirrorRecord.objects.filter(connection=connection, object_type=object_type, fate__isnull=False)
    return [Ref(object_type, remote_id) for remote_id in rows.values_list("remote_id", flat=True)]


def first_seen_after(connection: str, object_type: str, seq: int) -> Iterator[list[Mirrored]]:
    """Records nobody had shown us before that place, the first to show up first."""
    rows = MirrorRecord.objects.filter(connection=connection, object_type=object_type, first_seq__gt=seq)
    ids = rows.order_by("first_seq").values_list("remote_id", flat=True)
    for batch in batches(list(ids)):
        refs = [Ref(object_type, remote_id) for remote_id in batch]
        found = get_many(connection, refs)
        yield [found[ref] for ref in refs]


def last_place(connection: str) -> int:
    """The place of the newest change of a connection, of any type; 0 before the first."""
    return Counter.objects.filter(name=_counter(connection)).values_list("value", flat=True).first() or 0


def _counter(connection: str) -> str:
    return f"mirror:{connection}"


def last_seq(connection: str, object_type: str) -> int:
    """The place of the newest change of an object type; 0 before the first."""
    rows = MirrorRecord.objects.filter(connection=connection, object_type=object_type)
    return rows.order_by("-seq").values_list("seq", flat=True).first() or 0


def living(connection: str, object_types: Sequence[str]) -> int:
    """How many records of these types are known and not deleted."""
    rows = MirrorRecord.objects.filter(connection=connection, object_type__in=object_types, deleted=False)
    return rows.count()


def erased(connection: str) -> list[Ref]:
    """The records of a connection of which nothing is kept."""
    rows = MirrorRecord.objects.filter(connection=connection, erased=True)
    return [Ref(*pair) for pair in rows.order_by("pk").values_list("object_type", "remote_id")]


def living_ids(connection: str, object_type: str) -> set[str]:
    """The ids of the records of a type that are known and not deleted."""
    rows = MirrorRecord.objects.filter(connection=connection, object_type=object_type, deleted=False)
    return set(rows.values_list("remote_id", flat=True))


def known_of(connection: str, refs: Sequence[Ref]) -> set[Ref]:
    """Those of these refs that were ever observed."""
    found: set[Ref] = set()
    for object_type, ids in by_type(refs).items():
        where = {"connection": connection, "object_type": object_type}
        rows = select(MirrorRecord, ("remote_id",), where, within=("remote_id", ids))
        found |= {Ref(object_type, remote_id) for (remote_id,) in rows}
    return found


def holding(connection: str, object_types: Sequence[str], text: str, limit: int) -> list[Ref]:
    """Records one of whose values is that text, whatever its case. Slow: it looks at every record."""
    rows = MirrorRecord.objects.filter(connection=connection, object_type__in=object_types)
    return list(islice(_holding(rows, text), limit))


def buried(connection: str, object_types: Sequence[str], text: str) -> list[Ref]:
    """The same among records that are deleted, all of them."""
    rows = MirrorRecord.objects.filter(connection=connection, object_type__in=object_types, deleted=True)
    return list(_holding(rows, text))


def _holding(rows: QuerySet[MirrorRecord], text: str) -> Iterator[Ref]:
    wanted = text.casefold()
    for row in rows.filter(values__icontains=text).iterator():
        if wanted in {str(v).strip().casefold() for v in row.values.values()}:
            yield Ref(row.object_type, row.remote_id)


def listing(connection: str, object_type: str, field: str, ids: Collection[str]) -> dict[str, set[str]]:
    """Which living records list one of these ids in a field of several values, by the id. It looks at every record."""
    found: dict[str, set[str]] = {}
    for batch in batches(sorted(ids), 50):
        named = reduce(or_, (Q(values__contains=remote_id) for remote_id in batch))
        rows = MirrorRecord.objects.filter(
            named, connection=connection, object_type=object_type, deleted=False
        )
        for remote_id, values in rows.values_list("remote_id", "values").iterator():
            listed = values.get(field)
            for each in set(batch) & set(listed if isinstance(listed, list) else ()):
                found.setdefault(each, set()).add(remote_id)
    return found
