"""A person consents, and the connection acts for them: authorise, renew, reconnect, disconnect (rules C2, C4)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncline.config import load
from syncline.service.database import open_database
from syncline.store import schedules
from syncline.store.database import close_store
from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.scenario.consenting import Consenting, allow, deny
from tests.scenario.pair import Ended

SYSTEMS = ("apollo", "salesforce")


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[str, RunningSandbox]]:
    with start_sandbox("apollo") as apollo, start_sandbox("salesforce") as salesforce:
        yield {"apollo": apollo, "salesforce": salesforce}


@pytest.fixture
def work(
    tmp_path: Path,
    sandboxes: dict[str, RunningSandbox],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Consenting]:
    """Both connections, on SQLite; at the end the stand-ins are as they were."""
    yield Consenting(tmp_path, f"sqlite:///{tmp_path}/store.sqlite3", sandboxes, capsys, monkeypatch)
    heal(sandboxes)


@pytest.fixture
def work_anywhere(work: Consenting, database: str) -> Consenting:
    """The same on each kind of database."""
    work.patch.setenv("DATABASE", database)
    return work


def heal(sandboxes: dict[str, RunningSandbox]) -> None:
    for sandbox in sandboxes.values():
        sandbox.control("DELETE", "/faults")
    sandboxes["salesforce"].control("POST", "/connected_app", {"rotation": False})


def expire(work: Consenting, system: str) -> None:
    """The access tokens end at once; refresh tokens stay."""
    path, wish = ("/oauth/expire", {}) if system == "apollo" else ("/tokens", {"expire": True})
    work.sandboxes[system].control("POST", path, wish)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.proves("C2")
def test_a_person_consents_and_the_connection_works(work: Consenting, system: str) -> None:
    assert work.state(system)["state"] == "no consent yet"
    refused = work.ask("connection", "test", system)
    assert refused.error["code"] == "remote-reconnect"
    assert f"connection authorize {system}" in refused.error["cure"]
    told = work.connect(system)
    assert told["connection"] == system
    assert told["token"]["state"] == "connected"
    tested = work.ask("connection", "test", system)
    assert tested.code == 0, tested
    assert tested.document["user"] == told["user"]
    again = work.ask("connection", "authorize", system)
    assert f"connection reconnect {system}" in again.error["cure"]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.proves("C2")
def test_a_token_that_has_ended_is_renewed_once(work: Consenting, system: str) -> None:
    work.connect(system)
    expire(work, system)
    before = work.asked(system)
    assert work.ask("connection", "test", system).code == 0
    assert work.asked(system) == before + 1
    assert work.ask("connection", "test", system).code == 0
    assert work.asked(system) == before + 1


@pytest.mark.proves("C2")
def test_a_token_is_renewed_ahead_of_its_end(work: Consenting) -> None:
    apollo = work.sandboxes["apollo"]
    work.patch.setenv("SYNCLINE_TESTING", "1")
    work.patch.setenv("SYNCLINE_CLOCK_URL", f"{apollo.control_url}/clock")
    work.connect("apollo")
    apollo.control("POST", "/clock", {"frozen": True})
    try:
        apollo.control("POST", "/clock", {"advance": 2_592_000 - 70})
        before = work.asked("apollo")
        assert work.ask("connection", "test", "apollo").code == 0
        assert work.asked("apollo") == before
        apollo.control("POST", "/clock", {"advance": 20})
        assert work.ask("connection", "test", "apollo").code == 0
        assert work.asked("apollo") == before + 1
    finally:
        apollo.control("POST", "/clock", {"frozen": False})


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.proves("C2")
def test_two_processes_that_need_a_new_token_renew_it_once(work_anywhere: Consenting, system: str) -> None:
    work = work_anywhere
    if system == "salesforce":
        work.sandboxes[system].control("POST", "/connected_app", {"rotation": True})
    work.connect(system)
    expire(work, system)
    fault = {"kind": "latency", "seconds": 1.5, "path": "/token", "count": 1}
    work.sandboxes[system].control("POST", "/faults", fault)
    before = work.asked(system)
    both = [work.start("connection", "test", system) for _ in range(2)]
    ended = [work.end(process) for process in both]
    assert [one.code for one in ended] == [0, 0], ended
    assert work.asked(system) == before + 1
    expire(work, system)
    assert work.ask("connection", "test", system).code == 0


@pytest.mark.proves("C2", "C4")
def test_a_kill_between_the_answer_and_our_store_asks_for_a_reconnect_and_for_nothing_else(
    work_anywhere: Consenting,
) -> None:
    work = work_anywhere
    work.connect("apollo")
    work.connect("salesforce")
    expire(work, "apollo")
    fault = {"kind": "hang_after_commit", "path": "/oauth/token", "count": 1}
    apollo = work.sandboxes["apollo"]
    apollo.control("POST", "/faults", fault)
    process = work.start("connection", "test", "apollo")
    assert process.until(lambda: apollo.control("GET", "/faults")["faults"][0]["hits"] == 1)
    process.kill()
    apollo.control("DELETE", "/faults")
    told = work.ask("connection", "test", "apollo").error
    assert told["code"] == "remote-reconnect"
    state = work.state("apollo")
    assert state["state"] == "reconnect needed"
    assert "got no answer that could be stored" in state["reason"]
    before = apollo.control("GET", "/requests")["total"]
    assert work.ask("connection", "test", "apollo").error["code"] == "remote-reconnect"
    assert apollo.control("GET", "/requests")["total"] == before
    assert work.ask("connection", "test", "salesforce").code == 0
    assert work.consent("apollo", allow, "reconnect").code == 0
    assert work.ask("connection", "test", "apollo").code == 0


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.proves("C2", "C4")
def test_a_consent_that_was_taken_back_needs_a_reconnect(work: Consenting, system: str) -> None:
    for name in SYSTEMS:
        work.connect(name)
    path, wish = ("/oauth/revoke", {}) if system == "apollo" else ("/grants", {"revoke": True})
    work.sandboxes[system].control("POST", path, wish)
    expire(work, system)
    told = work.ask("connection", "test", system).error
    assert told["code"] == "remote-reconnect"
    assert f"connection reconnect {system}" in told["cure"]
    other = next(name for name in SYSTEMS if name != system)
    assert work.ask("connection", "test", other).code == 0
    settings = work.file.read_text()
    assert work.consent(system, allow, "reconnect").code == 0
    assert work.file.read_text() == settings
    assert work.ask("connection", "test", system).code == 0


@pytest.mark.proves("C2")
def test_a_schedule_that_was_not_let_in_goes_on_after_a_reconnect_or_a_good_test(work: Consenting) -> None:
    sync = {"left": "apollo", "right": "salesforce", "preset": "apollo-salesforce"}
    work.write_settings(syncs={"crm": sync})
    work.connect("apollo")
    asks: list[Callable[[], Ended]] = [
        lambda: work.consent("apollo", allow, "reconnect"),
        lambda: work.ask("connection", "test", "apollo"),
    ]
    for ask in asks:
        open_database(load(work.file))
        schedules.hold("crm", schedules.Obstacle("remote-reconnect", "nobody let us in"), datetime.now(UTC))
        close_store()
        assert work.ask("connection", "test", "salesforce").code == 1
        waits = work.ask("schedule", "show").document["schedule"]["waits"]
        assert (waits["until"], waits["why"]) == (None, "nobody let us in")
        assert ask().code == 0
        assert work.ask("schedule", "show").document["schedule"]["waits"] is None


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.proves("C4")
def test_a_disconnect_tells_what_stays(work: Consenting, system: str) -> None:
    work.connect(system)
    ended = work.ask("connection", "disconnect", system)
    assert ended.code == 0
    assert ended.document == {
        "connection": system,
        "deleted": True,
        "ended_at_system": system == "salesforce",
        "stopped_syncs": [],
    }
    assert work.state(system)["state"] == "no consent yet"
    assert work.ask("connection", "test", system).error["code"] == "remote-reconnect"
    assert work.ask("connection", "disconnect", system).document["deleted"] is False
    assert work.connect(system)["token"]["state"] == "connected"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_refusal_is_told_and_leaves_what_was_stored(work: Consenting, system: str) -> None:
    told = work.consent(system, deny).error
    assert told["code"] == "remote-auth"
    assert "refused" in told["message"]
    work.connect(system)
    assert work.consent(system, deny, "reconnect").code == 1
    assert work.ask("connection", "test", system).code == 0


def test_a_refusal_that_lost_its_state_is_told_too(work: Consenting) -> None:
    apollo = work.sandboxes["apollo"]
    apollo.control("POST", "/doubts", {"denial_keeps_state": False})
    try:
        assert "refused" in work.consent("apollo", deny).error["message"]
    finally:
        apollo.control("POST", "/doubts", {"denial_keeps_state": True})
