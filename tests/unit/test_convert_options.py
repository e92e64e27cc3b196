"""Options of picklists: translated both ways, and refused with the list of what is allowed (rule M5)."""

from collections.abc import Mapping

import pytest

from syncline.core.convert import Translator
from syncline.core.model import Raw, Side
from syncline.core.schema import FieldType, Option
from syncline.core.written import Problem
from tests.unit.mapped import field, options, translator

T = FieldType
STAGES = field(T.PICKLIST, "stage", options=options("Cold", "Interested", "Lost", prefix="id_"))
STATUSES = field(T.PICKLIST, "status", restricted=True, options=options("Open", "Working", "Lost"))
MEANINGS = {"Cold": "Open", "Interested": "Working"}

pytestmark = pytest.mark.proves("M5")


def staged(meanings: Mapping[str, str] = MEANINGS) -> Translator:
    return translator(STAGES, STATUSES, options=meanings)


BOTH_WAYS = [("id_Cold", "Open"), ("id_Interested", "Working"), ("id_Lost", "Lost")]


@pytest.mark.parametrize(("left", "right"), BOTH_WAYS)
def test_options_are_translated_both_ways(left: Raw, right: Raw) -> None:
    carrier = staged()
    assert carrier.to_send(Side.RIGHT, left) == right
    assert carrier.to_send(Side.LEFT, right) == left
    assert carrier.common(Side.LEFT, left) == carrier.common(Side.RIGHT, right)


@pytest.mark.parametrize("shown", ["Cold", " cold ", "COLD", "id_cold"])
def test_an_option_is_known_by_value_and_label_whatever_its_case(shown: str) -> None:
    assert staged().to_send(Side.RIGHT, shown) == "Open"
    assert staged().common(Side.LEFT, shown) == "open"


@pytest.mark.parametrize("meanings", [{"id_Cold": "Open"}, {"COLD": "open"}, {" cold": "OPEN "}])
def test_a_map_may_name_options_either_way(meanings: dict[str, str]) -> None:
    assert staged(meanings).to_send(Side.RIGHT, "id_Cold") == "Open"
    assert staged(meanings).to_send(Side.LEFT, "Open") == "id_Cold"


def test_composition_of_a_label_does_not_matter() -> None:
    there = field(T.PICKLIST, options=options("Caf\u00e9"))
    assert translator(T.TEXT, there).to_send(Side.RIGHT, "cafe\u0301") == "Caf\u00e9"


UNKNOWN = [
    (Side.RIGHT, "Frozen", ("Open", "Working", "Lost")),
    (Side.LEFT, "Converted", ("Cold", "Interested", "Lost")),
]


@pytest.mark.parametrize(("target", "value", "allowed"), UNKNOWN)
def test_an_unmapped_value_is_a_problem_that_lists_what_is_allowed(
    target: Side, value: str, allowed: tuple[str, ...]
) -> None:
    found = staged().to_send(target, value)
    assert isinstance(found, Problem)
    assert (found.code, found.allowed) == ("option", allowed)
    assert repr(value) in found.reason


def test_open_picklists_with_options_refuse_the_unknown_too() -> None:
    found = translator(T.TEXT, STAGES).to_send(Side.RIGHT, "Frozen")
    assert isinstance(found, Problem)
    assert found.allowed == ("Cold", "Interested", "Lost")


def test_a_restricted_picklist_without_options_takes_nothing() -> None:
    found = translator(T.TEXT, field(T.PICKLIST, restricted=True)).to_send(Side.RIGHT, "New")
    assert isinstance(found, Problem)
    assert found.allowed == ()


def test_inactive_options_are_neither_written_nor_allowed() -> None:
    there = field(T.PICKLIST, restricted=True, options=(*options("Open"), Option("Old", "Old", active=False)))
    found = translator(T.TEXT, there).to_send(Side.RIGHT, "Old")
    assert isinstance(found, Problem)
    assert found.allowed == ("Open",)


def test_a_map_onto_an_option_that_is_gone_is_a_problem() -> None:
    found = staged({"Cold": "Dormant"}).to_send(Side.RIGHT, "id_Cold")
    assert isinstance(found, Problem)
    assert found.code == "option"


def test_a_name_that_stands_for_another_option_is_not_used_for_itself() -> None:
    carrier = translator(STATUSES, STATUSES, options={"Open": "Working"})
    found = carrier.to_send(Side.RIGHT, "Working")
    assert isinstance(found, Problem)
    assert carrier.common(Side.LEFT, "Working") != carrier.common(Side.RIGHT, "Working")
    assert isinstance(carrier.to_send(Side.LEFT, "Open"), Problem)
    assert carrier.to_send(Side.RIGHT, "Open") == "Working"


