"""Creates, updates and deletes as the API does them, with every check and side effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncline.sandbox.salesforce import ids
from syncline.sandbox.salesforce.automations import Automations
from syncline.sandbox.salesforce.checks import Checks
from syncline.sandbox.salesforce.duplicates import Duplicates
from syncline.sandbox.salesforce.errors import ApiError, Problem, not_found, refuse
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.locks import Locks
from syncline.sandbox.salesforce.record_types import RecordTypes
from syncline.sandbox.salesforce.settings import Settings
from syncline.sandbox.salesforce.tables import Document, Tables
from syncline.sandbox.salesforce.validation import ValidationRules
from syncline.sandbox.salesforce.values import Values


@dataclass(frozen=True, slots=True)
class Manner:
    """Who writes, in which version of the API, and what the headers of the call ask for."""

    user: str
    version: float
    allow_duplicates: bool = False
    auto_assign: bool = True
    hidden: frozenset[str] = frozenset()


class Writer:
    """Writes records on behalf of the API; raises ApiError when a write is refused."""

    def __init__(
        self,
        tables: Tables,
        settings: Settings,
        record_types: RecordTypes,
        locks: Locks,
        automations: Automations,
    ) -> None:
        self._tables = tables
        self._settings = settings
        self._record_types = record_types
        self._locks = locks
        self._automations = automations
        self._checks = Checks(tables, record_types)
        self._validation = ValidationRules(settings)
        self.duplicates = Duplicates(tables, settings)

    def create(
        self, object_: ObjectType, values: Values, manner: Manner, matches: Mapping[str, list[Document]]
    ) -> str:
        """Store a new record and return its id; `matches` are the duplicates known before the call began."""
        if not object_.writable:
            message = f"entity type cannot be inserted: {object_.label}"
            raise refuse("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, fields=())
        self._demand(object_, values, None)
        self._locks.demand(object_, _account(values))
        bypassed = self.duplicates.bypassed(object_, manner.version, allow_save=manner.allow_duplicates)
        if matches and not bypassed:
            raise self.duplicates.refusal(object_, matches, manner.version)
        whole = {"OwnerId": manner.user, **self._record_types.of_new(object_), **_filled(values)}
        made = self._tables.insert(
            object_, _with_ids(object_, self._assigned(object_, whole, manner)), manner.user
        )
        self._automations.follow(object_, made["Id"], values, manner.user)
        return str(made["Id"])

    def update(self, object_: ObjectType, id_: str, values: Values, manner: Manner) -> None:
        """Change a record."""
        if not object_.writable:
            message = f"entity type cannot be updated: {object_.label}"
            raise refuse("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, fields=())
        before = self.living(object_, id_)
        _demand_shared(before, manner)
        if object_.name == "Lead" and before.get("IsConverted"):
            raise refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=())
        self._demand(object_, values, before)
        self._locks.demand(object_, before["Id"], before.get("AccountId"), _account(values))
        changed = self._assigned(object_, values, manner)
        self._tables.change(object_, str(before["Id"]), _with_ids(object_, changed), manner.user)
        self._automations.follow(object_, before["Id"], values, manner.user)

    def delete(self, object_: ObjectType, id_: str, manner: Manner) -> None:
        """Move a record to the recycle bin."""
        if not object_.writable:
            message = "insufficient access rights on object id"
            raise refuse("INSUFFICIENT_ACCESS_OR_READONLY", message, 403, fields=())
        record = self.living(object_, id_)
        _demand_shared(record, manner)
        self._locks.demand(object_, record["Id"], record.get("AccountId"))
        self._tables.remove(object_, str(record["Id"]), manner.user)

    def living(self, object_: ObjectType, id_: str) -> Document:
        """The record of that id, of fifteen or eighteen characters; one in the recycle bin is refused."""
        key = ids.canonical(id_)
        if not ids.has_id_shape(id_):
            raise not_found(f"Provided external ID field does not exist or is not accessible: {id_}")
        if key is None or not key.startswith(object_.prefix):
            raise refuse("MALFORMED_ID", f"malformed id {id_}", fields=())
        record = self._tables.fetch(object_.name, key)
        if record is None:
            raise not_found()
        if record.get("IsDeleted"):
            raise ApiError(404, Problem("ENTITY_IS_DELETED", "entity is deleted", ()))
        return record

    def _demand(self, object_: ObjectType, values: Values, before: Document | None) -> None:
        problems = self._checks.problems(object_, values, before)
        if not problems:
            made = before or {each.name: each.default for each in object_.fields}
            problems = self._validation.problems(object_, {**made, **values})
        if problems:
            raise ApiError(400, *problems)

    def _assigned(self, object_: ObjectType, values: Values, manner: Manner) -> Values:
        """An active assignment rule gives leads to its own owner unless the caller declines."""
        owner = self._settings["lead_assignment_owner"]
        if not (object_.assignable and manner.auto_assign and owner):
            return values
        return {**values, "OwnerId": owner}


def _demand_shared(record: Document, manner: Manner) -> None:
    if record["Id"] in manner.hidden:
        message = "insufficient access rights on cross-reference id"
        raise refuse("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message, 403, fields=())


def _account(values: Mapping[str, Any]) -> str | None:
    named = values.get("AccountId")
    return ids.canonical(named) if named else None


def _filled(values: Values) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def _with_ids(object_: ObjectType, values: Values) -> Values:
    """References in their eighteen character form."""

    def whole(name: str, value: Any) -> Any:
        field = object_.field(name)
        return ids.canonical(value) if field and field.type == "reference" and value else value

    return {name: whole(name, value) for name, value in values.items()}
