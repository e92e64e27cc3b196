"""Databases for stories that are told on each of them."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from syncline.testing.postgres import PostgresCluster
from tests.scenario.kept import Kept, keep
from tests.scenario.pair import NURSERY, Pair
from tests.scenario.trouble import Daily, settled_pair


@pytest.fixture(scope="session", autouse=True)
def _bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Processes that tests start compile each module once, and not once each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.getbasetemp() / "bytecode"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _nursery() -> Iterator[None]:
    """The nursery ends with the tests."""
    yield
    NURSERY.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, of one kind after the other."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.sqlite3"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    name = f"scenario_{uuid4().hex[:8]}"
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture(scope="session")
def kept_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A pair of systems that agree, and all that its store holds, to fill other databases with."""
    with keep(tmp_path_factory.mktemp("kept")) as kept:
        yield kept


@pytest.fixture
def kept(
    kept_pair: Kept, database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Kept:
    """The same for a test with an empty database, of one kind after the other."""
    return kept_pair.on(database, capsys, monkeypatch)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A pair of systems that agree; the tests of a module get into trouble with it one after the other."""
    folder = tmp_path_factory.mktemp("settled")
    with settled_pair(folder, f"sqlite:///{folder}/store.sqlite3") as pair:
        yield pair


@pytest.fixture
def daily(
    settled: Pair, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Daily]:
    """The settled pair in daily use; healed at the end."""
    try:
        yield Daily.open(settled, capsys, monkeypatch)
    finally:
        settled.heal()


@pytest.fixture
def daily_anywhere(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Daily]:
    """The same for each kind of database, with a pair of its own."""
    folder = tmp_path / "pair"
    folder.mkdir()
    with settled_pair(folder, database) as pair:
        yield Daily.open(pair, capsys, monkeypatch)


@pytest.fixture
def own_server(postgres_cluster: PostgresCluster) -> Iterator[PostgresCluster]:
    """A PostgreSQL server that may be taken away: nobody else works on it."""
    with PostgresCluster(postgres_cluster.binaries) as cluster:
        yield cluster


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with little room, for those who may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "syncline-test", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("no disk of its own may be mounted here (that takes root)")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)
