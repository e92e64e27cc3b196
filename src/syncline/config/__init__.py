"""The settings document: load, check, compare and export it, and resolve it for the engine."""

from __future__ import annotations

from syncline.config.document import ConnectionSettings, Document
from syncline.config.load import load, parse
from syncline.config.outline import json_schema
from syncline.config.preset import Preset, preset, preset_names
from syncline.config.sync import SyncSettings, UserMap, all_resolved, resolved

__all__ = [
    "ConnectionSettings",
    "Document",
    "Preset",
    "SyncSettings",
    "UserMap",
    "all_resolved",
    "json_schema",
    "load",
    "parse",
    "preset",
    "preset_names",
    "resolved",
]
