"""Measures first run, settling run, quiet run and a run with edits over two sandboxes, and prints JSON."""

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

from benchmarks.place import prepared
from benchmarks.process import ROOT, PhaseError
from benchmarks.story import CPU_AIM_NO_CHANGE, CPU_AIM_TIMES_FLOOR, EDITS_EACH_SIDE, Story, judged
from syncline.sandbox.mess import COMPANY_MESS, PERSON_MESS, TIDY

PROFILE = ROOT / "build" / "first-run.prof"
SMALL = 10_000
MEMORY_AIM = 1.5


def main() -> int:
    """Measure as the arguments say; 1 when a phase failed, whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--people", type=int, default=SMALL, help="distinct people")
    parser.add_argument("--accounts", type=int, default=2_000, help="distinct companies")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other people")
    parser.add_argument("--profile", action="store_true", help=f"profile the first run into {PROFILE.name}")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with tempfile.TemporaryDirectory(prefix="syncline-bench-") as folder:
            found = measure(Path(folder), given.people, given.accounts, given.seed, profile=given.profile)
    except PhaseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    return 0


def measure(folder: Path, people: int, accounts: int, seed: int, *, profile: bool) -> dict[str, Any]:
    """All phases, and for more people than usual the memory of a usual first run beside theirs."""
    small = None
    if people > SMALL:
        with prepared(folder / "small", SMALL, accounts, seed) as place:
            small = Story(place, SMALL).run(f"first run of {SMALL:,} people, for its memory").ended.usage
    with prepared(folder / "bench", people, accounts, seed) as place:
        found = _phases(Story(place, people), profile=profile)
    if small is not None:
        ratio = found["first_run"]["peak_rss_mib"] / small.peak_rss_mib
        found["peak_rss_times_10000"] = judged(round(ratio, 2), MEMORY_AIM)
    return {"setting": _setting(people, accounts, seed), **found}


def _phases(story: Story, *, profile: bool) -> dict[str, Any]:
    story.start()
    floor = story.floor()
    PROFILE.parent.mkdir(exist_ok=True)
    first = story.run("first run", PROFILE if profile else None)
    settling = story.run("settling run")
    story.place.an_hour_passes()
    quiet = story.run("no-change run, an hour later")
    story.place.edit(EDITS_EACH_SIDE)
    edits = story.run(f"run with {2 * EDITS_EACH_SIDE} edits")
    times = first.ended.usage.cpu_seconds / floor.usage.cpu_seconds
    return {
        "floor": {
            "cpu_seconds": round(floor.usage.cpu_seconds, 2),
            "peak_rss_mib": round(floor.usage.peak_rss_mib, 1),
            "seconds": round(floor.seconds, 2),
            **floor.document,
        },
        "first_run": {
            **story.told(first),
            "cpu_times_floor": judged(round(times, 1), CPU_AIM_TIMES_FLOOR),
            "write_calls": story.writes(first),
        },
        "settling_run": {
            **story.told(settling),
            "write_calls": judged(sum(settling.calls.writes.values()), 0),
        },
        "no_change_run": {
            **story.told(quiet),
            "cpu": judged(round(quiet.ended.usage.cpu_seconds, 2), CPU_AIM_NO_CHANGE),
            "write_calls": judged(sum(quiet.calls.writes.values()), 0),
        },
        "edits_run": {**story.told(edits), "write_calls": story.writes(edits)},
    }


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
        "edits": 2 * EDITS_EACH_SIDE,
        "database": "SQLite",
        "limits": "the sandboxes' limits of calls are lifted",
        "python": platform.python_version(),
        "processor_cores": os.cpu_count(),
    }


if __name__ == "__main__":
    sys.exit(main())
