"""New records that nobody owns go to a pool of users in turn (Q5)."""

from collections import Counter

import pytest

from syncline.config.sync import UserMap
from syncline.core.criteria import Requirement
from syncline.core.errors import MissingSettingError
from syncline.core.model import Kind, Side
from syncline.core.policy import Direction
from syncline.store.models import Run, Standing, Turn
from tests.property.world import World, actions_of, with_kind, with_map
from tests.unit.quiet import settled
from tests.unit.test_engine_users import add, use

POOL = ("one@example.com", "two@example.com", "three@example.com")


@pytest.fixture
def pool(world: World) -> list[str]:
    """Three right users who take what nobody owns; their ids in the order of the pool."""
    add(world, Side.RIGHT, "three")
    use(world, UserMap(pool_right=POOL))
    return [world.user(Side.RIGHT, name) for name in ("one", "two", "three")]


def companies(world: World, first: int, number: int, owner: str | None = None) -> None:
    for n in range(first, first + number):
        world.left.put("company", {"name": f"C{n}", "domain": f"c{n}.example", "owner": owner})


def owners(world: World) -> dict[str, str]:
    """Who owns each company on the right."""
    rows = world.right.all("company").values()
    return {str(row["name"]): str(row.get("owner")) for row in rows}


def planned(run: Run) -> dict[str, str]:
    """Who is to own each company by a plan."""
    return {
        next(f["after"] for f in row.fields if f["field"] == "name"): f["after"]
        for row in actions_of(run)
        for f in row.fields
        if f["key"] == "owner=owner"
    }


@pytest.mark.proves("Q5")
def test_nobody_owns_them_without_a_pool(world: World) -> None:
    companies(world, 0, 3)
    settled(world)
    assert set(owners(world).values()) == {"None"}
    assert not Turn.objects.exists()


@pytest.mark.proves("Q5")
def test_records_that_nobody_owns_go_round(world: World, pool: list[str]) -> None:
    companies(world, 0, 4)
    companies(world, 100, 1, world.user(Side.LEFT, "two"))
    run = world.run()
    settled(world)
    companies(world, 4, 3)
    settled(world)
    found = owners(world)
    assert [found[f"C{n}"] for n in range(7)] == [pool[n % 3] for n in range(7)]
    assert found["C100"] == pool[1]
    assert all(c["owner"] is None for c in world.left.all("company").values() if c["name"] != "C100")
    changes = {f["source"]: f for row in actions_of(run) for f in row.fields if f["key"] == "owner=owner"}
    assert (changes[None]["rule"], changes[None]["reason"][:30]) == ("pool", "nobody owns it; it is the turn")


@pytest.mark.proves("Q5")
def test_a_record_keeps_the_owner_it_was_planned_with(world: World, pool: list[str]) -> None:
    companies(world, 0, 4)
    first = planned(world.plan())
    companies(world, 4, 1)
    again = planned(world.plan())
    assert {name: again[name] for name in first} == first
    assert again["C4"] == pool[1]
    settled(world)
    assert owners(world) == again


@pytest.mark.proves("Q5")
@pytest.mark.parametrize("after_commit", [True, False])
def test_it_does_so_across_a_lost_answer(world: World, pool: list[str], after_commit: bool) -> None:
    companies(world, 0, 4)
    first = planned(world.plan())
    world.right.fault("hang", verb="create", after_commit=after_commit)
    world.run()
    settled(world)
    assert owners(world) == first
    assert Counter(Turn.objects.values_list("user", flat=True)) == {pool[0]: 2, pool[1]: 1, pool[2]: 1}


@pytest.mark.proves("Q5")
def test_a_trial_of_a_few_records_uses_their_turns_alone(world: World, pool: list[str]) -> None:
    companies(world, 0, 5)
    world.run(limit=2)
    assert len(owners(world)) == Turn.objects.count() == 2
    settled(world)
    found = owners(world)
    assert [found[f"C{n}"] for n in range(5)] == [pool[n % 3] for n in range(5)]


