"""A sync whose database is looked after: filled, of an older version, copied, restored."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from syncline.core.plan import ActionStatus
from syncline.store.models import Action
from tests.scenario.old_store import Rows, as_of, known_migrations, stored
from tests.scenario.pair import Pair, SyncProcess, writes
from tests.scenario.people import addresses
from tests.scenario.program import Program, Said

NUMBERS = count(1)


@dataclass(frozen=True)
class Kept:
    """Two systems that agree, and a database for the sync between them, which is filled when a test wants it."""

    pair: Pair
    rows: Rows
    program: Program | None = None

    def on(self, database: str, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> "Kept":
        """The same systems, with the program of this process over an empty database."""
        pair = replace(self.pair, database=database, environ={**self.pair.environ, "DATABASE": database})
        for name, value in pair.environ.items():
            patch.setenv(name, value)
        return replace(self, pair=pair, program=Program(pair.folder, pair.sandboxes, capture, patch))

    def within(self, database: str, **environ: str) -> "Kept":
        """The same, with another address of the database and other variables."""
        assert self.program is not None
        pair = replace(self.pair, environ={**self.pair.environ, **environ})
        return replace(self, pair=pair).on(database, self.program.capture, self.program.patch)

    def edit(self) -> str:
        """Somebody whom both systems know gets another title in Apollo; the title."""
        title = f"Edited {next(NUMBERS)}"
        self.pair.put("apollo", "contacts", self.somebody()[1], title=title)
        return title

    def held_at_the_write(self, folder: Path, seconds: float = 3) -> SyncProcess:
        """A run whose write to Salesforce was carried out, and whose answer takes so long."""
        self.pair.fault(
            "salesforce", kind="latency", seconds=seconds, method="PATCH", path="/composite/sobjects", count=1
        )
        process = self.start(folder, "run")
        assert process.until(lambda: self.pair.hits("salesforce") > 0), process.end()
        return process

    def carries_over_once(self, title: str) -> None:
        """All is well again: the sync comes to rest, one contact of Salesforce has that title, both sides agree."""
        self.pair.heal()
        self.rests()
        titles = [row["Title"] for row in self.pair.records("salesforce", "Contact")]
        assert titles.count(title) == 1
        with self.pair.store():
            assert not Action.objects.filter(status__in=[ActionStatus.OPEN, ActionStatus.UNKNOWN]).exists()
        self.agrees()

    def fill(self, migration: str | None = None) -> None:
        """Fill the database as a version left it whose last migration was that one, or this version."""
        as_of(migration or known_migrations()[-1], self.pair.database, self.rows)

    def ask(self, *words: str) -> Said:
        """A command of this process."""
        assert self.program is not None
        return self.program.ask(*words)

    def start(self, folder: Path, *words: str) -> SyncProcess:
        """A command in a process of its own."""
        return SyncProcess([*words, "--json", "--settings", str(self.pair.file)], self.pair.environ, folder)

    @contextmanager
    def working(self, folder: Path) -> Iterator[SyncProcess]:
        """A process that works by itself until the end of the with block, and then stops as it should."""
        process = self.pair.at_work(folder)
        try:
            yield process
            process.process.send_signal(signal.SIGTERM)
            ended = process.end(20)
            assert ended.code == 0, ended.said[-3000:]
        finally:
            if process.process.poll() is None:
                process.kill()

    def shows(self, title: str) -> bool:
        """Whether somebody in Salesforce has that title."""
        return title in [row["Title"] for row in self.pair.records("salesforce", "Contact")]

    def rests(self, most: int = 6) -> dict[str, int]:
        """Run until nothing is written; what was written before that."""
        start = self.pair.requests()
        for _ in range(most):
            before = self.pair.requests()
            said = self.ask("run")
            assert (said.code, said.json["status"]) == (0, "done"), said
            if not writes(before, self.pair.requests()):
                return writes(start, before)
        raise AssertionError("the sync does not come to rest")

    def agrees(self) -> None:
        """Both sides, by a comparison of every record."""
        found = self.ask("reconcile").json
        assert (found["in_agreement"], found["unexplained"]) == (True, 0), found

    def somebody(self) -> tuple[str, str]:
        """Address and id in Apollo of a person whom both systems know once, and no lead knows."""
        there, leads = (addresses(self.pair, "salesforce", name) for name in ("Contact", "Lead"))
        found = addresses(self.pair, "apollo", "contacts").items()
        return next(
            (a, ids[0]) for a, ids in found if len(ids) == len(there.get(a, ())) == 1 and a not in leads
        )


@contextmanager
def keep(folder: Path, **sync: Any) -> Iterator[Kept]:
    """A pair at rest, with what its store holds; `sync` is what the sync says besides its preset."""
    with Pair(folder, f"sqlite:///{folder}/store.sqlite3", dataset="20", sync=sync) as pair:
        pair.run_until_quiet()
        yield Kept(pair, stored(pair.database))
