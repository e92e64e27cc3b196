"""The store on both databases, for tests of the engine and the store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncline.store.database import close_store, open_store
from tests.property.world import World, empty_store


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty store; the test runs once for each database."""
    database: str = request.param
    if database == "sqlite":
        url = f"sqlite:///{_shared_folder(tmp_path_factory)}/engine.sqlite3"
    else:
        url = request.getfixturevalue("postgres_cluster").url("engine")
    open_store(url)
    empty_store()
    yield database
    close_store()


def _shared_folder(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "engine-store"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def world(store: str) -> World:
    """Two empty systems and a sync between them."""
    return World()
