"""The same work by one and by two workers on PostgreSQL."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import yaml

from benchmarks.lasting import wait_for, work
from benchmarks.place import Place, prepared
from benchmarks.process import carry_out
from benchmarks.story import say
from syncline.testing.postgres import PostgresCluster

SYNCS = 4
JOBS = 2
"""At once, for each worker: one that took all of them would leave nothing to the other."""
PEOPLE, ACCOUNTS = 300, 60
_DEADLINE = 900.0


def workers(folder: Path, people: int, _accounts: int, seed: int) -> dict[str, Any]:
    """First runs of several syncs, each between systems of its own, by one worker and by two."""
    cluster = PostgresCluster.find()
    if cluster is None:
        return {"skipped": "PostgreSQL is not installed (package postgresql)"}
    few = min(people, PEOPLE)
    with cluster:
        found = {
            f"workers_{number}": _first_runs(folder / str(number), cluster, number, few, seed)
            for number in (1, 2)
        }
    times = found["workers_1"]["seconds"] / found["workers_2"]["seconds"]
    return {
        "syncs": SYNCS,
        "jobs_at_once": JOBS,
        "people_of_each": few,
        **found,
        "times_faster": round(times, 2),
    }


def _first_runs(
    folder: Path, cluster: PostgresCluster, number: int, people: int, seed: int
) -> dict[str, Any]:
    folder.mkdir(parents=True)
    say(f"sandboxes of {SYNCS} syncs for {number} worker{'s' if number > 1 else ''}")
    database = cluster.url(f"workers_{number}")
    with ExitStack() as stack:
        places = [
            stack.enter_context(
                prepared(
                    folder / str(n), people, ACCOUNTS, seed + n, database=database, syncs={f"crm{n}": {}}
                )
            )
            for n in range(SYNCS)
        ]
        environ, settings = _joined(places, folder)
        for name in (f"crm{n}" for n in range(SYNCS)):
            words = ["start", "--sync", name, "--json", "--settings", str(settings)]
            carry_out("engine", words, environ, folder)
        began = time.monotonic()
        processes = []
        try:
            processes = [work(n + 1, environ, settings, folder, JOBS) for n in range(number)]
            say(f"{SYNCS} first runs, {number} at work")
            wait_for("all first runs are done", lambda: _done(database) == SYNCS, _DEADLINE, 0.5)
            seconds = time.monotonic() - began
            cpu = [round(each.cpu_seconds(), 1) for each in processes]
            for each in processes:
                each.stop()
        finally:
            for each in processes:
                each.end()
    return {"seconds": round(seconds, 1), "cpu_seconds_of_each": cpu}


def _done(database: str) -> int:
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT count(*) FROM store_syncstate WHERE first_run_done").fetchone()
    return int(found[0]) if found else 0


def _joined(places: list[Place], folder: Path) -> tuple[dict[str, str], Path]:
    """One settings file over all places: each has its own two connections and its own variables."""
    whole: dict[str, Any] = {}
    environ: dict[str, str] = {}
    for n, place in enumerate(places):
        document = yaml.safe_load(place.settings.read_text())
        environ |= {name: value for name, value in place.environ.items() if name not in _secrets(place)}
        environ |= {f"{name}_{n}": place.environ[name] for name in _secrets(place)}
        whole = whole or {**document, "connections": {}, "syncs": {}}
        for system, connection in document["connections"].items():
            named = {key: f"{value}_{n}" for key, value in connection["credentials"].items()}
            whole["connections"][f"{system}{n}"] = {**connection, "credentials": named}
        for name, sync in document["syncs"].items():
            own = {side: f"{sync[side]}{n}" for side in ("left", "right")}
            whole["syncs"][name] = {**sync, **own, "first_run_needs_approval": False}
    file = folder / "syncline.yaml"
    file.write_text(yaml.safe_dump(whole | {"logging": {"level": "info"}}))
    return environ, file


def _secrets(place: Place) -> list[str]:
    return [name for name in place.environ if name.startswith(("APOLLO_", "SALESFORCE_"))]
