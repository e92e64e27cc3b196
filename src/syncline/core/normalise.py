"""Values in one comparable form per type: total, idempotent, and blind to formatting only.

A value that is not of its type (an e-mail without @, a number in words) is compared as folded text; whether
it may be written is asked elsewhere (`core.convert`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import phonenumbers
from publicsuffixlist import PublicSuffixList

from syncline.core.model import Norm, Raw
from syncline.core.schema import FieldType

_SUFFIXES = PublicSuffixList()
_LONGEST = 1_000
"""Nothing longer is an address, a number or a date; it is compared as text without being parsed."""

_NAMED = re.compile(r"[^<>]*<([^<>@\s]+@[^<>@\s]+)>")
_SCHEMED = re.compile(r"([a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_WWW = re.compile(r"^(www\.)+(?=.)")
_USUAL_PORTS = frozenset({None, 80, 443})
_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_TRUE = frozenset({"true", "yes", "1", "y", "t"})
_FALSE = frozenset({"false", "no", "0", "n", "f"})


def normalise(field_type: FieldType, value: Raw | Norm, region: str = "US") -> Norm:
    """The comparable form of a value; empty values become None. `region` reads national phone numbers."""
    if isinstance(value, str) and len(value) <= _LONGEST:
        return _of_text(field_type, value, region)
    return _normalised(field_type, value, region)


def _normalised(field_type: FieldType, value: Raw | Norm, region: str) -> Norm:
    if isinstance(value, list | tuple) or field_type is FieldType.MULTIPICKLIST:
        return _choices(value)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if field_type is FieldType.BOOLEAN:
        return _boolean(value)
    text = _text(value)
    if field_type is FieldType.PHONE:
        return phone(text, region) or None
    parse = _PARSERS.get(field_type) if len(text) <= _LONGEST else None
    return (parse(text) if parse else text) or None


@lru_cache(maxsize=32_768)
def _of_text(field_type: FieldType, text: str, region: str) -> Norm:
    """One text is compared many times: on both sides, when it is planned, and when it is carried out."""
    return _normalised(field_type, text, region)


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


def email(text: str) -> str:
    """An address in lower case, without a display name."""
    return text if len(text) > _LONGEST else _email(text)


@lru_cache(maxsize=65_536)
def _email(text: str) -> str:
    named = _NAMED.fullmatch(text)
    return _casefold(named[1] if named else text)


def phone(text: str, region: str) -> str:
    """E.164 with `;ext=` where the number is possible, else its digits, else its text."""
    return text if len(text) > _LONGEST else _phone(text, region)


@lru_cache(maxsize=65_536)
def _phone(text: str, region: str) -> str:
    return _dialled(text, region) or _digits(text, region)


def _dialled(text: str, region: str) -> str | None:
    """The number in E.164, unless that reads as another number: a row of zeros loses one each time."""
    found = _e164(text, region)
    return found if found and _e164(found, region) == found else None


def _e164(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{e164};ext={number.extension}" if number.extension else e164


def _digits(text: str, region: str) -> str:
    """The digits of an impossible number; its text where they are few, or would be a number of their own."""
    digits = "".join(c for c in text if c.isdecimal() and c.isascii())
    if len(digits) < 5 or len(digits) * 2 < len(text):
        return text
    alone = f"+{digits}" if text.startswith("+") else digits
    return alone if _dialled(alone, region) is None else text


def domain(text: str) -> str:
    """The registrable domain of a host name, URL or e-mail address, in lower case; an IP address as it is."""
    return text if len(text) > _LONGEST else _domain(text)


@lru_cache(maxsize=65_536)
def _domain(text: str) -> str:
    address = email(text) if "@" in text and "/" not in text else ""
    host = _host(_parts(address.rpartition("@")[2] or text))
    if host is None or "." not in host:
        return _casefold(text)
    is_address = host.replace(".", "").isdecimal()
    return host if is_address else _SUFFIXES.privatesuffix(host) or host


def is_public_suffix(host: str) -> bool:
    """Whether a host name is a suffix under which anybody may register, such as co.uk."""
    return _SUFFIXES.privatesuffix(host) is None


def _parts(text: str) -> SplitResult | None:
    """The parts of a URL, with or without its scheme; None where it cannot be one."""
    try:
        parts = urlsplit(text if _SCHEMED.match(text) else f"//{text}")
        port = parts.port
    except ValueError:  # also where the port is no number
        return None
    return None if port == 0 else parts


def _host(parts: SplitResult | None) -> str | None:
    """A host name in ASCII and lower case."""
    try:
        name = (parts and parts.hostname) or ""
        host = name.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        return None
    return host if host and not {" ", ":"} & set(host) else None


@lru_cache(maxsize=65_536)
def _url(text: str) -> str:
    parts = _parts(text)
    host = _host(parts)
    if parts is None or host is None or "@" in parts.netloc:
        return text
    port = "" if parts.port in _USUAL_PORTS else f":{parts.port}"
    query, anchor = (part.strip() for part in parts[3:])
    rest = f"{f'?{query}' if query else ''}{f'#{anchor}' if anchor else ''}"
    return f"{_WWW.sub('', host)}{port}{parts.path.rstrip('/ ')}{rest}"


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
    digits = format(value, "f")  # Decimal.normalize would round to the digits of its context
    plain = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if value == 0 else plain.removeprefix("+")


def _time(text: str) -> datetime | None:
    if not 8 <= len(text) <= 40:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """An aware time in UTC; times without a zone are taken as UTC. None for anything else."""
    value = _time(text)
    if value is None:
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
    """The day in the zone it was told in: a date has no zone of its own."""
    value = _time(text)
    return value.date().isoformat() if value else _casefold(text)


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
