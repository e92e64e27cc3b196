"""Edits as a person makes them in the pages of the product: no allocation, no checks, true stamps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncline.sandbox.salesforce import ids
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.schema import OBJECTS
from syncline.sandbox.salesforce.tables import Document
from syncline.sandbox.salesforce.values import tidy
from syncline.sandbox.state import Document as Edits
from syncline.sandbox.system import UnknownRecordError


class Person:
    """The records of the org for the control; whoever edits is a human user, not the integration.

    Stamps move to the present unless the edit names them itself: so a test can commit late, with a
    SystemModstamp of some minutes ago.
    """

    def __init__(self, org: Org) -> None:
        self._org = org

    def types(self) -> Sequence[str]:
        """The objects."""
        return list(OBJECTS)

    def all(self, type_: str) -> Sequence[Mapping[str, Any]]:
        """The living records of an object."""
        return [
            each for each in self._org.tables.scan(self._settled(type_).name) if not each.get("IsDeleted")
        ]

    def get(self, type_: str, id_: str) -> Mapping[str, Any]:
        """One record, also when it is in the recycle bin."""
        return self._found(self._settled(type_), id_)

    def create(self, type_: str, values: Edits) -> Mapping[str, Any]:
        """A record a person typed in."""
        object_ = self._settled(type_)
        owner = {"OwnerId": self._org.person} if object_.field("OwnerId") else {}
        defaults = {**owner, **self._org.record_types.of_new(object_)}
        tidied = tidied_values(object_, values)
        made = self._org.tables.insert(object_, {**defaults, **tidied}, self._org.person)
        self._org.automations.follow(object_, made["Id"], tidied, self._org.person)
        return self._found(object_, made["Id"])

    def edit(self, type_: str, id_: str, values: Edits) -> Mapping[str, Any]:
        """A record a person changed."""
        object_ = self._settled(type_)
        known = str(self._found(object_, id_)["Id"])
        tidied = tidied_values(object_, values)
        self._org.tables.change(object_, known, tidied, self._org.person)
        self._org.automations.follow(object_, known, tidied, self._org.person)
        return self._found(object_, known)

    def delete(self, type_: str, id_: str) -> None:
        """A record a person deleted."""
        object_ = self._settled(type_)
        self._org.tables.remove(object_, str(self._found(object_, id_)["Id"]), self._org.person)

    def _settled(self, type_: str) -> ObjectType:
        """The object of a type, once what is due has happened."""
        self._org.catch_up()
        found = self._org.catalogue.whole.named(type_)
        if found is None:
            raise UnknownRecordError(f"there is no object {type_}; there are {', '.join(OBJECTS)}")
        return found

    def _found(self, object_: ObjectType, id_: str) -> Document:
        key = ids.canonical(id_)
        record = self._org.tables.fetch(object_.name, key) if key else None
        if record is None:
            raise UnknownRecordError(f"there is no {object_.name} {id_}")
        return record


def tidied_values(object_: ObjectType, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a person typed, as it is stored; a field that is not there is a ValueError."""
    tidied: dict[str, Any] = {}
    for name, value in values.items():
        field = object_.field(name)
        if field is None or field.name == "Id":
            raise ValueError(f"{object_.name} has no field {name} that can be edited")
        tidied[field.name] = tidy(field, value)
    return tidied
