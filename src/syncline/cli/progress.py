"""Progress of long work on the standard error: a bar with the time left, or a line every few seconds."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

EVERY_SECONDS = 5.0


class Reporter:
    """Tells of the steps of a run. As a context manager it puts the terminal in order at the end."""

    def __init__(self, every: float = EVERY_SECONDS) -> None:
        self._every = every
        self._terminal = sys.stderr.isatty()
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._step = ""
        self._began = self._told = 0.0

    def __enter__(self) -> Self:
        AT_WORK.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        AT_WORK.remove(self)
        self.rest()

    def report(self, step: str, done: int, total: int | None) -> None:
        """One step came that far; a `Report` of the engine."""
        if not self._terminal:
            self._line(step, done, total)
            return
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
        if step not in self._tasks:
            self._tasks[step] = self._bar.add_task(step, total=total)
        self._bar.update(self._tasks[step], completed=done, total=total)

    def rest(self) -> None:
        """Take the bar away, so that something else can be printed; the next report brings it back."""
        if self._bar:
            self._bar.stop()
        self._bar, self._tasks = None, {}

    def _line(self, step: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if step != self._step:
            self._step, self._began, self._told = step, now, now
        elif now - self._told >= self._every:
            self._told = now
            print(_words(step, done, total, now - self._began), file=sys.stderr, flush=True)


AT_WORK: list[Reporter] = []
"""Who may have a bar on the terminal at the moment."""


def make_room() -> None:
    """Take bars away before something else is printed."""
    for reporter in AT_WORK:
        reporter.rest()


def _bar() -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    # Rich would send what is printed to the standard output to the bar's own console, the standard error.
    return Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _words(step: str, done: int, total: int | None, seconds: float) -> str:
    if not total:
        return f"{step}: {done}"
    left = seconds * (total - done) / done if done else None
    return f"{step}: {done} of {total}" + (f", about {left:.0f} s left" if left is not None else "")
