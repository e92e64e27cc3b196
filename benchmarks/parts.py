"""The measurements besides that of runs: each a key of the result, and to be had alone."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import latency
from benchmarks.lasting import serving
from benchmarks.many import workers
from benchmarks.place import Place, prepared
from benchmarks.story import Story, say

IDLE_SECONDS = 60.0
LATENCY_EDITS = 20
EDITS = 100
FEW = 400
"""People for what does not depend on their number."""

Part = Callable[[Path, int, int, int], dict[str, Any]]
"""Measures in a new folder, with so many people, companies and that seed."""


def measure_latency(folder: Path, people: int, _accounts: int, seed: int) -> dict[str, Any]:
    """From an edit to the other side, nudged and polled."""
    few = min(people, FEW)
    with prepared(folder, few, max(20, few // 5), seed, more=latency.SERVE) as place:
        Story(place, few).run("first run")
        edits = min(LATENCY_EDITS, few // 5)
        return {
            "people": few,
            "nudged": latency.nudged(place, edits),
            "polled": latency.polled(place, edits),
        }


def measure_idle(folder: Path, people: int, _accounts: int, seed: int) -> dict[str, Any]:
    """What `serve` uses while nothing changes, at the default intervals."""
    few = min(people, FEW)
    with prepared(folder, few, max(20, few // 5), seed) as place:
        Story(place, few).run("first run")
        with serving(place.environ, place.settings, place.folder) as process:
            time.sleep(IDLE_SECONDS / 2)  # what it does at its start is not idle
            say(f"{IDLE_SECONDS:.0f} s of idling")
            before, calls = process.cpu_seconds(), place.calls()
            time.sleep(IDLE_SECONDS)
            used = process.cpu_seconds() - before
            return {
                "people": few,
                "seconds": IDLE_SECONDS,
                "cpu_seconds": round(used, 2),
                "cpu_percent_of_one_core": round(100 * used / IDLE_SECONDS, 1),
                "rss_mib": round(process.rss_mib(), 1),
                "calls": sum((place.calls() - calls).values()),
            }


def measure_edits(folder: Path, people: int, accounts: int, seed: int) -> dict[str, Any]:
    """A run with a hundred edits among so many linked people, and what each linked record takes in the database."""
    with prepared(folder, people, accounts, seed) as place:
        story = Story(place, people)
        story.run("first run")
        story.run("settling run")
        stored = _size(place)
        edits = min(EDITS, people // 10)
        place.edit(edits // 2)
        done = story.run(f"run with {edits} edits among {people:,} people")
        return {
            "people": people,
            "edits": edits,
            **story.told(done),
            "write_calls": story.writes(done),
            "database": stored,
        }


def _size(place: Place) -> dict[str, Any]:
    """How large the SQLite file is, for how many records and links."""
    file = Path(place.database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = {
            name: connection.execute(f"SELECT count(*) FROM store_{name}").fetchone()[0]
            for name in ("mirrorrecord", "link", "action", "matchkey", "standing")
        }
    size = file.stat().st_size
    return {
        "bytes": size,
        "rows": rows,
        "bytes_per_link": round(size / max(1, rows["link"])),
        "bytes_per_record": round(size / max(1, rows["mirrorrecord"])),
    }


PARTS: Mapping[str, Part] = {
    "latency": measure_latency,
    "idle": measure_idle,
    "edits": measure_edits,
    "workers": workers,
}
