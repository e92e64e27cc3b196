"""A real run over systems that repeat everything they were sent, and a log that repeats none of it (rule O4)."""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from syncline.cli.main import call
from syncline.service import log
from tests.scenario.program import Program, make_program, stand_ins
from tests.unit.scripted_server import Answer, Request, ScriptedServer

PLANTED = "planted-person@example.org"
PASSWORD = "pl4nted-p4ssword"
HOP = {"host", "content-length", "connection", "transfer-encoding", "content-encoding", "accept-encoding"}


class Blabbing:
    """Stands before Apollo's stand-in; once told to, it refuses writes and quotes all it was sent, and an address."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.blabs = False
        self.blabbed: list[str] = []

    def __call__(self, request: Request) -> Answer:
        if self.blabs and request.path.endswith(("/contacts/search", "/contacts/bulk_create")):
            said = f"no: {request.headers} {request.body.decode()} for {PLANTED} at https://me:{PASSWORD}@example.org/"
            self.blabbed.append(said)
            return Answer(401, {"error": said})
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        answer = httpx2.request(
            request.method,
            self.behind + request.path,
            params=dict(request.query),
            content=request.body,
            headers=headers,
            trust_env=False,
        )
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
        return Answer(answer.status_code, answer.content, kept)


@pytest.fixture(scope="module")
def servers() -> Iterator[Any]:
    with stand_ins("10") as running:
        yield running


@pytest.fixture(params=["text", "json"])
def form(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def program(
    servers: Any,
    form: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Program, Blabbing]]:
    made = make_program(tmp_path, servers, capsys, monkeypatch)
    blabbing = Blabbing(servers["apollo"].base_url)
    monkeypatch.setenv("SYNCLINE_LOG", "debug")
    with ScriptedServer(blabbing) as server:
        settings = made.settings(first_run_needs_approval=False)
        settings["connections"]["apollo"]["base_url"] = server.url
        settings["logging"] = {"format": form}
        made.write(settings)
        yield made, blabbing


@pytest.mark.proves("O4")
def test_no_secret_and_no_address_is_in_the_log_of_a_run_that_fails(
    program: tuple[Program, Blabbing], form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made, blabbing = program
    blabbing.blabs = True
    code = call(["run", "--settings", str(made.file)])
    said = capsys.readouterr()
    assert code == 1
    assert blabbing.blabbed, "the run never met what was planted"
    assert any(secret in blabbing.blabbed[0] for secret in made.secrets)
    logged = [line for line in said.err.splitlines() if "event=" in line or line.startswith("{")]
    assert any("failed" in line for line in logged)
    _hides("\n".join(logged), made)
    for secret in (*made.secrets, PASSWORD):
        assert secret not in said.out + said.err


@pytest.mark.proves("O4")
def test_what_libraries_and_threads_end_with_is_told_without_them(
    program: tuple[Program, Blabbing],
    form: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, _ = program
    call(["status", "--settings", str(made.file)])
    capsys.readouterr()
    secret = next(iter(made.secrets))
    trouble = f"{PLANTED} sent {secret} to postgresql://syncline:{PASSWORD}@db.example.org/x, Bearer abcdefgh12345678"
    call(["connection", "test", "apollo", "--settings", str(made.file)])  # secrets are looked up
    capsys.readouterr()
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    log.take_over()
    try:
        int(trouble)
    except ValueError:
        logging.getLogger("dbos").exception("workflow failed: %s", trouble)
        logging.getLogger("sqlalchemy.pool").warning("lost %(url)s", {"url": trouble})

    def fails() -> None:
        raise KeyError(trouble)

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    said = capsys.readouterr().err
    assert said.count("Traceback") == 2
    assert said.count("workflow failed") == 1
    assert "sqlalchemy.pool" in said
    _hides(said, made)


@pytest.mark.proves("O4")
def test_every_line_of_a_run_names_its_sync_its_pass_and_its_run(
    program: tuple[Program, Blabbing], form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made, _ = program
    assert call(["run", "--settings", str(made.file)]) == 0
    said = capsys.readouterr().err
    if form == "text":
        assert "sync='crm'" in said
        assert "run=1" in said
        return
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert lines
    assert {(line["sync"], line["pass"]) for line in lines} == {("crm", lines[0]["pass"])}
    assert lines[-1]["event"] == "run ended"
    assert lines[-1]["run"] == 1
    assert {"timestamp", "level", "event"} <= lines[0].keys()


def _hides(text: str, made: Program) -> None:
    for planted in (*made.secrets, PASSWORD, "planted-person", "abcdefgh12345678"):
        assert planted not in text
    assert "@example" not in text.replace("[hidden]@example.org", "")
