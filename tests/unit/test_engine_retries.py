"""What may heal by itself is tried again with growing pauses, five times; then, and else, a person asks (rule E2)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from syncline.core.backoff import MOST_TRIES, next_try
from syncline.core.model import LONGEST_CODE, LONGEST_MESSAGE, ErrorClass, Failure, Side
from syncline.store import refusals, retries, standings
from syncline.store.error_log import SyncError
from tests.property.world import SYNC, World, actions_of
from tests.unit.quiet import settled

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOCK = Failure(ErrorClass.LOCK, "UNABLE_TO_LOCK_ROW", "locked")
FULL = Failure(ErrorClass.QUOTA, "STORAGE_LIMIT_EXCEEDED", "full", pauses=True)
OFF_LINE = Failure(ErrorClass.TRANSIENT, "remote-unavailable", "held back")
WRONG = Failure(ErrorClass.VALIDATION, "NO", "not here")
BARRED = Failure(ErrorClass.PERMISSION, "INSUFFICIENT_ACCESS", "may not")


def test_pauses_grow_and_end_after_five_tries() -> None:
    waits = [at - NOW for tries in range(1, MOST_TRIES) if (at := next_try(tries, NOW, "a"))]
    assert waits[0] == timedelta(0)
    assert all(later > 2 * earlier for earlier, later in pairwise(waits[1:]))
    assert timedelta(minutes=5) <= waits[1] <= timedelta(minutes=6, seconds=15)
    assert next_try(MOST_TRIES, NOW, "a") is None


def test_records_that_were_refused_together_come_back_apart() -> None:
    assert len({next_try(3, NOW, f"record {number}") for number in range(50)}) > 45
    assert next_try(3, NOW, "record 1") == next_try(3, NOW, "record 1")


@pytest.fixture
def person(world: World) -> str:
    """A person on both sides."""
    made = world.left.put("person", {"last": "Ada", "title": "VP"})
    world.run()
    return made


def title(world: World) -> object:
    (right,) = world.right.all("person").values()
    return right["title"]


def the_error() -> SyncError:
    return SyncError.objects.get(resolved_at__isnull=True)


def state(world: World, person: str) -> tuple[str, str]:
    refs = [ref for ref in standings.pending(SYNC, Side.LEFT, "person") if ref.remote_id == person]
    refs = refs or [refusals.ref_of(the_error(), Side.LEFT)]  # type: ignore[list-item]  # it is linked
    row = standings.of_records(SYNC, Side.LEFT, refs)[refs[0]]
    return row.state, row.reason


def tries_until_quiet(world: World, hours: float = 3.0) -> list[datetime]:
    """When the record was tried, if there is a run every half minute."""
    tried: list[datetime] = []
    for _ in range(int(hours * 120)):
        world.time.advance(29)
        if any(a.op == "update" for a in actions_of(world.run())):
            tried.append(world.time.now())
    return tried


@pytest.mark.proves("E2", "E4")
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_lock_is_tried_five_times_with_growing_pauses_and_then_waits_for_a_person(
    world: World, person: str
) -> None:
    world.right.fault("refuse", verb="update", failure=LOCK, count=None)
    world.left.edit("person", person, {"title": "Boss"})
    tried = tries_until_quiet(world, hours=2)
    assert len(tried) == MOST_TRIES
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert all(later > earlier for earlier, later in pairwise(pauses))
    error = the_error()
    assert (error.attempts, error.tries, error.next_try) == (5, 5, None)
    assert state(world, person)[0] == "failed"
    world.right.faults.clear()
    assert not tries_until_quiet(world, hours=0.05)
    assert retries.release(SYNC, [error.pk], world.time.now()) == 1
    settled(world)
    assert title(world) == "Boss"
    error.refresh_from_db()
    assert error.resolved_at
    assert error.resolved_by == "the write went through"


@pytest.mark.proves("E4")
def test_what_waits_for_its_time_is_pending_and_says_when(world: World, person: str) -> None:
    world.right.fault("refuse", verb="update", failure=LOCK, count=2)
    world.left.edit("person", person, {"title": "Boss"})
    world.run()
    world.run()
    at = the_error().next_try
    assert at is not None
    assert f"first run after {at:%Y-%m-%d %H:%M:%S} UTC" in state(world, person)[1]
    world.run()
    assert state(world, person)[0] == "pending"
    assert f"first run after {at:%Y-%m-%d %H:%M:%S} UTC" in state(world, person)[1]
    assert world.writes() == 0
    world.time.advance(600)
    world.run()
    assert title(world) == "Boss"


@pytest.mark.proves("E2")
def test_another_value_does_not_wait_for_the_time_of_the_refused_one(world: World, person: str) -> None:
    world.right.fault("refuse", verb="update", failure=LOCK, count=2)
    world.left.edit("person", person, {"title": "Boss"})
    world.run()
    world.run()
    world.left.edit("person", person, {"title": "Chief"})
    world.run()
    assert title(world) == "Chief"
    assert not SyncError.objects.filter(resolved_at__isnull=True).exists()


@pytest.mark.proves("E2")
def test_trouble_of_the_connection_never_uses_up_the_tries_of_a_record(world: World, person: str) -> None:
    world.right.fault("refuse", verb="update", failure=OFF_LINE, count=8)
    world.left.edit("person", person, {"title": "Boss"})
    for _ in range(8):
        world.run()
    assert (the_error().attempts, the_error().tries) == (8, 0)
    world.run()
    assert title(world) == "Boss"


@pytest.mark.proves("E2")
def test_a_refused_value_is_sent_again_by_hand_and_counted_on(world: World, person: str) -> None:
    world.right.fault("refuse", verb="update", failure=WRONG, count=2)
    world.left.edit("person", person, {"title": "Boss"})
    world.run()
    world.run()
    error = the_error()
    for attempts in (1, 2):
        assert the_error().attempts == attempts
        retries.release(SYNC, [error.pk], world.time.now())
        world.run()
    assert title(world) == "Boss"
    error.refresh_from_db()
    assert error.resolved_at


@pytest.mark.proves("E3", "E2")
def test_full_storage_stops_creates_of_the_kind_and_nothing_else(world: World, person: str) -> None:
    world.right.fault("refuse", verb="create", object_type="person", failure=FULL, count=3)
    first = world.left.put("person", {"last": "P0"})
    world.run()
    for number in range(1, 30):
        world.left.put("person", {"last": f"P{number}"})
    world.left.edit("person", person, {"title": "Boss"})
    world.left.put("company", {"name": "Ape"})
    world.run()
    error = the_error()
    assert (error.left_id, error.pauses, error.attempts) == (first, True, 1)
    assert title(world) == "Boss"
    assert len(world.right.all("company")) == 1
    assert len(world.right.all("person")) == 1
    counts = standings.counts(SYNC)["left"]
    assert counts["pending"] == 30
    for attempts in (2, 3):
        world.time.advance(500)
        world.run()
        assert (the_error().attempts, len(world.right.all("person"))) == (attempts, 1)
    world.time.advance(3600)
    settled(world)
    assert len(world.right.all("person")) == 31
    assert not SyncError.objects.filter(resolved_at__isnull=True).exists()


@pytest.mark.proves("E1")
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", ""),
        ("X" * 100_000, "m" * 1_000_000),
        ("\x1b[2J\r\nCODE\x00", "\x1b]0;title\x07\u202egnp.exe\nnext line \ud800"),
        ("é漢字", "<script>alert(1)</script>"),
    ],
)
def test_a_hostile_code_or_message_is_kept_short_and_plain(
    world: World, person: str, code: str, message: str
) -> None:
    world.right.fault("refuse", verb="update", failure=Failure(ErrorClass.VALIDATION, code, message), count=1)
    world.left.edit("person", person, {"title": "Boss"})
    world.run()
    error = the_error()
    assert len(error.code) <= LONGEST_CODE
    assert len(error.message) <= LONGEST_MESSAGE
    assert (error.code + error.message).isprintable()
    world.run()
    assert not world.writes()


@pytest.mark.proves("E2")
@pytest.mark.parametrize("known", [BARRED, WRONG])
def test_what_heals_by_no_try_has_no_time_for_one(world: World, person: str, known: Failure) -> None:
    world.right.fault("refuse", verb="update", failure=known, count=1)
    world.left.edit("person", person, {"title": "Boss"})
    for _ in range(3):
        world.run()
        world.time.advance(100_000)
    assert (the_error().next_try, the_error().attempts) == (None, 1)


@pytest.mark.proves("E1")
def test_errors_are_found_by_class_and_record(world: World) -> None:
    people = [world.left.put("person", {"last": f"P{number}"}) for number in range(3)]
    failures: Sequence[Failure] = (WRONG, BARRED, LOCK)
    for number, each in enumerate(failures):
        world.right.fault(
            "refuse", verb="create", failure=each, when=lambda v, n=number: v.get("last") == f"P{n}"
        )
    world.run()
    assert refusals.by_class(SYNC) == {"lock": 1, "permission": 1, "validation": 1}
    (found,) = refusals.listed(SYNC, refusals.RefusalFilter(ErrorClass.PERMISSION))
    assert found.left_id == people[1]
    assert refusals.count(SYNC, refusals.RefusalFilter(side=Side.LEFT)) == 0


@pytest.mark.proves("C6", "E2")
def test_what_waits_for_a_window_is_tried_when_it_opens_and_not_before(world: World, person: str) -> None:
    opens = world.time.now() + timedelta(hours=1)
    spent = Failure(ErrorClass.QUOTA, "remote-quota", "no calls are left", retry_at=opens)
    world.right.fault("refuse", verb="update", failure=spent)
    world.left.edit("person", person, {"title": "Boss"})
    world.run()
    assert (the_error().next_try, the_error().tries) == (opens, 0)
    assert tries_until_quiet(world, hours=1.2)[0] >= opens
    assert title(world) == "Boss"
    settled(world)
