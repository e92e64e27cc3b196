"""Which template a path belongs to, and which operations the sandboxes say they cover."""

import re
from collections.abc import Iterable

from syncline.sandbox.clock import Clock
from syncline.sandbox.coverage import Coverage
from syncline.sandbox.main import find_system
from syncline.sandbox.state import State

SYSTEMS = ("apollo", "salesforce")


class Templates:
    """The operations of an API, to find the one that a call belongs to."""

    def __init__(self, operations: Iterable[tuple[str, str]]) -> None:
        self._patterns = [
            (method, template, re.compile(re.sub(r"\{\w+\}", "[^/]+", template) + "/?"))
            for method, template in operations
        ]

    def find(self, method: str, path: str) -> str | None:
        """The operation as "METHOD /path/{template}"; of two templates the more literal one."""
        fits = [
            template
            for each, template, pattern in self._patterns
            if each == method and pattern.fullmatch(path)
        ]
        return f"{method} {min(fits, key=lambda one: one.count('{'))}" if fits else None


def coverage_of(system: str) -> list[Coverage]:
    """The rows of coverage of a sandbox."""
    state = State(":memory:")
    try:
        return list(find_system(system)(state, Clock(state), 1).coverage)
    finally:
        state.close()
