"""What a connection may do with the fields that are mapped on it, and the fix where it may not (rule C3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from syncline.config import Document, resolved
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.model import Side
from syncline.core.schema import ObjectSchema

FIXES: Mapping[str, str] = {
    "apollo": "Use a key that may do this, such as a master key, or take the map out.",
    "salesforce": "Grant it to the integration user, best by a permission set, or take the map out.",
}
OTHER = "Let the system's administrator grant it, or take the map out."


@dataclass(frozen=True)
class ObjectAudit:
    """What may be done with one object type."""

    object_type: str
    fields: int
    mapped: int
    creatable: int
    updatable: int


@dataclass(frozen=True)
class Lack:
    """A mapped field that cannot be read or written as its map wants it."""

    sync: str
    object_type: str
    field: str
    lacks: str
    fix: str


def audit_objects(document: Document, name: str, schemas: Mapping[str, ObjectSchema]) -> list[ObjectAudit]:
    """How much of each object type is mapped and may be written."""
    mapped: dict[str, set[str]] = {object_type: set() for object_type in schemas}
    for _, side, pair, each in _maps(document, name):
        mapped.setdefault(pair.on(side), set()).add(each.on(side))
    return [
        ObjectAudit(
            object_type=object_type,
            fields=len(schema.fields),
            mapped=len(mapped[object_type]),
            creatable=sum(f.creatable for f in schema.fields.values()),
            updatable=sum(f.updatable for f in schema.fields.values()),
        )
        for object_type, schema in schemas.items()
    ]


def audit_fields(document: Document, name: str, schemas: Mapping[str, ObjectSchema]) -> list[Lack]:
    """The mapped fields that this connection cannot read or write."""
    fix = FIXES.get(document.connections[name].system, OTHER)
    found = []
    for sync, side, pair, each in _maps(document, name):
        lacks = _lacking(schemas.get(pair.on(side)), each, side)
        if lacks:
            found.append(Lack(sync, pair.on(side), each.on(side), lacks, fix))
    return list(dict.fromkeys(found))


def _maps(document: Document, name: str) -> Iterator[tuple[str, Side, ObjectPair, FieldMap]]:
    """Every map that is switched on and has a field of the connection."""
    for sync in document.syncs:
        settings = resolved(document, sync)
        for side in Side:
            if settings.connection(side) == name:
                for kind in settings.kinds:
                    yield from ((sync, side, pair, each) for pair in kind.pairs for each in pair.active)


def _lacking(schema: ObjectSchema | None, each: FieldMap, side: Side) -> str:
    if schema is None:
        return "read (its object type is not shown)"
    field = schema.fields.get(each.on(side))
    if field is None:
        return "read"
    writes = each.direction.allows(side)
    if (writes or each.on_create) and field.read_only:
        return "write"
    return "change" if writes and not field.updatable else ""
