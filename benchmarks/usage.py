"""What a process has used of the machine: processor seconds since its start, and its largest size."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Usage:
    """Processor seconds of user and system together, start-up included, and the peak of resident memory in MiB."""

    cpu_seconds: float
    peak_rss_mib: float


def used() -> Usage:
    """What this process has used so far."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return Usage(own.ru_utime + own.ru_stime, _peak(own.ru_maxrss))


def _peak(told: int) -> float:
    """The kernel's own mark where there is one: the other begins with the size of the parent process."""
    if _STATUS.exists():
        lines = _STATUS.read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024
    return told / (1024 * 1024 if sys.platform == "darwin" else 1024)


def note(file: str) -> None:
    """Write down what this process has used, for the process that started it."""
    Path(file).write_bytes(msgspec.json.encode(used()))


def noted(file: Path) -> Usage:
    """What a process wrote down."""
    return msgspec.json.decode(file.read_bytes(), type=Usage)
