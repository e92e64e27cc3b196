"""A first sync under a plan's published quotas, by the clock of the sandboxes: the hours it takes beside those forced.

Nobody waits for real: time stands still, and is moved on when the program waits, or ends because a window is used up.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import yaml

from benchmarks.aims import judged
from benchmarks.place import Place, prepared
from benchmarks.process import ROOT
from benchmarks.story import say
from syncline.core.forecast import WindowAllowance, least_time

PLAN = {"minute": 200, "hour": 400, "day": 2000}
"""Apollo's basic plan, of each endpoint."""
LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
RATIO = 1.05
MOST_STARTS = 2_000
WAITS = ("remote-quota", "remote-rate")


@dataclass
class Month:
    """The sync as it goes on: which starts it took, and what each part of it called."""

    place: Place
    begun: datetime = field(init=False)
    starts: int = 0
    parts: list[Counter[str]] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.fromisoformat(self.place.sandboxes["apollo"].control("GET", "/clock")["now"])

    def pass_until(self, opens: datetime) -> None:
        """It is that late now, in both systems."""
        for sandbox in self.place.sandboxes.values():
            sandbox.control("POST", "/clock", {"now": opens.isoformat()})

    def wait_until(self, opens: datetime) -> None:
        """It is that late, and a second later at least."""
        self.pass_until(max(opens, self.now() + timedelta(seconds=1)))

    def calls(self) -> Counter[str]:
        """The calls to Apollo so far, by route."""
        shown = self.place.sandboxes["apollo"].control("GET", "/requests")
        return Counter({route: n for route, n in shown.items() if route != "total"})

    def step(self, *words: str) -> dict[str, Any]:
        """A command, begun again whenever a window opens, until it ends well; the calls it made are a part."""
        before = self.calls()
        while True:
            self.starts += 1
            said = self._command(*words)
            error = said.get("error") or {}
            if error.get("code") not in WAITS:
                break
            if self.starts > MOST_STARTS:
                raise RuntimeError("it does not come to an end")
            say(f"{words[0]}: {error['message']}")
            self.wait_until(datetime.fromisoformat(error["next_try"]))
        if error and "run" not in said:
            raise RuntimeError(str(error))
        self.parts.append(self.calls() - before)
        return said

    def until_nothing_waits(self) -> None:
        """More runs, each when a window opens, until nothing is left that was put off for want of calls."""
        written = self.parts.pop()
        while tries := self._next_tries():
            self.wait_until(min(tries))
            say(f"{len(tries):,} writes were put off; the next run")
            self.step("run", "--yes")
            written += self.parts.pop()
        self.parts.append(written)

    def _next_tries(self) -> list[datetime]:
        found = self._command("errors", "--all")["errors"]
        return [datetime.fromisoformat(each["next_try"]) for each in found if each["next_try"]]

    def _command(self, *words: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "syncline", *words, "--json", "--settings", str(self.place.settings)]
        environ = {**os.environ, **self.place.environ}
        done = subprocess.run(
            command, capture_output=True, text=True, env=environ, cwd=ROOT, check=False, timeout=86_400
        )
        if not done.stdout.strip():
            raise RuntimeError(done.stderr[-2000:])
        found: dict[str, Any] = msgspec.json.decode(done.stdout)
        return found


def forced(parts: list[Counter[str]]) -> timedelta:
    """What the windows alone force: of each part the slowest route, for one part needs what the one before found."""
    allowances = [WindowAllowance(LENGTHS[name], calls) for name, calls in PLAN.items()]
    slowest = (
        max((least_time(n, allowances) for n in part.values()), default=timedelta(0)) for part in parts
    )
    return sum(slowest, timedelta(0))


def main() -> int:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.month", description=__doc__)
    parser.add_argument("--people", type=int, default=50_000, help="distinct people")
    parser.add_argument("--accounts", type=int, default=2_000, help="distinct companies")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="syncline-month-") as folder:
        found = measure(Path(folder) / "month", given.people, given.accounts)
    found["seconds_it_took_here"] = round(time.monotonic() - began)
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    return 0


def measure(folder: Path, people: int, accounts: int) -> dict[str, Any]:
    """The first plan, and carrying it out, under the plan's quotas with nothing left to others."""
    say("starting both sandboxes")
    with prepared(folder, people, accounts, 1) as place:
        _use_all(place)
        place.sandboxes["apollo"].control("POST", "/limits", PLAN)
        for sandbox in place.sandboxes.values():
            sandbox.control("POST", "/clock", {"frozen": True})
        place.time_passes(0)
        month = Month(place)
        month.begun = month.now()
        month.pass_until(month.begun)
        planned = month.step("plan")
        done = month.step("run", "--plan", str(planned["run"]), "--yes")
        month.until_nothing_waits()
        return _told(month, people, done)


def _told(month: Month, people: int, done: dict[str, Any]) -> dict[str, Any]:
    took, least = month.now() - month.begun, forced(month.parts)
    refused = month.place.sandboxes["apollo"].control("GET", "/limits")["refused"]
    return {
        "people": people,
        "status": done.get("status"),
        "results": done.get("results"),
        "starts": month.starts,
        "calls_to_apollo": sum(part.total() for part in month.parts),
        "busiest_routes": [dict(part.most_common(3)) for part in month.parts],
        "simulated_hours": round(took.total_seconds() / 3600, 3),
        "hours_the_quotas_force": round(least.total_seconds() / 3600, 3),
        "times_the_quotas": judged(round(took / least, 3), RATIO) if least else None,
        "refusals_caused_by_us": judged(sum(refused.values()), 0),
    }


def _use_all(place: Place) -> None:
    document = yaml.safe_load(place.settings.read_text())
    document["connections"]["apollo"]["budget"] = {"share": 1.0, "reserve": 0.0}
    place.settings.write_text(yaml.safe_dump(document))


if __name__ == "__main__":
    sys.exit(main())
