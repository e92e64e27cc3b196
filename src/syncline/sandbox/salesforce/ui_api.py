"""The User Interface API, as far as it tells what describe does not: options of picklists by record type."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from syncline.sandbox.salesforce import ids
from syncline.sandbox.salesforce.api import Call, Endpoint, Reply
from syncline.sandbox.salesforce.errors import not_found
from syncline.sandbox.salesforce.fields import Field, ObjectType, Option
from syncline.sandbox.salesforce.record_types import MASTER
from syncline.sandbox.salesforce.resources import DATA, object_of


def endpoints() -> list[Endpoint]:
    """The endpoints of this module."""
    values = f"{DATA}/ui-api/object-info/{{object}}/picklist-values/{{record_type}}"
    return [Endpoint(values, {"GET": all_values}), Endpoint(f"{values}/{{field}}", {"GET": values_of_one})]


def all_values(call: Call) -> Reply:
    """The options of every picklist of an object, for one record type."""
    object_, record_type = object_of(call), _record_type(call)
    picklists = [each for each in object_.fields if each.type == "picklist"]
    shown = {each.name: _picklist(call, object_, each, record_type) for each in picklists}
    return Reply(200, {"eTag": _tag(shown), "picklistFieldValues": shown})


def values_of_one(call: Call) -> Reply:
    """The options of one picklist, for one record type."""
    object_, record_type = object_of(call), _record_type(call)
    field = object_.field(call.params["field"])
    if field is None or field.type != "picklist":
        raise not_found()
    return Reply(200, _picklist(call, object_, field, record_type))


def _record_type(call: Call) -> str:
    key = ids.canonical(call.params["record_type"])
    known = {MASTER, *(each["Id"] for each in call.org.record_types.of(object_of(call)))}
    if key is None or key not in known:
        raise not_found()
    return key


def _picklist(call: Call, object_: ObjectType, field: Field, record_type: str) -> dict[str, Any]:
    named = None if record_type == MASTER else record_type
    options = call.org.record_types.options(object_, field, named)
    root = f"/services/data/{call.version}/ui-api/object-info/{object_.name}/picklist-values"
    shown = {
        "controllerValues": {},
        "defaultValue": next((_option(each) for each in options if each.default), None),
        "url": f"{root}/{record_type}/{field.name}",
        "values": [_option(each) for each in options],
    }
    return {**shown, "eTag": _tag(shown)}


def _option(option: Option) -> dict[str, Any]:
    return {"attributes": None, "label": option.value, "validFor": [], "value": option.value}


def _tag(shown: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:32]
