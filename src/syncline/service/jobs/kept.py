"""Kept: the systems that one job of a sync leaves open for the next, since signing in and describing cost calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from syncline.config import Document
from syncline.service.systems import Systems, open_systems
from syncline.store import credentials

LONGEST_SECONDS = 300.0
"""After this they are opened anew: somebody may have added fields or options, or taken rights away."""


@dataclass(frozen=True)
class _Held:
    systems: Systems
    since: float
    consents: Mapping[str, str]


class Kept:
    """At most one pair of systems per sync, of the settings and consents it was opened under.

    A job has it to itself. The database has to be open.
    """

    def __init__(self, environ: Mapping[str, str], longest: float = LONGEST_SECONDS) -> None:
        self._environ = environ
        self._longest = longest
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def opened(self, document: Document, sync: str) -> Iterator[Systems]:
        """The systems of a sync, for one job. What a job fails with may be due to them: they are closed then."""
        consents = _consents(document, sync)
        held = self._take(document, sync, consents)
        if held is None:
            held = _Held(open_systems(document, sync, self._environ), time.monotonic(), consents)
        try:
            yield held.systems
        except BaseException:
            held.systems.close()
            raise
        self._give_back(sync, held)

    def close(self) -> None:
        """Close what is kept, and from now on whatever is given back."""
        with self._lock:
            self._closed, held = True, list(self._held.values())
            self._held.clear()
        for each in held:
            each.systems.close()

    def _take(self, document: Document, sync: str, consents: Mapping[str, str]) -> _Held | None:
        with self._lock:
            held = self._held.pop(sync, None)
        if held is None:
            return None
        is_young = time.monotonic() - held.since < self._longest
        if is_young and held.systems.document is document and held.consents == consents:
            return held
        held.systems.close()
        return None

    def _give_back(self, sync: str, held: _Held) -> None:
        with self._lock:
            keep = not self._closed and sync not in self._held
            if keep:
                self._held[sync] = held
        if not keep:
            held.systems.close()


def _consents(document: Document, sync: str) -> dict[str, str]:
    """By whose consent both systems are spoken to: one that was taken back is not used any further."""
    mine = document.syncs.get(sync)
    return credentials.consents([mine.left, mine.right]) if mine else {}
