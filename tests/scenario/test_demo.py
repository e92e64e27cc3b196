"""The demonstration is what the README promises."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from syncline.cli.main import call

SECONDS = 240.0


def started(*words: str, folder: Path) -> subprocess.Popen[str]:
    """The demonstration in a process of its own, working in a folder that stays."""
    command = [sys.executable, "-m", "syncline", "demo", "--folder", str(folder), *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )


def secrets(folder: Path) -> list[str]:
    """The values that the demonstration keeps in its file of credentials."""
    lines = (folder / "credentials.sh").read_text().splitlines()
    return [line.partition("=")[2].strip("'") for line in lines if "CLIENT_ID" not in line]


def nobody_listens(folder: Path) -> bool:
    """Whether no process works on the stand-ins' state in that folder any more."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"syncline.sandbox" in words and str(folder).encode() in words:
                return False
    return True


@pytest.mark.proves("S1", "S2", "S5", "S6", "E1", "E3")
def test_the_demonstration_ends_in_agreement_and_the_third_run_is_silent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    process = started("--once", "--dataset", "250", folder=folder)
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, err
    last: dict[str, Any] = json.loads(out.splitlines()[-1])
    assert set(last) == {"first", "second", "third", "api_calls", "in_agreement", "unexplained", "seconds"}
    assert (last["in_agreement"], last["unexplained"]) == (True, 0)
    first, second, third = last["first"], last["second"], last["third"]
    assert min(first["created"], first["updated"], first["linked"]) > 20
    assert second["created"] >= 4
    assert second["updated"] >= 30
    assert second["held"] >= first["held"] + 2
    assert second["rejected"] == first["rejected"] + 1
    assert (third["created"], third["updated"], third["linked"]) == (0, 0, 0)
    assert {k: third[k] for k in ("held", "rejected", "skipped")} == {
        k: second[k] for k in ("held", "rejected", "skipped")
    }
    assert min(last["api_calls"].values()) > 0
    assert "Traceback" not in out + err
    assert all(secret not in out + err for secret in secrets(folder))
    assert nobody_listens(folder)
    look_back(folder, capsys, last["second"])


def look_back(folder: Path, capsys: pytest.CaptureFixture[str], open_: Mapping[str, int]) -> None:
    """What is left in the folder answers without the stand-ins: errors with their cures, holds, runs."""

    def ask(*words: str) -> Any:
        capsys.readouterr()
        assert call([*words, "--json", "--settings", str(folder / "syncline.yaml")]) == 0
        return json.loads(capsys.readouterr().out)

    errors = ask("errors")["errors"]
    assert len(errors) == open_["rejected"]
    refused = next(e for e in errors if e["code"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert (refused["system"], refused["field"], refused["class"]) == (
        "salesforce",
        "industry=Industry",
        "validation",
    )
    assert "Gambling" in refused["message"]
    assert all(refused[key] for key in ("meaning", "cure", "who", "first_seen", "last_seen"))
    assert refused["attempts"] == 1
    assert ask("holds", "list")["open"] == open_["held"]
    assert [run["status"] for run in ask("runs")["runs"]] == ["done"] * 3
    status = ask("status")
    assert (status["open_holds"], status["open_errors"]) == (open_["held"], open_["rejected"])


def test_it_tells_what_happened_and_why(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = started("--once", "--dataset", "200", "--seed", "3", "--json", folder=folder)
    out, told = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, told
    assert len(out.splitlines()) == 1
    for words in (
        "nothing is written yet",
        "the demonstration approves this plan",
        "both sides changed it and nobody can tell which change was later",
        "several records could be its counterpart",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "Both sides agree",
    ):
        assert words in told


def test_it_goes_on_until_ctrl_c_and_leaves_no_process_behind(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = started("--dataset", "200", folder=folder)
    try:
        deadline = time.monotonic() + SECONDS
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C ends it" in line:
                break
            assert time.monotonic() < deadline
        assert not nobody_listens(folder)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["in_agreement"] is True
    assert nobody_listens(folder)


def test_a_demonstration_that_fails_leaves_no_process_behind(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = started("--once", "--dataset", "nonsense", folder=folder)
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "did not start" in err
    assert "Traceback" not in err
    assert nobody_listens(folder)


def test_a_folder_with_something_in_it_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    process = started("--once", folder=tmp_path)
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "is not empty" in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
