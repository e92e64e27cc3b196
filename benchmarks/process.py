"""Carries out one phase in a process of its own, which ends with it whatever happens."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.usage import Usage, noted

ROOT = Path(__file__).parents[1]
_STOP_SECONDS = 10.0


class PhaseError(RuntimeError):
    """A phase that failed; the message holds what its process said."""


@dataclass(frozen=True)
class Ended:
    """What a process printed as JSON, what it used, and how long it took."""

    document: Any
    usage: Usage
    seconds: float


def carry_out(
    module: str, words: list[str], environ: Mapping[str, str], folder: Path, good: Collection[int] = (0,)
) -> Ended:
    """Run a module of this folder with the file for its notes and further words, and wait for its end.

    Raises `PhaseError` where its exit code is none of the good ones.
    """
    notes, output, said = (folder / name for name in ("notes.json", "output.json", "said.txt"))
    notes.unlink(missing_ok=True)
    command = [sys.executable, "-m", f"benchmarks.{module}", str(notes), *words]
    began = time.monotonic()
    with output.open("w") as out, said.open("w") as err:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=dict(environ), cwd=ROOT
        )
        try:
            code = process.wait()
        finally:
            _end(process)
    seconds = time.monotonic() - began
    if code not in good:
        told = said.read_text()[-1000:] + output.read_text()[-1000:]
        raise PhaseError(f"{' '.join([module, *words])} ended with {code}:\n{told}")
    return Ended(msgspec.json.decode(output.read_bytes()), noted(notes), seconds)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
