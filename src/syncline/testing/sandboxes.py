"""Starts sandboxes as real processes and ends them, for tests and for the demo."""

import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

START_SECONDS = 120.0
STOP_SECONDS = 15.0


class SandboxStartError(RuntimeError):
    """The sandbox process ended, or stayed silent, before it was ready; the message holds what it printed."""


@dataclass
class RunningSandbox:
    """A sandbox in its own process; as a context manager it is stopped at the end."""

    system: str
    base_url: str
    credentials: Mapping[str, Any]
    control_url: str
    process: subprocess.Popen[str]
    _http: httpx2.Client = field(default_factory=httpx2.Client, repr=False)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 the sandbox listens on."""
        port = urlsplit(self.control_url).port
        assert port is not None
        return port

    def control(self, method: str, path: str, body: object | None = None) -> Any:
        """The JSON answer of a control route, or None; the path comes after /_sandbox, such as "/clock"."""
        response = self._http.request(method, self.control_url + path, json=body, timeout=60)
        response.raise_for_status()
        return response.json() if response.content else None

    def stop(self) -> None:
        """End the process by SIGTERM and wait for it; nothing happens if it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self._let_go()

    def kill(self) -> None:
        """End the process by SIGKILL and make sure that nothing answers on its port any more."""
        self.process.kill()
        self.process.wait()
        self._let_go()
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", self.port)) != 0, "the port still answers after SIGKILL"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _let_go(self) -> None:
        self._http.close()
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_sandbox(
    system: str,
    *,
    dataset: str = "empty",
    seed: int = 1,
    state: str | None = None,
    edition: str | None = None,
    port: int = 0,
    patience: float = START_SECONDS,
) -> RunningSandbox:
    """Start a sandbox in a process of its own and return when it is ready to be called.

    `state` names the SQLite file to go on with after a stop or a kill; `port` 0 picks a free one. A sandbox
    that is not ready after `patience` seconds is ended.
    """
    command = [sys.executable, "-m", "syncline.sandbox", system, "--port", str(port)]
    command += ["--dataset", dataset, "--seed", str(seed)]
    command += ["--state", state] if state else []
    command += ["--edition", edition] if edition else []
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        line = ""
        try:
            line = _ready_line(process, patience)
        finally:
            if not line:
                process.kill()
                process.communicate()  # waits for the end and closes the pipe
        if not line:
            errors.seek(0)
            raise SandboxStartError(f"{system} did not start: {errors.read().strip()}")
    ready = json.loads(line)
    return RunningSandbox(
        ready["system"], ready["base_url"], ready["credentials"], ready["control_url"], process
    )


def _ready_line(process: subprocess.Popen[str], patience: float) -> str:
    """The first line the process prints; empty when it ends, or is ended for taking too long."""
    watch = threading.Timer(patience, process.kill)
    watch.start()
    try:
        assert process.stdout is not None
        return process.stdout.readline()
    finally:
        watch.cancel()
