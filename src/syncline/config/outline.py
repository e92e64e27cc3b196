"""The JSON Schema of the settings document, and which names may stand at a place of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from syncline.config.document import Document
from syncline.config.meanings import MEANINGS
from syncline.config.place import Path
from syncline.config.values import duration_text

ID = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a settings file, with what each setting means, for editors and for the docs."""
    made = Document.model_json_schema(schema_generator=_Generator)
    definitions = made.get("$defs", {})
    for owner, meanings in MEANINGS.items():
        properties = definitions[owner]["properties"]
        for name, meaning in meanings.items():
            properties[name]["description"] = meaning
    for node in _nodes(made):
        if "patternProperties" in node:
            node["additionalProperties"] = False
    return {"$schema": ID, **made, "title": "Syncline settings"}


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nodes(part)


class _Generator(GenerateJsonSchema):
    """Writes default times the way people write them."""

    def encode_default(self, dft: Any) -> Any:
        return duration_text(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


@lru_cache
def _outline() -> dict[str, Any]:
    return json_schema()


def names_at(path: Path) -> tuple[str, ...]:
    """The settings that may stand at a place; none where names are the user's own."""
    node = _outline()
    for part in path:
        node = _child(_followed(node), part)
    return tuple(_followed(node).get("properties", ()))


def _child(node: dict[str, Any], part: str | int) -> dict[str, Any]:
    if isinstance(part, int):
        found = node.get("items")
    else:
        named = node.get("properties", {}).get(part)
        found = named or next(
            iter(node.get("patternProperties", {}).values()), node.get("additionalProperties")
        )
    return found if isinstance(found, dict) else {}


def _followed(node: dict[str, Any]) -> dict[str, Any]:
    """The definition a node refers to."""
    for choice in node.get("anyOf", ()):
        if "$ref" in choice:
            node = choice
    reference = node.get("$ref")
    return _outline()["$defs"][reference.rsplit("/", 1)[-1]] if reference else node
