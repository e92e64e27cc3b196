"""A database is backed up in the middle of a run, lost, restored, and its sync goes on with it."""

import shutil
import stat
import subprocess
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from random import Random

import pytest

from syncline.core.plan import ActionStatus
from syncline.store.models import Action
from syncline.testing.postgres import PostgresCluster
from tests.scenario.kept import Kept
from tests.scenario.killer import COMMITS
from tests.scenario.pair import Pair
from tests.scenario.people import People, people_by_address

NEW_IN_APOLLO = COMMITS[0]
TYPES = {"apollo": ("contacts", "accounts"), "salesforce": ("Contact", "Lead", "Account")}
NUMBERS = count(100, 100)
Postgres = Callable[..., None]


@pytest.fixture
def postgres(kept: Kept, request: pytest.FixtureRequest) -> Postgres:
    """Runs PostgreSQL's own programs on the database."""

    def run(program: str, *words: str) -> None:
        cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
        command = [str(cluster.binaries / program), *words, f"--dbname={kept.pair.database}"]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr

    return run


@pytest.mark.proves("O4")
def test_a_restored_database_writes_nothing_that_was_written_since(
    kept: Kept, tmp_path: Path, postgres: Postgres, request: pytest.FixtureRequest
) -> None:
    kept.fill()
    kept.rests()
    people = People(kept.pair, Random(3), number=next(NUMBERS))
    start = people_by_address(kept.pair)
    backup = _back_up_in_a_run(kept, people, tmp_path, postgres)
    _work(kept, people)
    lost = _counts(kept.pair)
    if kept.pair.database.startswith("sqlite"):
        _restore_file(kept.pair.database, backup)
    else:
        _empty(kept.pair.database, request.getfixturevalue("postgres_cluster"))
        postgres("pg_restore", "--no-owner", str(backup))
    with kept.pair.store():
        assert Action.objects.filter(status=ActionStatus.OPEN).exists(), "nothing was on its way"
    assert kept.rests() == {}
    assert _counts(kept.pair) == lost
    _nobody_is_doubled(start, people_by_address(kept.pair))
    kept.agrees()
    people.promote("apollo")
    assert kept.ask("run").json["results"]["updated"] == 3


def test_a_backup_is_refused_where_it_would_do_harm(kept: Kept, tmp_path: Path) -> None:
    target = tmp_path / "backup.sqlite3"
    if not kept.pair.database.startswith("sqlite"):
        error = kept.ask("backup", str(target)).error
        assert error["code"] == "store"
        assert "pg_dump" in error["cure"]
        return
    assert "there is no database" in kept.ask("backup", str(target)).error["message"]
    kept.fill()
    assert "folder" in kept.ask("backup", str(tmp_path / "nowhere" / "b.sqlite3")).error["cure"]
    target.write_text("precious")
    assert "exists already" in kept.ask("backup", str(target)).error["message"]
    assert target.read_text() == "precious"
    assert kept.program is not None
    assert "and the copy checked" in kept.program.type("backup", str(tmp_path / "other.sqlite3")).out
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []


def _back_up_in_a_run(kept: Kept, people: People, folder: Path, postgres: Postgres) -> Path:
    """Just when Apollo has made somebody and its answer is not there yet; the run dies afterwards."""
    NEW_IN_APOLLO.cause(people)
    kept.pair.fault(NEW_IN_APOLLO.system, **NEW_IN_APOLLO.rules[0])
    process = kept.start(folder, "run")
    assert process.until(lambda: kept.pair.hits(NEW_IN_APOLLO.system) > 0), process.end()
    file = folder / "backup"
    if kept.pair.database.startswith("sqlite"):
        made = kept.ask("backup", str(file)).json
        assert made == {"file": str(file), "bytes": file.stat().st_size}
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    else:
        postgres("pg_dump", "--format=custom", f"--file={file}")
    process.kill()
    kept.pair.heal()
    return file


def _work(kept: Kept, people: People) -> None:
    """All that the backup does not know of: people come, change and found companies, and it is synced."""
    for system in ("apollo", "salesforce"):
        people.hire(system)
        people.found(system)
        people.promote(system)
        people.move(system)
    assert kept.rests()


def _restore_file(database: str, backup: Path) -> None:
    """Lose the file with its neighbours, and put the backup in its place."""
    file = Path(database.removeprefix("sqlite:///"))
    for lost in file.parent.glob(f"{file.name}*"):
        lost.unlink()
    shutil.copy(backup, file)


def _empty(database: str, cluster: PostgresCluster) -> None:
    name = database.rpartition("/")[2]
    cluster.drop(name)
    assert cluster.url(name) == database


def _counts(pair: Pair) -> dict[str, int]:
    return {name: len(pair.records(system, name)) for system, names in TYPES.items() for name in names}


def _nobody_is_doubled(
    start: Mapping[str, Mapping[str, int]], found: Mapping[str, Mapping[str, int]]
) -> None:
    for system, people in found.items():
        doubled = {a: n for a, n in people.items() if n > max(1, start[system].get(a, 0))}
        assert not doubled, (system, doubled)
