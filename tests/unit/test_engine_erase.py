"""Who was erased is in no table any more, and does not come back (rule L4)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from syncline.connectors.base import Connector
from syncline.core.errors import AmbiguousRecordError, NotFoundError, PlanError, TokenKeyError
from syncline.core.model import Kind, Side
from syncline.engine.erase import erase, look
from syncline.engine.explain import explain
from syncline.engine.lift import lift
from syncline.engine.reconcile import reconcile
from syncline.engine.screen import ScreenedConnector
from syncline.service.named import NamedConnector
from syncline.store import leases, wipe
from syncline.store.erasure_tables import Erasure, Fingerprint
from syncline.store.error_log import SyncError
from syncline.store.fields import JsonText, PlainText
from syncline.store.models import Action, Hold, Link, MirrorRecord, Standing
from syncline.store.sealing import new_key
from tests.property.world import SYNC, World, actions_of, with_map
from tests.unit.stored import cells, tables_with

ADA = {
    "first": "Adaline",
    "last": "Lovelock",
    "email": "adaline@lovelock.example",
    "phone": "+44 20 7946 0958",
    "title": "Enchantress of Numbers",
}
TRACES = ("adaline", "lovelock", "79460958", "7946 0958", "enchantress", "countess")
SYNCS = {SYNC: {Side.LEFT: "left-crm", Side.RIGHT: "right-crm"}}


@pytest.fixture
def pair(world: World) -> tuple[str, str]:
    """A person on both sides, with a past: changed since, held in one field, and refused in another."""
    person = world.left.put("person", ADA)
    world.run()
    (twin,) = world.right.all("person")
    world.left.edit("person", person, {"title": "Countess"})
    world.run()
    world.left.edit("person", person, {"phone": "+44 20 7946 0001"})
    world.right.edit("person", twin, {"phone": "+44 20 7946 0958", "score": 5})
    world.run()
    assert tables_with(*TRACES)
    return person, twin


def erased(world: World, record: str) -> str:
    """Erase somebody; the code of it."""
    world.time.advance(1)
    return erase(world.context(), SYNCS, record, "tester").code


def comes_to_rest(world: World, runs: int = 5) -> None:
    for _ in range(runs):
        if not actions_of(world.run()):
            return
    raise AssertionError([(a.op, a.left_id, a.right_id, a.reason) for a in actions_of(world.run())])


@pytest.mark.proves("L4")
def test_no_table_holds_anything_of_somebody_who_was_erased(world: World, pair: tuple[str, str]) -> None:
    other = world.left.put("person", {"last": "Other", "email": "other@example.com"})
    world.run()
    kept = dict(MirrorRecord.objects.filter(remote_id=other).values_list("remote_id", "values"))
    erased(world, ADA["email"])
    assert not tables_with(*TRACES)
    link = Link.objects.get(left_id=pair[0])
    assert (link.ended_reason, link.ended_at is not None) == ("erased", True)
    assert not Hold.objects.filter(left_id=pair[0], state="open").exists()
    assert not SyncError.objects.filter(left_id=pair[0], resolved_at__isnull=True).exists()
    assert dict(MirrorRecord.objects.filter(remote_id=other).values_list("remote_id", "values")) == kept
    row = Erasure.objects.get()
    assert (row.kind, row.sync, row.erased_by) == ("person", SYNC, "tester")
    assert Fingerprint.objects.count() == 3


@pytest.mark.proves("L4")
def test_neither_side_is_touched_and_nothing_returns(world: World, pair: tuple[str, str]) -> None:
    erased(world, f"person/{pair[0]}")
    assert (len(world.left.all("person")), len(world.right.all("person"))) == (1, 1)
    world.left.edit("person", pair[0], {"title": "Countess of Numbers"})
    world.right.edit("person", pair[1], {"title": "Countess"})
    comes_to_rest(world)
    world.settings = with_map(world.settings, Kind.PERSON, "title=title", enabled=False)
    comes_to_rest(world)  # everything was read anew
    assert not tables_with(*TRACES)
    assert world.left.all("person")[pair[0]]["title"] == "Countess of Numbers"
    assert world.right.all("person")[pair[1]]["title"] == "Countess"
    assert {s.rule for s in Standing.objects.filter(kind="person")} == {"erased"}
    found = reconcile(world.context())
    assert not found.unexplained, found.to_json()
    assert not tables_with(*TRACES)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.proves("L4")
def test_who_comes_anew_with_an_erased_address_gets_no_counterpart(
    world: World, pair: tuple[str, str], side: Side
) -> None:
    erased(world, ADA["email"])
    again = world.systems[side].put("person", {**ADA, "email": "ADALINE@lovelock.example"})
    comes_to_rest(world)
    assert (len(world.left.all("person")), len(world.right.all("person"))) == (
        (2, 1) if side is Side.LEFT else (1, 2)
    )
    assert not tables_with(*TRACES)
    assert MirrorRecord.objects.get(connection=f"{side}-crm", remote_id=again).erased
    assert Standing.objects.get(side=side, remote_id=again).rule == "erased"
    (story,) = explain(world.context(), f"person/{again}").stories[-1:]
    assert "erased" in story.state


@pytest.mark.proves("L4")
def test_a_linked_record_that_shows_an_erased_address_is_left_alone_and_may_come_back(
    world: World, pair: tuple[str, str]
) -> None:
    """Somebody types the address into another person's record, and mends it later."""
    bob = world.left.put("person", {"last": "Bob", "email": "bob@example.com", "title": "Clerk"})
    comes_to_rest(world)
    erased(world, ADA["email"])
    twin = next(i for i, v in world.right.all("person").items() if v["email"] == "bob@example.com")
    world.left.edit("person", bob, {"email": ADA["email"], "title": "Enchantress"})
    comes_to_rest(world)
    assert world.right.all("person")[twin]["title"] == "Clerk"
    assert not tables_with(*TRACES)
    found = reconcile(world.context())
    assert not found.unexplained, found.to_json()
    world.left.edit("person", bob, {"email": "bob@example.com", "title": "Chief"})
    comes_to_rest(world)
    assert world.right.all("person")[twin]["title"] == "Chief"
    assert Link.objects.get(left_id=bob).ended_at is None


