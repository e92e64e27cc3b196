"""Literals of a query as values that records can be compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from syncline.sandbox.salesforce import ids, stamps
from syncline.sandbox.salesforce.errors import ApiError, refuse
from syncline.sandbox.salesforce.fields import Field
from syncline.sandbox.salesforce.soql.dates import range_of
from syncline.sandbox.salesforce.soql.tree import Literal

TEXT_TYPES = frozenset({"string", "textarea", "email", "phone", "url", "picklist"})
ID_TYPES = frozenset({"id", "reference"})
NUMBER_TYPES = frozenset({"int", "double", "percent", "currency"})
MAX_STRING = 4_000

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Span:
    """A range of stored values: from `start`, up to but without `end`."""

    start: str
    end: str


def value_of(literal: Literal, field: Field, today: date) -> Any:
    """The comparable value: None, a boolean, a number, a lower-case text, an id, a stamp or a Span."""
    if literal.kind == "WORD" and literal.text.lower() == "null":
        return None
    if field.type in TEXT_TYPES:
        return unquoted(_quoted(literal, field)).lower() or None
    if field.type in ID_TYPES:
        return _id(unquoted(_quoted(literal, field)))
    if field.type == "boolean":
        return _boolean(literal, field)
    if field.type in NUMBER_TYPES:
        return _number(literal, field)
    if field.type == "datetime":
        return _moment(literal, field, today)
    return _day(literal, field, today)


def unquoted(text: str, keep: str = "") -> str:
    """The content of a string literal; the escapes of the characters in `keep` stay as written."""

    def replace(found: re.Match[str]) -> str:
        char = found.group(1)
        if char in keep:
            return found.group(0)
        if char in "_%":
            return char
        if char not in _PLAIN_ESCAPES:
            raise refuse(
                "MALFORMED_QUERY",
                f"Invalid string literal '{text[1:-1]}'. "
                f"Illegal character sequence '\\{char}' in string literal.",
            )
        return _PLAIN_ESCAPES[char]

    if len(text) > MAX_STRING + 2:
        raise refuse("INVALID_QUERY_FILTER_OPERATOR", "String literal in filter condition is too long")
    return _ESCAPE.sub(replace, text[1:-1])


def _quoted(literal: Literal, field: Field) -> str:
    if literal.kind != "STRING":
        raise _wrong_type(field, "string" if field.type in TEXT_TYPES else "ID", quotes=True)
    return literal.text


def _id(text: str) -> str:
    found = ids.canonical(text)
    if found is None:
        raise refuse("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return found


def _boolean(literal: Literal, field: Field) -> bool:
    word = literal.text.lower()
    if literal.kind != "WORD" or word not in {"true", "false"}:
        raise _wrong_type(field, "boolean")
    return word == "true"


def _number(literal: Literal, field: Field) -> float:
    if literal.kind != "NUMBER":
        raise _wrong_type(field, field.type)
    return float(literal.text)


def _moment(literal: Literal, field: Field, today: date) -> Any:
    if literal.kind == "DATETIME":
        moment = stamps.parse_moment(literal.text)
        if moment is not None:
            return stamps.wire(moment)
    span = _span(literal, today)
    if span is None:
        raise _wrong_type(field, "dateTime")
    first, last = span
    return Span(stamps.wire(stamps.midnight(first)), stamps.wire(stamps.midnight(last)))


def _day(literal: Literal, field: Field, today: date) -> Any:
    if literal.kind == "DATE" and stamps.parse_day(literal.text):
        return literal.text
    span = _span(literal, today)
    if span is None:
        raise _wrong_type(field, "date")
    first, last = span
    return Span(first.isoformat(), last.isoformat())


def _span(literal: Literal, today: date) -> tuple[date, date] | None:
    if literal.kind != "WORD":
        return None
    try:
        return range_of(literal.text, today)
    except (OverflowError, ValueError) as error:
        raise refuse("MALFORMED_QUERY", f"date literal out of range: {literal.text}") from error


def _wrong_type(field: Field, wanted: str, *, quotes: bool = False) -> ApiError:
    should = "should be" if quotes else "should not be"
    return refuse(
        "INVALID_FIELD",
        f"value of filter criterion for field '{field.name}' must be of type {wanted} "
        f"and {should} enclosed in quotes",
    )
