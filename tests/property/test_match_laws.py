"""Matching and placing do not depend on the order of anything, agree from both sides, and never make doubles."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline.core.match import Candidate, MatchPolicy, MatchResult, match
from syncline.core.model import Kind, Record, Ref, Side
from syncline.core.place import Placement, Subject, place
from syncline.core.plan import Op
from syncline.core.policy import OnAmbiguous, OnLinkedCandidate
from syncline.core.scope import KindSettings

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
KEYS = ("email", "linkedin", "custom")

policies = st.builds(
    MatchPolicy,
    keys=st.permutations(KEYS).map(tuple),
    on_ambiguous=st.sampled_from(OnAmbiguous),
    on_linked_candidate=st.sampled_from(OnLinkedCandidate),
    prefer_right=st.sampled_from([(), ("Contact", "Lead"), ("Lead",)]),
)
ages = st.sampled_from([None, EPOCH, EPOCH, EPOCH + timedelta(days=1)])
fillings = st.integers(0, 2)
free_or_linked = st.sampled_from([None, None, "7"])
candidates = st.builds(
    lambda kind, number, key, value: Candidate(Ref(kind, str(number)), key, value),
    st.sampled_from(["Contact", "Lead"]),
    st.integers(0, 2),
    st.sampled_from(KEYS),
    st.sampled_from(["a", "b"]),
)


@st.composite
def found(draw: st.DrawFn) -> list[Candidate]:
    """Candidates as a look-up finds them: a record may be found by several keys, but is one record."""
    rows = draw(st.lists(candidates, max_size=6))
    known = {ref: (draw(free_or_linked), draw(ages), draw(fillings)) for ref in sorted({c.ref for c in rows})}
    return [replace(c, link=link, created_at=age, filled=n) for c in rows for link, age, n in [known[c.ref]]]


@pytest.mark.proves("I1", "I2")
@given(rows=found(), policy=policies, seed=st.integers(0, 99))
@settings(max_examples=100)
def test_the_order_of_candidates_never_matters(rows: list[Candidate], policy: MatchPolicy, seed: int) -> None:
    turned = [*rows, *rows[:2]]
    Random(seed).shuffle(turned)
    assert match(rows, policy, Side.RIGHT) == match(turned, policy, Side.RIGHT)


@pytest.mark.proves("I1", "I2")
@given(rows=found(), policy=policies)
@settings(max_examples=100)
def test_a_match_is_a_free_record_found_by_the_first_key_that_finds_anybody(
    rows: list[Candidate], policy: MatchPolicy
) -> None:
    result = match(rows, policy, Side.RIGHT)
    first = next((key for key in policy.keys if any(c.key == key for c in rows)), None)
    assert result.key == first
    assert (result.result is MatchResult.NONE) is (first is None)
    counted = [c for c in rows if c.key == first]
    assert {*result.found, *result.covered} == {c.ref for c in counted}
    assert not {*result.found} & {*result.covered}
    assert (result.chosen is not None) is (result.result is MatchResult.ONE)
    if result.chosen:
        assert any((c.ref, c.link, c.value) == (result.chosen, None, result.value) for c in counted)
    if any(c.link for c in counted) and policy.on_linked_candidate is not OnLinkedCandidate.MIRROR:
        assert result.result is MatchResult.LINKED


@dataclass
class World:
    """Everybody on both sides who shares one key value, and who of them is linked with whom."""

    policy: MatchPolicy
    people: dict[Side, list[Candidate]]

    def placed(self, side: Side) -> dict[Ref, Placement]:
        """What becomes of each unlinked record of a side."""
        kind = KindSettings(Kind.PERSON, (), match=self.policy)
        return {c.ref: place(self._subject(side, c), kind) for c in self.people[side] if c.link is None}

    def _subject(self, side: Side, one: Candidate) -> Subject:
        rivals = tuple(c for c in self.people[side] if c.ref != one.ref)
        counterpart = match(self.people[side.other], self.policy, side.other)
        return Subject(
            side, Record(one.ref, {}, created_at=one.created_at), counterpart, rivals, filled=one.filled
        )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    policy = draw(policies)
    types = {
        Side.LEFT: ["contact"] * 3,
        Side.RIGHT: draw(st.permutations(["Contact", "Contact", "Lead", "Lead"])),
    }
    links = draw(st.integers(0, 2))
    people = {
        side: [
            Candidate(
                Ref(kind, str(n)), "email", "a", f"link{n}" if n < links else None, draw(ages), draw(fillings)
            )
            for n, kind in enumerate(kinds[: links + draw(st.integers(0, 2))])
        ]
        for side, kinds in types.items()
    }
    return World(replace(policy, keys=("email",)), people)


@pytest.mark.proves("I2", "P3")
@given(world=worlds())
@settings(max_examples=120)
def test_both_sides_come_to_the_same_links(world: World) -> None:
    left, right = world.placed(Side.LEFT), world.placed(Side.RIGHT)
    pairs = {(ref, p.counterpart) for ref, p in left.items() if p.op is Op.LINK}
    assert pairs == {(p.counterpart, ref) for ref, p in right.items() if p.op is Op.LINK}
    assert len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs)


@pytest.mark.proves("I2")
@given(world=worlds())
@settings(max_examples=120)
def test_no_double_is_made_unless_doubles_are_mirrored(world: World) -> None:
    if world.policy.on_linked_candidate is OnLinkedCandidate.MIRROR:
        return
    for side in Side:
        made = [ref for ref, p in world.placed(side).items() if p.op is Op.CREATE]
        assert len(made) <= 1
        assert not made or not world.people[side.other]
        assert not made or not any(c.link for c in world.people[side])


@pytest.mark.proves("I2", "P3")
@given(world=worlds(), seed=st.integers(0, 99))
@settings(max_examples=50)
def test_the_order_of_records_never_matters(world: World, seed: int) -> None:
    people = {side: Random(seed).sample(rows, len(rows)) for side, rows in world.people.items()}
    for side in Side:
        assert world.placed(side) == World(world.policy, people).placed(side)
