"""The tutorials, typed line by line as their readers do: what they show is what comes back."""

import os
import re
import select
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from syncline.testing.sandboxes import START_SECONDS

PAGES = Path(__file__).parents[2] / "docs/tutorial"
SECTION = re.compile(r"^## ", re.MULTILINE)
BLOCK = re.compile(r"^\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)
BACKGROUND = re.compile(r"> (\S+) &$")
SETTINGS = "version: 1\n"
DONE = "== typed"
SECONDS = 120.0


@dataclass
class Typed:
    """A line the reader types, and the lines the page shows below it."""

    command: str
    shown: list[str] = field(default_factory=list)


def blocks(page: str) -> Iterator[str]:
    """The indented blocks of the page after the section on getting ready, which is for a new machine."""
    sections = SECTION.split((PAGES / page).read_text())
    assert sections[1].startswith("1. Get ready")
    for section in sections[2:]:
        yield from (textwrap.dedent(block).strip() + "\n" for block in BLOCK.findall(section))


def typed(block: str) -> list[Typed]:
    """The commands of a block."""
    found: list[Typed] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Typed(line.removeprefix("$ ")))
        else:
            found[-1].shown.append(line)
    return found


def _plain(text: str) -> str:
    return " ".join(text.split())


def differences(page: Typed, answer: str) -> Iterator[str]:
    """What the page shows and the program did not say in that order; three dots stand for anything."""
    said = _plain(answer)
    for piece in (part for line in page.shown for part in map(_plain, line.split("...")) if part):
        before, found, said = said.partition(piece)
        if not found:
            said = before
            yield f"$ {page.command}\n  is said to answer: {piece}\n  but answered: {answer}"


class Terminal:
    """One shell that stays open, with the jobs it started."""

    def __init__(self, folder: Path) -> None:
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environ = {**os.environ, "PATH": programs, "HOME": str(folder), "SYNCLINE_LOG": "error"}
        self.folder = folder
        self._shell = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env=environ,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.type("set -m")

    def type(self, command: str) -> str:
        """What came back, when the command has ended or gone to the background."""
        assert self._shell.stdin
        self._shell.stdin.write(f"{command}\necho; echo '{DONE}'\n")
        self._shell.stdin.flush()
        answer = "".join(self._lines())
        if background := BACKGROUND.search(command):
            self._until_ready(self.folder / background[1])
        return answer

    def _lines(self) -> Iterator[str]:
        stream = self._shell.stdout
        assert stream
        while (line := stream.readline()) and line.strip() != DONE:
            yield line

    def _until_ready(self, file: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not (file.exists() and file.read_text()):
            assert time.monotonic() < deadline, f"{file.name} stayed empty"
            select.select([], [], [], 0.05)

    def close(self) -> None:
        """End the shell and whatever it still runs."""
        self.type("kill $(jobs -p) 2>/dev/null; wait")
        self._shell.communicate("exit\n", timeout=SECONDS)


@contextmanager
def terminal(folder: Path) -> Iterator[Terminal]:
    shell = Terminal(folder)
    try:
        yield shell
    finally:
        shell.close()


def free_ports() -> Mapping[str, str]:
    """Ports that nobody listens on, for those the pages name."""
    with ExitStack() as stack:
        sockets = {named: stack.enter_context(socket.socket()) for named in ("8801", "8802", "8803")}
        for each in sockets.values():
            each.bind(("127.0.0.1", 0))
        return {named: str(each.getsockname()[1]) for named, each in sockets.items()}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(
    ("page", "least"),
    [
        pytest.param(
            "first-sync.md", 25, marks=pytest.mark.proves("S1", "S2", "S5", "S6", "C3"), id="first-sync"
        ),
        pytest.param("leads-in-ten-minutes.md", 18, marks=pytest.mark.proves("Q1", "Q3", "S5"), id="leads"),
    ],
)
def test_the_tutorial_goes_as_it_says(page: str, least: int, tmp_path: Path) -> None:
    ports = free_ports()
    wrong: list[str] = []
    commands = 0
    with terminal(tmp_path) as shell:
        for block in blocks(page):
            text = re.sub("880[123]", lambda found: ports[found[0]], block)
            if text.startswith(SETTINGS):
                (tmp_path / "syncline.yaml").write_text(text)
                continue
            for one in typed(text):
                wrong += differences(one, shell.type(one.command))
                commands += 1
    assert commands >= least
    assert not wrong, "\n".join(wrong)
