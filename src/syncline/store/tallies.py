"""Tallies: what happened since the database was made, in numbers that only grow, so that they can be watched."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.db import connection, transaction

from syncline.store.bulk import quoted
from syncline.store.tally_tables import Tally


class Measure(StrEnum):
    """What is counted."""

    RUNS = "runs"
    """Of a sync, by how they ended."""
    RECORDS = "records"
    """Of a sync, by what a run did to them."""
    CALLS = "calls"
    """Of a connection, by method and endpoint."""


RECORDS = (
    "created", "updated", "linked", "agreed", "ended", "moved links", "deleted", "held", "rejected", "skipped",
)  # fmt: skip
"""What a run can do to a record: the rest of its results is still open, or left to the next one."""


def count_run(sync: str, status: str, earlier: Mapping[str, int], results: Mapping[str, int]) -> None:
    """Count a run that ended, and what it did since it ended before: one that was stopped goes on with its plan."""
    more = {name: results.get(name, 0) - earlier.get(name, 0) for name in RECORDS}
    add(Measure.RUNS, sync, {str(status): 1})
    add(Measure.RECORDS, sync, more)


def count_calls(calls: Mapping[str, Mapping[str, int]]) -> None:
    """Count calls, by connection, method and endpoint."""
    for connection_name, by_endpoint in calls.items():
        add(Measure.CALLS, connection_name, by_endpoint)


def add(measure: Measure, name: str, counts: Mapping[str, int]) -> None:
    """Add to the numbers of a sync or connection, by label. Processes that do so at once lose nothing."""
    rows = [(measure.value, name, label[:200], n) for label, n in sorted(counts.items()) if n > 0]
    if not rows:
        return
    column = quoted(Tally)
    table, value = column(None), connection.ops.quote_name("value")
    names = ", ".join(map(connection.ops.quote_name, ("measure", "name", "label")))
    sql = (
        f"INSERT INTO {table} ({names}, {value}) VALUES (%s, %s, %s, %s) "  # noqa: S608 - names of our own table
        f"ON CONFLICT ({names}) DO UPDATE SET {value} = {table}.{value} + EXCLUDED.{value}"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def all_of() -> list[tuple[Measure, str, str, int]]:
    """Every number, by measure, name and label."""
    rows = Tally.objects.order_by("measure", "name", "label").values_list("measure", "name", "label", "value")
    return [(Measure(measure), name, label, value) for measure, name, label, value in rows]
