"""Measures runs over two sandboxes, and what works by itself, and prints JSON."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import aims
from benchmarks.aims import judged
from benchmarks.parts import PARTS
from benchmarks.place import prepared
from benchmarks.process import ROOT, Ended, PhaseError
from benchmarks.story import Done, Story, say
from benchmarks.usage import Usage
from syncline.sandbox.mess import COMPANY_MESS, PERSON_MESS, TIDY
from syncline.testing.sandboxes import SandboxStartError

PROFILE = ROOT / "build" / "first-run.prof"
RUNS = "runs"
SMALL = 10_000
EDITS = 100
LEAST = 20
HOUR, DAY = 3_600, 86_400


def main() -> int:
    """Measure as the arguments say; 1 when a step failed, whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--people", type=int, default=SMALL, help="distinct people")
    parser.add_argument("--accounts", type=int, default=2_000, help="distinct companies")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other people")
    parser.add_argument("--profile", action="store_true", help="profile the first run into build/")
    parser.add_argument("--only", choices=(RUNS, *PARTS), help="measure nothing else")
    given = parser.parse_args()
    if min(given.people, given.accounts) < LEAST:
        parser.error(f"give at least {LEAST} people and accounts")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with tempfile.TemporaryDirectory(prefix="syncline-bench-") as folder:
            found = _measured(Path(folder), given)
    except (PhaseError, SandboxStartError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    return 0


def _measured(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """What is asked for: the runs, a part, or all of them."""
    found: dict[str, Any] = {}
    if given.only in (None, RUNS):
        found = measure(folder / RUNS, given.people, given.accounts, given.seed, profile=given.profile)
    for name, part in PARTS.items():
        if given.only in (None, name):
            found[name] = part(folder / name, given.people, given.accounts, given.seed)
    return found


def measure(folder: Path, people: int, accounts: int, seed: int, *, profile: bool) -> dict[str, Any]:
    """The steps of runs, and for more people than usual the memory of a usual first run beside theirs."""
    folder.mkdir()
    small = _small(folder / "small", accounts, seed) if people > SMALL else None
    say("starting both sandboxes")
    with prepared(folder / "bench", people, accounts, seed) as place:
        found = _steps(Story(place, people), profile=profile)
    if small is not None:
        ratio = found["first_run"]["peak_rss_mib"] / small.peak_rss_mib
        memory = {"peak_rss_mib_of_10000": round(small.peak_rss_mib, 1)}
        found["first_run"] |= memory | {
            "peak_rss_times_10000": judged(round(ratio, 2), aims.PEAK_RSS_TIMES_SMALL)
        }
    return {"setting": {**_setting(people, accounts, seed), "first_run_profiled": profile}, **found}


def _edits(people: int) -> int:
    """How many records are edited; of few people only some, or the brakes of the sync would stop it."""
    return min(EDITS, people // 10)


def _small(folder: Path, accounts: int, seed: int) -> Usage:
    say(f"starting both sandboxes with {SMALL:,} people, for the memory of a first run")
    with prepared(folder, SMALL, accounts, seed) as place:
        return Story(place, SMALL).run("first run").ended.usage


def _steps(story: Story, *, profile: bool) -> dict[str, Any]:
    records, details = story.records, story.details()
    floor, listings = story.floor("each"), story.floor("listed")
    if profile:
        PROFILE.parent.mkdir(exist_ok=True)
    first = story.run("first run", PROFILE if profile else None)
    settling = story.run("settling run")
    story.place.time_passes(HOUR)
    closing = story.run("closing run, an hour later")
    quiet = story.run("no-change run")
    story.place.edit(_edits(story.people) // 2)
    edits = story.run(f"run with {_edits(story.people)} edits")
    story.place.time_passes(DAY)
    sweep = story.run("daily sweep of Apollo's accounts")
    return {
        "records": records,
        "floor": _floor(floor),
        "floor_of_listings": _floor(listings),
        "account_details": details,
        "first_run": _first(story, first, floor, listings),
        "settling_run": _quiet(story, settling),
        "closing_run": _quiet(story, closing),
        "no_change_run": _unchanged(story, quiet),
        "edits_run": {**story.told(edits), "write_calls": story.writes(edits)},
        "sweep_run": _quiet(story, sweep),
    }


def _floor(floor: Ended) -> dict[str, Any]:
    return {
        "cpu_seconds": round(floor.usage.cpu_seconds, 2),
        "peak_rss_mib": round(floor.usage.peak_rss_mib, 1),
        "seconds": round(floor.seconds, 2),
        **floor.document,
    }


def _first(story: Story, done: Done, floor: Ended, listings: Ended) -> dict[str, Any]:
    def times(other: Ended) -> dict[str, Any]:
        return judged(round(done.cpu / other.usage.cpu_seconds, 1), aims.FIRST_RUN_CPU_TIMES_FLOOR)

    return {
        **story.told(done),
        "people_per_second": round(story.people / done.ended.seconds, 1),
        "cpu_seconds_per_1000_people": round(done.cpu * 1000 / story.people, 3),
        "cpu_times_floor": times(floor),
        "cpu_times_floor_of_listings": times(listings),
        "write_calls": story.writes(done),
    }


def _quiet(story: Story, done: Done) -> dict[str, Any]:
    return {**story.told(done), "write_calls": judged(done.write_calls, aims.WRITES_OF_A_QUIET_SYNC)}


def _unchanged(story: Story, done: Done) -> dict[str, Any]:
    by_type = done.calls.reads_by_type()
    most = max(by_type.values(), default=0)
    calls = {**judged(most, aims.NO_CHANGE_CALLS_PER_TYPE), "by_type": by_type}
    cpu = judged(round(done.cpu, 2), aims.NO_CHANGE_CPU_SECONDS)
    return {**_quiet(story, done), "cpu": cpu, "calls_per_object_type": calls}


def _setting(people: int, accounts: int, seed: int) -> dict[str, Any]:
    shares = {kind.name: kind.share for kind in COMPANY_MESS} | {
        kind.name: kind.share for kind in PERSON_MESS
    }
    return {
        "people": people,
        "accounts": accounts,
        "seed": seed,
        "in_both_systems": 0.6,
        "in_each_alone": 0.2,
        "shares_that_differ": {name: share for name, share in shares.items() if name in TIDY},
        "edits": _edits(people),
        "database": "SQLite",
        "brakes": "the numbers of creates and overwrites in a run are not limited",
        "limits": "lifted: the sandboxes refuse no call for coming too often",
        "python": platform.python_version(),
        "processor_cores": os.cpu_count(),
    }


if __name__ == "__main__":
    sys.exit(main())
