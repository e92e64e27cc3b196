"""What becomes of a link one of whose records is gone: every branch of the decision, and of the trail before it."""

from dataclasses import replace

import pytest

from syncline.core.fate import (
    CONTRADICTION,
    CYCLE,
    EDITED,
    LONGEST,
    UNSEEN,
    LinkFate,
    Trail,
    TrailEnd,
    decide_fate,
    follow,
)
from syncline.core.mapping import ObjectPair
from syncline.core.model import Ending, Fate, Kind, Record, Ref, Side
from syncline.core.plan import Op
from syncline.core.scope import KindSettings

CONTACTS = ObjectPair("contact", "Contact")
LEADS = ObjectPair("contact", "Lead")
PERSON = KindSettings(Kind.PERSON, (CONTACTS, LEADS))
BOTH_WAYS = replace(PERSON, delete_left=True, delete_right=True)
TYPES = ("Contact", "Lead")
LEFT, RIGHT = Ref("contact", "a"), Ref("Contact", "1")
HEIR = Ref("Contact", "2")


def gone(name: str, *into: Ref, how: Ending = Ending.MERGED) -> Record:
    """A record that is gone, and where it went on."""
    return Record(Ref("Contact", name), {}, deleted=True, fate=Fate(how, into) if into else None)


def alive(name: str, object_type: str = "Contact") -> Record:
    return Record(Ref(object_type, name), {})


def known(*records: Record) -> dict[Ref, Record]:
    return {record.ref: record for record in records}


def went(end: TrailEnd, how: Ending = Ending.MERGED, ref: Ref = HEIR) -> Trail:
    return Trail(end, how, (ref,))


PLAIN = Trail(TrailEnd.DELETED)
LIVES = went(TrailEnd.LIVES)


@pytest.mark.proves("L2", "L5")
def test_a_trail_leads_over_every_merge_to_the_record_that_lives() -> None:
    records = known(gone("2", Ref("Contact", "3")), alive("3"))
    found = follow(gone("1", HEIR), records, TYPES)
    assert (found.end, found.how, found.heir) == (TrailEnd.LIVES, Ending.MERGED, Ref("Contact", "3"))


def test_a_survivor_that_was_deleted_later_is_no_heir() -> None:
    found = follow(gone("1", HEIR), known(gone("2")), TYPES)
    assert (found.end, found.how, found.heir) == (TrailEnd.DELETED, Ending.MERGED, None)


def test_a_trail_in_a_circle_is_recognised() -> None:
    circle = known(gone("2", Ref("Contact", "3")), gone("3", Ref("Contact", "2")))
    assert follow(gone("1", HEIR), circle, TYPES).end is TrailEnd.CYCLE
    assert follow(gone("1", Ref("Contact", "1")), {}, TYPES).end is TrailEnd.CYCLE


def test_a_trail_without_an_end_is_taken_for_a_circle() -> None:
    endless = known(*(gone(str(n), Ref("Contact", str(n + 1))) for n in range(LONGEST + 5)))
    found = follow(endless[Ref("Contact", "0")], endless, TYPES)
    assert (found.end, len(found.refs)) == (TrailEnd.CYCLE, LONGEST)


@pytest.mark.proves("L3")
def test_a_lead_that_was_converted_after_a_merge_counts_as_converted() -> None:
    into = (Ref("Account", "7"), Ref("Contact", "3"), Ref("Opportunity", "9"))
    lead = Record(Ref("Lead", "5"), {}, deleted=True, fate=Fate(Ending.CONVERTED, into))
    found = follow(gone("1", lead.ref), known(lead, alive("3")), TYPES)
    assert (found.how, found.heir) == (Ending.CONVERTED, Ref("Contact", "3"))


def test_a_fate_of_a_type_that_is_not_synced_leads_elsewhere() -> None:
    found = follow(gone("1", Ref("Account", "7"), how=Ending.CONVERTED), {}, TYPES)
    assert (found.end, found.heir) == (TrailEnd.ELSEWHERE, None)


def test_a_fate_without_any_record_leads_elsewhere() -> None:
    record = Record(RIGHT, {}, deleted=True, fate=Fate(Ending.MERGED, ()))
    assert follow(record, {}, TYPES).end is TrailEnd.ELSEWHERE


def test_a_survivor_that_is_not_known_is_not_visible() -> None:
    assert follow(gone("1", HEIR), {}, TYPES).end is TrailEnd.UNSEEN


@pytest.mark.parametrize(
    ("settings", "can", "edited", "ruling", "op", "rule"),
    [
        (PERSON, True, (), None, Op.END, "deleted"),
        (BOTH_WAYS, False, (), None, Op.END, "deleted"),
        (BOTH_WAYS, True, (), None, Op.DELETE, "deleted"),
        (BOTH_WAYS, True, ("Phone",), None, Op.HOLD, EDITED),
        (BOTH_WAYS, True, ("Phone",), "delete", Op.DELETE, "deleted"),
        (BOTH_WAYS, True, ("Phone",), "keep", Op.END, "deleted"),
        (BOTH_WAYS, False, ("Phone",), None, Op.END, "deleted"),
        (PERSON, True, ("Phone",), "delete", Op.END, "deleted"),
    ],
)
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.proves("L1")
def test_a_deletion_is_carried_over_only_where_it_may_and_can(
    settings: KindSettings,
    can: bool,
    edited: tuple[str, ...],
    ruling: str | None,
    op: Op,
    rule: str,
    side: Side,
) -> None:
    found = decide_fate(settings, LinkFate(LEFT, RIGHT, {side: PLAIN}, (), edited, can, ruling))
    assert (found.op, found.rule, found.side) == (op, rule, side)
    assert "was deleted on the" in found.reason


