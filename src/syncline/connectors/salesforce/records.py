"""Rows of Salesforce as records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncline.connectors.salesforce import stamps
from syncline.connectors.salesforce.ids import to18
from syncline.connectors.salesforce.objects import USER_NAMES
from syncline.connectors.salesforce.query import Row
from syncline.core.errors import ProtocolError
from syncline.core.model import Ending, Fate, Raw, Record, Ref

_CONVERTED_INTO = {
    "Contact": "ConvertedContactId",
    "Account": "ConvertedAccountId",
    "Opportunity": "ConvertedOpportunityId",
}


def read_record(object_type: str, row: Row) -> Record:
    """The record a row shows. A value that is no single value, such as an object, is left out as not read."""
    remote_id = row_id(object_type, row)
    version = row.get("SystemModstamp")
    changed_at = stamps.parse(version)
    if changed_at is None:
        raise ProtocolError(f"{object_type}/{remote_id} came without a sound SystemModstamp.")
    values = {name: value for name, value in row.items() if name != "attributes" and _is_value(value)}
    values["Id"] = remote_id
    if object_type == "User":
        values |= {name: values[stored] for name, stored in USER_NAMES.items() if stored in values}
    fate = _fate(object_type, row)
    return Record(
        ref=Ref(object_type, remote_id),
        values=values,
        version=str(version),
        created_at=stamps.parse(row.get("CreatedDate")),
        changed_at=changed_at,
        deleted=row.get("IsDeleted") is True or fate is not None,
        fate=fate,
    )


def _fate(object_type: str, row: Row) -> Fate | None:
    """Where a row says that it went on: into the master of a merge, or into what its lead was converted into.

    A converted lead is still shown, and cannot be changed any more. What it was converted into and this user may
    not read is named all the same, unless its field is hidden.
    """
    if row.get("IsDeleted") is True and row.get("MasterRecordId"):
        return Fate(Ending.MERGED, _refs(row, {object_type: "MasterRecordId"}))
    if row.get("IsConverted") is True:
        return Fate(Ending.CONVERTED, _refs(row, _CONVERTED_INTO))
    return None


def _refs(row: Row, names: Mapping[str, str]) -> tuple[Ref, ...]:
    """The records that some fields of a row name, by object type."""
    named = ((object_type, row.get(name)) for object_type, name in names.items())
    found = ((object_type, to18(given)) for object_type, given in named if isinstance(given, str))
    return tuple(Ref(object_type, id18) for object_type, id18 in found if id18)


def row_id(object_type: str, row: Row) -> str:
    """The canonical id of a row."""
    given = row.get("Id")
    remote_id = to18(given) if isinstance(given, str) else None
    if remote_id is None:
        raise ProtocolError(f"A row of {object_type} came without a sound Id.")
    return remote_id


def blank_record(object_type: str, remote_id: str) -> Record:
    """A record that exists and could not be read: none of its values are known."""
    return Record(ref=Ref(object_type, remote_id), values=_nothing(), partial=True)


def _nothing() -> dict[str, Raw]:
    return {}


def _is_value(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return value is None or isinstance(value, str | int | float | bool)
