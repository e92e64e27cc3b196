"""Builds the schemas of object types from what a team has set up: custom fields, stages and lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from syncline.connectors.apollo.client import ApolloClient
from syncline.connectors.apollo.objects import CUSTOM, ObjectType
from syncline.core.errors import AccessError, ProtocolError
from syncline.core.schema import Field, FieldType, ObjectSchema, Option

_TYPES: Mapping[str, FieldType] = {
    "string": FieldType.TEXT,
    "textarea": FieldType.TEXT,
    "number": FieldType.NUMBER,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "boolean": FieldType.BOOLEAN,
    "picklist": FieldType.PICKLIST,
    "multipicklist": FieldType.MULTIPICKLIST,
}


def describe(client: ApolloClient, object_type: ObjectType) -> ObjectSchema:
    """The fields of an object type; two or three calls, none for users, whose fields are fixed.

    What the key may not list is left out: custom fields, or the options of the stage.
    """
    if not object_type.patch:
        return object_type.described((), {})
    stage = f"{object_type.name}_stage_id"
    options = {stage: list(_stages(client, f"{object_type.name}_stages"))}
    return object_type.described(list(_custom_fields(client, object_type)), options)


def _stages(client: ApolloClient, name: str) -> Iterator[Option]:
    try:
        stages = _rows(client.get(f"/{name}"), name)
    except AccessError:
        return
    for stage in stages:
        yield Option(stage["id"], _text(stage, "name") or _text(stage, "display_name") or stage["id"])


def _custom_fields(client: ApolloClient, object_type: ObjectType) -> Iterator[Field]:
    """The custom fields of one modality; the older of two calls, which alone tells what is read-only."""
    for row in _either(client):
        if row.get("modality") == object_type.name:
            yield replace(_custom_field(row), batched=bool(object_type.bulk))


def _either(client: ApolloClient) -> list[dict[str, Any]]:
    try:
        return _rows(client.get("/typed_custom_fields"), "typed_custom_fields")
    except (AccessError, ProtocolError):
        try:
            return _rows(client.get("/fields", {"source": "custom"}), "fields")
        except AccessError:
            return []


def _custom_field(row: Mapping[str, Any]) -> Field:
    """A custom field of either call; a type nobody has met can be read as text and not written."""
    id_ = str(row["id"]).rpartition(".")[2]
    field_type = _TYPES.get(str(row.get("type")))
    writable = field_type is not None and not row.get("is_readonly_mapped_crm_field")
    chosen = field_type in {FieldType.PICKLIST, FieldType.MULTIPICKLIST}
    return Field(
        CUSTOM + id_,
        _text(row, "name") or _text(row, "label") or id_,
        field_type or FieldType.TEXT,
        creatable=writable,
        updatable=writable,
        restricted=chosen,
        options=tuple(_options(row)) if chosen else (),
        length=_length(row),
        custom=True,
    )


def _options(row: Mapping[str, Any]) -> Iterator[Option]:
    meta = row.get("meta")
    places = [row.get("picklist_values"), row.get("picklist_options")]
    places += [meta.get("picklist_values")] if isinstance(meta, dict) else []
    listed = next((place for place in places if isinstance(place, list) and place), [])
    for option in listed:
        if isinstance(option, dict) and isinstance(option.get("id"), str):
            yield Option(option["id"], _text(option, "name") or option["id"])


def _length(row: Mapping[str, Any]) -> int | None:
    meta = row.get("meta")
    length = row.get("text_field_max_length") or (meta.get("max_length") if isinstance(meta, dict) else None)
    return length if isinstance(length, int) and length > 0 else None


def _rows(data: Any, name: str) -> list[dict[str, Any]]:
    """A list that comes under its name or bare; entries without an id cannot be referred to."""
    found = data.get(name) if isinstance(data, dict) else data
    if not isinstance(found, list):
        raise ProtocolError(f"Apollo's answer has no list of {name}.")
    return [row for row in found if isinstance(row, dict) and isinstance(row.get("id"), str)]


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""
