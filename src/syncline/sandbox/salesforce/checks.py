"""What the server demands of the values of a record, as problems with the codes and words it uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from syncline.sandbox.salesforce import ids
from syncline.sandbox.salesforce.errors import Problem
from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.record_types import RecordTypes
from syncline.sandbox.salesforce.schema import OBJECTS, STANDARD
from syncline.sandbox.salesforce.tables import Document, Tables

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]")


class Checks:
    """Checks values already read and tidied, against the schema, the settings and other records."""

    def __init__(self, tables: Tables, record_types: RecordTypes) -> None:
        self._tables = tables
        self._record_types = record_types

    def problems(
        self, object_: ObjectType, values: Mapping[str, Any], before: Mapping[str, Any] | None
    ) -> list[Problem]:
        """All that is wrong with a create, or with an update of the record `before`."""
        given = [(field, values[field.name]) for field in object_.fields if field.name in values]
        if barred := [field for field, _ in given if not _writable(field, before)]:
            return [_barred(barred)]
        found = [
            *self._wrong_values(object_, given, values, before),
            *self._taken(object_, given, before),
        ]
        missing = _missing(object_, values, before)
        return [*found, *([_required(missing)] if missing else [])]

    def _wrong_values(
        self,
        object_: ObjectType,
        given: Iterable[tuple[Field, Any]],
        values: Mapping[str, Any],
        before: Mapping[str, Any] | None,
    ) -> Iterator[Problem]:
        record_type = self._record_type(values, before)
        for field, value in given:
            problem = self._wrong(object_, field, value, record_type)
            if problem is not None:
                yield problem

    def _taken(
        self, object_: ObjectType, given: Iterable[tuple[Field, Any]], before: Mapping[str, Any] | None
    ) -> Iterator[Problem]:
        """Values that no two records may share, and that another record has."""
        own = (before or {}).get("Id")
        for field, value in given:
            if not field.unique or value is None:
                continue
            others = self._tables.with_value(object_.name, field.name, value)
            for other in (each["Id"] for each in others if each["Id"] != own):
                message = (
                    f"duplicate value found: {field.name} duplicates value on record with id: {other[:15]}"
                )
                yield Problem("DUPLICATE_VALUE", message, ())

    def _wrong(
        self, object_: ObjectType, field: Field, value: Any, record_type: str | None
    ) -> Problem | None:
        if value is None:
            return _empty(field)
        if field.type == "reference":
            return self._reference(object_, field, value)
        if field.type == "picklist" and field.restricted:
            if value not in {each.value for each in self._record_types.options(object_, field, record_type)}:
                message = f"{field.label}: bad value for restricted picklist field: {value}"
                return Problem("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
            return None
        if isinstance(value, str):
            return _text(field, value)
        return _number(field, value)

    def _record_type(self, values: Mapping[str, Any], before: Mapping[str, Any] | None) -> str | None:
        id_ = values.get("RecordTypeId") or (before or {}).get("RecordTypeId")
        return ids.canonical(id_) if id_ else None

    def _reference(self, object_: ObjectType, field: Field, value: str) -> Problem | None:
        key = ids.canonical(value)
        target = STANDARD.of_id(key) if key else None
        if key is None or not _may_point(field, key):
            return Problem(
                "MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", (field.name,)
            )
        record = self._tables.fetch(target.name, key) if target else None
        if record is None:
            return Problem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
        if record.get("IsDeleted"):
            return Problem("ENTITY_IS_DELETED", "entity is deleted", ())
        if field.name == "OwnerId" and not record.get("IsActive"):
            message = (
                f"operation performed with inactive user [{key[:15]}] as owner of {object_.label.lower()}"
            )
            return Problem("INACTIVE_OWNER_OR_USER", message, ())
        return self._record_type_problem(object_, field, record) if field.name == "RecordTypeId" else None

    def _record_type_problem(self, object_: ObjectType, field: Field, record: Document) -> Problem | None:
        if record["SobjectType"] == object_.name and self._record_types.open_to_all(record):
            return None
        message = f"{field.label}: this ID value isn't valid for the user: {record['Id']}"
        return Problem("INVALID_CROSS_REFERENCE_KEY", message, ("RecordTypeId",))


def _writable(field: Field, before: Mapping[str, Any] | None) -> bool:
    return field.createable if before is None else field.updateable


def _barred(fields: list[Field]) -> Problem:
    names = tuple(field.name for field in fields)
    message = (
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field "
        "and verify that it is read/write for your profile or permission set."
    )
    return Problem("INVALID_FIELD_FOR_INSERT_UPDATE", message, names)


def _missing(
    object_: ObjectType, values: Mapping[str, Any], before: Mapping[str, Any] | None
) -> tuple[str, ...]:
    def lacks(field: Field) -> bool:
        asked = field.required if before is None else field.name in values and not field.nillable
        return (
            asked and field.type != "boolean" and field.name != "OwnerId" and values.get(field.name) is None
        )

    return tuple(field.name for field in object_.fields if lacks(field))


def _required(names: tuple[str, ...]) -> Problem:
    return Problem("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)


def _empty(field: Field) -> Problem | None:
    if field.type == "boolean":
        message = f"{field.label}: value not of required type: "
        return Problem("INVALID_TYPE_ON_FIELD_IN_RECORD", message, (field.name,))
    if field.name == "OwnerId":
        return Problem("INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank", ("OwnerId",))
    return None


def _text(field: Field, value: str) -> Problem | None:
    if field.length and len(value) > field.length:
        message = f"{field.label}: data value too large: {value} (max length={field.length})"
        return Problem("STRING_TOO_LONG", message, (field.name,))
    if field.type == "email" and _EMAIL.fullmatch(value) is None:
        return Problem(
            "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {value}", (field.name,)
        )
    return None


def _number(field: Field, value: Any) -> Problem | None:
    digits = field.digits or field.precision - field.scale
    if field.type in {"int", "double", "percent", "currency"} and abs(value) >= 10**digits:
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        return Problem("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))
    return None


def _may_point(field: Field, key: str) -> bool:
    prefixes = {OBJECTS[name].prefix if name in OBJECTS else ids.PREFIXES[name] for name in field.targets}
    return key[:3] in prefixes
