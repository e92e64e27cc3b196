"""What the service refuses for being too much: calls in a minute, and fields in one call."""

import math
from collections.abc import Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

from syncline.sandbox.clock import Clock
from syncline.sandbox.customeros.wire import Refusal
from syncline.sandbox.state import State

DEFAULTS = {"minute": 1000, "complexity": 200, "rows": 1_000_000}
"""1,000 calls a minute are documented. That complexity is limited is known, and how far is not; `rows` of one
answer may be limited without a word of it."""
WINDOW = 60


class Limits:
    """Counts calls in windows of a minute, each opened by its first call."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def setting(self) -> dict[str, int]:
        """The limits that are in force."""
        return {**DEFAULTS, **(self._state.peek("_limits", "limits") or {})}

    def set(self, change: Mapping[str, object]) -> dict[str, int]:
        """Set some limits and open a new window; ValueError names one that does not exist or is no number."""
        for name, most in change.items():
            if name not in DEFAULTS or isinstance(most, bool) or not isinstance(most, int) or most < 1:
                raise ValueError(f"{name[:40]}: give a whole number from 1 for some of {', '.join(DEFAULTS)}")
        self._state.put("_limits", "limits", {**self.setting(), **change})
        self._state.delete("_limits", "window")
        return self.setting()

    def take(self) -> None:
        """Count one call, or raise its 429. That there are no headers about it is a guess: none are documented."""
        now = self._clock.now().timestamp()
        window = self._state.peek("_limits", "window")
        if window is None or not 0 <= now - window["opened"] < WINDOW:
            window = {"opened": now, "used": 0}
        if window["used"] >= self.setting()["minute"]:
            raise too_many(window["opened"] + WINDOW - now)
        self._state.put("_limits", "window", {**window, "used": window["used"] + 1})

    def check(self, document: DocumentNode) -> None:
        """Raise the refusal of an operation that asks for too much at once."""
        asked, most = complexity(document), self.setting()["complexity"]
        if asked > most:
            text = f"operation has complexity {asked}, which exceeds the limit of {most}"
            raise Refusal(200, text, code="COMPLEXITY_LIMIT_EXCEEDED")


def too_many(seconds: float) -> Refusal:
    """The 429 of a window that is used up."""
    return Refusal(429, f"Rate limit exceeded, try again in {max(1, math.ceil(seconds))} seconds")


def complexity(document: DocumentNode) -> int:
    """One for each field that an operation asks for, lists counted once; introspection is free."""
    fragments = {
        each.name.value: each.selection_set
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }

    def cost(selected: SelectionSetNode | None, within: frozenset[str]) -> int:
        total = 0
        for each in selected.selections if selected else ():
            if isinstance(each, FieldNode):
                if not each.name.value.startswith("__"):
                    total += 1 + cost(each.selection_set, within)
            elif isinstance(each, InlineFragmentNode):
                total += cost(each.selection_set, within)
            elif isinstance(each, FragmentSpreadNode) and each.name.value not in within:
                name = each.name.value
                total += cost(fragments.get(name), within | {name})
        return total

    operations = [each for each in document.definitions if not isinstance(each, FragmentDefinitionNode)]
    return max((cost(getattr(each, "selection_set", None), frozenset()) for each in operations), default=0)
