"""Records by the id that another system knows them by: found, and made or changed in one call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from syncline.sandbox.salesforce.api import Call, Endpoint, Reply
from syncline.sandbox.salesforce.batches import Action, Outcome, Row, carried_out, done, rows_of
from syncline.sandbox.salesforce.errors import not_found, refuse
from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.resources import DATA, object_of, written_object
from syncline.sandbox.salesforce.rows import shown_record, values_of
from syncline.sandbox.salesforce.soql.render import attributes_of
from syncline.sandbox.salesforce.tables import Document
from syncline.sandbox.salesforce.values import Values, read_value, tidy

# From this version on the reply to an upsert has a body, which tells whether the record is new.
FIRST_WITH_CREATED = 46


def endpoints() -> list[Endpoint]:
    """The endpoints of this module."""
    one = f"{DATA}/sobjects/{{object}}/{{field}}/{{value}}"
    many = f"{DATA}/composite/sobjects/{{object}}/{{field}}"
    return [
        Endpoint(one, {"GET": read, "PATCH": upsert, "DELETE": delete}),
        Endpoint(many, {"PATCH": upsert_many}),
    ]


def read(call: Call) -> Reply:
    """Show the record with that external id."""
    found = _matching(call)
    return _several(call, found) if len(found) > 1 else shown_record(call, object_of(call), _only(found))


def delete(call: Call) -> Reply:
    """Move the record with that external id to the recycle bin."""
    found = _matching(call)
    if len(found) > 1:
        return _several(call, found)
    with call.org.state.transaction():
        call.org.writer.delete(written_object(call), _only(found)["Id"], call.manner())
    return Reply(204)


def upsert(call: Call) -> Reply:
    """Change the record with that external id, or make it; several such records are listed, and left alone."""
    object_, key = written_object(call), _key(call)
    values = values_of(call, object_, key.name)
    found = _matching(call)
    if len(found) > 1:
        return _several(call, found)
    if not found and call.query.get("updateOnly", "").lower() == "true":
        raise not_found()
    with call.org.state.transaction():
        if found:
            call.org.writer.update(object_, found[0]["Id"], values, call.manner())
            return _upserted(call, found[0]["Id"], created=False)
        whole = {**values, key.name: tidy(key, read_value(key, call.params["value"], ""))}
        return _upserted(call, _make(call, object_, whole), created=True)


def upsert_many(call: Call) -> Reply:
    """Change or make up to 200 records of one object, each by the external id it carries."""
    object_, key = written_object(call), _key(call)
    rows, strict = rows_of(call)
    if any(each.object.name != object_.name for each in rows):
        raise refuse("INVALID_TYPE", f"every record of this call must be of type {object_.name}")
    named = Counter(_shared(each, key) for each in rows)
    # All are compared with what was there before the call, never with one another.
    matches = [call.org.writer.duplicates.matches(object_, each.values) for each in rows]

    def action(each: Row, alike: Mapping[str, list[Document]]) -> Action:
        return lambda: _upserted_row(call, each, key, alike, twice=named[_shared(each, key)] > 1)

    pairs = zip(rows, matches, strict=True)
    return carried_out(call, [action(each, alike) for each, alike in pairs], strict=strict)


def _upserted_row(
    call: Call, row: Row, key: Field, alike: Mapping[str, list[Document]], *, twice: bool
) -> Outcome:
    value = row.values.get(key.name)
    if row.id:
        message = f"cannot specify both an external ID reference {key.name} and a salesforce id"
        raise refuse("INVALID_FIELD", message, fields=())
    if value is None:
        raise refuse("MISSING_ARGUMENT", f"{key.name} not specified", fields=())
    if twice:
        raise refuse("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", fields=(key.name,))
    found = call.org.tables.with_value(row.object.name, key.name, value)
    if len(found) > 1:
        listed = ", ".join(str(each["Id"]) for each in found)
        message = f"{key.name}: more than one record found for external id field: [{listed}]"
        raise refuse("DUPLICATE_EXTERNAL_ID", message, fields=(key.name,))
    if found:
        rest = {name: each for name, each in row.values.items() if name != key.name}
        call.org.writer.update(row.object, found[0]["Id"], rest, call.manner())
        return {**done(found[0]["Id"]), "created": False}
    made = call.org.writer.create(row.object, row.values, call.manner(), alike)
    return {**done(made), "created": True}


def _shared(row: Row, key: Field) -> str:
    value = row.values.get(key.name)
    return str(value).lower()


def _make(call: Call, object_: ObjectType, values: Values) -> str:
    writer = call.org.writer
    return writer.create(object_, values, call.manner(), writer.duplicates.matches(object_, values))


def _key(call: Call) -> Field:
    field = object_of(call).field(call.params["field"])
    if field is None or not field.external:
        name = call.params["field"]
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def _matching(call: Call) -> list[Document]:
    key = _key(call)
    value = tidy(key, read_value(key, call.params["value"], ""))
    return call.org.tables.with_value(object_of(call).name, key.name, value) if value is not None else []


def _only(found: list[Document]) -> Document:
    if not found:
        raise not_found()
    return found[0]


def _several(call: Call, found: list[Document]) -> Reply:
    name = object_of(call).name
    return Reply(300, [attributes_of(name, each["Id"], call.version)["url"] for each in found])


def _upserted(call: Call, id_: str, *, created: bool) -> Reply:
    body: dict[str, Any] = {"id": id_, "success": True, "errors": []}
    if float(call.version[1:]) >= FIRST_WITH_CREATED:
        body["created"] = created
    elif not created:
        return Reply(204)
    where = attributes_of(object_of(call).name, id_, call.version)["url"]
    return Reply(201 if created else 200, body, {"location": where} if created else {})
