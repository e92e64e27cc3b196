"""A value of one side in the terms of the other, or the reason why it may not be written there."""

import math
from typing import Any

import pytest

from syncline.core.model import Raw, Side
from syncline.core.schema import FieldType
from syncline.core.written import Problem, parts_of, valid_email
from tests.unit.mapped import field, options, translator

T = FieldType

CARRIED: list[tuple[FieldType, dict[str, Any], Raw, Raw]] = [
    (T.TEXT, {}, "  Ada Lovelace ", "Ada Lovelace"),
    (T.TEXT, {}, "two\nlines\tand a tab", "two\nlines\tand a tab"),
    (T.TEXT, {}, 12.0, "12"),
    (T.TEXT, {}, 0.5, "0.5"),
    (T.TEXT, {}, True, "true"),
    (T.TEXT, {}, ["b", "A"], "b; A"),
    (T.TEXT, {"length": 5}, "12345", "12345"),
    (T.TEXT, {}, "x" * 300_000, "x" * 300_000),
    (T.EMAIL, {}, "Ada <Ada@Example.COM>", "ada@example.com"),
    (T.EMAIL, {}, "ada@shop.test", "ada@shop.test"),
    (T.PHONE, {}, " (415) 555-0123 x7", "(415) 555-0123 x7"),
    (T.DOMAIN, {}, "https://www.Acme.test/about", "acme.test"),
    (T.DOMAIN, {}, "MÜNCHEN.example", "xn--mnchen-3ya.example"),
    (T.URL, {}, "https://Acme.test/A", "https://Acme.test/A"),
    (T.NUMBER, {}, "1,234.50", 1234.5),
    (T.NUMBER, {"scale": 0}, "1234.6", 1235),
    (T.NUMBER, {"scale": 2}, 10**30, 10**30),
    (T.MONEY, {"scale": 2}, "99.999", 100),
    (T.MONEY, {"scale": 2}, 0.1, 0.1),
    (T.DATE, {}, "2026-01-02T23:30:00-05:00", "2026-01-02"),
    (T.DATE, {}, "20260102", "2026-01-02"),
    (T.DATETIME, {}, "2026-01-02T03:04:05+0000", "2026-01-02T03:04:05.000Z"),
    (T.DATETIME, {}, "2026-01-02", "2026-01-02T00:00:00.000Z"),
    (T.BOOLEAN, {}, "yes", True),
    (T.BOOLEAN, {}, False, False),
    (T.BOOLEAN, {}, 1.0, True),
    (T.PICKLIST, {"options": options("New", "Won", prefix="o_")}, " won", "o_Won"),
    (T.PICKLIST, {"options": options("New", "Won", prefix="o_")}, "O_WON", "o_Won"),
    (T.PICKLIST, {}, "  Anything   goes ", "Anything goes"),
    (T.MULTIPICKLIST, {"options": options("New", "Won")}, "won; New", ["Won", "New"]),
    (T.MULTIPICKLIST, {}, "a;b", ["a", "b"]),
]


@pytest.mark.parametrize(("kind", "settings", "value", "sent"), CARRIED)
def test_a_text_is_carried_into_every_type(
    kind: FieldType, settings: dict[str, Any], value: Raw, sent: Raw
) -> None:
    there = translator(T.TEXT, field(kind, "there", **settings))
    here = translator(field(kind, "here", **settings), T.TEXT)
    assert there.to_send(Side.RIGHT, value) == sent
    assert here.to_send(Side.LEFT, value) == sent
    assert type(there.to_send(Side.RIGHT, value)) is type(sent)


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize("value", [None, "", "  ", []])
def test_an_empty_value_is_carried_as_nothing(kind: FieldType, value: Raw) -> None:
    assert translator(T.TEXT, kind).to_send(Side.RIGHT, value) is None
    assert translator(kind, kind).common(Side.LEFT, value) is None


REFUSED: list[tuple[FieldType, dict[str, Any], Raw, str]] = [
    (T.TEXT, {}, "nul\0byte", "characters"),
    (T.TEXT, {}, "\u202egnippilf\u202c", "characters"),
    (T.TEXT, {}, "half \ud800 pair", "characters"),
    (T.TEXT, {}, "\x1bescape", "characters"),
    (T.TEXT, {}, "\x85next line", "characters"),
    (T.TEXT, {"length": 5}, "123456", "length"),
    (T.TEXT, {"length": 255}, "x" * 300_000, "length"),
    (T.EMAIL, {}, "not an address", "email"),
    (T.EMAIL, {}, "ada@", "email"),
    (T.EMAIL, {}, "ada@x.test, bo@x.test", "email"),
    (T.EMAIL, {}, "Ada <ada@x.test>, Bo <bo@x.test>", "email"),
    (T.EMAIL, {}, "a" * 300_000 + "@x.test", "email"),
    (T.EMAIL, {"length": 8}, "ada@example.com", "length"),
    (T.EMAIL, {}, "ada\0@x.test", "characters"),
    (T.DOMAIN, {}, "n/a", "type"),
    (T.DOMAIN, {}, "unknown", "type"),
    (T.DOMAIN, {}, "acme , inc.", "type"),
    (T.NUMBER, {}, "twelve", "type"),
    (T.NUMBER, {}, "NaN", "type"),
    (T.NUMBER, {}, "Infinity", "type"),
    (T.NUMBER, {}, math.nan, "type"),
    (T.NUMBER, {}, math.inf, "type"),
    (T.NUMBER, {}, "1e999999", "type"),
    (T.NUMBER, {}, True, "type"),
    (T.DATE, {}, "2026-02-30", "type"),
    (T.DATE, {}, "2026-01-02 or so", "type"),
    (T.DATETIME, {}, "9999-12-31T23:59:59-14:00", "type"),
    (T.BOOLEAN, {}, "maybe", "type"),
    (T.PICKLIST, {}, "nul\0byte", "characters"),
    (T.PICKLIST, {"length": 3}, "long", "length"),
    (T.MULTIPICKLIST, {}, ["fine", "half \ud800 pair"], "characters"),
]


