"""A person pushes chosen records: past the filter, once more, too early, under other names, and to win once."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.pair import Pair, SyncProcess, writes
from tests.scenario.people import addresses

INTERESTED = {"when": "stages", "stages": ["Interested"], "no_stage": False}
ONLY_INTERESTED = {"kinds": {"person": {"create_right": INTERESTED}}}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A pair in agreement, where only interested people become contacts of Salesforce."""
    folder = tmp_path_factory.mktemp("chosen")
    made = Pair(folder, f"sqlite:///{folder}/store.sqlite3", dataset="30", sync=ONLY_INTERESTED)
    with made as pair:
        pair.run_until_quiet()
        yield pair


def hire(pair: Pair, name: str, **values: Any) -> str:
    """Somebody new in Apollo; their address."""
    email = f"{name.lower()}@chosen-{name.lower()}.test"
    pair.put("apollo", "contacts", first_name=name, last_name="Chosen", email=email, **values)
    return email


def in_salesforce(pair: Pair, email: str) -> list[str]:
    return addresses(pair, "salesforce", "Contact").get(email, [])


def said(pair: Pair, *arguments: str, code: int = 0) -> list[dict[str, str]]:
    """What a push said of each record."""
    ended = pair.ask(*arguments)
    assert ended.code == code, (ended.output, ended.said)
    found: list[dict[str, str]] = ended.document["records"]
    return found


@pytest.mark.proves("U8", "U2")
def test_somebody_the_filter_leaves_out_is_pushed_and_then_in_sync(pair: Pair) -> None:
    email, other = hire(pair, "Filtered"), hire(pair, "Unchosen")
    pair.run()
    assert not in_salesforce(pair, email)
    (one,) = said(pair, "push", email)
    (made,) = in_salesforce(pair, email)
    assert (one["outcome"], one["told"]) == ("created", f"created Contact/{made}")
    before = pair.requests()
    (again,) = said(pair, "push", email)
    assert (again["outcome"], again["told"]) == ("in sync", "already in sync")
    assert not writes(before, pair.requests())
    pair.run_until_quiet()
    assert (len(in_salesforce(pair, email)), in_salesforce(pair, other)) == (1, [])
    newest = pair.ask("runs").document["runs"]
    assert sum(run["approved_by"] != "" for run in newest) >= 1
    assert pair.ask("reconcile").document["in_agreement"]


@pytest.mark.proves("U1", "U8")
def test_an_update_goes_at_once_and_the_rest_of_the_sync_waits(pair: Pair) -> None:
    email = hire(pair, "Updated")
    said(pair, "push", email)
    (contact,) = addresses(pair, "apollo", "contacts")[email]
    (twin,) = in_salesforce(pair, email)
    pair.put("apollo", "contacts", contact, title="Countess")
    waiting = hire(pair, "Waiting", contact_stage_id=None)
    (one,) = said(pair, "push", f"contact/{contact}")
    assert (one["outcome"], one["told"]) == ("updated", f"updated Title of Contact/{twin}")
    assert not in_salesforce(pair, waiting)
    pair.run_until_quiet()


@pytest.mark.proves("U8", "I2")
def test_names_of_nobody_of_several_and_of_no_name_at_all_are_refused_and_the_others_go(pair: Pair) -> None:
    email = hire(pair, "Sound")
    for last in ("One", "Two"):
        pair.put("apollo", "contacts", first_name="Double", last_name=last, email="double@chosen-double.test")
    pair.ask("plan")
    hostile = ["'; DROP TABLE store_link; --", "contact/../../etc/passwd", "\u202e\u0007", "%", "é" * 200]
    names = ["nobody@nowhere.test", "double@chosen-double.test", *hostile, email]
    *refused, fine = said(pair, "push", *names, code=1)
    assert fine["outcome"] == "created"
    assert {each["outcome"] for each in refused} == {"refused"}
    told = {each["name"]: each["told"] for each in refused}
    assert "no record of apollo answers to it" in told["nobody@nowhere.test"]
    assert "several records answer to it: contact/" in told["double@chosen-double.test"]
    assert len(in_salesforce(pair, email)) == 1
    assert not in_salesforce(pair, "double@chosen-double.test")


