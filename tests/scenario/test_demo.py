"""The demonstration is what the README promises."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
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
    """Whether no process works on what is in that folder any more."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if re.search(rb"syncline.sandbox|\0serve\0", words) and str(folder).encode() in words:
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


def told_until(process: subprocess.Popen[str], words: str) -> str:
    """What it tells, up to a line with these words."""
    deadline, told = time.monotonic() + SECONDS, ""
    assert process.stdout is not None
    for line in process.stdout:
        told += line
        if words in line:
            return told
        assert time.monotonic() < deadline
    raise AssertionError(told)


def contacts(address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx2.get(
        f"{address}/records/Contact", timeout=30, trust_env=False
    ).json()["records"]
    return found


def renamed_by(address: str, **values: str) -> str:
    """A person edits a contact that is linked; its id."""
    contact = next(each for each in contacts(address) if each.get("LastName") == "Newcome")
    httpx2.post(f"{address}/records/Contact/{contact['Id']}", json=values, timeout=30, trust_env=False)
    return str(contact["Id"])


def test_it_serves_until_ctrl_c_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    """Whoever kills the process that serves and starts it again sees it go on; Ctrl-C leaves no process behind."""
    folder = tmp_path / "demo"
    process = started("--dataset", "200", folder=folder)
    try:
        told = told_until(process, "/records/Contact/ID")
        pid, salesforce = re.search(r"kill -9 (\d+)", told), re.search(r"curl (\S+)/records/Contact", told)
        assert pid is not None
        assert salesforce is not None
        assert not nobody_listens(folder)
        renamed_by(salesforce[1], FirstName="Before")
        told_until(process, "updated")
        os.kill(int(pid[1]), signal.SIGKILL)
        told_until(process, "is gone")
        renamed_by(salesforce[1], FirstName="After")
        again = f". {folder}/credentials.sh; exec {sys.executable} -m syncline serve --listen 127.0.0.1:0"
        with subprocess.Popen(
            ["sh", "-c", f"{again} --settings {folder}/syncline.yaml"], stdout=subprocess.PIPE
        ) as second:
            told_until(process, "updated")
            second.terminate()
            assert second.wait(SECONDS) == 0
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
