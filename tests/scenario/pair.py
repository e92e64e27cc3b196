"""Two stand-ins, a settings file over them, and the real processes of a sync between them."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from syncline.store.database import close_store, open_store
from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.scenario.nursery import Nursery

SYSTEMS = ("apollo", "salesforce")
CREDENTIALS = {
    "apollo": ("api_key",),
    "customeros": ("api_key",),
    "salesforce": ("client_id", "client_secret"),
}
SECONDS = 120.0
EVERY = 0.01
NURSERY = Nursery()


@dataclass(frozen=True)
class Ended:
    """A command that came to its end: its exit code, its JSON document and what it said besides."""

    code: int
    output: str
    said: str

    @property
    def document(self) -> Any:
        """The JSON the command printed."""
        return json.loads(self.output)

    @property
    def error(self) -> dict[str, str]:
        """The code, message and cure of a command that failed."""
        found: dict[str, str] = self.document["error"]
        return found


class SyncProcess:
    """A command of the program, at work in a process of its own."""

    def __init__(self, arguments: list[str], environ: Mapping[str, str], folder: Path) -> None:
        self._said = (folder / "said.txt").open("w+")
        self._output = (folder / "output.txt").open("w+")
        self.process = NURSERY.start(arguments, environ, folder, self._output, self._said)

    def until(self, came: Callable[[], bool]) -> bool:
        """Wait until something came about, or the process ended; whether it came about while it was alive."""
        deadline = time.monotonic() + SECONDS
        while self.process.poll() is None:
            if came():
                return True
            assert time.monotonic() < deadline, "it neither came about nor did the process end"
            self.stays(EVERY)
        return False

    def stays(self, seconds: float) -> bool:
        """Let the process work for that long; whether it is alive after it."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def said(self) -> str:
        """What it has said so far besides its output: its log."""
        return Path(self._said.name).read_text()

    def kill(self) -> None:
        """End it by SIGKILL, and make sure that nothing is left of it."""
        self.process.kill()
        assert self.process.wait(SECONDS) == -signal.SIGKILL
        self._read()
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return
        raise AssertionError("a child of the killed process is alive")

    def end(self, seconds: float = SECONDS) -> Ended:
        """Wait for its end."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        output, said = self._read()
        return Ended(code, output, said)

    def _read(self) -> tuple[str, str]:
        texts = []
        for file in (self._output, self._said):
            file.seek(0)
            texts.append(file.read())
            file.close()
        return texts[0], texts[1]


@dataclass
class Pair:
    """The stand-ins of two systems out of one world, left and right, and a sync of their preset.

    `options` are those of each connection, `sync` what the sync says besides its preset.
    """

    folder: Path
    database: str
    dataset: str = "empty"
    seed: int = 1
    systems: tuple[str, str] = SYSTEMS
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sync: Mapping[str, Any] = field(default_factory=dict)
    sandboxes: dict[str, RunningSandbox] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        for system in self.systems:
            self.start(system)
        self.environ = {**os.environ, "DATABASE": self.database, "XDG_STATE_HOME": str(self.folder)}
        for system in self.systems:
            for name, value in self.sandboxes[system].credentials.items():
                self.environ[f"{system}_{name}".upper()] = str(value)
        self.write_settings()
        open_store(self.database)
        close_store()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sandbox in self.sandboxes.values():
            sandbox.stop()

    def start(self, system: str) -> None:
        """Start a stand-in, or start it again where it was."""
        before = self.sandboxes.get(system)
        self.sandboxes[system] = start_sandbox(
            system,
            dataset=self.dataset,
            seed=self.seed,
            state=str(self.folder / f"{system}.sqlite3"),
            port=before.port if before else 0,
        )

    def settings(self) -> dict[str, Any]:
        """The settings document."""
        left, right = self.systems
        return {
            "version": 1,
            "database": "env:DATABASE",
            "connections": {
                system: {
                    "system": system,
                    "base_url": self.sandboxes[system].base_url,
                    "credentials": {n: "env:" + f"{system}_{n}".upper() for n in CREDENTIALS[system]},
                    "options": dict(self.options.get(system, {})),
                }
                for system in self.systems
            },
            "syncs": {"crm": {"left": left, "right": right, "preset": f"{left}-{right}", **self.sync}},
        }

    @property
    def file(self) -> Path:
        return self.folder / "syncline.yaml"

    def write_settings(self, document: Mapping[str, Any] | None = None) -> None:
        """Put a settings document where the commands look for it."""
        self.file.write_text(yaml.safe_dump(self.settings() if document is None else dict(document)))

    def command(self, *arguments: str) -> SyncProcess:
        """Start a command of the program."""
        return SyncProcess([*arguments, "--json", "--settings", str(self.file)], self.environ, self.folder)

    def at_work(self, folder: Path) -> SyncProcess:
        """Start what works by itself on such a database: `serve` on SQLite, `worker` on PostgreSQL."""
        serves = self.database.startswith("sqlite")
        words = ["serve", "--listen", "127.0.0.1:0"] if serves else ["worker"]
        return SyncProcess([*words, "--settings", str(self.file)], self.environ, folder)

    def ask(self, *arguments: str) -> Ended:
        """A command, carried out to its end."""
        return self.command(*arguments).end()

    def run(self) -> dict[str, Any]:
        """A run that is done, with what it did."""
        ended = self.ask("run", "--yes")
        assert ended.code == 0, (ended.output, ended.said)
        found: dict[str, Any] = ended.document
        assert found["status"] == "done", found
        return found

    def run_until_quiet(self, most: int = 8) -> list[dict[str, Any]]:
        """Runs until one writes nothing; the last one is quiet."""
        runs = []
        for _ in range(most):
            before = self.requests()
            runs.append(self.run())
            if not writes(before, self.requests()):
                return runs
        raise AssertionError(f"the sync does not come to rest: {[run['results'] for run in runs]}")

    def requests(self) -> dict[str, dict[str, int]]:
        """How often each route of each stand-in was asked."""
        return {system: self.sandboxes[system].control("GET", "/requests") for system in self.systems}

    def fault(self, system: str, **rule: Any) -> None:
        """Tell a stand-in to misbehave."""
        self.sandboxes[system].control("POST", "/faults", rule)

    def hits(self, system: str) -> int:
        """How often a stand-in misbehaved since it was told to."""
        return sum(rule["hits"] for rule in self.sandboxes[system].control("GET", "/faults")["faults"])

    def heal(self) -> None:
        """Forget all faults."""
        for sandbox in self.sandboxes.values():
            sandbox.control("DELETE", "/faults")

    def records(self, system: str, object_type: str) -> list[dict[str, Any]]:
        """All records of a stand-in, by its own count."""
        found: list[dict[str, Any]] = self.sandboxes[system].control("GET", f"/records/{object_type}")[
            "records"
        ]
        return found

    def put(self, system: str, object_type: str, id_: str = "", **values: Any) -> dict[str, Any]:
        """A person creates a record, or edits the one of that id."""
        path = f"/records/{object_type}" + (f"/{id_}" if id_ else "")
        done: dict[str, Any] = self.sandboxes[system].control("POST", path, values)
        return done

    @contextmanager
    def store(self) -> Iterator[None]:
        """The store of the sync, to look into."""
        open_store(self.database, migrate=False)
        try:
            yield
        finally:
            close_store()


def writes(before: Mapping[str, Mapping[str, int]], after: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """The calls between two counts that may have changed something, by system and route."""
    return {
        f"{system} {route}": count - before[system].get(route, 0)
        for system in after
        for route, count in after[system].items()
        if count > before[system].get(route, 0) and is_write(route)
    }


def is_write(route: str) -> bool:
    """Whether a route of a stand-in changes records."""
    method, _, path = route.partition(" ")
    reads = ("/search", "/token", "/sobjects/{object}", "/api_usage_stats", "/query")
    return method in {"POST", "PATCH", "PUT", "DELETE"} and not path.endswith(reads)
