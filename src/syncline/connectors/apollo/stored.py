"""What Apollo makes of a value when it stores it, and the values it can be sent."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from urllib.parse import unquote, urlsplit

from syncline.connectors.apollo.objects import CUSTOM
from syncline.core.model import Raw, is_empty
from syncline.core.normalise import number
from syncline.core.schema import Field, FieldType

MOST_AMOUNT = 10**15
"""No amount of that many digits survives as a number of JSON."""


def stored_as(field: Field, value: Raw) -> Raw:
    """The value as Apollo shows it once it is stored; empty ones come back as nothing."""
    if is_empty(value):
        return [] if field.type is FieldType.MULTIPICKLIST else None
    if isinstance(value, list):
        return value
    if field.name.startswith(CUSTOM):
        return _custom(field, value)
    if field.type is FieldType.MONEY:
        return whole_amount(value)
    if field.type is FieldType.DATE:
        return f"{str(value).strip()[:10]}T00:00:00.000+00:00"
    text = plain_text(value)
    if field.type is FieldType.EMAIL:
        return text.lower()
    if field.type is FieldType.DOMAIN:
        return domain(text)
    if field.type is FieldType.URL:
        return _profile(text)
    return text


def whole_amount(value: Raw) -> int | None:
    """The amount that can be written: digits alone, since anything else leaves it blank. None where there is none."""
    amount = number(plain_text(value))
    whole = None if amount is None else amount.quantize(Decimal(1))
    return int(whole) if whole is not None and 0 <= whole < MOST_AMOUNT else None


def plain_text(value: Raw) -> str:
    """A single value as text without outer blanks."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def domain(text: str) -> str | None:
    """A bare domain in lower case: without scheme, www, port and path."""
    try:
        host = urlsplit(text if "//" in text else f"//{text}").netloc or text
    except ValueError:
        host = text
    bare = host.rpartition("@")[2].partition(":")[0].lower().rstrip(".")
    return bare.removeprefix("www.") or None


def _profile(text: str) -> str:
    """A profile's address in its canonical form: http, lower case, no query, no closing slash."""
    try:
        parts = urlsplit(text if "//" in text else f"http://{text}")
    except ValueError:
        return text
    host = parts.netloc.lower()
    host = f"www.{host}" if host.count(".") == 1 else host
    return f"http://{host}{unquote(parts.path).lower().rstrip('/')}"


def _custom(field: Field, value: Raw) -> Raw:
    """Custom text keeps its blanks and is cut at its length; numbers and booleans are typed."""
    if field.type is FieldType.TEXT:
        text = value if isinstance(value, str) else plain_text(value)
        return text if field.length is None else text[: field.length]
    if field.type is FieldType.BOOLEAN and str(value).lower() in {"true", "false"}:
        return str(value).lower() == "true"
    if field.type is FieldType.NUMBER:
        return _number(value)
    if field.type is FieldType.DATE:
        return str(value)[:10]
    if field.type is FieldType.DATETIME:
        return _moment(str(value))
    return value


def _moment(text: str) -> str:
    """A time of day in whole milliseconds; its offset stays."""
    try:
        return datetime.fromisoformat(text).isoformat(timespec="milliseconds")
    except ValueError:
        return text


def _number(value: Raw) -> Raw:
    try:
        number = float(str(value))
    except ValueError:
        return value
    if not math.isfinite(number):
        return value
    return int(number) if number.is_integer() else number
