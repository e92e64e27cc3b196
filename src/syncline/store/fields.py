"""Column types that take any text a vendor may send."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import models

_NUL = "\x00"


def is_storable(text: str) -> bool:
    """Whether a database can be asked for that text: neither NUL nor half a character is in it."""
    return _NUL not in text and not any("\ud800" <= c <= "\udfff" for c in text)


class PlainText(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """Text without NUL characters, which PostgreSQL does not store; they become a visible sign."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared.replace(_NUL, "\u2400") if isinstance(prepared, str) else prepared


class JsonText(models.TextField):  # type: ignore[type-arg]  # same
    """A JSON document kept as text: every character of a vendor's value survives, on both databases."""

    _pyi_private_set_type: Any  # how django-stubs learns which values a column takes
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> Any:
        return None if value is None else msgspec.json.decode(value)

    def to_python(self, value: Any) -> Any:
        return value
