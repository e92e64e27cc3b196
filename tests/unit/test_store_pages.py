"""Rows are read page by page, in their order, and only those that are still there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from syncline.core.plan import Op
from syncline.store import actions, holds
from syncline.store.database import close_store, open_store
from syncline.store.models import Action, Hold
from syncline.store.pages import PAGE

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MANY = 2 * PAGE + 7


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[None]:
    open_store(f"sqlite:///{tmp_path}/store.sqlite3")
    yield
    close_store()


def planned() -> list[Action]:
    rows = [
        Action(run_id=1, sync="main", op="skip", kind="person", side="left", phase=n % 3, status="skipped")
        for n in range(MANY)
    ]
    return Action.objects.bulk_create(rows)


def test_all_actions_come_in_the_order_of_their_phases() -> None:
    rows = planned()
    expected = [row.pk for row in sorted(rows, key=lambda row: (row.phase, row.pk))]
    assert [row.pk for row in actions.of_run(1, [Op.SKIP])] == expected
    assert [row.pk for row in actions.of_run(1, limit=PAGE + 1)] == expected[: PAGE + 1]
    assert [*actions.of_run(1, [Op.CREATE])] == [*actions.of_run(2)] == []


def test_no_more_than_a_page_is_read_before_it_is_asked_for() -> None:
    planned()
    with CaptureQueriesContext(connection) as asked:
        next(actions.of_run(1))
        numbers, page = asked.captured_queries
    assert "fields" not in numbers["sql"].partition("FROM")[0]
    assert page["sql"].count(", ") > PAGE - 1
    with CaptureQueriesContext(connection) as asked:
        assert sum(1 for _ in actions.of_run(1)) == MANY
    assert len(asked) == 1 + 3


def test_rows_that_go_meanwhile_are_left_out() -> None:
    planned()
    shown = actions.of_run(1)
    read_already = [next(shown) for _ in range(PAGE)]
    Action.objects.filter(phase=1).delete()
    assert {row.phase for row in read_already} == {0, 1}
    assert {row.phase for row in shown} == {2}


def test_the_causes_of_holds_are_counted_by_the_database() -> None:
    told = {"sync": "main", "kind": "person", "side": "left", "run_id": 1, "opened_at": NOW}
    made = [("user", "no counterpart")] * 3 + [("duplicate", "two of them")]
    Hold.objects.bulk_create([Hold(**told, code=code, cause=cause) for code, cause in made])
    Hold.objects.create(**told, code="user", cause="no counterpart", state="closed")
    assert holds.by_cause("main") == [("duplicate", "two of them", 1), ("user", "no counterpart", 3)]
    assert sum(1 for _ in holds.listed("main")) == holds.count("main") == 4
