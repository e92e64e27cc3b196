"""Field paths of a query, followed through references to the field they end at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

from syncline.sandbox.salesforce.errors import refuse
from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.schema import STANDARD, Schema
from syncline.sandbox.salesforce.soql.parse import at
from syncline.sandbox.salesforce.soql.tree import Name

Document = Mapping[str, Any]
Fetch = Callable[[str, str], Document | None]
Getter = Callable[[Document], Any]

MAX_STEPS = 5


@dataclass(frozen=True, slots=True)
class Path:
    """The references to follow, and the field at the end."""

    parents: tuple[Field, ...]
    field: Field

    def getter(self, fetch: Fetch) -> Getter:
        """A function from a record to the value at the end of the path; empty where a reference is."""
        read: Getter = methodcaller("get", self.field.name)
        if not self.parents:
            return read
        steps = self.parents

        def follow(record: Document) -> Any:
            here: Document | None = record
            for step in steps:
                if here is None:
                    return None
                here = parent_of(here, step, fetch)
            return None if here is None else read(here)

        return follow


def parent_of(record: Document, step: Field, fetch: Fetch) -> Document | None:
    """The record that a reference of this record points at."""
    key: str | None = record.get(step.name)
    if not key:
        return None
    target = STANDARD.of_id(key)
    return fetch(target.name, key) if target else None


def find(text: str, name: Name, object_: ObjectType, schema: Schema) -> Path:
    """The path that a name means on an object; unknown parts are INVALID_FIELD with their place."""
    steps = name.steps
    if len(steps) > 1 and steps[0].lower() == object_.name.lower():
        steps = steps[1:]
    here, parents = object_, list[Field]()
    for step in steps[:-1]:
        reference = here.by_relationship.get(step.lower())
        parent = schema.parent(reference) if reference else None
        if reference is None or parent is None or len(parents) == MAX_STEPS:
            raise refuse("INVALID_FIELD", at(text, name.line, name.column, _no_relationship(step)))
        parents.append(reference)
        here = parent
    field = here.field(steps[-1])
    if field is None:
        raise refuse("INVALID_FIELD", at(text, name.line, name.column, _no_column(steps[-1], here)))
    return Path(tuple(parents), field)


def _no_relationship(step: str) -> str:
    return (
        f"Didn't understand relationship '{step}' in field path. If you are attempting to use a custom "
        "relationship, be sure to append the '__r' after the custom relationship name. Please reference your "
        "WSDL or the describe call for the appropriate names."
    )


def _no_column(name: str, object_: ObjectType) -> str:
    return (
        f"No such column '{name}' on entity '{object_.name}'. If you are attempting to use a custom field, "
        "be sure to append the '__c' after the custom field name. Please reference your WSDL or the "
        "describe call for the appropriate names."
    )
