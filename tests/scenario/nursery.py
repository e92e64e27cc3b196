"""Processes of the program that begin as forks of one that has imported it: each is real, and starts at once."""

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

IMPORTED = (
    "syncline.cli.main",
    "syncline.cli.plans",
    "syncline.cli.runs",
    "syncline.connectors.apollo.connector",
    "syncline.connectors.customeros.connector",
    "syncline.connectors.salesforce.settings",
    "syncline.service.wiring",
    "django.db.backends.postgresql.base",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
)
LARGEST = 1_000_000
SECONDS = 30.0
ROOT = Path(__file__).parents[2]


class Forked:
    """A process that the nursery forked, with as much of `subprocess.Popen` as the tests need."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, or minus the signal that ended it, once it has ended."""
        if self.returncode is None:
            self.returncode = self._nursery.ended(self.pid, 0.0)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """The same, when it has ended; `subprocess.TimeoutExpired` if it does not in time."""
        deadline = time.monotonic() + timeout
        while self.returncode is None:
            left = deadline - time.monotonic()
            self.returncode = self._nursery.ended(self.pid, max(0.0, left))
            if self.returncode is None and left <= 0:
                raise subprocess.TimeoutExpired(["syncline"], timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end, by SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it by SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The process that imported the program; started when it is first needed, it ends with its parent."""

    def __init__(self) -> None:
        self._ours: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ends: dict[int, int] = {}

    def start(
        self, words: Sequence[str], environ: Mapping[str, str], folder: Path, out: TextIO, err: TextIO
    ) -> Forked:
        """`syncline WORDS` in a process and session of its own."""
        line = self._line()
        order = json.dumps({"words": list(words), "environ": dict(environ), "folder": str(folder)}).encode()
        socket.send_fds(line, [order], [out.fileno(), err.fileno()])
        while not (told := self._hear(None)).get("born"):
            continue
        return Forked(self, told["born"])

    def ended(self, pid: int, seconds: float) -> int | None:
        """How a process ended; nothing if it has not within these seconds."""
        if pid not in self._ends:
            self._hear(seconds)
        return self._ends.pop(pid, None)

    def _line(self) -> socket.socket:
        if self._ours is None:
            self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                command = [sys.executable, "-m", "tests.scenario.nursery", str(theirs.fileno())]
                self._process = subprocess.Popen(
                    command, cwd=ROOT, pass_fds=[theirs.fileno()], start_new_session=True
                )
        return self._ours

    def close(self) -> None:
        """End it, once nobody needs it any more."""
        if self._ours and self._process:
            self._ours.close()
            self._process.wait(SECONDS)
            self._ours = self._process = None

    def _hear(self, seconds: float | None) -> dict[str, Any]:
        """The next thing the nursery says, if it says one in time."""
        line = self._line()
        if not select.select([line], [], [], seconds)[0]:
            return {}
        told: dict[str, Any] = json.loads(line.recv(LARGEST) or b'{"gone": true}')
        assert "gone" not in told, "the nursery has ended"
        if "ended" in told:
            self._ends[told["ended"]] = told["code"]
        return told


def tend(line: socket.socket) -> None:
    """Fork a process for each order, and tell of each that ended, until nobody orders any more."""
    for name in IMPORTED:
        import_module(name)
    gc.freeze()
    bell, rung = socket.socketpair()
    rung.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(rung.fileno(), warn_on_full_buffer=False)
    order, files = _orders(line, bell)
    if not order:
        return
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for mine in (line, bell, rung):
        mine.close()
    _live(order, files)


def _orders(line: socket.socket, bell: socket.socket) -> tuple[Mapping[str, Any], Sequence[int]]:
    """In each process that is born its order, with the files it says things to; in the nursery none, at its end."""
    while True:
        heard, _, _ = select.select([line, bell], [], [])
        if bell in heard:
            bell.recv(4096)
            _tell_ends(line)
        if line in heard:
            order, files, _, _ = socket.recv_fds(line, LARGEST, 2)
            if not order:
                return {}, ()
            pid = os.fork()
            if not pid:
                return json.loads(order), files
            for file in files:
                os.close(file)
            line.send(json.dumps({"born": pid}).encode())


def _live(order: Mapping[str, Any], files: Sequence[int]) -> None:
    """Become the program, as it would be started anew."""
    from syncline.cli.main import main  # noqa: PLC0415 - the parent imported it, the tests need not

    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in zip((nothing, *files), (0, 1, 2), strict=True):
        os.dup2(source, target)
        os.close(source)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environ"])
    sys.argv = ["syncline", *order["words"]]
    main()


def _tell_ends(line: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        line.send(json.dumps({"ended": pid, "code": os.waitstatus_to_exitcode(status)}).encode())


if __name__ == "__main__":
    tend(socket.socket(fileno=int(sys.argv[1])))
