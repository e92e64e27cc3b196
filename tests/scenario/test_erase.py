"""Somebody is erased with the program itself, and nothing of them comes back (rule L4)."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncline.store.sealing import new_key
from tests.scenario.pair import Ended, Pair, SyncProcess
from tests.unit.stored import file_has, tables_with

NAME, TITLE = "Quillfeather", "Keeper of Lanterns"
ADDRESS = "ottoline@quillfeather.example"
TRACES = (NAME, TITLE, ADDRESS, "ottoline", "lanterns")
APOLLO = {"first_name": "Ottoline", "last_name": NAME, "email": ADDRESS, "title": TITLE}
SALESFORCE = {"FirstName": "Ottoline", "LastName": NAME, "Email": ADDRESS, "Title": TITLE}


@pytest.fixture
def pair(tmp_path: Path, database: str) -> Iterator[Pair]:
    """A person whom both systems know, among a few others, and a key."""
    with Pair(tmp_path, database, dataset="30") as pair:
        pair.environ["SYNCLINE_KEY"] = new_key()
        pair.run_until_quiet()
        person = pair.put("apollo", "contacts", **APOLLO)
        pair.run_until_quiet()
        pair.put("apollo", "contacts", person["id"], title=f"First {TITLE}")
        pair.run_until_quiet()
        yield pair


def count(pair: Pair) -> tuple[int, int]:
    """How many records each system has of the person."""
    return tuple(  # type: ignore[return-value]
        sum(ADDRESS in repr(row).lower() for name in types for row in pair.records(system, name))
        for system, types in {"apollo": ("contacts",), "salesforce": ("Contact", "Lead")}.items()
    )


def nothing_is_stored(pair: Pair) -> None:
    with pair.store():
        assert not tables_with(*TRACES)
    if pair.database.startswith("sqlite"):
        assert not file_has(Path(pair.database.removeprefix("sqlite:///")), *TRACES)


@pytest.mark.proves("L4", "U8")
def test_an_erased_person_stays_away(pair: Pair) -> None:
    with pair.store():
        assert tables_with(*TRACES) >= {"store_mirrorrecord", "store_link", "store_action", "store_matchkey"}
    assert count(pair) == (1, 1)
    shown = pair.ask("erase", ADDRESS)
    assert (shown.code, shown.document["erased"]) == (2, None)
    records = shown.document["records"]
    assert {each["connection"] for each in records} == {"apollo", "salesforce"}
    with pair.store():
        assert tables_with(*TRACES)
    done = pair.ask("erase", ADDRESS, "--yes")
    assert done.code == 0, (done.output, done.said)
    code = done.document["erased"]
    assert done.document["file_rewritten"] is (True if pair.database.startswith("sqlite") else None)
    nothing_is_stored(pair)
    assert count(pair) == (1, 1)

    # People go on working on the record, and make new ones of the same person on both sides.
    ids = {each["connection"]: each["record"].split("/", 1)[1] for each in records}
    pair.put("apollo", "contacts", ids["apollo"], title=f"Second {TITLE}")
    pair.put("salesforce", "Contact", ids["salesforce"], Title=f"Third {TITLE}")
    pair.put("salesforce", "Contact", **{**SALESFORCE, "Email": ADDRESS.upper()})
    pair.put("salesforce", "Lead", **SALESFORCE, Company="Lanterns")
    pair.run_until_quiet()
    nothing_is_stored(pair)
    assert count(pair) == (1, 3)

    # Other settings, with which everything is read and decided anew.
    off = [{"left": "home_phone", "right": "HomePhone", "enabled": False}]
    contacts = {"left": "contact", "right": "Contact", "fields": off}
    pair.sync = {"kinds": {"person": {"pairs": [contacts]}}}
    pair.write_settings()
    before = pair.requests()
    pair.run_until_quiet()
    assert pair.requests() != before
    reconciled = pair.ask("reconcile")
    assert reconciled.document["unexplained"] == 0, reconciled.output
    nothing_is_stored(pair)
    assert count(pair) == (1, 3)

    is_told_as_erased(pair, ids["apollo"], code)


def is_told_as_erased(pair: Pair, id_: str, code: str) -> None:
    """A push by hand, the same command once more, and what is told of the record."""
    pushed = pair.ask("push", f"contact/{id_}")
    assert pushed.code == 1, pushed.output
    assert count(pair) == (1, 3)
    nothing_is_stored(pair)
    again = pair.ask("erase", f"contact/{id_}", "--yes")
    assert (again.code, again.document["again"], again.document["erased"]) == (0, True, code)
    told = pair.ask("explain", f"contact/{id_}").document["stories"][0]
    assert "erased" in told["state"]
    listed = pair.ask("erase", "--list").document["erasures"]
    assert [row["code"] for row in listed] == [code]


@pytest.mark.proves("L4")
def test_a_lifted_erasure_lets_both_records_meet_again(pair: Pair) -> None:
    code = pair.ask("erase", ADDRESS, "--yes").document["erased"]
    assert refused(pair.ask("erase", "--lift", code)) == "config-missing"
    assert refused(pair.ask("erase", "--lift", "0" * 16, "--reason", "a mistake")) == "record-unknown"
    lifted = pair.ask("erase", "--lift", code, "--reason", "it was somebody else")
    assert lifted.code == 0, (lifted.output, lifted.said)
    pair.run_until_quiet()
    assert count(pair) == (1, 1)
    story = pair.ask("explain", ADDRESS).document["stories"][0]
    assert story["left"]
    assert story["right"]
    (row,) = pair.ask("erase", "--list").document["erasures"]
    assert row["lift_reason"] == "it was somebody else"


def refused(ended: Ended) -> str:
    """The code of a command that failed."""
    assert ended.code == 1, (ended.output, ended.said)
    return ended.error["code"]


@pytest.mark.proves("L4")
def test_who_cannot_be_erased_and_why(pair: Pair) -> None:
    for name in (
        "nobody@example.com",
        "%",
        "'; DROP TABLE store_link; --",
        "../../etc/passwd",
        "contact/",
        "\N{BOM}",
    ):
        assert refused(pair.ask("erase", name, "--yes")) == "record-unknown"
    assert refused(pair.ask("erase")) == "config-missing"
    for number in range(2):
        pair.put("apollo", "contacts", first_name="A", last_name="Namesake", email=f"n{number}@namesake.test")
    pair.run_until_quiet()
    assert refused(pair.ask("erase", "Namesake", "--yes")) == "record-ambiguous"
    key = pair.environ.pop("SYNCLINE_KEY")
    assert refused(pair.ask("erase", ADDRESS, "--yes")) == "config-key"
    pair.environ["SYNCLINE_KEY"] = "no key at all"
    assert refused(pair.ask("erase", ADDRESS, "--yes")) == "config-key"
    pair.environ["SYNCLINE_KEY"] = key
    assert pair.ask("erase", ADDRESS, "--yes").code == 0
    pair.environ["SYNCLINE_KEY"] = new_key()
    for command in (["run"], ["erase", "n0@namesake.test", "--yes"]):
        assert refused(pair.ask(*command)) == "config-key"
    pair.environ["SYNCLINE_KEY"] = f"{new_key()}\n{key}"
    pair.run_until_quiet()
    nothing_is_stored(pair)


@pytest.mark.proves("L4")
def test_nobody_is_erased_while_a_run_is_at_work(pair: Pair) -> None:
    pair.fault("salesforce", kind="latency", seconds=10, path="/query", count=2)
    pair.put("apollo", "contacts", first_name="New", last_name="Comer", email="new@comer.test")
    run = pair.command("run", "--yes")
    assert run.until(lambda: pair.hits("salesforce") > 0)
    ended = SyncProcess(
        ["erase", ADDRESS, "--yes", "--json", "--settings", str(pair.file)], pair.environ, _folder(pair)
    ).end()
    assert refused(ended) == "plan-busy"
    assert run.end().code == 0
    assert pair.ask("erase", ADDRESS, "--yes").code == 0
    nothing_is_stored(pair)


def _folder(pair: Pair) -> Path:
    """Where a second process may write what it says."""
    folder = pair.folder / "second"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.proves("L4")
def test_a_file_that_somebody_reads_is_rewritten_later(pair: Pair) -> None:
    path = pair.database.removeprefix("sqlite:///")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM store_link").fetchone()
    done = pair.ask("erase", ADDRESS, "--yes")
    assert (done.code, done.document["file_rewritten"]) == (1, False), done.output
    with pair.store():
        assert not tables_with(*TRACES)
    reader.execute("COMMIT")
    reader.close()
    again = pair.ask("erase", ADDRESS, "--yes")
    assert (again.code, again.document["file_rewritten"]) == (0, True)
    nothing_is_stored(pair)
