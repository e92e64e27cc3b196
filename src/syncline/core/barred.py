"""Options that a picklist has, and records of one record type do not take (rule M5)."""

from __future__ import annotations

from syncline.core.model import Raw, Value
from syncline.core.schema import CHOICES, ObjectSchema
from syncline.core.written import Problem, short


def barred(schema: ObjectSchema, name: str, value: Raw, record_type: Value) -> Problem | None:
    """Why a record of that type does not take the value; nothing where the type or its options are not known."""
    kinds, field = schema.record_types, schema.fields.get(name)
    if kinds is None or field is None or field.type not in CHOICES or not isinstance(record_type, str):
        return None
    offered = kinds.options.get(record_type, {}).get(name)
    if offered is None:
        return None
    chosen = value if isinstance(value, list) else [value] if isinstance(value, str) and value else []
    wrong = next((each for each in chosen if each not in offered), None)
    if wrong is None:
        return None
    option = field.option(wrong)
    called = short(kinds.names.get(record_type, record_type))
    return Problem(
        "option",
        f"{field.label} does not offer {short(option.label if option else wrong)} to records of the type {called}",
        tuple(o.label for o in field.options if o.active and o.value in offered),
    )