@pytest.mark.parametrize(("kind", "settings", "value", "code"), REFUSED)
def test_what_must_not_be_written_is_a_problem_with_words(
    kind: FieldType, settings: dict[str, Any], value: Raw, code: str
) -> None:
    found = translator(T.TEXT, field(kind, "there", **settings)).to_send(Side.RIGHT, value)
    assert isinstance(found, Problem)
    assert found.code == code
    assert 10 < len(found.reason) < 200


SAME_MEANING: list[tuple[FieldType, FieldType, Raw, Raw]] = [
    (T.TEXT, T.NUMBER, "1,000", 1000),
    (T.TEXT, T.EMAIL, "Ada@x.test", "ada@x.test"),
    (T.DOMAIN, T.URL, "acme.test", "https://www.acme.test/about"),
    (T.DATE, T.DATETIME, "2026-01-02", "2026-01-02T03:04:05Z"),
    (T.TEXT, T.BOOLEAN, "Yes", True),
    (T.NUMBER, T.MONEY, 1000, "1000.00"),
    (T.TEXT, T.PHONE, "(415) 555-0123", "+14155550123"),
    (T.PICKLIST, T.TEXT, "Media; TV", "media; tv"),
    (T.MULTIPICKLIST, T.TEXT, ["b", "a"], "A; B"),
    (T.MULTIPICKLIST, T.PICKLIST, ["a"], "A"),
    (T.MULTIPICKLIST, T.PICKLIST, ["a;b"], "A;b"),
]


@pytest.mark.parametrize(("left", "right", "one", "other"), SAME_MEANING)
def test_different_types_are_compared_by_the_narrower_one(
    left: FieldType, right: FieldType, one: Raw, other: Raw
) -> None:
    forward, back = translator(left, right), translator(right, left)
    assert forward.common(Side.LEFT, one) == forward.common(Side.RIGHT, other)
    assert back.common(Side.RIGHT, one) == back.common(Side.LEFT, other)


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("domain", "https://www.acme.test/x", "acme.test"),
        ("lower", "ACME Ltd", "acme ltd"),
        ("upper", "acme", "ACME"),
    ],
)
def test_a_transform_is_applied_before_writing_and_before_comparing(name: str, value: Raw, sent: Raw) -> None:
    carrier = translator(transform=name)
    for target in Side:
        assert carrier.to_send(target, value) == sent
        assert carrier.common(target.other, value) == carrier.common(target, sent)


def test_a_transform_leaves_numbers_alone() -> None:
    assert translator(T.NUMBER, T.NUMBER, transform="upper").to_send(Side.RIGHT, 5) == 5


def test_the_region_of_the_terms_reads_phones() -> None:
    carrier = translator(T.PHONE, T.PHONE)
    assert carrier.common(Side.LEFT, "(415) 555-0123") == "+14155550123"
    assert carrier.own(Side.RIGHT, "(415) 555-0123") == "+14155550123"


def test_long_values_are_shown_cut_in_reasons() -> None:
    found = translator(T.TEXT, T.NUMBER).to_send(Side.RIGHT, "y" * 300_000)
    assert isinstance(found, Problem)
    assert "yyy..." in found.reason
    assert len(found.reason) < 100


def test_choices_of_a_value() -> None:
    assert parts_of("a; b ;;c") == ["a", "b", "c"]
    assert parts_of(["a;b", " ", "c"]) == ["a;b", "c"]
    assert parts_of(" ; ") == []
    assert parts_of(10.0) == ["10"]


@pytest.mark.parametrize("address", ["a@x.test", "a+b@example.com", "ä@münchen.example"])
def test_addresses_that_look_right(address: str) -> None:
    assert valid_email(address)


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "a@localhost", "a b@x.test", "\ud800@x.test", "a" * 300 + "@x.test"]
)
def test_addresses_that_do_not(address: str) -> None:
    assert not valid_email(address)
