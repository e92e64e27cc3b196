"""Values on their way to Salesforce: as JSON of the type a field takes, and as it will store them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from syncline.connectors.salesforce import stamps
from syncline.connectors.salesforce.failures import Problem
from syncline.connectors.salesforce.ids import to18
from syncline.core.model import Raw, is_empty
from syncline.core.schema import Field, FieldType
from syncline.core.written import parts_of

LONGEST_VALUE = 131_072
"""No field of Salesforce holds more, and a call may not be larger than 50 MB with all its rows."""
_TEN_DIGITS = re.compile(r"1?([2-9]\d{2})(\d{3})(\d{4})", re.ASCII)


def to_wire(field: Field, value: Raw) -> Raw | Problem:
    """The JSON to send for a value, or why it cannot be sent.

    One row with a value of the wrong JSON type makes the server refuse all rows of its call, so that is found
    here. What is wrong with a value of the right type is for the server to say.
    """
    if is_empty(value):
        return False if field.type is FieldType.BOOLEAN else None
    if isinstance(value, list):
        value = ";".join(str(each) for each in value)
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        said = f"{field.label}: data value too large: {len(value)} characters (max length={field.length})"
        return Problem("STRING_TOO_LONG", said, (field.name,))
    if isinstance(value, str) and not _is_text(value):
        return Problem("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{field.label}: not a text", (field.name,))
    sent = _typed(field, value)
    if sent is None:
        said = f"{field.label}: value not of required type: {str(value)[:100]}"
        return Problem("INVALID_TYPE_ON_FIELD_IN_RECORD", said, (field.name,))
    return sent


def stored_as(field: Field, value: Raw) -> Raw:
    """The value as Salesforce shows it once it is stored; one it would refuse comes back as it is."""
    if field.several:
        return [] if is_empty(value) else [to18(each) or each for each in parts_of(value)]
    sent = to_wire(field, value)
    if isinstance(sent, Problem) or sent is None or isinstance(sent, bool):
        return value if isinstance(sent, Problem) else sent
    if field.type in {FieldType.NUMBER, FieldType.MONEY} and field.scale is not None:
        return _rounded(Decimal(str(sent)), field.scale)
    if field.type in {FieldType.REFERENCE, FieldType.OWNER}:
        return to18(str(sent).strip()) or sent
    if field.type is FieldType.DATETIME and (moment := stamps.parse(sent)):
        return stamps.shown(moment.replace(microsecond=0))
    return _tidy(field, sent) if isinstance(sent, str) else sent


def _typed(field: Field, value: Raw) -> Raw:
    """The value as the JSON type of the field, or None when it cannot be one."""
    if field.type is FieldType.BOOLEAN:
        return _flag(value)
    if field.type in {FieldType.NUMBER, FieldType.MONEY}:
        return _number(field, value)
    if field.type is FieldType.DATE:
        return _day(value)
    if field.type is FieldType.DATETIME:
        return _moment(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _flag(value: Raw) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _number(field: Field, value: Raw) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value).strip()) if len(str(value)) < 100 else None
    except InvalidOperation:
        return None
    if number is None or not number.is_finite() or abs(number.adjusted()) > 100:
        return None
    # A whole number field refuses a fraction together with every other row; an amount without one rounds it.
    return _rounded(number, 0) if field.scale == 0 else _json_number(number)


def _rounded(number: Decimal, scale: int) -> int | float:
    if number.adjusted() > 20:
        return _json_number(number)
    return _json_number(number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))


def _json_number(number: Decimal) -> int | float:
    whole = number == number.to_integral_value() and abs(number.adjusted()) < 15
    return int(number) if whole else float(number)


def _day(value: Raw) -> str | None:
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        return (
            date.fromisoformat(text if len(text) == 10 else text[:10]).isoformat() if _dated(text) else None
        )
    except ValueError:
        return None


def _dated(text: str) -> bool:
    return len(text) == 10 or stamps.parse(text) is not None


def _moment(value: Raw) -> str | None:
    if not isinstance(value, str):
        return None
    moment = stamps.parse(value.strip())
    if moment is None and (day := _day(value)):
        moment = datetime.combine(date.fromisoformat(day), time(), UTC)
    return stamps.literal(moment) if moment else None


def _tidy(field: Field, text: str) -> Raw:
    trimmed = text.strip()
    if field.type is FieldType.EMAIL:
        trimmed = trimmed.lower()
    if field.type is FieldType.PHONE and (found := _TEN_DIGITS.fullmatch(trimmed)):
        trimmed = f"({found[1]}) {found[2]}-{found[3]}"
    return trimmed or None


def _is_text(value: str) -> bool:
    """Half of a surrogate pair is no character and cannot be sent."""
    return not any("\ud800" <= char <= "\udfff" for char in value)
