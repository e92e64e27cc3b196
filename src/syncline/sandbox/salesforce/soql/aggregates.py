"""Queries that group and count, as rows of AggregateResult."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from syncline.sandbox.salesforce.errors import refuse
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.schema import Schema
from syncline.sandbox.salesforce.soql import paths, tree
from syncline.sandbox.salesforce.soql.literals import ID_TYPES, NUMBER_TYPES
from syncline.sandbox.salesforce.soql.paths import Document, Fetch, Path

MAX_ROWS = 2_000

# Each takes the values that are there; what nothing is made of is no value, but a count of nought.
_FUNCTIONS: Mapping[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len(set(values)),
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
    "SUM": lambda values: sum(values) if values else None,
    "AVG": lambda values: sum(values) / len(values) if values else None,
}


@dataclass(frozen=True, slots=True)
class _Column:
    """What one cell of a row is: a field the rows are grouped by, or a function over the records of a group."""

    key: str
    path: Path
    function: str | None


class Groups:
    """The columns and groups of one query."""

    def __init__(self, query: tree.Query, object_: ObjectType, schema: Schema) -> None:
        self._query = query
        self._object = object_
        self._schema = schema
        self._by = [self._path(each) for each in query.group]
        for path in self._by:
            if not path.field.filterable or path.field.type in {"double", "percent", "currency", "datetime"}:
                raise refuse(
                    "MALFORMED_QUERY", f"field '{path.field.name}' can not be grouped in a query call"
                )
        numbers = count()
        self._columns = [self._column(each, numbers) for each in query.selection]
        keys = [each.key for each in self._columns]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise refuse("MALFORMED_QUERY", f"duplicate alias: {twice}")

    def rows(self, records: Sequence[Document], fetch: Fetch) -> list[dict[str, Any]]:
        """A row for each group, in the order asked for; one row for all where nothing is grouped."""
        readers = [path.getter(fetch) for path in self._by]
        groups: dict[tuple[Any, ...], list[Document]] = {} if readers else {(): []}
        for record in records:
            groups.setdefault(tuple(read(record) for read in readers), []).append(record)
        if len(groups) > MAX_ROWS:
            raise refuse("EXCEEDED_ID_LIMIT", f"Aggregate query has too many rows: more than {MAX_ROWS}")
        ordered = sorted(groups, key=lambda key: [(value is not None, value or 0) for value in key])
        for sort in reversed(self._query.order):
            ordered = self._sorted(ordered, sort)
        return [self._row(groups[key], fetch) for key in ordered]

    def _sorted(self, keys: list[tuple[Any, ...]], sort: tree.Sort) -> list[tuple[Any, ...]]:
        path = self._path(sort.name)
        if path not in self._by:
            raise refuse("MALFORMED_QUERY", f"Ordered field must be grouped or aggregated: {path.field.name}")
        place = self._by.index(path)
        empty = [key for key in keys if key[place] is None]
        filled = sorted(
            (key for key in keys if key[place] is not None),
            key=lambda key: key[place],
            reverse=sort.descending,
        )
        return filled + empty if sort.nulls_last else empty + filled

    def _row(self, records: list[Document], fetch: Fetch) -> dict[str, Any]:
        row: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        for column in self._columns:
            read = column.path.getter(fetch)
            if column.function is None:
                row[column.key] = read(records[0])
                continue
            values = [value for each in records if (value := read(each)) is not None]
            row[column.key] = _FUNCTIONS[column.function](values)
        return row

    def _column(self, item: tree.Name | tree.FieldGroup | tree.Aggregate, numbers: count[int]) -> _Column:
        if isinstance(item, tree.FieldGroup):
            raise refuse("MALFORMED_QUERY", f"FIELDS({item.group}) can not be grouped")
        if isinstance(item, tree.Name):
            path = self._path(item)
            if path not in self._by:
                raise refuse("MALFORMED_QUERY", f"Field must be grouped or aggregated: {path.field.name}")
            return _Column(path.field.name, path, None)
        path = self._path(item.name)
        if not _fits(item.function, path.field.type):
            message = f"field {path.field.name} does not support aggregate operator {item.function}"
            raise refuse("MALFORMED_QUERY", message)
        return _Column(item.alias or f"expr{next(numbers)}", path, item.function)

    def _path(self, name: tree.Name) -> Path:
        return paths.find(self._query.text, name, self._object, self._schema)


def _fits(function: str, kind: str) -> bool:
    if function in {"SUM", "AVG"}:
        return kind in NUMBER_TYPES
    if function in {"MIN", "MAX"}:
        return kind not in ID_TYPES | {"boolean", "address"}
    return kind != "address"
