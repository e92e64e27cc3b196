"""Users are paired by e-mail address; the settings go before that, and a person before both (M7, Q5)."""

from dataclasses import replace

import pytest

from syncline.config.sync import UserMap
from syncline.core.errors import AmbiguousRecordError, NotFoundError
from syncline.core.model import Side
from syncline.engine.users import look, set_pair, unset_pair
from syncline.engine.who import UserMatch, match_users
from syncline.store.models import Hold, UserPair
from tests.property.world import World, actions_of, rehashed
from tests.unit.quiet import settled


def add(world: World, side: Side, name: str, email: str = "", *, active: bool = True) -> str:
    """A new user of a side; its id."""
    address = email or f"{name}@example.com"
    return world.systems[side].put("user", {"name": name.title(), "email": address, "active": active})


def use(world: World, users: UserMap) -> None:
    """Have the settings say this of users."""
    world.settings = rehashed(replace(world.settings, users=users))


def found(world: World) -> UserMatch:
    return look(world.context(), offline=False)


def paired(world: World) -> dict[str, tuple[str | None, str]]:
    """Who each left user is on the right, and by what."""
    return {p.left.id: (p.right.id if p.right else None, p.by.value) for p in found(world).pairings}


def by_hand(world: World, left: str, right: str, by: str = "ann") -> bool:
    """Pair two users; whether that was new."""
    return set_pair(world.context(), left, right, by, offline=False)[2]


@pytest.mark.proves("M7", "Q5")
def test_the_stronger_word_counts(world: World) -> None:
    one, two = (world.user(Side.LEFT, name) for name in ("one", "two"))
    there = {name: world.user(Side.RIGHT, name) for name in ("one", "two")}
    third = add(world, Side.RIGHT, "three")
    assert paired(world) == {one: (there["one"], "e-mail"), two: (there["two"], "e-mail")}
    use(world, UserMap({"One@Example.com": "two@example.com", two: third}))
    assert paired(world) == {one: (there["two"], "settings"), two: (third, "settings")}
    assert by_hand(world, "one@example.com", third)
    assert paired(world) == {one: (third, "hand"), two: (third, "settings")}
    users = match_users(world.context())
    assert users.counterpart(Side.RIGHT, third) == one  # a hand goes before the settings on the way back too


@pytest.mark.proves("Q5")
def test_it_is_kept_who_said_so_and_when_also_after_it_was_taken_back(world: World) -> None:
    third = add(world, Side.RIGHT, "three")
    one = world.user(Side.LEFT, "one")
    assert by_hand(world, one, third)
    first = world.clock.now()
    assert not by_hand(world, one, third, "bob")
    (pairing,) = [p for p in found(world).pairings if p.left.id == one]
    assert (pairing.set_by, pairing.how) == ("ann", "paired by hand by ann")
    world.time.advance(60)
    assert by_hand(world, one, "two@example.com", "bob")
    assert unset_pair(world.context(), "one@example.com", "cid") == one
    assert paired(world)[one] == (world.user(Side.RIGHT, "one"), "e-mail")
    rows = UserPair.objects.order_by("pk").values_list("set_by", "unset_by", "right_id")
    assert list(rows) == [("ann", "bob", third), ("bob", "cid", world.user(Side.RIGHT, "two"))]
    assert UserPair.objects.order_by("pk")[0].set_at == first


@pytest.mark.proves("M7", "Q5")
def test_a_record_that_waited_for_its_owner_goes_on_when_a_person_says_who_that_is(world: World) -> None:
    third = add(world, Side.RIGHT, "three")
    world.left.put("company", {"name": "One", "domain": "one.example"})
    settled(world)
    (twin,) = world.right.all("company")
    world.right.edit("company", twin, {"owner": third})
    settled(world)
    assert [h.code for h in Hold.objects.filter(state="open")] == ["user"]
    by_hand(world, "two@example.com", "three@example.com")
    run = world.run()
    assert [c["owner"] for c in world.left.all("company").values()] == [world.user(Side.LEFT, "two")]
    (change,) = [f for row in actions_of(run) if row.op == "update" for f in row.fields]
    assert change["reason"].endswith("three@example.com is paired by hand by ann")
    assert not Hold.objects.filter(state="open")
    assert not actions_of(world.run())


@pytest.mark.proves("M7")
def test_a_new_record_tells_by_which_pair_it_got_its_owner(world: World) -> None:
    third = add(world, Side.LEFT, "three")
    use(world, UserMap(default_right="one@example.com", pairs={"two@example.com": "one@example.com"}))
    for name in ("one", "two", "three"):
        owner = third if name == "three" else world.user(Side.LEFT, name)
        world.left.put("company", {"name": name, "domain": f"{name}.example", "owner": owner})
    reasons = [
        f["reason"] for row in actions_of(world.run()) for f in row.fields if f["key"] == "owner=owner"
    ]
    assert sorted(reasons) == [
        "one@example.com is matched by e-mail",
        "three@example.com has no active counterpart, so the default owner takes it",
        "two@example.com is paired in the settings",
    ]


