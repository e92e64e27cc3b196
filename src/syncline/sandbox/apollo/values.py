"""How the vendor stores what it is sent: text, e-mails, phones, domains and profile addresses."""

import re
from typing import Any
from urllib.parse import unquote

FREE_DOMAINS = frozenset(
    {
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "hotmail.com",
        "outlook.com",
        "icloud.com",
        "aol.com",
        "gmx.de",
    }
)
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:ext\.?|extension|x|#)\s*\d+\s*$", re.IGNORECASE)
LONGEST_EMAIL = 320  # the longest that the standards allow
NORTH_AMERICAN = 10
SHORTEST = 7
MOST_DIGITS = 15  # of an amount; a number of JSON holds no more of them exactly


def text(value: Any) -> str | None:
    """Text without surrounding blanks; numbers and booleans become text; empty and structured values nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        return None
    return value.strip() or None


def email(value: Any) -> str | None:
    """An address in lower case, or nothing; whether it is one at all is asked of `is_email`."""
    plain = text(value)
    return plain.lower() if plain else None


def is_email(value: str) -> bool:
    """Whether the vendor takes this as an e-mail address."""
    return len(value) <= LONGEST_EMAIL and _EMAIL.fullmatch(value) is not None


def email_domain(address: str | None) -> str | None:
    """The domain of an address, None for a free mailbox provider."""
    if not address or "@" not in address:
        return None
    domain = address.rpartition("@")[2].lower()
    return None if domain in FREE_DOMAINS else domain


def domain(value: Any) -> str | None:
    """A bare domain in lower case: no scheme, no www, no path, no port."""
    plain = text(value)
    if not plain:
        return None
    host, _ = _host_and_path(plain)
    bare = host.rpartition("@")[2].partition(":")[0].lower().rstrip(".")
    return bare.removeprefix("www.") or None


def profile_url(value: Any) -> str | None:
    """A profile address in the vendor's canonical form: http, lower case, no query and no closing slash."""
    plain = text(value)
    if not plain:
        return None
    host, path = _host_and_path(plain)
    host = f"www.{host.lower()}" if host.count(".") == 1 else host.lower()
    return f"http://{host}{unquote(path).lower().rstrip('/')}"


def _host_and_path(url: str) -> tuple[str, str]:
    """The host and the path of an address, however badly it is written; no query and no fragment."""
    bare = re.split(r"[?#]", _SCHEME.sub("", url, count=1))[0]
    host, slash, path = bare.partition("/")
    return host, slash + path


def sanitised_phone(value: str | None) -> str | None:
    """The number as plus and digits; ten digits are read as North American; None when it is no number."""
    if not value:
        return None
    digits = re.sub(r"\D", "", _EXTENSION.sub("", value))
    if len(digits) < SHORTEST:
        return None
    if value.strip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+1{digits}" if len(digits) == NORTH_AMERICAN else f"+{digits}"
