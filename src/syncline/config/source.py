"""Reading a settings file: bytes in, plain data and the line of each place out; anything odd is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from syncline.config.place import Path, written
from syncline.config.wording import shown
from syncline.core.errors import SettingsFileError

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_NODES = 50_000

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_NUMBER = re.compile(r"[-+]?[0-9]+\.[0-9]+\Z")
_QUOTED = re.compile(r"'[^']*'")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}


@dataclass(frozen=True)
class Source:
    """A document as it was written: its data, where it came from, and the line of each place."""

    data: dict[str, Any]
    path: FilePath | None = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, place: Path) -> int | None:
        """The line of a place or, where it is missing, of what it should stand in."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)

    def where(self, place: Path) -> str:
        """File, line and path, as a message begins."""
        name = self.path.name if self.path else "settings"
        line = self.line(place) if place else None
        return f"{name}, line {line}: {written(place)}:" if line else f"{name}: {written(place)}:"


def read_source(path: FilePath) -> Source:
    """Read a settings file; raises `SettingsFileError`."""
    return parse_text(_read_text(path), path)


def _read_text(path: FilePath) -> str:
    try:
        if not path.is_file():
            raise SettingsFileError(f"There is no file {path}.")
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsFileError(f"{path} cannot be read: {reason}.") from None
    if len(content) > MAX_BYTES:
        raise SettingsFileError(
            f"{path} is larger than {MAX_BYTES:,} bytes, so it is no settings file.",
            hint="Split large lists off, or name the right file.",
        )
    return _decoded(content, path)


def _decoded(content: bytes, path: FilePath) -> str:
    if b"\0" in content:
        raise SettingsFileError(
            f"{path} holds NUL bytes: it is not a text file.", hint="Save the settings as UTF-8 text."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SettingsFileError(
            f"{path}, line {line}: this is not UTF-8 text.", hint="Save the settings as UTF-8."
        ) from None


def parse_text(text: str, path: FilePath | None = None) -> Source:
    """Plain data from YAML text; raises `SettingsFileError` and never shows the text itself."""
    name = path.name if path else "settings"
    if found := _BIDI.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise SettingsFileError(
            f"{name}, line {line}: a character that reorders text (U+{ord(found[0]):04X}) is not allowed.",
            hint="Remove the invisible character.",
        )
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        raise _unreadable(name, error) from None
    if not isinstance(node, MappingNode):
        raise SettingsFileError(
            f"{name}: the document must be a list of settings, each `name: value`, and it is "
            f"{'empty' if node is None else 'something else'}."
        )
    lines: dict[Path, int] = {}
    return Source(_mapping(node, (), lines, name), path, lines)


def _unreadable(name: str, error: yaml.YAMLError) -> SettingsFileError:
    # The parser's own text may quote the line it failed on, and that line may hold a secret.
    mark = getattr(error, "problem_mark", None)
    problem = _QUOTED.sub(
        "something", str(getattr(error, "problem", None) or "it holds unreadable characters")
    )
    line = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return SettingsFileError(f"{name}{line}: this is not valid YAML: {problem}.")


class _Refused(yaml.MarkedYAMLError):
    """Valid YAML that a settings document may not use."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem=problem, problem_mark=mark)


class _Loader(yaml.SafeLoader):
    """Composes nodes only; aliases, tags, deep nesting and huge documents are refused on the way."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._nodes = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused("anchors and aliases are not supported, write the value out", mark)
        if getattr(event, "tag", None):
            raise _Refused("tags are not supported, write a plain value", mark)
        self._depth += 1
        self._nodes += 1
        if self._depth > MAX_DEPTH:
            raise _Refused(f"it is nested more than {MAX_DEPTH} levels deep", mark)
        if self._nodes > MAX_NODES:
            raise _Refused(f"it has more than {MAX_NODES:,} values", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _plain(node: Node, path: Path, lines: dict[Path, int], name: str) -> Any:
    if isinstance(node, MappingNode):
        return _mapping(node, path, lines, name)
    if isinstance(node, SequenceNode):
        items = []
        for number, item in enumerate(node.value):
            lines[*path, number] = item.start_mark.line + 1
            items.append(_plain(item, (*path, number), lines, name))
        return items
    return _scalar(node)


def _mapping(node: MappingNode, path: Path, lines: dict[Path, int], name: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            raise SettingsFileError(f"{name}, line {line}: the name of a setting must be plain text.")
        key = str(key_node.value)
        if key in data:
            raise SettingsFileError(
                f"{name}, line {line}: {shown(key)} is set twice in {written(path)}"
                f" (first on line {lines[*path, key]}).",
                hint="Keep one of the two lines.",
            )
        lines[*path, key] = line
        data[key] = _plain(value_node, (*path, key), lines, name)
    return data


def _scalar(node: Node) -> str | int | float | bool | None:
    """Only true, false, null and decimal numbers are special: `no` is text, as in the country Norway."""
    text = str(node.value)
    if getattr(node, "style", None):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text) if len(text) < 19 else text
    return float(text) if _NUMBER.match(text) else text
