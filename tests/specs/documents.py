"""Published OpenAPI documents made ready for judging: gaps filled, and nothing unknown let through in requests."""

import json
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
ANYTHING: Node = {}


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Method, path template and description of every operation."""
    for path, item in document["paths"].items():
        yield from ((method.upper(), path, item[method]) for method in METHODS if method in item)


def dangling(document: Node) -> list[str]:
    """The schemas that are referred to but not there."""
    known = document.get("components", {}).get("schemas", {})
    named = {name.rpartition("/")[2] for name in _references(document)}
    return sorted(named - set(known))


def completed(document: Node) -> Node:
    """The document with every schema that it lacks taken as anything."""
    components = document.get("components", {})
    schemas = {**dict.fromkeys(dangling(document), ANYTHING), **components.get("schemas", {})}
    return {**document, "components": {**components, "schemas": schemas}}


def with_schemas_of_examples(document: Node) -> Node:
    """The document where an answer that has only examples gets their shape as its schema."""
    copy: Node = json.loads(json.dumps(document))
    for _, _, operation in operations(copy):
        for answer in operation.get("responses", {}).values():
            content = answer.get("content", {}).get("application/json", {})
            shapes = [shape(value) for value in _examples(content)]
            if shapes and "schema" not in content:
                content["schema"] = {"anyOf": shapes}
    return copy


def with_nulls_of_examples(document: Node) -> Node:
    """The document where a property of an answer may be null if some published example shows a null of that name."""
    copy: Node = json.loads(json.dumps(document))
    names = nulls_of_examples(copy)
    for _, _, operation in operations(copy):
        for answer in operation.get("responses", {}).values():
            _allow_nulls(answer.get("content", {}).get("application/json", {}).get("schema"), names)
    return copy


def nulls_of_examples(document: Node) -> set[str]:
    """The names of keys that some published example of an answer shows as null."""
    return {
        name
        for _, _, operation in operations(document)
        for answer in operation.get("responses", {}).values()
        for example in _examples(answer.get("content", {}).get("application/json", {}))
        for name in _nulls(example)
    }


def closed(document: Node) -> Node:
    """The document where the body of a request may hold nothing that is not described.

    Defaults of parameters go: Apollo's are empty texts even where a number is wanted, and would be judged.
    """
    copy: Node = json.loads(json.dumps(document))
    for _, _, operation in operations(copy):
        for parameter in operation.get("parameters", ()):
            parameter.get("schema", {}).pop("default", None)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            _close(content.get("schema"))
    return copy


def shape(value: Any) -> Node:
    """The schema of everything that has the keys and types of an example; null may stand for anything."""
    if isinstance(value, dict):
        return {
            "type": "object",
            "required": sorted(value),
            "properties": {key: shape(inner) for key, inner in value.items()},
        }
    if isinstance(value, list):
        return {"type": "array"}
    if value is None:
        return ANYTHING
    kind = {bool: "boolean", int: "number", float: "number"}.get(type(value), "string")
    return {"type": [kind, "null"]}


def _examples(content: Node) -> Iterator[Any]:
    for example in content.get("examples", {}).values():
        value = example.get("value")
        try:
            yield json.loads(value) if isinstance(value, str) else value
        except ValueError:
            continue


def _nulls(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (name for name, value in node.items() if value is None)
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _nulls(inner)


def _allow_nulls(node: Any, names: set[str]) -> None:
    if isinstance(node, list):
        for inner in node:
            _allow_nulls(inner, names)
    elif isinstance(node, dict):
        for name, inner in node.get("properties", {}).items():
            if name in names and isinstance(inner, dict) and isinstance(inner.get("type"), str):
                inner["type"] = [inner["type"], "null"]
        for inner in node.values():
            _allow_nulls(inner, names)


def _close(node: Any) -> None:
    if not isinstance(node, dict):
        return
    if node.get("properties") and "additionalProperties" not in node:
        node["additionalProperties"] = False
    for inner in (*node.get("properties", {}).values(), node.get("items")):
        _close(inner)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _references(inner)
