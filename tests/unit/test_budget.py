"""How calls are counted in a vendor's windows, step by step."""

from datetime import UTC, datetime, timedelta

import pytest

from syncline.core.budget import (
    Ticket,
    Window,
    WindowCount,
    WindowUsage,
    allowed,
    correct,
    new_count,
    stub,
    take,
)
from syncline.core.forecast import WindowAllowance, least_time

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = Window("minute", timedelta(minutes=1))
DAY = Window("24 hours", timedelta(hours=1), shared=True, rolling=True)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Worker:
    """Makes calls one by one and hears the answers when a test says so."""

    def __init__(self, window: Window = MINUTE, share: float = 1.0) -> None:
        self.share = share
        self.counts: list[WindowCount] = [new_count(window, START)]

    @property
    def count(self) -> WindowCount:
        return self.counts[0]

    def call(self, now: datetime) -> Ticket | None:
        self.counts, full = take(self.counts, self.share, now)
        return None if full else Ticket("GET /x", {self.count.window.name: stub(self.count)})

    def hears(
        self, ticket: Ticket | None, used: int, limit: int | None, now: datetime, ends: datetime | None = None
    ) -> None:
        assert ticket is not None
        self.counts = correct(
            self.counts, ticket, [WindowUsage(self.count.window.name, used, limit, ends)], now
        )


def test_the_part_of_a_limit_that_may_be_used_is_rounded_down_but_never_nothing() -> None:
    assert [allowed(400, 0.8), allowed(400, 0.8 * (1 - 0.1)), allowed(5, 0.8)] == [320, 288, 4]
    assert [allowed(1, 0.8), allowed(0, 0.8), allowed(2000, 1.0), allowed(10, 0.7 / 7 * 3)] == [1, 0, 2000, 3]


def test_a_window_ends_a_length_after_its_first_answer() -> None:
    worker = Worker()
    first = worker.call(START)
    assert worker.count.resets_at == at(60)
    second = worker.call(at(1))
    worker.hears(first, 1, 10, at(5))
    worker.hears(second, 2, 10, at(9))
    assert worker.count.resets_at == at(65)


def test_calls_without_an_answer_count_in_the_next_window_too() -> None:
    worker = Worker()
    worker.hears(worker.call(START), 1, 3, START)
    assert all(worker.call(at(59)) for _ in range(2))
    assert worker.call(at(59)) is None
    assert worker.call(at(60)) is not None
    assert (worker.count.used, worker.call(at(60))) == (3, None)


def test_a_late_answer_never_lowers_a_count() -> None:
    worker = Worker()
    worker.hears(worker.call(START), 1, 10, START)
    late = worker.call(at(1))
    for used in (3, 4, 5):
        worker.hears(worker.call(at(2)), used, 10, at(2))
    worker.hears(late, 2, 10, at(3))
    assert worker.count.used == 5
    worker.hears(worker.call(at(4)), 6, 10, at(4))
    assert worker.count.used == 6


def test_a_late_answer_brings_no_old_limit_back() -> None:
    worker = Worker()
    late = worker.call(START)
    worker.hears(worker.call(START), 2, 4, START)
    worker.hears(late, 1, 10, at(1))
    assert worker.count.limit == 4
    worker.hears(worker.call(at(1)), 3, 20, at(1))
    assert worker.count.limit == 20


def test_a_count_that_fell_since_the_answer_before_shows_that_the_vendor_began_anew() -> None:
    worker = Worker()
    worker.hears(worker.call(START), 8, 10, START)
    beside = worker.call(at(29))
    worker.hears(worker.call(at(30)), 1, 10, at(30))
    assert (worker.count.used, worker.count.resets_at) == (2, at(90))
    worker.hears(beside, 9, 10, at(31))
    assert worker.count.used == 2


def test_calls_of_others_are_counted_as_soon_as_the_vendor_tells() -> None:
    worker = Worker(share=0.8)
    first, second = worker.call(START), worker.call(START)
    worker.hears(first, 7, 10, START)
    assert worker.count.used == 8
    assert worker.call(at(1)) is None
    worker.hears(second, 8, 10, at(1))
    assert worker.call(at(60)) is not None


def test_an_exhausted_window_ends_when_the_vendor_says_but_no_later_than_it_can() -> None:
    worker = Worker()
    worker.hears(worker.call(START), 10, 10, at(0), at(20))
    assert worker.count.resets_at == at(20)
    worker.hears(worker.call(at(20)), 10, 10, at(20), at(9999))
    assert worker.count.resets_at == at(80)


def test_a_vendor_that_drops_its_limit_is_not_held_to_it() -> None:
    worker = Worker()
    worker.hears(worker.call(START), 1, 1, START)
    assert worker.call(START) is None
    worker.hears(worker.call(at(60)), 0, None, at(60))
    assert all(worker.call(at(60)) for _ in range(50))


def test_a_clock_that_went_back_makes_no_window_longer_than_it_is() -> None:
    worker = Worker()
    worker.hears(worker.call(START), 1, 1, START)
    _, full = take(worker.counts, 1.0, at(-7200))
    assert full is not None
    assert full.resets_at == at(-7140)


@pytest.mark.proves("C6")
def test_of_a_full_rolling_day_one_call_an_hour_asks_how_it_stands() -> None:
    worker = Worker(DAY, share=0.5)
    worker.hears(worker.call(START), 50, 100, START)
    assert worker.call(at(3599)) is None
    asked = worker.call(at(3600))
    assert asked is not None
    assert worker.call(at(3600)) is None
    worker.hears(asked, 40, 100, at(3601))
    assert worker.count.left(0.5, at(3601)) == 10


def test_the_least_time_of_many_calls_is_that_of_the_windows_between_them() -> None:
    basic = [WindowAllowance(timedelta(minutes=1), 200), WindowAllowance(timedelta(hours=1), 400)]
    basic.append(WindowAllowance(timedelta(days=1), 2000))
    known = {0: 0, 1: 0, 200: 0, 201: 60, 400: 60, 401: 3600, 601: 3660, 2000: 4 * 3600 + 60, 2001: 86_400}
    assert {calls: least_time(calls, basic).total_seconds() for calls in known} == known
    assert least_time(1_000_000, []) == timedelta(0)


def test_a_window_that_shorter_ones_never_let_fill_lengthens_nothing() -> None:
    slow = [WindowAllowance(timedelta(hours=1), 10), WindowAllowance(timedelta(days=1), 1000)]
    assert least_time(241, slow) == timedelta(days=1)
    assert least_time(481, slow) == timedelta(days=2)
