"""Laws of the budget, for any order in which calls are made, reach the vendor and are answered."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE, HOUR = Window("minute", timedelta(minutes=1)), Window("hour", timedelta(hours=1))
WINDOWS = (MINUTE, HOUR)
WORKERS = 4
FEWEST = 6


@dataclass
class Vendor:
    """Counts calls in fixed windows, each opened by its first call."""

    limits: dict[str, int]
    opened: dict[str, datetime] = field(default_factory=dict)
    all: dict[str, int] = field(default_factory=dict)
    ours: dict[str, int] = field(default_factory=dict)

    def count(self, now: datetime, *, own: bool = True) -> list[WindowUsage]:
        for window in WINDOWS:
            name = window.name
            if name not in self.opened or now - self.opened[name] >= window.length:
                self.opened[name], self.all[name], self.ours[name] = now, 0, 0
            self.all[name] += 1
            self.ours[name] += own
        return [WindowUsage(w.name, self.all[w.name], self.limits[w.name]) for w in WINDOWS]


@dataclass
class Call:
    """A call under way: made, perhaps counted by the vendor, not yet answered."""

    ticket: Ticket
    known: dict[str, int | None]
    told: list[WindowUsage] | None = None


@dataclass
class Story:
    """Workers that share one count of calls, and the vendor they call."""

    vendor: Vendor
    share: float
    now: datetime = START
    counts: list[WindowCount] = field(default_factory=lambda: [new_count(w, START) for w in WINDOWS])
    calls: list[Call] = field(default_factory=list)
    made: int = 0

    def begin(self) -> bool:
        if len(self.calls) >= WORKERS:
            return True
        self.counts, full = take(self.counts, self.share, self.now)
        if full:
            return False
        self.made += 1
        stubs = {count.window.name: stub(count) for count in self.counts}
        self.calls.append(Call(Ticket("GET /x", stubs), {c.window.name: c.limit for c in self.counts}))
        return True

    def arrive(self, which: int) -> None:
        waiting = [call for call in self.calls if call.told is None]
        if waiting:
            call = waiting[which % len(waiting)]
            call.told = self.vendor.count(self.now)
            self.judge(call)

    def answer(self, which: int) -> None:
        done = [call for call in self.calls if call.told is not None]
        if done:
            call = done[which % len(done)]
            self.calls.remove(call)
            self.counts = correct(self.counts, call.ticket, call.told or [], self.now)

    def lose(self, which: int) -> None:
        """An answer never comes, nor does anybody say so: the process was killed."""
        done = [call for call in self.calls if call.told is not None]
        if done:
            self.calls.remove(done[which % len(done)])

    def work(self, calls: int) -> None:
        """Nobody else is at work for a while."""
        for _ in range(calls):
            if self.begin():
                self.arrive(-1)
                self.answer(-1)

    def judge(self, call: Call) -> None:
        """Not one of our calls is above the share of the limit that was known when it was made."""
        for window in WINDOWS:
            limit = call.known[window.name]
            if limit is not None:
                assert self.vendor.ours[window.name] <= max(allowed(limit, self.share), WORKERS)


STEPS = st.one_of(
    st.tuples(st.sampled_from(["begin", "arrive", "answer"]), st.integers(0, WORKERS)),
    st.tuples(st.just("lose"), st.integers(0, WORKERS)),
    st.tuples(st.just("work"), st.integers(1, 12)),
    st.tuples(st.just("wait"), st.sampled_from([1, 7, 30, 53, 59, 60, 61, 3600])),
    st.tuples(st.just("foreign"), st.integers(1, 3)),
)


def play(story: Story, steps: list[tuple[str, int]]) -> None:
    for what, number in steps:
        if what == "wait":
            story.now += timedelta(seconds=number)
        elif what == "begin":
            story.begin()
        elif what == "foreign":
            for _ in range(number):
                story.vendor.count(story.now, own=False)
        else:
            getattr(story, what)(number)


LIMITS = st.tuples(st.integers(FEWEST, 12), st.integers(FEWEST, 30))
SHARES = st.sampled_from([1.0, 0.8, 0.72])


@pytest.mark.proves("C6")
@given(LIMITS, SHARES, st.lists(STEPS, max_size=80))
@example((6, 30), 1.0, [("begin", 0), ("arrive", 0), ("answer", 0)] * 6 + [("wait", 60)])
def test_no_interleaving_brings_our_calls_above_the_share(
    limits: tuple[int, int], share: float, steps: list[tuple[str, int]]
) -> None:
    story = Story(Vendor({"minute": limits[0], "hour": limits[1]}), share)
    play(story, [step for step in steps if step[0] != "foreign"])


@given(LIMITS, LIMITS, SHARES, st.lists(STEPS, max_size=60), st.lists(STEPS, max_size=60))
def test_a_limit_that_changes_binds_every_call_made_after_it_was_told(
    before: tuple[int, int],
    after: tuple[int, int],
    share: float,
    steps: list[tuple[str, int]],
    more: list[tuple[str, int]],
) -> None:
    story = Story(Vendor({"minute": before[0], "hour": before[1]}), share)
    play(story, [step for step in steps if step[0] != "foreign"])
    play(story, [("arrive", 0), ("answer", 0)] * WORKERS)
    most = {window.name: story.vendor.ours.get(window.name, 0) for window in WINDOWS}
    story.vendor.limits = {"minute": after[0], "hour": after[1]}
    for step in more:
        play(story, [step] if step[0] != "foreign" else [])
        for count in story.counts:
            if count.told_by and count.limit == story.vendor.limits[count.window.name]:
                ours = story.vendor.ours.get(count.window.name, 0)
                bound = max(allowed(count.limit, share), most[count.window.name], WORKERS)
                assert ours <= bound + WORKERS  # those that were under way when it was told


@given(LIMITS, SHARES, st.lists(STEPS, max_size=80), st.integers(-200_000, 200_000))
def test_work_goes_on_when_every_window_has_ended_wherever_the_clock_jumped(
    limits: tuple[int, int], share: float, steps: list[tuple[str, int]], jump: int
) -> None:
    story = Story(Vendor({"minute": limits[0], "hour": limits[1]}), share)
    play(story, steps)
    story.calls.clear()
    story.now += timedelta(seconds=jump)
    waited = timedelta(0)
    while not story.begin():
        story.counts, full = take(story.counts, share, story.now)
        assert full is not None
        step = full.resets_at - story.now
        assert timedelta(0) < step <= timedelta(hours=1, minutes=5)
        story.now += step
        waited += step
    assert waited <= timedelta(hours=3)


@given(LIMITS, st.lists(st.integers(1, 3), max_size=30))
def test_one_worker_alone_uses_all_of_its_share_and_loses_no_time(
    limits: tuple[int, int], pauses: list[int]
) -> None:
    story = Story(Vendor({"minute": 1000, "hour": limits[1]}), 1.0)
    for pause in pauses:
        while story.begin():
            play(story, [("arrive", 0), ("answer", 0)])
        assert story.vendor.ours["hour"] == limits[1]
        _, full = take(story.counts, 1.0, story.now)
        assert full is not None
        assert full.resets_at == story.vendor.opened["hour"] + HOUR.length
        story.now = full.resets_at + timedelta(seconds=pause - 1)


@given(st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40)), max_size=40))
def test_numbers_that_make_no_sense_stop_nothing_for_longer_than_a_window(
    told: list[tuple[int, int]],
) -> None:
    counts, now = [new_count(MINUTE, START)], START
    for used, limit in told:
        counts, full = take(counts, 0.8, now)
        if full:
            assert full.resets_at - now <= MINUTE.length
            now = full.resets_at
            continue
        ticket = Ticket("GET /x", {"minute": stub(counts[0])})
        counts = correct(counts, ticket, [WindowUsage("minute", used, limit), WindowUsage("week", 9, 9)], now)
        assert counts[0].used >= 1
