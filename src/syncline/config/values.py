"""Types of single settings: names, durations and references to secrets."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import BeforeValidator, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d{1,6})\s*([smhd])\Z")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*\Z|file:.+\Z", re.DOTALL)
_SECRET_NAME = re.compile(r"(secret|token|password|passwd|api_?key|private_?key)$", re.IGNORECASE)


def duration(value: object) -> timedelta:
    """A length of time from text such as 30s, 5m, 6h or 7d."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.match(value.strip()) if isinstance(value, str) else None
    if not found:
        raise PydanticCustomError("duration", "should be a number with s, m, h or d behind it, such as 30m")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def duration_text(value: timedelta) -> str:
    """The shortest way to write a length of time."""
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def reference(value: object) -> str:
    """A reference to a secret; a secret itself is refused and appears in no message."""
    if isinstance(value, str) and _REFERENCE.match(value):
        return value
    raise PydanticCustomError("secret", "a secret must not stand in the settings file")


def is_reference(value: object) -> bool:
    """Whether a value names a place to look up, rather than being what is meant."""
    return isinstance(value, str) and value.startswith(("env:", "file:"))


def database(value: object) -> str:
    """A database URL without a password, or a reference to one."""
    if not isinstance(value, str):
        raise PydanticCustomError("database", "should be a URL or env:NAME")
    if is_reference(value):
        return reference(value)
    parts = urlsplit(value)
    if parts.password is not None or "password" in parse_qs(parts.query):
        raise PydanticCustomError("secret", "a password must not stand in the settings file")
    if value.startswith("sqlite:///") and len(value) > len("sqlite:///"):
        return value
    if parts.scheme in ("postgresql", "postgres") and len(parts.path) > 1:
        return value
    raise PydanticCustomError(
        "database", "should be sqlite:///FILE, postgresql://USER@HOST/DATABASE, env:NAME or file:PATH"
    )


def base_url(value: object) -> str:
    """Where a system answers; https, or http on this machine."""
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise PydanticCustomError("url", "should be a URL such as https://api.example.com")
    if "@" in parts.netloc:
        raise PydanticCustomError("secret", "a user name or password must not stand in a URL")
    if parts.query or parts.fragment:
        raise PydanticCustomError("url", "should end before any ? or #")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise PydanticCustomError("url", "should begin with https:// (http only reaches this machine)")
    return str(value).rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    return host in ("localhost", "::1") or re.match(r"127(\.\d{1,3}){3}\Z", host) is not None


def options(value: object) -> object:
    """Options by name: plain values, and none that looks like a secret."""
    for name, each in value.items() if isinstance(value, dict) else ():
        if _SECRET_NAME.search(str(name)):
            raise PydanticCustomError("secret", "holds a secret; it belongs under credentials")
        if not isinstance(each, str | int | float | bool):
            raise PydanticCustomError("option", "should hold only text, numbers, true and false")
    return value


KindName = Literal["account", "person", "deal"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]

Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,6}\s*[smhd]$"}),
]

Reference = Annotated[
    str,
    BeforeValidator(reference),
    WithJsonSchema({"type": "string", "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$"}),
]

Options = Annotated[dict[str, str | int | float | bool], BeforeValidator(options)]

Database = Annotated[str, BeforeValidator(database), WithJsonSchema({"type": "string"})]

BaseUrl = Annotated[str, BeforeValidator(base_url), WithJsonSchema({"type": "string", "format": "uri"})]
