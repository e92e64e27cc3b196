"""Values in the form in which a field takes them, or why it does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from syncline.core.model import Raw
from syncline.core.normalise import domain, email, moment, normalise, number
from syncline.core.schema import Field, FieldType


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be written on the other side, in words, with what would be allowed there."""

    code: str
    reason: str
    allowed: tuple[str, ...] = ()


def plain(value: Raw) -> str:
    """A value as people write it: no point behind a whole number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def parts_of(value: Raw) -> list[str]:
    """The choices of a picklist value, whatever its form; blank ones are none."""
    parts = value if isinstance(value, list) else plain(value).split(";")
    return [str(part).strip() for part in parts if str(part).strip()]


def written(target: Field, value: Raw, region: str) -> Raw | Problem:
    """A plain value as it would be sent to that field, or why it may not be."""
    text = plain(value)
    if bad := refusal(target, text, length=False):
        return bad
    shaped = _shaped(target, value if isinstance(value, bool) else text.strip(), region)
    return (refusal(target, shaped) if isinstance(shaped, str) else None) or shaped


def refusal(target: Field, text: str, *, length: bool = True) -> Problem | None:
    """Why a text may not be sent to that field."""
    bad = _UNPRINTABLE.search(text)
    if bad:
        reason = f"the value holds a character that must not be written (U+{ord(bad[0]):04X})"
        return Problem("characters", reason)
    if length and target.length and len(text) > target.length:
        return Problem("length", f"{len(text)} characters do not fit into {target.label} ({target.length})")
    return None


_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, marks that turn the direction of text, and halves of characters."""


def _shaped(target: Field, value: str | bool, region: str) -> Raw | Problem:
    kind = target.type
    if kind is FieldType.BOOLEAN:
        flag = normalise(kind, value)
        return flag if isinstance(flag, bool) else Problem("type", f"{short(value)} is neither yes nor no")
    text = value if isinstance(value, str) else ("true" if value else "false")
    if kind is FieldType.EMAIL:
        return _address(text)
    if kind in (FieldType.NUMBER, FieldType.MONEY):
        return _as_number(text, target.scale)
    if kind in (FieldType.DATE, FieldType.DATETIME):
        return _as_time(kind, text, region)
    return _as_domain(text) if kind is FieldType.DOMAIN else text


def _as_domain(text: str) -> Raw | Problem:
    name = domain(text)
    return name if is_domain(name) else Problem("type", f"{short(text)} is not a domain")


def is_domain(name: str) -> bool:
    """Whether a normalised name has the form of a domain."""
    return _DOMAIN.fullmatch(name) is not None


_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")


def _address(text: str) -> Raw | Problem:
    address = email(text)
    if valid_email(address):
        return address
    return Problem("email", f"{short(text)} is not a valid e-mail address")


def valid_email(address: str) -> bool:
    """Whether an address has the form of one; nothing is asked of the network."""
    return len(address) <= 254 and _valid(address)


@lru_cache(maxsize=65_536)
def _valid(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _as_number(text: str, scale: int | None) -> Raw | Problem:
    value = number(text)
    if value is None:
        return Problem("type", f"{short(text)} is not a number")
    if scale is not None:
        value = value.quantize(Decimal(1).scaleb(-scale), context=_ROOMY)
    return int(value) if value == value.to_integral_value() else float(value)


_ROOMY = Context(prec=120)
"""Enough digits for every number that `number` lets through, at any scale."""


def _as_time(kind: FieldType, text: str, region: str) -> Raw | Problem:
    if moment(text) is None:
        return Problem("type", f"{short(text)} is not a {kind.value}")
    norm = normalise(kind, text, region)
    return norm if isinstance(norm, str) else None


def short(value: str | bool) -> str:
    """A value as messages quote it."""
    text = str(value)
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
