"""Slices: a work goes on in a thread of its own, one page or batch at a time, as often as somebody asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from syncline.core.frozen import frozen
from syncline.engine.context import Report
from syncline.store.database import close_store

Work = Callable[[Callable[[], bool], Report], Mapping[str, Any]]
"""Does a piece of work, asking between two pages or batches whether it should stop, and telling how far it is."""

_LOOK = 0.1
"""Seconds between two looks at whether to wait any longer."""


@frozen()
class Slice:
    """What a slice came to: how far the work is or, where it is over, what came of it."""

    over: bool
    told: Mapping[str, Any]


class Slices:
    """One work, advanced slice by slice. It pauses where the engine asks whether to stop (`check_stop`)."""

    def __init__(self, work: Work, name: str) -> None:
        self._work = work
        self._go = threading.Semaphore(0)
        self._paused = threading.Semaphore(0)
        self._stopped = False
        self._progress: dict[str, Any] = {}
        self._end: Mapping[str, Any] | None = None
        self._error: BaseException | None = None
        # A thread that hangs in a call must not keep the process from ending: it counts as killed then.
        self._thread = threading.Thread(target=self._carry, name=f"work {name}", daemon=True)
        self._thread.start()

    def advance(self, hurry: Callable[[], bool]) -> Slice | None:
        """Let the work go on for a slice; nothing if `hurry` became true before it came to an end."""
        self._go.release()
        while not self._paused.acquire(timeout=_LOOK):
            if hurry():
                return None
        return self._shown()

    def stop(self, hurry: Callable[[], bool]) -> Slice | None:
        """Have the work stop where it pauses, keeping what was done, and wait for its end."""
        self._stopped = True
        while (slice_ := self.advance(hurry)) is not None:
            if slice_.over:
                return slice_
        return None

    def _shown(self) -> Slice:
        if self._thread_is_over():
            if self._error is not None:
                raise self._error
            return Slice(over=True, told=dict(self._end or {}))
        return Slice(over=False, told=dict(self._progress))

    def _thread_is_over(self) -> bool:
        return self._end is not None or self._error is not None

    def _carry(self) -> None:
        self._go.acquire()
        try:
            self._end = self._work(self._stopping, self._report)
        except BaseException as error:  # noqa: BLE001 - it is raised where the slice was asked for
            self._error = error
        finally:
            close_store()
            self._paused.release()

    def _stopping(self) -> bool:
        if not self._stopped:
            self._paused.release()
            self._go.acquire()
        return self._stopped

    def _report(self, step: str, done: int, total: int | None) -> None:
        self._progress = {"step": step, "done": done, "total": total}
