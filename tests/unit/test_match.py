"""The counterpart of an unlinked record: keys in order, candidates in any order, evidence always (I1, I2, P3)."""

import itertools
from datetime import timedelta

import pytest

from syncline.core.match import NO_MATCH, Candidate, MatchPolicy, MatchResult, choose, match, rank
from syncline.core.model import Ref, Side
from syncline.core.policy import OnAmbiguous, OnLinkedCandidate
from tests.unit.mapped import NOW

PEOPLE = MatchPolicy(keys=("email", "linkedin_url"), prefer_right=("Contact", "Lead"))
L, R = Side.LEFT, Side.RIGHT


def candidate(
    name: str,
    key: str = "email",
    value: str = "ada@x.test",
    *,
    link: str | None = None,
    age: int | None = None,
    filled: int = 0,
) -> Candidate:
    """A candidate named like "Contact/1", so many days old."""
    object_type, remote_id = name.split("/")
    created = None if age is None else NOW - timedelta(days=age)
    return Candidate(Ref(object_type, remote_id), key, value, link, created, filled)


def refs(*names: str) -> tuple[Ref, ...]:
    return tuple(Ref(*name.split("/")) for name in names)


@pytest.mark.proves("I2")
def test_nobody_is_no_match() -> None:
    assert match([], PEOPLE, R) == NO_MATCH
    assert match([candidate("Contact/1", key="phone")], PEOPLE, R).result is MatchResult.NONE


@pytest.mark.proves("I1", "I2")
def test_one_candidate_is_chosen_with_the_evidence() -> None:
    found = match([candidate("Contact/1")], PEOPLE, R)
    assert (found.result, found.chosen, found.key, found.value) == (
        MatchResult.ONE,
        Ref("Contact", "1"),
        "email",
        "ada@x.test",
    )
    assert found.found == refs("Contact/1")


@pytest.mark.proves("I1")
def test_the_first_key_that_finds_anybody_decides() -> None:
    by_email, by_url = candidate("Contact/1"), candidate("Contact/2", "linkedin_url", "in/ada")
    assert match([by_url, by_email], PEOPLE, R).chosen == Ref("Contact", "1")
    assert match([by_url], PEOPLE, R).key == "linkedin_url"
    turned = MatchPolicy(keys=("linkedin_url", "email"))
    assert match([by_url, by_email], turned, R).chosen == Ref("Contact", "2")


@pytest.mark.proves("I1")
def test_a_record_found_twice_is_one_candidate() -> None:
    twice = [candidate("Contact/1", value="ada@x.test"), candidate("Contact/1", value="ada@home.test")]
    found = match(twice, PEOPLE, R)
    assert (found.result, found.value) == (MatchResult.ONE, "ada@home.test")
    assert match(twice[::-1], PEOPLE, R) == found


@pytest.mark.proves("I2")
def test_several_candidates_wait_for_a_person() -> None:
    found = match([candidate("Contact/2"), candidate("Contact/1")], PEOPLE, R)
    assert (found.result, found.chosen, found.found) == (
        MatchResult.SEVERAL,
        None,
        refs("Contact/1", "Contact/2"),
    )


THREE = [
    candidate("Contact/1", age=5, filled=9),
    candidate("Contact/2", age=9, filled=3),
    candidate("Contact/3", age=9, filled=9),
]


@pytest.mark.proves("I2")
@pytest.mark.parametrize(
    ("policy", "chosen"),
    [(OnAmbiguous.HOLD, None), (OnAmbiguous.OLDEST, "2"), (OnAmbiguous.RICHEST, "1")],
)
def test_a_policy_may_choose_among_several_and_breaks_ties_by_id(
    policy: OnAmbiguous, chosen: str | None
) -> None:
    settings = MatchPolicy(keys=("email",), on_ambiguous=policy)
    for order in itertools.permutations(THREE):
        found = match(order, settings, R)
        assert found.chosen == (Ref("Contact", chosen) if chosen else None)
        assert found.result is (MatchResult.ONE if chosen else MatchResult.SEVERAL)


