"""A person's first sync, told command by command over two real servers."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

import pytest

from syncline.store import schedules, versions
from syncline.store.database import close_store, open_store
from syncline.testing.sandboxes import RunningSandbox
from tests.scenario.program import Program, make_program, stand_ins

DEADLINE = 60.0


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, RunningSandbox]]:
    with stand_ins("60") as found:
        yield found


@pytest.fixture
def program(
    servers: Mapping[str, RunningSandbox],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Program:
    """A new database over both servers, whose records stay from test to test."""
    return make_program(tmp_path, servers, capsys, monkeypatch)


def synced(program: Program) -> Program:
    """The same after a first run."""
    assert program.ask("run", "--yes").code == 0
    return program


@pytest.mark.proves("S1", "S2")
def test_a_plan_is_shown_waits_for_approval_and_is_what_runs(program: Program) -> None:
    plan = program.ask("plan").json
    assert plan["status"] == "planned"
    assert [need["brake"] for need in plan["needs_approval"]] == ["first_run"]
    assert len(plan["actions"]) == sum(n for op, n in plan["planned"].items() if op != "commit")
    updates = [a for a in plan["actions"] if a["op"] == "update"]
    fields = [f for a in updates for f in a["fields"]]
    assert all(f["rule"] and (f.get("awaits") or f["before"] != f["after"]) for f in fields)
    assert all(a["reason"] for a in plan["actions"] if a["op"] in ("hold", "skip"))
    assert set(plan["calls"]) == {"apollo", "salesforce"}

    waiting = program.ask("run", "--plan", str(plan["run"]))
    assert (waiting.code, waiting.json["status"], waiting.json["results"]) == (2, "planned", {})

    done = program.ask("run", "--plan", str(plan["run"]), "--yes")
    assert (done.code, done.json["status"]) == (0, "done")
    results = done.json["results"]
    planned = plan["planned"]
    assert 0 < results["created"] <= planned["create"]
    assert 0 < results["updated"] <= planned["update"]
    assert results["linked"] >= planned["link"]
    assert done.json["approved_by"]

    again = program.ask("run")
    assert again.code == 0
    assert again.json["results"]["updated"] == 0


def test_a_plan_in_words_names_its_number_and_the_command_that_runs_it(program: Program) -> None:
    told = program.type("plan").out
    assert "Plan 1 of the sync crm" in told
    assert "syncline run --plan 1" in told
    assert "It waits for approval: the first run of a sync needs an approved plan." in told
    assert "more; --all shows them" in told or "action" in told
    only = program.type("plan", "--op", "skip", "--all").out
    assert "update right" not in only


@pytest.mark.proves("S2")
def test_a_small_batch_leaves_the_first_run_unapproved(program: Program) -> None:
    plan = program.ask("plan", "--limit", "3").json
    about = {(a.get("left"), a.get("right")) for a in plan["actions"] if a["kind"] == "person"}
    assert 0 < len(about) <= 3
    done = program.ask("run", "--plan", str(plan["run"]), "--yes")
    assert done.code == 0
    assert program.ask("run").code == 2


@pytest.mark.proves("S3")
def test_yes_approves_a_first_run_but_no_tripped_brake(program: Program) -> None:
    person = {"first_name": "Brake", "last_name": "Tester", "email": "brake@tester.test"}
    program.stand_ins["apollo"].control("POST", "/records/contacts", person)
    program.write(program.settings(brakes={"max_creates": 0}))
    held = program.ask("run", "--yes")
    assert held.code == 2
    assert "max_creates" in [need["brake"] for need in held.json["needs_approval"]]
    told = program.type("run", "--yes")
    assert told.code == 2
    assert "Nothing was written." in told.out
    number = program.ask("plan").json["run"]
    assert program.ask("run", "--plan", str(number), "--yes").code == 0


@pytest.mark.proves("C2")
def test_a_run_by_hand_that_is_let_in_lets_the_schedule_go_on(program: Program) -> None:
    open_store(f"sqlite:///{program.folder}/syncline.sqlite3")
    schedules.hold("crm", schedules.Obstacle("remote-auth", "nobody let us in"), datetime.now(UTC))
    close_store()
    assert program.ask("status").json["schedule"]["waits"]["why"] == "nobody let us in"
    program.ask("run")
    assert program.ask("status").json["schedule"]["waits"] is None


@pytest.mark.proves("E4")
def test_status_runs_errors_and_holds_tell_where_everything_stands(program: Program) -> None:
    before = program.ask("status").json
    assert before["records"] == {}
    assert {part["begun_at"] for part in before["schedule"]["parts"]} == {None}
    assert "has not run" in program.type("runs").out
    synced(program)
    status = program.ask("status").json
    states = {state for by in status["records"].values() for state in by}
    assert states <= {"in sync", "pending", "failed", "held", "not eligible"}
    assert 0 < status["linked"] <= min(sum(by.values()) for by in status["records"].values())
    assert status["open_holds"] == program.ask("holds", "list").json["open"]
    assert status["open_errors"] == program.ask("errors").json["open"]
    assert status["newest_run"]["status"] == "done"
    (swept,) = status["sweeps"]
    assert (swept["object_type"], swept["listing"], swept["to_ask"]) == ("contact", False, 0)
    assert {part["kind"] for part in status["schedule"]["parts"]} >= {"account", "person"}
    runs = program.ask("runs").json["runs"]
    assert [run["status"] for run in runs] == ["done"]
    for words in (("status",), ("runs",), ("errors", "--all"), ("holds", "list", "--all")):
        assert program.type(*words).code == 0


@pytest.mark.proves("S5")
def test_a_record_and_a_field_are_explained_and_a_hold_is_answered(program: Program) -> None:
    synced(program)
    apollo, salesforce = program.stand_ins["apollo"], program.stand_ins["salesforce"]
    person = {"first_name": "Ilse", "last_name": "Between", "email": "ilse@between.test"}
    made = apollo.control("POST", "/records/contacts", person)
    assert program.ask("run").code == 0
    story = program.ask("explain", "ilse@between.test", "first_name").json["stories"][0]
    field = story["fields"][0]
    assert (field["left"], field["right"], field["writer"]) == ("Ilse", "Ilse", "Syncline, to the right")
    contact = story["right"].partition("/")[2]

    apollo.control("POST", f"/records/contacts/{made['id']}", {"first_name": "Ilsa"})
    salesforce.control("POST", f"/records/Contact/{contact}", {"FirstName": "Else"})
    assert program.ask("run").code == 0
    holds = program.ask("holds", "list").json["holds"]
    hold = next(h for h in holds if h["field"] == "first_name=FirstName" and "Ilsa" in str(h["left_value"]))
    assert hold["answers"] == ["left", "right", "keep"]
    assert "conflict" in program.type("explain", "ilse@between.test", "first_name").out

    wrong = program.ask("holds", "resolve", str(hold["hold"]), "sideways")
    assert wrong.error["code"] == "record"
    assert program.ask("holds", "resolve", str(hold["hold"]), "right").code == 0
    assert program.ask("run").code == 0
    assert apollo.control("GET", f"/records/contacts/{made['id']}")["first_name"] == "Else"
    gone = program.ask("holds", "resolve", str(hold["hold"]), "right")
    assert gone.error["code"] == "record-unknown"


def test_nobody_is_explained_in_words(program: Program) -> None:
    assert program.ask("explain", "nobody@nowhere.test").error["code"] == "record-unknown"
    told = program.type("explain", "nobody@nowhere.test")
    assert (told.code, told.out) == (1, "")
    assert "cure: Give an e-mail address" in told.err


@pytest.mark.proves("S6")
def test_both_sides_agree_after_the_runs(program: Program) -> None:
    synced(program)
    assert program.ask("run").code == 0
    found = program.ask("reconcile")
    assert (found.code, found.json["unexplained"], found.json["in_agreement"]) == (0, 0, True), found.out
    assert found.json["compared"] > 50
    assert "Both sides agree" in program.type("reconcile").out


def test_a_difference_nobody_can_explain_ends_with_1(program: Program) -> None:
    synced(program)
    person = {"first_name": "Otto", "last_name": "Unseen", "email": "otto@unseen.test"}
    program.stand_ins["apollo"].control("POST", "/records/contacts", person)
    found = program.ask("reconcile")
    assert (found.code, found.json["in_agreement"]) == (1, False)
    assert found.json["samples"]
    assert "nobody can explain" in program.type("reconcile").out


def test_the_settings_that_were_used_are_kept_once_each_with_their_author(program: Program) -> None:
    program.ask("plan")
    program.ask("plan")
    program.write(program.settings(locale={"region": "DE"}))
    program.ask("plan")
    open_store(f"sqlite:///{program.folder}/syncline.sqlite3", migrate=False)
    kept = versions.listed()
    close_store()
    assert len(kept) == 2
    assert all(row.author for row in kept)
    assert "region: DE" in kept[0].document
    assert "env:APOLLO_API_KEY" in kept[0].document


def test_ctrl_c_stops_between_two_batches_and_the_next_run_goes_on(program: Program) -> None:
    slow = {"kind": "latency", "seconds": 0.2, "path": "/contacts/search"}
    program.stand_ins["apollo"].control("POST", "/faults", slow)
    program.write({**program.settings(), "connections": _slow_pages(program.settings()["connections"])})
    command = [sys.executable, "-m", "syncline", "run", "--yes", "--json", "--settings", str(program.file)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        _wait_for_calls(program, 2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)
    finally:
        process.kill()
        program.stand_ins["apollo"].control("DELETE", "/faults")
    assert process.returncode == 130, (out, err)
    assert "stopping after this batch" in err
    assert "Traceback" not in err
    assert json.loads(out)["error"]["code"] == "stopped"
    program.write(program.settings())
    assert program.ask("run", "--yes").code == 0


def test_at_a_terminal_progress_is_a_bar_and_the_document_stays_whole(program: Program) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "syncline", "plan", "--json", "--settings", str(program.file)]
    printed = program.folder / "plan.json"
    with printed.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    drawn = b""
    with os.fdopen(ours, "rb", buffering=0) as screen:
        while piece := _drawn(screen):
            drawn += piece
    assert process.wait(DEADLINE) == 0
    assert json.loads(printed.read_text())["status"] == "planned"
    assert b"reading apollo contact" in drawn
    assert b"plan stored" not in drawn


def _drawn(screen: FileIO) -> bytes:
    """What came to the terminal; nothing once nobody writes to it any more."""
    try:
        return screen.read(4096) or b""
    except OSError:
        return b""


def _slow_pages(connections: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    return {**connections, "apollo": {**connections["apollo"], "options": {"page_size": 10}}}


def _wait_for_calls(program: Program, number: int) -> None:
    """Until the fault met that many calls: the run is in the middle of its reading."""
    deadline = time.monotonic() + DEADLINE
    while program.stand_ins["apollo"].control("GET", "/faults")["faults"][0]["hits"] < number:
        assert time.monotonic() < deadline, "it was never asked"
