"""Record ids in their canonical form of eighteen characters."""

from __future__ import annotations

import re

_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?", re.ASCII)
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def to18(text: str) -> str | None:
    """The eighteen character form of an id of fifteen or eighteen; None for what cannot be an id.

    The last three characters say which of the first fifteen are upper case. They are worked out anew for an
    id of eighteen, too: a spreadsheet that changed its case would otherwise make one record look like two.
    """
    if not _SHAPE.fullmatch(text):
        return None
    if len(text) == 15:
        return text + _suffix(text)
    return _recased(text[:15], text[15:].upper())


def _suffix(id15: str) -> str:
    groups = (id15[start : start + 5] for start in (0, 5, 10))
    return "".join(
        _SUFFIX[sum(1 << place for place, char in enumerate(group) if "A" <= char <= "Z")] for group in groups
    )


def _recased(id15: str, suffix: str) -> str | None:
    if any(char not in _SUFFIX for char in suffix):
        return None
    chars = [
        char.upper() if _SUFFIX.index(suffix[place // 5]) >> place % 5 & 1 else char.lower()
        for place, char in enumerate(id15)
    ]
    body = "".join(chars)
    return body + suffix if _suffix(body) == suffix else None
