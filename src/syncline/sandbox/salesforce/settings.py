"""What an administrator, or a test through the control, has set in the org; kept in the state file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from syncline.sandbox.salesforce.fields import Field, ObjectType, Option
from syncline.sandbox.salesforce.objects.picklists import LEFT_OUT_BY_RECORD_TYPE
from syncline.sandbox.state import State

TYPE = "_salesforce"
ASK = "Use one of these records?"
ENTERPRISE, SMALL_BUSINESS = "Enterprise", "Small_Business"

DEFAULTS: dict[str, Any] = {
    "token_lifetime": 7200.0,  # seconds; the session timeout of a new org
    "instance_url": None,  # what token replies name; without it the address they were asked at
    "daily_limit": 100_000,
    "page_size": None,
    "lead_assignment_owner": None,
    "picklists": {},
    "validation_rules": [],
    "automations": [],
    "locks": {"ids": [], "next": {}},  # records, and how many further writes of an object
    "replication_id_limit": 600_000,
    "hidden_records": [],  # ids of those that are not shared with the integration user
    "purged_until": {},  # by object: when the last record that was purged had been deleted
    "locator_lifetime": 172_800.0,  # seconds
    "concurrent_limit": 25,
    "long_requests": {"count": 0, "until": None},
    "usage_extras": "",  # what the header with the allocation says besides
    "schema_changed": None,
    "custom_fields": {},  # by object
    "currencies": [],  # of an org that has several, the corporate one first
    "field_access": {},  # by object and field: hidden or read_only
    "record_type_objects": ["Account"],
    "default_record_types": {"Account": ENTERPRISE},  # by object, the developer name
    "closed_record_types": [],  # ids of those the integration user may not use
    "record_type_subsets": LEFT_OUT_BY_RECORD_TYPE,
    "duplicate_rules": {
        "Account": {"active": False, "action": "alert", "against": ["Account"], "message": ASK},
        "Contact": {"active": True, "action": "alert", "against": ["Contact"], "message": ASK},
        "Lead": {"active": False, "action": "alert", "against": ["Lead", "Contact"], "message": ASK},
    },
    "duplicates_spelt_right_from": 60,  # versions 54 to 56 are known to misspell, 60 to 62 not to
    "duplicates_in_rows": False,  # whether the matches stand in the rows of collections too
}

_NOTHING: Mapping[str, Any] = {}


class Settings:
    """The settings of one org; each change is stored at once."""

    def __init__(self, state: State) -> None:
        self._state = state

    def __getitem__(self, name: str) -> Any:
        return self.stored.get(name, DEFAULTS[name])

    @property
    def stored(self) -> Mapping[str, Any]:
        """What differs from the defaults; another object after each change."""
        return self._state.peek(TYPE, "settings") or _NOTHING

    def set(self, name: str, value: Any) -> None:
        """Change one setting."""
        stored = self._state.get(TYPE, "settings") or {}
        self._state.put(TYPE, "settings", {**stored, name: value})

    def options(self, object_: ObjectType, field: Field) -> tuple[Option, ...]:
        """The options of a picklist as they are now: some may have been switched off, or added."""
        changes: Mapping[str, bool] = self["picklists"].get(f"{object_.name}.{field.name}", {})
        known = [replace(each, active=changes.get(each.value, each.active)) for each in field.options]
        names = {each.value for each in known}
        return (*known, *(Option(value, active=on) for value, on in changes.items() if value not in names))

    def set_option(self, object_: ObjectType, field: Field, value: str, *, active: bool) -> None:
        """Switch an option of a picklist on or off, adding it when it is new."""
        key = f"{object_.name}.{field.name}"
        changes = {**self["picklists"]}
        changes[key] = {**changes.get(key, {}), value: active}
        self.set("picklists", changes)
