"""What becomes of one value when it is stored: refused with a reason, or reformatted."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from syncline.core.model import Raw
from syncline.core.schema import Field, FieldType

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBERS = frozenset({FieldType.NUMBER, FieldType.MONEY})


def complaint(field: Field, value: Raw, *, cuts: bool) -> tuple[str, str] | None:
    """Why a value cannot be stored, as a code and a sentence; `cuts` forgives values that are too long."""
    if is_blank(value):
        return ("REQUIRED", f"{field.label} must not be empty") if field.required else None
    if isinstance(value, list):
        return _list_complaint(field, value)
    if field.type in _NUMBERS:
        return None if _number(value) is not None else ("NOT_A_NUMBER", f"{field.label} must be a number")
    if field.type is FieldType.BOOLEAN:
        fits = isinstance(value, bool)
        return None if fits else ("NOT_A_BOOLEAN", f"{field.label} must be true or false")
    if not isinstance(value, str) or field.type is FieldType.MULTIPICKLIST:
        return "WRONG_TYPE", f"{field.label} does not take {type(value).__name__} values"
    return _text_complaint(field, value, cuts=cuts)


def stored(field: Field, value: Raw, *, formats: bool, cuts: bool) -> Raw:
    """What is kept of a value nobody complained about."""
    if isinstance(value, list):
        return list(dict.fromkeys(value)) or None
    if field.type in _NUMBERS:
        number = None if value is None else _number(value)
        return value or None if number is None else _rounded(number, field.scale)
    if not isinstance(value, str):
        return value
    if field.type is FieldType.DATETIME:
        value = _in_utc(value)
    if formats:
        value = _formatted(field, value)
    if cuts and field.length is not None:
        value = value[: field.length]
    return None if is_blank(value) else value


def is_blank(value: Raw) -> bool:
    """Whether a value is nothing to the store."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _list_complaint(field: Field, value: list[str]) -> tuple[str, str] | None:
    if field.type is not FieldType.MULTIPICKLIST:
        return "WRONG_TYPE", f"{field.label} takes one value"
    for item in value:
        found = _text_complaint(field, item, cuts=False)
        if found:
            return found
    return None


def _text_complaint(field: Field, value: str, *, cuts: bool) -> tuple[str, str] | None:
    if re.search("[\0\ud800-\udfff]", value):
        return "BAD_CHARACTER", f"{field.label} holds a character that cannot be stored"
    if field.length is not None and len(value) > field.length and not cuts:
        return "TOO_LONG", f"{field.label} takes at most {field.length} characters"
    if field.type is FieldType.EMAIL and not _ADDRESS.fullmatch(value.strip()):
        return "BAD_EMAIL", f"{field.label} is not an e-mail address"
    if field.restricted and value not in {option.value for option in field.options if option.active}:
        return "BAD_OPTION", f"{field.label} has no such option"
    if field.type is FieldType.DATE and not _is_date(value):
        return "BAD_DATE", f"{field.label} must be a day such as 2024-02-29"
    if field.type is FieldType.DATETIME and _moment(value) is None:
        return "BAD_TIME", f"{field.label} must be a time with its zone"
    return None


def _number(value: Raw) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and math.isfinite(float(number)) else None


def _rounded(number: Decimal, scale: int | None) -> int | float:
    if scale is not None and number.adjusted() < 20:  # larger ones have no digits to round
        number = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    return int(number) if number == number.to_integral_value() else float(number)


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _in_utc(value: str) -> str:
    moment = _moment(value)
    return moment.astimezone(UTC).isoformat() if moment else value


def _formatted(field: Field, value: str) -> str:
    value = value.strip()
    if field.type is FieldType.EMAIL:
        return value.lower()
    if field.type is FieldType.PHONE:
        return _phone(value)
    return value


def _phone(value: str) -> str:
    """Ten digits the way many systems insist on showing them; anything else as it is."""
    digits = re.sub(r"[\s().-]", "", value).removeprefix("+1")
    if re.fullmatch(r"[0-9]{10}", digits):
        return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    return value
