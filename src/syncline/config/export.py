"""A document as YAML with its presets written out; it holds references to secrets, never secrets."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import TypeAdapter

from syncline.config.document import Document, KindDocument
from syncline.config.sync import mixed_kinds, mixed_schedule
from syncline.config.values import KindName

_KINDS = TypeAdapter(dict[KindName, KindDocument])


def export(document: Document) -> str:
    """The document without its presets: what they say stands in it, so no later version changes it."""
    data = document.model_dump(mode="json", exclude_defaults=True)
    data = {"version": document.version, **data}
    for name in document.syncs:
        sync = data["syncs"][name]
        sync.pop("preset", None)
        sync["kinds"] = _kinds(document, name)
        schedule = mixed_schedule(document.syncs[name]).model_dump(mode="json", exclude_unset=True)
        sync |= {"schedule": schedule} if schedule else {}
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _kinds(document: Document, name: str) -> dict[str, Any]:
    kinds = _KINDS.validate_python(mixed_kinds(document, name).raw)
    plain: dict[str, Any] = _KINDS.dump_python(kinds, mode="json", exclude_defaults=True)
    return plain


class _Dumper(yaml.SafeDumper):
    """Keeps small groups such as a field map on a line of their own."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        if {"left", "right"} <= mapping.keys() and "fields" not in mapping and "kinds" not in mapping:
            node.flow_style = all(not isinstance(value, dict | list) for value in mapping.values())
        return node

    def ignore_aliases(self, _data: Any) -> bool:
        return True
