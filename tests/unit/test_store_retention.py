"""History older than the settings say is let go, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncline.store import retention, runs
from syncline.store.database import close_store, open_store
from syncline.store.error_log import SyncError
from syncline.store.models import Action, Run
from syncline.store.runs import RunStatus

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[None]:
    open_store(f"sqlite:///{tmp_path}/store.sqlite3")
    yield
    close_store()


def ended(days_ago: int, status: RunStatus = RunStatus.DONE) -> Run:
    row = runs.unplanned("main", "settings", None, NOW - days_ago * DAY)
    row.status, row.ended_at = status, NOW - days_ago * DAY
    row.save()
    Action.objects.create(
        run_id=row.pk, sync="main", op="skip", kind="person", side="left", phase=0, status="skipped"
    )
    return row


def prune() -> int:
    return retention.prune("main", runs_before=NOW - 30 * DAY, errors_before=NOW - 10 * DAY)


def left() -> set[int]:
    return set(Run.objects.values_list("pk", flat=True))


def test_old_runs_go_with_their_journal_and_young_ones_stay() -> None:
    old, young = ended(31), ended(29)
    assert prune() == 1
    assert left() == {young.pk}
    assert set(Action.objects.values_list("run_id", flat=True)) == {young.pk}
    assert old.pk != young.pk


def test_the_newest_finished_run_stays_however_old_it_is() -> None:
    first, last = ended(90), ended(60)
    assert prune() == 1
    assert left() == {last.pk} != {first.pk}


def test_a_run_with_a_write_of_unknown_outcome_stays() -> None:
    lost, _ = ended(90, RunStatus.FAILED), ended(1)
    Action.objects.filter(run_id=lost.pk).update(status="open")
    assert prune() == 0
    assert lost.pk in left()


def test_resolved_errors_go_and_open_ones_stay() -> None:
    def error(resolved: datetime | None) -> None:
        SyncError.objects.create(
            sync="main", kind="person", side="left", error_class="validation", code="X", message="x",
            first_seen=NOW - 90 * DAY, last_seen=NOW - 90 * DAY, run_id=1, resolved_at=resolved,
        )  # fmt: skip

    error(NOW - 11 * DAY)
    error(NOW - 9 * DAY)
    error(None)
    prune()
    assert SyncError.objects.count() == 2
