"""Collections: up to 200 records a call, each with its own outcome in a reply that is always 200."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from syncline.sandbox.salesforce import ids
from syncline.sandbox.salesforce.api import Call, Endpoint, Reply
from syncline.sandbox.salesforce.errors import ApiError, Problem, refuse
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.resources import DATA, object_of
from syncline.sandbox.salesforce.rows import fields_named, row
from syncline.sandbox.salesforce.tables import Document
from syncline.sandbox.salesforce.values import Values, read_record

MAX_WRITTEN = 200
MAX_READ = 2000
MAX_CHUNKS = 10

Outcome = dict[str, Any]
Action = Callable[[], Outcome]


def endpoints() -> list[Endpoint]:
    """The endpoints of this module."""
    return [
        Endpoint(f"{DATA}/composite/sobjects", {"POST": create, "PATCH": update, "DELETE": delete}),
        Endpoint(f"{DATA}/composite/sobjects/{{object}}", {"GET": retrieve, "POST": retrieve}),
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a body: `id` is empty where none is given."""

    object: ObjectType
    id: str
    values: Values


def create(call: Call) -> Reply:
    """Create records."""
    rows, strict = rows_of(call)
    manner, writer = call.manner(), call.org.writer
    # All are compared with what was there before the call, never with one another.
    matches = [writer.duplicates.matches(each.object, each.values) for each in rows]

    def action(each: Row, found: Mapping[str, list[Document]]) -> Action:
        return lambda: done(writer.create(each.object, each.values, manner, found))

    pairs = zip(rows, matches, strict=True)
    return carried_out(call, [action(each, found) for each, found in pairs], strict=strict)


def update(call: Call) -> Reply:
    """Change records, each named by its id."""
    rows, strict = rows_of(call)
    manner, writer = call.manner(), call.org.writer

    def action(each: Row) -> Action:
        def change() -> Outcome:
            if not each.id:
                raise refuse("MISSING_ARGUMENT", "Id not specified in an update call", fields=("Id",))
            writer.update(each.object, _known(each.object, each.id), each.values, manner)
            return done(_shown_id(each.id))

        return change

    return carried_out(call, [action(each) for each in rows], strict=strict)


def delete(call: Call) -> Reply:
    """Move records to the recycle bin."""
    named = [each.strip() for each in call.query.get("ids", "").split(",") if each.strip()]
    _demand_count(len(named), MAX_WRITTEN)
    manner, writer = call.manner(), call.org.writer

    def action(id_: str) -> Action:
        def remove() -> Outcome:
            object_ = call.written_schema.of_id(id_)
            if object_ is None or ids.canonical(id_) is None:
                raise refuse("MALFORMED_ID", f"malformed id {id_}", fields=())
            writer.delete(object_, _known(object_, id_), manner)
            return done(_shown_id(id_))

        return remove

    strict = call.query.get("allOrNone", "false").lower() == "true"
    return carried_out(call, [action(each) for each in named], strict=strict)


def retrieve(call: Call) -> Reply:
    """Show records by id, in the order asked for, with null for each that is not there."""
    object_ = object_of(call)
    asked = call.json_object() if call.method == "POST" else call.query
    named, names = _list(asked.get("ids")), _list(asked.get("fields"))
    if not named or not names:
        raise refuse("MISSING_ARGUMENT", "The parameters ids and fields are required")
    _demand_count(len(named), MAX_READ)
    fields = fields_named(object_, names)
    found = [_living(call, object_, each) for each in named]
    return Reply(200, [each and row(object_, each, fields, call.version) for each in found])


def done(id_: str) -> Outcome:
    """The outcome of a row that succeeded."""
    return {"id": id_, "success": True, "errors": []}


def _list(given: Any) -> list[str]:
    parts = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else []
    return [str(part).strip() for part in parts]


def _living(call: Call, object_: ObjectType, id_: str) -> Document | None:
    key = ids.canonical(id_)
    if key is None:
        raise refuse("MALFORMED_ID", f"malformed id {id_}")
    record = call.fetch(object_.name, key)
    return None if record is None or record.get("IsDeleted") else record


def rows_of(call: Call) -> tuple[list[Row], bool]:
    """The records of a body, and whether all of them must succeed."""
    body = call.json_object()
    given = body.get("records")
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise refuse("JSON_PARSER_ERROR", "The request needs a list called records at [line:1, column:1]")
    _demand_count(len(given), MAX_WRITTEN)
    rows = [_row(each, call) for each in given]
    if len(list(groupby(rows, key=lambda each: each.object.name))) > MAX_CHUNKS:
        raise refuse("INVALID_INPUT", f"Cannot have more than {MAX_CHUNKS} chunks in a single operation")
    return rows, body.get("allOrNone") is True


def _row(given: dict[str, Any], call: Call) -> Row:
    attributes = given.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    object_ = call.written_schema.named(str(name)) if name else None
    if object_ is None:
        message = (
            f"sObject type '{name}' is not supported." if name else "attributes.type is missing in a record"
        )
        raise refuse("INVALID_TYPE" if name else "INVALID_INPUT", message)
    id_ = next((value for key, value in given.items() if key.lower() == "id"), "")
    rest = {key: value for key, value in given.items() if key.lower() != "id"}
    return Row(object_, str(id_), read_record(object_, rest, call.text))


def _demand_count(count: int, most: int) -> None:
    if count > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise refuse("EXCEEDED_ID_LIMIT", message)


class _RolledBackError(Exception):
    pass


def carried_out(call: Call, actions: list[Action], *, strict: bool) -> Reply:
    """The outcome of each action in order; strict ones are undone when one fails."""
    outcomes: list[Outcome] = []
    try:
        with call.org.state.transaction():
            outcomes += [_outcome(action) for action in actions]
            _demand_success(outcomes, strict=strict)
    except _RolledBackError:
        outcomes = [each if not each["success"] else _undone() for each in outcomes]
    return Reply(200, outcomes)


def _demand_success(outcomes: list[Outcome], *, strict: bool) -> None:
    if strict and not all(each["success"] for each in outcomes):
        raise _RolledBackError


def _outcome(action: Action) -> Outcome:
    try:
        return action()
    except ApiError as error:
        return {"success": False, "errors": [_in_row(problem) for problem in error.problems]}


def _in_row(problem: Problem) -> dict[str, Any]:
    # NOT_FOUND is a word of single calls; rows speak of the reference instead.
    if problem.code == "NOT_FOUND":
        return Problem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id").in_row()
    return problem.in_row()


def _undone() -> Outcome:
    message = (
        "Record rolled back because not all records were valid and the request was using AllOrNone header"
    )
    return {"success": False, "errors": [Problem("ALL_OR_NONE_OPERATION_ROLLED_BACK", message).in_row()]}


def _known(object_: ObjectType, id_: str) -> str:
    key = ids.canonical(id_)
    if key is None or not key.startswith(object_.prefix):
        raise refuse("MALFORMED_ID", f"malformed id {id_}", fields=("Id",))
    return key


def _shown_id(id_: str) -> str:
    return ids.canonical(id_) or id_
