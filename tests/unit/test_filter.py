"""Filters over records: what they see, and that one that fails never lets a record through (U7)."""

from typing import Any

import pytest

from syncline.config.filter_types import FUNCTIONS
from syncline.core.convert import Users
from syncline.core.criteria import Criterion
from syncline.core.expression import LONGEST, excess, words
from syncline.core.filter import Filter, Roles, compiled, identifier, names_in, variables
from syncline.core.model import Side
from syncline.core.schema import Field, FieldType
from tests.unit.mapped import field, options, record, schema

CONTACT = schema(
    "contact",
    field(FieldType.PICKLIST, "stage_id", options=options("Cold", "Interested", prefix="id_")),
    field(FieldType.OWNER, "owner_id"),
    field(FieldType.MULTIPICKLIST, "labels"),
    field(FieldType.NUMBER, "staff"),
    field(FieldType.NUMBER, "offices"),
    field(FieldType.BOOLEAN, "active"),
    field(FieldType.DATE, "born"),
    field(FieldType.DATETIME, "met"),
    field(FieldType.EMAIL, "email"),
    field(name="title"),
    field(name="custom.64f0 a-b"),
    field(name="in"),
    field(name="2nd"),
    field(name="owner"),
    field(name="a.b"),
    field(name="a_b"),
)
KNOWN = variables(CONTACT, Roles(stage="stage_id", owner="owner_id", lists="labels"))
USERS = Users(addresses={(Side.LEFT, "u1"): "sam@example.com"})


def ask(text: str, **values: Any) -> Criterion:
    return Filter(text, KNOWN).asks("filter", record("contact/1", **values), USERS, Side.LEFT)


PASSES: dict[str, dict[str, Any]] = {
    "stage == 'Interested'": {"stage_id": "id_Interested"},
    "stage_id in ['Cold', 'Interested']": {"stage_id": "id_Cold"},
    "owner == 'sam@example.com'": {"owner_id": "u1"},
    "owner_id == 'u1'": {"owner_id": "u1"},
    "owner_ == 'text of its own'": {"owner": "text of its own"},
    "'VIP' in lists": {"labels": ["VIP", "Fair"]},
    "lists.exists(each, each.startsWith('VI'))": {"labels": ["Fair", "VIP"]},
    "size(lists) == 0": {"labels": []},
    "staff >= 50 && staff < 100": {"staff": 50},
    "staff == 51": {"staff": " 51 "},
    "staff > 50": {"staff": 50.5},
    "staff / offices == 5": {"staff": 50.0, "offices": 10},
    "staff == null || staff > 5": {"staff": None},
    "active": {"active": True},
    "!active": {"active": "FALSE"},
    "born < timestamp('1990-01-01T00:00:00Z')": {"born": "1980-06-30"},
    "met.getFullYear() == 2026": {"met": "2026-11-21T23:30:00-05:00"},
    "title.contains('VP') || title == ''": {"title": None},
    "title.matches('(?i)^vp ')": {"title": "VP Sales"},
    "title != ''": {"title": "no 'quote\" // here"},
    "custom_64f0_a_b == 'x'": {"custom.64f0 a-b": "x"},
    "in_ == 'x'": {"in": "x"},
    "_2nd == 'x'": {"2nd": "x"},
    "a_b == 'exact' && a_b_ == 'dotted'": {"a.b": "dotted", "a_b": "exact"},
    "title == 'x' || staff == 1": {"title": "x"},  # what is not read does not matter where it decides nothing
}


@pytest.mark.proves("U7")
@pytest.mark.parametrize("text", PASSES)
def test_filters_see_what_people_see(text: str) -> None:
    found = ask(text, **PASSES[text])
    assert found.passed, found
    assert found.name == "filter"


FAILS: dict[str, tuple[dict[str, Any], str]] = {
    "staff / offices > 1": ({"staff": 5, "offices": 0}, "divides by zero"),
    "staff % offices == 1 ": ({"staff": 5, "offices": 0.0}, "divides by zero"),
    "staff > 5": ({}, "Staff is missing"),
    "staff > 6": ({"staff": None}, "Staff is empty"),
    "staff > 7": ({"staff": "a few"}, ""),
    "gone == 'x'": ({"title": "x"}, "there is no field gone"),
    "owner != 'x'": ({"owner_id": "unknown"}, ""),
    "title.contains(1)": ({"title": "x"}, ""),
    "title": ({"title": "true"}, "neither true nor false"),
    "active ": ({"active": None}, "neither true nor false"),
    "lists[3] == 'x'": ({"labels": ["x"]}, ""),
    "title == ": ({"title": "x"}, ""),
    "title != 'x'": ({"title": "\ud800"}, ""),
    "staff < 9 ": ({"staff": 10**400}, ""),
    "met < timestamp('x')": ({"met": "2026-01-01"}, ""),
    "met + duration('1h') > met": ({"met": "9999-12-31T23:59:59Z"}, ""),
    "born == met": ({"born": "yesterday", "met": "2026-01-01"}, ""),
}


