"""Conditions of a query as functions from a record to yes or no."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from syncline.sandbox.salesforce.errors import refuse
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.schema import Schema
from syncline.sandbox.salesforce.soql import literals, paths, tree
from syncline.sandbox.salesforce.soql.literals import ID_TYPES, NUMBER_TYPES, TEXT_TYPES, Span
from syncline.sandbox.salesforce.soql.paths import Document, Fetch, Getter, Path

Test = Callable[[Document], bool]

_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What the conditions of one query are about; `find` gives what an inner query finds."""

    text: str
    object: ObjectType
    fetch: Fetch
    today: date
    schema: Schema
    find: Callable[[tree.Query], list[Any]]

    def path(self, name: tree.Name) -> Path:
        """The path a condition names; some fields cannot be filtered by."""
        found = paths.find(self.text, name, self.object, self.schema)
        if not found.field.filterable:
            raise refuse("INVALID_FIELD", f"field '{found.field.name}' can not be filtered in a query call")
        return found


def test_of(condition: tree.Condition, scope: Scope) -> Test:
    """The test a condition stands for."""
    if isinstance(condition, tree.Both):
        return _all([test_of(part, scope) for part in condition.parts])
    if isinstance(condition, tree.Either):
        return _any([test_of(part, scope) for part in condition.parts])
    if isinstance(condition, tree.Negation):
        inner = test_of(condition.part, scope)
        return lambda record: not inner(record)
    if isinstance(condition, tree.Membership):
        return _membership(condition, scope)
    if isinstance(condition, tree.Join):
        return _join(condition, scope)
    return _comparison(condition, scope)


def conditions(condition: tree.Condition | None) -> Iterator[tree.Condition]:
    """A condition and all it is made of."""
    if condition is None:
        return
    yield condition
    inner = (condition.part,) if isinstance(condition, tree.Negation) else getattr(condition, "parts", ())
    for part in inner:
        yield from conditions(part)


def comparable(path: Path, fetch: Fetch) -> Getter:
    """The value of a field in the form literals have: texts compare without regard to case."""
    read = path.getter(fetch)
    if path.field.type not in TEXT_TYPES:
        return read

    def lowered(record: Document) -> Any:
        value = read(record)
        return value.lower() if value else None

    return lowered


def _all(parts: list[Test]) -> Test:
    if len(parts) == 2:
        first, second = parts
        return lambda record: first(record) and second(record)
    return lambda record: all(part(record) for part in parts)


def _any(parts: list[Test]) -> Test:
    if len(parts) == 2:
        first, second = parts
        return lambda record: first(record) or second(record)
    return lambda record: any(part(record) for part in parts)


def _membership(condition: tree.Membership, scope: Scope) -> Test:
    path = scope.path(condition.name)
    read = comparable(path, scope.fetch)
    wanted = [literals.value_of(value, path.field, scope.today) for value in condition.values]
    spans = [value for value in wanted if isinstance(value, Span)]
    exact = frozenset(value for value in wanted if not isinstance(value, Span))

    def found(record: Document) -> bool:
        value = read(record)
        return value in exact or any(_inside(value, span) for span in spans)

    return (lambda record: not found(record)) if condition.negated else found


def _join(condition: tree.Join, scope: Scope) -> Test:
    path = scope.path(condition.name)
    if path.field.type not in ID_TYPES:
        raise refuse(
            "INVALID_FIELD", f"field '{path.field.name}' of an inner query must be an id or a reference"
        )
    read = path.getter(scope.fetch)
    found = frozenset(scope.find(condition.query))
    return lambda record: (read(record) in found) != condition.negated


def _comparison(condition: tree.Comparison, scope: Scope) -> Test:
    path = scope.path(condition.name)
    if condition.operator == "like":
        return _like(condition, path, scope)
    read = comparable(path, scope.fetch)
    wanted = literals.value_of(condition.value, path.field, scope.today)
    if isinstance(wanted, Span):
        return _against_span(read, condition.operator, wanted)
    if condition.operator == "=":
        return lambda record: bool(read(record) == wanted)
    if condition.operator in {"!=", "<>"}:
        return lambda record: bool(read(record) != wanted)
    if path.field.type == "boolean" or wanted is None:
        kind = "boolean" if path.field.type == "boolean" else "null"
        raise refuse("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {kind} field: {path.field.name}")
    compare = _ORDERINGS[condition.operator]

    def ordered(record: Document) -> bool:
        value = read(record)
        return value is not None and compare(value, wanted)

    return ordered


def _inside(value: Any, span: Span) -> bool:
    return value is not None and span.start <= value < span.end


def _against_span(read: Getter, sign: str, span: Span) -> Test:
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda value: span.start <= value < span.end,
        "!=": lambda value: not span.start <= value < span.end,
        "<>": lambda value: not span.start <= value < span.end,
        "<": lambda value: value < span.start,
        "<=": lambda value: value < span.end,
        ">": lambda value: value >= span.end,
        ">=": lambda value: value >= span.start,
    }
    test, empty = tests[sign], sign in {"!=", "<>"}

    def compare(record: Document) -> bool:
        value = read(record)
        return empty if value is None else test(value)

    return compare


def _like(condition: tree.Comparison, path: Path, scope: Scope) -> Test:
    field = path.field
    if field.type in ID_TYPES | NUMBER_TYPES | {"boolean", "date", "datetime"}:
        raise refuse("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {field.type} field: {field.name}")
    if condition.value.kind != "STRING":
        literals.value_of(condition.value, field, scope.today)
        raise refuse("INVALID_FIELD", f"LIKE needs a string in quotes for field '{field.name}'")
    pattern = _pattern(literals.unquoted(condition.value.text, keep="_%"))
    read = path.getter(scope.fetch)

    def matches(record: Document) -> bool:
        value = read(record)
        return value is not None and pattern.fullmatch(value) is not None

    return matches


def _pattern(text: str) -> re.Pattern[str]:
    wild = {"%": ".*", "_": "."}
    parts = re.findall(r"\\[_%]|.", text, re.DOTALL)
    made = "".join(wild.get(part, re.escape(part[-1])) for part in parts)
    return re.compile(made, re.IGNORECASE | re.DOTALL)