@pytest.mark.proves("M7", "Q5")
@pytest.mark.parametrize("side", list(Side))
def test_of_users_with_one_address_nobody_is_guessed_unless_one_alone_is_active(
    world: World, side: Side
) -> None:
    double = add(world, side, "other", "ONE@example.com")
    one, there = world.user(Side.LEFT, "one"), world.user(Side.RIGHT, "one")
    assert one not in paired(world)
    assert world.user(Side.LEFT, "two") in paired(world)
    users = {u.id for group in found(world).people[side].ambiguous().values() for u in group}
    assert users == {double, world.user(side, "one")}
    world.left.put("company", {"name": "One", "domain": "one.example", "owner": one})
    world.run()
    (hold,) = Hold.objects.filter(state="open")
    told = "others of its side" if side is Side.LEFT else "could be several users there"
    assert (hold.code, told in hold.reason) == ("user", True)
    world.systems[side].edit("user", double, {"active": False})
    assert paired(world)[one] == (there, "e-mail")
    assert not found(world).people[side].ambiguous()
    assert double in {u.id for u in found(world).unmatched(side)}
    world.systems[side].edit("user", world.user(side, "one"), {"active": False})
    assert one not in paired(world)


@pytest.mark.proves("Q5")
def test_users_with_one_address_are_told_apart_by_hand(world: World) -> None:
    double = add(world, Side.LEFT, "other", "one@example.com")
    with pytest.raises(AmbiguousRecordError, match=double):
        by_hand(world, "one@example.com", "two@example.com")
    by_hand(world, double, "one@example.com")
    assert paired(world)[double] == (world.user(Side.RIGHT, "one"), "hand")
    assert world.user(Side.LEFT, "one") not in paired(world)


@pytest.mark.proves("M7", "Q5")
def test_a_pair_with_somebody_who_was_deleted_is_nobody_and_not_guessed_anew(world: World) -> None:
    third = add(world, Side.RIGHT, "three")
    one = world.user(Side.LEFT, "one")
    by_hand(world, one, third)
    world.right.remove("user", third)
    assert paired(world)[one] == (None, "hand")
    world.left.put("company", {"name": "One", "domain": "one.example", "owner": one})
    world.run()
    assert [h.code for h in Hold.objects.filter(state="open")] == ["user"]
    with pytest.raises(NotFoundError, match="was deleted"):
        by_hand(world, one, third)
    unset_pair(world.context(), one, "ann")
    settled(world)
    assert not Hold.objects.filter(state="open")


@pytest.mark.proves("Q5")
def test_a_pair_of_a_left_user_who_is_gone_is_listed_and_can_be_taken_back(world: World) -> None:
    one = world.user(Side.LEFT, "one")
    by_hand(world, one, "two@example.com")
    world.left.remove("user", one)
    assert [row.left_id for row in found(world).stale] == [one]
    assert unset_pair(world.context(), one, "ann") == one
    assert not found(world).stale


@pytest.mark.proves("Q5")
@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ("nobody@example.com", "one@example.com", "left-crm.*answers to 'nobody@example.com'"),
        ("one@example.com", "", "right-crm.*answers to ''"),
        ("right only", "one@example.com", "right@example.com is no user of left-crm.*but of right-crm"),
    ],
)
def test_a_user_who_is_not_there_is_not_paired(world: World, left: str, right: str, message: str) -> None:
    add(world, Side.RIGHT, "right")
    with pytest.raises(NotFoundError, match=message):
        by_hand(world, left.replace("right only", "right@example.com"), right)
    assert not UserPair.objects.exists()


@pytest.mark.proves("Q5")
@pytest.mark.parametrize("name", ["one@example.com", "nobody", "", "' OR 1=1 --"])
def test_what_was_not_set_cannot_be_taken_back(world: World, name: str) -> None:
    found(world)
    with pytest.raises(NotFoundError, match="was set by hand"):
        unset_pair(world.context(), name, "ann")


@pytest.mark.proves("M7")
def test_settings_that_name_nobody_are_listed(world: World) -> None:
    one = world.user(Side.LEFT, "one")
    use(world, UserMap({"one@example.com": "gone@example.com", "typo": "two"}, default_left="no@example.com"))
    assert [(u.setting, str(u.side), u.name) for u in found(world).unknown] == [
        ("users.map", "right", "gone@example.com"),
        ("users.map", "left", "typo"),
        ("users.map", "right", "two"),
        ("users.default_left", "left", "no@example.com"),
    ]
    assert paired(world)[one] == (None, "settings")


@pytest.mark.proves("M7")
def test_offline_rests_on_what_was_read_last(world: World) -> None:
    context = world.context()
    assert not look(context, offline=True).pairings
    assert len(look(context, offline=False).pairings) == 2
    add(world, Side.LEFT, "three"), add(world, Side.RIGHT, "three")
    assert len(look(context, offline=True).pairings) == 2
    assert len(look(context, offline=False).pairings) == 3
