"""Values in one comparable form per type: total, idempotent, and blind to formatting only.

A value that is not of its type (an e-mail without @, a number in words) is compared as folded text; whether
it may be written is asked elsewhere (`core.convert`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parseaddr
from functools import lru_cache
from urllib.parse import urlsplit

import phonenumbers
from publicsuffixlist import PublicSuffixList

from syncline.core.model import Norm, Raw
from syncline.core.schema import FieldType

_SUFFIXES = PublicSuffixList()
_LONGEST = 1_000
"""Nothing longer is an address, a number or a date; it is compared as text without being parsed."""

_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_TRUE = frozenset({"true", "yes", "1", "y", "t"})
_FALSE = frozenset({"false", "no", "0", "n", "f"})


def normalise(field_type: FieldType, value: Raw | Norm, region: str = "US") -> Norm:
    """The comparable form of a value; empty values become None. `region` reads national phone numbers."""
    if isinstance(value, list | tuple) or field_type is FieldType.MULTIPICKLIST:
        return _choices(value)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if field_type is FieldType.BOOLEAN:
        return _boolean(value)
    text = _text(value)
    if field_type is FieldType.PHONE:
        return phone(text, region) or None
    parse = _PARSERS.get(field_type)
    return (parse(text) if parse else text) or None


def fold(text: str) -> str:
    """Text without regard to composition, runs of blanks and outer blanks."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _text(value: Raw | Norm) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return fold(str(value))


def _casefold(text: str) -> str:
    return fold(text.casefold())


def _choices(value: Raw | Norm) -> Norm:
    if value is None:
        return None
    parts = value if isinstance(value, list | tuple) else str(value).split(";")
    chosen = {_casefold(str(part)) for part in parts} - {""}
    return tuple(sorted(chosen)) or None


def _boolean(value: Raw | Norm) -> Norm:
    folded = _casefold(_text(value))
    if folded in _TRUE:
        return True
    return False if folded in _FALSE else folded


@lru_cache(maxsize=65_536)
def email(text: str) -> str:
    """An address in lower case, without a display name."""
    if len(text) > _LONGEST:
        return text
    _, address = parseaddr(text) if "<" in text else ("", text)
    return _casefold(address if "@" in address else text)


@lru_cache(maxsize=65_536)
def phone(text: str, region: str) -> str:
    """E.164 with `;ext=` where the number is possible, else its digits, else its text."""
    if len(text) > _LONGEST:
        return text
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return _digits(text)
    if not phonenumbers.is_possible_number(number):
        return _digits(text)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{e164};ext={number.extension}" if number.extension else e164


def _digits(text: str) -> str:
    digits = "".join(c for c in text if c.isdecimal() and c.isascii())
    return digits if len(digits) >= 5 and len(digits) * 2 >= len(text) else _casefold(text)


@lru_cache(maxsize=65_536)
def domain(text: str) -> str:
    """The registrable domain of a host name, URL or e-mail address, in lower case."""
    if len(text) > _LONGEST:
        return text
    host = _host(text.rpartition("@")[2] if "@" in text and "/" not in text else text)
    if host is None:
        return _casefold(text)
    return _SUFFIXES.privatesuffix(host) or host.removeprefix("www.")


def _host(text: str) -> str | None:
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        host = (parts.hostname or "").rstrip(".")
        host = host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    return host if host and " " not in host else None


def _url(text: str) -> str:
    host = _host(text) if len(text) <= _LONGEST else None
    if host is None:
        return text
    parts = urlsplit(text if "//" in text else f"//{text}")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host.removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def number(text: str) -> Decimal | None:
    """A finite number of sane size, thousands separators allowed; None for anything else."""
    if len(text) > 60:
        return None
    try:
        value = Decimal(text.replace(",", "") if _GROUPED.match(text) else text)
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value.adjusted()) > 30:
        return None
    return value


def _number(text: str) -> str:
    value = number(text)
    if value is None:
        return _casefold(text)
    return "0" if value == 0 else format(value.normalize(), "f")


def moment(text: str) -> datetime | None:
    """An aware time in UTC; times without a zone are taken as UTC. None for anything else."""
    if not 10 <= len(text) <= 40:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        return None


def _datetime(text: str) -> str:
    value = moment(text)
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else _casefold(text)


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat() if len(text) <= 40 else _casefold(text)
    except ValueError:
        return _casefold(text)


_PARSERS: dict[FieldType, Callable[[str], str]] = {
    FieldType.EMAIL: email,
    FieldType.DOMAIN: domain,
    FieldType.URL: _url,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _number,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.PICKLIST: _casefold,
}
