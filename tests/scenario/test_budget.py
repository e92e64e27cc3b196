"""The budget of calls between processes, against real limits: not one call above them, and work goes on (rule C6)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from syncline.core.budget import WindowCount
from syncline.store import budgets
from syncline.store.database import close_store, open_store
from syncline.testing.sandboxes import RunningSandbox, start_sandbox

LABELS = "GET /labels"
LIMITS = {"minute": 5, "hour": 12, "day": 30}
CALLS, SECONDS = 21, 120
WORKER = [sys.executable, "-m", "tests.scenario.budget_worker"]


@pytest.fixture(scope="module")
def apollo() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


def asked(apollo: RunningSandbox) -> int:
    counts = apollo.control("GET", "/requests")
    return sum(number for route, number in counts.items() if route.endswith("/labels"))


def now(apollo: RunningSandbox) -> datetime:
    return datetime.fromisoformat(apollo.control("GET", "/clock")["now"])


def work(apollo: RunningSandbox, database: str, *, share: float, processes: int) -> timedelta:
    """So many processes make their calls side by side; how long that took by the sandbox's clock."""
    apollo.control("POST", "/clock", {"frozen": True})
    begun, environ = now(apollo), dict(os.environ)
    environ |= {"SYNCLINE_CLOCK_URL": f"{apollo.control_url}/clock", "SYNCLINE_TESTING": "1"}
    environ["APOLLO_API_KEY"] = str(apollo.credentials["api_key"])
    command = [*WORKER, database, apollo.base_url, str(CALLS), str(share)]
    workers = [
        subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for worker in workers:
        _, said = worker.communicate(timeout=SECONDS)
        assert worker.returncode == 0, said
    return now(apollo) - begun


def used(database: str) -> dict[str, WindowCount]:
    open_store(database, migrate=False)
    try:
        return {
            count.window.name: count for endpoint, count in budgets.counts("apollo") if endpoint == LABELS
        }
    finally:
        close_store()


@pytest.mark.proves("C6")
def test_two_processes_never_go_above_the_limits_and_go_on_when_windows_open(
    apollo: RunningSandbox, database: str
) -> None:
    open_store(database)
    close_store()
    apollo.control("DELETE", "/requests")
    before = apollo.control("GET", "/limits")["refused"]
    apollo.control("POST", "/limits", LIMITS)
    took = work(apollo, database, share=1.0, processes=2)
    assert asked(apollo) == 2 * CALLS
    assert apollo.control("GET", "/limits")["refused"] == before
    assert took >= timedelta(days=1), "42 calls do not fit into a day of 30"
    counts = used(database)
    assert counts["day"].limit == LIMITS["day"]
    assert counts["day"].taken == 2 * CALLS


@pytest.mark.proves("C6")
def test_one_process_uses_its_share_to_the_last_call_and_waits_no_longer_than_it_must(
    apollo: RunningSandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = f"sqlite:///{tmp_path_factory.mktemp('share')}/store.sqlite3"
    open_store(database)
    close_store()
    apollo.control("DELETE", "/requests")
    apollo.control("POST", "/limits", {"minute": 10, "hour": 20, "day": 1000})
    took = work(apollo, database, share=0.5, processes=1)
    assert asked(apollo) == CALLS
    assert took.total_seconds() == pytest.approx(2 * 3600, abs=1), "21 calls, 10 an hour"
    assert used(database)["hour"].used == 1
