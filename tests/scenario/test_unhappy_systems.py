"""Systems that die in mid-run, lock us out, or have no calls left: told with a code, and work goes on after it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncline.store.models import Sweep
from tests.scenario.killer import COLLECTIONS
from tests.scenario.pair import Pair
from tests.scenario.people import people_by_address
from tests.scenario.trouble import Daily

KEYS = {"apollo": "APOLLO_API_KEY", "salesforce": "SALESFORCE_CLIENT_SECRET"}
WRONG = "wrong-key-0123456789"
SEARCH = "api/v1/contacts/search"
DEATHS = {
    "apollo": {"method": "POST", "path": "/contacts/bulk_create$"},
    "salesforce": {"method": "POST", "path": COLLECTIONS},
}


@contextmanager
def _first_import(folder: Path) -> Iterator[Pair]:
    with Pair(folder, f"sqlite:///{folder}/store.sqlite3", dataset="40") as pair:
        yield pair


@pytest.mark.parametrize(("system", "kind"), [("apollo", "hang_after_commit"), ("salesforce", "hang")])
@pytest.mark.proves("E2", "S6")
def test_a_system_killed_in_mid_run_ends_the_run_and_it_goes_on_when_the_system_is_back(
    system: str, kind: str, tmp_path: Path
) -> None:
    with _first_import(tmp_path) as pair:
        before = people_by_address(pair)
        pair.fault(system, kind=kind, count=1, **DEATHS[system])
        process = pair.command("run", "--yes")
        assert process.until(lambda: pair.hits(system) > 0)
        pair.sandboxes[system].kill()
        ended = process.end()
        assert ended.code in (0, 1), ended
        codes = [e["code"] for e in pair.ask("errors").document["errors"]]
        told = [ended.error["code"]] if ended.code else codes
        assert "remote-unavailable" in told
        again = pair.ask("run", "--yes")
        assert (again.code, again.error["code"]) == (1, "remote-unavailable")
        assert "cannot be reached" in again.error["message"]
        pair.start(system)
        pair.run_until_quiet()
        assert pair.ask("reconcile").document["in_agreement"]
        for side, people in people_by_address(pair).items():
            assert not {a: n for a, n in people.items() if n > max(1, before[side][a])}
        assert "remote-unavailable" not in [e["code"] for e in pair.ask("errors").document["errors"]]


@pytest.mark.parametrize("system", KEYS)
@pytest.mark.proves("C3")
def test_a_key_that_is_no_longer_accepted_stops_the_run_until_it_is_corrected(
    daily: Daily, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily.work()
    with monkeypatch.context() as patch:
        patch.setenv(KEYS[system], WRONG)
        said = daily.run()
        assert said.error["code"] == "remote-auth"
        assert "syncline connection test" in said.error["cure"]
        assert WRONG not in said.out + said.err
        tested = daily.program.ask("connection", "test", system)
        assert tested.error["code"] == "remote-auth"
        assert WRONG not in tested.out + tested.err
    daily.recovers()


@pytest.mark.parametrize("system", KEYS)
@pytest.mark.proves("C2", "E5")
def test_a_key_that_nobody_accepts_when_a_run_is_due_is_told_and_stops_until_it_is_corrected(
    daily: Daily, system: str
) -> None:
    daily.rests()
    sound = daily.pair.environ[KEYS[system]]
    daily.pair.environ[KEYS[system]] = WRONG
    try:
        _hours_pass(daily, 1)
        (job,) = daily.pair.ask("tick").document["jobs"]
        assert (job["outcome"], job["code"], job["connection"]) == ("failed", "remote-auth", system)
        assert _standing(daily) == [("reconnect-needed", system)]
        _hours_pass(daily, 1)
        assert daily.pair.ask("tick").document["jobs"] == []
    finally:
        daily.pair.environ[KEYS[system]] = sound
    assert daily.pair.ask("connection", "test", system).code == 0
    _hours_pass(daily, 1)
    (job,) = daily.pair.ask("tick").document["jobs"]
    assert job["outcome"] == "done"
    assert _standing(daily) == []


def _standing(daily: Daily) -> list[tuple[str, str]]:
    standing = daily.pair.ask("alerts", "list").document["standing"]
    return [(each["condition"], each["subject"]["name"]) for each in standing]


@pytest.mark.parametrize("system", KEYS)
def test_a_key_that_is_withdrawn_while_it_writes_stops_the_run_and_loses_nothing(
    daily: Daily, system: str
) -> None:
    daily.work()
    path = {"apollo": "/contacts/(bulk|[0-9a-f]{24})", "salesforce": "/composite/sobjects$"}[system]
    daily.pair.fault(system, kind="status", status=401, path=path)
    error = daily.fails("remote-auth")
    assert error["cure"]
    daily.recovers()


def test_a_connection_that_may_not_search_is_told_what_it_lacks(daily: Daily) -> None:
    daily.work()
    body = {
        "error": "api/v1/contacts/search is not accessible with this api_key",
        "error_code": "API_INACCESSIBLE",
    }
    daily.pair.fault("apollo", kind="status", status=403, path="/contacts/search$", body=body)
    error = daily.fails("remote-access")
    assert "POST /contacts/search" in error["message"]
    daily.recovers()


@pytest.mark.proves("E2")
def test_when_the_calls_of_apollo_are_used_up_it_says_when_it_goes_on(daily: Daily) -> None:
    for _ in range(6):
        daily.hire("apollo")
    document = daily.pair.settings()
    document["connections"]["apollo"]["options"] = {"page_size": 1}
    daily.pair.write_settings(document)
    apollo = daily.pair.sandboxes["apollo"]
    apollo.control("POST", "/limits", {"hour": 5})
    try:
        error = daily.fails("remote-quota")
        assert "is used up: 3 of 3 calls per hour" in error["message"]
        (told,) = re.findall(r"it goes on at (20\d\d-[-+:T\d]+\d)", error["message"])
        assert datetime.fromisoformat(error["next_try"]).replace(microsecond=0) == datetime.fromisoformat(
            told
        )
    finally:
        apollo.control("POST", "/limits", {"plan": "demo"})
    daily.fails("remote-quota", before_it_began=True)
    assert daily.program.ask("connection", "test", "apollo").code == 0
    daily.recovers()


@pytest.mark.proves("C6", "E2")
def test_a_storm_and_the_limits_of_all_three_windows_are_kept_to_and_the_work_goes_on(daily: Daily) -> None:
    for _ in range(12):
        daily.hire("apollo")
    document = daily.pair.settings()
    document["connections"]["apollo"]["options"] = {"page_size": 1, "sweep_hours": 8760}
    daily.pair.write_settings(document)
    apollo = daily.pair.sandboxes["apollo"]
    before = apollo.control("GET", "/limits")["refused"]
    limits = {"minute": 5, "hour": 9, "day": 14, "endpoint": SEARCH}
    apollo.control("POST", "/limits", limits)
    daily.pair.fault("apollo", kind="storm", seconds=90, path="/contacts/search$")
    windows = set()
    try:
        for _ in range(25):
            said = daily.run()
            if said.code == 0:
                break
            assert said.error["code"] in {"remote-quota", "remote-rate"}, said
            windows |= set(re.findall(r"calls per (\w+)", said.error["message"]))
            apollo.control("POST", "/clock", {"now": said.error["next_try"]})
        assert said.code == 0, said
        assert windows == {"hour", "day"}
        assert apollo.control("GET", "/limits")["refused"] == before
    finally:
        apollo.control("POST", "/limits", {"plan": "demo"})
    assert daily.program.ask("connection", "test", "apollo").code == 0
    daily.recovers()


@pytest.mark.proves("C6", "U1")
def test_looking_for_deletions_leaves_calls_for_reading_what_changes(daily: Daily) -> None:
    document = daily.pair.settings()
    document["connections"]["apollo"]["options"] = {"page_size": 2}
    daily.pair.write_settings(document)
    daily.rests()
    _hours_pass(daily, 1)
    daily.rests()
    apollo = daily.pair.sandboxes["apollo"]
    apollo.control("POST", "/limits", {"hour": 20, "endpoint": SEARCH})
    later = _hours_pass(daily, 24)
    try:
        for hours in range(8):
            _hours_pass(daily, 1)
            daily.hire("apollo")
            said = daily.run()
            assert said.code == 0, said
            assert said.json["results"]["created"] == 1
            with daily.pair.store():
                swept = Sweep.objects.get(connection="apollo", object_type="contact")
            if hours == 0:
                assert swept.cursor, "it cannot be over: there are more pages than calls"
                assert _used_of_the_hour(daily) in {8, 9}
                told = daily.program.type("status").out
                assert re.search(r"deletions in apollo, contact: .* UTC; a new look is going on", told)
            if swept.cursor is None:
                break
        assert swept.swept_at > later, "it goes on in the hours to come, until it is over"
    finally:
        apollo.control("POST", "/limits", {"plan": "demo"})
    daily.recovers()


def _hours_pass(daily: Daily, hours: int) -> datetime:
    apollo = daily.pair.sandboxes["apollo"]
    later = datetime.fromisoformat(apollo.control("GET", "/clock")["now"]) + timedelta(hours=hours)
    apollo.control("POST", "/clock", {"now": later.isoformat()})
    return later


def _used_of_the_hour(daily: Daily) -> int:
    windows = daily.program.ask("status").json["budgets"]["apollo"]["windows"]
    (hour,) = (w for w in windows if w["window"] == "hour" and w["endpoint"] == "POST /contacts/search")
    return int(hour["used"])


@pytest.mark.proves("E2")
def test_when_the_calls_of_salesforce_are_used_up_it_says_so(daily: Daily) -> None:
    daily.work()
    salesforce = daily.pair.sandboxes["salesforce"]
    limit = salesforce.control("POST", "/limits", {})
    salesforce.control("POST", "/limits", {"used": limit["max"]})
    try:
        error = daily.fails("remote-quota", before_it_began=True)
        assert re.search(r"are used up; try again at 20\d\d-\d\d-\d\dT\d\d:\d\d", error["message"]), error
    finally:
        salesforce.control("POST", "/limits", {"used": limit["used"]})
    assert daily.program.ask("connection", "test", "salesforce").code == 0
    daily.recovers()


@pytest.mark.proves("E1", "E2", "E3")
def test_one_refused_record_stops_nobody_beside_it_and_is_not_tried_again_unchanged(daily: Daily) -> None:
    daily.hire("apollo", first_name="Dolores", last_name="Doppel", email="dolores@doppel.test")
    daily.rests()
    daily.hire("salesforce")
    daily.hire("salesforce", FirstName="Dolores", LastName="Doppel", Email="d.doppel@doppel.test")
    daily.hire("salesforce")
    results = daily.run().json["results"]
    assert (results["created"], results["rejected"]) == (2, 1)
    (error,) = daily.open_errors()[: len(daily.open_errors()) - daily.errors]
    assert (error["system"], error["class"], error["code"]) == ("apollo", "duplicate", "namesake")
    assert "d.doppel@doppel.test" in error["record"]
    assert error["message"]
    assert error["cure"]
    daily.rests()
    daily.rests(most=1)
    assert daily.open_errors()[0]["attempts"] == 1
    assert daily.counts() == {
        "apollo": daily.before["apollo"] + 3,
        "salesforce": daily.before["salesforce"] + 4,
    }
    assert daily.program.ask("reconcile").json["in_agreement"]
