"""What fields look like: the system's own, and custom ones in each form the API shows them in."""

from collections.abc import Mapping
from typing import Any

from syncline.sandbox.state import Document

PICKLISTS = ("picklist", "multipicklist")

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
_OPPORTUNITY = (
    "id Identifier,name Name,amount Amount,closed_date Close date,opportunity_stage_id Stage,account_id Account,"
    "owner_id Owner,description Description,next_step Next step,source Source,salesforce_id Salesforce ID,"
    "created_at Created at"
)
_MODALITIES = {"contact": _CONTACT, "account": _ACCOUNT, "opportunity": _OPPORTUNITY}
_READ_ONLY = {"id", "name", "source", "created_at", "updated_at", "email_status", "salesforce_id"}
_TYPES = {
    "created_at": "datetime",
    "updated_at": "datetime",
    "estimated_num_employees": "number",
    "annual_revenue": "number",
    "amount": "number",
    "closed_date": "date",
    "opportunity_stage_id": "association",
    "account_id": "association",
    "owner_id": "association",
    "contact_stage_id": "association",
    "account_stage_id": "association",
    "label_ids": "association",
}


def system_fields() -> list[Document]:
    """The fields every workspace has, as GET /fields shows them."""
    found: list[Document] = []
    for modality, listed in _MODALITIES.items():
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


def as_field(field: Mapping[str, Any]) -> Document:
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


def as_changed(field: Mapping[str, Any]) -> Document:
    """A custom field as the update answers with it."""
    full = as_field(field)
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


def as_typed(field: Mapping[str, Any]) -> Document:
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


def short(field: Mapping[str, Any]) -> Document:
    """A custom field as the calls that make and change it answer with it."""
    names = ("id", "name", "modality", "text_field_max_length")
    return {name: field[name] for name in names}
