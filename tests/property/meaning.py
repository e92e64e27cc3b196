"""What values mean, written apart from `core.normalise` on purpose: a judge does not borrow from the judged."""

from __future__ import annotations

import re
import unicodedata

from syncline.core.model import Raw
from syncline.core.schema import FieldType

Meaning = str | float | bool | frozenset[str] | None


def meaning(kind: FieldType, value: Raw) -> Meaning:
    """What a value says, whatever it looks like; written apart from `core.normalise` on purpose."""
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return None
    if kind is FieldType.MULTIPICKLIST:
        return frozenset(
            part.strip().lower() for part in (value if isinstance(value, list) else [str(value)])
        )
    if kind in (FieldType.NUMBER, FieldType.MONEY):
        return float(str(value))
    if kind is FieldType.BOOLEAN:
        return bool(value)
    text = " ".join(unicodedata.normalize("NFC", str(value)).split())
    if kind is FieldType.PHONE:
        return re.sub("[^0-9]", "", text)[-10:]
    if kind is FieldType.DOMAIN:
        return re.sub(r"^(https?://)?(www\.)?", "", text.lower()).rstrip("/")
    return text.lower() if kind in (FieldType.EMAIL, FieldType.PICKLIST) else text
