"""Record types: which there are, whom they are open to, and which options of a picklist each of them leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncline.sandbox.salesforce.fields import Field, ObjectType, Option
from syncline.sandbox.salesforce.settings import Settings
from syncline.sandbox.salesforce.tables import Document, Tables

# What every object has, and records without another record type belong to.
MASTER = "012000000000000AAA"


class RecordTypes:
    """The record types of one org."""

    def __init__(self, tables: Tables, settings: Settings) -> None:
        self._tables = tables
        self._settings = settings

    def of(self, object_: ObjectType) -> list[Document]:
        """The record types of an object, without the master."""
        return [each for each in self._tables.scan("RecordType") if each["SobjectType"] == object_.name]

    def open_to_all(self, record_type: Document) -> bool:
        """Whether the integration user may give it to records."""
        return (
            bool(record_type["IsActive"]) and record_type["Id"] not in self._settings["closed_record_types"]
        )

    def is_default(self, object_: ObjectType, record_type: Document) -> bool:
        """Whether new records get it when none is asked for."""
        default = self._settings["default_record_types"].get(object_.name)
        return bool(record_type["DeveloperName"] == default)

    def of_new(self, object_: ObjectType) -> dict[str, Any]:
        """The record type a new record gets when none is asked for."""
        default = [each for each in self.of(object_) if self.is_default(object_, each)]
        return {"RecordTypeId": default[0]["Id"]} if default and default[0]["IsActive"] else {}

    def options(self, object_: ObjectType, field: Field, id_: str | None) -> list[Option]:
        """The options a picklist has in records of a record type; None stands for the master."""
        active = [each for each in self._settings.options(object_, field) if each.active]
        found = self._tables.fetch("RecordType", id_) if id_ else None
        if found is None:
            return active
        subsets: Mapping[str, list[str]] = self._settings["record_type_subsets"].get(
            f"{object_.name}.{found['DeveloperName']}", {}
        )
        return [each for each in active if each.value not in subsets.get(field.name, ())]
