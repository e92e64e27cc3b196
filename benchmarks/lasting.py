"""Lasting processes of the program, `serve` and `worker`: started, watched, stopped or killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.process import ROOT, PhaseError

START_SECONDS = 120.0
STOP_SECONDS = 10.0
"""What a process is promised to need at most to stop."""
_EVERY = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


def wait_for(what: str, came: Callable[[], bool], seconds: float, every: float = _EVERY) -> float:
    """Wait until something came about; how many seconds that took. Raises `PhaseError` after too many."""
    began = time.monotonic()
    while not came():
        if time.monotonic() - began > seconds:
            raise PhaseError(f"after {seconds:.0f} s still not: {what}")
        time.sleep(every)
    return time.monotonic() - began


class Lasting:
    """One process that goes on until it is stopped or killed; its log is added to the file of that name."""

    def __init__(self, name: str, words: list[str], environ: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.address = ""
        self.log = folder / f"{name}.log"
        self._answer = folder / f"{name}.json"
        self._before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as said, self._answer.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "syncline", *words],
                stdin=subprocess.DEVNULL, stdout=out, stderr=said, env=dict(environ), cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip
        self.began = time.monotonic()

    def until_it_answers(self) -> None:
        """Wait for the line of `serve` that says where it listens."""
        wait_for(f"{self.name} answers", self._has_answered, START_SECONDS)
        told = json.loads(self._answer.read_bytes())
        if "listening" not in told:
            raise PhaseError(f"{self.name} does not serve: {told}")
        self.address = told["listening"]

    def until_it_works(self) -> None:
        """Wait for the line of the log of a `worker` that has begun."""
        wait_for(f"{self.name} works", self._has_begun, START_SECONDS)

    def rss_mib(self) -> float:
        """Resident memory at the moment."""
        status = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith("VmRSS:")).split()[1]) / 1024

    def cpu_seconds(self) -> float:
        """Processor seconds since its start."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def kill(self) -> None:
        """End it by SIGKILL, and see that neither a child nor its port is left."""
        self.process.kill()
        self.process.wait()
        if self._has_children():
            raise PhaseError(f"a child of {self.name} lives on after SIGKILL")
        if self.address and _answers(self.address):
            raise PhaseError(f"{self.address} still answers after SIGKILL")

    def stop(self) -> float:
        """End it by SIGTERM; the seconds it took. Raises `PhaseError` where it ended badly."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(3 * STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise PhaseError(f"{self.name} does not stop: {self.said()}") from None
        if code != 0:
            raise PhaseError(f"{self.name} ended with {code}: {self.said()}")
        return time.monotonic() - began

    def end(self) -> None:
        """End it whatever it does; nothing happens if it has ended."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-2000:]

    def _lives(self) -> bool:
        if self.process.poll() is not None:
            raise PhaseError(f"{self.name} ended with {self.process.returncode}: {self.said()}")
        return True

    def _has_answered(self) -> bool:
        return self._lives() and self._answer.read_bytes().endswith(b"\n")

    def _has_begun(self) -> bool:
        return self._lives() and b"worker started" in self.log.read_bytes()[self._before :]

    def _has_children(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


def serve(environ: Mapping[str, str], settings: Path, folder: Path) -> Lasting:
    """A `serve` on a free port, which answers already."""
    words = ["serve", "--listen", "127.0.0.1:0", "--json", "--settings", str(settings)]
    made = Lasting("serve", words, environ, folder)
    try:
        made.until_it_answers()
    except BaseException:
        made.end()
        raise
    return made


def work(number: int, environ: Mapping[str, str], settings: Path, folder: Path, jobs: int = 4) -> Lasting:
    """A `worker`, the first, second and so on, at work already on so many jobs at once."""
    words = ["worker", "--workers", str(jobs), "--settings", str(settings)]
    made = Lasting(f"worker-{number}", words, environ, folder)
    try:
        made.until_it_works()
    except BaseException:
        made.end()
        raise
    return made


@contextmanager
def serving(environ: Mapping[str, str], settings: Path, folder: Path) -> Iterator[Lasting]:
    """A `serve` for the time of the with block, stopped as a person would stop it."""
    process = serve(environ, settings, folder)
    try:
        yield process
        process.stop()
    finally:
        process.end()


def _answers(address: str) -> bool:
    parts = urlsplit(address)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0
