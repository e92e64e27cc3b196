"""What `syncline alerts` says."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from syncline.cli.main import call
from syncline.config import load
from syncline.service.alerts.state import State, of_sync
from syncline.service.alerts.watch import note
from syncline.service.database import open_database
from syncline.store.database import close_store
from tests.unit.scripted_server import Answer, ScriptedServer

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def settings(folder: Path, *receivers: dict[str, object]) -> str:
    file = folder / "syncline.yaml"
    file.write_text(yaml.dump({"version": 1, "alerts": list(receivers)}))
    return str(file)


def test_list_shows_what_stands_and_how_it_is_with_each_receiver(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = settings(tmp_path, {"slack": "env:SLACK"})
    document = load(Path(file))
    open_database(document)
    note(document, [State(of_sync("main"), "error-rate", "30 of 50 were refused.", "Mend it.")], NOW)
    close_store()
    assert call(["alerts", "list", "--settings", file]) == 0
    said = capsys.readouterr().out
    assert "sync main: error-rate since 2026-11-01 00:00:00 UTC" in said
    assert "slack env:SLACK: 0 sent, 1 waiting, 0 given up" in said
    assert call(["alerts", "list", "--settings", file, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["condition"] for each in told["standing"]] == ["error-rate"]
    assert told["receivers"][0]["waiting"] == 1


def test_list_says_that_nothing_stands_and_nobody_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["alerts", "list", "--settings", settings(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Nothing needs a person." in said
    assert "The settings name nobody to tell" in said


def test_test_tells_of_each_receiver_what_came_of_it(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLACK", f"{server.url}/slack/s3cret-path")
    file = settings(tmp_path, {"webhook": server.url}, {"slack": "env:SLACK"})
    assert call(["alerts", "test", "--settings", file]) == 0
    assert "slack env:SLACK: it was told" in capsys.readouterr().out
    hook = next(request for request in server.requests if request.path == "/")
    assert hook.json["condition"] == "test"
    server.answers(Answer(500))
    assert call(["alerts", "test", "--settings", file, "--json"]) == 1
    said = capsys.readouterr()
    assert {each["failure"] for each in json.loads(said.out)["receivers"]} == {"It answered HTTP 500."}
    assert "s3cret-path" not in said.out + said.err


def test_test_without_receivers_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["alerts", "test", "--settings", settings(tmp_path)]) == 1
    assert "The settings name nobody to tell" in capsys.readouterr().out