@pytest.mark.proves("L4")
def test_a_stored_plan_goes_on_without_somebody_who_was_erased(world: World) -> None:
    person = world.left.put("person", ADA)
    other = world.left.put("person", {"last": "Other", "email": "other@example.com"})
    plan = world.plan()
    erased(world, f"person/{person}")
    world.run(run_id=plan.pk)
    assert [v["last"] for v in world.right.all("person").values()] == ["Other"]
    assert Link.objects.get().left_id == other
    assert not tables_with(*TRACES)


@pytest.mark.proves("L4")
def test_a_write_without_an_answer_does_not_bring_somebody_back(world: World) -> None:
    """The record was made over there, and nobody here heard of it before the erasure."""
    person = world.left.put("person", ADA)
    world.plan()
    Action.objects.filter(op="create").update(status="open", sent=ADA, sent_at=world.time.now())
    world.right.put("person", ADA)
    erased(world, f"person/{person}")
    comes_to_rest(world)
    assert len(world.right.all("person")) == 1
    assert not Link.objects.exists()
    assert not tables_with(*TRACES)


@pytest.mark.proves("L4")
def test_what_was_deleted_in_a_system_before_is_erased_too_and_does_not_live_again(
    world: World, pair: tuple[str, str]
) -> None:
    """Copies of deleted records keep their values, and nobody finds these by an address any more."""
    world.left.put("person", {**ADA, "first": "Adaline B."})
    double = next(id_ for id_ in world.left.all("person") if id_ != pair[0])
    world.run()
    world.left.remove("person", double)
    world.left.remove("person", pair[0])
    comes_to_rest(world)
    # Some systems show what a deleted record held.
    MirrorRecord.objects.filter(connection="left-crm", remote_id=double, deleted=True).update(values=ADA)
    assert len(look(world.context(), SYNCS, ADA["email"]).places) == 3
    erased(world, ADA["email"])
    assert not tables_with(*TRACES)
    world.left.restore("person", pair[0])
    comes_to_rest(world)
    assert not tables_with(*TRACES)
    assert not Link.objects.filter(ended_at__isnull=True).exists()


@pytest.mark.proves("L4")
def test_doubles_of_somebody_are_erased_with_them(world: World) -> None:
    world.left.put("person", ADA)
    world.left.put("person", {**ADA, "first": "Adaline B."})
    world.right.put("person", {**ADA, "last": "Lovelock-King"})
    world.run()
    found = look(world.context(), SYNCS, ADA["email"])
    assert len(found.places) == 3
    erased(world, ADA["email"])
    assert not tables_with(*TRACES)
    comes_to_rest(world)
    assert not tables_with(*TRACES)


