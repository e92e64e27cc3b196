"""Owners and references: ids of one side in the terms of the other."""

import pytest

from syncline.core.convert import Terms, Users
from syncline.core.model import Ref, Side
from syncline.core.references import Awaited, Relations
from syncline.core.schema import FieldType
from syncline.core.written import Problem
from tests.unit.mapped import translator

USERS = Users(
    to_right={"ann": "A1", "bob": "B1"},
    to_left={"A1": "ann", "B1": "bob"},
    active={Side.LEFT: frozenset({"ann", "desk"}), Side.RIGHT: frozenset({"A1", "D1"})},
    names={(Side.LEFT, "cat"): "cat@example.com", (Side.LEFT, "bob"): "bob@example.com"},
)
DEFAULTS = Users(
    USERS.to_right, USERS.to_left, USERS.active, {Side.LEFT: "desk", Side.RIGHT: "D1"}, USERS.names
)


@pytest.mark.proves("M7")
@pytest.mark.parametrize(("target", "user", "sent"), [(Side.RIGHT, "ann", "A1"), (Side.LEFT, "A1", "ann")])
def test_a_user_becomes_the_same_person_there(target: Side, user: str, sent: str) -> None:
    for users in (USERS, DEFAULTS):
        carrier = translator(FieldType.OWNER, FieldType.OWNER, Terms(users))
        assert carrier.to_send(target, user) == sent
        assert carrier.common(target.other, user) == carrier.common(target, sent)


@pytest.mark.proves("M7")
@pytest.mark.parametrize(
    ("target", "user", "words"),
    [
        (Side.RIGHT, "bob", "bob@example.com is not active"),
        (Side.RIGHT, "cat", "cat@example.com has no counterpart"),
        (Side.LEFT, "Z9", "Z9 has no counterpart"),
    ],
)
def test_without_a_default_the_unmapped_and_the_inactive_are_problems(
    target: Side, user: str, words: str
) -> None:
    found = translator(FieldType.OWNER, FieldType.OWNER, Terms(USERS)).to_send(target, user)
    assert isinstance(found, Problem)
    assert found.code == "user"
    assert words in found.reason


@pytest.mark.proves("M7")
@pytest.mark.parametrize(("target", "user", "sent"), [(Side.RIGHT, "bob", "D1"), (Side.LEFT, "Z9", "desk")])
def test_a_default_owner_takes_the_unmapped_and_the_inactive(target: Side, user: str, sent: str) -> None:
    carrier = translator(FieldType.OWNER, FieldType.OWNER, Terms(DEFAULTS))
    assert carrier.to_send(target, user) == sent


@pytest.mark.proves("M7")
def test_an_inactive_owner_that_both_sides_show_is_no_difference() -> None:
    carrier = translator(FieldType.OWNER, FieldType.OWNER, Terms(USERS))
    assert carrier.common(Side.LEFT, "bob") == carrier.common(Side.RIGHT, "B1")


def test_users_of_two_sides_with_one_id_are_two_people() -> None:
    carrier = translator(FieldType.OWNER, FieldType.OWNER, Terms(USERS))
    assert carrier.common(Side.LEFT, "77") != carrier.common(Side.RIGHT, "77")


def test_users_have_a_name_or_their_id() -> None:
    assert USERS.name(Side.LEFT, "cat") == "cat@example.com"
    assert USERS.name(Side.RIGHT, "cat") == "cat"


RELATIONS = Relations(
    tokens={(Side.LEFT, "acc1"): "link:1", (Side.RIGHT, "001"): "link:1", (Side.LEFT, "acc2"): "plan:acc2"},
    twins={(Side.LEFT, "acc1"): "001", (Side.RIGHT, "001"): "acc1"},
    planned={(Side.LEFT, "acc2"): Ref("account", "acc2")},
)
ACCOUNTS = translator(FieldType.REFERENCE, FieldType.REFERENCE, Terms(relations=RELATIONS))


def test_a_linked_record_becomes_its_counterpart() -> None:
    assert ACCOUNTS.to_send(Side.RIGHT, "acc1") == "001"
    assert ACCOUNTS.to_send(Side.LEFT, "001") == "acc1"
    assert ACCOUNTS.common(Side.LEFT, "acc1") == ACCOUNTS.common(Side.RIGHT, "001")


def test_a_record_whose_counterpart_is_being_made_is_awaited() -> None:
    assert ACCOUNTS.to_send(Side.RIGHT, "acc2") == Awaited(Ref("account", "acc2"))


def test_a_record_without_counterpart_is_a_problem_of_its_own() -> None:
    found = ACCOUNTS.to_send(Side.RIGHT, "acc3")
    assert isinstance(found, Problem)
    assert found.code == "reference"
    assert "acc3" in found.reason


def test_unlinked_records_with_one_id_are_not_the_same() -> None:
    assert ACCOUNTS.common(Side.LEFT, "acc3") != ACCOUNTS.common(Side.RIGHT, "acc3")
