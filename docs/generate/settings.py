"""The page of settings and the JSON Schema, from the settings document."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from syncline.config import json_schema
from syncline.connectors.registry import SYSTEMS

Node = dict[str, Any]

INTRODUCTION = """# Settings

One YAML file describes the connections and what is kept in agreement. `syncline init` writes one to start from,
`syncline config check` looks for mistakes, and `syncline config schema` prints the
[JSON Schema](settings.schema.json), which many editors use to complete and check what you type.

- An unknown setting is refused, with the line it stands on and the names that would be known there.
- Secrets never stand in the file. Write `env:NAME` or `file:PATH`.
- Times are a number and `s`, `m`, `h` or `d`: `30m`, `90d`.
- A name in capitals, such as NAME, is one that you choose.

`syncline config export` prints the settings as they are used, with everything the preset adds.
"""
TYPES = {"boolean": "`true`, `false`", "integer": "whole number", "number": "number", "string": "text"}
PLACES = {"connections": "NAME", "syncs": "NAME", "kinds": "KIND"}
PERIOD = re.compile(r"^P(?:(\d+)D|T(\d+)([HMS])|(\d+)Y|(\d+)W)$")


def schema_text() -> str:
    """The JSON Schema as `syncline config schema` prints it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def page() -> str:
    """The page of settings."""
    schema = json_schema()
    sections = [_section(place, node) for place, node in _places("", schema, schema["$defs"])]
    return "\n".join([INTRODUCTION, *sections, *_systems()])


def _systems() -> Iterator[str]:
    """What each system needs and understands beside the common settings."""
    for system in SYSTEMS.values():
        yield f"## Connections to {system.name}"
        ways = [_listed(way) for way in system.ways]
        app = f"; or with `sign_in: oauth` {_listed(system.app)}" if system.app else ""
        yield f"\nCredentials: {'; or '.join(ways)}{app}." + (
            " Needs `base_url`." if system.needs_base_url else ""
        )
        if system.options:
            rows = [f"| `{name}` | {meaning} |" for name, meaning in sorted(system.options.items())]
            yield "\n".join(["", "| option | meaning |", "|---|---|", *rows])
        yield ""


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _places(place: str, node: Node, definitions: Node) -> Iterator[tuple[str, Node]]:
    """Every place of a document that has settings below it, from the outside in."""
    yield place, node
    for name, setting in node["properties"].items():
        inner, below = _inner(name, setting, definitions)
        if inner is not None:
            yield from _places(f"{place}.{below}".lstrip("."), inner, definitions)


def _inner(name: str, setting: Node, definitions: Node) -> tuple[Node | None, str]:
    """What stands below a setting: a part, named parts, or a list of parts."""
    named = next(iter(setting.get("patternProperties", {}).values()), setting.get("additionalProperties"))
    if isinstance(named, dict) and "$ref" in named:
        return _part(named, definitions), f"{name}.{PLACES.get(name, 'NAME')}"
    if "$ref" in setting.get("items", {}):
        return _part(setting["items"], definitions), f"{name}[]"
    parts = (_part(choice, definitions) for choice in setting.get("anyOf", (setting,)))
    return next(filter(None, parts), None), name


def _part(node: Node, definitions: Node) -> Node | None:
    for choice in node.get("anyOf", (node,)):
        found: Node = definitions.get(choice.get("$ref", "").rpartition("/")[2], {})
        if "properties" in found:
            return found
    return None


def _section(place: str, node: Node) -> str:
    title = f"`{place}`" if place else "The file"
    # A part's own description may say more for programmers; its first sentence is for everybody.
    about = node.get("description", "").split("\n\n")[0].replace("\n", " ")
    required = set(node.get("required", ()))
    rows = [_row(name, setting, required=name in required) for name, setting in node["properties"].items()]
    head = ["| setting | values | default | meaning |", "|---|---|---|---|"]
    return "\n".join([f"## {title}", "", about, "", *head, *rows, ""])


def _row(name: str, setting: Node, *, required: bool) -> str:
    meaning = setting.get("description") or _definition(setting).get("description", "")
    default = "required" if required else _default(setting)
    return f"| `{name}` | {_values(setting)} | {default} | {meaning.replace('|', chr(92) + '|')} |"


def _default(setting: Node) -> str:
    value = setting.get("default")
    if value is None or value == []:
        return ""
    if isinstance(value, str) and (found := PERIOD.match(value)):
        days, number, unit, years, weeks = found.groups()
        value = f"{number}{unit.lower()}" if number else f"{_days(days, years, weeks)}d"
    return f"`{json.dumps(value) if not isinstance(value, str) else value}`"


def _days(days: str | None, years: str | None, weeks: str | None) -> int:
    return int(days or 0) + 365 * int(years or 0) + 7 * int(weeks or 0)


def _values(setting: Node) -> str:
    choices = [choice for choice in setting.get("anyOf", (setting,)) if choice.get("type") != "null"]
    return " or ".join(dict.fromkeys(_value(choice) for choice in choices))


def _value(node: Node) -> str:
    node = _definition(node) or node
    if "enum" in node:
        return ", ".join(f"`{choice}`" for choice in node["enum"])
    if "const" in node:
        return f"`{node['const']}`"
    if node.get("type") == "array":
        return "list"
    if "properties" in node or node.get("type") == "object":
        return "settings"
    if str(node.get("pattern", "")).endswith("[smhd]$"):
        return "time"
    if "pattern" in node and "[smhd]|" in node["pattern"]:
        return "time or cron"
    return TYPES[node["type"]]


@cache
def _definitions() -> Node:
    found: Node = json_schema()["$defs"]
    return found


def _definition(node: Node) -> Node:
    found: Node = _definitions().get(node.get("$ref", "").rpartition("/")[2], {})
    return found
