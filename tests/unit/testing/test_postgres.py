import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from syncline.testing.postgres import REQUIRED, PostgresCluster, PostgresMissingError

ABANDON = """
import os
from syncline.testing.postgres import PostgresCluster
cluster = PostgresCluster.find()
cluster.start()
print(cluster.url("left_behind"), flush=True)
os._exit(9)
"""


def test_databases_of_one_cluster_are_apart(postgres_cluster: PostgresCluster) -> None:
    with psycopg.connect(postgres_cluster.url("one"), autocommit=True) as connection:
        connection.execute("CREATE TABLE note (text text)")
    with psycopg.connect(postgres_cluster.url("two")) as connection:
        row = connection.execute("SELECT to_regclass('note')").fetchone()
    assert row == (None,)


def test_a_dropped_database_comes_back_empty(postgres_cluster: PostgresCluster) -> None:
    with psycopg.connect(postgres_cluster.url("again"), autocommit=True) as connection:
        connection.execute("CREATE TABLE note (text text)")
    postgres_cluster.drop("again")
    with psycopg.connect(postgres_cluster.url("again")) as connection:
        row = connection.execute("SELECT to_regclass('note')").fetchone()
    assert row == (None,)


def test_the_next_start_ends_a_server_whose_owner_was_killed(postgres_cluster: PostgresCluster) -> None:
    command = [sys.executable, "-c", ABANDON]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    address = killed.stdout.strip()
    assert killed.returncode == 9, killed.stderr
    psycopg.connect(address).close()
    with PostgresCluster(postgres_cluster.binaries):
        pass
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)


def test_missing_programs_are_an_error_only_when_required(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(REQUIRED, "required")
    with pytest.raises(PostgresMissingError):
        PostgresCluster.find(places=[tmp_path])
    monkeypatch.delenv(REQUIRED)
    assert PostgresCluster.find(places=[tmp_path]) is None
