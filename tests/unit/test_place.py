"""What becomes of an unlinked record: linked, created, held or left alone, with the reason (I2, P3)."""

from datetime import timedelta
from typing import Any

import pytest

from syncline.core.match import NO_MATCH, Candidate, Match, MatchPolicy, MatchResult
from syncline.core.model import Kind, Ref, Side
from syncline.core.place import Placement, Subject, place
from syncline.core.plan import Op
from syncline.core.policy import OnAmbiguous, OnLinkedCandidate
from syncline.core.scope import KindSettings
from tests.unit.mapped import NOW, record

X, Y = Ref("contact", "x"), Ref("contact", "y")
ONE = Match(MatchResult.ONE, X, "email", "ada@x.test", (X,))
SEVERAL = Match(MatchResult.SEVERAL, None, "email", "ada@x.test", (X, Y))
LINKED = Match(MatchResult.LINKED, None, "email", "ada@x.test", (X,))


def rival(name: str, link: str | None = None, *, age: int | None = None, filled: int = 0) -> Candidate:
    created = None if age is None else NOW - timedelta(days=age)
    return Candidate(Ref(*name.split("/")), "email", "ada@x.test", link, created, filled)


def placed(found: Match, *rivals: Candidate, name: str = "Contact/1", **policy: Any) -> Placement:
    """What becomes of a right record that is ten days old and has five values."""
    settings = MatchPolicy(keys=("email",), **{"prefer_right": ("Contact", "Lead"), **policy})
    subject = Subject(Side.RIGHT, record(name, created=NOW - timedelta(days=10)), found, rivals, filled=5)
    return place(subject, KindSettings(Kind.PERSON, (), match=settings))


@pytest.mark.proves("I2")
def test_a_record_without_candidate_is_created() -> None:
    found = placed(NO_MATCH)
    assert (found.op, found.rule, found.counterpart) == (Op.CREATE, "no candidate", None)


@pytest.mark.proves("I1", "I2")
def test_a_record_with_one_candidate_is_linked_with_the_evidence() -> None:
    found = placed(ONE)
    assert (found.op, found.rule, found.counterpart) == (Op.LINK, "email", X)
    assert "ada@x.test" in found.reason


@pytest.mark.proves("I2")
def test_a_record_with_several_candidates_is_held() -> None:
    found = placed(SEVERAL)
    assert (found.op, found.rule, found.concerned) == (Op.HOLD, "ambiguous", (X, Y))


@pytest.mark.proves("I2")
@pytest.mark.parametrize(
    ("policy", "op", "rule"),
    [
        (OnLinkedCandidate.HOLD, Op.HOLD, "duplicate of a linked record"),
        (OnLinkedCandidate.SKIP, Op.SKIP, "duplicate of a linked record"),
        (OnLinkedCandidate.MIRROR, Op.CREATE, "duplicate mirrored"),
    ],
)
def test_a_linked_candidate_is_a_duplicate(policy: OnLinkedCandidate, op: Op, rule: str) -> None:
    found = placed(LINKED, on_linked_candidate=policy)
    assert (found.op, found.rule, found.concerned) == (op, rule, (X,))
    assert str(X) in found.reason


@pytest.mark.proves("I2")
@pytest.mark.parametrize(
    ("policy", "op"),
    [
        (OnLinkedCandidate.HOLD, Op.HOLD),
        (OnLinkedCandidate.SKIP, Op.SKIP),
        (OnLinkedCandidate.MIRROR, Op.CREATE),
    ],
)
@pytest.mark.parametrize("twin", ["Contact/2", "Lead/2"])
def test_nothing_is_created_beside_a_linked_record_of_its_own_side(
    twin: str, policy: OnLinkedCandidate, op: Op
) -> None:
    found = placed(NO_MATCH, rival(twin, "7"), on_linked_candidate=policy)
    assert found.op is op
    if op is not Op.CREATE:
        assert (found.rule, found.concerned) == ("duplicate of a linked record", (Ref(*twin.split("/")),))


