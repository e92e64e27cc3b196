"""Checks that the mode of a kind agrees with what else is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from syncline.config.document import read_mode
from syncline.config.finding import Finding
from syncline.config.subject import Subject
from syncline.config.sync import writes
from syncline.core.model import Side


def mode_findings(subject: Subject) -> Iterator[Finding]:
    """Settings that want a side written which the mode of their kind leaves alone."""
    for name, kind in subject.sync.written_kinds.items():
        mode = read_mode(kind.get("mode", "both"))
        for place in _contradicted(kind, mode):
            yield Finding(
                "mode-contradicted",
                subject.where("kinds", name, *place),
                f"{'.'.join(place)} is true, and mode {mode} leaves nothing to do there.",
                f"Remove {'.'.join(place)}, or choose another mode.",
            )


def _contradicted(kind: dict[str, Any], mode: Any) -> Iterator[tuple[str, ...]]:
    if mode == "off" and kind.get("enabled") is True:
        yield ("enabled",)
    for side in (side for side in Side if not writes(mode, side)):
        rule = kind.get(f"create_{side}")
        if isinstance(rule, dict) and rule.get("enabled") is True:
            yield f"create_{side}", "enabled"
        if kind.get(f"update_{side}") is True:
            yield (f"update_{side}",)