@pytest.mark.proves("I2")
def test_the_oldest_is_not_guessed_where_an_age_is_unknown() -> None:
    settings = MatchPolicy(keys=("email",), on_ambiguous=OnAmbiguous.OLDEST)
    found = match([candidate("Contact/1", age=5), candidate("Contact/2")], settings, R)
    assert found.result is MatchResult.SEVERAL


@pytest.mark.proves("I2")
@pytest.mark.parametrize("policy", OnLinkedCandidate)
def test_a_linked_candidate_counts(policy: OnLinkedCandidate) -> None:
    settings = MatchPolicy(keys=("email",), on_linked_candidate=policy)
    found = match([candidate("Contact/1", link="7")], settings, R)
    assert (found.result, found.chosen, found.found) == (MatchResult.LINKED, None, refs("Contact/1"))


@pytest.mark.proves("I2")
def test_a_linked_candidate_of_an_earlier_key_hides_a_free_one_of_a_later_key() -> None:
    found = match(
        [candidate("Contact/1", link="7"), candidate("Contact/2", "linkedin_url", "in/ada")], PEOPLE, R
    )
    assert found.result is MatchResult.LINKED


@pytest.mark.proves("I2")
def test_beside_a_linked_candidate_a_free_one_is_linked_only_under_mirror() -> None:
    both = [candidate("Contact/1", link="7"), candidate("Contact/2")]
    for policy in (OnLinkedCandidate.HOLD, OnLinkedCandidate.SKIP):
        found = match(both, MatchPolicy(keys=("email",), on_linked_candidate=policy), R)
        assert (found.result, found.found) == (MatchResult.LINKED, refs("Contact/1", "Contact/2"))
    mirror = match(both, MatchPolicy(keys=("email",), on_linked_candidate=OnLinkedCandidate.MIRROR), R)
    assert (mirror.result, mirror.chosen) == (MatchResult.ONE, Ref("Contact", "2"))


@pytest.mark.proves("P3")
def test_the_contact_goes_before_the_lead_of_one_person() -> None:
    for order in itertools.permutations([candidate("Lead/9"), candidate("Contact/1"), candidate("Lead/8")]):
        found = match(order, PEOPLE, R)
        assert (found.result, found.chosen) == (MatchResult.ONE, Ref("Contact", "1"))
        assert found.covered == refs("Lead/8", "Lead/9")


@pytest.mark.proves("P3")
def test_a_preference_is_that_of_the_side() -> None:
    both = [candidate("Lead/9"), candidate("Contact/1")]
    assert match(both, PEOPLE, L).result is MatchResult.SEVERAL
    left = MatchPolicy(keys=("email",), prefer_left=("Lead",))
    assert match(both, left, L).chosen == Ref("Lead", "9")


@pytest.mark.proves("P3")
def test_a_lead_that_is_linked_already_is_not_passed_over_for_the_contact() -> None:
    found = match([candidate("Lead/9", link="7"), candidate("Contact/1")], PEOPLE, R)
    assert (found.result, found.chosen) == (MatchResult.LINKED, None)
    assert found.found == refs("Contact/1", "Lead/9")
    assert found.covered == ()


def test_the_evidence_is_that_of_the_chosen_one() -> None:
    found = match(
        [candidate("Contact/1", value="ada@home.test"), candidate("Account/0", value="ada@x.test")], PEOPLE, R
    )
    assert (found.chosen, found.value) == (Ref("Contact", "1"), "ada@home.test")


def test_ranking_keeps_the_best_type_that_is_there() -> None:
    contact, lead, other = refs("Contact/1", "Lead/2", "Thing/3")
    assert rank([lead, contact, other], ("Contact", "Lead")) == ({contact}, (lead, other))
    assert rank([lead, other], ("Contact", "Lead")) == ({lead}, (other,))
    assert rank([other, lead], ()) == ({lead, other}, ())
    assert rank([], ("Contact",)) == (set(), ())


def test_nobody_is_chosen_where_a_person_has_to() -> None:
    assert choose(THREE, OnAmbiguous.HOLD) is None
