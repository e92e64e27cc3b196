"""The demonstration of the leads does what an independent count of its leads says, and the second run nothing."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.scenario.lead_count import World
from tests.scenario.test_demo import SECONDS, nobody_listens, secrets, started

STATUSES = {"created", "updated", "linked", "error", "held", "waiting", "not_eligible"}


def records(sandbox: RunningSandbox, object_type: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.control("GET", f"/records/{object_type}")["records"]
    return found


def world(dataset: str) -> World:
    """What both systems hold when the demonstration begins."""
    with (
        start_sandbox("customeros", dataset=dataset) as source,
        start_sandbox("apollo", dataset=dataset) as apollo,
    ):
        return World(
            records(source, "organizations"),
            records(source, "users"),
            records(apollo, "accounts"),
            records(apollo, "users"),
            datetime.fromisoformat(source.control("GET", "/clock")["now"]),
        )


@pytest.mark.proves("Q1", "Q3", "Q4", "S1", "S6")
def test_the_leads_end_where_their_records_say_and_the_second_run_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = started("--sync", "customeros-apollo", "--once", folder=folder)
    expected = world("demo")
    assert len(expected.leads) == 1_500
    counts = expected.counts()
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, err
    last: dict[str, Any] = json.loads(out.splitlines()[-1])
    first, second = last["first"], last["second"]
    assert first == counts
    assert set(first["not_eligible"]) == {
        *("company", "not archived", "not a customer", "icp fit", "stage"),
        *("quarantine", "name", "domain", "owner"),
    }
    assert second == {**first, "created": 0, "updated": 0, "linked": 0}
    unlinked = sum(first[name] for name in ("error", "held", "waiting")) + sum(first["not_eligible"].values())
    assert first["created"] + first["linked"] + unlinked == 1_500
    assert (last["in_agreement"], last["unexplained"]) == (True, 0)
    assert set(first) == STATUSES
    assert all(secret not in out + err for secret in secrets(folder))
    assert nobody_listens(folder)


def test_a_sync_that_has_no_demonstration_is_named(tmp_path: Path) -> None:
    process = started("--sync", "nonsense", "--once", folder=tmp_path / "demo")
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "customeros-apollo" in err
