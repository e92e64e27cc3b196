"""Fields of contacts and accounts: the system's own, and custom ones with their types and options."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from syncline.sandbox.apollo.wire import ApiError, Call, refused
from syncline.sandbox.apollo.workspace import FIELDS, Workspace
from syncline.sandbox.state import Document

MODALITIES = ("contact", "account", "opportunity")
CREATABLE_TYPES = ("string", "textarea", "number", "date", "datetime", "boolean")
PICKLISTS = ("picklist", "multipicklist")
SOURCES = ("system", "custom", "crm_synced")
DEFAULT_LENGTH = 255

_CONTACT = (
    "id Identifier,first_name First name,last_name Last name,name Full name,title Job title,email Email,"
    "email_status Email status,organization_name Company name,account_id Account,owner_id Owner,"
    "contact_stage_id Stage,linkedin_url LinkedIn URL,present_raw_address Address,city City,state State,"
    "country Country,direct_phone Work direct phone,corporate_phone Corporate phone,mobile_phone Mobile phone,"
    "home_phone Home phone,other_phone Other phone,label_ids Lists,source Source,salesforce_id Salesforce ID,"
    "created_at Created at,updated_at Updated at"
)
_ACCOUNT = (
    "id Identifier,name Company name,domain Domain,phone Phone,raw_address Address,street_address Street,city City,"
    "state State,country Country,postal_code Postal code,owner_id Owner,account_stage_id Stage,industry Industry,"
    "estimated_num_employees Number of employees,annual_revenue Annual revenue,linkedin_url LinkedIn URL,"
    "website_url Website,label_ids Lists,source Source,salesforce_id Salesforce ID,created_at Created at"
)
_READ_ONLY = {"id", "name", "source", "created_at", "updated_at", "email_status", "salesforce_id"}
_TYPES = {
    "created_at": "datetime",
    "updated_at": "datetime",
    "estimated_num_employees": "number",
    "annual_revenue": "number",
    "account_id": "association",
    "owner_id": "association",
    "contact_stage_id": "association",
    "account_stage_id": "association",
    "label_ids": "association",
}


class Fields:
    """Lists, makes and changes fields, and reads what is sent for custom ones."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def index(self, call: Call) -> Document:
        """Fields of all modalities, or of one source; an unknown source is ignored as any unknown value is."""
        source = call.text("source")
        custom = [_as_field(field) for field in self._workspace.state.all(FIELDS)]
        found = _system_fields() + custom
        if source in SOURCES:
            found = [field for field in found if field["source"] == source]
        return {"fields": found}

    def index_typed(self, _call: Call) -> Document:
        return {"typed_custom_fields": [_as_typed(field) for field in self._workspace.state.all(FIELDS)]}

    def create(self, call: Call) -> Document:
        label, modality, type_ = call.text("label"), call.text("modality"), call.text("type")
        if label is None:
            raise refused("Label can't be blank")
        if modality not in MODALITIES:
            raise refused("Modality is not included in the list")
        if type_ not in CREATABLE_TYPES:
            raise refused("Type is not included in the list")
        if label.startswith("powerup_"):
            raise refused("Field name with prefix 'powerup_' is not allowed. Please use another name.")
        meta = call.params.get("meta")
        length = meta.get("max_length") if isinstance(meta, dict) else None
        field = self.make(label, modality, type_, max_length=length if isinstance(length, int) else None)
        return {"typed_custom_fields": [_short(field)]}

    def update(self, call: Call) -> Document:
        """Rename one custom field, or change its length or its options, which must be sent whole."""
        sent = call.params.get("fields")
        wanted = sent[0] if isinstance(sent, list) and sent and isinstance(sent[0], dict) else {}
        field = self._workspace.state.get(FIELDS, str(wanted.get("id", "")).rpartition(".")[2])
        if field is None:
            raise refused("Some fields could not be found")
        if "type" in wanted and wanted["type"] != field["type"]:
            raise refused("Cannot change field type after creation")
        meta = wanted.get("meta")
        self._change(field, wanted, meta if isinstance(meta, dict) else {})
        field["updated_at"] = self._workspace.stamp()
        self._workspace.save(FIELDS, field)
        return {
            "fields": [_as_changed(field)],
            "typed_custom_fields": [_short(field)],
            "field_groups": [],
            "picklist_value_sets": [],
            "finder_views": [],
        }

    def make(
        self,
        name: str,
        modality: str,
        type_: str,
        *,
        options: list[str] | None = None,
        max_length: int | None = None,
        mapped_crm_field: str | None = None,
    ) -> Document:
        """A new custom field, stored; options make sense for picklists only."""
        field: Document = {
            "id": self._workspace.new_id(),
            "name": name,
            "modality": modality,
            "type": type_,
            "options": [{"id": self._workspace.new_id(), "name": option} for option in options or []],
            "text_field_max_length": max_length or (DEFAULT_LENGTH if type_ == "string" else None),
            "mapped_crm_field": mapped_crm_field,
            "created_at": self._workspace.stamp(),
        }
        self._workspace.save(FIELDS, field)
        return field

    def option_id(self, field_name: str, modality: str, option: str) -> tuple[str, str] | None:
        """The ids of a picklist field and of its option, by their names."""
        for field in self._workspace.state.all(FIELDS):
            if field["name"] == field_name and field["modality"] == modality:
                found = next((one["id"] for one in field["options"] if one["name"] == option), None)
                return (field["id"], found) if found else None
        return None

    def write(self, record: Document, modality: str, sent: object) -> None:
        """Put sent custom values into a record: unknown ids are ignored, empty values remove, bad ones are noted.

        A value that does not fit its field's type is not stored; the record's `custom_field_errors` says so.
        """
        if not isinstance(sent, dict):
            return
        for id_, value in sent.items():
            field = self._workspace.state.peek(FIELDS, id_)
            if field is None or field["modality"] != modality:
                continue
            record["custom_field_errors"].pop(id_, None)
            if value in (None, "", []):
                record["typed_custom_fields"].pop(id_, None)
                continue
            try:
                record["typed_custom_fields"][id_] = _cast(field, value)
            except ValueError as error:
                record["custom_field_errors"][id_] = str(error)

    def _change(self, field: Document, wanted: Document, meta: Document) -> None:
        if "mapped_crm_field" in wanted or any("mapped_crm_id" in one for one in _values(meta)):
            raise ApiError(403, {"error": "CRM Mapping cannot be configured using API Call"})
        if field["type"] in PICKLISTS:
            if not _values(meta):
                raise refused("Picklist fields must have at least one option")
            field["options"] = [
                {"id": one.get("id") or self._workspace.new_id(), "name": str(one.get("name", ""))}
                for one in _values(meta)
            ]
        if isinstance(wanted.get("label"), str) and wanted["label"]:
            field["name"] = wanted["label"]
        if isinstance(meta.get("max_length"), int):
            field["text_field_max_length"] = meta["max_length"]


