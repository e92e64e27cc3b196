"""The steps of a measurement: each is carried out by a process of its own, between two counts of calls."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

from benchmarks.aims import judged
from benchmarks.calls import Calls, told_apart
from benchmarks.engine import PROFILE
from benchmarks.place import Place
from benchmarks.process import Ended, carry_out
from benchmarks.writes import needed

FLOORS = 3
_BEGAN = time.monotonic()


def say(text: str) -> None:
    """Tell how far it is; the standard output belongs to the result."""
    print(f"{time.monotonic() - _BEGAN:7.1f} s  {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Done:
    """A run that came to its end, and the calls it made."""

    ended: Ended
    calls: Calls

    @property
    def cpu(self) -> float:
        """Processor seconds, start-up included."""
        return self.ended.usage.cpu_seconds

    @property
    def write_calls(self) -> int:
        """The calls that wrote."""
        return sum(self.calls.writes.values())


class Story:
    """One measurement as it goes on, of so many distinct people."""

    def __init__(self, place: Place, people: int) -> None:
        self.place = place
        self.people = people
        self.records = place.records()

    def floor(self, accounts: Literal["each", "listed"]) -> Ended:
        """The floor, with each account of Apollo asked for or only listed: of some tries the one in the middle."""
        say(f"floor, accounts {accounts}, {FLOORS} times")
        places = (str(self.place.folder / f"floor-{accounts}-{n}.sqlite3") for n in range(FLOORS))
        tries = [self._step("floor", place, accounts) for place in places]
        middle = median(each.usage.cpu_seconds for each in tries)
        return next(each for each in tries if each.usage.cpu_seconds == middle)

    def details(self) -> dict[str, Any]:
        """What it costs to ask Apollo for each account by itself, which alone shows some of its fields."""
        say("accounts of Apollo, with and without asking for each")
        asked, listed = self._step("details", "true"), self._step("details", "false")
        return {
            "accounts": asked.document["accounts"],
            "calls": asked.document["calls"] - listed.document["calls"],
            "cpu_seconds": round(asked.usage.cpu_seconds - listed.usage.cpu_seconds, 2),
            "seconds": round(asked.seconds - listed.seconds, 2),
        }

    def run(self, name: str, profile: Path | None = None) -> Done:
        """One run of the program."""
        say(name)
        before = self.place.calls()
        environ = {PROFILE: str(profile)} if profile else {}
        words = ("run", "--yes", "--json", "--settings", str(self.place.settings))
        ended = self._step("engine", *words, **environ)
        return Done(ended, told_apart(self.place.calls() - before))

    def _step(self, module: str, *words: str, **environ: str) -> Ended:
        return carry_out(module, list(words), {**self.place.environ, **environ}, self.place.folder)

    def told(self, done: Done) -> dict[str, Any]:
        """The figures of a run."""
        return {
            "seconds": round(done.ended.seconds, 2),
            "cpu_seconds": round(done.cpu, 2),
            "peak_rss_mib": round(done.ended.usage.peak_rss_mib, 1),
            "results": done.ended.document["results"],
            "calls_per_1000_records": round(done.calls.for_records * 1000 / self.records, 2),
            "calls": {
                "reads": done.calls.reads,
                "writes": done.calls.writes,
                "about_the_systems": done.calls.system,
            },
        }

    def writes(self, done: Done) -> dict[str, Any]:
        """The calls that wrote, beside as many as the journal says are needed."""
        wanted = needed(self.place.database, done.ended.document["run"])
        return {**judged(done.write_calls, wanted.calls), "aim_is": wanted.shown()}
