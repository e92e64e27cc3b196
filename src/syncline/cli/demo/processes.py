"""Processes of the demonstration: each ends with it, and says in its first line that it is ready."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from syncline.core.errors import UnavailableError

_STOP_SECONDS = 10.0

Process = subprocess.Popen[str]


@contextmanager
def started(
    name: str, words: Sequence[str], folder: Path, environ: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """A module of ours in a process of its own; what it says of its errors goes into a file of that name."""
    with _errors(name, folder).open("w") as errors:
        # Ctrl-C reaches every process of the terminal's group: in one of their own they outlive the last batch.
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environ,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def ready(name: str, process: Process, folder: Path) -> dict[str, Any]:
    """What a process says when it is ready; `UnavailableError` where it ends instead."""
    line = process.stdout.readline() if process.stdout else ""
    found: dict[str, Any] = json.loads(line) if line else {}
    if not found or "error" in found:
        told = _errors(name, folder).read_text().strip().splitlines() or ["it said nothing"]
        why = found["error"]["message"] if found else told[-1]
        raise UnavailableError(
            f"{name} did not start: {why}", hint="Try `syncline sandbox` or `syncline serve` by itself."
        )
    return found


def _errors(name: str, folder: Path) -> Path:
    return folder / f"{name}.log"


def _end(process: Process) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
