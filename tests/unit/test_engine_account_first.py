"""A new contact has its account there before it is made, whatever is switched off for accounts (U3, U4)."""

from typing import Any

import pytest

from syncline.connectors.memory.schema import memory_schema
from syncline.core.criteria import Requirement
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.match import MatchPolicy
from syncline.core.model import Kind, Raw, Side
from syncline.core.plan import Op
from syncline.core.policy import Direction, OnAmbiguous
from syncline.core.scope import CreateRule
from syncline.engine.explain import explain
from syncline.engine.reconcile import reconcile
from syncline.store.models import Standing
from tests.property.world import World, actions_of, with_kind
from tests.unit.quiet import killed_after, settled

OFF = CreateRule(enabled=False)


@pytest.fixture
def first(world: World) -> World:
    """A sync whose new people wait for their company, and where no company is made by itself."""
    world.settings = with_kind(world.settings, Kind.PERSON, create_right=CreateRule(account_first=True))
    world.settings = with_kind(world.settings, Kind.ACCOUNT, create_right=OFF)
    return world


def company(world: World, name: str = "One", **values: Raw) -> str:
    return world.left.put("company", {"name": name, "domain": f"{name.lower()}.example", **values})


def person(world: World, name: str, **values: Raw) -> str:
    return world.left.put("person", {"last": name, "email": f"{name.lower()}@one.example", **values})


def standing(object_type: str, id_: str) -> Standing:
    return Standing.objects.get(side="left", object_type=object_type, remote_id=id_)


def there(world: World, object_type: str) -> list[Any]:
    return list(world.right.all(object_type).values())


@pytest.mark.proves("U4")
def test_the_account_of_a_new_contact_is_made_and_no_other(first: World) -> None:
    needed, idle = company(first), company(first, "Idle")
    ada, bob = (person(first, name, company=needed) for name in ("Ada", "Bob"))
    plan = {(a.op, a.left_id): a for a in actions_of(first.plan())}
    made = plan[Op.CREATE, needed]
    assert (made.rule, made.evidence) == ("account of a contact", {"concerned": [f"person/{ada}"]})
    assert made.reason.startswith(f"needed by person/{ada}")
    assert (Op.SKIP, needed) not in plan
    assert plan[Op.SKIP, idle].rule == "create is on"
    assert [f["awaits"] for f in plan[Op.CREATE, bob].fields if f["field"] == "company"] == [
        ["company", needed]
    ]
    first.run()
    assert [c["name"] for c in there(first, "company")] == ["One"]
    assert {p["company"] for p in there(first, "person")} == set(first.right.all("company"))
    settled(first)


@pytest.mark.proves("U4")
@pytest.mark.parametrize(
    "rule",
    [
        CreateRule(when="stages", stages=("software",), no_stage=False),
        CreateRule(where="employees > 5"),
        CreateRule(where="1 / 0 == 1"),
        CreateRule(lists=("VIP",)),
    ],
    ids=["stage", "filter", "broken filter", "lists"],
)
def test_neither_stages_nor_filters_of_accounts_keep_a_contacts_account_back(
    first: World, rule: CreateRule
) -> None:
    first.settings = with_kind(first.settings, Kind.ACCOUNT, create_right=rule, stage_left="industry")
    company(first, "Idle")
    ada = person(first, "Ada", company=company(first))
    first.run()
    assert [c["name"] for c in there(first, "company")] == ["One"]
    assert [bool(p["company"]) for p in there(first, "person")] == [True]
    assert not explain(first.context(), f"person/{ada}").stories[0].holds
    settled(first)


@pytest.mark.proves("U4")
def test_an_account_that_was_left_alone_long_ago_is_made_when_somebody_needs_it(first: World) -> None:
    known = company(first)
    first.run()
    assert standing("company", known).state == "not eligible"
    person(first, "Ada", company=known)
    first.run()
    assert len(there(first, "company")) == len(there(first, "person")) == 1
    settled(first)


@pytest.mark.proves("U4")
def test_one_that_is_there_already_is_found_and_not_made_again(first: World) -> None:
    first.right.put("company", {"name": "Uno", "domain": "one.example"})
    person(first, "Ada", company=company(first))
    first.run()
    assert len(there(first, "company")) == 1
    assert [bool(p["company"]) for p in there(first, "person")] == [True]
    settled(first)


@pytest.mark.proves("U4")
def test_with_several_candidates_the_account_is_held_and_the_contact_waits(first: World) -> None:
    for name in ("Uno", "Eins"):
        first.right.put("company", {"name": name, "domain": "one.example"})
    one = company(first)
    ada = person(first, "Ada", company=one)
    first.run()
    assert not there(first, "person")
    assert (standing("company", one).state, standing("company", one).rule) == ("held", "ambiguous")
    waits = standing("person", ada)
    assert (waits.state, waits.rule) == ("not eligible", "account first")
    assert f"company/{one}" in waits.reason
    assert not actions_of(first.run())
    assert not reconcile(first.context()).unexplained
    match = MatchPolicy(keys=("domain",), on_ambiguous=OnAmbiguous.OLDEST)
    first.settings = with_kind(first.settings, Kind.ACCOUNT, match=match)
    first.run()
    assert [bool(p["company"]) for p in there(first, "person")] == [True]
    assert len(there(first, "company")) == 2


