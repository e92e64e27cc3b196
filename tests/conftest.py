"""Fixtures every folder of tests may use."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from syncline.testing.postgres import PostgresCluster, PostgresMissingError

# How long one example may take says more about the machine's other work than about the code.
settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")

pytest_plugins = ["tests.rules_report"]


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """A PostgreSQL server of our own, one per test process, gone at the end of the session."""
    try:
        cluster = PostgresCluster.find()
    except PostgresMissingError as error:
        pytest.fail(str(error))
    if cluster is None:
        pytest.skip("PostgreSQL is not installed (package postgresql)")
    with cluster:
        yield cluster


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse a set of parameters: its order differs between processes, which then name other tests."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        if len(mark.args) > 1 and isinstance(mark.args[1], set | frozenset):
            raise TypeError(f"{metafunc.definition.nodeid}: sort the set its parameters come from")
