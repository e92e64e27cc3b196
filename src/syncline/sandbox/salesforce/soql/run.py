"""Runs a parsed query over the records in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from syncline.sandbox.salesforce.errors import refuse
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.schema import STANDARD, Schema
from syncline.sandbox.salesforce.soql import paths, tree
from syncline.sandbox.salesforce.soql.aggregates import Groups
from syncline.sandbox.salesforce.soql.filters import Scope, comparable, conditions, test_of
from syncline.sandbox.salesforce.soql.literals import ID_TYPES
from syncline.sandbox.salesforce.soql.parse import MAX_INTEGER, MAX_OFFSET, at, parse
from syncline.sandbox.salesforce.soql.paths import Document, Fetch, Path
from syncline.sandbox.salesforce.soql.render import renderer

MAX_UNBOUNDED = 200


@dataclass(frozen=True, slots=True)
class Source:
    """Where a query reads: all records of an object, one record by object and id, and the fields there are."""

    scan: Callable[[str], Sequence[Document]]
    fetch: Fetch
    today: date
    schema: Schema = STANDARD


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query as the reply shows them; a counting query has a total and no rows."""

    total: int
    rows: list[dict[str, Any]]


def run(text: str, source: Source, version: str, *, deleted: bool = False) -> Result:
    """Answer a query; `deleted` lets the recycle bin be seen as well."""
    query = parse(text)
    object_ = _object(query, source.schema)
    if query.group or any(isinstance(each, tree.Aggregate) for each in query.selection):
        return _grouped(query, object_, source, deleted)
    selected = [] if query.count else _selection(query, object_, source.schema)
    found = _found(query, object_, source, deleted)
    if query.count:
        return Result(len(found), [])
    render = renderer(object_.name, selected, source.fetch, version)
    return Result(len(found), [render(record) for record in found])


def _grouped(query: tree.Query, object_: ObjectType, source: Source, deleted: bool) -> Result:
    _check_bounds(query)
    groups = Groups(query, object_, source.schema)
    whole = replace(query, order=(), limit=None, offset=0)
    rows = groups.rows(_found(whole, object_, source, deleted), source.fetch)
    end = None if query.limit is None else query.offset + query.limit
    rows = rows[query.offset : end]
    return Result(len(rows), rows)


def _inner(query: tree.Query, source: Source) -> list[Any]:
    """The ids that an inner query finds; it sees living records, and holds no further inner query."""
    object_ = _object(query, source.schema)
    (path,) = _selection(query, object_, source.schema)
    if path.field.type not in ID_TYPES:
        raise refuse(
            "MALFORMED_QUERY", f"an inner query cannot select field '{path.field.name}': it is no id"
        )
    if any(isinstance(each, tree.Join) for each in conditions(query.where)):
        raise refuse("MALFORMED_QUERY", "Nesting of semi join sub-selects is not supported")
    read = path.getter(source.fetch)
    return [value for each in _found(query, object_, source, False) if (value := read(each)) is not None]


def _object(query: tree.Query, schema: Schema) -> ObjectType:
    found = schema.named(query.object.text)
    if found is None:
        message = (
            f"sObject type '{query.object.text}' is not supported. If you are attempting to use a custom "
            "object, be sure to append the '__c' after the entity name. Please reference your WSDL or the "
            "describe call for the appropriate names."
        )
        raise refuse("INVALID_TYPE", at(query.text, query.object.line, query.object.column, message))
    return found


def _selection(query: tree.Query, object_: ObjectType, schema: Schema) -> list[Path]:
    selected: list[Path] = []
    for item in query.selection:
        if isinstance(item, tree.FieldGroup):
            selected += _group(item.group, query, object_)
        elif isinstance(item, tree.Name):
            selected.append(paths.find(query.text, item, object_, schema))
    seen: set[tuple[str, ...]] = set()
    for path in selected:
        key = (*(step.name for step in path.parents), path.field.name)
        if key in seen:
            raise refuse("INVALID_FIELD", f"duplicate field selected: {path.field.name}")
        seen.add(key)
    return selected


def _group(group: str, query: tree.Query, object_: ObjectType) -> list[Path]:
    if group not in {"ALL", "STANDARD", "CUSTOM"}:
        raise refuse("MALFORMED_QUERY", f"Unknown field group: {group}")
    unbounded = query.limit is None or query.limit > MAX_UNBOUNDED
    if group != "STANDARD" and unbounded:
        raise refuse(
            "MALFORMED_QUERY", f"The SOQL FIELDS function must have a LIMIT of at most {MAX_UNBOUNDED}"
        )
    return [Path((), each) for each in object_.fields if group == "ALL" or each.custom == (group == "CUSTOM")]


def _found(query: tree.Query, object_: ObjectType, source: Source, deleted: bool) -> list[Document]:
    _check_bounds(query)
    records: Iterable[Document] = source.scan(object_.name)
    if not deleted:
        records = [record for record in records if not record.get("IsDeleted")]
    scope = Scope(
        query.text, object_, source.fetch, source.today, source.schema, partial(_inner, source=source)
    )
    if query.where is not None:
        test = test_of(query.where, scope)
        records = [record for record in records if test(record)]
    found = list(records)
    for sort in reversed(query.order):
        found = _sorted(found, sort, scope)
    end = None if query.limit is None else query.offset + query.limit
    return found[query.offset : end]


def _check_bounds(query: tree.Query) -> None:
    if query.offset > MAX_OFFSET:
        raise refuse("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    if query.limit is not None and query.limit > MAX_INTEGER:
        raise refuse("MALFORMED_QUERY", f"numeric value out of range: {query.limit}")


def _sorted(records: list[Document], sort: tree.Sort, scope: Scope) -> list[Document]:
    path = paths.find(scope.text, sort.name, scope.object, scope.schema)
    if not path.field.sortable:
        raise refuse("INVALID_FIELD", f"field '{path.field.name}' can not be sorted in a query call")
    read = comparable(path, scope.fetch)
    keyed = [(read(record), record) for record in records]
    empty = [record for key, record in keyed if key is None]
    filled = [(key, record) for key, record in keyed if key is not None]
    filled.sort(key=lambda pair: pair[0], reverse=sort.descending)
    ordered = [record for _, record in filled]
    return ordered + empty if sort.nulls_last else empty + ordered
