"""The processes of a soak: at work, killed at random moments, started again."""

from __future__ import annotations

import time
from random import Random

from benchmarks.lasting import Lasting, serve, work
from benchmarks.place import Place
from benchmarks.story import say

WORKERS = 2


class Troubled:
    """`serve` on SQLite, two workers on PostgreSQL; one of them at a time is killed."""

    def __init__(self, place: Place, random: Random) -> None:
        self._place = place
        self._random = random
        self._many = not place.database.startswith("sqlite")
        self.kills = 0
        self._running = [self._start(number) for number in range(WORKERS if self._many else 1)]

    def kill_one(self) -> None:
        """Kill one, and start it again."""
        number = self._random.randrange(len(self._running))
        say(f"kill -9 of {self._running[number].name}")
        self._running[number].kill()
        self.kills += 1
        self._running[number] = self._start(number)

    def age(self) -> float:
        """For how many seconds the youngest has been at work."""
        return time.monotonic() - max(each.began for each in self._running)

    def rss_mib(self) -> list[float]:
        """The resident memory of each."""
        return [round(each.rss_mib(), 1) for each in self._running]

    def stop(self) -> float:
        """Stop all of them as a person would; the seconds of the slowest."""
        return max([each.stop() for each in self._running])

    def end(self) -> None:
        """End all that are left."""
        for each in self._running:
            each.end()

    def logs(self) -> str:
        """All that they logged, each process of its name one after the other."""
        return "".join(each.log.read_text(errors="replace") for each in self._running)

    def _start(self, number: int) -> Lasting:
        place = self._place
        if self._many:
            return work(number + 1, place.environ, place.settings, place.folder)
        return serve(place.environ, place.settings, place.folder)
