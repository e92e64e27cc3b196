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
        # Plain http has nothing to verify, and loading certificates for each question takes long.
        self._verify = not url.startswith("http:")

    def now(self) -> datetime:
        return datetime.fromisoformat(str(self._say("GET")["now"]))

    def sleep(self, seconds: float) -> None:
        if self._say("GET")["frozen"]:
            self._say("POST", {"advance": max(0.0, seconds)})
        else:
            time.sleep(max(0.0, seconds))

    def _say(self, method: str, change: Mapping[str, object] | None = None) -> Mapping[str, object]:
        answer = httpx2.request(
            method, self._url, json=change, timeout=_SECONDS, verify=self._verify, trust_env=False
        )
        shown: Mapping[str, object] = answer.raise_for_status().json()
        return shown


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
