"""A database that an older version filled is brought up to date, and its sync goes on where it was."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.scenario.kept import Kept
from tests.scenario.old_store import known_migrations, migrations

OLD = ("0008_erasure", "0011_standing_wait")


@pytest.mark.parametrize("migration", OLD)
@pytest.mark.proves("O4")
def test_a_filled_old_database_syncs_on(migration: str, kept: Kept) -> None:
    pair = kept.pair
    kept.fill(migration)
    assert migrations(pair.database)[-1] == migration
    kept.rests()
    assert sorted(migrations(pair.database)) == known_migrations()
    linked = sum(row["ended_at"] is None for row in kept.rows["Link"])
    assert kept.ask("status").json["linked"] >= linked

    title = f"Upgraded from {migration} on {pair.database.partition(':')[0]}"
    address, id_ = kept.somebody()
    pair.put("apollo", "contacts", id_, title=title)
    assert kept.ask("run").json["results"]["updated"] == 1
    titles = {
        row["Email"].lower(): row["Title"] for row in pair.records("salesforce", "Contact") if row["Email"]
    }
    assert titles[address] == title
    kept.agrees()


def test_a_database_of_a_newer_version_is_refused(kept: Kept) -> None:
    kept.fill()
    _execute(
        kept.pair.database,
        "INSERT INTO django_migrations (app, name, applied) VALUES ('store', '9999_later', '2030-01-01')",
    )
    before = migrations(kept.pair.database)
    for command in ("status", "run"):
        error = kept.ask(command).error
        assert error["code"] == "store-newer"
        assert "9999_later" in error["message"]
    assert migrations(kept.pair.database) == before


def test_processes_that_come_at_the_same_time_upgrade_once(kept: Kept, tmp_path: Path) -> None:
    kept.fill(OLD[0])
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    processes = [kept.start(folder, "status") for folder in folders]
    assert [process.end().code for process in processes] == [0, 0]
    done = migrations(kept.pair.database)
    assert (sorted(done), len(done)) == (known_migrations(), len(set(done)))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_upgrade_that_is_killed_leaves_the_old_database(kept: Kept, tmp_path: Path) -> None:
    """PostgreSQL alone can be held in the middle: a table that a later change needs is kept locked."""
    kept.fill(OLD[0])
    database = kept.pair.database
    with psycopg.connect(database) as holder, psycopg.connect(database, autocommit=True) as other:
        holder.execute("LOCK TABLE store_link IN ACCESS SHARE MODE")
        process = kept.start(tmp_path, "status")
        assert process.until(lambda: _waits(other)), process.end()
        process.kill()
    assert migrations(database)[-1] == OLD[0]
    assert kept.ask("status").json["linked"] > 0
    assert sorted(migrations(database)) == known_migrations()


def _waits(connection: "psycopg.Connection[tuple[int]]") -> bool:
    """Whether somebody waits for the lock on the links."""
    found = connection.execute(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'store_link'::regclass"
    ).fetchone()
    return bool(found and found[0])


def _execute(database: str, statement: str) -> None:
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
            connection.execute(statement)
            connection.commit()
    else:
        with psycopg.connect(database) as connection:
            connection.execute(statement)