@pytest.mark.proves("L4")
def test_what_a_vendor_said_of_them_in_somebody_elses_error_goes_too(
    world: World, pair: tuple[str, str]
) -> None:
    SyncError.objects.create(
        sync=SYNC, kind="person", side="right", left_type="person", left_id="x", error_class="duplicate",
        code="DUPLICATE", message=f"taken by {ADA['email'].upper()}", first_seen=world.time.now(),
        last_seen=world.time.now(), run_id=1,
    )  # fmt: skip
    erased(world, ADA["email"])
    assert SyncError.objects.get(left_id="x").message == "taken by (erased)"


@pytest.mark.proves("L4")
def test_a_company_is_known_by_its_domain_and_its_people_stay(world: World) -> None:
    company = world.left.put("company", {"name": "Lovelock Ltd", "domain": "lovelock.example"})
    person = world.left.put("person", {"last": "Bob", "email": "bob@example.com", "company": company})
    comes_to_rest(world)
    erased(world, "lovelock.example")
    world.right.put("company", {"name": "Lovelock again", "domain": "www.lovelock.example"})
    comes_to_rest(world)
    assert not tables_with("lovelock")
    assert Link.objects.get(left_id=person).ended_at is None
    assert len(world.left.all("company")) == 1


@pytest.mark.proves("L4")
def test_erasing_twice_changes_nothing(world: World, pair: tuple[str, str]) -> None:
    code = erased(world, ADA["email"])
    for name in (ADA["email"], f"person/{pair[1]}"):
        assert look(world.context(), SYNCS, name).done
        assert erased(world, name) == code
    assert Erasure.objects.count() == 1


@pytest.mark.proves("L4")
def test_any_of_several_keys_knows_them_and_a_lost_one_stops_runs(
    world: World, pair: tuple[str, str]
) -> None:
    erased(world, ADA["email"])
    old = world.keys
    world.keys = f"{new_key()}\n{old}"
    world.right.put("person", ADA)
    comes_to_rest(world)
    assert not tables_with(*TRACES)
    world.keys = new_key()
    with pytest.raises(TokenKeyError, match="would come back"):
        world.run()
    with pytest.raises(TokenKeyError, match="would come back"):
        reconcile(world.context())


def test_nobody_is_erased_without_a_key(world: World, pair: tuple[str, str]) -> None:
    context = replace(
        world.context(), token_keys=type(world.context())(world.settings, {}, world.clock).token_keys
    )
    with pytest.raises(TokenKeyError, match="no encryption_key"):
        erase(context, SYNCS, ADA["email"], "tester")
    assert tables_with(*TRACES)


@pytest.mark.parametrize(
    "name", ["nobody@example.com", "person/none", "", "%", "' OR 1=1 --", "a\x00b", "\ud800"]
)
def test_a_name_that_nobody_answers_to(world: World, pair: tuple[str, str], name: str) -> None:
    with pytest.raises(NotFoundError):
        erase(world.context(), SYNCS, name, "tester")
    assert not Erasure.objects.exists()


def test_a_name_of_several_who_have_nothing_to_do_with_each_other(world: World) -> None:
    for number in range(2):
        world.left.put("person", {"last": "Namesake", "email": f"n{number}@example.com"})
    world.run()
    with pytest.raises(AmbiguousRecordError, match="nothing joins them"):
        erase(world.context(), SYNCS, "Namesake", "tester")


def test_many_who_share_an_address_are_hardly_one(world: World) -> None:
    for number in range(25):
        world.left.put("person", {"last": f"Clerk {number}", "email": "office@example.com"})
    world.run()
    with pytest.raises(AmbiguousRecordError, match="more than 20"):
        erase(world.context(), SYNCS, "office@example.com", "tester")


def test_nobody_is_erased_while_a_run_is_at_work(world: World, pair: tuple[str, str]) -> None:
    leases.take(f"sync {SYNC}", "elsewhere:1", world.time.now())
    with pytest.raises(PlanError, match="another process"):
        erase(world.context(), SYNCS, ADA["email"], "tester")
    assert not Erasure.objects.exists()
    assert tables_with(*TRACES)


@pytest.mark.proves("L4")
def test_a_lifted_erasure_lets_them_meet_again(world: World, pair: tuple[str, str]) -> None:
    code = erased(world, ADA["email"])
    comes_to_rest(world)
    with pytest.raises(NotFoundError):
        lift(world.context(), SYNCS, "0123456789abcdef", "tester", "it was a mistake")
    world.time.advance(1)
    assert lift(world.context(), SYNCS, code, "tester", "they asked for it") == 2
    comes_to_rest(world)
    link = Link.objects.get(ended_at__isnull=True)
    assert (link.left_id, link.right_id) == pair
    row = Erasure.objects.get()
    assert (row.lifted_by, row.lift_reason) == ("tester", "they asked for it")
    assert not Fingerprint.objects.exists()
    erased(world, ADA["email"])
    assert not tables_with(*TRACES)


