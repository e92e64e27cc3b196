"""Presets: the default kinds of two systems, read from the data files of the package."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

from pydantic import Field

from syncline.config.document import KindDocument, System
from syncline.config.overlay import lay_over
from syncline.config.part import Part
from syncline.config.schedule import ScheduleDocument, ScheduleSetting, joined
from syncline.config.source import parse_text
from syncline.config.values import KindName
from syncline.config.wording import choices, shown
from syncline.core.errors import UnknownNameError

_FOLDER = files("syncline") / "presets"


class Preset(Part):
    """Default settings for a sync of two systems."""

    title: str = Field(description="What the preset is for, in one line.")
    left: System = Field(description="The system of the left connection.")
    right: System = Field(description="The system of the right connection.")
    kinds: dict[KindName, KindDocument] = Field(description="Settings of each kind of record.")
    like: str | None = Field(
        default=None, description="Another preset, whose kinds and schedule these change or add to."
    )
    schedule: ScheduleSetting = Field(
        default_factory=ScheduleDocument, description="When its runs begin, unless a sync says so itself."
    )


def preset_names() -> tuple[str, ...]:
    """The presets that come with Syncline."""
    found = (item.name for item in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


@lru_cache
def _parsed(name: str) -> tuple[Preset, dict[str, Any]]:
    if name not in preset_names():
        raise UnknownNameError(f"There is no preset {shown(name)}. {choices(name, preset_names())}")
    source = parse_text((_FOLDER / f"{name}.yaml").read_text("utf-8"), FilePath(f"{name}.yaml"))
    found = Preset.model_validate(source.data)
    if found.like is None:
        return found, source.data["kinds"]
    base = preset(found.like)
    mixed = lay_over(preset_kinds(found.like), source.data["kinds"], ()).raw
    return found.model_copy(update={"schedule": joined(base.schedule, found.schedule)}), mixed


def preset(name: str) -> Preset:
    """A preset by its name; raises `UnknownNameError`."""
    return _parsed(name)[0]


def preset_kinds(name: str | None) -> dict[str, Any]:
    """The kinds of a preset as they are written, to lay a document's own over them."""
    return _parsed(name)[1] if name else {}
