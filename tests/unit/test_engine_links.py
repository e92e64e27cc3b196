"""Which records are linked, created or left to a person when several could be meant."""

import pytest

from syncline.core.match import MatchPolicy
from syncline.core.model import ErrorClass, Failure, Kind, Side
from syncline.engine.answer import answer
from syncline.store.error_log import SyncError
from syncline.store.models import Hold, Link
from tests.property.world import World, actions_of, with_kind
from tests.unit.quiet import settled


def holds() -> dict[str, Hold]:
    """The open holds by the left record they are about."""
    return {h.left_id: h for h in Hold.objects.filter(state="open", side="left")}


@pytest.mark.proves("I1", "I2")
def test_of_two_records_that_fit_the_same_one_the_better_key_wins_and_the_other_is_held(world: World) -> None:
    world.settings = with_kind(world.settings, Kind.PERSON, match=MatchPolicy(keys=("email", "phone")))
    one = world.left.put("person", {"last": "Ada", "email": "ada@example.com"})
    two = world.left.put("person", {"last": "Ada", "phone": "(415) 555-0123"})
    world.right.put("person", {"last": "Ada", "email": "ada@example.com", "phone": "+14155550123"})
    settled(world)
    assert [link.left_id for link in Link.objects.all()] == [one]
    assert set(holds()) == {two}
    assert len(world.right.all("person")) == 1


@pytest.mark.proves("I2")
def test_two_persons_who_link_by_hand_to_the_same_record_are_asked_again(world: World) -> None:
    for _ in range(2):
        world.left.put("person", {"last": "Ada", "email": "ada@example.com"})
    target = world.right.put("person", {"last": "Ada", "email": "ada@example.com"})
    settled(world)
    asked = list(holds().values())
    assert len(asked) == 2
    for hold in asked:
        answer(world.context(), hold.pk, f"link:person/{target}", "somebody")
    settled(world)
    assert not Link.objects.exists()
    assert len([h for h in holds().values() if "fits several records" in h.reason]) == 2


@pytest.mark.proves("I2")
def test_a_link_by_hand_to_a_record_that_was_linked_since_stays_a_hold(world: World) -> None:
    left = [world.left.put("person", {"last": "Ada", "email": "ada@example.com"}) for _ in range(2)]
    target = world.right.put("person", {"last": "Ada", "email": "ada@example.com"})
    settled(world)
    first, second = (holds()[id_].pk for id_ in left)
    answer(world.context(), first, f"link:person/{target}", "somebody")
    stored = world.plan()
    answer(world.context(), second, f"link:person/{target}", "somebody")
    world.run(run_id=stored.pk)
    settled(world)
    assert Link.objects.get().left_id == left[0]
    assert "is linked to another record" in holds()[left[1]].reason
    assert len(world.right.all("person")) == 1


@pytest.mark.proves("I2")
def test_a_link_by_hand_to_a_record_that_is_gone_stays_a_hold(world: World) -> None:
    left = [world.left.put("person", {"last": "Ada", "email": "ada@example.com"}) for _ in range(2)]
    targets = [world.right.put("person", {"last": "Ada", "email": "ada@example.com"}) for _ in range(2)]
    settled(world)
    answer(world.context(), holds()[left[0]].pk, f"link:person/{targets[0]}", "somebody")
    world.right.remove("person", targets[0])
    row = world.run()
    assert not [a for a in actions_of(row) if a.op == "link"]
    settled(world)
    assert len(holds()) == 2
    assert not Link.objects.exists()


@pytest.mark.proves("I2", "S1")
def test_two_records_that_were_to_be_made_for_each_other_are_linked_when_one_is_found(world: World) -> None:
    """The system knows them by a key that is not ours: what the first create finds needs no create of its own."""
    world.settings = with_kind(world.settings, Kind.PERSON, match=MatchPolicy(keys=("phone",)))
    ada = {"last": "Ada", "email": "ada@example.com"}
    pair = world.left.put("person", ada), world.right.put("person", ada)
    world.right.quirks.duplicates = world.left.quirks.duplicates = "existing"
    settled(world)
    assert [(link.left_id, link.right_id) for link in Link.objects.all()] == [pair]
    assert (len(world.left.all("person")), len(world.right.all("person"))) == (1, 1)


@pytest.mark.proves("I2")
@pytest.mark.parametrize("finding", ["left", "right"])
def test_of_two_such_records_one_side_finds_and_the_other_makes_nothing(world: World, finding: str) -> None:
    world.settings = with_kind(world.settings, Kind.PERSON, match=MatchPolicy(keys=("phone",)))
    ada = {"last": "Ada", "email": "ada@example.com"}
    world.left.put("person", ada)
    world.right.put("person", ada)
    world.systems[Side(finding)].quirks.duplicates = "existing"
    world.run()
    made = {side: len(system.all("person")) for side, system in world.systems.items()}
    assert Link.objects.filter(ended_at__isnull=True).exists()
    assert made[Side(finding)] == 1


@pytest.mark.proves("I2", "E2")
def test_a_passing_refusal_is_over_once_the_create_finds_a_record_that_is_taken(world: World) -> None:
    world.settings = with_kind(world.settings, Kind.PERSON, match=MatchPolicy(keys=("phone",)))
    ada = {"last": "Ada", "email": "ada@example.com"}
    world.left.put("person", ada)
    world.run()
    world.right.put("person", ada)
    world.left.fault("refuse", verb="create", failure=Failure(ErrorClass.TRANSIENT, "NO", "no"))
    world.run()
    assert SyncError.objects.filter(resolved_at=None).count() == 1
    world.left.quirks.duplicates = "existing"
    settled(world)
    assert not SyncError.objects.filter(resolved_at=None).exists()
    (held,) = Hold.objects.filter(state="open")
    assert held.code == "duplicate of a linked record"
