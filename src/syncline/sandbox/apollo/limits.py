"""Rate limits: per endpoint, in three fixed windows at once, each opened by its first request."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from syncline.sandbox.apollo.wire import ApiError, Operation
from syncline.sandbox.clock import Clock
from syncline.sandbox.state import Document, State


@dataclass(frozen=True)
class Window:
    """One kind of window and the words its headers and texts use."""

    name: str
    seconds: int
    limit_header: str
    word: str


WINDOWS = (
    Window("minute", 60, "x-rate-limit-minute", "minute"),
    Window("hour", 3600, "x-rate-limit-hourly", "hourly"),
    Window("day", 86400, "x-rate-limit-24-hour", "24-hour"),
)

# The published plans, and one that lets a demonstration through without changing any manners.
PLANS: Mapping[str, Mapping[str, int]] = {
    "free": {"minute": 50, "hour": 200, "day": 600},
    "basic": {"minute": 200, "hour": 400, "day": 2000},
    "professional": {"minute": 200, "hour": 400, "day": 2000},
    "organization": {"minute": 200, "hour": 600, "day": 6000},
    "demo": {"minute": 6000, "hour": 120_000, "day": 1_000_000},
}


class Limits:
    """Counts requests per endpoint and turns away what is over the plan's limits."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._refused: Counter[str] = Counter()

    def setting(self) -> Document:
        """The plan and the limit of each window; None is no limit."""
        return self._state.get("_limits", "limits") or {"plan": "demo", **PLANS["demo"]}

    def shown(self) -> Document:
        """The same, and how many requests were over a limit since the start, by endpoint."""
        return {**self.setting(), "refused": dict(self._refused)}

    def set(self, change: Mapping[str, object]) -> Document:
        """Choose a plan, or single limits over the present ones, and start all windows anew.

        With `endpoint`, the name keys know it by, the single limits are those of this endpoint alone; a plan
        undoes them.
        """
        setting = self.setting()
        if "plan" in change:
            plan = str(change["plan"])
            if plan not in PLANS:
                raise ValueError(f"unknown plan {plan!r}: give one of {', '.join(PLANS)}")
            setting = {"plan": plan, **PLANS[plan]}
        limits = {window.name: _limit(change[window.name]) for window in WINDOWS if window.name in change}
        if "endpoint" in change:
            endpoints = setting.setdefault("endpoints", {})
            endpoints[str(change["endpoint"])] = endpoints.get(str(change["endpoint"]), {}) | limits
        else:
            setting |= limits
        with self._state.transaction():
            self._state.put("_limits", "limits", setting)
            for kept in self._state.all("_windows"):
                self._state.delete("_windows", kept["scope"])
        return setting

    def plan(self) -> str:
        """The plan's name."""
        return str(self.setting()["plan"])

    def take(self, operation: Operation) -> dict[str, str]:
        """Count one request and return its headers; raises the 429, which counts for nothing."""
        setting, windows = self._limits_of(operation), self._windows(operation.scope)
        exhausted = [
            window
            for window in WINDOWS
            if setting[window.name] is not None and windows[window.name]["used"] >= setting[window.name]
        ]
        if exhausted:
            self._refused[operation.scope] += 1
            raise self._too_many(operation, exhausted, setting, windows)
        for window in WINDOWS:
            windows[window.name]["used"] += 1
        self._state.put("_windows", operation.scope, {"scope": operation.scope, **windows})
        return _headers(setting, windows)

    def usage(self, operations: list[Operation]) -> Document:
        """Limit, use and remainder of every endpoint, under the vendor's key of controller and action."""
        answer: Document = {}
        for operation in operations:
            setting, windows = self._limits_of(operation), self._windows(operation.scope)
            controller, _, action = operation.scope.rpartition("/")
            answer[f'["{controller}", "{action}"]'] = {
                window.name: _usage(setting[window.name], windows[window.name]["used"])
                for window in reversed(WINDOWS)
            }
        return answer

    def _limits_of(self, operation: Operation) -> Document:
        setting = self.setting()
        return {**setting, **setting.get("endpoints", {}).get(operation.scope, {})}

    def _windows(self, scope: str) -> Document:
        """The open windows of an endpoint; one that is over starts anew now."""
        now = self._clock.now().timestamp()
        kept = self._state.get("_windows", scope) or {}
        windows: Document = {}
        for window in WINDOWS:
            open_ = kept.get(window.name)
            alive = open_ is not None and 0 <= now - open_["opened"] < window.seconds
            windows[window.name] = open_ if alive else {"opened": now, "used": 0}
        return windows

    def _too_many(
        self, operation: Operation, exhausted: list[Window], setting: Document, windows: Document
    ) -> ApiError:
        now = self._clock.now().timestamp()
        waits = [windows[window.name]["opened"] + window.seconds - now for window in exhausted]
        first = exhausted[0]
        text = operation.too_many.format(
            name=operation.shown_name, limit=setting[first.name], window=first.name
        )
        headers = {**_headers(setting, windows), "retry-after": str(max(1, math.ceil(max(waits))))}
        return ApiError(429, {"message": text}, headers)


def _headers(setting: Document, windows: Document) -> dict[str, str]:
    headers: dict[str, str] = {}
    for window in WINDOWS:
        limit, used = setting[window.name], windows[window.name]["used"]
        headers[window.limit_header] = "" if limit is None else str(limit)
        if limit is not None:
            headers[f"x-{window.word}-usage"] = str(used)
            headers[f"x-{window.word}-requests-left"] = str(max(0, limit - used))
    return headers


def _usage(limit: int | None, used: int) -> Document:
    left = None if limit is None else max(0, limit - used)
    return {"limit": limit, "consumed": used, "left_over": left}


def _limit(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("a limit must be a whole number or null")
    return value
