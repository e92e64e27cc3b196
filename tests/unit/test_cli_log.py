"""The log tells what happened, and neither secrets nor e-mail addresses."""

import json
import logging
import threading

import pytest
import structlog

from syncline.service.log import _Others, about_nothing, about_run, about_sync, set_up
from syncline.service.redact import ADDRESS, HIDDEN, Redactor

SECRET = "s3cret-value-of-apollo"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def redactor() -> Redactor:
    made = Redactor()
    made.hide([SECRET, KEY, "abc"])
    return made


@pytest.mark.parametrize(
    "text",
    [
        f"sent {SECRET} to it",
        f"x-api-key: {SECRET}",
        "Authorization: Bearer 00Dxx0000001gPL!AQEAQLKJHGFDSA",
        'got {"access_token": "00Dxx0000001gPL.AQEAQ"}',
        "grant_type=client_credentials&client_secret=a7f6d5e4c3",
        f"key {KEY}",
        f"key {KEY.strip()!r}",
        "the line hkiG9w0BAQEFAASC of it",
        "jane.doe@example.com said so",
        "q=jane.doe%40example.com",
        "jürgen.jane.doe@bücher.example said so",
        "postgresql://syncline:a7f6d5e4c3@db.example.com/sync",
        "https://jane.doe:with@a7f6d5e4c3@hooks.example.com/a",
    ],
)
def test_what_must_not_be_seen_is_hidden(redactor: Redactor, text: str) -> None:
    shown = redactor.text(text)
    assert HIDDEN in shown or ADDRESS in shown
    for part in (SECRET, "00Dxx0000001gPL", "a7f6d5e4c3", "MIIEvQIBADANBgkq", "hkiG9w0BAQEFAASC", "jane.doe"):
        assert part not in shown


def test_a_secret_too_short_to_tell_from_words_is_not_looked_for(redactor: Redactor) -> None:
    assert redactor.text("abcdef") == "abcdef"


def test_what_a_person_asked_for_keeps_its_addresses(redactor: Redactor) -> None:
    assert redactor.secrets(f"jane@example.com has {SECRET}") == f"jane@example.com has {HIDDEN}"


def test_values_are_hidden_by_their_names_and_at_any_depth(redactor: Redactor) -> None:
    shown = redactor.value(
        {"password": 12345, "deep": [{"note": f"({SECRET})"}, ("jane@example.com", 3, None)]}
    )
    assert shown == {"password": HIDDEN, "deep": [{"note": f"({HIDDEN})"}, [ADDRESS, 3, None]]}


def test_the_log_goes_to_stderr_by_level(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("warning")
    structlog.get_logger().info("unseen")
    structlog.get_logger().warning("seen", who="jane@example.com")
    told = capsys.readouterr()
    assert told.out == ""
    assert "unseen" not in told.err
    assert "seen" in told.err
    assert "jane@example.com" not in told.err


def test_the_log_can_be_json(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info", "json")
    try:
        int(f"no address jane@example.com, token={SECRET}")
    except ValueError:
        structlog.get_logger().exception("failed", run=7)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["run"]) == ("failed", "error", 7)
    assert "Traceback" in line["exception"]
    assert "jane@" not in line["exception"]
    assert SECRET not in line["exception"]


def test_what_libraries_log_is_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info")
    logging.getLogger("some.library").warning("GET /contacts?email=%s", "jane@example.com")
    told = capsys.readouterr().err
    assert "some.library" in told
    assert ADDRESS in told
    assert "jane@" not in told


def test_a_line_that_a_library_got_wrong_shows_nothing_of_what_it_holds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up("info")
    record = logging.LogRecord("some.library", logging.WARNING, "", 1, "%d", ("jane@example.com",), None)
    next(each for each in logging.getLogger().handlers if isinstance(each, _Others)).emit(record)
    told = capsys.readouterr().err
    assert "could not be put together" in told
    assert "jane" not in told


def test_lines_name_the_sync_and_run_of_their_own_thread(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info", "json")

    def work(sync: str, run: int) -> None:
        about_sync(sync)
        structlog.get_logger().info("reading")
        about_run(run)
        logging.getLogger("some.library").warning("writing")
        about_nothing()
        structlog.get_logger().info("over")

    threads = [threading.Thread(target=work, args=(f"sync{n}", n)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    by = {
        event: [line for line in lines if line["event"] == event] for event in ("reading", "writing", "over")
    }
    assert {line["sync"] for line in by["reading"]} == {f"sync{n}" for n in range(5)}
    assert all(line["sync"] == f"sync{line['run']}" for line in by["writing"])
    assert not [line for line in by["reading"] if "run" in line]
    assert not [line for line in by["over"] if {"sync", "pass", "run"} & line.keys()]
