"""Somebody whose system gives them no account gets the one of their e-mail domain, and nobody by chance (P4, P3)."""

from dataclasses import replace
from typing import Any

import pytest

from syncline.core.inferring import company_domain
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.match import MatchPolicy
from syncline.core.model import Kind, Raw, Side
from syncline.core.policy import OnAmbiguous
from syncline.engine.reconcile import reconcile
from syncline.store.models import Hold, Link
from tests.property.world import World, with_kind

LEAD_MAPS = (FieldMap("first", "first"), FieldMap("last", "last"), FieldMap("email", "email", owner="left"))


def leads(world: World, **policy: Any) -> None:
    """Right persons are leads without a company; left ones may have one."""
    right = world.right.types["person"]
    fields = {name: field for name, field in right.fields.items() if name != "company"}
    world.right.types["person"] = replace(right, fields=fields)
    pair = ObjectPair("person", "person", LEAD_MAPS, infer_account=True)
    world.settings = with_kind(world.settings, Kind.PERSON, pairs=(pair,))
    world.settings = with_kind(world.settings, Kind.ACCOUNT, match=MatchPolicy(keys=("domain",), **policy))


def lead(email: str) -> dict[str, Raw]:
    return {"first": "Ada", "last": "Byron", "email": email}


def company_of(world: World, email: str) -> Raw:
    (found,) = [row for row in world.left.all("person").values() if row["email"] == email]
    return found.get("company")


def company(world: World, side: Side, domain: str, name: str = "One") -> str:
    return world.systems[side].put("company", {"name": name, "domain": domain})


def rests(world: World) -> None:
    world.run()
    world.run()
    assert not world.writes()
    assert not reconcile(world.context()).unexplained


@pytest.mark.proves("P4")
@pytest.mark.parametrize("known_on", ["both", "left", "right"])
def test_a_lead_gets_the_account_of_its_domain_whichever_side_knew_it(world: World, known_on: str) -> None:
    leads(world)
    for side in Side:
        if known_on in ("both", side.value):
            company(world, side, "one.example")
    company(world, Side.LEFT, "two.example")
    world.right.put("person", lead("ada@mail.one.example"))
    world.run()
    world.run()
    (account,) = [id_ for id_, row in world.left.all("company").items() if row["domain"] == "one.example"]
    assert company_of(world, "ada@mail.one.example") == account
    rests(world)


@pytest.mark.proves("P4")
def test_nobody_gets_an_account_by_a_free_mail_address_or_without_one(world: World) -> None:
    leads(world)
    for domain in ("gmail.com", "yahoo.co.uk", "one.example"):
        company(world, Side.LEFT, domain)
    for email in ("ada@gmail.com", "bob@yahoo.co.uk", "eve@nowhere.example"):
        world.right.put("person", lead(email))
    world.run()
    assert {row.get("company") for row in world.left.all("person").values()} == {None}
    rests(world)


@pytest.mark.proves("P4")
def test_several_accounts_hold_the_field_and_never_the_record(world: World) -> None:
    leads(world)
    first, second = (company(world, Side.LEFT, "one.example", name) for name in ("First", "Second"))
    world.right.put("person", lead("ada@one.example"))
    world.run()
    assert company_of(world, "ada@one.example") is None
    world.run()
    hold = Hold.objects.get(code="several accounts", state="open")
    assert first in hold.reason
    assert second in hold.reason
    rests(world)


@pytest.mark.proves("P4")
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("by", ["a new account", "its domain"])
def test_an_account_that_appears_later_is_given_to_who_was_there_before(
    world: World, side: Side, by: str
) -> None:
    leads(world)
    known = world.systems[side].put("company", {"name": "One"})
    world.right.put("person", lead("ada@one.example"))
    rests(world)
    assert company_of(world, "ada@one.example") is None
    if by == "its domain":
        world.systems[side].edit("company", known, {"domain": "one.example"})
    else:
        company(world, side, "one.example")
    rests(world)
    account = company_of(world, "ada@one.example")
    assert world.left.values("company", str(account))["domain"] == "one.example"  # type: ignore[index]


@pytest.mark.proves("P4")
def test_a_policy_settles_several(world: World) -> None:
    leads(world, on_ambiguous=OnAmbiguous.RICHEST)
    company(world, Side.LEFT, "one.example", "First")
    rich = world.left.put(
        "company", {"name": "Rich", "domain": "one.example", "employees": 7, "industry": "retail"}
    )
    world.right.put("person", lead("ada@one.example"))
    world.run()
    assert company_of(world, "ada@one.example") == rich


@pytest.mark.proves("P4")
def test_an_account_that_somebody_chose_stays(world: World) -> None:
    leads(world)
    company(world, Side.LEFT, "one.example")
    other = company(world, Side.LEFT, "two.example")
    world.left.put("person", {**lead("ada@one.example"), "company": other})
    world.right.put("person", lead("ada@one.example"))
    world.run()
    assert Link.objects.filter(kind="person").count() == 1
    assert company_of(world, "ada@one.example") == other
    rests(world)


@pytest.mark.proves("P4")
def test_a_pulled_contact_keeps_exactly_the_account_its_system_gives_it(world: World) -> None:
    for domain in ("one.example", "two.example"):
        company(world, Side.RIGHT, domain)
    (two,) = [id_ for id_, row in world.right.all("company").items() if row["domain"] == "two.example"]
    pairs = tuple(replace(p, infer_account=True) for p in world.settings.kinds[1].pairs)
    world.settings = with_kind(world.settings, Kind.PERSON, pairs=pairs)
    world.right.put("person", {**lead("ada@one.example"), "company": two})
    world.right.put("person", lead("bob@one.example"))
    world.run()
    world.run()
    (account,) = [id_ for id_, row in world.left.all("company").items() if row["domain"] == "two.example"]
    assert company_of(world, "ada@one.example") == account
    assert company_of(world, "bob@one.example") is None
    rests(world)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("Ada <ada@Sales.One.co.uk>", "one.co.uk"),
        ("ada@one.example", "one.example"),
        ("ada@googlemail.com", None),
        ("ada@gmx.net", None),
        ("ada@co.uk", None),
        ("ada@127.0.0.1", None),
        ("ada@", None),
        ("no address", None),
        ("", None),
        ("ada@" + "x" * 300 + ".example", None),
    ],
)
def test_the_domain_that_an_address_speaks_for(address: str, domain: str | None) -> None:
    assert company_domain(address) == domain
