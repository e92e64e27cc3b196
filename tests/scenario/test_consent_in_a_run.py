"""A run over two connections that act for people, whose tokens end in the middle of its batches."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.scenario.consenting import Consenting

SYSTEMS = ("apollo", "salesforce")


@pytest.fixture
def sandboxes() -> Iterator[dict[str, RunningSandbox]]:
    with (
        start_sandbox("apollo", dataset="40") as apollo,
        start_sandbox("salesforce", dataset="40") as salesforce,
    ):
        salesforce.control("POST", "/connected_app", {"rotation": True})
        yield {"apollo": apollo, "salesforce": salesforce}


@pytest.mark.proves("C2")
def test_tokens_that_end_in_the_middle_of_a_batch_lose_nothing(
    tmp_path: Path,
    database: str,
    sandboxes: dict[str, RunningSandbox],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work = Consenting(tmp_path, database, sandboxes, capsys, monkeypatch)
    sync = {"left": "apollo", "right": "salesforce", "preset": "apollo-salesforce"}
    work.write_settings(syncs={"crm": sync})
    for name in SYSTEMS:
        work.connect(name)
    before = {name: work.asked(name) for name in SYSTEMS}
    for name, path in (("salesforce", "/composite"), ("apollo", "/bulk_create")):
        fault = {"kind": "latency", "seconds": 1.0, "path": path, "count": 1}
        sandboxes[name].control("POST", "/faults", fault)
    process = work.start("run", "--yes")
    for name, path, wish in (
        ("salesforce", "/tokens", {"expire": True}),
        ("apollo", "/oauth/expire", {}),
    ):
        sandbox = sandboxes[name]
        assert process.until(lambda: sandbox.control("GET", "/faults")["faults"][0]["hits"] == 1)  # noqa: B023 - used at once
        sandbox.control("POST", path, wish)
    ended = work.end(process)
    assert ended.code == 0, ended
    assert ended.document["status"] == "done"
    assert {name: work.asked(name) - before[name] for name in SYSTEMS} == dict.fromkeys(SYSTEMS, 1)
    assert work.ask("errors").document["errors"] == []
