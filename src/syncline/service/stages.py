"""The stage maps and other option maps of a sync, with how every option of both sides stands (rule M4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from syncline.config import SyncSettings
from syncline.core.automap import OptionMap, OptionStanding, OptionState
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.model import Kind, Side
from syncline.core.schema import CHOICES, Field, ObjectSchema

Described = Callable[[Side, str], ObjectSchema | None]
"""What a side shows of an object type, if it shows it."""


@dataclass(frozen=True)
class StageMap:
    """A field map whose two fields both have options, with the options that belong together."""

    kind: Kind
    pair: ObjectPair
    map: FieldMap
    left: Field
    right: Field
    options: OptionMap

    def field(self, side: Side) -> Field:
        return self.left if side is Side.LEFT else self.right

    def standings(self, side: Side) -> list[OptionStanding]:
        return self.options.standings(side)

    def count(self, state: OptionState) -> int:
        """How many options of the left are mapped so."""
        return sum(s.state is state for s in self.standings(Side.LEFT))

    def open(self, target: Side) -> list[OptionStanding]:
        """The options that cannot be carried to a side that is written, though their own side offers them."""
        if not self.map.direction.allows(target):
            return []
        mapped = (OptionState.BY_HAND, OptionState.BY_NAME)
        return [s for s in self.standings(target.other) if s.option.active and s.state not in mapped]

    def missing(self, target: Side) -> list[str]:
        """The names that are to be created by hand on a side: no system's API creates them."""
        return [s.option.label for s in self.open(target) if s.state is OptionState.MISSING]


def stage_maps(
    settings: SyncSettings, described: Described, kind: Kind | None = None, *, automapped: bool = False
) -> Iterator[StageMap]:
    """Every option map of a sync, or of one kind; with `automapped` as if each mapped by name."""
    for each in settings.kinds:
        for pair in each.pairs if kind in (None, each.kind) else ():
            schemas = [described(side, pair.on(side)) for side in Side]
            for mapped in pair.active:
                fields = [s.fields.get(mapped.on(side)) for s, side in zip(schemas, Side, strict=True) if s]
                found = [f for f in fields if f and f.type in CHOICES and f.options]
                if len(found) == len(Side):
                    left, right = found
                    meant = replace(mapped, automap=True) if automapped else mapped
                    yield StageMap(each.kind, pair, meant, left, right, OptionMap(meant, left, right))


def told(settings: SyncSettings, described: Described) -> list[str]:
    """A line per map that maps by name: how many options it maps, and which are missing where."""
    return [_line(settings, one) for one in stage_maps(settings, described) if one.map.automap]


def _line(settings: SyncSettings, one: StageMap) -> str:
    counts = f"{one.count(OptionState.BY_HAND)} mapped by hand, {one.count(OptionState.BY_NAME)} by name"
    parts = [counts]
    for side in Side:
        if missing := one.missing(side):
            parts.append(f"missing in {settings.connection(side)}: {_listed(missing)}")
        if unclear := len(one.open(side)) - len(missing):
            parts.append(f"{unclear} of {settings.connection(side.other)} not clear")
    command = f"syncline stages show {settings.name}"
    return f"{one.left.label} = {one.right.label} ({one.pair.left}/{one.pair.right}): {'; '.join(parts)} ({command})"


LISTED = 6


def _listed(names: Sequence[str]) -> str:
    shown = [name if len(name) <= 60 else f"{name[:57]}..." for name in names[:LISTED]]
    return ", ".join(shown) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")


def pinned(sync: str, maps: Sequence[StageMap]) -> dict[str, Any]:
    """The part of the settings that fixes the present pairs, whatever the options will be called later."""
    kinds: dict[str, Any] = {}
    for one in maps:
        pairs = kinds.setdefault(one.kind.value, {"pairs": []})["pairs"]
        found = next((p for p in pairs if (p["left"], p["right"]) == (one.pair.left, one.pair.right)), None)
        if found is None:
            found = {"left": one.pair.left, "right": one.pair.right, "fields": []}
            pairs.append(found)
        options = one.options.pinned()
        found["fields"].append(
            {"left": one.map.left, "right": one.map.right, "options": options, "automap": True}
        )
    return {"syncs": {sync: {"kinds": kinds}}}