@pytest.mark.proves("Q5")
def test_who_left_is_passed_over_and_later_ones_take_its_turns(world: World, pool: list[str]) -> None:
    companies(world, 0, 2)
    first = planned(world.plan())
    assert first == {"C0": pool[0], "C1": pool[1]}
    world.right.edit("user", pool[1], {"active": False})
    companies(world, 2, 3)
    settled(world)
    assert Counter(owners(world).values()) == {pool[0]: 3, pool[2]: 2}
    assert owners(world)["C0"] == pool[0]
    world.right.edit("user", pool[1], {"active": True})
    companies(world, 5, 3)
    settled(world)
    assert {owners(world)[f"C{n}"] for n in (5, 6, 7)} == set(pool)


@pytest.mark.proves("Q5")
def test_an_update_gives_nobody_an_owner(world: World, pool: list[str]) -> None:
    use(world, UserMap())
    companies(world, 0, 2)
    settled(world)
    use(world, UserMap(pool_right=POOL))
    (company, *_) = world.left.all("company")
    world.left.edit("company", company, {"name": "Other"})
    settled(world)
    assert set(owners(world).values()) == {"None"}


@pytest.mark.proves("Q5")
def test_what_somebody_changes_afterwards_stays(world: World, pool: list[str]) -> None:
    companies(world, 0, 1)
    settled(world)
    (twin,) = world.right.all("company")
    world.right.edit("company", twin, {"owner": pool[1]})
    settled(world)
    assert owners(world) == {"C0": pool[1]}
    assert [c["owner"] for c in world.left.all("company").values()] == [world.user(Side.LEFT, "two")]


@pytest.mark.proves("Q1", "Q5")
def test_who_must_have_an_owner_may_get_one_of_the_pool(world: World, pool: list[str]) -> None:
    owner = {"owner": Requirement("owner", carried=True), "phone": Requirement("phone", filled=True)}
    world.settings = with_kind(world.settings, Kind.ACCOUNT, require_left=owner)
    companies(world, 0, 2)
    world.left.put("company", {"name": "C2", "domain": "c2.example", "phone": "+1 212 555 0100"})
    world.left.put("company", {"name": "C3", "domain": "c3.example", "phone": "+1 212 555 0101"})
    settled(world)
    assert owners(world) == {"C2": pool[0], "C3": pool[1]}, "who is not eligible takes no turn"
    (asked, _) = Standing.objects.filter(side="left", state="not eligible").values_list("criteria", flat=True)
    assert {c["name"]: c["passed"] for c in asked if c["name"] in owner} == {"owner": True, "phone": False}
    use(world, UserMap())
    world.left.put("company", {"name": "C4", "domain": "c4.example", "phone": "+1 212 555 0102"})
    world.run()
    assert "C4" not in owners(world)


@pytest.mark.proves("Q5")
def test_an_owner_who_comes_later_goes_over_and_the_pool_is_no_edit(world: World, pool: list[str]) -> None:
    world.settings = with_map(world.settings, Kind.ACCOUNT, "owner=owner", direction=Direction.BOTH)
    companies(world, 0, 1)
    settled(world)
    (company,) = world.left.all("company")
    assert world.left.values("company", company)["owner"] is None  # type: ignore[index]
    world.left.edit("company", company, {"owner": world.user(Side.LEFT, "two")})
    settled(world)
    assert owners(world) == {"C0": pool[1]}


@pytest.mark.proves("Q5")
@pytest.mark.parametrize("names", [("nobody@example.com",), ("three@example.com",)])
def test_a_pool_of_nobody_who_is_active_stops_before_anything_is_written(
    world: World, names: tuple[str, ...]
) -> None:
    add(world, Side.RIGHT, "three", active=False)
    use(world, UserMap(pool_right=names))
    companies(world, 0, 1)
    with pytest.raises(MissingSettingError, match=f"pool_right.*right-crm.*{names[0]}"):
        world.run()
    assert not world.right.all("company")
