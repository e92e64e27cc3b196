"""Builds queries: names are checked, values escaped, and no query is longer than a URL may be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

LONGEST_QUERY = 10_000
"""Characters of an encoded query in a URL. The server takes 16,384 with all headers, and the token is one."""
LONGEST_TEXT = 4_000
"""Characters of one text in a condition."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_ESCAPES = {
    "\\": "\\\\",
    "'": "\\'",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}
_ESCAPE_TABLE = str.maketrans(_ESCAPES)
_LIKE_TABLE = str.maketrans({**_ESCAPES, "%": "\\%", "_": "\\_"})


def name(text: str) -> str:
    """An object's or a field's name as it is, or `ValueError`: a name can never carry a piece of query."""
    if not _NAME.fullmatch(text) or len(text) > 120:
        raise ValueError(f"{text[:60]!r} is no name of an object or a field")
    return text


def text(value: str) -> str:
    """A quoted text."""
    return f"'{value.translate(_ESCAPE_TABLE)}'"


def containing(value: str) -> str:
    """A quoted pattern of LIKE that matches what contains the value."""
    return f"'%{value.translate(_LIKE_TABLE)}%'"


def askable(value: str) -> bool:
    """Whether a text may stand in a condition; no stored value can equal one that may not.

    Control characters are never stored in a line of text, and half of a surrogate pair is no character.
    """
    printable = all(char >= " " and not "\ud800" <= char <= "\udfff" for char in value)
    return bool(value.strip()) and printable and len(value) <= LONGEST_TEXT


def select(
    fields: Iterable[str], object_type: str, where: str = "", order: str = "", limit: int | None = None
) -> str:
    """A query over the named fields; `where` and `order` are made of the other functions here."""
    query = f"SELECT {','.join(name(each) for each in fields)} FROM {name(object_type)}"
    query += f" WHERE {where}" if where else ""
    query += f" ORDER BY {order}" if order else ""
    return query + (f" LIMIT {limit}" if limit is not None else "")


def encoded_length(query: str) -> int:
    """How long the query is inside a URL."""
    return len(quote(query, safe=""))


def is_in(field: str, values: Sequence[str]) -> str:
    """A condition that a field has one of the values."""
    return f"{name(field)} IN ({','.join(text(value) for value in values)})"


def contains_any(field: str, values: Sequence[str]) -> str:
    """A condition that a field contains one of the values."""
    return " OR ".join(f"{name(field)} LIKE {containing(value)}" for value in values)


def chunks(values: Iterable[str], room: int, size: int) -> Iterator[list[str]]:
    """The values in lists of at most `size` whose terms fit into `room` encoded characters."""
    chunk: list[str] = []
    used = 0
    for value in values:
        length = encoded_length(containing(value)) + 40
        if chunk and (used + length > room or len(chunk) >= size):
            yield chunk
            chunk, used = [], 0
        chunk.append(value)
        used += length
    if chunk:
        yield chunk
