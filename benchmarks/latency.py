"""From an edit in one system to its arrival in the other, while `serve` works on an SQLite file."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from statistics import quantiles
from typing import Any

import httpx2

from benchmarks import aims
from benchmarks.aims import judged
from benchmarks.lasting import Lasting, serving, wait_for
from benchmarks.place import Place
from benchmarks.story import say

TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of a process that ends with the measurement
SERVE = {"serve": {"token": "env:SYNCLINE_TOKEN"}}
_PAUSE = 0.1
_DEADLINE = 300.0
_APART = 7.3
"""Seconds between two edits that wait for the next read: no multiple of any interval."""


def nudged(place: Place, edits: int) -> dict[str, Any]:
    """Each edit is nudged over HTTP, one after the other: what a system that calls us would see."""
    say(f"{edits} edits, each nudged")
    with _serving(place) as process:
        seconds = [_one(place, process, pair, number) for number, pair in enumerate(place.pairs(edits))]
    return _told(seconds)


def polled(place: Place, edits: int) -> dict[str, Any]:
    """Edits at all moments between two reads, with the intervals and the settling time that are the default."""
    say(f"{edits} edits, found by polling")
    waiting: dict[str, tuple[str, float]] = {}
    seconds: list[float] = []
    with _serving(place):
        for number, (contact, there) in enumerate(place.pairs(edits)):
            title = f"Polled {number}"
            place.sandboxes["apollo"].control("POST", f"/records/contacts/{contact}", {"title": title})
            waiting[there] = (title, time.monotonic())
            _collect(place, waiting, seconds, _APART)
        wait_for("every edit is there", lambda: not _look(place, waiting, seconds), _DEADLINE, _PAUSE)
    found = _told(seconds)
    return {**found, "p95_seconds": judged(found["p95_seconds"], aims.POLLED_SECONDS_P95)}


def _serving(place: Place) -> AbstractContextManager[Lasting]:
    return serving(place.environ | {"SYNCLINE_TOKEN": TOKEN}, place.settings, place.folder)


def _one(place: Place, process: Lasting, pair: tuple[str, str], number: int) -> float:
    contact, there = pair
    title = f"Nudged {number}"
    place.sandboxes["apollo"].control("POST", f"/records/contacts/{contact}", {"title": title})
    began = time.monotonic()
    answer = httpx2.post(
        f"{process.address}/api/nudges",
        json={"connection": "apollo", "records": [f"contact/{contact}"]},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=10,
    )
    answer.raise_for_status()
    wait_for("a nudged edit is there", lambda: _title(place, there) == title, _DEADLINE, _PAUSE)
    return time.monotonic() - began


def _collect(place: Place, waiting: dict[str, tuple[str, float]], seconds: list[float], pause: float) -> None:
    until = time.monotonic() + pause
    while time.monotonic() < until:
        _look(place, waiting, seconds)
        time.sleep(_PAUSE)


def _look(place: Place, waiting: dict[str, tuple[str, float]], seconds: list[float]) -> bool:
    """Note those that have arrived; whether others are still on their way."""
    for there, (title, began) in list(waiting.items()):
        if _title(place, there) == title:
            seconds.append(time.monotonic() - began)
            del waiting[there]
    return bool(waiting)


def _title(place: Place, contact: str) -> object:
    return place.sandboxes["salesforce"].control("GET", f"/records/Contact/{contact}")["Title"]


def _told(seconds: list[float]) -> dict[str, Any]:
    cuts = quantiles(seconds, n=20, method="inclusive")
    return {
        "edits": len(seconds),
        "p50_seconds": round(cuts[9], 2),
        "p95_seconds": round(cuts[18], 2),
        "slowest_seconds": round(max(seconds), 2),
    }
