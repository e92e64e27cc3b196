"""The phases of the measurement in their order, and what is told of each."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.calls import Phase, told_apart
from benchmarks.engine import PROFILE
from benchmarks.place import Place
from benchmarks.process import Ended, carry_out
from benchmarks.writes import needed

EDITS_EACH_SIDE = 50
CPU_AIM_NO_CHANGE = 1.5
CPU_AIM_TIMES_FLOOR = 20


@dataclass(frozen=True)
class Done:
    """A phase of the program that came to its end."""

    ended: Ended
    calls: Phase


@dataclass
class Story:
    """One measurement as it goes on; `people` are distinct ones, `records` those of both sides together."""

    place: Place
    people: int
    records: int = 0
    before: Counter[str] = field(default_factory=Counter)
    _began: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        """Count what there is before anything is written."""
        self.records = self.place.records()

    def say(self, text: str) -> None:
        """Tell how far it is; the standard output belongs to the result."""
        print(f"{time.monotonic() - self._began:7.1f} s  {text}", file=sys.stderr, flush=True)

    def floor(self) -> Ended:
        """The floor, on the pages that the first run is going to read."""
        self.say("floor")
        database = self.place.folder / "floor.sqlite3"
        return carry_out("floor", [str(database)], self.place.environ, self.place.folder)

    def run(self, name: str, profile: Path | None = None) -> Done:
        """One run of the program in a process of its own."""
        self.say(name)
        before = self.place.calls()
        environ = {**self.place.environ, **({PROFILE: str(profile)} if profile else {})}
        words = ["run", "--yes", "--json", "--settings", str(self.place.settings)]
        ended = carry_out("engine", words, environ, self.place.folder)
        return Done(ended, told_apart(self.place.calls() - before))

    def told(self, done: Done) -> dict[str, Any]:
        """The figures of a run."""
        usage, calls = done.ended.usage, done.calls
        per_1000 = 1000 / max(1, self.records)
        return {
            "seconds": round(done.ended.seconds, 2),
            "people_per_second": round(self.people / done.ended.seconds, 1),
            "cpu_seconds": round(usage.cpu_seconds, 2),
            "cpu_seconds_per_1000_people": round(usage.cpu_seconds * 1000 / max(1, self.people), 3),
            "peak_rss_mib": round(usage.peak_rss_mib, 1),
            "results": done.ended.document["results"],
            "calls": {
                "per_1000_records": round(calls.for_records * per_1000, 2),
                "reads": dict(calls.reads),
                "single_accounts": calls.details,
                "writes": dict(calls.writes),
                "counted_apart": {**calls.about, "sweep": 0},
            },
        }

    def writes(self, done: Done) -> dict[str, Any]:
        """The calls that wrote, beside their aim."""
        wanted = needed(self.place.database, done.ended.document["run"])
        made = sum(done.calls.writes.values())
        return {**judged(made, wanted.calls), "aim_is": wanted.shown()}


def judged(figure: float, aim: float) -> dict[str, Any]:
    """A figure beside its aim, which is the most it should be."""
    return {"figure": figure, "aim": aim, "met": figure <= aim}
