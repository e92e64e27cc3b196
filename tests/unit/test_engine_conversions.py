"""Links follow leads that are converted."""

from collections import Counter
from dataclasses import replace

import pytest

from syncline.core.mapping import ObjectPair
from syncline.core.model import Kind, Ref
from syncline.core.policy import OnFirstContact
from syncline.store.models import Hold, Link, MirrorRecord, Standing
from tests.property.world import PERSON_MAPS, World, rehashed, with_kind
from tests.unit.linked_people import ADA, BOB, active, linked, ops
from tests.unit.quiet import settled


def leads(world: World) -> None:
    """The right side gets prospects, which become persons: two types of one kind."""
    prospect = replace(world.right.types["person"], object_type="prospect")
    world.right.types = {"prospect": prospect, **world.right.types}
    maps = tuple(replace(m, on_first_contact=OnFirstContact.KEEP) for m in PERSON_MAPS)
    pairs = (ObjectPair("person", "prospect", maps), ObjectPair("person", "person", maps))
    world.settings = rehashed(with_kind(world.settings, Kind.PERSON, pairs=pairs))


@pytest.mark.proves("L3")
@pytest.mark.parametrize("edited", [True, False])
def test_the_link_of_a_converted_lead_moves_to_the_contact(world: World, edited: bool) -> None:
    leads(world)
    ((left, lead),) = linked(world, ADA)
    assert lead in world.right.all("prospect")
    contact = world.right.put("person", {**ADA, "title": "Head", "score": 1})
    world.right.convert("prospect", lead, [Ref("company", "c1"), Ref("person", contact)])
    if edited:
        world.left.edit("person", left, {"title": "Chief"})
    row = world.run()
    assert ops(row) == Counter(move=1)
    settled(world)
    link = Link.objects.get(ended_at=None)
    assert (link.right_type, link.right_id, link.rule) == ("person", contact, "converted")
    assert world.right.all("person")[contact]["title"] == ("Chief" if edited else "Head")
    assert world.left.all("person")[left]["title"] == ("Chief" if edited else "Boss")
    world.left.edit("person", left, {"phone": "+14155550188"})
    settled(world)
    assert world.right.all("person")[contact]["phone"] == "+14155550188"


@pytest.mark.proves("L3")
def test_a_lead_that_is_converted_into_a_linked_contact_ends_and_its_twins_changes_wait(world: World) -> None:
    leads(world)
    contact = world.right.put("person", BOB)
    ((left, lead),) = linked(world, ADA)
    world.right.convert("prospect", lead, [Ref("person", contact)])
    world.left.edit("person", left, {"title": "Chief"})
    settled(world)
    assert Link.objects.get(left_id=left).ended_as == "converted"
    assert world.right.all("person")[contact]["title"] == "VP"
    assert Hold.objects.get(state="open").code == "change of an ended link"


@pytest.mark.proves("L3", "L5")
def test_a_converted_lead_whose_contact_is_invisible_waits(world: World) -> None:
    leads(world)
    ((left, lead),) = linked(world, ADA)
    world.right.convert("prospect", lead, [Ref("person", "p000098")])
    settled(world)
    assert Hold.objects.get(state="open").code == "survivor not visible"
    assert active() == {(left, lead)}
    assert not world.right.all("person")


def test_a_lead_that_became_something_we_do_not_sync_ends_its_link(world: World) -> None:
    leads(world)
    ((left, lead),) = linked(world, ADA)
    world.right.convert("prospect", lead, [Ref("company", "c1")])
    settled(world)
    assert not active()
    assert left in world.left.all("person")
    assert "which is of a type that is not synced" in Link.objects.get(left_id=left).ended_reason


def test_the_contact_is_fetched_by_id_where_no_listing_showed_it(world: World) -> None:
    leads(world)
    ((left, lead),) = linked(world, ADA)
    contact = world.right.put("person", {"last": "Ada"})
    world.run()
    MirrorRecord.objects.filter(connection="right-crm", object_type="person").delete()
    Standing.objects.filter(side="right", object_type="person").delete()
    Link.objects.filter(right_id=contact).delete()
    world.right.convert("prospect", lead, [Ref("person", contact)])
    world.run()
    assert (left, contact) in active()
