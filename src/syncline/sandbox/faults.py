"""The misbehaviours in force: which of them act on a request, and how often they have."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from syncline.sandbox.rules import KINDS, Fault, FaultError, read_rule

__all__ = ["KINDS", "Fault", "FaultError", "Faults"]

Fits = Callable[[Fault], bool]


def _any(_fault: Fault) -> bool:
    return True


class Faults:
    """The rules in force, in the order they were set. They live in memory: a restart clears them.

    Each rule throws its own dice, so that what one meets does not depend on what others met.
    """

    def __init__(self, seed: int, now: Callable[[], datetime]) -> None:
        self._seed = seed
        self._now = now
        self._rules: list[Fault] = []
        self._dice: dict[int, random.Random] = {}
        self._last_id = 0

    def add(self, asked: Mapping[str, Any]) -> Fault:
        """Set a rule; raises FaultError when it is not understood."""
        rule = read_rule(self._last_id + 1, asked)
        self._last_id = rule.id
        self._dice[rule.id] = random.Random(f"{self._seed} {rule.id}")
        self._rules.append(rule)
        return rule

    def all(self) -> list[Fault]:
        """The rules set and not yet cleared, spent ones included."""
        return list(self._rules)

    def clear(self) -> None:
        """Forget every rule."""
        self._rules.clear()
        self._dice.clear()

    def met_by(self, method: str, path: str, fits: Fits = _any) -> list[Fault]:
        """The rules that act on this request and fit it; a rule's skip and chance are used up by asking."""
        return [
            rule for rule in self._rules if rule.matches(method, path) and fits(rule) and self._acts(rule)
        ]

    def spend(self, rule: Fault) -> None:
        """Record that a rule has acted; a storm begins with the first call it turns away."""
        rule.hits += 1
        if rule.count is not None:
            rule.count -= 1
        if rule.kind == "storm" and rule.ends_at is None:
            rule.ends_at = self._now() + timedelta(seconds=rule.seconds)

    def _acts(self, rule: Fault) -> bool:
        if rule.is_spent(self._now()):
            return False
        if rule.skip > 0:
            rule.skip -= 1
            return False
        return rule.probability >= 1 or self._dice[rule.id].random() < rule.probability
