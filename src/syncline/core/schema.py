"""What a system says of its object types and fields, and what may be written to them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from syncline.core.model import Kind


class FieldType(StrEnum):
    """The types of values that can be mapped."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    DOMAIN = "domain"
    URL = "url"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    PICKLIST = "picklist"
    MULTIPICKLIST = "multipicklist"
    REFERENCE = "reference"
    OWNER = "owner"


CHOICES = frozenset({FieldType.PICKLIST, FieldType.MULTIPICKLIST})
"""Types whose values are chosen from a list of options."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a picklist: `value` travels, `label` is what people see."""

    value: str
    label: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object type.

    `restricted` picklists accept only their options. `batched` says that a write of this field rides in a
    batch call; other fields cost a call per record. `scale` counts digits after the point.
    `refers_to` names the object types a reference may point at. `absent_is_empty` tells of a field the system
    leaves out when it is empty: the connector puts the empty value in where it read the whole record.
    `set_later` tells of a field that a create sets by another call than the one that makes the record.
    `several` tells of a reference to any number of records: a write adds to them and takes none out.
    """

    name: str
    label: str
    type: FieldType
    required: bool = False
    creatable: bool = True
    updatable: bool = True
    restricted: bool = False
    options: tuple[Option, ...] = ()
    length: int | None = None
    scale: int | None = None
    refers_to: tuple[str, ...] = ()
    batched: bool = True
    custom: bool = False
    absent_is_empty: bool = False
    set_later: bool = False
    several: bool = False

    @property
    def read_only(self) -> bool:
        return not (self.creatable or self.updatable)

    @property
    def fingerprint(self) -> str:
        """Changes when its type, limits or options change."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    def option(self, value: str) -> Option | None:
        """The active option with that value or, failing that, that label, whatever its case."""
        wanted = value.strip().casefold()
        active = [o for o in self.options if o.active]
        by_value = (o for o in active if o.value.strip().casefold() == wanted)
        by_label = (o for o in active if o.label.strip().casefold() == wanted)
        return next(by_value, None) or next(by_label, None)

    def labelled(self, label: str) -> list[Option]:
        """The active options of that label, where no option has it as its value."""
        wanted = label.strip().casefold()
        active = [o for o in self.options if o.active]
        by_value = any(o.value.strip().casefold() == wanted for o in active)
        return [] if by_value else [o for o in active if o.label.strip().casefold() == wanted]


@dataclass(frozen=True)
class RecordTypes:
    """The record types of an object type, and the options each of them leaves of its picklists.

    `told_by` is the field that says a record's type; a new record gets `default`, if there is one. `options` holds
    by type and field the values that may be chosen: what is not in it is not limited, or not known.
    """

    told_by: str
    default: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class ObjectSchema:
    """An object type as this connection may see and write it."""

    object_type: str
    kind: Kind
    fields: Mapping[str, Field] = field(default_factory=dict)
    record_types: RecordTypes | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Changes when any field, type or option changes."""
        text = repr(sorted((name, repr(f)) for name, f in self.fields.items())) + self._limits()
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _limits(self) -> str:
        """What record types leave, as a text; none where there are none."""
        if self.record_types is None:
            return ""
        left = [
            (key, name, sorted(values))
            for key, by_field in self.record_types.options.items()
            for name, values in by_field.items()
        ]
        return repr((self.record_types.default, sorted(left)))
