"""Laying a document's kinds over those of a preset: pairs merge by their types, field maps by their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from syncline.config.place import Path

Raw = dict[str, Any]
MapKey = tuple[str, str, str, str, str]
"""Kind, left type, right type, left field, right field."""


@dataclass
class Kinds:
    """Raw kinds after mixing, and where in the document each field map and kind was written (nowhere: preset)."""

    raw: dict[str, Raw]
    places: dict[MapKey, Path] = field(default_factory=dict)


def lay_over(preset: dict[str, Raw], written: dict[str, Any], at: Path) -> Kinds:
    """Mix the kinds of a preset with those written at a place of the document."""
    kinds = Kinds({})
    for name in dict.fromkeys((*preset, *written)):
        over = written.get(name) or {}
        mixed = _scalars_over(preset.get(name) or {}, over)
        base_pairs = [p for p in (preset.get(name) or {}).get("pairs", []) if _label(p) not in _without(over)]
        mixed["pairs"] = _by_names(base_pairs, over.get("pairs") or [], _pair_over)
        kinds.raw[name] = mixed
        _note_places(kinds, name, over, (*at, name))
    return kinds


def _without(over: Raw) -> set[str]:
    return set(over.get("without") or ())


def _label(pair: Raw) -> str:
    return f"{pair['left']}/{pair['right']}"


def _scalars_over(base: Raw, over: Raw) -> Raw:
    """Settings one by one; a group such as `match` keeps those that are not written anew."""
    mixed = {k: v for k, v in base.items() if k != "pairs"}
    for name, value in over.items():
        if name in ("pairs", "without"):
            continue
        mixed[name] = _over(mixed.get(name), value)
    return mixed


def _over(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {**old, **{name: _over(old.get(name), value) for name, value in new.items()}}


def _pair_over(base: Raw, over: Raw) -> Raw:
    fields = _by_names(base.get("fields") or [], over.get("fields") or [], _field_over)
    return {**base, **over, "fields": fields}


def _field_over(base: Raw, over: Raw) -> Raw:
    """A field map's options are taken whole: half an old list of stages beside a new one helps nobody."""
    return {**base, **over}


def _by_names(base: list[Raw], over: list[Raw], mix: Callable[[Raw, Raw], Raw]) -> list[Raw]:
    found = {(item["left"], item["right"]): item for item in base}
    for item in over:
        key = (item["left"], item["right"])
        found[key] = mix(found.get(key, {}), item)
    return list(found.values())


def _note_places(kinds: Kinds, name: str, over: Raw, at: Path) -> None:
    for number, pair in enumerate(over.get("pairs") or []):
        for index, item in enumerate(pair.get("fields") or []):
            key = (name, pair["left"], pair["right"], item["left"], item["right"])
            kinds.places[key] = (*at, "pairs", number, "fields", index)
