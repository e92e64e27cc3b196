"""Ids and stamps of the Salesforce sandbox."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline.sandbox.salesforce import ids, stamps
from syncline.sandbox.salesforce.soql.dates import range_of

BODIES = st.text(ids.ALPHABET, min_size=15, max_size=15)


@pytest.mark.parametrize("id_", ["003aj000002oTldAAE", "0038M0000016Wv8QAE"])
def test_the_suffix_is_that_of_ids_published_by_the_service(id_: str) -> None:
    assert ids.to18(id_[:15]) == id_


@given(BODIES)
def test_eighteen_characters_restore_the_case_of_fifteen(body: str) -> None:
    whole = ids.to18(body)
    assert ids.canonical(body) == ids.canonical(whole) == whole
    assert ids.canonical(body.lower() + whole[15:]) == whole
    assert ids.canonical(whole.upper()) == whole


@pytest.mark.parametrize(
    "text", ["", "003", "003gK000000000!", "003gK0000000001999", "003gK0000000001AA", "é" * 15]
)
def test_what_is_no_id_has_no_canonical_form(text: str) -> None:
    assert ids.canonical(text) is None


@given(st.integers(1, 10_000_000), st.integers(1, 10_000_000))
def test_minted_ids_sort_as_their_numbers(one: int, other: int) -> None:
    assert (ids.mint("003", one) < ids.mint("003", other)) == (one < other)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00.000+0000"),
        ("2026-11-01T10:00:00.123456+01:00", "2026-11-01T09:00:00.123+0000"),
        ("2026-11-01T10:00:00.000+0000", "2026-11-01T10:00:00.000+0000"),
        ("2026-11-01t10:00:00-0530", "2026-11-01T15:30:00.000+0000"),
    ],
)
def test_moments_are_read_with_any_offset_and_shown_without_colon(text: str, shown: str) -> None:
    moment = stamps.parse_moment(text)
    assert moment is not None
    assert stamps.wire(moment) == shown


@pytest.mark.parametrize("text", ["2026-11-01", "2026-13-01T10:00:00Z", "2026-11-01T10:00:00", "now", ""])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert stamps.parse_moment(text) is None


def test_stored_stamps_have_whole_seconds() -> None:
    assert (
        stamps.stamp(datetime(2026, 11, 1, 10, 0, 0, 999_999, tzinfo=UTC)) == "2026-11-01T10:00:00.000+0000"
    )


@pytest.mark.parametrize(
    ("word", "first", "after"),
    [
        ("TODAY", (2026, 11, 21), (2026, 11, 22)),
        ("yesterday", (2026, 11, 20), (2026, 11, 21)),
        ("LAST_N_DAYS:7", (2026, 11, 14), (2026, 11, 22)),
        ("NEXT_N_DAYS:2", (2026, 11, 22), (2026, 11, 24)),
        ("N_DAYS_AGO:3", (2026, 11, 18), (2026, 11, 19)),
        ("THIS_WEEK", (2026, 11, 15), (2026, 11, 22)),
        ("LAST_WEEK", (2026, 11, 8), (2026, 11, 15)),
        ("LAST_N_WEEKS:2", (2026, 11, 1), (2026, 11, 15)),
        ("THIS_MONTH", (2026, 11, 1), (2026, 12, 1)),
        ("NEXT_MONTH", (2026, 12, 1), (2027, 1, 1)),
        ("LAST_N_MONTHS:11", (2025, 12, 1), (2026, 11, 1)),
        ("THIS_QUARTER", (2026, 10, 1), (2027, 1, 1)),
        ("LAST_YEAR", (2025, 1, 1), (2026, 1, 1)),
    ],
)
def test_date_literals(word: str, first: tuple[int, int, int], after: tuple[int, int, int]) -> None:
    assert range_of(word, date(2026, 11, 21)) == (date(*first), date(*after))


@pytest.mark.parametrize("word", ["SOMETIME", "LAST_N_DAYS", "TODAY:3"])
def test_other_words_are_no_date_literals(word: str) -> None:
    assert range_of(word, date(2026, 11, 21)) is None
