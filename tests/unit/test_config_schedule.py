"""When runs begin: what a schedule may say, what it means for each side and kind, and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncline.config import check, parse, resolved
from syncline.config.schedule import Schedule
from syncline.config.timing import Cron, Every, TimingError, time_zone, timing
from syncline.core.errors import ConfigError
from syncline.core.model import Kind, Side
from tests.unit.test_config_check import PRESET

BERLIN = time_zone("Europe/Berlin")


def schedule(text: str) -> Schedule:
    return resolved(parse(f"{PRESET}    schedule: {text}\n"), "main").schedule


def times(found: Schedule) -> dict[str, str]:
    kinds = (Kind.ACCOUNT, Kind.PERSON, Kind.DEAL)
    return {f"{side} {kind}": str(found.of(side, kind)) for side in Side for kind in kinds}


def codes(text: str) -> list[str]:
    document = parse(f"{PRESET}    schedule: {text}\n", Path("syncline.yaml"))
    known = ("bad-schedule", "never-due", "unknown-time-zone", "idle-schedule")
    return [f.code for f in check(document) if f.code in known]


@pytest.mark.proves("P1", "U1")
def test_the_right_is_read_each_half_hour_and_people_on_the_left_each_minute() -> None:
    found = Schedule()
    assert times(found) == {
        "left account": "15m",
        "left person": "1m",
        "left deal": "5m",
        "right account": "30m",
        "right person": "30m",
        "right deal": "30m",
    }
    assert found.settle == timedelta(seconds=30)


def test_a_time_alone_is_that_of_the_pull() -> None:
    found = times(schedule("2h"))
    assert (found["right deal"], found["left person"], found["left account"]) == ("2h", "1m", "15m")


def test_a_push_that_is_said_is_that_of_every_kind_without_an_own_one() -> None:
    found = times(schedule("{push: 2m, kinds: {deal: {push: 1h, pull: '0 6 * * mon-fri'}}}"))
    assert (found["left person"], found["left account"], found["left deal"]) == ("2m", "2m", "1h")
    assert (found["right account"], found["right deal"]) == ("30m", "0 6 * * mon-fri")


def test_a_sound_schedule_has_no_findings() -> None:
    assert not codes(
        "{pull: '*/20 8-18 * * mon-fri', time_zone: America/New_York, audit: 0 5 1 * *, settle: 0s}"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{pull: '0 0 30 2 *'}", "never-due"),
        ("{kinds: {deal: {push: '0 0 31 4,6,9,11 *'}}}", "never-due"),
        ("{pull: '61 * * * *'}", "bad-schedule"),
        ("{pull: '*/0 * * * *'}", "bad-schedule"),
        ("{pull: '1-99999999999999999999 * * * *'}", "bad-schedule"),
        ("{audit: '* * * * H'}", "bad-schedule"),
        ("{pull: '0 0 L * *'}", "bad-schedule"),
        ("{pull: 'R R * * *'}", "bad-schedule"),
        ("{pull: '__import__ os . system x'}", "bad-schedule"),
        ("{pull: 0s}", "bad-schedule"),
        ("{pull: 999999d}", "bad-schedule"),
        ("{time_zone: Europe/Atlantis}", "unknown-time-zone"),
        ("{time_zone: ../../etc/passwd}", "unknown-time-zone"),
        ("{time_zone: /etc/passwd}", "unknown-time-zone"),
        ("{time_zone: Europe}", "unknown-time-zone"),
        (f"{{time_zone: {'a' * 9000}}}", "unknown-time-zone"),
        ('{time_zone: "UTC\\0"}', "unknown-time-zone"),
    ],
)
def test_what_cannot_be_told_or_never_comes_is_a_finding(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_times_of_a_kind_that_is_not_synced_are_idle() -> None:
    document = parse(
        f"{PRESET}    kinds: {{deal: {{enabled: false}}}}\n    schedule: {{kinds: {{deal: {{push: 1m}}}}}}\n"
    )
    assert "idle-schedule" in [f.code for f in check(document)]


@pytest.mark.parametrize(
    "text",
    ["often", "{pull: often}", "{pull: 30}", "{pull: ''}", "{push: '* * * *'}", "{push: '0 * * * * *'}", "[1]",
     "{settle: soon}", f"{{pull: '{'*,' * 200}* * * * *'}}", "{kinds: {lead: {pull: 1m}}}"],
)  # fmt: skip
def test_what_has_no_such_form_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ConfigError, match=r"line \d+: syncs\.main\.schedule"):
        schedule(text)


@pytest.mark.parametrize("text", ["30", "", "0 0 0 0 0", "a b c d e", "* * * * *" * 30, "1e9s"])
def test_no_text_ends_in_anything_but_a_timing_or_its_error(text: str) -> None:
    with pytest.raises(TimingError):
        timing(text)


def test_slots_lie_a_length_apart_whenever_one_looks() -> None:
    first = datetime(2026, 3, 1, tzinfo=UTC)
    assert Every(timedelta(minutes=5)).next_after(first, first + timedelta(hours=3, minutes=2), UTC) == (
        first + timedelta(hours=3, minutes=5)
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(fields: str, start: str, count: int) -> list[str]:
    at, found = utc(start), []
    for _ in range(count):
        at = Cron(fields).next_after(at, at, BERLIN)
        found.append(f"{at:%d %H:%M}")
    return found


def test_a_slot_in_the_hour_that_is_left_out_comes_once_and_is_found_from_anywhere() -> None:
    """On 29 March 2026 clocks in Berlin go from 2:00 to 3:00, which is 1:00 UTC."""
    assert slots("30 2 * * *", "2026-03-28T00:00", 3) == ["28 01:30", "29 01:30", "30 00:30"]
    assert Cron("30 2 * * *").next_after(utc("2026-03-28T01:30"), utc("2026-03-29T01:10"), BERLIN) == (
        utc("2026-03-29T01:30")
    )
    assert slots("*/30 * * * *", "2026-03-29T00:30", 4) == ["29 01:00", "29 01:30", "29 02:00", "29 02:30"]


def test_a_slot_in_the_hour_that_comes_twice_comes_once() -> None:
    """On 25 October 2026 clocks in Berlin go from 3:00 back to 2:00, which is 1:00 UTC."""
    assert slots("30 2 * * *", "2026-10-24T00:00", 3) == ["24 00:30", "25 00:30", "26 01:30"]
    assert slots("0 * * * *", "2026-10-24T23:30", 3) == ["25 00:00", "25 02:00", "25 03:00"]


def test_a_slot_on_a_leap_day_waits_for_it() -> None:
    assert slots("0 12 29 2 *", "2026-01-01T00:00", 1) == ["29 11:00"]
    assert Cron("0 12 29 2 *").spacing(utc("2028-02-29T11:00"), BERLIN) == timedelta(days=1461)
