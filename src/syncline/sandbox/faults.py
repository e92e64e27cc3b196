"""Misbehaviour on demand: rules that tests set through the control, and what each rule does to an answer."""

import random
import re
from dataclasses import dataclass, field
from typing import Any

KINDS = frozenset(
    {"latency", "hang", "hang_after_commit", "reset", "status", "html", "truncate", "repeat_page"}
)


class FaultError(ValueError):
    """A fault rule that cannot be understood; the message says why."""


@dataclass
class Fault:
    """One rule: which requests it meets, how often, and what then happens.

    `count` is how often it still acts (None: for ever); `skip` is how many matching requests pass first;
    `after_commit` lets the request be carried out before reset, status or html spoil the answer.
    """

    id: int
    kind: str
    method: str | None
    path: str
    count: int | None
    probability: float
    skip: int
    seconds: float
    status: int | None
    body: Any
    headers: dict[str, str]
    after_commit: bool
    hits: int = 0
    remembered: dict[str, Any] = field(default_factory=dict, repr=False)

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule speaks of this request; the path is searched for the rule's regular expression."""
        return (self.method is None or self.method == method) and re.search(self.path, path) is not None

    def shown(self) -> dict[str, Any]:
        """The rule as the control lists it."""
        hidden = {"remembered"}
        return {name: value for name, value in vars(self).items() if name not in hidden}


class Faults:
    """The rules in force, in the order they were set. They live in memory: a restart clears them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._rules: list[Fault] = []
        self._last_id = 0

    def add(self, values: dict[str, Any]) -> Fault:
        """Set a rule; raises FaultError when it is not understood."""
        self._last_id += 1
        rule = _parse(self._last_id, values)
        self._rules.append(rule)
        return rule

    def all(self) -> list[Fault]:
        """The rules set and not yet cleared, spent ones included."""
        return list(self._rules)

    def clear(self) -> None:
        """Forget every rule."""
        self._rules.clear()

    def met_by(self, method: str, path: str) -> list[Fault]:
        """The rules that act on this request; a rule's skip and chance are used up by asking."""
        return [rule for rule in self._rules if rule.matches(method, path) and self._acts(rule)]

    def spend(self, rule: Fault) -> None:
        """Record that a rule has acted."""
        rule.hits += 1
        if rule.count is not None:
            rule.count -= 1

    def _acts(self, rule: Fault) -> bool:
        if rule.count is not None and rule.count <= 0:
            return False
        if rule.skip > 0:
            rule.skip -= 1
            return False
        return rule.probability >= 1 or self._random.random() < rule.probability


_DEFAULTS: dict[str, Any] = {
    "method": None,
    "path": "",
    "count": None,
    "probability": 1.0,
    "skip": 0,
    "seconds": 1.0,
    "status": None,
    "body": None,
    "headers": {},
    "after_commit": False,
}


def _parse(id_: int, values: dict[str, Any]) -> Fault:
    unknown = set(values) - set(_DEFAULTS) - {"kind"}
    if unknown:
        raise FaultError(f"unknown keys: {', '.join(sorted(unknown))}")
    kind = values.get("kind")
    if kind not in KINDS:
        raise FaultError(f"kind must be one of {', '.join(sorted(KINDS))}")
    if kind == "status" and not isinstance(values.get("status"), int):
        raise FaultError("a status fault needs a status number")
    given = {**_DEFAULTS, **values}
    try:
        re.compile(given["path"])
    except (re.error, TypeError) as error:
        raise FaultError(f"path is no regular expression: {error}") from error
    method = given["method"]
    return Fault(id=id_, **{**given, "method": method.upper() if isinstance(method, str) else None})
