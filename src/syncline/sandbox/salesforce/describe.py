"""What describe tells of objects and fields."""

from __future__ import annotations

from typing import Any

from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.record_types import MASTER
from syncline.sandbox.salesforce.soql.literals import TEXT_TYPES

_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}


def summary(object_: ObjectType, version: str) -> dict[str, Any]:
    """One object in the list of all."""
    root = f"/services/data/{version}/sobjects/{object_.name}"
    recyclable = object_.writable
    urls = {"sobject": root, "describe": f"{root}/describe", "rowTemplate": f"{root}/{{ID}}"}
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": object_.writable,
        "custom": False,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": object_.writable,
        "deprecatedAndHidden": False,
        "feedEnabled": object_.name != "RecordType",
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": object_.prefix,
        "label": object_.label,
        "labelPlural": object_.plural,
        "layoutable": object_.name != "RecordType",
        "mergeable": object_.field("MasterRecordId") is not None,
        "mruEnabled": recyclable,
        "name": object_.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": object_.name != "RecordType",
        "triggerable": recyclable,
        "undeletable": recyclable,
        "updateable": object_.writable,
        "urls": urls,
    }


def whole(org: Org, object_: ObjectType, version: str) -> dict[str, Any]:
    """Everything about one object."""
    return {
        **summary(object_, version),
        "actionOverrides": [],
        "childRelationships": [_child(*child) for child in object_.children],
        "compactLayoutable": object_.writable,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [_field(org, object_, field) for field in object_.fields],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": record_types(org, object_, version),
        "searchLayoutable": object_.writable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {object_.plural.lower()}", "name": "everything"}],
    }


def record_types(org: Org, object_: ObjectType, version: str) -> list[dict[str, Any]]:
    """The record types of an object; every object has at least the master."""
    rows = []
    for each in org.record_types.of(object_):
        marks = {
            "active": bool(each["IsActive"]),
            "available": org.record_types.open_to_all(each),
            "defaultRecordTypeMapping": org.record_types.is_default(object_, each),
        }
        rows.append(
            {**_record_type(each["Id"], each["Name"], each["DeveloperName"], object_, version), **marks}
        )
    default = not any(row["defaultRecordTypeMapping"] for row in rows)
    master = _record_type(MASTER, "Master", "Master", object_, version)
    return [*rows, {**master, "defaultRecordTypeMapping": default, "master": True}]


def _record_type(
    id_: str, name: str, developer_name: str, object_: ObjectType, version: str
) -> dict[str, Any]:
    layout = f"/services/data/{version}/sobjects/{object_.name}/describe/layouts/{id_}"
    return {
        "active": True,
        "available": True,
        "developerName": developer_name,
        "master": False,
        "name": name,
        "recordTypeId": id_,
        "urls": {"layout": layout},
    }


# Children that go to the recycle bin with their parent.
_CASCADES = ("Contacts", "Opportunities", "OpportunityContactRoles")


def _child(name: str, field: str, relationship: str) -> dict[str, Any]:
    return {
        "cascadeDelete": relationship in _CASCADES,
        "childSObject": name,
        "deprecatedAndHidden": False,
        "field": field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": relationship,
        "restrictedDelete": False,
    }


# Nothing in this org makes use of these.
_UNUSED_BY_FIELDS: dict[str, Any] = {
    "aiPredictionField": False,
    "autoNumber": False,
    "calculatedFormula": None,
    "cascadeDelete": False,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "encrypted": False,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "writeRequiresMasterRead": False,
}


def _field(org: Org, object_: ObjectType, field: Field) -> dict[str, Any]:
    return {
        **_UNUSED_BY_FIELDS,
        "aggregatable": field.filterable,
        "byteLength": field.length * 3 if field.type in TEXT_TYPES else field.length,
        "calculated": field.calculated,
        "caseSensitive": field.type == "id",
        "compoundFieldName": field.compound,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default,
        "defaultedOnCreate": field.defaulted,
        "digits": field.digits,
        "displayLocationInDecimal": field.name.endswith(("Latitude", "Longitude")),
        "externalId": field.external,
        "extraTypeInfo": _extra_type(field),
        "filterable": field.filterable,
        "groupable": field.filterable and field.type not in {"double", "percent", "currency", "datetime"},
        "idLookup": field.id_lookup,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": field.polymorphic,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": _options(org, object_, field),
        "polymorphicForeignKey": field.polymorphic,
        "precision": field.precision,
        "referenceTo": list(field.targets),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "searchPrefilterable": field.type == "reference",
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _extra_type(field: Field) -> str | None:
    if field.type == "textarea":
        return "plaintextarea"
    return "personname" if field.compound == "Name" or (field.name_field and field.length == 121) else None


def _options(org: Org, object_: ObjectType, field: Field) -> list[dict[str, Any]]:
    if field.type != "picklist":
        return []
    return [
        {
            "active": option.active,
            "defaultValue": option.default,
            "label": option.value,
            "validFor": None,
            "value": option.value,
        }
        for option in org.settings.options(object_, field)
    ]
