"""One rule of misbehaviour: which requests it meets, how often it acts, and how what a test asks for is checked."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SECONDS: Mapping[str, float] = {"latency": 1, "storm": 60, "stale": 30}
"""The kinds that last, and for how long unless the rule says so."""
KINDS = frozenset(
    {
        *SECONDS,
        "hang",
        "hang_after_commit",
        "reset",
        "status",
        "html",
        "truncate",
        "cut",
        "repeat_page",
        "read_only",
    }
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
LONGEST_WAIT = 86_400.0


class FaultError(ValueError):
    """A fault rule that cannot be understood; the message says why."""


@dataclass
class Fault:
    """One rule.

    `count` is how often it still acts (None: for ever); `skip` is how many matching requests pass first;
    `after_commit` lets the request be carried out before reset, status or html spoil the answer. `ends_at` is
    when a storm is over, known once it has begun.
    """

    id: int
    kind: str
    method: str | None = None
    path: str = ""
    count: int | None = None
    probability: float = 1.0
    skip: int = 0
    seconds: float = 0.0
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    after_commit: bool = False
    hits: int = 0
    ends_at: datetime | None = None
    remembered: dict[str, Any] = field(default_factory=dict, repr=False)

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule speaks of this request; the path is searched for the rule's regular expression."""
        return (self.method is None or self.method == method) and re.search(self.path, path) is not None

    def is_spent(self, now: datetime) -> bool:
        """Whether it will never act again."""
        return (self.count is not None and self.count <= 0) or (
            self.ends_at is not None and now >= self.ends_at
        )

    def shown(self) -> dict[str, Any]:
        """The rule as the control lists it."""
        shown = {name: value for name, value in vars(self).items() if name != "remembered"}
        return {**shown, "ends_at": self.ends_at.isoformat() if self.ends_at else None}


def read_rule(id_: int, asked: Mapping[str, Any]) -> Fault:
    """The rule a test asks for, or FaultError naming the first key that cannot be meant."""
    unknown = asked.keys() - _CHECKS.keys() - {"kind"}
    if unknown:
        raise FaultError(f"unknown keys: {', '.join(sorted(unknown))}")
    kind = asked.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise FaultError(f"kind must be one of {', '.join(sorted(KINDS))}")
    values = {"seconds": SECONDS.get(kind, 0.0), **asked}
    for key, check in _CHECKS.items():
        if key in values and (why := check(values[key])):
            raise FaultError(f"{key} must be {why}, not {json.dumps(values[key], default=str)[:80]}")
    if kind == "status" and values.get("status") is None:
        raise FaultError("a status fault needs a status number")
    if isinstance(method := values.get("method"), str):
        values["method"] = method.upper()
    return Fault(id=id_, **values)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _check_path(value: object) -> str | None:
    if not isinstance(value, str):
        return "a regular expression"
    try:
        re.compile(value)
    except re.error as error:
        return f"a regular expression ({error})"
    return None


def _check_method(value: object) -> str | None:
    fits = value is None or (isinstance(value, str) and value.upper() in METHODS)
    return None if fits else f"null or one of {', '.join(sorted(METHODS))}"


def _check_headers(value: object) -> str | None:
    fits = isinstance(value, dict) and all(_is_header(name, text) for name, text in value.items())
    return None if fits else "an object of header names and printable texts"


def _is_header(name: object, text: object) -> bool:
    return (
        isinstance(name, str)
        and isinstance(text, str)
        and _NAME.fullmatch(name) is not None
        and text.isascii()
        and (text.isprintable() or not text)
    )


def _told(fits: Callable[[Any], bool], wanted: str) -> Callable[[object], str | None]:
    return lambda value: None if fits(value) else wanted


_CHECKS: Mapping[str, Callable[[object], str | None]] = {
    "method": _check_method,
    "path": _check_path,
    "count": _told(lambda v: v is None or _is_count(v, 1), "null or a whole number from 1"),
    "probability": _told(lambda v: _is_number(v) and 0 <= v <= 1, "a number from 0 to 1"),
    "skip": _told(lambda v: _is_count(v, 0), "a whole number from 0"),
    "seconds": _told(lambda v: _is_number(v) and 0 <= v <= LONGEST_WAIT, "a number from 0 to 86400"),
    "status": _told(
        lambda v: v is None or (_is_count(v, 200) and v <= 599), "null or a number from 200 to 599"
    ),
    "body": lambda _value: None,
    "headers": _check_headers,
    "after_commit": _told(lambda v: isinstance(v, bool), "true or false"),
}