def test_the_value_of_an_option_goes_before_the_label_of_another() -> None:
    there = field(T.PICKLIST, options=(Option("a", "b"), Option("b", "c")))
    carrier = translator(there, T.TEXT)
    assert carrier.to_send(Side.RIGHT, "b") == "c"
    assert carrier.to_send(Side.RIGHT, "a") == "b"


def test_values_that_differ_in_case_are_told_apart() -> None:
    here = field(T.PICKLIST, options=(Option("5fA", "New"), Option("5fa", "Won")))
    carrier = translator(here, T.TEXT)
    assert [carrier.to_send(Side.RIGHT, value) for value in ("5fA", "5fa")] == ["New", "Won"]


def test_a_picklist_becomes_the_words_people_see() -> None:
    carrier = translator(STAGES, T.TEXT)
    assert carrier.to_send(Side.RIGHT, "id_Cold") == "Cold"
    assert carrier.to_send(Side.LEFT, "cold") == "id_Cold"


def test_option_maps_count_where_the_target_is_text() -> None:
    carrier = translator(STAGES, T.TEXT, options={"Cold": "Kalt"})
    assert carrier.to_send(Side.RIGHT, "id_Cold") == "Kalt"
    assert carrier.to_send(Side.LEFT, "kalt") == "id_Cold"
    assert carrier.common(Side.LEFT, "id_Cold") == carrier.common(Side.RIGHT, "Kalt")


def test_option_maps_count_where_the_target_is_yes_or_no() -> None:
    carrier = translator(STATUSES, T.BOOLEAN, options={"Open": "true", "Lost": "false"})
    assert carrier.to_send(Side.RIGHT, "Lost") is False
    assert carrier.to_send(Side.LEFT, True) == "Open"
    assert carrier.common(Side.LEFT, "Lost") == carrier.common(Side.RIGHT, False)
    assert isinstance(carrier.to_send(Side.RIGHT, "Working"), Problem)


TAGS = field(T.MULTIPICKLIST, "tags", restricted=True, options=options("Retail", "Media; TV", "Bank"))
TOPICS = field(T.MULTIPICKLIST, "topics", options=options("Retail", "Film", "Bank", prefix="t_"))


def test_each_of_several_choices_is_translated() -> None:
    carrier = translator(TAGS, TOPICS, options={"Media; TV": "Film"})
    assert carrier.to_send(Side.RIGHT, ["Media; TV", "Bank"]) == ["t_Film", "t_Bank"]
    assert carrier.to_send(Side.LEFT, "t_Bank;t_Film") == ["Bank", "Media; TV"]
    assert carrier.common(Side.LEFT, ["Bank", "Media; TV"]) == carrier.common(
        Side.RIGHT, ["t_Film", "t_Bank"]
    )


def test_one_unknown_choice_of_several_holds_them_all() -> None:
    found = translator(TOPICS, TAGS).to_send(Side.RIGHT, ["t_Bank", "t_Film"])
    assert isinstance(found, Problem)
    assert found.allowed == ("Retail", "Media; TV", "Bank")
    assert "'Film'" in found.reason


def test_several_choices_do_not_shrink_into_one() -> None:
    found = translator(TAGS, STATUSES).to_send(Side.RIGHT, ["Retail", "Bank"])
    assert isinstance(found, Problem)
    assert found.allowed == ("Open", "Working", "Lost")
    assert translator(TAGS, field(T.PICKLIST)).to_send(Side.RIGHT, ["Bank"]) == "Bank"


def test_one_option_with_a_semicolon_stays_one() -> None:
    single = field(T.PICKLIST, options=options("Media; TV", "Bank"))
    assert translator(single, TAGS).to_send(Side.RIGHT, "Media; TV") == ["Media; TV"]
    assert translator(T.TEXT, single).to_send(Side.RIGHT, "media; tv") == "Media; TV"


@pytest.mark.parametrize("value", [[" "], "", " ; ", []])
def test_choices_of_nothing_are_nothing(value: Raw) -> None:
    carrier = translator(TAGS, TOPICS)
    assert carrier.is_empty(Side.LEFT, value)
    assert carrier.to_send(Side.RIGHT, value) is None
    assert carrier.common(Side.LEFT, value) is None
