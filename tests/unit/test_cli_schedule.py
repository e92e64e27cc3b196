"""What people are told of schedules, and what pausing and resuming does."""

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from syncline.cli.main import call
from syncline.config import load
from syncline.connectors.clock import SystemClock
from syncline.core.budget import Window
from syncline.core.model import Kind, Side
from syncline.service.database import open_database
from syncline.store import schedules
from syncline.store.database import close_store
from syncline.testing.clock import ManualClock
from tests.unit.scheduling import EVERY, HEAD, HOUR, SYNC, Office, failed, parts
from tests.unit.test_budgets_shown import called

SEARCH = "POST /contacts/search"


class Desk:
    """A settings file and what the program says of its one sync; the sync itself is an `Office`."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file = folder / "syncline.yaml"
        self.capsys = capsys
        self.say("")

    def say(self, said: str) -> None:
        self.file.write_text(HEAD + said)

    @contextmanager
    def office(self, *, ran: bool = True) -> Iterator[Office]:
        """The sync, usually an hour after its first run."""
        open_database(load(self.file))
        office = Office(clock=ManualClock(SystemClock().now() - timedelta(hours=1)))
        try:
            if ran:
                office.ran()
            office.clock.advance(HOUR)
            yield office
        finally:
            close_store()

    def told(self, *words: str) -> str:
        self.capsys.readouterr()
        assert call([*words, "--settings", str(self.file)]) == 0
        return self.capsys.readouterr().out

    def asked(self, *words: str) -> Any:
        return json.loads(self.told(*words, "--json"))

    def schedule(self) -> Any:
        """What `schedule show` and `status` tell alike."""
        found, status = self.asked("schedule", "show")["schedule"], self.asked("status")["schedule"]
        assert _but_due(status) == _but_due(found)
        return found


def _but_due(found: Any) -> Any:
    """The same without when, which is now where nothing was begun yet."""
    parts = sorted(found["parts"], key=lambda part: (part["side"], part["kind"]))
    return found | {"parts": [part | {"due_at": None} for part in parts]}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@pytest.mark.proves("P1", "U1")
def test_each_side_of_each_kind_is_shown_with_its_next_time(desk: Desk) -> None:
    with desk.office() as office:
        office.tick()
        office.carry_out()
        now = office.clock.now()
    desk.say("    schedule: {pull: '0 6 * * *', time_zone: Europe/Berlin}\n")
    found = desk.schedule()
    assert {f"{part['side']} {part['kind']}" for part in found["parts"]} == EVERY
    of = {(part["side"], part["kind"]): part for part in found["parts"]}
    left, right = of["left", "person"], of["right", "person"]
    assert (left["every"], left["really"], left["why"], left["missed"]) == ("1m", "1m", None, 1)
    assert now < datetime.fromisoformat(left["due_at"]) <= now + timedelta(minutes=1)
    assert (right["every"], datetime.fromisoformat(right["due_at"]).minute) == ("0 6 * * *", 0)
    assert (found["paused"], found["waits"], found["plan"]) == (None, None, None)
    assert {
        part["kind"] for part in desk.asked("schedule", "show", "--kind", "deal")["schedule"]["parts"]
    } == {"deal"}
    shown = desk.told("schedule", "show")
    assert "Audit: 0 5 * * sun (Europe/Berlin); nothing starts by it yet" in shown
    assert right["due_at"][:10] in shown
    status = desk.told("status")
    assert "read next, UTC" in status
    assert right["due_at"][:10] in status


def test_what_is_overdue_is_shown_so(desk: Desk) -> None:
    with desk.office():
        pass
    assert all(part["late"] for part in desk.schedule()["parts"] if part["side"] == "left")
    assert desk.told("status").count(" due ") >= 3


def test_a_sync_that_nobody_served_yet_is_due(desk: Desk) -> None:
    assert {part["begun_at"] for part in desk.schedule()["parts"]} == {None}
    assert " due " in desk.told("status")


def test_who_paused_is_noted_and_shown_until_it_is_resumed(desk: Desk) -> None:
    me = getpass.getuser()
    first = desk.asked("schedule", "pause")
    assert (first["new"], first["paused"]["by"]) == (True, me)
    assert desk.asked("schedule", "pause") == first | {"new": False}
    assert f"main: already paused by {me}" in desk.told("schedule", "pause")
    assert desk.schedule()["paused"] == first["paused"]
    assert f"Paused by {me}" in desk.told("status")
    with desk.office(ran=False) as office:
        assert office.tick() == 0
    assert "main: it may begin by itself again" in desk.told("schedule", "resume")
    assert "main: it was not paused" in desk.told("schedule", "resume")
    assert desk.schedule()["paused"] is None


def test_one_kind_is_paused_while_the_others_go_on(desk: Desk) -> None:
    assert "main, deal: nothing begins by itself" in desk.told("schedule", "pause", "--kind", "deal")
    by_kind = {part["kind"]: part["paused"] for part in desk.schedule()["parts"]}
    assert by_kind["deal"]["by"] == getpass.getuser()
    assert by_kind["person"] is None
    assert f"Paused: deal, by {getpass.getuser()}" in desk.told("status")
    with desk.office() as office:
        office.tick()
        assert parts(office.begin()) == {each for each in EVERY if "deal" not in each}
    assert desk.asked("schedule", "resume", "--kind", "deal")["resumed"] == 1


def test_resuming_a_kind_of_a_paused_sync_says_that_the_sync_is_still_paused(desk: Desk) -> None:
    desk.told("schedule", "pause")
    assert "Paused by" in desk.told("schedule", "resume", "--kind", "deal")


def test_a_kind_that_is_not_synced_cannot_be_paused(desk: Desk) -> None:
    desk.say("    kinds: {deal: {enabled: false}}\n")
    for verb in ("show", "pause", "resume"):
        desk.capsys.readouterr()
        assert call(["schedule", verb, "--kind", "deal", "--settings", str(desk.file)]) == 1
        assert (
            "There is no kind 'deal' in this sync. It has: account, person." in desk.capsys.readouterr().err
        )


def test_a_wait_is_shown_with_its_end_and_its_reason(desk: Desk) -> None:
    with desk.office() as office:
        office.tick()
        office.carry_out(failed())
        until = schedules.state_of(SYNC).until
    assert until
    waits = desk.schedule()["waits"]
    assert (waits["until"], waits["code"], waits["tries"]) == (until.isoformat(), "remote-unavailable", 1)
    said = f"Waits until {until:%Y-%m-%d %H:%M:%S} UTC: it does not answer"
    assert said in desk.told("status")
    assert said in desk.told("schedule", "show")


@pytest.mark.proves("C2")
def test_a_wait_for_a_person_says_what_to_do(desk: Desk) -> None:
    with desk.office() as office:
        office.tick()
        office.carry_out(failed("remote-reconnect"))
    waits = desk.schedule()["waits"]
    assert (waits["until"], waits["code"]) == (None, "remote-reconnect")
    for shown in (desk.told("status"), desk.told("schedule", "show"), desk.told("schedule", "resume")):
        assert "Waits for a person: it does not answer" in shown
        assert "syncline connection reconnect NAME" in shown


def test_a_plan_that_waits_is_next(desk: Desk) -> None:
    with desk.office() as office:
        made = office.plan()
    assert desk.schedule()["plan"] == made.pk
    assert f"Next: plan {made.pk} waits for approval" in desk.told("status")


@pytest.mark.proves("U1")
def test_why_the_left_side_is_read_less_often_is_told(desk: Desk) -> None:
    with desk.office() as office:
        schedules.note_calls(SYNC, {(Side.LEFT, Kind.PERSON): {SEARCH: 4}})
        called(
            "apollo", (Window("hour", timedelta(hours=1)),), {"hour": (10, 100)}, SEARCH, office.clock.now()
        )
    slower = {
        part["kind"]: (part["every"], part["really"]) for part in desk.schedule()["parts"] if part["why"]
    }
    assert slower == {"person": ("1m", "6m"), "deal": ("5m", "30m"), "account": ("15m", "90m")}
    for shown in (desk.told("status"), desk.told("schedule", "show")):
        (line,) = (line for line in shown.splitlines() if line.startswith("apollo is read less often, "))
        assert "person every 6m instead of 1m" in line
        assert "would take 240 calls of POST /contacts/search in 1h, and 40 are for that" in line
