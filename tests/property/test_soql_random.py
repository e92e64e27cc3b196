"""Invented queries: what is right is answered as logic demands, what is nearly right or junk is refused, not broken."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce.api import Api, Call
from syncline.sandbox.salesforce.app import make_api
from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.schema import OBJECTS, STANDARD
from syncline.sandbox.salesforce.seed import seed_org
from syncline.sandbox.state import State
from syncline.sandbox.world import build_world

SMALL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NUMBERS, DAYS = {"int", "double", "percent", "currency"}, {"date", "datetime"}
CASES: list[Callable[[str], str]] = [str, str.lower, str.upper]
UNGROUPED = {"double", "percent", "currency", "datetime"}
BLANK = st.sampled_from([" ", "  ", "\n", "\t "])


class Asked:
    """An org in this process, asked as over HTTP."""

    def __init__(self, org: Org, api: Api) -> None:
        self._org = org
        self._api = api
        self._token = org.sessions.open(org.integration_user, org.id)

    def __call__(self, text: str, resource: str = "query") -> tuple[int, Any]:
        """Status and body of the answer."""
        headers = {"authorization": f"Bearer {self._token}"}
        path = f"/services/data/v60.0/{resource}"
        reply = self._api.answer(Call(self._org, "GET", path, "http://org.test", {"q": text}, headers))
        reply.encoded()
        return reply.status, reply.body

    def total(self, text: str) -> int:
        """How many rows a query that must be accepted has."""
        status, body = self(text)
        assert status == 200, (text, body)
        return int(body["totalSize"])


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    state = State(str(tmp_path_factory.mktemp("org") / "state.sqlite3"))
    org = Org.open(state, Clock(state))
    seed_org(org, build_world(60, seed=5), 5)
    org.settings.set("daily_limit", 10**9)
    yield Asked(org, make_api())
    state.close()


def literal(field: Field) -> st.SearchStrategy[str]:
    """A value that may stand beside a field."""
    if field.type == "boolean":
        return st.sampled_from(["true", "FALSE", "null"])
    if field.type in NUMBERS:
        return st.integers(-(10**6), 10**6).map(str) | st.just("1.5e3") | st.just("null")
    if field.type == "date":
        return st.dates().map(str) | st.sampled_from(["TODAY", "LAST_N_DAYS:30", "THIS_YEAR", "null"])
    if field.type == "datetime":
        moments = st.sampled_from(["2026-01-01T00:00:00Z", "2026-11-01T10:00:00.5+01:00"])
        return moments | st.sampled_from(["YESTERDAY", "LAST_N_MONTHS:2", "null"])
    if field.type in {"id", "reference"}:
        return st.sampled_from(["'003000000000001'", "'001000000000001AAA'", "null"])
    quoted = st.text("abcXYZ é%_@.-", max_size=6).map(lambda text: f"'{text}'")
    return quoted | st.sampled_from([r"'O\'Hara'", r"'\\'", "''", "null"])


def signs(field: Field) -> st.SearchStrategy[str]:
    """The operators that a field takes."""
    return st.sampled_from(["=", "!="] if field.type in {"boolean", "id", "reference"} else ["=", "!=", "<>"])


@cache
def paths(object_: ObjectType) -> st.SearchStrategy[tuple[str, Field]]:
    """A field that can be filtered by, of the object or of a parent, in any case."""
    own = [(each.name, each) for each in object_.fields if each.filterable]
    parents = [(each.relationship, STANDARD.parent(each)) for each in object_.fields if each.relationship]
    further = [
        (f"{step}.{each.name}", each)
        for step, parent in parents
        if parent
        for each in parent.fields
        if each.filterable
    ]
    picked = st.sampled_from(own) | st.sampled_from(further or own)
    spelt: st.SearchStrategy[Callable[[str], str]] = st.sampled_from(CASES)
    return st.builds(lambda pair, spell: (spell(pair[0]), pair[1]), picked, spelt)


@st.composite
def comparisons(draw: st.DrawFn, object_: ObjectType) -> str:
    name, field = draw(paths(object_))
    blank, kind = draw(BLANK), draw(st.integers(0, 3))
    if kind == 0:
        values = draw(st.lists(literal(field), min_size=1, max_size=3))
        return f"{name}{blank}{draw(st.sampled_from(['IN', 'not  in']))} ({', '.join(values)})"
    if kind == 1 and field.type in {"string", "email", "phone", "url", "picklist", "textarea"}:
        return f"{name} LIKE '{draw(st.text('ab%_é', max_size=4))}'"
    value = draw(literal(field))
    if kind == 2 and value not in {"null", "''"} and field.type in NUMBERS | DAYS | {"string"}:
        return f"{name} {draw(st.sampled_from(['<', '<=', '>', '>=']))} {value}"
    return f"{name}{blank}{draw(signs(field))}{blank}{value}"


@cache
def conditions(object_: ObjectType) -> st.SearchStrategy[str]:
    """Conditions of any depth that mix nothing without parentheses."""
    return st.recursive(
        comparisons(object_),
        lambda inner: (
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " AND ".join(parts) + ")")
            | st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " or ".join(parts) + ")")
            | inner.map("(NOT {})".format)
        ),
        max_leaves=5,
    )


NAMES = ("Account", "Contact", "Lead", "User")


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, str]:
    """The name of an object, and a condition on it."""
    name = draw(st.sampled_from(NAMES))
    return name, draw(conditions(OBJECTS[name]))


@st.composite
def grouped(draw: st.DrawFn) -> tuple[str, str, str]:
    """The name of an object, a condition on it, and the fields to group by."""
    name, condition = draw(asked())
    plain = [each.name for each in OBJECTS[name].fields if each.filterable and each.type not in UNGROUPED]
    by = draw(st.lists(st.sampled_from(plain), min_size=1, max_size=2, unique=True))
    return name, condition, ", ".join(by)


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A whole query that must be accepted."""
    name, condition = draw(asked())
    object_ = OBJECTS[name]
    fields = draw(
        st.lists(st.sampled_from([each.name for each in object_.fields]), min_size=1, max_size=4, unique=True)
    )
    sorts = draw(
        st.lists(st.sampled_from([each.name for each in object_.fields if each.sortable]), max_size=2)
    )
    order = " ORDER BY " + ", ".join(f"{each} DESC NULLS LAST" for each in sorts) if sorts else ""
    bounds = draw(st.sampled_from(["", " LIMIT 5", " LIMIT 3 OFFSET 2", " OFFSET 1"]))
    return f"SELECT {', '.join(fields)} FROM {object_.name} WHERE {condition}{order}{bounds}"


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A right query in which one thing was left out, doubled, swapped or put in."""
    words = draw(statements()).split(" ")
    place = draw(st.integers(0, len(words) - 1))
    strange = st.sampled_from(
        ["(", ")", "'", ",", "Nope", "IN", "NOT", "null", "5", "*", "\\", ":x", "é", "\x00", "GROUP"]
    )
    kind = draw(st.integers(0, 3))
    if kind == 0:
        del words[place]
    elif kind == 1:
        words.insert(place, words[place])
    elif kind == 2:
        words[place] = draw(strange)
    else:
        text = " ".join(words)
        return text[: draw(st.integers(0, len(text)))]
    return " ".join(words)


WORDS = st.sampled_from([
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "(", ")", ",", "Id", "Contact", "COUNT()", "COUNT(Id)", "MAX(",
    "FIELDS(ALL)", "GROUP", "ORDER", "BY", "LIMIT", "OFFSET", "10", "=", "'x'", "'", "\\", "\n", ".", "*", "NULLS",
    "LAST", "LIKE", "2026-01-01", "TODAY", "null",
])  # fmt: skip


@SMALL
@given(text=statements())
def test_what_is_right_is_answered(ask: Asked, text: str) -> None:
    status, body = ask(text)
    assert status == 200, (text, body)
    assert len(body["records"]) == body["totalSize"]


@SMALL
@given(text=damaged() | st.lists(WORDS, max_size=15).map(" ".join) | st.text(max_size=80))
def test_what_is_not_quite_right_is_answered_or_refused(ask: Asked, text: str) -> None:
    for resource in ("query", "queryAll"):
        status, body = ask(text, resource)
        assert status in {200, 400}, (text, body)
        if status == 400:
            assert body[0]["errorCode"].isupper(), body
            assert body[0]["message"], body


@SMALL
@given(about=asked())
def test_a_condition_and_its_contrary_share_all_records(ask: Asked, about: tuple[str, str]) -> None:
    name, condition = about
    every = ask.total(f"SELECT Id FROM {name}")
    meets = ask.total(f"SELECT Id FROM {name} WHERE {condition}")
    fails = ask.total(f"SELECT Id FROM {name} WHERE NOT ({condition})")
    assert meets + fails == every
    assert ask.total(f"SELECT COUNT() FROM {name} WHERE {condition}") == meets
    assert ask.total(f"SELECT Id FROM {name} WHERE {condition} LIMIT 2") == min(2, meets)


@SMALL
@given(about=grouped())
def test_groups_add_up_to_the_whole(ask: Asked, about: tuple[str, str, str]) -> None:
    name, condition, keys = about
    text = f"SELECT {keys}, COUNT(Id) n FROM {name} WHERE {condition} GROUP BY {keys} ORDER BY {keys}"
    status, body = ask(text)
    assert status == 200, (text, body)
    meets = ask.total(f"SELECT Id FROM {name} WHERE {condition}")
    assert sum(row["n"] for row in body["records"]) == meets
    whole = ask(f"SELECT COUNT(Id), MIN(CreatedDate), MAX(CreatedDate) FROM {name} WHERE {condition}")[1]
    (row,) = whole["records"]
    assert row["expr0"] == meets
    assert (row["expr1"] or "") <= (row["expr2"] or "")


@SMALL
@given(condition=conditions(OBJECTS["Account"]))
def test_a_query_inside_another_finds_what_the_path_does(ask: Asked, condition: str) -> None:
    inner = f"(SELECT Id FROM Account WHERE {condition})"
    ids = [row["Id"] for row in ask(f"SELECT Id FROM Account WHERE {condition}")[1]["records"]]
    every = ask("SELECT Id, AccountId FROM Contact")[1]["records"]
    expected = {row["Id"] for row in every if row["AccountId"] in ids}
    joined = ask(f"SELECT Id FROM Contact WHERE AccountId IN {inner}")[1]["records"]
    assert {row["Id"] for row in joined} == expected
    assert ask.total(f"SELECT Id FROM Contact WHERE AccountId NOT IN {inner}") == len(every) - len(expected)
