"""What a test can make the memory system do, and that it does it the same way every time."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from syncline.connectors.base import Change, Draft
from syncline.connectors.memory import Automation, Crash, MemoryConnector, MemorySystem, Quirks
from syncline.core.errors import ProtocolError
from syncline.core.model import (
    MISSING,
    WITHHELD,
    ErrorClass,
    Failure,
    OutcomeStatus,
    Raw,
    Record,
)
from syncline.testing.clock import ManualClock

FIELDS = ["last", "email", "title"]


@pytest.fixture
def remote() -> MemorySystem:
    return MemorySystem(ManualClock())


@pytest.fixture
def connector(remote: MemorySystem) -> MemoryConnector:
    return MemoryConnector(remote)


def person(n: int = 1, **values: Raw) -> dict[str, Raw]:
    return {"last": f"Person {n}", "email": f"person{n}@example.org", **values}


def listed(connector: MemoryConnector) -> dict[str, Record]:
    pages = connector.changes("person", None, FIELDS)
    return {record.ref.remote_id: record for page in pages for record in page.records}


def test_a_stale_listing_shows_the_old_state_for_a_number_of_reads(
    remote: MemorySystem, connector: MemoryConnector
) -> None:
    id_ = remote.put("person", person())
    remote.quirks.stale_reads = 2
    remote.edit("person", id_, {"title": "new"})
    (fetched,) = connector.fetch("person", [id_], FIELDS)
    assert fetched.get("title") == "new"
    assert [listed(connector)[id_].get("title") for _ in range(3)] == [None, None, "new"]


def test_a_stale_listing_catches_up_when_told_or_when_time_has_passed(
    remote: MemorySystem, connector: MemoryConnector
) -> None:
    remote.quirks.stale_reads = None
    first = remote.put("person", person(1))
    assert first not in listed(connector)
    remote.settle()
    assert first in listed(connector)
    remote.quirks = Quirks(stale_for=timedelta(seconds=30))
    second = remote.put("person", person(2))
    assert second not in listed(connector)
    remote.clock.sleep(31)
    assert second in listed(connector)


def test_a_listing_never_goes_back(remote: MemorySystem, connector: MemoryConnector) -> None:
    id_ = remote.put("person", person())
    remote.quirks.stale_reads = None
    remote.edit("person", id_, {"title": "first"})
    remote.quirks.stale_reads = 0
    remote.edit("person", id_, {"title": "second"})
    remote.settle()
    assert listed(connector)[id_].get("title") == "second"


def test_a_late_commit_is_nowhere_until_it_lands_with_its_old_stamp(
    remote: MemorySystem, connector: MemoryConnector
) -> None:
    remote.quirks.late_commits = None
    late = remote.put("person", person(1))
    remote.quirks.late_commits = 0
    early = remote.put("person", person(2))
    assert connector.fetch("person", [late], FIELDS) == []
    remote.settle()
    shown = listed(connector)
    assert int(shown[late].version or 0) < int(shown[early].version or 0)


def test_a_second_writer_waits_for_a_late_commit(remote: MemorySystem, connector: MemoryConnector) -> None:
    id_ = remote.put("person", person())
    remote.quirks.late_commits = None
    remote.edit("person", id_, {"title": "late"})
    connector.update("person", [Change(id_, {"last": "Renamed"})])
    remote.settle()
    assert remote.values("person", id_) == person(title="late", last="Renamed")


def test_nothing_is_late_for_longer_than_the_overlap(
    remote: MemorySystem, connector: MemoryConnector
) -> None:
    remote.quirks.late_commits = None
    late = remote.put("person", person())
    remote.quirks.late_commits = 0
    for n in range(remote.overlap):
        remote.put("person", person(n))
    assert late in listed(connector)


@pytest.mark.parametrize(("versions", "distinct"), [("counter", 1), ("none", 1), ("restless", 3)])
def test_versions_may_be_absent_or_restless(
    remote: MemorySystem, connector: MemoryConnector, versions: str, distinct: int
) -> None:
    id_ = remote.put("person", person())
    remote.quirks.versions = versions
    seen = [connector.fetch("person", [id_], FIELDS)[0].version for _ in range(3)]
    assert len(set(seen)) == distinct
    assert (seen[0] is None) == (versions == "none")


def test_a_touch_moves_the_version_and_no_value(remote: MemorySystem, connector: MemoryConnector) -> None:
    id_ = remote.put("person", person())
    before = listed(connector)[id_]
    remote.edit("person", id_, {})
    after = listed(connector)[id_]
    assert before.values == after.values
    assert before.version != after.version


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("title", "  Boss ", "Boss"),
        ("email", " Ada@Example.ORG", "ada@example.org"),
        ("phone", "+1 415 555 0123", "(415) 555-0123"),
        ("phone", "+44 20 7946 0958", "+44 20 7946 0958"),
        ("last", "x" * 90, "x" * 80),
        ("score", "1.005", 1.01),
        ("met_at", "2024-01-01T01:00:00+01:00", "2024-01-01T00:00:00+00:00"),
        ("tags", ["a", "b", "a"], ["a", "b"]),
        ("title", "   ", None),
    ],
)
def test_values_are_reformatted_and_explained(
    remote: MemorySystem, connector: MemoryConnector, name: str, sent: Raw, kept: Raw
) -> None:
    remote.quirks = Quirks(formats=True, cuts=True)
    (outcome,) = connector.create("person", [Draft("one", {**person(), name: sent})])
    assert outcome.record is not None, outcome.failure
    assert outcome.record.get(name) == kept
    assert connector.stored_as("person", name, sent) == kept
    remote.quirks.explains = False
    assert connector.stored_as("person", name, sent) == sent


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("last", " ", "REQUIRED"),
        ("last", "x" * 81, "TOO_LONG"),
        ("email", "Ada <ada@example.org>", "BAD_EMAIL"),
        ("stage", "hidden", "BAD_OPTION"),
        ("score", "many", "NOT_A_NUMBER"),
        ("score", float("nan"), "NOT_A_NUMBER"),
        ("optin", "yes", "NOT_A_BOOLEAN"),
        ("birthday", "2023-02-29", "BAD_DATE"),
        ("met_at", "2024-01-01T00:00:00", "BAD_TIME"),
        ("tags", "one", "WRONG_TYPE"),
        ("title", 5, "WRONG_TYPE"),
        ("title", ["one"], "WRONG_TYPE"),
        ("company", "c000999", "NO_SUCH_RECORD"),
        ("nickname", "Al", "NO_SUCH_FIELD"),
        ("title", "nul\0", "BAD_CHARACTER"),
    ],
)
def test_bad_values_are_refused_with_the_field(
    remote: MemorySystem, connector: MemoryConnector, name: str, value: Raw, code: str
) -> None:
    (outcome,) = connector.create("person", [Draft("one", {**person(), name: value})])
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.fields) == (code, (name,))
    assert remote.all("person") == {}


def test_an_inactive_owner_is_refused(remote: MemorySystem, connector: MemoryConnector) -> None:
    user = remote.put("user", {"name": "Bob", "email": "bob@memory.test", "active": False})
    (outcome,) = connector.create("person", [Draft("one", person(owner=user))])
    assert outcome.failure is not None
    assert outcome.failure.code == "INACTIVE_OWNER"


def test_a_chosen_record_is_refused_with_the_failure_that_was_given(
    remote: MemorySystem, connector: MemoryConnector
) -> None:
    locked = Failure(ErrorClass.LOCK, "ROW_LOCKED", "somebody else writes it")
    remote.fault("refuse", verb="create", failure=locked, when=lambda values: values["last"] == "Person 2")
    outcomes = connector.create("person", [Draft(str(n), person(n)) for n in range(4)])
    assert [outcome.failure for outcome in outcomes] == [None, None, locked, None]


def test_random_refusals_are_the_same_for_the_same_seed() -> None:
    def refused(seed: int) -> list[OutcomeStatus]:
        remote = MemorySystem(ManualClock(), seed=seed, quirks=Quirks(refusal_rate=0.5))
        drafts = [Draft(str(n), person(n)) for n in range(30)]
        return [outcome.status for outcome in MemoryConnector(remote).create("person", drafts)]

    assert refused(7) == refused(7)
    assert refused(7) != refused(8)
    assert set(refused(7)) == {OutcomeStatus.APPLIED, OutcomeStatus.REJECTED}


@pytest.mark.parametrize(("after_commit", "present"), [(False, 0), (True, 1)])
def test_a_crash_comes_before_or_after_the_write(
    remote: MemorySystem, connector: MemoryConnector, present: int, *, after_commit: bool
) -> None:
    remote.fault("raise", verb="create", after_commit=after_commit)
    with pytest.raises(Crash):
        connector.create("person", [Draft("one", person())])
    assert len(remote.all("person")) == present


def test_a_batch_is_half_done_when_the_second_call_crashes(
    remote: MemorySystem, connector: MemoryConnector
) -> None:
    remote.fault("raise", verb="create", skip=1, error=Crash("between two calls"))
    with pytest.raises(Crash, match="between"):
        connector.create("person", [Draft(str(n), person(n)) for n in range(15)])
    assert len(remote.all("person")) == remote.batch_size


@pytest.mark.parametrize(("manner", "status"), [("existing", "existing"), ("refuse", "rejected")])
def test_a_twin_is_found_by_its_match_key(
    remote: MemorySystem, connector: MemoryConnector, manner: str, status: str
) -> None:
    id_ = remote.put("person", person(title="kept"))
    remote.quirks.duplicates = manner
    (outcome,) = connector.create("person", [Draft("one", person(email="PERSON1@example.org"))])
    assert outcome.status == status
    assert outcome.record or outcome.failure
    found = outcome.record.ref if outcome.record else outcome.failure.existing if outcome.failure else None
    assert found is not None
    assert found.remote_id == id_
    assert remote.all("person") == {id_: person(title="kept")}


def test_an_automation_rewrites_at_once_or_before_the_next_listing(
    remote: MemorySystem, connector: MemoryConnector
) -> None:
    remote.automations.append(Automation("person", lambda v: {"last": str(v["last"]).upper()}))
    remote.automations.append(Automation("person", lambda v: {"title": "by automation"}, later=True))
    (outcome,) = connector.create("person", [Draft("one", person(title="ours"))])
    assert outcome.record is not None
    id_ = outcome.record.ref.remote_id
    assert (outcome.record.get("last"), outcome.record.get("title")) == ("PERSON 1", "ours")
    shown = listed(connector)[id_]
    assert shown.get("title") == "by automation"
    assert shown.version != outcome.record.version
    assert listed(connector)[id_].version == shown.version


def test_withheld_and_unreadable_fields_are_told_apart(
    remote: MemorySystem, connector: MemoryConnector
) -> None:
    id_ = remote.put("person", person())
    remote.withhold("person", id_, "email")
    remote.unreadable["person"] = {"title"}
    (shown,) = connector.fetch("person", [id_], FIELDS)
    assert (shown.get("email"), shown.get("title"), shown.get("last")) == (WITHHELD, MISSING, "Person 1")
    remote.withhold("person", id_)
    assert connector.fetch("person", [id_], FIELDS)[0].get("email") == "person1@example.org"


def test_a_deleted_record_empties_what_points_at_it_and_can_come_back(remote: MemorySystem) -> None:
    company = remote.put("company", {"name": "Acme"})
    id_ = remote.put("person", person(company=company))
    remote.remove("company", company)
    assert remote.values("company", company) is None
    assert (remote.values("person", id_) or {})["company"] is None
    with pytest.raises(KeyError):
        remote.edit("company", company, {"name": "Ghost"})
    remote.restore("company", company)
    assert remote.values("company", company) == {"name": "Acme"}


def test_a_full_read_of_stale_listings_is_not_called_complete(
    remote: MemorySystem, connector: MemoryConnector
) -> None:
    remote.put("person", person())
    assert [page.complete for page in connector.changes("person", None, FIELDS)] == [True]
    remote.quirks.stale_reads = 1
    assert [page.complete for page in connector.changes("person", None, FIELDS)] == [False]


def test_a_changed_schema_is_seen_by_the_next_connector(
    remote: MemorySystem, connector: MemoryConnector
) -> None:
    old = connector.describe("person")
    fewer = {name: field for name, field in old.fields.items() if name != "score"}
    remote.change_schema(type(old)("person", old.kind, fewer))
    assert connector.describe("person") is old
    assert MemoryConnector(remote).describe("person").fingerprint != old.fingerprint


def test_a_repeated_page_of_changes_ends_too(remote: MemorySystem, connector: MemoryConnector) -> None:
    remote.page_size = 2
    (page,) = connector.changes("person", None, FIELDS)
    for n in range(5):
        remote.put("person", person(n))
    remote.fault("repeat_page", verb="read", count=None)
    with pytest.raises(ProtocolError):
        list(connector.changes("person", page.cursor, FIELDS))


def test_a_fault_of_no_kind_is_refused(remote: MemorySystem) -> None:
    with pytest.raises(ValueError, match="repeat_page"):
        remote.fault("earthquake")


def test_the_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock()
    start = clock.now()
    move: list[Callable[[float], None]] = [clock.sleep, clock.advance]
    for each in move:
        each(30)
    assert clock.now() - start == timedelta(minutes=1)
    assert clock.slept == 30
