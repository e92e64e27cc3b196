"""A PostgreSQL server for tests: in a temporary folder, on a free port, gone when the test process is."""

import atexit
import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

PREFIX = "syncline-postgres-"
DEADLINE = 60
REQUIRED = "SYNCLINE_TEST_POSTGRES"
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "listen_addresses": "127.0.0.1",
}


class PostgresMissingError(RuntimeError):
    """The tests were told that PostgreSQL must be there, and it is not."""


class PostgresFailedError(RuntimeError):
    """A PostgreSQL program ended with an error; the message is what it wrote."""


class PostgresCluster:
    """A server that belongs to this process; never one that was running before.

    Use it as a context manager, or call `start` and `stop`. A process that dies without stopping leaves its
    server behind; the next `start` on the machine ends it.
    """

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self._folder: Path | None = None
        self._password = secrets.token_hex(16)
        self._databases: set[str] = set()
        self.port = 0

    @classmethod
    def find(cls, places: Iterable[Path] | None = None) -> Self | None:
        """A cluster, not yet started; None if the programs are missing, unless they are required."""
        binaries = _find_binaries(usual_places() if places is None else places)
        if binaries and (os.geteuid() != 0 or _has_user("postgres")):
            return cls(binaries)
        if os.environ.get(REQUIRED) == "required":
            raise PostgresMissingError(
                f"{REQUIRED}=required, but initdb and a user to run it as were not found"
            )
        return None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Make the cluster and wait until it answers."""
        self._sweep()
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        atexit.register(self.stop)
        (self._folder / "owner").write_text(str(os.getpid()))
        password_file = self._folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres")
            shutil.chown(password_file, "postgres")
        self._run(
            "initdb", "--pgdata", self._data, "--username", "syncline", "--auth", "scram-sha-256",
            "--pwfile", password_file, "--encoding", "UTF8", "--locale", "C", "--no-sync",
        )  # fmt: skip
        self.port = _free_port()
        self.resume()

    def halt(self) -> None:
        """Take the server away at once, as a crash of its machine would; `resume` brings it back."""
        self._run("pg_ctl", "stop", "-D", self._data, "-m", "immediate", "-w", "-t", str(DEADLINE))

    def resume(self) -> None:
        """Start the server where it was, and wait until it answers."""
        settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        options = f"-p {self.port} -k {self._data.parent} {settings}"
        log = self._data.parent / "server.log"
        self._run("pg_ctl", "start", "-D", self._data, "-l", log, "-o", options, "-w", "-t", str(DEADLINE))

    def stop(self) -> None:
        """End the server and remove its folder; calling it twice does no harm."""
        folder, self._folder = self._folder, None
        atexit.unregister(self.stop)
        self._databases.clear()
        if folder:
            self._remove(folder)

    def url(self, database: str) -> str:
        """The address of a database, made first if it is not there."""
        if database not in self._databases:
            self._create(database)
        return self._url(database)

    def drop(self, database: str) -> None:
        """Remove a database together with the connections to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        self._databases.discard(database)

    @property
    def _data(self) -> Path:
        if self._folder is None:
            raise PostgresFailedError("the cluster is not started")
        return self._folder / "data"

    def _url(self, database: str) -> str:
        return f"postgresql://syncline:{self._password}@127.0.0.1:{self.port}/{database}"

    def _create(self, database: str) -> None:
        with contextlib.suppress(psycopg.errors.DuplicateDatabase):
            self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        self._databases.add(database)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _sweep(self) -> None:
        """End the servers of test processes that were killed before they could."""
        for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError, ValueError):
                owner = int((folder / "owner").read_text())
                if not _is_alive(owner):
                    self._remove(folder)

    def _remove(self, folder: Path) -> None:
        with contextlib.suppress(PostgresFailedError):  # it may never have started
            self._run("pg_ctl", "stop", "-D", folder / "data", "-m", "immediate", "-w", "-t", str(DEADLINE))
        shutil.rmtree(folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str | Path) -> None:
        # PostgreSQL refuses to run as root.
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*prefix, str(self.binaries / program), *map(str, arguments)]
        # pg_ctl's server inherits its output: a pipe would never close, so what it says goes to a file.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False
            )
            output.seek(0)
            if done.returncode:
                raise PostgresFailedError(f"{program} ended with {done.returncode}: {output.read().strip()}")


def usual_places() -> list[Path]:
    """Folders that may hold the programs: that of the PATH, then what Debian installed, newest first."""
    on_path = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return ([Path(on_path).resolve().parent] if on_path else []) + installed


def _find_binaries(places: Iterable[Path]) -> Path | None:
    programs = ("initdb", "pg_ctl", "postgres")
    return next((place for place in places if all((place / name).exists() for name in programs)), None)


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives and is another user's
        return True
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