def test_names_come_from_the_standard_input_too(pair: Pair) -> None:
    one, two = hire(pair, "Lined"), hire(pair, "Listed")
    pair.ask("plan")
    command = [sys.executable, "-m", "syncline", "push", "-", "--settings", str(pair.file), "--dry-run"]
    ended = subprocess.run(
        command,
        input=f"{one}\n\n {two} \n",
        env=pair.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("would be created") == 2
    assert not in_salesforce(pair, one)
    too_long = subprocess.run(
        command, input="x" * 2_000, env=pair.environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert (too_long.returncode, "code: config" in too_long.stderr) == (1, True)


@pytest.mark.proves("P6")
def test_overwriting_wins_once_where_a_field_only_fills(pair: Pair) -> None:
    email = hire(pair, "Moved", city="Paris")
    said(pair, "push", email)
    (contact,) = addresses(pair, "apollo", "contacts")[email]
    (twin,) = in_salesforce(pair, email)

    def city() -> str:
        return str(next(r["MailingCity"] for r in pair.records("salesforce", "Contact") if r["Id"] == twin))

    assert city() == "Paris"
    pair.put("apollo", "contacts", contact, city="Lyon")
    assert said(pair, "push", email)[0]["outcome"] == "in sync"
    assert city() == "Paris"
    (one,) = said(pair, "push", email, "--overwrite")
    assert (one["told"], city()) == (f"updated MailingCity of Contact/{twin}", "Lyon")
    pair.put("apollo", "contacts", contact, city="Nantes")
    pair.run_until_quiet()
    assert city() == "Lyon"


@pytest.mark.proves("P1", "U8")
def test_a_pull_is_the_mirror_image_and_reading_now_writes_nothing(pair: Pair) -> None:
    person = {"FirstName": "Pulled", "LastName": "Chosen", "Email": "pulled@chosen-pulled.test"}
    pair.put("salesforce", "Contact", **person)
    before = pair.requests()
    assert pair.ask("pull").document["shown"] >= 1
    assert not writes(before, pair.requests())
    (one,) = said(pair, "pull", "pulled@chosen-pulled.test")
    assert one["outcome"] == "created"
    assert len(addresses(pair, "apollo", "contacts")["pulled@chosen-pulled.test"]) == 1
    ended = pair.ask("pull", "--all")
    assert (ended.code, ended.document["status"]) == (0, "done")


@pytest.mark.proves("E4", "P2")
def test_records_are_listed_by_state_and_a_hidden_kind_is_left_out(pair: Pair) -> None:
    pair.run()
    left_out = pair.ask("records", "--state", "not eligible", "--side", "left", "--kind", "person").document
    assert left_out["total"] == len(left_out["records"]) == left_out["counts"]["not eligible"]
    assert {each["rule"] for each in left_out["records"]} >= {"stage"}
    assert all(
        each["reason"] and each["at"] and each["state"] == "not eligible" for each in left_out["records"]
    )
    whole = pair.ask("records", "--limit", "1000").document
    pages = [pair.ask("records", "--limit", "20", "--page", str(n)).document["records"] for n in (1, 2)]
    assert whole["records"][:40] == [*pages[0], *pages[1]]
    document = pair.settings()
    document["syncs"]["crm"]["kinds"]["person"]["hide_left"] = True
    pair.write_settings(document)
    hiding = pair.ask("records", "--limit", "1000").document
    assert (
        hiding["hidden"] == sum(r["side"] == "left" and r["kind"] == "person" for r in whole["records"]) > 0
    )
    assert hiding["total"] + hiding["hidden"] == whole["total"]
    assert pair.ask("records", "--limit", "1000", "--hidden").document["total"] == whole["total"]
    assert pair.ask("records", "--kind", "nothing").error["code"] == "config-name"
    pair.write_settings()


@pytest.mark.proves("C5", "U8")
def test_in_the_quiet_period_everything_by_hand_is_refused_with_the_time_that_remains(tmp_path: Path) -> None:
    with Pair(
        tmp_path, f"sqlite:///{tmp_path}/store.sqlite3", dataset="30", sync={"quiet_period": "6h"}
    ) as pair:
        apollo = pair.sandboxes["apollo"]
        apollo.control("POST", "/clock", {"frozen": True})
        pair.environ |= {"SYNCLINE_CLOCK_URL": f"{apollo.control_url}/clock", "SYNCLINE_TESTING": "1"}
        email = hire(pair, "Early")
        before = pair.requests()
        assert pair.ask("plan").document["planned"]["create"] > 0
        assert pair.ask("status").document["started"]["started"] is False
        apollo.control("POST", "/clock", {"advance": 2 * 3600})
        for words in (["push", email], ["pull", email], ["pull"], ["pull", "--all"], ["run", "--yes"]):
            refused = pair.ask(*words)
            assert refused.code == 1
            assert refused.error["code"] == "plan-quiet"
            assert "another 4 h" in refused.error["message"], refused.error
        assert not writes(before, pair.requests())
        apollo.control("POST", "/clock", {"advance": 4 * 3600})
        assert pair.ask("run").document["status"] == "planned"
        assert pair.run()["results"]["created"] > 0
        assert pair.ask("status").document["started"]["started"] is True
        assert said(pair, "push", email)[0]["outcome"] == "in sync"


@pytest.mark.proves("C5", "U8", "P1")
def test_a_push_is_refused_while_the_first_read_goes_on_and_after_it_was_killed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with Pair(tmp_path, f"sqlite:///{tmp_path}/store.sqlite3", dataset="30") as pair:
        email = hire(pair, "First")
        assert pair.ask("push", email).error["code"] == "plan-quiet"
        assert pair.ask("start").document["started"]["anew"] is True
        pair.fault("apollo", kind="hang", method="POST", path=".*/contacts/search")
        arguments = ["plan", "--json", "--settings", str(pair.file)]
        reading = SyncProcess(arguments, pair.environ, elsewhere)
        assert reading.until(lambda: pair.hits("apollo") > 0)
        error = pair.ask("push", email).error
        assert error["code"] == "plan-first-pull"
        assert "the first pull is still running (apollo: contact" in error["message"]
        reading.kill()
        error = pair.ask("push", email).error
        assert "has not been finished" in error["message"]
        pair.heal()
        assert pair.ask("plan").code == 0
        assert said(pair, "push", email, code=2)[0]["told"] == "would be created"
        pair.run()
        assert said(pair, "push", email)[0]["outcome"] == "in sync"
        assert len(in_salesforce(pair, email)) == 1
