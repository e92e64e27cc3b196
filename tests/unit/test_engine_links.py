"""Which records are linked, created or left to a person when several could be meant."""

import pytest

from syncline.core.match import MatchPolicy
from syncline.core.model import Kind
from syncline.engine.answer import answer
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
