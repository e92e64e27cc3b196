"""`syncline serve` as a real process, asked over HTTP."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.scenario.pair import SECONDS, Ended, SyncProcess


class Served:
    """A process that serves the settings of a file, on a port of its own."""

    def __init__(self, settings: Path, environ: Mapping[str, str], *words: str) -> None:
        self.folder = settings.parent / "served"
        self.folder.mkdir(exist_ok=True)
        listen = () if "--listen" in words else ("--listen", "127.0.0.1:0")
        arguments = ["serve", *listen, *words, "--json", "--settings", str(settings)]
        self._at_work = SyncProcess(arguments, environ, self.folder)
        self.url = ""

    def wait_until_ready(self) -> None:
        """Wait for the line that says that it is ready."""
        said = self.folder / "output.txt"
        came = self._at_work.until(lambda: said.read_text().endswith("\n"))
        assert came, (self.folder / "said.txt").read_text()
        line = json.loads(said.read_text())
        assert "listening" in line, line
        self.url = line["listening"]

    @property
    def pid(self) -> int:
        return self._at_work.process.pid

    def get(self, path: str) -> httpx2.Response:
        """What it answers at an address."""
        return httpx2.get(self.url + path, timeout=10, trust_env=False)

    def say(self, sent: bytes) -> bytes:
        """Send bytes as they are, and hear all that is answered until it hangs up."""
        host, port = self._address
        with socket.create_connection((host, port), timeout=20) as line:
            line.sendall(sent)
            heard = b""
            while piece := line.recv(65536):
                heard += piece
        return heard

    @property
    def _address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def listens(self) -> bool:
        """Whether anybody takes connections at its address."""
        with socket.socket() as line:
            return line.connect_ex(self._address) == 0

    def kill(self) -> None:
        """End it by SIGKILL: nobody listens any more and no child is left."""
        self._at_work.kill()
        assert not self.url or not self.listens()

    def stop(self, number: int = signal.SIGTERM) -> tuple[Ended, float]:
        """End it by a signal, and how many seconds that took."""
        began = time.monotonic()
        os.kill(self.pid, number)
        ended = self._at_work.end()
        return ended, time.monotonic() - began

    def end(self) -> Ended:
        """Wait for its own end."""
        return self._at_work.end()

    def until(self, came: Any, seconds: float = SECONDS) -> None:
        """Wait until something came about while it works."""
        deadline = time.monotonic() + seconds
        while not came():
            assert time.monotonic() < deadline, "it did not come about"
            assert self._at_work.stays(0.05), (self.folder / "said.txt").read_text()


@contextmanager
def serving(settings: Path, environ: Mapping[str, str], *words: str) -> Iterator[Served]:
    """A process that serves and is ready; it is ended with the block, whatever happens."""
    served = Served(settings, environ, *words)
    try:
        served.wait_until_ready()
        yield served
    finally:
        if served._at_work.process.poll() is None:
            served.kill()
