"""The object types of Salesforce that are synced, and what describe tells of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from syncline.connectors.salesforce import soql
from syncline.connectors.salesforce.record_types import FIELD as RECORD_TYPE
from syncline.connectors.salesforce.record_types import read_record_types
from syncline.core.errors import ProtocolError
from syncline.core.model import Kind
from syncline.core.schema import Field, FieldType, ObjectSchema, Option, RecordTypes

KINDS: Mapping[str, Kind] = {
    "Account": Kind.ACCOUNT,
    "Contact": Kind.PERSON,
    "Lead": Kind.PERSON,
    "Opportunity": Kind.DEAL,
    "User": Kind.USER,
}
WRITTEN = ("Account", "Contact", "Lead", "Opportunity")
MERGED = ("Account", "Contact", "Lead")
"""The object types that people merge; Salesforce merges no opportunities."""
ALWAYS = (
    "Id",
    "IsDeleted",
    "SystemModstamp",
    "CreatedDate",
    "MasterRecordId",
    "IsConverted",
    "ConvertedAccountId",
    "ConvertedContactId",
    "ConvertedOpportunityId",
)
"""Fields that are read whether they are mapped or not, where the object type has them."""
USER_NAMES = {"name": "Name", "email": "Email", "active": "IsActive"}
"""What every system's users carry, and where Salesforce keeps it."""
CONTACT_ROLE = "OpportunityContactRole"
ROLES, PRIMARY = "ContactRoles", "PrimaryContact"
ROLE_FIELDS = (ROLES, PRIMARY)
"""Our names of what the rows of contact roles say of an opportunity."""

_TYPES = {
    "string": FieldType.TEXT,
    "textarea": FieldType.TEXT,
    "id": FieldType.TEXT,
    "combobox": FieldType.TEXT,
    "encryptedstring": FieldType.TEXT,
    "time": FieldType.TEXT,
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "url": FieldType.URL,
    "double": FieldType.NUMBER,
    "int": FieldType.NUMBER,
    "long": FieldType.NUMBER,
    "percent": FieldType.NUMBER,
    "currency": FieldType.MONEY,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "boolean": FieldType.BOOLEAN,
    "picklist": FieldType.PICKLIST,
    "multipicklist": FieldType.MULTIPICKLIST,
    "reference": FieldType.REFERENCE,
}
"""Types that hold one value; address, location, base64, complexvalue and the like do not, and are left out."""
_WHOLE = frozenset({"int", "long"})
_SCALED = frozenset({"double", "percent", "currency"})


def read_schema(object_type: str, answer: Any) -> ObjectSchema:
    """The schema of an object type from the answer of describe."""
    rows = answer.get("fields") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ProtocolError(f"The description of {object_type} lists no fields.", object_type=object_type)
    fields = {field.name: field for row in rows for field in _read_field(object_type, row)}
    if not {"Id", "SystemModstamp"} <= fields.keys():
        raise ProtocolError(f"The description of {object_type} lacks Id or SystemModstamp.")
    if object_type == "User":
        fields = {name: _read_only(field) for name, field in fields.items()} | _user_fields(fields)
    return ObjectSchema(object_type, KINDS[object_type], fields, _record_types(answer, fields))


def _record_types(answer: Mapping[str, Any], fields: Mapping[str, Field]) -> RecordTypes | None:
    return read_record_types(answer) if RECORD_TYPE in fields else None


def stored_names(schema: ObjectSchema, names: Iterable[str]) -> list[str]:
    """The fields to ask for when these are wanted, in the order of the description; unknown ones are left out."""
    wanted = {USER_NAMES.get(name, name) if schema.object_type == "User" else name for name in names}
    wanted.update(USER_NAMES.values() if schema.object_type == "User" else ())
    wanted.update(ALWAYS)
    return [name for name in schema.fields if name in wanted and name not in (*USER_NAMES, *ROLE_FIELDS)]


def _read_field(object_type: str, row: Any) -> Iterator[Field]:
    """One field, or none where it holds no single value or is only the compound of others."""
    name = row.get("name") if isinstance(row, dict) else None
    if not isinstance(name, str):
        raise ProtocolError(f"The description of {object_type} holds a field without a name.")
    kind = _TYPES.get(_text(row, "type"))
    if kind is None or _is_compound(object_type, name):
        return
    soql.name(name)
    if name == "OwnerId":
        kind = FieldType.OWNER
    creatable, updatable = row.get("createable") is True, row.get("updateable") is True
    yield Field(
        name=name,
        label=_text(row, "label") or name,
        type=kind,
        required=creatable and row.get("nillable") is False and row.get("defaultedOnCreate") is not True,
        creatable=creatable,
        updatable=updatable,
        restricted=row.get("restrictedPicklist") is True,
        options=tuple(_options(row.get("picklistValues"))),
        length=_count(row.get("length")) or None,
        scale=_scale(row),
        refers_to=tuple(each for each in row.get("referenceTo") or () if isinstance(each, str)),
        custom=row.get("custom") is True,
    )


def _is_compound(object_type: str, name: str) -> bool:
    """A person's Name is composed of its parts by the server. A user's is kept: it is only read."""
    return name == "Name" and object_type in {"Contact", "Lead"}


def _scale(row: Mapping[str, Any]) -> int | None:
    kind = _text(row, "type")
    if kind in _WHOLE:
        return 0
    return _count(row.get("scale")) if kind in _SCALED else None


def _options(rows: Any) -> Iterator[Option]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("value"), str):
            value = row["value"]
            yield Option(value, _text(row, "label") or value, row.get("active") is not False)


def _user_fields(fields: Mapping[str, Field]) -> dict[str, Field]:
    kinds = {"name": FieldType.TEXT, "email": FieldType.EMAIL, "active": FieldType.BOOLEAN}
    return {
        name: Field(name, fields[stored].label, kinds[name], creatable=False, updatable=False)
        for name, stored in USER_NAMES.items()
        if stored in fields
    }


def _read_only(field: Field) -> Field:
    """Users are never written: making one costs the customer a licence."""
    return Field(
        field.name,
        field.label,
        field.type,
        creatable=False,
        updatable=False,
        options=field.options,
        length=field.length,
        scale=field.scale,
        refers_to=field.refers_to,
        custom=field.custom,
    )


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
