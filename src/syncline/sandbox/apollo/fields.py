"""Fields of contacts and accounts: listed, and custom ones made and changed."""

from collections.abc import Mapping
from typing import Any

from syncline.sandbox.apollo import field_values
from syncline.sandbox.apollo.doubts import Doubts
from syncline.sandbox.apollo.field_forms import (
    PICKLISTS,
    as_changed,
    as_field,
    as_typed,
    short,
    system_fields,
)
from syncline.sandbox.apollo.wire import ApiError, Call, refused
from syncline.sandbox.apollo.workspace import ACCOUNTS, CONTACTS, FIELDS, OPPORTUNITIES, Workspace
from syncline.sandbox.state import Document

RECORDS = {"contact": CONTACTS, "account": ACCOUNTS, "opportunity": OPPORTUNITIES}
MODALITIES = ("contact", "account", "opportunity")
TEXTS = ("string", "textarea")
CREATABLE_TYPES = (*TEXTS, "number", "date", "datetime", "boolean")
SOURCES = ("system", "custom", "crm_synced")
DEFAULT_LENGTH = 255
RESERVED = "powerup_"


class Fields:
    """Lists, makes and changes fields, and reads what is sent for custom ones."""

    def __init__(self, workspace: Workspace, doubts: Doubts) -> None:
        self._workspace = workspace
        self._doubts = doubts

    def index(self, call: Call) -> Document:
        """Fields of all modalities, or of one source; an unknown source is ignored as any unknown value is."""
        source = call.text("source")
        found = system_fields() + [as_field(field) for field in self._workspace.state.all(FIELDS)]
        if source in SOURCES:
            found = [field for field in found if field["source"] == source]
        return {"fields": found}

    def index_typed(self, _call: Call) -> Document:
        return {"typed_custom_fields": [as_typed(field) for field in self._workspace.state.all(FIELDS)]}

    def create(self, call: Call) -> Document:
        """A custom field of one of the simple types; the texts of these refusals are not published."""
        label, modality, type_ = call.text("label"), call.text("modality"), call.text("type")
        if label is None or not label.strip():
            raise refused("Label can't be blank")
        if modality not in MODALITIES:
            raise refused("Modality is not included in the list")
        if type_ not in CREATABLE_TYPES:
            raise refused("Type is not included in the list")
        self._check_name(label.strip(), modality)
        most, there = (
            self.most(),
            [one for one in self._workspace.state.all(FIELDS) if one["modality"] == modality],
        )
        if most is not None and len(there) >= most:
            raise refused(f"You have reached the limit of {most} custom {modality} fields.")
        meta = call.params.get("meta")
        length = meta.get("max_length") if isinstance(meta, dict) and type_ in TEXTS else None
        return {
            "typed_custom_fields": [
                short(self.make(label.strip(), modality, type_, max_length=_length(length)))
            ]
        }

    def update(self, call: Call) -> Document:
        """Rename one custom field, or change its length or its options, which must be sent whole."""
        sent = call.objects("fields")
        wanted = sent[0] if sent else {}
        field = self._workspace.state.get(FIELDS, str(wanted.get("id")).rpartition(".")[2])
        if field is None or wanted["id"] != f"{field['modality']}.{field['id']}":
            raise refused("Some fields could not be found")
        if "type" in wanted and wanted["type"] != field["type"]:
            raise refused("Cannot change field type after creation")
        meta = wanted.get("meta")
        self._change(field, wanted, meta if isinstance(meta, dict) else {})
        field["updated_at"] = self._workspace.stamp()
        self._workspace.save(FIELDS, field)
        return {
            "fields": [as_changed(field)],
            "typed_custom_fields": [short(field)],
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

    def most(self) -> int | None:
        """How many custom fields a modality may have; None is no limit, which is the default."""
        limit: int | None = (self._workspace.state.peek("_fields", "most") or {"most": None})["most"]
        return limit

    def limit(self, most: int | None) -> None:
        """Let no more be made than that many for each modality."""
        self._workspace.state.put("_fields", "most", {"most": most})

    def option_id(self, field_name: str, modality: str, option: str) -> tuple[str, str] | None:
        """The ids of a picklist field and of its option, by their names."""
        for field in self._workspace.state.all(FIELDS):
            if field["name"] == field_name and field["modality"] == modality:
                found = next((one["id"] for one in field["options"] if one["name"] == option), None)
                return (field["id"], found) if found else None
        return None

    def write(self, record: Document, modality: str, sent: object) -> None:
        """Put sent custom values into a record."""
        field_values.write(record, modality, sent, lambda id_: self._workspace.state.peek(FIELDS, id_))

    def _change(self, field: Document, wanted: Document, meta: Document) -> None:
        if "mapped_crm_field" in wanted or any("mapped_crm_id" in one for one in _options(meta)):
            raise ApiError(403, {"error": "CRM Mapping cannot be configured using API Call"})
        label = wanted.get("label")
        if isinstance(label, str) and label.strip() and label.strip() != field["name"]:
            self._check_name(label.strip(), field["modality"])
            field["name"] = label.strip()
        if field["type"] in PICKLISTS:
            self._change_options(field, _options(meta))
        elif field["type"] in TEXTS:
            field["text_field_max_length"] = _length(meta.get("max_length")) or field["text_field_max_length"]

    def _change_options(self, field: Document, sent: list[Document]) -> None:
        """The sent options replace all; one without the id it had is a new one, and leaves values orphaned."""
        if not sent:
            raise refused("Picklist fields must have at least one option")
        known, options = {option["id"] for option in field["options"]}, []
        for one in sent:
            kept = one.get("id") if isinstance(one.get("id"), str) else None
            option = {"id": kept if kept in known else self._workspace.new_id(), "name": one["name"]}
            options.append(option)
            if isinstance(one.get("reassign_from"), list):
                self._reassign(field, {str(old) for old in one["reassign_from"]}, str(option["id"]))
        field["options"] = options

    def _reassign(self, field: Mapping[str, Any], old: set[str], new: str) -> None:
        """Records that held one of the old options hold the new one."""
        type_ = RECORDS.get(field["modality"])
        for record in self._workspace.state.all(type_) if type_ else []:
            held = record["typed_custom_fields"].get(field["id"]) or []
            if not old.isdisjoint(held):
                doc = self._workspace.state.get(str(type_), record["id"]) or {}
                moved = [new if one in old else one for one in held]
                doc["typed_custom_fields"][field["id"]] = list(dict.fromkeys(moved))
                self._workspace.save(str(type_), doc)

    def _check_name(self, name: str, modality: str) -> None:
        if name.startswith(RESERVED):
            text = f"Field name with prefix '{RESERVED}' is not allowed. Please use another name."
            raise refused(text)
        names = {
            one["name"].lower() for one in self._workspace.state.all(FIELDS) if one["modality"] == modality
        }
        if self._doubts["field_names_are_unique"] and name.lower() in names:
            raise refused(f"{name} already exists")


def _options(meta: Document) -> list[Document]:
    """The options of a change that are any: objects with a name."""
    sent = meta.get("picklist_values")
    found = [one for one in sent if isinstance(one, dict)] if isinstance(sent, list) else []
    return [one for one in found if isinstance(one.get("name"), str) and one["name"].strip()]


def _length(value: object) -> int | None:
    """A length of text that can be one."""
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)
    return int(value) if whole and isinstance(value, (int, float)) and value > 0 else None
