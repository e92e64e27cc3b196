"""Values of custom fields: read, cast to the type of their field, or noted as errors of the record."""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from syncline.sandbox.apollo.field_forms import PICKLISTS
from syncline.sandbox.state import Document

LARGEST_WHOLE = 2**53  # beyond it a number of JSON is no longer exact


def write(
    record: Document, modality: str, sent: object, field_of: Callable[[str], Mapping[str, Any] | None]
) -> None:
    """Put sent custom values into a record: unknown ids are ignored, empty values remove, bad ones are noted.

    A value that does not fit its field's type is not stored; the record's `custom_field_errors` says so.
    """
    if not isinstance(sent, dict):
        return
    for id_, value in sent.items():
        field = field_of(id_)
        if field is None or field["modality"] != modality:
            continue
        record["custom_field_errors"].pop(id_, None)
        if value is None or value in ("", []):
            record["typed_custom_fields"].pop(id_, None)
            continue
        try:
            record["typed_custom_fields"][id_] = _cast(field, value)
        except ValueError:
            record["custom_field_errors"][id_] = f"{field['name']} must be {_EXPECTED[field['type']]}"


_EXPECTED = {
    "string": "text",
    "textarea": "text",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date",
    "datetime": "a date with a time",
    "picklist": "one of its options",
    "multipicklist": "some of its options",
}


def _cast(field: Mapping[str, Any], value: object) -> object:
    """A sent value in the form the vendor stores; ValueError when it does not fit."""
    type_ = field["type"]
    if type_ in PICKLISTS:
        return _options(field, value)
    if isinstance(value, (dict, list)):
        raise ValueError("a single value is needed")  # noqa: TRY004 - one kind of refusal
    if type_ == "number":
        return _number(value)
    if type_ == "boolean":
        return _boolean(value)
    if type_ == "date":
        return date.fromisoformat(str(value)[:10]).isoformat()
    if type_ == "datetime":
        return datetime.fromisoformat(str(value)).isoformat(timespec="milliseconds")
    plain = str(value)
    length = field["text_field_max_length"]
    return plain if length is None else plain[:length]


def _options(field: Mapping[str, Any], value: object) -> list[str]:
    known = {option["id"] for option in field["options"]}
    chosen = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    if not set(chosen) <= known:
        raise ValueError("no such option")
    return chosen if field["type"] == "multipicklist" else chosen[:1]


def _number(value: object) -> float | int:
    number = float(str(value))
    if not math.isfinite(number):
        raise ValueError("not a number that JSON can hold")
    return int(number) if number.is_integer() and abs(number) <= LARGEST_WHOLE else number


def _boolean(value: object) -> bool:
    plain = str(value).lower()
    if plain not in {"true", "false"}:
        raise ValueError("neither true nor false")
    return plain == "true"
