"""Comparing two documents: which settings changed, with their presets written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from syncline.config.document import Document
from syncline.config.export import export
from syncline.config.place import Path, written
from syncline.config.source import parse_text


@dataclass(frozen=True)
class Changed:
    """One setting that differs; None where it is not set."""

    place: str
    before: Any
    after: Any


def diff(before: Document, after: Document) -> list[Changed]:
    """The settings in which two documents differ. Lists of pairs and field maps are compared by their names."""
    return list(
        _differences((), _named(parse_text(export(before)).data), _named(parse_text(export(after)).data))
    )


def _named(value: Any) -> Any:
    """Lists of pairs and maps as groups by name, so that an insertion is one change."""
    if isinstance(value, dict):
        return {key: _named(each) for key, each in value.items()}
    if isinstance(value, list) and value and all(isinstance(v, dict) and "right" in v for v in value):
        return {f"{v['left']}={v['right']}": _named(v) for v in value}
    return value


def _differences(at: Path, before: Any, after: Any) -> Iterator[Changed]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from _differences((*at, key), before.get(key), after.get(key))
    elif before != after:
        yield Changed(written(at), before, after)
