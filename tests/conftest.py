"""Fixtures every folder of tests may use."""

from collections.abc import Iterator

import pytest

from syncline.testing.postgres import PostgresCluster, PostgresMissingError

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
