"""Turns Apollo's rows into records: flattened, named as described, with nothing made up."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from syncline.connectors.apollo.client import Row
from syncline.connectors.apollo.objects import CUSTOM, PHONES, ObjectType
from syncline.core.errors import ProtocolError, RemoteError
from syncline.core.model import MISSING, Absent, Raw, Record, Ref, Value
from syncline.core.schema import FieldType, ObjectSchema

PLACEHOLDER = "email_not_unlocked@"
"""How the address of an unrevealed person begins; it is no address, and never one to write."""

ALIASES: Mapping[str, str] = {"created_at": "opportunity_created_at"}
"""Keys that go by another name in some answers, which differ from what is published."""

ListNames = Callable[[Sequence[str]], list[str]]


class RowReader:
    """Reads the rows of one object type under its schema."""

    def __init__(self, object_type: ObjectType, schema: ObjectSchema, list_names: ListNames) -> None:
        self._type = object_type
        self._schema = schema
        self._list_names = list_names

    def record(self, row: Row, fields: Sequence[str] | None = None, *, full: bool = False) -> Record:
        """A row as a record with the wanted fields, or all that it shows.

        A short row, as some writes answer, leaves out what it does not show. A `full` one, of a read by id,
        shows everything there is, so that what it lacks is empty.
        """
        wanted = set(self._schema.fields) if fields is None else set(fields) & self._schema.fields.keys()
        values = self._values(row, wanted, full=full)
        # One bulk answer alone tells when an account was changed: a stamp to compare with nothing.
        changed = row.get("updated_at") if "updated_at" in self._schema.fields else None
        withheld = frozenset(name for name in values if name == "email" and is_placeholder(values[name]))
        return Record(
            Ref(self._type.name, str(row["id"])),
            {name: value for name, value in values.items() if name not in withheld},
            withheld,
            version=_text(changed),
            created_at=moment(_aliased(row, "created_at")[1]),
            changed_at=moment(changed),
            partial=not wanted <= values.keys(),
        )

    def written(self, row: Row) -> Record:
        """What a write answered. Should the names of lists be out of reach just now, it is told without them."""
        try:
            return self.record(row)
        except (RemoteError, ProtocolError):
            return self.record({key: value for key, value in row.items() if key != "label_ids"})

    def digest(self, row: Row) -> str:
        """Changes with everything of a row that anybody can change."""
        names = self._schema.fields.keys() - self._type.volatile - self._type.details
        values = self._values(row, names - {"label_names"}, full=False)
        told = [row["id"], row.get("updated_at"), row.get("label_ids"), sorted(values.items())]
        return hashlib.blake2b(msgspec.json.encode(told), digest_size=8).hexdigest()

    def is_whole(self, row: Row) -> bool:
        """Whether a row shows the record and not only what was written to it."""
        return self._type.whole <= row.keys()

    def _values(self, row: Row, wanted: set[str], *, full: bool) -> dict[str, Raw]:
        whole = full or self.is_whole(row)
        values: dict[str, Raw] = {}
        for name in (name for name in self._schema.fields if name in wanted):
            shown, value = self._shown(row, name)
            if shown:
                field = self._schema.fields[name]
                plain = value if field.several else _plain(value, field.type)
                if not isinstance(plain, Absent):
                    values[name] = plain
            elif (whole and self._schema.fields[name].absent_is_empty) or full:
                values[name] = None
        return values

    def _shown(self, row: Row, name: str) -> tuple[bool, Any]:
        """Whether a row tells a field, and what."""
        if name.startswith(CUSTOM):
            custom = row.get("typed_custom_fields")
            return isinstance(custom, dict), custom.get(name[len(CUSTOM) :]) if isinstance(
                custom, dict
            ) else None
        if name in PHONES:
            return _listed(row, "phone_numbers", lambda entries: _phone(entries, PHONES[name]))
        if name == "other_emails":
            return _listed(row, "contact_emails", lambda entries: _other_emails(entries, row.get("email")))
        if name == "label_names":
            return _listed(
                row, "label_ids", lambda ids: self._list_names([i for i in ids if isinstance(i, str)])
            )
        if name == "contact_ids":
            return _listed(row, "opportunity_contact_roles", _contacts)
        if name == "primary_contact_id":
            return _listed(row, "opportunity_contact_roles", _primary_contact)
        if name == "active":
            return "deleted" in row, not row.get("deleted")
        if name == "currency_code":
            currency = row.get("currency")
            return isinstance(currency, dict), currency.get("iso_code") if isinstance(
                currency, dict
            ) else None
        return _aliased(row, name)


def _aliased(row: Row, name: str) -> tuple[bool, Any]:
    key = ALIASES.get(name, name) if name not in row else name
    return key in row, row.get(key)


def is_placeholder(value: object) -> bool:
    """Whether an e-mail stands for one that Apollo does not show."""
    return isinstance(value, str) and value.strip().lower().startswith(PLACEHOLDER)


def moment(value: object) -> datetime | None:
    """One of Apollo's stamps, which end in Z or in an offset, in UTC; nothing when it is none."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _plain(value: Any, field_type: FieldType) -> Value:
    """A value a record can hold; a structure where a single value belongs counts as not read."""
    if field_type is FieldType.MULTIPICKLIST or isinstance(value, list):
        return _choices(value, field_type)
    if isinstance(value, float) and not math.isfinite(value):
        return MISSING
    return value if value is None or isinstance(value, str | int | float | bool) else MISSING


def _choices(value: Any, field_type: FieldType) -> Value:
    parts = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(part, str | int | float) for part in parts):
        return MISSING
    chosen = [str(part) for part in parts]
    if field_type is FieldType.MULTIPICKLIST:
        return chosen
    if len(chosen) > 1:
        return MISSING
    return chosen[0] if chosen else None  # Apollo lists the one option of a picklist


def _listed(row: Row, key: str, pick: Callable[[list[Any]], Any]) -> tuple[bool, Any]:
    entries = row.get(key)
    return (True, pick(entries)) if isinstance(entries, list) else (False, None)


def _roles(entries: list[Any]) -> list[tuple[str, bool]]:
    """The contacts with a role and whether it is the primary one, that one first; entries of another form are none."""
    found = [
        (entry["contact_id"], entry.get("is_primary") is True)
        for entry in entries
        if isinstance(entry, dict)
        and isinstance(entry.get("contact_id"), str)
        and entry["contact_id"].strip()
    ]
    return sorted(found, key=lambda role: not role[1])


def _contacts(entries: list[Any]) -> list[str]:
    return list(dict.fromkeys(contact for contact, _ in _roles(entries)))


def _primary_contact(entries: list[Any]) -> str | None:
    return next((contact for contact, primary in _roles(entries) if primary), None)


def _phone(entries: list[Any], kind: str) -> Any:
    """The number of a type; of several the one that comes first."""
    found = [entry for entry in entries if isinstance(entry, dict) and entry.get("type") == kind]
    first = min(found, key=_position, default=None)
    return first.get("raw_number") if first else None


def _position(entry: Mapping[str, Any]) -> int:
    position = entry.get("position")
    return position if isinstance(position, int) else 0


def _other_emails(entries: list[Any], main: Any) -> list[str]:
    found = [entry.get("email") for entry in entries if isinstance(entry, dict)]
    return [
        email for email in found if isinstance(email, str) and email != main and not is_placeholder(email)
    ]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