@pytest.mark.proves("L1")
def test_deletion_sync_of_one_side_says_nothing_of_the_other() -> None:
    settings = replace(PERSON, delete_left=True)
    ops = {s: decide_fate(settings, LinkFate(LEFT, RIGHT, {s: PLAIN}, can_delete=True)).op for s in Side}
    assert ops == {Side.LEFT: Op.END, Side.RIGHT: Op.DELETE}


@pytest.mark.parametrize(
    ("trail", "taken", "op", "rule"),
    [
        (LIVES, False, Op.MOVE, "merged"),
        (LIVES, True, Op.END, "merged"),
        (went(TrailEnd.DELETED), False, Op.END, "merged"),
        (went(TrailEnd.ELSEWHERE), False, Op.END, "merged"),
        (went(TrailEnd.UNSEEN), False, Op.HOLD, UNSEEN),
        (went(TrailEnd.CYCLE), False, Op.HOLD, CYCLE),
        (went(TrailEnd.LIVES, Ending.CONVERTED), False, Op.MOVE, "converted"),
        (went(TrailEnd.LIVES, Ending.CONVERTED), True, Op.END, "converted"),
        (went(TrailEnd.LIVES, Ending.CONVERTED, Ref("Task", "1")), False, Op.END, "converted"),
    ],
)
@pytest.mark.proves("L2", "L3", "L5")
def test_what_went_on_is_followed_and_its_twin_never_deleted(
    trail: Trail, taken: bool, op: Op, rule: str
) -> None:
    claims = {(Side.RIGHT, HEIR)} if taken else set()
    found = decide_fate(
        BOTH_WAYS, LinkFate(LEFT, RIGHT, {Side.RIGHT: trail}, claims, ("Phone",), can_delete=True)
    )
    assert (found.op, found.rule) == (op, rule)
    if op is Op.MOVE:
        assert found.to == {Side.LEFT: LEFT, Side.RIGHT: HEIR}


@pytest.mark.parametrize("end", [TrailEnd.UNSEEN, TrailEnd.CYCLE])
def test_a_person_may_end_a_link_whose_trail_has_no_end(end: TrailEnd) -> None:
    found = decide_fate(PERSON, LinkFate(LEFT, RIGHT, {Side.RIGHT: went(end)}, ruling="keep"))
    assert (found.op, found.rule) == (Op.END, "merged")


def test_merges_are_not_followed_where_the_settings_say_so_and_conversions_are() -> None:
    settings = replace(PERSON, follow_merges=False)
    merged = decide_fate(settings, LinkFate(LEFT, RIGHT, {Side.RIGHT: LIVES}))
    converted = decide_fate(
        settings, LinkFate(LEFT, RIGHT, {Side.RIGHT: went(TrailEnd.LIVES, Ending.CONVERTED)})
    )
    assert (merged.op, converted.op) == (Op.END, Op.MOVE)


def test_a_link_whose_records_were_both_deleted_ends() -> None:
    found = decide_fate(
        BOTH_WAYS, LinkFate(LEFT, RIGHT, {Side.LEFT: PLAIN, Side.RIGHT: PLAIN}, can_delete=True)
    )
    assert (found.op, found.side) == (Op.END, None)


def test_both_sides_that_merged_meet_in_their_heirs() -> None:
    other = Trail(TrailEnd.LIVES, Ending.MERGED, (Ref("contact", "b"),))
    found = decide_fate(PERSON, LinkFate(LEFT, RIGHT, {Side.LEFT: other, Side.RIGHT: LIVES}))
    assert (found.op, found.to) == (Op.MOVE, {Side.LEFT: Ref("contact", "b"), Side.RIGHT: HEIR})


@pytest.mark.parametrize(
    ("trail", "taken", "ruling", "op"),
    [
        (LIVES, False, None, Op.HOLD),
        (LIVES, False, "keep", Op.END),
        (LIVES, True, None, Op.END),
        (went(TrailEnd.UNSEEN), False, None, Op.HOLD),
        (went(TrailEnd.DELETED), False, None, Op.END),
    ],
)
@pytest.mark.proves("L5")
def test_sides_that_contradict_one_another_wait_for_a_person(
    trail: Trail, taken: bool, ruling: str | None, op: Op
) -> None:
    claims = {(Side.RIGHT, HEIR)} if taken else set()
    trails = {Side.LEFT: PLAIN, Side.RIGHT: trail}
    found = decide_fate(BOTH_WAYS, LinkFate(LEFT, RIGHT, trails, claims, can_delete=True, ruling=ruling))
    assert found.op is op
    assert op is not Op.HOLD or found.rule == CONTRADICTION
