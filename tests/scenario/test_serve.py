"""`syncline serve` by itself: how it begins, answers, is asked badly, and ends. No system is at hand."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from syncline.cli.main import call
from tests.scenario.served import Served, serving

ENVIRON = {**os.environ, "TOKEN": "let-me-in-" * 4}


def settings(folder: Path, more: str = "") -> Path:
    """A settings file without a sync."""
    file = folder / "syncline.yaml"
    file.write_text(f"version: 1\n{more}")
    return file


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One process for all that only asks."""
    file = settings(tmp_path_factory.mktemp("served"), "serve: {token: env:TOKEN}\n")
    with serving(file, ENVIRON) as process:
        yield process


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.mark.proves("O4")
def test_it_lives_and_is_ready(served: Served) -> None:
    assert served.get("/healthz").status_code == 200
    found = served.get("/readyz")
    assert ENVIRON["TOKEN"] not in (served.folder / "said.txt").read_text()
    assert (found.status_code, found.json()) == (200, {"ready": True, "database": "ok", "worker": "ok"})


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", 400),
        (b"GET /nothing?" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
        (b"GET /%00%ff/..%2f../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
        (b"GET /healthz?q=\xff\xfe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
        (b"BREW /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405),
        (b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (
            b"POST /api/nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\n{bad}",
            404,
        ),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
)
def test_what_is_asked_badly_is_answered_and_breaks_nothing(served: Served, sent: bytes, wanted: int) -> None:
    answer = served.say(sent)
    assert status(answer) == wanted
    assert b"Traceback" not in answer
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"application/json" in head:
        assert set(json.loads(body)["error"]) == {"code", "message", "cure"}
    assert served.get("/healthz").status_code == 200


def test_a_body_without_end_is_cut_off(served: Served) -> None:
    head = b"POST /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = served.say(
        head + b"80000\r\n" + b"x" * 0x80000 + b"\r\n" + b"80000\r\n" + b"x" * 0x80000 + b"\r\n"
    )
    assert status(answer) == 413
    assert served.get("/healthz").status_code == 200


def refused(capsys: pytest.CaptureFixture[str], file: Path, *words: str) -> Mapping[str, str]:
    """The error of one that cannot serve."""
    assert call(["serve", "--json", "--settings", str(file), *words]) == 1
    found: Mapping[str, str] = json.loads(capsys.readouterr().out)["error"]
    return found


def test_a_second_one_on_the_same_file_is_refused(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = settings(tmp_path, f"database: sqlite:///{served.folder.parent}/syncline.sqlite3\n")
    error = refused(capsys, file, "--listen", "127.0.0.1:0")
    assert error["code"] == "serve-taken"
    assert str(served.pid) in error["message"]
    assert served.get("/readyz").status_code == 200


def test_a_port_that_is_taken_is_said_to_be(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(capsys, settings(tmp_path), "--listen", served.url.removeprefix("http://"))
    assert error["code"] == "config"
    assert "nothing can listen" in error["message"]


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:0", "[::]:8400", "here.example.com:8400", "8400", "127.0.0.1:99999"]
)
def test_the_network_is_not_listened_on_without_a_token(
    listen: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(capsys, settings(tmp_path), "--listen", listen)
    assert error["code"] == "config"
    assert listen in error["message"]
