"""The measurement itself, over few people: its figures are told and its syncs do what they should; no times."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "benchmarks", "--only", "runs", "--people", "60", "--accounts", "20"]
SECONDS = 240.0
RUNS = ("first_run", "settling_run", "closing_run", "no_change_run", "edits_run", "sweep_run")


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What a measurement of sixty people prints."""
    ran = subprocess.run(COMMAND, check=False, capture_output=True, text=True, timeout=SECONDS, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_every_run_is_told_with_its_calls(told: dict[str, Any]) -> None:
    assert told["setting"]["people"] == 60
    assert set(RUNS) < set(told)
    for name in RUNS:
        run = told[name]
        assert run["cpu_seconds"] > 0
        assert run["peak_rss_mib"] > 0
        assert run["calls"]["about_the_systems"].keys() == {"stages", "schema", "users", "sign_in"}
        assert set(run["write_calls"]) >= {"figure", "aim", "met"}


def test_the_floor_finds_everybody_the_first_run_links(told: dict[str, Any]) -> None:
    people = told["floor"]["links"]
    assert people == 36
    assert told["floor"]["records"] == told["floor_of_listings"]["records"] == told["records"]
    assert told["first_run"]["results"]["linked"] == people + 12
    assert told["first_run"]["cpu_times_floor"]["aim"] == 20


def test_a_settled_sync_writes_nothing_and_asks_for_each_object_type_once(told: dict[str, Any]) -> None:
    for name in ("settling_run", "closing_run", "no_change_run", "sweep_run"):
        assert told[name]["write_calls"] == {"figure": 0, "aim": 0, "met": True}
    per_type = told["no_change_run"]["calls_per_object_type"]
    assert per_type["by_type"].keys() == {
        "apollo account",
        "apollo contact",
        "salesforce Account",
        "salesforce Contact",
        "salesforce Lead",
        "salesforce Opportunity",
    }
    assert per_type["met"]


def test_edits_go_over_in_as_many_calls_as_they_need(told: dict[str, Any]) -> None:
    run = told["edits_run"]
    assert run["results"]["updated"] == told["setting"]["edits"] == 6
    assert run["write_calls"]["met"]


def test_an_end_from_outside_leaves_no_process_behind() -> None:
    process = subprocess.Popen(
        COMMAND,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    with process:
        assert process.stderr is not None
        assert any(line.endswith("first run\n") for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 143
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
