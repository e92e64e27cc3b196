"""Plans the cheapest calls for a set of changes: many records in one call wherever a field is in one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from syncline.connectors.apollo.objects import BATCH, ObjectType
from syncline.core.model import Raw

OWNER = "owner_id"


class Way(StrEnum):
    """The calls that change records."""

    BULK = "bulk_update"
    STAGES = "update_stages"
    OWNERS = "update_owners"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class Trip:
    """One call: which changes, by their position, and which of their fields."""

    way: Way
    changes: tuple[int, ...]
    names: Mapping[int, frozenset[str]]


def trips(object_type: ObjectType, changes: Sequence[Mapping[str, Raw]]) -> list[Trip]:
    """The calls for changes of different records, in the order in which they are sent."""
    patched = _patched(object_type, changes)
    bulk: dict[int, frozenset[str]] = {}
    stages: dict[Raw, list[int]] = defaultdict(list)
    for index, values in enumerate(changes):
        names = frozenset(values) - patched.get(index, frozenset())
        if object_type.stage in names:
            stages[_key(values[str(object_type.stage)])].append(index)
        if rest := names - {object_type.stage}:
            bulk[index] = frozenset(rest)
    owners = _owners(bulk, changes)
    singles = [Trip(Way.PATCH, (index,), {index: names}) for index, names in patched.items()]
    in_bulk = {index: names for index, names in bulk.items() if index not in {i for g in owners for i in g}}
    return [
        *_batched(Way.BULK, [list(in_bulk)], in_bulk),
        *_batched(Way.STAGES, list(stages.values()), frozenset({str(object_type.stage)})),
        *_batched(Way.OWNERS, owners, frozenset({OWNER})),
        *singles,
    ]


def expected_calls(object_type: ObjectType, changes: Sequence[AbstractSet[str]]) -> int:
    """How many calls changes of these fields cost, if those who change stages go to one stage."""
    return len(trips(object_type, [dict.fromkeys(names, "any") for names in changes]))


def _patched(object_type: ObjectType, changes: Sequence[Mapping[str, Raw]]) -> dict[int, frozenset[str]]:
    """The fields that go by the update of a single record, with all others it takes in the same call.

    That is dear, so it is for fields no other call takes, and for a stage that no second record goes to: one
    call for the stage alone would cost as much.
    """
    stage = object_type.stage
    together = Counter(_key(values[stage]) for values in changes if stage is not None and stage in values)
    found: dict[int, frozenset[str]] = {}
    for index, values in enumerate(changes):
        by_patch = frozenset(name for name in values if object_type.takes(object_type.patch, name))
        batched = {name for name in values if name == stage or object_type.takes(object_type.bulk, name)}
        lonely = stage in values and len(values) > 1 and together[_key(values[str(stage)])] == 1
        if values.keys() - batched or (lonely and by_patch == values.keys()):
            found[index] = by_patch
    return found


def _owners(bulk: Mapping[int, frozenset[str]], changes: Sequence[Mapping[str, Raw]]) -> list[list[int]]:
    """Those who only change owner, by owner, if calls of their own cost no more than the bulk update."""
    groups: dict[Raw, list[int]] = defaultdict(list)
    for index, names in bulk.items():
        if names == {OWNER} and changes[index][OWNER]:
            groups[_key(changes[index][OWNER])].append(index)
    apart = sum(map(len, groups.values()))
    cost = _calls(len(bulk) - apart) + sum(_calls(len(group)) for group in groups.values())
    return list(groups.values()) if cost <= _calls(len(bulk)) else []


def _batched(
    way: Way, groups: Sequence[Sequence[int]], names: Mapping[int, frozenset[str]] | frozenset[str]
) -> list[Trip]:
    found = []
    for group in groups:
        for start in range(0, len(group), BATCH):
            part = tuple(group[start : start + BATCH])
            named = {i: names if isinstance(names, frozenset) else names[i] for i in part}
            found.append(Trip(way, part, named))
    return found


def _calls(records: int) -> int:
    return -(-records // BATCH)


def _key(value: Raw) -> Raw:
    return str(value) if isinstance(value, list) else value
