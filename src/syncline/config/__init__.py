"""The settings document: load, check, compare and export it, and resolve it for the engine."""

from __future__ import annotations

from syncline.config.check import check, check_secrets
from syncline.config.diff import Changed, diff
from syncline.config.document import ConnectionSettings, Document
from syncline.config.export import export
from syncline.config.finding import CODES, Finding, raise_errors
from syncline.config.load import load, parse
from syncline.config.outline import json_schema
from syncline.config.preset import Preset, preset, preset_names
from syncline.config.secret import (
    ResolvedConnection,
    resolve_connection,
    resolve_database,
    resolve_key,
    resolve_serve_token,
)
from syncline.config.sync import SyncSettings, UserMap, all_resolved, resolved

__all__ = [
    "CODES",
    "Changed",
    "ConnectionSettings",
    "Document",
    "Finding",
    "Preset",
    "ResolvedConnection",
    "SyncSettings",
    "UserMap",
    "all_resolved",
    "check",
    "check_secrets",
    "diff",
    "export",
    "json_schema",
    "load",
    "parse",
    "preset",
    "preset_names",
    "raise_errors",
    "resolve_connection",
    "resolve_database",
    "resolve_key",
    "resolve_serve_token",
    "resolved",
]
