"""`syncline fields`: every field of a system, and what it is mapped to (rule M1)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from syncline.cli.output import Output
from syncline.config import Document, load, resolved
from syncline.core.model import Kind, Side
from syncline.core.schema import Field, ObjectSchema
from syncline.service.clock import choose_clock
from syncline.service.connect import connected
from syncline.service.wiring import choose_sync

_OPTIONS = 6


def show(*, name: str, kind: str, settings: Path, sync: str | None, json: bool) -> int:
    """List the fields of every object type of a kind."""
    out = Output(as_json=json)
    document = load(settings)
    chosen = [choose_sync(document, sync)] if sync else list(document.syncs)
    with connected(document, name, choose_clock(os.environ), os.environ) as connector:
        types = [t for t, each in connector.object_types().items() if each is Kind(kind)]
        schemas = [connector.describe(t) for t in types]
    mapped = _mapped(document, name, chosen)
    found = {s.object_type: [_document(s, f, mapped) for f in s.fields.values()] for s in schemas}
    if not out.document({"connection": name, "kind": kind, "object_types": found}):
        for object_type, fields in found.items():
            out.say(f"{object_type} of {name}: {len(fields)} fields")
            out.table(
                ["field", "label", "type", "limits", "options", "mapped to"], [_line(f) for f in fields]
            )
            out.say("")
    return 0


def _mapped(document: Document, name: str, syncs: list[str]) -> Mapping[tuple[str, str], list[str]]:
    """What each field of the connection is mapped to, by object type and field."""
    found: dict[tuple[str, str], list[str]] = {}
    for settings in (resolved(document, sync) for sync in syncs):
        for side in Side:
            if settings.connection(side) != name:
                continue
            for pair in (p for kind in settings.kinds for p in kind.pairs):
                for each in pair.active:
                    other = f"{pair.on(side.other)}.{each.on(side.other)}"
                    found.setdefault((pair.on(side), each.on(side)), []).append(other)
    return found


def _document(
    schema: ObjectSchema, field: Field, mapped: Mapping[tuple[str, str], list[str]]
) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type.value,
        "required": field.required,
        "read_only": field.read_only,
        "creatable": field.creatable,
        "updatable": field.updatable,
        "length": field.length,
        "custom": field.custom,
        "restricted": field.restricted,
        "options": [{"value": o.value, "label": o.label, "active": o.active} for o in field.options],
        "refers_to": list(field.refers_to),
        "mapped_to": list(dict.fromkeys(mapped.get((schema.object_type, field.name), []))),
    }


def _line(field: Mapping[str, Any]) -> list[object]:
    limits = [
        word.replace("_", " ") for word in ("required", "read_only", "custom", "restricted") if field[word]
    ]
    if field["creatable"] != field["updatable"]:
        limits.append("only when made" if field["creatable"] else "only afterwards")
    if field["length"]:
        limits.append(f"up to {field['length']}")
    labels = [o["label"] for o in field["options"] if o["active"]]
    options = [
        *labels[:_OPTIONS],
        *([f"and {len(labels) - _OPTIONS} more"] if len(labels) > _OPTIONS else []),
    ]
    return [
        field["name"],
        field["label"],
        field["type"],
        limits,
        options or field["refers_to"],
        field["mapped_to"],
    ]
