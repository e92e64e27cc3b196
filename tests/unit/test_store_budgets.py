"""The calls of a connection are counted once for all who make them, on both databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from syncline.config.budget import Budget
from syncline.core.budget import FullWindow, Ticket, Window, WindowUsage, Work
from syncline.service.ledger import StoredLedger
from syncline.store import budgets
from syncline.store.database import close_store

START = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
MINUTE, HOUR = Window("minute", timedelta(minutes=1)), Window("hour", timedelta(hours=1))
ALL = Window("minute", timedelta(minutes=1), shared=True, limit=5)
pytestmark = pytest.mark.usefixtures("store")


def take(connection: str, now: datetime = START, *, endpoint: str = "GET /x", share: float = 1.0) -> Ticket:
    found = budgets.take_call(connection, endpoint, (MINUTE, HOUR), share, now)
    assert isinstance(found, Ticket), found
    return found


def told(connection: str, ticket: Ticket, used: int, limit: int, now: datetime = START) -> None:
    said = [WindowUsage("minute", used, 1000), WindowUsage("hour", used, limit)]
    budgets.settle_call(connection, ticket, (MINUTE, HOUR), said, now)


@pytest.mark.proves("C6")
def test_many_at_once_never_get_the_same_place(store: str) -> None:
    told("apollo", take("apollo"), 1, 60)

    def hammer(_worker: int) -> Counter[str]:
        results: Counter[str] = Counter()
        try:
            for _ in range(25):
                found = budgets.take_call("apollo", "GET /x", (MINUTE, HOUR), 1.0, START)
                results[type(found).__name__] += 1
                if isinstance(found, Ticket):
                    budgets.settle_call("apollo", found, (MINUTE, HOUR), [], START)
        finally:
            close_store()
        return results

    with ThreadPoolExecutor(4) as pool:
        results = sum(pool.map(hammer, range(4)), Counter[str]())
    assert results == {"Ticket": 59, "FullWindow": 41}
    assert {count.window.name: count.used for _, count in budgets.counts("apollo")} == {
        "minute": 60,
        "hour": 60,
    }
    assert budgets.calls_of_last_day(["apollo"], START) == {"apollo": 60}


def test_rows_are_made_once_when_many_begin_at_once(store: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: begin(), range(4)))
    assert all(isinstance(each, Ticket) for each in found)
    assert [count.used for _, count in budgets.counts("fresh")] == [4, 4]


def begin() -> object:
    try:
        return budgets.take_call("fresh", "GET /x", (MINUTE, HOUR), 1.0, START)
    finally:
        close_store()


def test_connections_and_endpoints_are_counted_apart_and_shared_windows_together() -> None:
    told("apollo", take("apollo"), 1, 1)
    assert isinstance(budgets.take_call("apollo", "GET /x", (MINUTE, HOUR), 1.0, START), FullWindow)
    take("apollo", endpoint="GET /y")
    take("other")
    for number in range(5):
        assert isinstance(budgets.take_call("tenant", f"GET /{number}", (ALL,), 1.0, START), Ticket)
    full = budgets.take_call("tenant", "GET /new", (ALL,), 1.0, START)
    assert isinstance(full, FullWindow)
    assert (full.endpoint, full.used, full.allowed, full.until) == (None, 5, 5, START + ALL.length)


@pytest.mark.proves("C6")
def test_work_by_hand_may_use_what_is_kept_for_it() -> None:
    told("apollo", take("apollo"), 1, 10)
    ledger = StoredLedger("apollo", Budget(share=0.8, reserve=0.25))
    taken = 1
    while isinstance(ledger.take("GET /x", (MINUTE, HOUR), START), Ticket):
        taken += 1
    assert taken == 6
    with ledger.doing(Work.BY_HAND):
        while isinstance(ledger.take("GET /x", (MINUTE, HOUR), START), Ticket):
            taken += 1
    assert taken == 8
    assert isinstance(ledger.take("GET /x", (MINUTE, HOUR), START), FullWindow)


@pytest.mark.proves("C6")
def test_a_sweep_leaves_calls_for_all_other_work() -> None:
    told("apollo", take("apollo"), 1, 10)
    ledger = StoredLedger("apollo", Budget(share=0.8, reserve=0.25))
    taken = 1
    with ledger.doing(Work.SWEEP):
        while isinstance(ledger.take("GET /x", (MINUTE, HOUR), START), Ticket):
            taken += 1
    assert taken == 4
    while isinstance(ledger.take("GET /x", (MINUTE, HOUR), START), Ticket):
        taken += 1
    assert taken == 6
    assert Budget(share=0.5, reserve=0.75).part(Work.SWEEP) == 0.125, "never more than runs may use"


def test_a_call_within_a_transaction_is_a_mistake() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        take("apollo")
    assert budgets.counts("apollo") == []


def test_calls_are_remembered_by_hour_for_a_day() -> None:
    for hours in (0, 0, 1, 25):
        take("apollo", START - timedelta(hours=hours))
    assert budgets.calls_of_last_day(["apollo", "quiet"], START) == {"apollo": 3, "quiet": 0}
    assert budgets.calls_by_endpoint("apollo", START) == {"GET /x": 3}
    assert budgets.calls_of_last_day(["apollo"], START - timedelta(hours=2)) == {"apollo": 1}
    budgets.prune(START + timedelta(hours=47, minutes=15))
    assert budgets.calls_of_last_day(["apollo"], START + timedelta(hours=22)) == {"apollo": 2}


def test_what_was_known_of_the_windows_can_be_forgotten() -> None:
    told("apollo", take("apollo"), 1, 1)
    budgets.forget("apollo")
    told("apollo", take("apollo"), 2, 100)
    assert [count.used for _, count in budgets.counts("apollo")] == [2, 2]
    assert budgets.calls_of_last_day(["apollo"], START) == {"apollo": 2}
