"""Databases for stories that are told on each of them."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from syncline.testing.postgres import PostgresCluster


@pytest.fixture(scope="session", autouse=True)
def _bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Processes that tests start compile each module once, and not once each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.getbasetemp() / "bytecode"))
        yield


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


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """The address of a database in a file, where the kind of database is not what the story is about."""
    return f"sqlite:///{tmp_path}/store.sqlite3"