@pytest.mark.proves("I2")
def test_a_free_counterpart_is_linked_although_a_record_of_its_own_side_is_linked_elsewhere() -> None:
    assert placed(ONE, rival("Contact/2", "7")).op is Op.LINK


@pytest.mark.proves("I2")
@pytest.mark.parametrize("found", [NO_MATCH, ONE])
def test_two_unlinked_records_of_one_side_wait_for_a_person(found: Match) -> None:
    placement = placed(found, rival("Contact/3"), rival("Contact/2"))
    assert (placement.op, placement.rule) == (Op.HOLD, "ambiguous")
    assert placement.concerned == (Ref("Contact", "2"), Ref("Contact", "3"))


@pytest.mark.proves("I2")
@pytest.mark.parametrize(
    ("policy", "other", "op"),
    [
        (OnAmbiguous.OLDEST, rival("Contact/2", age=9), Op.CREATE),
        (OnAmbiguous.OLDEST, rival("Contact/2", age=11), Op.HOLD),
        (OnAmbiguous.OLDEST, rival("Contact/2", age=10), Op.CREATE),
        (OnAmbiguous.OLDEST, rival("Contact/0", age=10), Op.HOLD),
        (OnAmbiguous.OLDEST, rival("Contact/2"), Op.HOLD),
        (OnAmbiguous.RICHEST, rival("Contact/2", filled=4), Op.CREATE),
        (OnAmbiguous.RICHEST, rival("Contact/2", filled=6), Op.HOLD),
        (OnAmbiguous.RICHEST, rival("Contact/0", filled=5), Op.HOLD),
    ],
)
def test_a_policy_lets_one_of_several_go(policy: OnAmbiguous, other: Candidate, op: Op) -> None:
    assert placed(NO_MATCH, other, on_ambiguous=policy).op is op


@pytest.mark.proves("P3")
@pytest.mark.parametrize("link", [None, "7"])
@pytest.mark.parametrize("found", [NO_MATCH, ONE, SEVERAL, LINKED])
def test_a_lead_is_covered_by_the_contact_of_the_same_person(found: Match, link: str | None) -> None:
    placement = placed(found, rival("Contact/2", link), name="Lead/1")
    assert (placement.op, placement.rule, placement.counterpart) == (Op.SKIP, "covered", Ref("Contact", "2"))


@pytest.mark.proves("P3")
def test_a_contact_is_not_kept_back_by_an_unlinked_lead() -> None:
    assert placed(NO_MATCH, rival("Lead/2")).op is Op.CREATE
    assert placed(ONE, rival("Lead/2")).op is Op.LINK


@pytest.mark.proves("P3")
def test_a_linked_lead_does_not_give_way_and_the_contact_is_listed_as_its_double() -> None:
    found = placed(NO_MATCH, rival("Lead/2", "7"))
    assert (found.op, found.concerned) == (Op.HOLD, (Ref("Lead", "2"),))


@pytest.mark.proves("P3")
def test_without_a_preference_lead_and_contact_are_equals() -> None:
    assert placed(NO_MATCH, rival("Lead/2"), prefer_right=()).rule == "ambiguous"


def test_deleted_records_and_ended_links_are_left_alone() -> None:
    kind = KindSettings(Kind.PERSON, ())
    gone = Subject(Side.LEFT, record("contact/1", deleted=True), ONE)
    assert (place(gone, kind).op, place(gone, kind).rule) == (Op.SKIP, "alive")
    vetoed = Subject(Side.LEFT, record("contact/1"), ONE, vetoed="its link was ended by hand")
    assert (place(vetoed, kind).op, place(vetoed, kind).reason) == (Op.SKIP, "its link was ended by hand")


def test_a_subject_is_a_candidate_of_its_own() -> None:
    subject = Subject(Side.LEFT, record("contact/1", created=NOW), NO_MATCH, filled=3)
    assert subject.as_candidate() == Candidate(Ref("contact", "1"), "", "", None, NOW, 3)
