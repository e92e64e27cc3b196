"""Single records: create, read, update, delete."""

from __future__ import annotations

from typing import Any

from syncline.sandbox.salesforce import describe, stamps
from syncline.sandbox.salesforce.api import Call, Endpoint, Reply
from syncline.sandbox.salesforce.errors import no_such_column, not_found, refuse
from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.resources import DATA, object_of, written_object
from syncline.sandbox.salesforce.soql.render import attributes_of, shown_value
from syncline.sandbox.salesforce.tables import Document
from syncline.sandbox.salesforce.values import Values, read_record

RECENT = 5


def endpoints() -> list[Endpoint]:
    """The endpoints of this module."""
    return [
        Endpoint(f"{DATA}/sobjects/{{object}}", {"GET": basics, "POST": create}),
        Endpoint(f"{DATA}/sobjects/{{object}}/{{id}}", {"GET": read, "PATCH": update, "DELETE": delete}),
    ]


def basics(call: Call) -> Reply:
    """An object in short, with the records seen last."""
    object_ = object_of(call)
    living = [each for each in call.scan(object_.name) if not each.get("IsDeleted")]
    recent = [
        {"attributes": attributes_of(object_.name, each["Id"], call.version), "Id": each["Id"]}
        for each in living[-RECENT:]
    ]
    return Reply(200, {"objectDescribe": describe.summary(object_, call.version), "recentItems": recent})


def create(call: Call) -> Reply:
    """Create a record."""
    object_ = written_object(call)
    values = values_of(call, object_)
    writer = call.org.writer
    with call.org.state.transaction():
        made = writer.create(object_, values, call.manner(), writer.duplicates.matches(object_, values))
    where = attributes_of(object_.name, made, call.version)["url"]
    return Reply(201, {"id": made, "success": True, "errors": []}, {"location": where})


def read(call: Call) -> Reply:
    """Show a record, whole or only the fields asked for."""
    object_ = object_of(call)
    record = call.org.writer.living(object_, call.params["id"])
    if record["Id"] in call.hidden:
        raise not_found()
    return shown_record(call, object_, record)


def shown_record(call: Call, object_: ObjectType, record: Document) -> Reply:
    """The reply that shows a record, unless the caller has seen it as it is."""
    changed = stamps.parse_moment(record["LastModifiedDate"])
    known = stamps.parse_http_date(call.headers.get("if-modified-since", ""))
    headers = {"last-modified": stamps.http_date(changed)} if changed else {}
    if changed and known and changed <= known:
        return Reply(304, None, headers)
    fields = (
        fields_named(object_, call.query["fields"].split(",")) if "fields" in call.query else object_.fields
    )
    return Reply(200, row(object_, record, fields, call.version), headers)


def update(call: Call) -> Reply:
    """Change a record, unless it changed since the time the caller names."""
    object_ = written_object(call)
    values = values_of(call, object_)
    record = call.org.writer.living(object_, call.params["id"])
    _demand_unmodified(call, record)
    with call.org.state.transaction():
        call.org.writer.update(object_, record["Id"], values, call.manner())
    return Reply(204)


def delete(call: Call) -> Reply:
    """Move a record to the recycle bin."""
    object_ = written_object(call)
    with call.org.state.transaction():
        call.org.writer.delete(object_, call.params["id"], call.manner())
    return Reply(204)


def fields_named(object_: ObjectType, names: list[str]) -> list[Field]:
    """The fields of a list of names; Id is always among them."""
    found = [object_.fields[0]]
    for name in names:
        field = object_.field(name.strip())
        if field is None:
            raise no_such_column(name.strip(), object_.name)
        if field not in found:
            found.append(field)
    return found


def row(
    object_: ObjectType, record: Document, fields: list[Field] | tuple[Field, ...], version: str
) -> dict[str, Any]:
    """A record as a reply shows it."""
    shown = {field.name: shown_value(record, field) for field in fields}
    return {"attributes": attributes_of(object_.name, record["Id"], version), **shown}


def values_of(call: Call, object_: ObjectType, *named_by: str) -> Values:
    """The fields of a body; those that the address names the record by must not be there again."""
    given = call.json_object()
    for barred in ("Id", *named_by):
        if any(name.lower() == barred.lower() for name in given):
            message = f"The {barred} field should not be specified in the sobject data."
            raise refuse("INVALID_FIELD", message, fields=(barred,))
    return read_record(object_, given, call.text)


def _demand_unmodified(call: Call, record: Document) -> None:
    header = call.headers.get("if-unmodified-since")
    if header is None:
        return
    limit = stamps.parse_http_date(header)
    changed = stamps.parse_moment(record["LastModifiedDate"])
    if limit is None:
        raise refuse("INVALID_HEADER", f"invalid value for header If-Unmodified-Since: {header}")
    if changed is not None and changed > limit:
        message = "The precondition in the request headers is not met: the record was modified"
        raise refuse("PRECONDITION_FAILED", message, 412)