def test_a_lifted_erasure_leaves_others_as_they_are(world: World, pair: tuple[str, str]) -> None:
    world.left.put("person", {"last": "Zuse", "email": "zuse@example.com"})
    comes_to_rest(world)
    code = erased(world, ADA["email"])
    erased(world, "zuse@example.com")
    lift(world.context(), SYNCS, code, "tester", "they asked for it")
    comes_to_rest(world)
    assert not tables_with("zuse")
    assert tables_with("adaline")


@pytest.mark.proves("L4")
def test_other_syncs_of_a_connection_forget_them_too(world: World, pair: tuple[str, str]) -> None:
    """Rows of another sync over the same left connection, as its runs would have left them."""
    Standing.objects.filter(side="left", remote_id=pair[0]).update(sync="second", reason="about Adaline")
    Link.objects.filter(left_id=pair[0]).update(sync="second")
    MirrorRecord.objects.filter(connection="right-crm", remote_id=pair[1]).update(connection="third-crm")
    syncs = {**SYNCS, "second": {Side.LEFT: "left-crm", Side.RIGHT: "third-crm"}}
    found = look(world.context(), syncs, f"person/{pair[0]}")
    assert {connection for connection, _ in found.places} >= {"left-crm", "third-crm"}
    erase(world.context(), syncs, f"person/{pair[0]}", "tester")
    assert not tables_with(*TRACES)


NO_VALUES: Mapping[str, str] = {
    "Alert.cure": "advice",
    "Alert.text": "the state of a sync or a connection, and numbers",
    "AlertDelivery.failure": "of a receiver of alerts",
    "ConfigVersion.document": "settings",
    "Credential.scopes": "of a token",
    "Credential.gave_up": "of a token",
    "Erasure.lift_reason": "a person's own words, about an erasure that counts no more",
    "ReadCursor.cursor": "a place in a listing",
    "Run.by_hand": "a side, a choice and a user",
    "Run.calls": "numbers",
    "Run.error": "of a connection, not of a record",
    "Run.marks": "numbers",
    "Run.needs_approval": "brakes",
    "Run.planned": "numbers",
    "Run.results": "numbers",
    "RunProgress.step": "an object type",
    "ScheduleState.why": "of a connection, not of a record",
    "ScheduledPart.calls": "numbers",
    "SyncError.resolved_by": "why an error is over, in words of Syncline",
    "Sweep.cursor": "a place in a listing",
    "Sweep.missing": "ids",
    "Sweep.unseen": "ids",
    "Sweep.waiting": "ids",
    "SyncState.records": "numbers",
    "SyncState.watermarks": "numbers",
}
"""Columns of text that hold nothing of a record, with what they hold instead."""


@pytest.mark.proves("L4")
def test_every_column_that_may_hold_a_value_is_emptied() -> None:
    """Whoever adds a column says here, or in `store.wipe`, what becomes of it."""
    mirrored = {"values", "withheld", "times", "fate"}
    known = {f"{model.__name__}.{name}" for model, blank in wipe.BLANK.items() for name in blank}
    known |= {f"{model.__name__}.{name}" for model, blank in wipe.ONCE_OVER.items() for name in blank}
    known |= {f"MirrorRecord.{name}" for name in mirrored} | NO_VALUES.keys()
    columns: set[str] = set()
    for model in apps.get_app_config("store").get_models():
        if model in wipe.GONE:
            continue
        columns |= {f"{model.__name__}.{f.name}" for f in _texts(model)}
    assert not columns - known
    assert not NO_VALUES.keys() - columns


def _texts(model: type[models.Model]) -> list[Any]:
    return [f for f in model._meta.concrete_fields if isinstance(f, JsonText | PlainText)]


@pytest.mark.parametrize("wrapper", [ScreenedConnector, NamedConnector])
def test_who_stands_before_a_connector_passes_everything_on(wrapper: type[Connector]) -> None:
    """A method that it did not know would be answered by the contract's default, and not by the connector."""
    wanted = {name for name, value in vars(Connector).items() if callable(value) and not name.startswith("_")}
    assert not wanted - vars(wrapper).keys()


def test_the_walk_over_the_tables_finds_what_is_there(world: World, pair: tuple[str, str]) -> None:
    assert {"store_mirrorrecord", "store_matchkey", "store_link", "store_action"} <= tables_with(*TRACES)
    assert len({name for name, _ in cells()}) >= 8
