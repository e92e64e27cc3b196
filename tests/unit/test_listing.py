"""Records are listed with where they stand, page by page; doubles are flagged, hidden kinds left out (E4, P2, P5)."""

from dataclasses import replace

import pytest
from django.db import connection

from syncline.config import parse, resolved
from syncline.core.model import Kind, Raw, Ref, Side
from syncline.core.policy import OnLinkedCandidate
from syncline.engine.explain import explain
from syncline.store import listing
from syncline.store.listing import StandingFilter
from syncline.store.standings import State
from tests.property.world import World, with_kind
from tests.unit.quiet import settled

PEOPLE = [(Side.LEFT, "person"), (Side.RIGHT, "person")]


def person(email: str | None, **values: Raw) -> dict[str, Raw]:
    return {"first": "Ada", "last": "Byron", "email": email, **values}


def shown(wanted: StandingFilter, first: int = 0, most: int = 100) -> list[tuple[str, str]]:
    return [(row.side, row.remote_id) for row in listing.page("main", wanted, first, most)]


@pytest.mark.proves("E4")
def test_each_record_is_listed_with_its_state_and_counted(world: World) -> None:
    fine = world.left.put("person", person("ada@example.com"))
    double = [world.left.put("person", person("two@example.com", first=name)) for name in ("Bob", "Eve")]
    world.run()
    wanted = StandingFilter(PEOPLE)
    assert listing.counts("main", wanted) == {"in sync": 2, "held": 2}
    held = list(listing.page("main", replace(wanted, state=State.HELD), 0, 10))
    assert [row.remote_id for row in held] == sorted(double)
    assert {row.rule for row in held} == {"ambiguous"}
    assert all("shares its match key" in row.reason for row in held)
    assert shown(replace(wanted, state=State.IN_SYNC))[0] == ("left", fine)
    assert shown(replace(wanted, rule="ambiguous")) == [("left", each) for each in sorted(double)]
    assert shown(replace(wanted, rule="none such")) == []


@pytest.mark.proves("E4")
def test_pages_go_on_where_the_last_one_ended_across_sides_and_lose_nobody(world: World) -> None:
    for number in range(7):
        world.left.put("person", person(f"p{number}@example.com"))
    world.run()
    wanted = StandingFilter(PEOPLE)
    whole = shown(wanted)
    assert len(whole) == 14
    assert [row for first in range(0, 15, 3) for row in shown(wanted, first, 3)] == whole
    assert shown(wanted, 14, 3) == shown(wanted, 10_000, 3) == []


@pytest.mark.proves("E4")
def test_a_page_is_found_by_an_index(world: World, store: str) -> None:
    if store != "sqlite":
        pytest.skip("the other database goes by its statistics")
    del world
    rows = listing._rows("main", Side.LEFT, "person", StandingFilter(PEOPLE))
    statement, params = rows.order_by("sync", "side", "object_type", "remote_id")[
        50:100
    ].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", params)
        steps = " ".join(str(row) for row in cursor.fetchall())
    assert "USING INDEX" in steps
    assert "TEMP B-TREE" not in steps


@pytest.mark.proves("P5")
def test_doubles_of_a_side_are_kept_flagged_and_listed_but_made_on_the_other_side_only_on_demand(
    world: World,
) -> None:
    first = world.right.put("person", person("ada@example.com"))
    world.run()
    second = world.right.put("person", person("ada@example.com", first="Augusta"))
    world.right.put("person", person("bob@example.com"))
    world.run()
    assert len(world.left.all("person")) == 2
    doubles = StandingFilter(PEOPLE, duplicates=True)
    assert shown(doubles) == [("right", each) for each in sorted((first, second))]
    found = listing.potential_duplicates("main", Side.RIGHT, Kind.PERSON, [Ref("person", first)])
    assert found == {Ref("person", first): [Ref("person", second)]}
    story = explain(world.context(), f"right:person/{first}").stories[0]
    assert story.duplicates == [f"person/{second}"]
    assert (
        f"  potential duplicate of: person/{second}"
        in explain(world.context(), f"right:person/{first}").lines()
    )
    match = replace(world.settings.kinds[1].match, on_linked_candidate=OnLinkedCandidate.MIRROR)
    world.settings = with_kind(world.settings, Kind.PERSON, match=match)
    world.run()
    assert len(world.left.all("person")) == 3
    assert len(world.right.all("person")) == 3
    settled(world)


@pytest.mark.proves("P2")
def test_hiding_a_kind_changes_no_plan_and_can_be_set_for_a_side() -> None:
    text = """version: 1
connections:
  apollo: {system: apollo, credentials: {api_key: env:KEY}}
  crm: {system: salesforce, base_url: https://crm.example.com, credentials: {client_id: env:ID}}
syncs:
  main: {left: apollo, right: crm, preset: apollo-salesforce, kinds: {person: {hide_right: %s}}}
"""
    plain, hiding = (resolved(parse(text % flag), "main") for flag in ("false", "true"))
    assert not plain.hidden
    assert set(hiding.hidden) == {(Kind.PERSON, Side.RIGHT)}
    assert plain.settings_hash == hiding.settings_hash
    assert plain.kinds == hiding.kinds
