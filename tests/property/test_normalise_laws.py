"""Normalising takes anything, is settled after one pass, and sees through spelling alone."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline.core.model import Raw, is_empty
from syncline.core.normalise import normalise
from syncline.core.schema import Field, FieldType
from syncline.testing.strategies import empties, seen_values, spellings

EVERY_TYPE = pytest.mark.parametrize("kind", FieldType)

# Characters and words that parsers of addresses, hosts, numbers and times give a meaning to, and some that change
# under composition or case folding.
MEANINGFUL = (
    "0123456789+-.,:;/\\@<>()#?&=%[]*_ \t\n\x00eExTzZwWß\u0130\u0345\u0301\u3002\uff11\uff38\u01f0\u200b"
)
WORDS = (
    "www.",
    "http://",
    "//",
    "ext",
    ";ext=",
    "+1",
    "415",
    "5550123",
    ".test",
    "2026-01-02",
    "T10:00",
    "Z",
    "e30",
)
pieces = st.one_of(st.sampled_from(MEANINGFUL), st.sampled_from(WORDS))
soups = st.lists(pieces, max_size=12).map("".join)
lists = st.lists(st.one_of(soups, st.text(max_size=8)), max_size=4)
anything: st.SearchStrategy[Raw] = st.one_of(
    soups, st.text(st.characters(), max_size=20), st.floats(), st.integers(), st.booleans(), lists, empties()
)


@given(value=anything, region=st.sampled_from(["US", "DE", "ZZ"]))
@settings(max_examples=120)
def test_normalising_again_changes_nothing_whatever_the_value(value: Raw, region: str) -> None:
    for kind in FieldType:
        once = normalise(kind, value, region)
        assert normalise(kind, once, region) == once, kind


@EVERY_TYPE
@given(data=st.data())
@settings(max_examples=12)
def test_normalising_again_changes_nothing_of_a_good_value(kind: FieldType, data: st.DataObject) -> None:
    once = normalise(kind, data.draw(seen_values(Field("field", "Field", kind))))
    assert normalise(kind, once) == once


@given(value=anything)
@settings(max_examples=80)
def test_every_form_can_be_stored_and_comes_back_the_same(value: Raw) -> None:
    for kind in FieldType:
        form = normalise(kind, value)
        stored = json.loads(json.dumps(form))
        assert (tuple(stored) if isinstance(stored, list) else stored) == form, kind


@given(value=anything)
@settings(max_examples=80)
def test_only_empty_values_have_no_form(value: Raw) -> None:
    for kind in FieldType:
        form = normalise(kind, value)
        assert form not in {"", ()}, kind
        if is_empty(value):
            assert form is None
        elif kind is not FieldType.MULTIPICKLIST and not isinstance(value, list):
            assert form is not None


@EVERY_TYPE
@given(data=st.data())
@settings(max_examples=5)
def test_spellings_of_one_value_are_equal(kind: FieldType, data: st.DataObject) -> None:
    one, other = data.draw(spellings(kind))
    assert normalise(kind, one) == normalise(kind, other)


@given(one=st.integers(-(10**30), 10**30), other=st.integers(-(10**30), 10**30))
@settings(max_examples=40)
def test_different_numbers_stay_different(one: int, other: int) -> None:
    for kind in (FieldType.NUMBER, FieldType.MONEY):
        assert (normalise(kind, one) == normalise(kind, other)) is (one == other)
        assert normalise(kind, one + 1) != normalise(kind, one)


@given(
    number=st.floats(-1e12, 1e12, allow_nan=False).filter(lambda number: number == 0 or abs(number) > 1e-25)
)
@settings(max_examples=40)
def test_a_number_and_its_text_are_equal(number: float) -> None:
    for kind in (FieldType.NUMBER, FieldType.MONEY):
        form = normalise(kind, number)
        assert form == normalise(kind, repr(number))
        assert float(str(form)) == number