@pytest.mark.proves("U4")
def test_a_contact_without_an_account_or_with_one_that_was_deleted_is_made_without(first: World) -> None:
    gone = company(first)
    person(first, "Alone")
    person(first, "Bereft", company=gone)
    first.left.remove("company", gone)
    first.run()
    assert {p["last"]: p.get("company") for p in there(first, "person")} == {"Alone": None, "Bereft": None}


@pytest.mark.proves("U4")
def test_an_account_that_lacks_what_is_required_keeps_its_contact_waiting_until_it_has_it(
    first: World,
) -> None:
    first.settings = with_kind(
        first.settings,
        Kind.ACCOUNT,
        create_right=CreateRule(),
        require_left={"big": Requirement("phone", filled=True)},
    )
    one = company(first)
    person(first, "Ada", company=one)
    first.run()
    assert (there(first, "company"), there(first, "person")) == ([], [])
    first.left.edit("company", one, {"phone": "+1 212 555 0100"})
    first.run()
    assert len(there(first, "company")) == len(there(first, "person")) == 1
    settled(first)


@pytest.mark.proves("U4")
def test_an_account_nobody_has_read_yet_is_waited_for(first: World) -> None:
    ada = person(first, "Ada", company="c999999")
    first.run()
    assert not there(first, "person")
    assert standing("person", ada).rule == "account first"
    assert not reconcile(first.context()).unexplained


@pytest.mark.proves("U4")
def test_one_that_is_read_later_is_made_although_accounts_are_not(first: World) -> None:
    number = int(company(first, "Idle")[1:])
    coming = f"c{number + 2:06}"
    ada = person(first, "Ada", company=coming)
    first.run()
    assert (there(first, "person"), standing("person", ada).rule) == ([], "account first")
    assert company(first) == coming
    first.run()
    assert [c["name"] for c in there(first, "company")] == ["One"]
    assert [bool(p["company"]) for p in there(first, "person")] == [True]
    settled(first)


@pytest.mark.proves("U4")
def test_whoever_is_not_made_needs_no_account(first: World) -> None:
    rule = CreateRule(account_first=True, where="last != 'Ada'")
    first.settings = with_kind(first.settings, Kind.PERSON, create_right=rule)
    person(first, "Ada", company=company(first))
    first.run()
    assert (there(first, "company"), there(first, "person")) == ([], [])


@pytest.mark.proves("U4")
@pytest.mark.parametrize(("setting", "owner"), [("integration_user", None), ("contact_owner", "two")])
def test_the_owner_of_such_an_account_is_a_setting(first: World, setting: Any, owner: str | None) -> None:
    for system in first.systems.values():
        system.change_schema(next(s for s in memory_schema() if s.object_type == "person"))
    maps = first.settings.kinds[1].pairs[0].fields
    owning = FieldMap("owner", "owner", direction=Direction.TO_LEFT)
    pair = ObjectPair("person", "person", (*maps, owning))
    rule = CreateRule(account_first=True, account_owner=setting)
    first.settings = with_kind(first.settings, Kind.PERSON, create_right=rule, pairs=(pair,))
    one = company(first, owner=first.user(Side.LEFT, "one"))
    person(first, "Ada", company=one, owner=first.user(Side.LEFT, "two"))
    first.run()
    (made,) = there(first, "company")
    assert made.get("owner") == (first.user(Side.RIGHT, owner) if owner else None)
    assert not actions_of(first.run())
    assert first.left.values("company", one)["owner"] == first.user(Side.LEFT, "one")  # type: ignore[index]
    assert not reconcile(first.context()).unexplained


@pytest.mark.proves("U4")
@pytest.mark.parametrize("looks", range(1, 16, 2))
def test_a_kill_anywhere_makes_neither_of_them_twice(first: World, looks: int) -> None:
    person(first, "Ada", company=company(first))
    killed_after(first, looks)
    settled(first)
    assert len(there(first, "company")) == len(there(first, "person")) == 1


@pytest.mark.proves("U4")
def test_a_contact_that_is_gone_before_the_run_takes_the_need_with_it(first: World) -> None:
    ada = person(first, "Ada", company=company(first))
    planned = first.plan()
    first.left.remove("person", ada)
    first.run(run_id=planned.pk)
    first.run()
    assert (there(first, "company"), there(first, "person")) == ([], [])
    settled(first)


@pytest.mark.proves("U4")
def test_a_small_plan_counts_the_account_too(first: World) -> None:
    for number in range(5):
        person(first, f"P{number}", company=company(first, f"C{number}"))
    first.run(limit=2)
    assert (len(there(first, "company")), len(there(first, "person"))) == (2, 2)
    assert all(p["company"] for p in there(first, "person"))
