"""Values of a JSON body: read as the type of their field, then tidied as the server stores them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from syncline.sandbox.salesforce import stamps
from syncline.sandbox.salesforce.errors import ApiError, no_such_column, refuse
from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.soql.literals import ID_TYPES, TEXT_TYPES

Values = dict[str, Any]

_TEN_DIGITS = re.compile(r"1?([2-9]\d{2})(\d{3})(\d{4})")


def read_record(object_: ObjectType, given: Mapping[str, Any], text: str) -> Values:
    """The fields of one record of a body, by the names of the schema; `text` is the whole body.

    A value that cannot be read as its type, or a field that is not there, refuses the whole call.
    """
    values: Values = {}
    for name, raw in given.items():
        if name.lower() == "attributes":
            continue
        field = object_.field(name)
        if field is None:
            raise no_such_column(name, object_.name)
        values[field.name] = tidy(field, read_value(field, raw, text))
    return values


def tidy(field: Field, value: Any) -> Any:
    """The value as the server stores it; a blank text is no value."""
    if value is None:
        return None
    if field.type in {"currency", "double", "percent"}:
        return _rounded(value, field.scale)
    if field.type not in TEXT_TYPES | ID_TYPES:
        return value
    trimmed = str(value).strip()
    if field.type == "email":
        trimmed = trimmed.lower()
    if field.type == "phone":
        trimmed = _phone(trimmed)
    return trimmed or None


def _phone(text: str) -> str:
    """Bare American numbers get their usual form; whatever else was typed stays."""
    found = _TEN_DIGITS.fullmatch(text)
    return f"({found[1]}) {found[2]}-{found[3]}" if found else text


def _rounded(value: Any, scale: int) -> float:
    try:
        return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))
    except InvalidOperation:  # too long to be rounded, and so too long to be stored
        return float(value)


def read_value(field: Field, raw: Any, text: str) -> Any:
    """The value of one field as its type; `text` is the body it stands in."""
    if raw is None:
        return None
    kind = _KINDS.get(field.type, "string")
    value = _READERS[kind](raw)
    if value is None:
        raise _unreadable(field, kind, raw, text)
    return value


def _text(raw: Any) -> str | None:
    return raw if isinstance(raw, str) else None


def _flag(raw: Any) -> bool | None:
    if isinstance(raw, str):
        return {"true": True, "false": False}.get(raw.lower())
    return raw if isinstance(raw, bool) else None


def _whole(raw: Any) -> int | None:
    number = _number(raw)
    return int(number) if number is not None and number == number.to_integral_value() else None


def _amount(raw: Any) -> float | None:
    number = _number(raw)
    return None if number is None else float(number)


def _number(raw: Any) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        return None
    # Far beyond any column: refused here, before arithmetic on it gets expensive.
    return number if number.is_finite() and abs(number.adjusted()) < 300 else None


def _day(raw: Any) -> str | None:
    if not isinstance(raw, str):
        return None
    day = stamps.parse_day(raw)
    moment = stamps.parse_moment(raw)
    if day is None and moment is not None:
        day = moment.date()
    return day.isoformat() if day else None


def _moment(raw: Any) -> str | None:
    if not isinstance(raw, str):
        return None
    day = stamps.parse_day(raw)
    moment = stamps.midnight(day) if day else stamps.parse_moment(raw)
    return stamps.stamp(moment) if moment else None


_KINDS = {
    "boolean": "boolean",
    "int": "int",
    "double": "double",
    "currency": "double",
    "percent": "double",
    "date": "date",
    "datetime": "datetime",
}
_READERS = {
    "string": _text,
    "boolean": _flag,
    "int": _whole,
    "double": _amount,
    "date": _day,
    "datetime": _moment,
}


def _unreadable(field: Field, kind: str, raw: Any, text: str) -> ApiError:
    column = text.find(f'"{field.name}"') + 1
    return refuse(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {_token(raw)} or request may be missing a required "
        f"field at [line:1, column:{max(column, 1)}]",
    )


def _token(raw: Any) -> str:
    if isinstance(raw, dict):
        return "START_OBJECT value {"
    if isinstance(raw, list):
        return "START_ARRAY value ["
    if isinstance(raw, bool):
        return f"VALUE_{str(raw).upper()} value {str(raw).lower()}"
    if isinstance(raw, str):
        return f"VALUE_STRING value {raw}"
    kind = "FLOAT" if isinstance(raw, float) else "INT"
    return f"VALUE_NUMBER_{kind} value {json.dumps(raw)}"
