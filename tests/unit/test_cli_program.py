"""The table of commands: light to load, and in step with the functions that do the work."""

import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from syncline.cli.lazy import WORK
from syncline.cli.main import call
from syncline.cli.settings import first_settings
from syncline.config import load

COMMANDS = {
    "init", "sandbox", "connection_list", "connection_test", "connection_authorize", "connection_reconnect",
    "connection_disconnect", "key_new", "config_check", "config_export", "config_schema",
    "stages_show", "stages_automap", "erase", "push", "pull", "nudge", "records", "start",
    "fields", "plan", "run", "status", "runs", "errors_list", "errors_retry",
    "holds_list", "holds_resolve", "explain", "reconcile", "demo",
    "users_list", "users_set", "users_unset", "serve", "tick", "backup", "alerts_list", "alerts_test",
    "worker", "jobs_list", "jobs_cancel", "jobs_retry", "schedule_show", "schedule_pause", "schedule_resume",
}  # fmt: skip


def test_help_is_told_without_the_heavy_parts() -> None:
    heavy = "{'django', 'httpx2', 'pydantic', 'phonenumbers', 'structlog', 'yaml', 'granian'}"
    script = f"import sys, syncline.cli.main; print({heavy} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "set()"


def test_runs_and_ticks_in_this_process_do_without_the_job_engine() -> None:
    works = "cli.runs, cli.handing, cli.status, cli.ticking, service.wanting, service.jobs.performing"
    script = "; ".join(f"import syncline.{work}" for work in works.split(", "))
    script += "; import sys; print({'dbos', 'sqlalchemy', 'granian'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"


def test_every_command_is_there() -> None:
    assert set(WORK) == COMMANDS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_work_of_a_command_takes_what_the_command_takes(command: str) -> None:
    declared = next(
        getattr(import_module(f"syncline.cli.{name}"), command)
        for name in ("inspecting", "mending", "operating", "syncing", "telling")
        if hasattr(import_module(f"syncline.cli.{name}"), command)
    )
    module, _, function = WORK[command].partition(":")
    work = getattr(import_module(f"syncline.cli.{module}"), function)
    assert set(inspect.signature(declared).parameters) - {"context"} == set(
        inspect.signature(work).parameters
    )


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {command.partition('_')[0]} " in shown for command in COMMANDS)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--version"]) == 0
    assert capsys.readouterr().out.strip().count(".") == 2


@pytest.mark.parametrize("typed", [["nothing"], ["plan", "--nothing"], ["explain"], ["run", "--plan", "x"]])
def test_a_command_typed_wrongly_is_told_in_words(
    typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(typed) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert "code: usage" in told.err
    assert "Traceback" not in told.err


def test_a_command_typed_wrongly_is_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["plan", "--nothing", "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["code"] == "usage"
    assert told.err == ""


def test_what_nobody_foresaw_gets_a_reference_and_its_details_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    settings = tmp_path / "broken"
    settings.mkdir()
    assert call(["sandbox", "apollo", "--dataset", "1", "--state", str(settings), "--json"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "internal"
    log = (tmp_path / "syncline" / "internal-errors.log").read_text()
    assert error["message"].rpartition("reference ")[2].rstrip(")") in log
    assert "Traceback" in log


def test_the_first_settings_are_valid_and_are_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new.yaml"
    assert call(["init", "--settings", str(file)]) == 0
    assert set(load(file).connections) == {"apollo", "salesforce"}
    file.write_text("# mine\n")
    assert call(["init", "--settings", str(file), "--json"]) == 1
    assert file.read_text() == "# mine\n"
    assert call(["init", "--settings", str(file), "--force"]) == 0
    assert file.read_text() == first_settings()
    assert '"code": "config-file"' in capsys.readouterr().out


def test_what_the_first_settings_leave_out_can_be_put_in(tmp_path: Path) -> None:
    lines = first_settings().splitlines()
    kinds = lines.index("    # kinds:")
    given = [line.replace("    # ", "    ", 1) for line in lines[kinds:]]
    file = tmp_path / "all.yaml"
    file.write_text("\n".join([*lines[:kinds], *given]))
    assert "person" in load(file).syncs["crm"].kinds


def test_the_first_settings_have_no_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new.yaml"
    assert call(["init", "--settings", str(file)]) == 0
    assert call(["config", "check", "--offline", "--settings", str(file)]) == 0
    assert "no mistakes found" in capsys.readouterr().out


@pytest.mark.proves("O2")
def test_the_export_says_all_that_the_preset_says_and_means_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, other = tmp_path / "new.yaml", tmp_path / "export.yaml"
    call(["init", "--settings", str(file)])
    capsys.readouterr()
    assert call(["config", "export", "--settings", str(file)]) == 0
    text = capsys.readouterr().out
    assert "estimated_num_employees" in text
    assert "preset" not in text
    other.write_text(text)
    assert call(["config", "check", "--offline", "--settings", str(other)]) == 0
    capsys.readouterr()
    assert call(["config", "export", "--json", "--settings", str(other)]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == 1


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["config", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Syncline settings"
