"""Which clock a process goes by: the real one, or in tests the one of a sandbox."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime

import httpx2

from syncline.connectors.base import Clock
from syncline.connectors.clock import SystemClock
from syncline.core.errors import ConfigError

CLOCK_URL = "SYNCLINE_CLOCK_URL"
TESTING = "SYNCLINE_TESTING"
_SECONDS = 10.0


class SandboxClock:
    """The clock of a sandbox, asked over HTTP. Sleeping moves a clock that stands still, and waits otherwise."""

    def __init__(self, url: str) -> None:
        self._url = url

    def now(self) -> datetime:
        return datetime.fromisoformat(str(self._ask()["now"]))

    def sleep(self, seconds: float) -> None:
        if self._ask()["frozen"]:
            httpx2.post(self._url, json={"advance": max(0.0, seconds)}, timeout=_SECONDS).raise_for_status()
        else:
            time.sleep(max(0.0, seconds))

    def _ask(self) -> Mapping[str, object]:
        answer: Mapping[str, object] = httpx2.get(self._url, timeout=_SECONDS).raise_for_status().json()
        return answer


def choose_clock(environ: Mapping[str, str]) -> Clock:
    """The clock to go by. A clock that somebody else can set is refused outside of tests."""
    url = environ.get(CLOCK_URL)
    if not url:
        return SystemClock()
    if environ.get(TESTING) != "1":
        raise ConfigError(
            f"{CLOCK_URL} is set, and it is for tests only.",
            hint=f"Unset {CLOCK_URL}; in a test set {TESTING}=1 too.",
        )
    return SandboxClock(url)
