"""`syncline stages`: which stage or option of one side is which of the other, and what is missing (rule M4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from syncline.cli.output import Output
from syncline.cli.session import working
from syncline.core.automap import OptionStanding, OptionState
from syncline.core.model import Kind, Side
from syncline.core.schema import Option
from syncline.engine.context import SyncContext
from syncline.service.stages import LISTED, StageMap, pinned, stage_maps


def show(*, sync: str | None, kind: str | None, settings: Path, json: bool) -> int:
    """Show how the options of every map stand now."""
    return _tell(Output(as_json=json), settings, sync, kind, automapped=False)


def automap(*, sync: str | None, kind: str | None, pin: bool, settings: Path, json: bool) -> int:
    """Show how the options of every map would stand if each mapped by name."""
    out = Output(as_json=json)
    if not pin:
        return _tell(out, settings, sync, kind, automapped=True)
    with working(settings, sync, checked=False) as context:
        block = pinned(context.name, _maps(context, kind, automapped=True))
    if not out.document(block):
        print(yaml.safe_dump(block, sort_keys=False, allow_unicode=True, width=110), end="")
    return 0


def _maps(context: SyncContext, kind: str | None, *, automapped: bool) -> list[StageMap]:
    chosen = Kind(kind) if kind else None
    return list(stage_maps(context.settings, context.described, chosen, automapped=automapped))


def _tell(out: Output, settings: Path, sync: str | None, kind: str | None, *, automapped: bool) -> int:
    with working(settings, sync, checked=False) as context:
        maps = _maps(context, kind, automapped=automapped)
    document = {"sync": context.name, "maps": [_document(context, one) for one in maps]}
    if out.document(document):
        return 0
    for one in maps:
        _tell_map(out, context, one)
    if not maps:
        out.say("No field map of this sync has options on both sides.")
    elif automapped:
        out.say(
            "To map so, add `automap: true` to a field map of the settings; --yaml prints the block that fixes"
            " the present pairs."
        )
    return 0


def _document(context: SyncContext, one: StageMap) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        **{str(side): {"object_type": one.pair.on(side), "field": one.map.on(side)} for side in Side},
        "direction": one.map.direction.value,
        "automap": one.map.automap,
        "options": [
            {"connection": context.connection(side), **_standing(s)}
            for side in Side
            for s in one.standings(side)
        ],
        "to_create": {context.connection(side): one.missing(side) for side in Side},
    }


def _standing(standing: OptionStanding) -> dict[str, Any]:
    return {
        "side": str(standing.side),
        "option": _option(standing.option),
        "state": str(standing.state),
        "counterpart": _option(standing.counterpart) if standing.counterpart else None,
        "taken": [{"option": _option(o), "mapped_with": _option(other)} for o, other in standing.taken],
    }


def _option(option: Option) -> dict[str, Any]:
    return {"value": option.value, "label": option.label, "active": option.active}


def _tell_map(out: Output, context: SyncContext, one: StageMap) -> None:
    fields = [f"{one.map.on(s)} of {one.pair.on(s)} in {context.connection(s)}" for s in Side]
    how = "by hand and by name" if one.map.automap else "by hand; equal names as they come"
    out.say(f"{one.kind}: {fields[0]} = {fields[1]} ({one.map.direction}; mapped {how})")
    out.table(["in", "option", "state", "is there"], _lines(context, one))
    for side in Side:
        if missing := one.missing(side):
            more = f" and {len(missing) - LISTED} more" if len(missing) > LISTED else ""
            out.say(
                f"To be created by hand in {context.connection(side)}, its API creates none: "
                f"{', '.join(map(_short, missing[:LISTED]))}{more}. Then run this again."
            )
    out.say("")


def _lines(context: SyncContext, one: StageMap) -> Iterator[tuple[str, ...]]:
    for side in Side:
        writes = one.map.direction.allows(side.other)
        for standing in one.standings(side):
            needless = standing.state is OptionState.MISSING and not writes
            state = f"{standing.state}, not needed" if needless else str(standing.state)
            yield context.connection(side), _shown(standing.option), state, _there(standing)


def _there(standing: OptionStanding) -> str:
    if standing.counterpart:
        return _shown(standing.counterpart)
    return ", ".join(f"{_shown(o)}, which is mapped with {_shown(other)}" for o, other in standing.taken)


def _shown(option: Option) -> str:
    same = option.label == option.value or not option.label.strip()
    name = _short(option.value) if same else f"{_short(option.label)} ({_short(option.value)})"
    return name if option.active else f"{name}, inactive"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