@pytest.mark.proves("U7")
@pytest.mark.parametrize("text", FAILS)
def test_one_that_fails_lets_nobody_through_and_says_why(text: str) -> None:
    values, why = FAILS[text]
    found = ask(text, **values)
    assert not found.passed
    assert found.reason.startswith("the filter could not be evaluated: ")
    assert why in found.reason


def test_a_withheld_address_is_not_an_empty_one() -> None:
    hidden = record("contact/1", email="shown@example.com")
    hidden.withheld = frozenset({"email"})  # type: ignore[misc]  # values are frozen for the checker only
    found = Filter("email == ''", KNOWN).asks("filter", hidden, USERS, Side.LEFT)
    assert (found.passed, "Email is withheld" in found.reason) == (False, True)


def test_an_answer_that_is_no_says_no_and_is_no_failure() -> None:
    found = ask("title == 'x'", title="y")
    assert (found.passed, "could not" in found.reason) == (False, False)


DEEP = "title.contains('x')" + " && title.contains('x')" * 2_000
HOSTILE = {
    DEEP: "characters",
    "lists.exists(a, lists.exists(b, a == b))": "inside another loop",
    "lists.all(a, lists.map(b, b).size() > 1)": "inside another loop",
    "title.matches('x{1000}')": "repeats",
    "title.matches('((x{30}){30}){30}')": "repeats",
    "title.matches('" + "x" * 300 + "')": "characters",
    "title.matches(title)": "in quotes",
    "title.matches('a' + 'b')": "in quotes",
    "1.0 / 0.0 > 1.0": "divides",
    "staff / (offices - 1) > 1": "divides",
    "staff / double(offices) > 1.0": "divides",
    "[0.0].exists(x, 1.0 / x > 1.0)": "divides",
}


@pytest.mark.proves("U7")
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:40])
def test_what_could_take_long_or_pass_unseen_is_not_even_tried(text: str) -> None:
    assert HOSTILE[text] in (excess(text) or "")
    found = ask(text, title="x", labels=["x"] * 10_000, staff=1, offices=1)
    assert (found.passed, HOSTILE[text] in found.reason) == (False, True)


@pytest.mark.parametrize("opening", ["(", "[", "!", "-", "{", "a.", "a?", "size("])
def test_deep_ones_within_the_limit_are_refused_or_answered_but_never_the_end(opening: str) -> None:
    text = (opening * LONGEST)[: LONGEST - 1] + "1"
    assert not ask(text).passed
    assert names_in(text) <= {"a"}


@pytest.mark.parametrize(
    "text", ["", "  ", "'", '"""', "\0", "title == 'a' 'b'", "ünïcode", "1 2", "//", "🦊", "a.b.c.d(", "]"]
)
def test_nonsense_is_no_filter(text: str) -> None:
    words(text)
    assert not ask(text).passed
    with pytest.raises(ValueError, match=r".+"):
        compiled(text)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_filters_are_said_to_know_is_there(name: str) -> None:
    calls = {
        "size": "size(lists) == 1", "timestamp": "met == timestamp('2026-01-01T00:00:00Z')",
        "duration": "duration('1h') > duration('1m')", "string": "string(staff) == '1'",
        "int": "int(staff) == 1", "double": "double(staff) == 1.0",
    }  # fmt: skip
    text = f"lists.{name}(each, each == 'x')" if name in ("all", "exists", "exists_one", "filter") else ""
    text = text or (f"met.{name}() >= 0" if name.startswith("get") else f"title.{name}('x')")
    text = "lists.map(each, each) == ['x']" if name == "map" else calls.get(name, text)
    text = text + " == ['x']" if name == "filter" else text
    assert ask(text, labels=["x"], met="2026-01-01", title="x", staff=1).passed


def test_names_are_spelt_as_the_page_says_and_no_two_are_one() -> None:
    assert [identifier(n) for n in ("Rating__c", "custom.1", "2nd", "in", "", "é")] == [
        "Rating__c", "custom_1", "_2nd", "in_", "_", "_",
    ]  # fmt: skip
    assert {v.field.name for v in KNOWN.values()} == CONTACT.fields.keys()
    two = schema("x", Field("a-b", "", FieldType.TEXT), Field("a b", "", FieldType.TEXT), field(name="a_b"))
    assert {n: v.field.name for n, v in variables(two, Roles()).items()} == {
        "a_b": "a_b",
        "a_b_": "a b",
        "a_b__": "a-b",
    }
