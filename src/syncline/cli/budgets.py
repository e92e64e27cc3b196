"""How people are told of budgets: how far each window is used, and how long the calls of a plan take (rule C6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncline.cli.output import Output

_COLUMNS = [
    "calls to",
    "window",
    "used",
    "limit",
    "ours",
    "left",
    "opens at (UTC)",
    "the fullest of its endpoints",
]


def tell_budgets(out: Output, found: Mapping[str, Any]) -> None:
    """A line per connection and window; of those that each endpoint has, the one with the least left."""
    calls = ", ".join(f"{each['calls_24h']} to {name}" for name, each in found.items())
    out.say(f"Calls of the last 24 hours: {calls}")
    rows = [_row(name, each) for name, budget in found.items() for each in _fullest(budget["windows"])]
    if rows:
        out.table(_COLUMNS, rows)


def _fullest(windows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for each in sorted(windows, key=lambda w: (w["left"] / max(1, w["ours"]), -w["used"])):
        found.setdefault(each["window"], each)
    return sorted(found.values(), key=lambda each: int(each["limit"]))


def _row(connection: str, each: dict[str, Any]) -> list[object]:
    numbers = [each[name] for name in ("used", "limit", "ours", "left")]
    return [connection, each["window"], *numbers, each["opens_at"], each["endpoint"] or "all together"]


def forecast_lines(found: Mapping[str, Any]) -> list[str]:
    """What a plan's calls take under the budgets, for connections where that is more than a minute or a day's calls."""
    return [line for name, each in found.items() if (line := _line(name, each))]


def _line(connection: str, each: Mapping[str, Any]) -> str:
    seconds, fits = each["least_seconds"], each["fits_today"]
    if seconds is None or (seconds < 60 and fits is not False):
        return ""
    if seconds < 60:
        return f"They are more than is left today of the budget of {connection}."
    today = {None: "", True: ", which fits today", False: ", not all of it today"}[fits]
    return f"Under the budget of {connection} they take {_duration(seconds)} at least{today}."


def _duration(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    days, hours = divmod(hours, 24)
    return " ".join(f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n)
