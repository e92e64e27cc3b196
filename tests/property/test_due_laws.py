"""Laws of what is due: never early, never twice for one slot, one run after a downtime, no storm and no standstill."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline.config.timing import Every, Timing, time_zone, timing
from syncline.service.due import Due, Rhythm

START = datetime(2026, 3, 28, 12, tzinfo=UTC)
LENGTHS = st.integers(1, 100_000).map(lambda seconds: Every(timedelta(seconds=seconds)))
CRONS = st.sampled_from(
    ["* * * * *", "*/20 8-18 * * mon-fri", "30 2 * * *", "0 * * * *", "0 0 1 * *", "59 23 * * sun"]
).map(timing)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]).map(time_zone)
RHYTHMS = st.builds(Rhythm, LENGTHS | CRONS, ZONES)
PASSING = st.lists(st.integers(0, 200_000), min_size=1, max_size=12)
"""Seconds from one look at the clock to the next."""


def lived(rhythm: Rhythm, passing: Sequence[int], now: datetime = START) -> list[tuple[datetime, Due, Due]]:
    """Every slot that was taken: when, what it was, and what came next."""
    due, found = rhythm.first(now), []
    for seconds in passing:
        now += timedelta(seconds=seconds)
        due = rhythm.kept(due, now)
        if due.due_at <= now:
            after = rhythm.taken(due, now)
            found.append((now, due, after))
            due = after
    return found


@pytest.mark.proves("P1")
@given(rhythm=RHYTHMS, passing=PASSING)
def test_nothing_begins_early_and_no_slot_twice(rhythm: Rhythm, passing: Sequence[int]) -> None:
    taken = lived(rhythm, passing)
    for now, before, after in taken:
        assert before.due_at <= now < after.due_at
    slots = [after.slot_at for _, _, after in taken]
    assert all(slots)
    assert len(set(slots)) == len(slots)


@pytest.mark.proves("P1")
@given(rhythm=RHYTHMS, passing=PASSING, down=st.integers(0, 10_000_000))
def test_after_a_downtime_one_run_makes_up_for_all(rhythm: Rhythm, passing: Sequence[int], down: int) -> None:
    taken = lived(rhythm, passing)
    due = taken[-1][2] if taken else rhythm.first(START)
    now = max(START + timedelta(seconds=sum(passing)), due.due_at) + timedelta(seconds=down)
    after = rhythm.taken(rhythm.kept(due, now), now)
    assert after.due_at > now
    assert rhythm.kept(after, now) == after
    assert after.missed - due.missed == (now >= due.late_at)


@given(rhythm=RHYTHMS, passing=PASSING, back=st.integers(1, 100_000_000))
def test_a_clock_that_goes_back_makes_no_storm_and_no_standstill(
    rhythm: Rhythm, passing: Sequence[int], back: int
) -> None:
    taken = lived(rhythm, passing)
    due = taken[-1][2] if taken else rhythm.first(START)
    now = START + timedelta(seconds=sum(passing) - back)
    kept = rhythm.kept(due, now)
    longest = rhythm.timing.next_after(now, now, rhythm.zone)
    assert kept.due_at <= max(longest, due.due_at if due.slot_at and due.slot_at <= now else longest)
    assert len(lived(rhythm, [0, 0, 0, 0], now)) <= 1
    assert rhythm.kept(kept, now) == kept


@given(old=RHYTHMS, new=RHYTHMS, passing=PASSING)
def test_other_settings_count_from_the_slot_that_was_taken_last(
    old: Rhythm, new: Rhythm, passing: Sequence[int]
) -> None:
    taken = lived(old, passing)
    if not taken:
        return
    now, _, due = taken[-1]
    kept = new.kept(due, now)
    assert (kept.slot_at, kept.missed) == (due.slot_at, due.missed)
    if isinstance(new.timing, Every) and str(new) != str(old) and due.slot_at:
        assert kept.due_at == due.slot_at + new.timing.length
    assert kept.late_at > kept.due_at


@given(timing_=LENGTHS | CRONS, zone=ZONES, at=st.integers(0, 60_000_000))
def test_slots_come_one_after_the_other_whatever_clocks_do(timing_: Timing, zone: object, at: int) -> None:
    now = START + timedelta(seconds=at)
    rhythm = Rhythm(timing_, zone)  # type: ignore[arg-type]
    first = timing_.next_after(now, now, rhythm.zone)
    between = now + (first - now) / 2
    assert now < first
    assert timing_.next_after(now, between, rhythm.zone) == first
    assert timing_.next_after(first, first, rhythm.zone) > first
