"""The aims of the measurement, and figures beside them."""

from __future__ import annotations

from typing import Any

FIRST_RUN_CPU_TIMES_FLOOR = 20.0
NO_CHANGE_CPU_SECONDS = 1.5
NO_CHANGE_CALLS_PER_TYPE = 1
PEAK_RSS_TIMES_SMALL = 1.5
WRITES_OF_A_QUIET_SYNC = 0


def judged(figure: float, aim: float) -> dict[str, Any]:
    """A figure beside its aim, which is the most it should be."""
    return {"figure": figure, "aim": aim, "met": figure <= aim}
