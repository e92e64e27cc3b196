"""Switches of the schema: options of picklists, custom fields, field-level security, record types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncline.sandbox.control import ControlError, Handler, body_object
from syncline.sandbox.salesforce import deal_stages, ids, stamps
from syncline.sandbox.salesforce.catalogue import ACCESS, custom_field
from syncline.sandbox.salesforce.errors import ApiError
from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.schema import OBJECTS
from syncline.sandbox.salesforce.values import read_value, tidy

WRITABLE = tuple(name for name, each in OBJECTS.items() if each.writable)


def named_object(org: Org, wish: Mapping[str, Any]) -> ObjectType:
    """The object a wish names, one that can be written."""
    found = org.catalogue.whole.named(str(wish.get("object")))
    if found is None or not found.writable:
        raise ControlError(f"object must be one of {', '.join(WRITABLE)}")
    return found


def named_field(org: Org, wish: Mapping[str, Any], key: str = "field") -> tuple[ObjectType, Field]:
    """The object and the field a wish names."""
    object_ = named_object(org, wish)
    field = object_.field(str(wish.get(key)))
    if field is None:
        raise ControlError(f"{object_.name} has no field {wish.get(key)}: {key} must name one")
    return object_, field


def known_id(org: Org, object_: ObjectType, id_: str) -> str:
    """The id of eighteen characters of a record that is there."""
    key = ids.canonical(str(id_))
    if key is None or org.tables.fetch(object_.name, key) is None:
        raise ControlError(f"there is no {object_.name} {id_}")
    return key


def known_user(org: Org, id_: str) -> str:
    """The id of a user that is there."""
    return known_id(org, org.catalogue.whole.objects["User"], id_)


def wished_value(field: Field, value: Any) -> Any:
    """A value for a field, as it would be stored."""
    try:
        return tidy(field, read_value(field, value, ""))
    except ApiError as error:
        raise ControlError(f"{field.name} takes no {value}") from error


class FieldSwitches:
    """Handlers of the control routes of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def handlers(self) -> dict[str, Handler]:
        """The handlers by path."""
        return {
            "/picklists": self._picklists,
            "/fields": self._fields,
            "/field_access": self._field_access,
            "/record_types": self._record_types,
            "/currencies": self._currencies,
        }

    async def _picklists(self, request: Request) -> Response:
        """{"object", "field", "value", "active"} switches one option on or off, adding it when new."""
        wish = await body_object(request)
        object_, field = named_field(self._org, wish)
        if field.type != "picklist":
            raise ControlError("object and field must name a picklist")
        if not wish.get("value"):
            raise ControlError("value must name an option")
        active = bool(wish.get("active", False))
        self._org.settings.set_option(object_, field, str(wish["value"]), active=active)
        if field.name == "StageName":
            self._keep_deal_stage(str(wish["value"]), active=active)
        self._schema_changed()
        options = self._org.settings.options(object_, field)
        return JSONResponse({"active": [each.value for each in options if each.active]})

    def _keep_deal_stage(self, label: str, *, active: bool) -> None:
        """The stages of opportunities are records too, which follow the options of the picklist."""
        tables, kind = self._org.tables, self._org.catalogue.whole.objects["OpportunityStage"]
        stages = tables.scan(kind.name)
        found = deal_stages.named(stages, label)
        if found is None:
            made = {**deal_stages.added(label, len(stages) + 1), "IsActive": active}
            tables.insert(kind, made, self._org.person)
        else:
            tables.change(kind, found["Id"], {"IsActive": active}, self._org.person)

    async def _currencies(self, request: Request) -> Response:
        """{"codes": ["EUR", "USD"]} gives every record a currency, the first one by default; [] ends it."""
        wish = await body_object(request)
        codes = wish.get("codes")
        if not isinstance(codes, list) or not all(isinstance(each, str) and len(each) == 3 for each in codes):
            raise ControlError("codes must be a list of currencies, each of three letters")
        self._org.settings.set("currencies", codes)
        self._schema_changed()
        return JSONResponse({"codes": codes})

    async def _fields(self, request: Request) -> Response:
        """{"object", "name", "type", "length", "external_id", "unique", "values"} adds a custom field."""
        wish = await body_object(request)
        object_ = named_object(self._org, wish)
        made = custom_field(wish)
        if object_.field(made.name) is not None:
            raise ControlError(f"{object_.name} has a field {made.name} already")
        added = self._org.settings["custom_fields"]
        told = {key: value for key, value in wish.items() if key != "object"}
        self._org.settings.set("custom_fields", {**added, object_.name: [*added.get(object_.name, []), told]})
        self._schema_changed()
        return JSONResponse({"object": object_.name, "name": made.name, "type": made.type})

    async def _field_access(self, request: Request) -> Response:
        """{"object", "field", "access": hidden, read_only or full} for the integration user."""
        wish = await body_object(request)
        object_, field = named_field(self._org, wish)
        access = wish.get("access")
        if access not in ACCESS:
            raise ControlError(f"access must be one of {', '.join(ACCESS)}")
        if not (field.permissionable or field.type == "address"):
            raise ControlError(f"field-level security cannot limit {field.name}")
        limited = self._org.settings["field_access"]
        own = {name: word for name, word in limited.get(object_.name, {}).items() if name != field.secured_as}
        if access != "full":
            own[field.secured_as] = access
        self._org.settings.set("field_access", {**limited, object_.name: own})
        self._schema_changed()
        return JSONResponse(own)

    async def _record_types(self, request: Request) -> Response:
        """{"object", "developer_name", "active", "available", "default", "without": {field: values}}."""
        wish = await body_object(request)
        object_, name = named_object(self._org, wish), str(wish.get("developer_name"))
        if not name.isidentifier():
            raise ControlError("developer_name must be one word")
        without = _left_out(object_, wish.get("without", {}))
        with self._org.state.transaction():
            id_ = self._kept_record_type(object_, name, active=wish.get("active"))
            self._set_record_type(object_, name, id_, wish)
            if "without" in wish:
                subsets = self._org.settings["record_type_subsets"]
                self._org.settings.set("record_type_subsets", {**subsets, f"{object_.name}.{name}": without})
            self._schema_changed()
        return JSONResponse({"object": object_.name, "developer_name": name, "id": id_})

    def _kept_record_type(self, object_: ObjectType, name: str, active: Any) -> str:
        """The id of the record type, which is made when there is none of that name."""
        org = self._org
        kind = org.catalogue.whole.objects["RecordType"]
        found = [each for each in org.record_types.of(object_) if each["DeveloperName"] == name]
        if not found:
            told = {"Name": name.replace("_", " "), "DeveloperName": name, "SobjectType": object_.name}
            made = org.tables.insert(kind, {**told, "IsActive": active is not False}, org.person)
            return str(made["Id"])
        if active is not None:
            org.tables.change(kind, found[0]["Id"], {"IsActive": bool(active)}, org.person)
        return str(found[0]["Id"])

    def _set_record_type(self, object_: ObjectType, name: str, id_: str, wish: Mapping[str, Any]) -> None:
        settings = self._org.settings
        if object_.name not in settings["record_type_objects"]:
            settings.set("record_type_objects", [*settings["record_type_objects"], object_.name])
        if "available" in wish:
            closed = [each for each in settings["closed_record_types"] if each != id_]
            settings.set("closed_record_types", closed if wish["available"] else [*closed, id_])
        if wish.get("default"):
            settings.set("default_record_types", {**settings["default_record_types"], object_.name: name})

    def _schema_changed(self) -> None:
        self._org.settings.set("schema_changed", stamps.stamp(self._org.clock.now()))


def _left_out(object_: ObjectType, given: Any) -> dict[str, list[str]]:
    """The options a record type does without, by the names of the schema."""
    if not isinstance(given, dict):
        raise ControlError("without must be an object of lists of options by field")
    left_out: dict[str, list[str]] = {}
    for name, values in given.items():
        field = object_.field(name)
        if field is None or field.type != "picklist" or not isinstance(values, list):
            raise ControlError(f"{name} is no picklist of {object_.name} with a list of options")
        left_out[field.name] = [str(each) for each in values]
    return left_out
