"""Metrics for Prometheus, worked out from the store when somebody asks: so they are right for all processes (O4).

Labels are names from the settings and words of ours, never an id, an address or a value of a record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from syncline import __version__
from syncline.config import Document
from syncline.connectors.clock import SystemClock
from syncline.service.jobs.port import JobEngine, JobState
from syncline.store import alerts, budgets, holds, refusals, runs, tallies, workers
from syncline.store.tallies import Measure

MOST_JOBS = 1_000
"""How many jobs are counted at most: more that wait tell nothing new, and a scrape stays quick."""

Sample: TypeAlias = tuple[str, tuple[str, ...], float]
"""The name of a metric, its labels' values, and what it is."""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: what it says, and the labels that tell its values apart. `counts`: it only grows."""

    help: str
    labels: Sequence[str] = ()
    counts: bool = False


FAMILIES: Mapping[str, Family] = {
    "syncline_build_info": Family("The version that answers, as a label; always 1.", ("version",)),
    "syncline_runs_total": Family("Runs that ended.", ("sync", "status"), counts=True),
    "syncline_records_total": Family("What runs did to records.", ("sync", "outcome"), counts=True),
    "syncline_api_calls_total": Family("Calls to systems.", ("connection", "endpoint"), counts=True),
    "syncline_budget_left": Family(
        "Calls that may still be made in a window.", ("connection", "endpoint", "window")
    ),
    "syncline_lag_seconds": Family("The time since the last run over everything that was done.", ("sync",)),
    "syncline_errors_open": Family("Refused writes that are not over.", ("sync", "class")),
    "syncline_holds_open": Family("Holds that wait for a person.", ("sync",)),
    "syncline_alerts_raised": Family("What needs a person at the moment.", ("condition",)),
    "syncline_jobs": Family("Jobs that wait or run.", ("state",)),
    "syncline_workers": Family("Processes that carry out jobs."),
}

_TALLIED = {
    Measure.RUNS: "syncline_runs_total",
    Measure.RECORDS: "syncline_records_total",
    Measure.CALLS: "syncline_api_calls_total",
}


def exposition(document: Document, engine: JobEngine | None, now: datetime) -> bytes:
    """Every metric in the text form of Prometheus; the database has to be open."""
    registry = CollectorRegistry()
    registry.register(StoreCollector(lambda: samples(document, engine, now)))
    return generate_latest(registry)


class StoreCollector(Collector):
    """Makes metrics of what the store says at that moment."""

    def __init__(self, read: Callable[[], Iterator[Sample]]) -> None:
        self._read = read

    def describe(self) -> list[Metric]:
        """Which metrics there are; nothing is read for it."""
        return list(_families().values())

    def collect(self) -> Iterator[Metric]:
        """The metrics with their values."""
        families = _families()
        for name, labels, value in self._read():
            families[name].add_metric(labels, value)
        yield from families.values()


def _families() -> dict[str, CounterMetricFamily | GaugeMetricFamily]:
    return {
        name: (CounterMetricFamily if each.counts else GaugeMetricFamily)(name, each.help, labels=each.labels)
        for name, each in FAMILIES.items()
    }


def samples(document: Document, engine: JobEngine | None, now: datetime) -> Iterator[Sample]:
    """Every value: a few questions to the store, three for each sync, and one for each connection."""
    yield "syncline_build_info", (__version__,), 1
    yield from _tallied(document)
    for name in document.connections:
        yield from _left(document, name, now)
    for name in document.syncs:
        yield from _of_sync(name, now)
    raised = Counter(condition for _, condition in alerts.raised())
    yield from (("syncline_alerts_raised", (condition,), n) for condition, n in raised.items())
    yield "syncline_workers", (), len(workers.alive(SystemClock().now()))
    if engine is not None:
        yield from _queued(engine)


def _tallied(document: Document) -> Iterator[Sample]:
    """What was counted of the syncs and connections that the settings name."""
    known: Mapping[Measure, Container[str]] = {
        Measure.RUNS: document.syncs,
        Measure.RECORDS: document.syncs,
        Measure.CALLS: document.connections,
    }
    for measure, name, label, value in tallies.all_of():
        if name in known[measure]:
            yield _TALLIED[measure], (name, label), value


def _left(document: Document, name: str, now: datetime) -> Iterator[Sample]:
    """What is left of each window whose limit is known."""
    share = document.connections[name].budget.share
    for endpoint, count in budgets.counts(name):
        if (left := count.left(share, now)) is not None:
            yield "syncline_budget_left", (name, endpoint or "all", count.window.name), left


def _of_sync(name: str, now: datetime) -> Iterator[Sample]:
    done = runs.last_done(name)
    if done and done.ended_at:
        yield "syncline_lag_seconds", (name,), max(0.0, (now - done.ended_at).total_seconds())
    yield "syncline_holds_open", (name,), holds.count(name)
    for error_class, number in refusals.by_class(name).items():
        yield "syncline_errors_open", (name, error_class), number


def _queued(engine: JobEngine) -> Iterator[Sample]:
    states = (JobState.WAITING, JobState.RUNNING)
    found = Counter(each.state for each in engine.status(limit=MOST_JOBS, states=states))
    yield from (("syncline_jobs", (state.value,), found[state]) for state in states)
