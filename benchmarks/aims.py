"""The aims of the measurement, and figures beside them."""

from __future__ import annotations

from typing import Any

FIRST_RUN_CPU_TIMES_FLOOR = 20.0
NO_CHANGE_CPU_SECONDS = 1.5
NO_CHANGE_CALLS_PER_TYPE = 1
PEAK_RSS_TIMES_SMALL = 1.5
WRITES_OF_A_QUIET_SYNC = 0
MEMORY_TIMES_EARLIER = 1.1
POLLED_SECONDS_P95 = 100.0
"""A read a minute, and half a minute in which a record has to rest (rule U1); ten seconds for the work itself."""


def judged(figure: float, aim: float) -> dict[str, Any]:
    """A figure beside its aim, which is the most it should be."""
    return {"figure": figure, "aim": aim, "met": figure <= aim}


def missed(found: Any) -> bool:
    """Whether any aim of what was found was missed."""
    if isinstance(found, dict):
        return found.get("met") is False or any(missed(value) for value in found.values())
    return isinstance(found, list) and any(missed(value) for value in found)
