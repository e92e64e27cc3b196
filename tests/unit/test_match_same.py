"""Deals are told by their name and their account: what counts besides a match key, and what waits for it."""

from typing import Any

import pytest

from syncline.core.convert import Terms
from syncline.core.decide import PairContext, same_values
from syncline.core.mapping import FieldMap
from syncline.core.match import MatchPolicy
from syncline.core.model import Raw, Record, Ref, Side
from syncline.core.place import awaited, draft
from syncline.core.references import Relations
from syncline.core.schema import FieldType
from tests.unit.mapped import context, field, schema

T = FieldType
LEFT = schema(
    "opportunity", field(T.TEXT, "name"), field(T.REFERENCE, "account_id"), field(T.REFERENCE, "partner")
)
RIGHT = schema(
    "Opportunity", field(T.TEXT, "Name"), field(T.REFERENCE, "AccountId"), field(T.REFERENCE, "PartnerId")
)
MAPS = (FieldMap("name", "Name"), FieldMap("account_id", "AccountId"), FieldMap("partner", "PartnerId"))
LINKED = Relations(
    tokens={(Side.LEFT, "a1"): "link:1", (Side.RIGHT, "A1"): "link:1", (Side.LEFT, "a2"): "link:2"},
    twins={(Side.LEFT, "a1"): "A1", (Side.RIGHT, "A1"): "a1"},
    planned={(Side.LEFT, "a2"): Ref("account", "a2")},
)


def frame(same: tuple[str, ...] = ("account_id",)) -> PairContext:
    return context(LEFT, RIGHT, *MAPS, terms=Terms(relations=LINKED), match=MatchPolicy(("name",), same))


def left(**values: Raw) -> Record:
    return Record(Ref("opportunity", "o1"), {"name": "Renewal", **values})


def right(**values: Raw) -> Record:
    return Record(Ref("Opportunity", "O1"), {"Name": "Renewal", **values})


@pytest.mark.proves("D2", "I2")
@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        ({"account_id": "a1"}, {"AccountId": "A1"}, True),
        ({"account_id": "a2"}, {"AccountId": "A1"}, False),
        ({"account_id": "a3"}, {"AccountId": "A3"}, False),
        ({"account_id": "a1"}, {"AccountId": None}, False),
        ({"account_id": ""}, {"AccountId": None}, True),
    ],
)
def test_accounts_are_the_same_if_they_are_linked(ours: Any, theirs: Any, alike: bool) -> None:
    mine = same_values(frame(), Side.LEFT, left(**ours))
    assert mine is not None
    assert (mine == same_values(frame(), Side.RIGHT, right(**theirs))) is alike


def test_an_account_that_was_not_read_tells_nothing() -> None:
    assert same_values(frame(), Side.LEFT, left()) is None
    assert same_values(frame(()), Side.LEFT, left()) == ()


@pytest.mark.proves("D2")
@pytest.mark.parametrize(("account", "waits"), [("a3", True), ("a1", False), ("a2", False), (None, False)])
def test_a_new_deal_waits_for_an_account_that_nobody_links(account: str | None, waits: bool) -> None:
    drafted = draft(frame(), Side.LEFT, left(account_id=account))
    assert (awaited(frame(), drafted) is not None) is waits


def test_other_references_keep_nothing_from_being_made() -> None:
    drafted = draft(frame(), Side.LEFT, left(account_id="a1", partner="a3"))
    assert [change.key for change in drafted.waiting] == ["partner=PartnerId"]
    assert awaited(frame(), drafted) is None
    assert awaited(frame(()), draft(frame(()), Side.LEFT, left(account_id="a3"))) is None
