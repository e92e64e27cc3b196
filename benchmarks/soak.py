"""`make soak`: edits, faults and kills for a long time over real processes; then it has to be quiet and right."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import msgspec

from benchmarks import aims
from benchmarks.aims import judged, missed
from benchmarks.calls import told_apart
from benchmarks.lasting import STOP_SECONDS, wait_for
from benchmarks.place import Place, prepared
from benchmarks.process import Ended, PhaseError, carry_out
from benchmarks.residents import Residents, doubled
from benchmarks.story import say
from benchmarks.troubled import Troubled
from syncline.testing.postgres import PostgresCluster
from syncline.testing.sandboxes import SandboxStartError

SYNCS = {
    "crm": {
        "brakes": {"max_creates": None, "max_overwrites": None},
        "schedule": {"push": "5s", "pull": "5s", "settle": "0s"},
    }
}
LOG = {"logging": {"level": "info", "format": "json"}}
PEOPLE, ACCOUNTS = 400, 80
EDIT_EVERY = (0.5, 4.0)
KILL_EVERY = (15.0, 75.0)
QUIET_SECONDS, QUIET_DEADLINE = 150.0, 900.0
"""Longer than two waits for a window of a minute, which a refusal for too many calls may cause."""
READS = ("/search$", "/queryAll", "/query$")
WRITES = ("/bulk_create$", "/bulk_update$", "/composite", "/contacts/[0-9a-f]+$", "/accounts/[0-9a-f]+$")


def main() -> int:
    """Soak as the arguments say; 1 when an aim was missed or something broke."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10_000))
    parser.add_argument("--keep", type=Path, help="a folder to leave the logs and databases in")
    given = parser.parse_args()
    if given.keep and given.keep.exists():
        parser.error(f"{given.keep} exists: name a folder that is to be made")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"seed {given.seed}", file=sys.stderr, flush=True)
    try:
        with _folder(given.keep) as folder, _database(given.database) as database:
            found = soak(folder, given.minutes * 60, database, given.seed)
    except (PhaseError, SandboxStartError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    return int(missed(found))


def soak(folder: Path, seconds: float, database: str | None, seed: int) -> dict[str, Any]:
    """All of it: the first run, the edits and kills, the quiet after them, and what is found then."""
    random = Random(seed)
    with prepared(folder / "soak", PEOPLE, ACCOUNTS, seed, database=database, syncs=SYNCS, more=LOG) as place:
        say("first run")
        _ask(place, "run", "--yes")
        residents = Residents(place.sandboxes, random)
        workers = Troubled(place, random)
        try:
            early = _in_trouble(place, residents, workers, seconds)
            met = _heal(place)
            say("faults off; waiting until it is quiet")
            quiet = _until_quiet(place)
            late = workers.rss_mib()
            stopped = workers.stop()
        finally:
            workers.end()
        return {
            "setting": {
                "minutes": seconds / 60,
                "database": place.database.partition(":")[0],
                "seed": seed,
                "people": PEOPLE,
            },
            "edits": residents.done,
            "faults_met": met,
            "kills": workers.kills,
            "seconds_until_quiet": round(quiet, 1),
            "memory": _memory(early, late, seconds),
            "stop_seconds": judged(round(stopped, 2), STOP_SECONDS),
            **_at_the_end(place, residents),
            "log": _logged(workers),
        }


def _in_trouble(place: Place, residents: Residents, workers: Troubled, seconds: float) -> list[float]:
    """Edits all the time, kills in the first half; the memory of the processes a sixth of the time after the last."""
    random = residents.random
    began = time.monotonic()
    kill_at = began + random.uniform(*KILL_EVERY)
    early: list[float] = []
    _misbehave(place)
    say(f"edits, faults and kills for {seconds / 60:g} minutes")
    while (now := time.monotonic()) < began + seconds:
        residents.act()
        if now > kill_at and now < began + seconds / 2:
            workers.kill_one()
            kill_at = time.monotonic() + random.uniform(*KILL_EVERY)
        if not early and now > began + seconds / 2 and workers.age() > seconds / 6:
            early = workers.rss_mib()
        time.sleep(random.uniform(*EDIT_EVERY))
    return early or workers.rss_mib()


def _misbehave(place: Place) -> None:
    """Each route has its own trouble, by dice that the sandbox's seed throws."""
    for sandbox in place.sandboxes.values():
        for path in READS:
            _fault(sandbox, kind="latency", path=path, probability=0.05, seconds=0.5)
            _fault(sandbox, kind="status", path=path, probability=0.01, status=503)
            _fault(sandbox, kind="truncate", path=path, probability=0.005)
        for path in WRITES:
            _fault(sandbox, kind="reset", path=path, probability=0.03, after_commit=True)
            _fault(sandbox, kind="status", path=path, probability=0.03, status=500)
            late = {"Retry-After": "1"}
            _fault(sandbox, kind="status", path=path, probability=0.03, status=429, headers=late)
            _fault(sandbox, kind="latency", path=path, probability=0.05, seconds=1)


def _fault(sandbox: Any, **rule: Any) -> None:
    sandbox.control("POST", "/faults", rule)


def _heal(place: Place) -> dict[str, int]:
    """Take all faults away; how often each kind acted."""
    met: Counter[str] = Counter()
    for sandbox in place.sandboxes.values():
        for rule in sandbox.control("GET", "/faults")["faults"]:
            met[rule["kind"]] += rule["hits"]
        sandbox.control("DELETE", "/faults")
    return dict(met)


def _until_quiet(place: Place) -> float:
    """Wait until nothing was written for a while; how long that took."""
    seen, since = sum(told_apart(place.calls()).writes.values()), time.monotonic()

    def is_quiet() -> bool:
        nonlocal seen, since
        writes = sum(told_apart(place.calls()).writes.values())
        if writes != seen:
            seen, since = writes, time.monotonic()
        return time.monotonic() - since > QUIET_SECONDS

    return wait_for("quiet", is_quiet, QUIET_DEADLINE, every=1.0)


def _at_the_end(place: Place, residents: Residents) -> dict[str, Any]:
    """One more run by hand, a comparison of both sides, and who is there twice."""
    before = place.calls()
    last = _ask(place, "run").document
    writes = sum(told_apart(place.calls() - before).writes.values())
    compared = _ask(place, "reconcile", may_differ=True).document
    twice = doubled(place.sandboxes, residents.hired)
    status = _ask(place, "status").document
    return {
        "last_run": last["results"],
        "writes_of_the_last_run": judged(writes, aims.WRITES_OF_A_QUIET_SYNC),
        "compared": compared["compared"],
        "unexplained": judged(compared["unexplained"], 0),
        "samples": compared["samples"][:5],
        "doubled": {**judged(len(twice), 0), "who": twice[:5]},
        "linked": status["linked"],
        "open_holds": status["open_holds"],
        "open_errors": status["open_errors"],
    }


def _memory(early: list[float], late: list[float], seconds: float) -> dict[str, Any]:
    times = max(b / a for a, b in zip(early, late, strict=True))
    return {
        "early_mib": early,
        "early_is": f"{seconds / 6:.0f} s after the last kill",
        "end_mib": late,
        "times": judged(round(times, 3), aims.MEMORY_TIMES_EARLIER),
    }


def _logged(workers: Troubled) -> dict[str, Any]:
    """What was logged as a warning or worse, by its name; nothing that nobody foresaw may be among it."""
    told: Counter[str] = Counter()
    for line in workers.logs().splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            told[f"not of our log: {line[:100]}"] += 1
            continue
        if row.get("level") in ("warning", "error", "critical"):
            told[" ".join(str(row[key]) for key in ("level", "event", "code") if key in row)] += 1
    unforeseen = sum(n for name, n in told.items() if "internal" in name or name.startswith("not of our log"))
    return {"told": told, "unforeseen": judged(unforeseen, 0)}


def _ask(place: Place, *words: str, may_differ: bool = False) -> Ended:
    wanted = (0, 1) if may_differ else (0,)
    command = [*words, "--json", "--settings", str(place.settings)]
    return carry_out("engine", command, place.environ, place.folder, wanted)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True)
        yield kept.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="syncline-soak-") as folder:
        yield Path(folder)


@contextmanager
def _database(kind: str) -> Iterator[str | None]:
    """The address of a database of a server of our own; None where it is a file."""
    if kind == "sqlite":
        yield None
        return
    cluster = PostgresCluster.find()
    if cluster is None:
        raise PhaseError("PostgreSQL is not installed (package postgresql)")
    with cluster:
        yield cluster.url("soak")


if __name__ == "__main__":
    sys.exit(main())
