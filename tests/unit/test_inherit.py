"""What a link that moves takes along, what one that ends leaves behind, and the mark of the record that stays."""

from dataclasses import replace

import pytest

from syncline.core.agreement import Agreement
from syncline.core.criteria import Mark
from syncline.core.inherit import (
    MOVED,
    mark_change,
    moved_agreements,
    own_values,
    uncommitted,
    without_mark,
)
from syncline.core.mapping import FieldMap
from syncline.core.model import Raw, Record, Ref, Side
from syncline.core.plan import FieldChange
from syncline.core.policy import Direction
from syncline.core.schema import FieldType
from tests.unit.mapped import context, field, options, record, schema

LEFT = schema("contact", field(name="name"), field(name="title"), field(name="note"))
RIGHT = schema("Contact", field(name="Name"), field(name="Title"), field(name="Note"))
LEAD = replace(RIGHT, object_type="Lead")
MAPS = (
    FieldMap("name", "Name"),
    FieldMap("title", "Title"),
    FieldMap("note", "Note", direction=Direction.TO_LEFT),
)
PAIR = context(LEFT, RIGHT, *MAPS)
LEADS = context(LEFT, LEAD, *(replace(m, owner="left") for m in MAPS))


def agreed(left: Raw, right: Raw, key: str) -> Agreement:
    return Agreement(str(left), left, right, PAIR.fingerprints[key])


KNOWN = {"name=Name": agreed("Ada", "Ada", "name=Name"), "title=Title": agreed("Boss", "Boss", "title=Title")}


def move(left: Record, heir: Record, known: dict[str, Agreement] | None = None) -> dict[str, Agreement]:
    return moved_agreements(PAIR, PAIR, known or KNOWN, [Side.RIGHT], {Side.LEFT: left, Side.RIGHT: heir})


@pytest.mark.proves("L2")
def test_a_field_keeps_its_agreement_where_the_heir_shows_the_same() -> None:
    kept = move(
        record("contact/a", name="Ada", title="Boss"), record("Contact/2", Name=" Ada ", Title="Head")
    )
    assert kept == {"name=Name": KNOWN["name=Name"]}


@pytest.mark.proves("L2", "L3")
def test_a_change_of_the_side_that_stays_is_still_a_change() -> None:
    kept = move(record("contact/a", name="Ada", title="Chief"), record("Contact/2", Name="Ada", Title="Head"))
    found = kept["title=Title"]
    assert (found.left, found.right, found.agreed, found.settled) == ("Boss", "Head", False, MOVED)


def test_a_change_that_the_heir_does_not_contradict_keeps_its_base() -> None:
    kept = move(record("contact/a", name="Ada", title="Chief"), record("Contact/2", Name="Ada", Title="Boss"))
    assert kept == KNOWN


def test_what_the_heir_does_not_show_has_no_agreement() -> None:
    assert move(record("contact/a", name="Ada"), record("Contact/2", Title="Boss")) == {}


@pytest.mark.proves("L3")
def test_fields_of_another_map_meet_for_the_first_time_but_for_pending_changes() -> None:
    known = {key: replace(each, map=LEADS.fingerprints[key]) for key, each in KNOWN.items()}
    left, contact = (
        record("contact/a", name="Ada", title="Chief"),
        record("Contact/2", Name="Ada", Title="Head"),
    )
    records = {Side.LEFT: left, Side.RIGHT: contact}
    kept = moved_agreements(LEADS, PAIR, known, [Side.RIGHT], records)
    assert list(kept) == ["title=Title"]
    assert (kept["title=Title"].base, kept["title=Title"].map) == (None, PAIR.fingerprints["title=Title"])


def test_where_both_sides_moved_nothing_is_pending() -> None:
    records = {
        Side.LEFT: record("contact/b", name="Ada", title="X"),
        Side.RIGHT: record("Contact/2", Name="Ada", Title="Y"),
    }
    assert moved_agreements(PAIR, PAIR, KNOWN, list(Side), records) == {"name=Name": KNOWN["name=Name"]}


@pytest.mark.proves("L2")
def test_changes_that_went_nowhere_wait_with_both_values() -> None:
    stays = record("contact/a", name="Ada", title="Chief", note="mine")
    (found,) = uncommitted(PAIR, KNOWN, Side.LEFT, stays, None)
    assert (found.key, found.source, found.before) == ("title=Title", "Chief", "Boss")
    assert not uncommitted(PAIR, KNOWN, Side.LEFT, stays, record("Contact/2", Title="Chief"))


def test_a_change_that_goes_no_way_is_none() -> None:
    known = {"note=Note": agreed("old", "old", "note=Note")}
    assert not uncommitted(PAIR, known, Side.LEFT, record("contact/a", note="mine"), None)
    (found,) = uncommitted(PAIR, known, Side.RIGHT, record("Contact/1", Note="theirs"), None)
    assert (found.source, found.before) == ("old", "theirs")


@pytest.mark.proves("L1")
def test_what_would_be_lost_with_a_record_is_changed_or_never_went_over() -> None:
    right = record("Contact/1", Name="Ada", Title="Chief", Note="theirs")
    assert own_values(PAIR, KNOWN, Side.RIGHT, right) == {"Title": "Chief", "Note": "theirs"}
    assert own_values(PAIR, KNOWN, Side.RIGHT, record("Contact/1", Name="Ada", Title="Boss", Note=" ")) == {}
    assert own_values(PAIR, KNOWN, Side.RIGHT, record("Contact/1")) == {}


STAGE = field(FieldType.PICKLIST, "stage", restricted=True, options=options("Lost", prefix="id-"))
MARKED = schema(
    "contact",
    STAGE,
    field(FieldType.MULTIPICKLIST, "lists"),
    field(name="locked", updatable=False),
    field(name="name"),
)


@pytest.mark.parametrize(
    ("mark", "shown", "after"),
    [
        (Mark("stage", "lost"), "id-New", "id-Lost"),
        (Mark("stage", "Lost"), "id-Lost", None),
        (Mark("lists", "Gone"), ["A"], ["A", "Gone"]),
        (Mark("lists", "Gone"), None, ["Gone"]),
        (Mark("lists", "gone"), ["Gone"], None),
        (Mark("name", "Gone"), "Ada", "Gone"),
    ],
)
def test_a_mark_is_written_once_and_added_where_there_are_several(mark: Mark, shown: Raw, after: Raw) -> None:
    made = mark_change(MARKED, mark, Record(Ref("contact", "a"), {mark.field: shown}))
    assert (made.after if isinstance(made, FieldChange) else made) == after


@pytest.mark.parametrize("name", ["nope", "locked", "stage", "name"])
def test_a_mark_that_cannot_be_made_says_why(name: str) -> None:
    values: dict[str, Raw] = {} if name == "name" else {"locked": "x", "stage": "id-New"}
    why = mark_change(MARKED, Mark(name, "Unheard of"), Record(Ref("contact", "a"), values))
    assert isinstance(why, str)
    assert why


def test_a_marked_field_forgets_what_it_agreed_on() -> None:
    settings = replace(PAIR.settings, on_ended={Side.RIGHT: Mark("Title", "Gone")})
    assert list(without_mark(settings, Side.RIGHT, ("contact", "Contact"), KNOWN)) == ["name=Name"]
    assert without_mark(settings, Side.LEFT, ("contact", "Contact"), KNOWN) == KNOWN
    assert without_mark(settings, Side.RIGHT, ("contact", "Lead"), KNOWN) == KNOWN
