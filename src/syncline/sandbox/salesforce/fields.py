"""What a field and an object are: the facts describe tells and every write is checked against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a picklist."""

    value: str
    default: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object; `type` is the word describe uses for it."""

    name: str
    label: str
    type: str
    length: int = 0
    digits: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    filterable: bool = True
    sortable: bool = True
    restricted: bool = False
    options: tuple[Option, ...] = ()
    targets: tuple[str, ...] = ()
    relationship: str | None = None
    compound: str | None = None
    name_field: bool = False
    id_lookup: bool = False
    calculated: bool = False
    external: bool = False
    unique: bool = False
    visible: bool = True

    @property
    def custom(self) -> bool:
        """Whether an administrator of the org made it."""
        return self.name.endswith("__c")

    @property
    def polymorphic(self) -> bool:
        """Whether it may point at records of more than one object."""
        return len(self.targets) > 1

    @property
    def required(self) -> bool:
        """Whether a create must carry it."""
        return self.createable and not self.nillable and not self.defaulted

    @property
    def default(self) -> Any:
        """What a create without it stores."""
        if self.type == "boolean":
            return False
        return next((option.value for option in self.options if option.default), None)

    @property
    def permissionable(self) -> bool:
        """Whether field-level security may hide it or make it read-only."""
        return self.nillable and (self.createable or self.custom)

    @property
    def secured_as(self) -> str:
        """The name field-level security knows it by: the parts of an address go together."""
        return self.compound if self.compound and self.compound.endswith("Address") else self.name

    def read_only(self) -> Field:
        """The same field where the API may not write it."""
        return replace(self, createable=False, updateable=False)

    def hidden(self) -> Field:
        """The same field where it cannot be written and is not told of."""
        return replace(self.read_only(), visible=False)

    def obligatory(self) -> Field:
        """The same field where it may not be empty."""
        return replace(self, nillable=False)


@dataclass(frozen=True)
class ObjectType:
    """One object of the org with its fields, in the order describe lists them."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: tuple[Field, ...]
    writable: bool = True
    record_types: bool = False
    assignable: bool = False
    children: tuple[tuple[str, str, str], ...] = field(default=())

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Fields by their name in lower case: names are case-insensitive everywhere."""
        return {each.name.lower(): each for each in self.fields}

    @cached_property
    def by_relationship(self) -> Mapping[str, Field]:
        """Reference fields by the lower-case name their parent has in a field path."""
        return {each.relationship.lower(): each for each in self.fields if each.relationship}

    def field(self, name: str) -> Field | None:
        """The field of that name in any case."""
        return self.by_name.get(name.lower())
