"""The schema of the org as it is now: what it began with, what its administrator added, and what each user sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from syncline.sandbox.salesforce.fields import Field, ObjectType, Option
from syncline.sandbox.salesforce.objects import builders
from syncline.sandbox.salesforce.objects.opportunity import currency
from syncline.sandbox.salesforce.schema import OBJECTS, STANDARD, Schema
from syncline.sandbox.salesforce.settings import Settings

CUSTOM_TYPES = (
    "string", "textarea", "email", "phone", "url", "double", "currency", "date", "datetime", "picklist",
)  # fmt: skip
EXTERNAL_TYPES = ("string", "email", "double")
ACCESS = ("hidden", "read_only", "full")


@dataclass(frozen=True, slots=True)
class _Views:
    settings: Mapping[str, Any]
    whole: Schema
    written: Schema
    seen: Schema


class Catalogue:
    """The objects of one org; built anew when a setting changes.

    Field-level security binds the integration user alone: the administrator sees and writes everything.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._views = _Views({}, STANDARD, STANDARD, STANDARD)

    @property
    def whole(self) -> Schema:
        """Every field there is, as the administrator sees them."""
        return self._current().whole

    def seen(self, *, restricted: bool) -> Schema:
        """The fields a user may read."""
        views = self._current()
        return views.seen if restricted else views.whole

    def written(self, *, restricted: bool) -> Schema:
        """All fields, where those a user may not write are marked so."""
        views = self._current()
        return views.written if restricted else views.whole

    def _current(self) -> _Views:
        stored = self._settings.stored
        if self._views.settings is not stored:
            self._views = self._built(stored)
        return self._views

    def _built(self, stored: Mapping[str, Any]) -> _Views:
        whole = [self._extended(each) for each in OBJECTS.values()]
        written = [self._restricted(each) for each in whole]
        seen = [_without_hidden(each) for each in written]
        return _Views(stored, Schema(whole), Schema(written), Schema(seen))

    def _extended(self, object_: ObjectType) -> ObjectType:
        added: list[Mapping[str, Any]] = self._settings["custom_fields"].get(object_.name, [])
        fields = (*object_.fields, *(custom_field(each) for each in added))
        codes = tuple(self._settings["currencies"])
        if codes and object_.field("OwnerId"):
            fields = (*fields, currency(codes))
        if object_.name in self._settings["record_type_objects"] and not object_.record_types:
            record_type = builders.reference("RecordTypeId", "Record Type ID", "RecordType")
            return replace(object_, fields=(*fields, record_type), record_types=True)
        return replace(object_, fields=fields) if len(fields) > len(object_.fields) else object_

    def _restricted(self, object_: ObjectType) -> ObjectType:
        access: Mapping[str, str] = self._settings["field_access"].get(object_.name, {})
        if not access:
            return object_
        return replace(object_, fields=tuple(_limited(each, access) for each in object_.fields))


def custom_field(told: Mapping[str, Any]) -> Field:
    """The field that an administrator described; ValueError says what cannot be."""
    name, kind = str(told.get("name")), str(told.get("type", "string"))
    if not name.endswith("__c") or not name[:-3].isidentifier():
        raise ValueError("the name of a custom field must be one word and end in __c")
    if kind not in CUSTOM_TYPES:
        raise ValueError(f"type must be one of {', '.join(CUSTOM_TYPES)}")
    external, unique = told.get("external_id") is True, told.get("unique") is True
    if (external or unique) and kind not in EXTERNAL_TYPES:
        raise ValueError(f"only {', '.join(EXTERNAL_TYPES)} can be unique or an external id")
    field = _typed(kind, name, str(told.get("label") or name[:-3].replace("_", " ")), told)
    return replace(field, external=external, unique=unique, id_lookup=external)


def _typed(kind: str, name: str, label: str, told: Mapping[str, Any]) -> Field:
    if kind in {"double", "currency"}:
        return Field(name, label, kind, precision=18, scale=int(told.get("scale", 2)))
    if kind in {"date", "datetime"}:
        return Field(name, label, kind)
    if kind == "picklist":
        options = tuple(Option(str(value)) for value in told.get("values", ()))
        return Field(
            name, label, kind, length=255, options=options, restricted=told.get("restricted") is not False
        )
    lengths = {"email": 80, "phone": 40, "textarea": 32_000}
    length = int(told.get("length", lengths.get(kind, 255)))
    if length < 1:
        raise ValueError("length must be at least 1")
    if kind == "textarea":
        return builders.area(name, label, length)
    return Field(name, label, kind, length=length)


def _limited(field: Field, access: Mapping[str, str]) -> Field:
    found = access.get(field.secured_as)
    if found == "hidden":
        return field.hidden()
    return field.read_only() if found == "read_only" else field


def _without_hidden(object_: ObjectType) -> ObjectType:
    if all(each.visible for each in object_.fields):
        return object_
    return replace(object_, fields=tuple(each for each in object_.fields if each.visible))
