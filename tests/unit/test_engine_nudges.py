"""Nudged records are read and synced at once, just they, and by the rules of any run (U1)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError

from syncline.connectors.memory import Quirks
from syncline.core.errors import BusyError, ProtocolError, RunStopped, UnavailableError
from syncline.core.model import Kind, Record, Side
from syncline.core.scope import CreateRule
from syncline.engine.context import SyncContext
from syncline.service.nudging import BATCH, MOST_TRIES, carry
from syncline.store import beginnings, leases
from syncline.store.models import Link, MirrorRecord, Run, SyncState
from syncline.store.runs import RunStatus
from tests.property.watched import WatchedConnector
from tests.property.world import NO_BRAKES, World, with_kind
from tests.unit.linked_people import ADA, BOB, linked, made_unheard, twin_of
from tests.unit.nudged import AT_ONCE, called, nudge, see_to, waiting
from tests.unit.quiet import settled


@pytest.mark.proves("U1")
def test_a_nudged_change_goes_over_and_nothing_else_is_read(world: World) -> None:
    (ada, right), (bob, bob_right) = linked(world, ADA, BOB)
    world.left.edit("person", ada, {"title": "Countess"})
    world.left.edit("person", bob, {"title": "Chief"})
    nudge(world, Side.LEFT, ada)
    told = see_to(world)
    assert told["records"] == 1
    assert world.right.all("person")[right]["title"] == "Countess"
    assert world.right.all("person")[bob_right]["title"] == "VP"
    assert called(world) == {"left fetch person", "right fetch person"}
    # Once to decide, and once more just before the write.
    assert [each.calls_made()["fetch person"] for each in world.connectors.values()] == [2, 2]
    assert not waiting()
    assert Run.objects.latest("pk").nudged
    settled(world)
    assert world.right.all("person")[bob_right]["title"] == "Chief"


@pytest.mark.proves("U1")
def test_both_sides_of_a_pair_may_be_nudged_and_each_is_written(world: World) -> None:
    ((ada, right),) = linked(world, ADA)
    world.left.edit("person", ada, {"title": "Countess"})
    world.right.edit("person", right, {"phone": "+14155550199"})
    nudge(world, Side.LEFT, ada)
    nudge(world, Side.RIGHT, right)
    see_to(world)
    assert world.left.all("person")[ada]["phone"] == "+14155550199"
    assert world.right.all("person")[right]["title"] == "Countess"
    settled(world)


@pytest.mark.proves("U1", "I2", "U4")
def test_a_new_record_is_created_after_its_account_and_a_candidate_is_asked_for(world: World) -> None:
    linked(world, ADA)
    company = world.left.put("company", {"name": "Example", "domain": "example.org"})
    new = world.left.put("person", {**BOB, "company": company})
    known = world.right.put("person", {"last": "Eve", "email": "eve@example.net"})
    eve = world.left.put("person", {"last": "Eve", "email": "eve@example.net"})
    nudge(world, Side.LEFT, new, eve)
    see_to(world)
    (made,) = [p for p in world.right.all("person").values() if p["email"] == BOB["email"]]
    assert world.right.all("company")[str(made["company"])]["domain"] == "example.org"
    assert twin_of(eve) == known
    assert not any("read" in call for call in called(world))
    settled(world)


@pytest.mark.proves("U1", "I2", "E3")
def test_who_was_made_without_an_answer_is_looked_for_by_a_run_that_reads_all(world: World) -> None:
    """A nudge reads nobody else: it can neither say that the record was not made, nor whose it is."""
    world.run()
    ada = made_unheard(world, "Ada")
    (made,) = world.right.all("person")
    nudge(world, Side.LEFT, ada)
    nudge(world, Side.RIGHT, made)
    see_to(world)
    assert (len(world.left.all("person")), len(world.right.all("person"))) == (1, 1)
    settled(world)
    assert twin_of(ada) == made
    assert (len(world.left.all("person")), len(world.right.all("person"))) == (1, 1)


@pytest.mark.proves("U1", "U2")
def test_filters_hold_as_in_any_run(world: World) -> None:
    rule = CreateRule(when="stages", stages=("Customer",), no_stage=False)
    world.settings = with_kind(world.settings, Kind.PERSON, create_right=rule, stage_left="stage")
    linked_before = world.left.put("person", {**ADA, "stage": "Customer"})
    world.run()
    new = world.left.put("person", {**BOB, "stage": "lost"})
    nudge(world, Side.LEFT, new, linked_before)
    see_to(world)
    assert len(world.right.all("person")) == 1
    assert not waiting()
    settled(world)


@pytest.mark.proves("U1", "S3")
def test_a_tripped_brake_lets_the_plan_wait_and_a_waiting_plan_of_everything_stays(world: World) -> None:
    (pair, *_) = linked(world, ADA, BOB)
    world.settings = replace(world.settings, brakes=replace(NO_BRAKES, max_overwrites=0))
    world.left.edit("person", pair[0], {"last": "Lovelace"})
    everything = world.plan()
    assert everything.needs_approval
    nudge(world, Side.LEFT, pair[0])
    assert see_to(world)["awaiting_approval"] == 1
    assert not world.writes()
    assert Run.objects.get(pk=everything.pk).status == RunStatus.PLANNED
    nudged = Run.objects.latest("pk")
    assert [need["brake"] for need in nudged.needs_approval] == ["max_overwrites"]
    before = SyncState.objects.get().watermarks
    world.run(run_id=nudged.pk, approved_by="ada")
    assert world.right.all("person")[pair[1]]["last"] == "Lovelace"
    assert SyncState.objects.get().watermarks == before
    world.settings = replace(world.settings, brakes=NO_BRAKES)
    settled(world)


@pytest.mark.proves("U1", "C5")
def test_before_its_time_a_nudge_waits_and_nobody_is_called(world: World) -> None:
    world.settings = replace(world.settings, quiet_period=timedelta(hours=6))
    ada = world.left.put("person", ADA)
    world.plan()
    nudge(world, Side.LEFT, ada)
    told = see_to(world)
    assert (told["code"], told["put_off"]) == ("plan-quiet", 1)
    assert not called(world)
    assert not world.right.all("person")
    (row,) = waiting()
    assert (row.attempts, row.due_at > world.time.now()) == (0, True)
    world.time.advance(6 * 3600)
    see_to(world)
    assert not waiting()
    assert len(world.right.all("person")) == 1


@pytest.mark.proves("U1", "S2")
def test_the_first_run_is_approved_as_a_whole(world: World) -> None:
    world.settings = replace(world.settings, first_run_needs_approval=True)
    ada = world.left.put("person", ADA)
    nudge(world, Side.LEFT, ada)
    assert see_to(world)["code"] == "plan-quiet"
    made = world.plan()
    beginnings.start(world.settings.name, "ada", world.time.now())
    world.time.advance(60)
    assert see_to(world)["code"] == "plan"
    assert Run.objects.count() == 1
    world.run(run_id=made.pk, approved_by="ada")
    world.left.edit("person", ada, {"title": "Countess"})
    world.time.advance(600)
    see_to(world)
    (twin,) = world.right.all("person").values()
    assert twin["title"] == "Countess"


@pytest.mark.proves("U1", "L1")
def test_a_nudged_deletion_is_carried_over_as_deletions_are(world: World) -> None:
    ((ada, right),) = linked(world, ADA)
    world.settings = with_kind(world.settings, Kind.PERSON, delete_right=True)
    world.run()
    world.left.remove("person", ada)
    nudge(world, Side.LEFT, ada)
    see_to(world)
    assert right not in world.right.all("person")
    assert not Link.objects.filter(ended_at=None).exists()
    settled(world)


@pytest.mark.proves("U1", "L5")
def test_a_deletion_that_may_be_a_merge_waits_for_the_sweep(world: World) -> None:
    world.left.quirks = replace(
        Quirks(), sees_deletions=False, deletions_by_id=10, merged_ids="tags", tells_fates=False
    )
    ((ada, right),) = linked(world, ADA)
    world.settings = with_kind(world.settings, Kind.PERSON, delete_right=True)
    world.run()
    world.left.remove("person", ada)
    nudge(world, Side.LEFT, ada)
    see_to(world)
    assert not MirrorRecord.objects.get(connection="left-crm", remote_id=ada).deleted
    assert right in world.right.all("person")
    world.run()
    assert MirrorRecord.objects.get(connection="left-crm", remote_id=ada).deleted
    assert right not in world.right.all("person")


@pytest.mark.proves("U1")
def test_a_record_that_nobody_knows_is_dropped_with_a_word_and_the_others_go(world: World) -> None:
    ((ada, right),) = linked(world, ADA)
    world.left.edit("person", ada, {"title": "Countess"})
    nudge(world, Side.LEFT, "nobody", ada.upper())
    heard: list[tuple[str, str]] = []
    world.time.advance(1)
    context = world.context()
    context.listen = lambda connection, note: heard.append((connection, f"{note.code} {note.place}"))
    told = carry(context, {})
    assert (told["records"], told["unknown"]) == (2, 1)
    assert heard == [("left-crm", "nudge-unknown person/nobody")]
    assert world.right.all("person")[right]["title"] == "Countess"
    assert not waiting()


class Poisoned(WatchedConnector):
    """The answer about one record is not what the system publishes, whenever it is among those asked for."""

    poison = ""
    asked = 0

    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        if self.poison in ids:
            type(self).asked += 1
            raise ProtocolError("the answer to fetch is not what the system publishes")
        return super().fetch(object_type, ids, fields)


def poisoned(world: World, poison: str) -> SyncContext:
    context = world.context()
    connector = Poisoned(world.left)
    connector.poison = poison
    context.connectors = {**context.connectors, Side.LEFT: connector}
    return context


@pytest.mark.proves("U1", "E3")
def test_a_record_that_makes_it_fail_ends_after_five_tries_and_stops_nobody(world: World) -> None:
    people = [{"last": f"P{n}", "email": f"p{n}@example.com", "title": "old"} for n in range(9)]
    pairs = linked(world, *people)
    for left, _ in pairs:
        world.left.edit("person", left, {"title": "new"})
    nudge(world, Side.LEFT, *(left for left, _ in pairs))
    poison, its_twin = pairs[4]
    world.time.advance(1)
    told = carry(poisoned(world, poison), {})
    assert (told["records"], told["failed"]) == (8, 1)
    titles = {id_: values["title"] for id_, values in world.right.all("person").items()}
    assert {id_ for id_, title in titles.items() if title == "old"} == {its_twin}
    for attempts in range(1, MOST_TRIES):
        (row,) = waiting()
        assert (row.attempts, "publishes" in row.error) == (attempts, True)
        assert not carry(poisoned(world, poison), {})
        world.time.advance(1801)
        assert carry(poisoned(world, poison), {}) == {"failed": 1}
    assert not waiting()
    settled(world)


@pytest.mark.proves("U1", "E2")
def test_a_system_that_does_not_answer_lets_all_of_them_wait_with_growing_pauses(world: World) -> None:
    class Dead(WatchedConnector):
        """Answers nobody."""

        def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
            raise UnavailableError("no answer to fetch")

    ((ada, right),) = linked(world, ADA)
    world.left.edit("person", ada, {"title": "Countess"})
    nudge(world, Side.LEFT, ada)
    pauses = []
    for _ in range(7):
        context = world.context()
        context.connectors = {**context.connectors, Side.LEFT: Dead(world.left)}
        assert carry(context, {})["code"] == "remote-unavailable"
        (row,) = waiting()
        pause = (row.due_at - world.time.now()).total_seconds()
        pauses.append(pause)
        world.time.advance(pause)
    assert pauses == [10, 10, 20, 40, 80, 160, 320]
    see_to(world)
    assert not waiting()
    assert world.right.all("person")[right]["title"] == "Countess"


def test_after_trouble_with_the_database_nudges_are_tried_again_by_another_job(world: World) -> None:
    class Locked(WatchedConnector):
        """While it is asked, another process locks the database for too long."""

        def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
            raise OperationalError("database is locked")

    ((ada, _),) = linked(world, ADA)
    nudge(world, Side.LEFT, ada)
    (before,) = waiting()
    context = world.context()
    context.connectors = {**context.connectors, Side.LEFT: Locked(world.left)}
    with pytest.raises(OperationalError):
        carry(context, {})
    (row,) = waiting()
    assert (row.attempts, row.taken_at, row.number > before.number) == (0, None, True)
    world.time.advance(60)
    assert see_to(world)["records"] == 1
    assert not waiting()


@pytest.mark.proves("U1")
def test_what_is_nudged_again_while_it_is_worked_on_is_seen_to_once_more(world: World) -> None:
    ((ada, right),) = linked(world, ADA)
    world.left.edit("person", ada, {"title": "Countess"})
    nudge(world, Side.LEFT, ada)

    def meanwhile() -> None:
        world.left.edit("person", ada, {"title": "Analyst"})
        nudge(world, Side.LEFT, ada)

    world.right.racing.append(meanwhile)
    assert see_to(world)["records"] == 2
    assert not waiting()
    assert world.right.all("person")[right]["title"] == "Analyst"


def test_while_another_process_works_on_the_sync_nudges_wait(world: World) -> None:
    ((ada, _),) = linked(world, ADA)
    nudge(world, Side.LEFT, ada)
    with leases.held(f"sync {world.settings.name}", "other:1", world.time.now(), "a run"):
        told = see_to(world)
    assert (told["code"], told["put_off"]) == (BusyError.code, 1)
    (row,) = waiting()
    assert "a run" in row.error


@pytest.mark.proves("U1")
def test_a_job_that_is_asked_to_stop_loses_nothing_and_frees_what_is_left(world: World) -> None:
    people = [{"last": f"P{n}", "email": f"p{n}@example.com", "title": "old"} for n in range(3)]
    pairs = linked(world, *people)
    for left, _ in pairs:
        world.left.edit("person", left, {"title": "new"})
    nudge(world, Side.LEFT, *(left for left, _ in pairs))
    for looks in range(1, 8):
        left_over = iter(range(looks))
        context = world.context()
        context.stopping = lambda left_over=left_over: next(left_over, None) is None  # type: ignore[misc]
        with suppress(RunStopped):
            carry(context, {})
        assert not [row for row in waiting() if row.taken_at]
        stale = {id_ for id_, values in world.right.all("person").items() if values["title"] == "old"}
        assert not stale or len(waiting()) == 3
    see_to(world)
    assert not waiting()
    settled(world)


@pytest.mark.proves("U1")
def test_more_than_one_batch_is_one_job(world: World) -> None:
    people = [{"last": f"P{n}", "email": f"p{n}@example.com"} for n in range(BATCH + 1)]
    pairs = linked(world, *people)
    nudge_many = replace(AT_ONCE, most=BATCH + 1)
    nudge(world, Side.LEFT, *(left for left, _ in pairs), timing=nudge_many)
    assert see_to(world)["records"] == BATCH + 1


def test_a_nudge_that_calls_for_nothing_leaves_no_run(world: World) -> None:
    ((ada, _),) = linked(world, ADA)
    world.right.put("person", BOB)
    runs = Run.objects.count()
    nudge(world, Side.LEFT, ada)
    assert see_to(world)["records"] == 1
    assert Run.objects.count() == runs
