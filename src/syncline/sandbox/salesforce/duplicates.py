"""Duplicate rules: a new person whose address another person has is refused, or waved through when told to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncline.sandbox.salesforce.errors import ApiError, Problem
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.settings import Settings
from syncline.sandbox.salesforce.soql.render import attributes_of
from syncline.sandbox.salesforce.tables import Document, Tables

# What two records must share to be alike; people are compared across objects.
KEYS = {"Account": "Name", "Contact": "Email", "Lead": "Email"}
FIRST_WITH_HEADER = 52


class Duplicates:
    """The duplicate rules of an org. Records of one call are not compared with each other."""

    def __init__(self, tables: Tables, settings: Settings) -> None:
        self._tables = tables
        self._settings = settings

    def matches(self, object_: ObjectType, values: Mapping[str, Any]) -> dict[str, list[Document]]:
        """The living records with the same address, or name, by object; empty where no rule is active."""
        rule = self._settings["duplicate_rules"].get(object_.name)
        value = values.get(KEYS.get(object_.name, ""))
        if not rule or not rule["active"] or not value:
            return {}
        found = {name: self._tables.with_value(name, KEYS[name], value) for name in rule["against"]}
        return {name: records for name, records in found.items() if records}

    def bypassed(self, object_: ObjectType, version: float, *, allow_save: bool) -> bool:
        """Whether the caller may save a duplicate anyway: a rule that blocks never lets it."""
        rule = self._settings["duplicate_rules"].get(object_.name, {})
        return allow_save and rule.get("action") == "alert" and version >= FIRST_WITH_HEADER

    def refusal(self, object_: ObjectType, matches: Mapping[str, list[Document]], version: float) -> ApiError:
        """The error of a blocked create, naming the records it matches."""
        rule = self._settings["duplicate_rules"][object_.name]
        result = {
            "allowSave": rule["action"] == "alert",
            "duplicateRule": f"Standard_{object_.name}_Duplicate_Rule",
            "duplicateRuleEntityType": object_.name,
            "errorMessage": rule["message"],
            "matchResults": [_match(name, records, version) for name, records in matches.items()],
        }
        # The key was misspelt by the vendor for years; clients had to learn both.
        right = version >= self._settings["duplicates_spelt_right_from"]
        extra = {"duplicateResult" if right else "duplicateResut": result}
        in_rows = extra if self._settings["duplicates_in_rows"] else None
        return ApiError(400, Problem("DUPLICATES_DETECTED", rule["message"], None, extra, in_rows))


def _match(name: str, records: list[Document], version: float) -> dict[str, Any]:
    return {
        "entityType": name,
        "errors": [],
        "matchEngine": "FuzzyMatchEngine",
        "matchRecords": [
            {
                "additionalInformation": [],
                "fieldDiffs": [],
                "matchConfidence": 100.0,
                "record": {
                    "attributes": attributes_of(name, record["Id"], f"v{version:.1f}"),
                    "Id": record["Id"],
                },
            }
            for record in records
        ],
        "rule": f"Standard_{name}_Match_Rule_v1_1",
        "size": len(records),
        "success": True,
    }
