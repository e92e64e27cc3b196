"""Builders of the parts that tests of the core put together: fields, translators, merges, links."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from syncline.core.agreement import Agreement
from syncline.core.convert import Terms, Translator
from syncline.core.decide import PairContext
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.merge import FieldMerge, Observed, Ruling
from syncline.core.model import ChangeTime, Kind, Record, Ref, Side, Value
from syncline.core.schema import Field, FieldType, ObjectSchema, Option
from syncline.core.scope import KindSettings

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FINGERPRINT = "map-1"


def options(*labels: str, prefix: str = "") -> tuple[Option, ...]:
    """Options whose values are their labels behind a prefix."""
    return tuple(Option(f"{prefix}{label}", label) for label in labels)


def field(kind: FieldType = FieldType.TEXT, name: str = "here", **settings: Any) -> Field:
    return Field(name, name.title(), kind, **settings)


def translator(
    left: Field | FieldType = FieldType.TEXT,
    right: Field | FieldType = FieldType.TEXT,
    terms: Terms | None = None,
    **policy: Any,
) -> Translator:
    """One field map between two fields; what is not named is a text field."""
    here = left if isinstance(left, Field) else field(left, "here")
    there = right if isinstance(right, Field) else field(right, "there")
    return Translator(FieldMap(here.name, there.name, **policy), here, there, terms or Terms())


def agreement(left: Any, right: Any, **rest: Any) -> Agreement:
    """What both sides showed at the last commit; agreed on the left value unless said otherwise."""
    settings: dict[str, Any] = {"base": left, "map": FINGERPRINT, **rest}
    return Agreement(left=left, right=right, **settings)


def merge(
    left: Value,
    right: Value,
    known: Agreement | None,
    carrier: Translator | None = None,
    *,
    times: Mapping[Side, ChangeTime] | None = None,
    ruling: Ruling | None = None,
    **policy: Any,
) -> FieldMerge:
    """One field ready to be decided, with its policy as keywords."""
    when = times or {}
    return FieldMerge(
        translator=carrier or translator(**policy),
        fingerprint=FINGERPRINT,
        agreement=known,
        left=Observed(left, when.get(Side.LEFT)),
        right=Observed(right, when.get(Side.RIGHT)),
        now=NOW,
        ruling=ruling,
    )


def between(first: float, last: float) -> ChangeTime:
    """A change that came about between two moments, in seconds before now."""
    return ChangeTime(NOW - timedelta(seconds=first), NOW - timedelta(seconds=last))


def moved(one: FieldMerge, left: Value, right: Value) -> FieldMerge:
    """The same field, with both sides showing something else."""
    return replace(one, left=replace(one.left, value=left), right=replace(one.right, value=right))


def schema(object_type: str, *fields: Field, kind: Kind = Kind.PERSON) -> ObjectSchema:
    return ObjectSchema(object_type, kind, {f.name: f for f in fields})


def context(
    left: ObjectSchema,
    right: ObjectSchema,
    *maps: FieldMap,
    terms: Terms | None = None,
    **settings: Any,
) -> PairContext:
    """One pair of object types with its field maps; other settings of the kind as keywords."""
    pair = ObjectPair(left.object_type, right.object_type, maps)
    kind = KindSettings(left.kind, (pair,), **settings)
    return PairContext(kind, pair, left, right, terms or Terms(), NOW)


def record(name: str, /, *, deleted: bool = False, created: datetime | None = None, **values: Any) -> Record:
    """A record named like "Contact/1" with these values."""
    return Record(Ref(*name.split("/")), values, created_at=created, deleted=deleted)
