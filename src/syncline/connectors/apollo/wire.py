"""Values on their way to Apollo: the JSON of a bulk entry or an update, or why a value is not sent at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncline.connectors.apollo.objects import CUSTOM, ObjectType
from syncline.connectors.apollo.rows import is_placeholder
from syncline.connectors.apollo.stored import plain_text, whole_amount
from syncline.core.model import ErrorClass, Failure, Raw, is_empty
from syncline.core.schema import Field, FieldType, ObjectSchema


def refuse(object_type: ObjectType, schema: ObjectSchema, values: Mapping[str, Raw]) -> Failure | None:
    """The failure of a record that must not be sent: Apollo would take the value, drop it or choke on it."""
    for name, value in values.items():
        field = schema.fields.get(name)
        if field is None or field.read_only:
            return _refusal("read-only", f"Apollo has no call that writes {name}.", name)
        if is_placeholder(value):
            return _refusal(
                "placeholder", f"{field.label}: an address Apollo withholds is never written.", name
            )
        if not _is_text(value):
            return _refusal(
                "not-text", f"{field.label}: holds half a character, which no JSON can carry.", name
            )
        if field.type is FieldType.MONEY and not is_empty(value) and whole_amount(value) is None:
            return _refusal(
                "amount", f"{field.label}: Apollo takes digits alone, and nothing below zero.", name
            )
        if name == f"{object_type.name}_stage_id" and is_empty(value):
            return _refusal("stage", f"{field.label}: the API cannot take a stage away.", name)
    return None


def to_wire(schema: ObjectSchema, values: Mapping[str, Raw]) -> dict[str, Any]:
    """The body for some values; an empty one clears."""
    body: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for name, value in values.items():
        sent = _sent(schema.fields[name], value)
        if name.startswith(CUSTOM):
            custom[name[len(CUSTOM) :]] = sent
        else:
            body[name] = sent
    return {**body, "typed_custom_fields": custom} if custom else body


def _sent(field: Field, value: Raw) -> Any:
    if field.type is FieldType.MULTIPICKLIST:
        if is_empty(value):
            return []
        return value if isinstance(value, list) else [plain_text(value)]
    if is_empty(value):
        return ""
    if isinstance(value, list):
        return "; ".join(value)
    if field.type is FieldType.MONEY:
        return str(whole_amount(value))
    return value if isinstance(value, str) else plain_text(value)


def _is_text(value: Raw) -> bool:
    parts = value if isinstance(value, list) else [value]
    return not any("\ud800" <= char <= "\udfff" for part in parts if isinstance(part, str) for char in part)


def _refusal(code: str, message: str, name: str) -> Failure:
    return Failure(ErrorClass.VALIDATION, code, message, (name,))
