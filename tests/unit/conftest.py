"""The store on both databases, for tests of the engine and the store."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from django.db import connection

from syncline.store.database import close_store, open_store
from tests.property.world import World, empty_store
from tests.unit.scheduling import Office


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


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A store on SQLite that stays open for the tests of a module; each empties it itself."""
    open_store(f"sqlite:///{tmp_path_factory.mktemp('opened')}/store.sqlite3")
    yield
    close_store()


@pytest.fixture
def office(opened: None) -> Office:
    """A sync that has only been written into the settings."""
    empty_store()
    return Office()


@pytest.fixture
def daily(office: Office) -> Office:
    """A sync whose first run is done."""
    office.ran()
    return office


def _shared_folder(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "engine-store"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def world(store: str) -> World:
    """Two empty systems and a sync between them."""
    return World()


@pytest.fixture
def django_queries() -> Callable[[], AbstractContextManager[list[object]]]:
    """Counts the statements the store runs meanwhile."""

    @contextmanager
    def counted() -> Iterator[list[object]]:
        seen: list[object] = []

        def note(
            execute: Callable[..., object], sql: str, params: object, many: bool, context: object
        ) -> object:
            seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            yield seen

    return counted
