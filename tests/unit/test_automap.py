"""Stages mapped by name, one to one, with those that are mapped by hand left as they are (rule M4)."""

from typing import Any

import pytest

from syncline.core.automap import OptionMap, OptionState
from syncline.core.convert import Translator
from syncline.core.mapping import FieldMap
from syncline.core.merge import Verdict
from syncline.core.model import Side
from syncline.core.policy import Direction, OnDrift
from syncline.core.schema import Field, FieldType, Option
from syncline.core.written import Problem
from tests.unit.mapped import FINGERPRINT, agreement, field, merge, options, translator

P = FieldType.PICKLIST
LEFT, RIGHT = Side.LEFT, Side.RIGHT

pytestmark = pytest.mark.proves("M4")


def left(*labels: str) -> Field:
    """A field whose options travel as ids."""
    return field(P, "stage", options=options(*labels, prefix="id_"))


def right(*labels: str) -> Field:
    return field(P, "status", options=options(*labels))


def mapped(here: Field, there: Field, **by_hand: str) -> Translator:
    return translator(here, there, automap=True, options=by_hand)


def states(here: Field, there: Field, **by_hand: str) -> dict[str, dict[str, OptionState]]:
    found = OptionMap(FieldMap("stage", "status", options=by_hand, automap=True), here, there)
    return {side: {s.option.value: s.state for s in found.standings(side)} for side in Side}


def problem(found: Any) -> Problem:
    assert isinstance(found, Problem)
    assert found.code == "option"
    return found


def test_equal_names_map_and_the_rest_is_listed_as_missing() -> None:
    found = states(left("New", " won ", "Stalled"), right("new", "Won", "Lost"))
    assert found[LEFT] == {
        "id_New": OptionState.BY_NAME,
        "id_ won ": OptionState.BY_NAME,
        "id_Stalled": OptionState.MISSING,
    }
    assert found[RIGHT]["Lost"] is OptionState.MISSING


def test_what_is_mapped_by_hand_stays_and_wins() -> None:
    here, there = left("New", "Open"), right("Open", "New")
    carrier = mapped(here, there, New="Open")
    assert carrier.to_send(RIGHT, "id_New") == "Open"
    assert carrier.to_send(LEFT, "Open") == "id_New"
    assert states(here, there, New="Open")[LEFT]["id_New"] is OptionState.BY_HAND


def test_a_name_that_is_mapped_elsewhere_is_left_alone() -> None:
    here, there = left("New", "Open"), right("Open")
    found = states(here, there, New="Open")
    assert found[LEFT]["id_Open"] is OptionState.ELSEWHERE
    held = problem(mapped(here, there, New="Open").to_send(RIGHT, "id_Open"))
    assert "another option" in held.reason
    assert held.allowed == ("Open",)


def test_the_value_of_an_option_is_a_name_too() -> None:
    there = field(P, "status", options=(Option("cold", "Kalt"),))
    assert mapped(left("Cold"), there).to_send(RIGHT, "id_Cold") == "cold"


def test_the_same_spelling_goes_before_the_same_word() -> None:
    here, there = field(P, options=(Option("1", "COLD"), Option("2", "Cold"))), right("Cold")
    assert mapped(here, there).to_send(RIGHT, "2") == "Cold"
    assert states(here, there)[LEFT] == {"1": OptionState.ELSEWHERE, "2": OptionState.BY_NAME}


def test_two_options_of_one_label_are_not_guessed_and_can_be_mapped_by_value() -> None:
    here = field(P, "stage", options=(Option("1", "Cold"), Option("2", "cold ")))
    there = right("COLD", "Frozen")
    assert set(states(here, there)[LEFT].values()) == {OptionState.SEVERAL}
    assert "name alone" in problem(mapped(here, there).to_send(RIGHT, "1")).reason
    by_value = translator(here, there, automap=True, options={"1": "COLD", "2": "Frozen"})
    assert [by_value.to_send(RIGHT, value) for value in ("1", "2")] == ["COLD", "Frozen"]
    assert [by_value.to_send(LEFT, value) for value in ("COLD", "Frozen")] == ["1", "2"]


def test_a_label_that_two_options_have_names_neither_by_hand() -> None:
    here = field(P, "stage", options=(Option("1", "Cold"), Option("2", "Cold")))
    found = states(here, right("Open"), Cold="Open")
    assert set(found[LEFT].values()) == {OptionState.MISSING}


def test_an_inactive_option_is_never_written_but_is_carried_over() -> None:
    there = field(P, "status", options=(Option("Old", "Old", active=False), Option("New", "New")))
    held = problem(mapped(left("Old", "New"), there).to_send(RIGHT, "id_Old"))
    assert "inactive" in held.reason
    assert held.allowed == ("New",)
    assert mapped(left("Old", "New"), there).to_send(LEFT, "Old") == "id_Old"
    assert states(left("Old"), there)[LEFT]["id_Old"] is OptionState.INACTIVE


def test_an_active_option_goes_before_an_inactive_one_of_its_name() -> None:
    there = field(P, options=(Option("a", "Cold", active=False), Option("b", "Cold")))
    assert mapped(left("Cold"), there).to_send(RIGHT, "id_Cold") == "b"


@pytest.mark.parametrize("label", ["", " ", "\n"])
def test_a_blank_label_is_no_name(label: str) -> None:
    here, there = field(P, options=(Option("1", label),)), field(P, options=(Option("2", label),))
    assert states(here, there)[LEFT] == {"1": OptionState.MISSING}
    assert problem(mapped(here, there).to_send(RIGHT, "1")).allowed == (label,)