def _values(meta: Document) -> list[Document]:
    values = meta.get("picklist_values")
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []


def _cast(field: Mapping[str, Any], value: object) -> object:
    """A sent value in the form the vendor stores; ValueError says why it cannot be."""
    type_ = field["type"]
    if type_ in PICKLISTS:
        return _options(field, value)
    if isinstance(value, (dict, list)):
        raise ValueError(f"{field['name']} must be a single value")  # noqa: TRY004 - one kind of refusal
    if type_ == "number":
        return _number(field, value)
    if type_ == "boolean":
        return _boolean(field, value)
    if type_ == "date":
        return date.fromisoformat(str(value)[:10]).isoformat()
    if type_ == "datetime":
        moment = datetime.fromisoformat(str(value))
        return moment.isoformat(timespec="milliseconds")
    plain = str(value)
    length = field["text_field_max_length"]
    return plain if length is None else plain[:length]


def _options(field: Mapping[str, Any], value: object) -> list[str]:
    known = {option["id"] for option in field["options"]}
    chosen = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    if not set(chosen) <= known:
        raise ValueError(f"{field['name']} has no such option")
    return chosen if field["type"] == "multipicklist" else chosen[:1]


def _number(field: Mapping[str, Any], value: object) -> float | int:
    try:
        number = float(str(value))
    except ValueError as error:
        raise ValueError(f"{field['name']} must be a number") from error
    return int(number) if number.is_integer() else number


