"""Match keys: by which values the records of a sync can be found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from syncline.core.model import Kind, Ref, Side
from syncline.store.bulk import insert
from syncline.store.mirror import by_type
from syncline.store.models import MatchKey
from syncline.store.select import select

KeyValue = tuple[str, str]


def replace(sync: str, side: Side, kind: Kind, keys: Mapping[Ref, Sequence[KeyValue]]) -> set[KeyValue]:
    """Make these the only match keys of these records; the key values that somebody gained or lost."""
    with transaction.atomic():
        known = of_records(sync, side, list(keys))
        moved = {ref: pairs for ref, pairs in keys.items() if set(pairs) != set(known.get(ref, ()))}
        for object_type, ids in by_type(moved.keys() & known.keys()).items():
            rows = MatchKey.objects.filter(sync=sync, side=side, object_type=object_type, remote_id__in=ids)
            rows.delete()
        insert(
            [
                MatchKey(
                    sync=sync,
                    side=side.value,
                    kind=kind.value,
                    object_type=ref.object_type,
                    remote_id=ref.remote_id,
                    key=key,
                    value=value,
                )
                for ref, pairs in moved.items()
                for key, value in dict.fromkeys(pairs)
            ]
        )
    return {pair for ref, pairs in moved.items() for pair in set(pairs) ^ set(known.get(ref, ()))}


def of_records(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, list[KeyValue]]:
    """The match keys of these records."""
    found: dict[Ref, list[KeyValue]] = {}
    for object_type, ids in by_type(refs).items():
        where = {"sync": sync, "side": side, "object_type": object_type}
        rows = select(MatchKey, ("remote_id", "key", "value"), where, within=("remote_id", ids))
        for remote_id, key, value in rows:
            found.setdefault(Ref(object_type, remote_id), []).append((key, value))
    return found


def holders(sync: str, side: Side, kind: Kind, values: Iterable[KeyValue]) -> dict[KeyValue, list[Ref]]:
    """Who has these key values on one side."""
    wanted: dict[str, list[str]] = {}
    for key, value in values:
        wanted.setdefault(key, []).append(value)
    found: dict[KeyValue, list[Ref]] = {}
    for key, texts in wanted.items():
        where = {"sync": sync, "side": side, "kind": kind, "key": key}
        rows = select(MatchKey, ("value", "object_type", "remote_id"), where, within=("value", texts))
        for value, object_type, remote_id in rows:
            found.setdefault((key, value), []).append(Ref(object_type, remote_id))
    return found


def values(sync: str, side: Side, refs: Sequence[Ref]) -> set[str]:
    """The values of all match keys of these records."""
    return {value for pairs in of_records(sync, side, refs).values() for _, value in pairs}


def sharing(sync: str, side: Side, refs: Sequence[Ref]) -> set[tuple[Side, Ref]]:
    """The records of either side that share a match key of their kind with one of these."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for object_type, ids in by_type(refs).items():
        where = {"sync": sync, "side": side, "object_type": object_type}
        for kind, key, value in select(MatchKey, ("kind", "key", "value"), where, within=("remote_id", ids)):
            wanted.setdefault((kind, key), set()).add(value)
    return {
        (near, ref)
        for (kind, key), texts in wanted.items()
        for near in Side
        for found in holders(sync, near, Kind(kind), [(key, text) for text in texts]).values()
        for ref in found
    }