def test_hostile_labels_map_like_any_other_and_are_quoted_short() -> None:
    long, rude = "x" * 5_000, "Cold\x1b[2J\u202e"
    assert mapped(left(long, rude), right(rude, long)).to_send(RIGHT, f"id_{rude}") == rude
    held = problem(mapped(left(long, rude), right("Open")).to_send(RIGHT, f"id_{long}"))
    assert len(held.reason) < 200
    assert "\x1b" not in problem(mapped(left(rude), right("Open")).to_send(RIGHT, f"id_{rude}")).reason


def test_options_whose_names_cross_are_not_guessed() -> None:
    here = field(P, options=(Option("a", "b"), Option("b", "a")))
    there = field(P, options=(Option("x", "A"), Option("y", "B")))
    assert [mapped(here, there).to_send(RIGHT, value) for value in ("a", "b")] == ["y", "x"]


def test_a_value_that_its_own_list_lost_goes_by_its_name() -> None:
    here, there = left("New", "Legacy"), right("New")
    assert mapped(here, there).to_send(LEFT, "legacy") == "id_Legacy"
    assert mapped(here, there).common(LEFT, "id_Legacy") == mapped(here, there).common(RIGHT, "Legacy")
    problem(mapped(here, there).to_send(LEFT, "Vanished"))


def test_several_choices_are_mapped_one_by_one() -> None:
    kind = FieldType.MULTIPICKLIST
    here = field(kind, options=options("A", "B", prefix="id_"))
    carrier = mapped(here, field(kind, options=options("b", "Alpha")), A="Alpha")
    assert carrier.to_send(RIGHT, ["id_A", "id_B"]) == ["Alpha", "b"]
    assert carrier.common(LEFT, ["id_B", "id_A"]) == carrier.common(RIGHT, "Alpha;b")


def test_without_options_on_a_side_it_is_an_ordinary_map() -> None:
    assert mapped(left("New"), field(P, "status")).to_send(RIGHT, "id_New") == "New"
    assert translator(FieldType.TEXT, FieldType.TEXT, automap=True).to_send(RIGHT, "New") == "New"


def test_pinning_the_present_pairs_changes_no_agreement() -> None:
    free = FieldMap("stage", "status", automap=True)
    pinned = OptionMap(free, left("New", "Open"), right("new", "Open")).pinned()
    assert pinned == {"New": "new", "Open": "Open"}
    fixed = FieldMap("stage", "status", automap=True, options=pinned)
    assert fixed.fingerprint("picklist", "picklist") == free.fingerprint("picklist", "picklist")


def test_pinning_keeps_what_is_mapped_by_hand_with_an_inactive_option() -> None:
    there = field(P, "status", options=(Option("Cold", "Cold", active=False), Option("cold", "Cold")))
    here, by_hand = field(P, "stage", options=(Option("Cold", "Cold"),)), {"Cold": "Cold"}
    found = OptionMap(FieldMap("stage", "status", options=by_hand, automap=True), here, there)
    assert found.standing(LEFT, here.options[0]).state is OptionState.INACTIVE
    again = OptionMap(FieldMap("stage", "status", options=found.pinned(), automap=True), here, there)
    assert again.counterpart(LEFT, here.options[0]) == there.options[0]


def test_an_option_mapped_twice_by_hand_in_two_spellings_means_one_thing() -> None:
    here, there = field(P, "stage", options=options("Cold")), field(P, "status", options=options("A", "B"))
    found = OptionMap(
        FieldMap("stage", "status", options={"Cold": "A", "cold": "B"}, automap=True), here, there
    )
    assert found.carried(LEFT, "Cold") == there.options[0]
    assert found.counterpart(RIGHT, there.options[1]) is None


BEFORE = (left("Cold", "Warm"), right("Cold", "Warm"))
RENAMED = (left("Cold", "Warm"), right("Chilly", "Warm"))


def agreed_on(value: str, here: Field, there: Field, **policy: Any) -> Any:
    """The decision on a field that agreed on a stage before its lists became these."""
    known = agreement(f"id_{value}", value, base=value)
    carrier = translator(here, there, automap=True, **policy)
    assert known.map == FINGERPRINT
    return merge(f"id_{value}", value, known, carrier).decide()


def test_a_new_stage_on_both_sides_moves_no_agreement() -> None:
    grown = (left("Cold", "Warm", "Hot"), right("Hot", "Cold", "Warm"))
    assert agreed_on("Cold", *grown, owner="right").verdict is Verdict.QUIET


def test_renaming_a_stage_touches_only_the_records_in_it() -> None:
    assert agreed_on("Warm", *RENAMED, owner="right").verdict is Verdict.QUIET
    # Salesforce renames the value on its records too.
    known = agreement("id_Cold", "Cold", base="Cold")
    carrier = translator(*RENAMED, automap=True, owner="right", direction=Direction.TO_LEFT)
    found = merge("id_Cold", "Chilly", known, carrier).decide()
    assert (found.verdict, found.rule, found.allowed) == (Verdict.HOLD, "option", ("Cold", "Warm"))


def test_a_stage_mapped_to_another_one_is_first_contact_for_records_in_it() -> None:
    carrier = translator(*BEFORE, automap=True, owner="right", options={"Cold": "Warm", "Warm": "Cold"})
    found = merge("id_Cold", "Cold", agreement("id_Cold", "Cold", base="Cold"), carrier).decide()
    assert (found.verdict, found.rule, found.value) == (Verdict.WRITE, "first contact owner", "id_Warm")


def test_what_differs_on_purpose_stays_so_when_the_map_changes() -> None:
    known = agreement("id_Warm", "Cold", base="Cold", agreed=False, settled="drift kept")
    carrier = translator(
        *BEFORE, automap=True, owner="right", drift=OnDrift.KEEP, direction=Direction.TO_LEFT
    )
    assert merge("id_Warm", "Cold", known, carrier).decide().verdict is Verdict.QUIET