def _boolean(field: Mapping[str, Any], value: object) -> bool:
    plain = str(value).lower()
    if plain not in {"true", "false"}:
        raise ValueError(f"{field['name']} must be true or false")
    return plain == "true"


def _system_fields() -> list[Document]:
    found: list[Document] = []
    for modality, listed in (("contact", _CONTACT), ("account", _ACCOUNT)):
        for entry in listed.split(","):
            name, _, label = entry.partition(" ")
            found.append(_system_field(modality, name, label))
    return found


def _system_field(modality: str, name: str, label: str) -> Document:
    base = _field_base(f"{modality}.{name}", modality, label, _TYPES.get(name, "string"))
    return base | {
        "editable": name not in _READ_ONLY,
        "field_name": f"{modality}.{name}",
        "group": "basic_info",
        "source": "system",
    }


def _as_field(field: Mapping[str, Any]) -> Document:
    """A custom field as GET /fields shows it."""
    base = _field_base(f"{field['modality']}.{field['id']}", field["modality"], field["name"], field["type"])
    meta: Document = {"max_length": field["text_field_max_length"]}
    if field["type"] in PICKLISTS:
        meta["picklist_values"] = [dict(option) for option in field["options"]]
    return base | {
        "editable": True,
        "field_name": field["name"],
        "group": None,
        "source": "crm_synced" if field["mapped_crm_field"] else "custom",
        "created_at": field["created_at"],
        "updated_at": field.get("updated_at", field["created_at"]),
        "meta": meta,
    }


def _as_changed(field: Mapping[str, Any]) -> Document:
    """A custom field as the update answers with it."""
    full = _as_field(field)
    full["meta"] |= {"computed_type": "manual", "visibility_status": "active"}
    return full | {
        "context_card_ids": [],
        "product_profile_ids": [],
        "is_system_field": False,
        "deleted": False,
    }


def _field_base(id_: str, modality: str, label: str, type_: str) -> Document:
    return {
        "id": id_,
        "category": "person" if modality == "contact" else "company",
        "context": ["finder", "csv_export"],
        "description": None,
        "example": None,
        "icon_class": None,
        "label": label,
        "modality": modality,
        "parent": None,
        "type": type_,
        "finder_view_ids": [],
        "project_workspace_id": None,
        "finder_views": [],
        "is_local": False,
    }


def _as_typed(field: Mapping[str, Any]) -> Document:
    """A custom field as the deprecated GET /typed_custom_fields shows it."""
    typed: Document = {
        "id": field["id"],
        "modality": field["modality"],
        "name": field["name"],
        "type": field["type"],
        "picklist_options": [],
        "mapped_crm_field": field["mapped_crm_field"],
        "additional_mapped_crm_field": None,
        "is_readonly_mapped_crm_field": None,
        "picklist_options_last_synced_at": field["created_at"].replace("Z", "+00:00"),
        "picklist_value_set_id": None,
        "mirrored": False,
        "system_name": None,
        "text_field_max_length": field["text_field_max_length"],
        "finder_view_ids": [],
        "is_local": False,
    }
    if field["type"] in PICKLISTS:
        typed["picklist_values"] = [
            {
                "_id": one["id"],
                "mapped_crm_values": {},
                "name": one["name"],
                "id": one["id"],
                "key": one["id"],
            }
            for one in field["options"]
        ]
    return typed


def _short(field: Mapping[str, Any]) -> Document:
    names = ("id", "name", "modality", "text_field_max_length")
    return {name: field[name] for name in names}
