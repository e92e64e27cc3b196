"""Each field type in one comparable form: what counts as the same value, and what does not."""

import math
from typing import Final

import pytest

from syncline.core.model import Norm, Raw
from syncline.core.normalise import domain, email, moment, normalise, number, phone
from syncline.core.schema import FieldType

T = FieldType
LONG: Final = "x" * 300_000

SAME: dict[str, tuple[FieldType, list[Raw], Norm]] = {
    "runs of blanks": (T.TEXT, ["Ada Lovelace", " Ada  Lovelace\n", "Ada\u00a0Lovelace"], "Ada Lovelace"),
    "composition of text": (T.TEXT, ["caf\u00e9", "cafe\u0301"], "caf\u00e9"),
    "whole numbers as text": (T.TEXT, [12, 12.0, "12"], "12"),
    "yes as text": (T.TEXT, [True, "true"], "true"),
    "case of e-mail addresses": (T.EMAIL, ["Ada@Example.COM", " ada@example.com "], "ada@example.com"),
    "display names": (
        T.EMAIL,
        ["Ada Lovelace <ADA@x.test>", '"Lovelace, Ada" <ada@x.test>', "<ada@x.test>", "ada@x.test"],
        "ada@x.test",
    ),
    "composition of addresses": (T.EMAIL, ["ren\u00e9@x.test", "RENE\u0301@x.test"], "ren\u00e9@x.test"),
    "styles of a phone number": (
        T.PHONE,
        [
            "(415) 555-0123",
            "415-555-0123",
            "+1 415 555 0123",
            "4155550123",
            "415.555.0123",
            "tel:+1-415-555-0123",
        ],
        "+14155550123",
    ),
    "styles of an extension": (
        T.PHONE,
        ["(415) 555-0123 ext. 7", "415.555.0123x7", "+1 415 555 0123;ext=7", "4155550123 extension 7"],
        "+14155550123;ext=7",
    ),
    "international numbers": (
        T.PHONE,
        ["+44 (0)20 7946 0958", "+44 20 7946 0958", "011 44 20 79460958"],
        "+442079460958",
    ),
    "impossible numbers": (T.PHONE, ["0044 20 7946 0958 22", "00442079460958-22"], "0044207946095822"),
    "parts around a domain": (
        T.DOMAIN,
        [
            "acme.test",
            "WWW.Acme.test",
            "https://acme.test/",
            "http://www.acme.test:8080/a?b#c",
            "mail.acme.test.",
            "//acme.test",
        ],
        "acme.test",
    ),
    "domain of an address": (T.DOMAIN, ["ada@acme.test", "Ada <ada@mail.acme.test>"], "acme.test"),
    "public suffixes of two parts": (T.DOMAIN, ["shop.acme.co.uk", "acme.co.uk"], "acme.co.uk"),
    "domains of other scripts": (
        T.DOMAIN,
        ["münchen.example", "MÜNCHEN.example", "xn--mnchen-3ya.example"],
        "xn--mnchen-3ya.example",
    ),
    "addresses of machines": (T.DOMAIN, ["192.168.0.1", "http://192.168.0.1:8080/x"], "192.168.0.1"),
    "parts around a URL": (
        T.URL,
        [
            "https://www.acme.test/",
            "http://acme.test",
            "ACME.test",
            "https://acme.test:443",
            "//www.acme.test/ ",
        ],
        "acme.test",
    ),
    "end of a path": (T.URL, ["https://acme.test/About/", "acme.test/About"], "acme.test/About"),
    "addresses inside a query": (
        T.URL,
        ["https://acme.test/?u=http://b", "ACME.test?u=http://b"],
        "acme.test?u=http://b",
    ),
    "forms of a number": (T.NUMBER, [1234.5, "1234.50", "1,234.5", "+1234.5", "1.2345e3"], "1234.5"),
    "zeros": (T.NUMBER, [0, -0.0, "0", "-0", "0.00", "0e5"], "0"),
    "whole amounts": (T.MONEY, [1000, 1000.0, "1,000.00", "1e3", 1e3], "1000"),
    "small amounts": (T.MONEY, [0.1, "0.10", ".1"], "0.1"),
    "days": (
        T.DATE,
        ["2026-02-28", " 2026-02-28 ", "20260228", "2026-02-28T23:30:00-05:00", "2026-02-28 00:00"],
        "2026-02-28",
    ),
    "zones": (
        T.DATETIME,
        [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.000+0000",
            "2026-01-02T04:04:05+01:00",
            "2026-01-02 03:04:05",
        ],
        "2026-01-02T03:04:05.000Z",
    ),
    "parts of a second": (
        T.DATETIME,
        ["2026-01-02T03:04:05.123Z", "2026-01-02T03:04:05.123456789+00:00"],
        "2026-01-02T03:04:05.123Z",
    ),
    "a day as a time": (T.DATETIME, ["2026-01-02", "2026-01-02T00:00Z"], "2026-01-02T00:00:00.000Z"),
    "yes": (T.BOOLEAN, [True, "true", " YES ", "y", "T", 1, "1", 1.0], True),
    "no": (T.BOOLEAN, [False, "false", "No", "n", "F", 0, "0"], False),
    "case of an option": (T.PICKLIST, ["In Progress", "in progress ", "IN  PROGRESS"], "in progress"),
    "order of choices": (T.MULTIPICKLIST, [["b", "A"], ["a", "B", "a"], "A;b", " b ; a ;"], ("a", "b")),
    "ids": (T.REFERENCE, ["003A", " 003A "], "003A"),
    "user ids": (T.OWNER, ["u1", "u1 "], "u1"),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_value_in_other_clothes(name: str) -> None:
    kind, spellings, form = SAME[name]
    assert [normalise(kind, spelling) for spelling in spellings] == [form] * len(spellings)


DIFFERENT: list[tuple[FieldType, Raw, Raw]] = [
    (T.TEXT, "ada", "Ada"),
    (T.TEXT, "a\u200bb", "ab"),
    (T.TEXT, "nul\0", "nul"),
    (T.EMAIL, "ada@x.test", "ada+crm@x.test"),
    (T.EMAIL, "Ada <ada@x.test>, Bo <bo@x.test>", "ada@x.test"),
    (T.PHONE, "+14155550123", "+14155550124"),
    (T.PHONE, "+14155550123", "+14155550123;ext=7"),
    (T.DOMAIN, "acme.co.uk", "other.co.uk"),
    (T.DOMAIN, "10.0.0.1", "192.168.0.1"),
    (T.DOMAIN, "n/a", "n"),
    (T.URL, "acme.test/a", "acme.test/A"),
    (T.URL, "acme.test:8080", "acme.test:9090"),
    (T.URL, "acme.test/#team", "acme.test/#jobs"),
    (T.URL, "mailto:ada@acme.test", "acme.test"),
    (T.NUMBER, "1,234", "1.234"),
    (T.NUMBER, 10**30 + 1, 10**30),
    (T.NUMBER, "0.1234567890123456789012345678901", "0.1234567890123456789012345678902"),
    (T.NUMBER, "1,23", "123"),
    (T.DATE, "2026-01-02", "2026-01-03"),
    (T.DATE, "2026-01-02 or later", "2026-01-02"),
    (T.DATETIME, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05-08:00"),
    (T.BOOLEAN, "maybe", False),
    (T.PICKLIST, "a;b", "b;a"),
    (T.MULTIPICKLIST, ["a;b"], ["a", "b"]),
    (T.REFERENCE, "003a", "003A"),
]


@pytest.mark.parametrize(("kind", "one", "other"), DIFFERENT)
def test_different_values_stay_different(kind: FieldType, one: Raw, other: Raw) -> None:
    assert normalise(kind, one) != normalise(kind, other)


BAD: list[Raw] = [
    "NaN", "Infinity", "-Infinity", "sNaN", "1e999999", "0e999999", "-1e-999999", math.nan, math.inf, -math.inf,
    "nul\0byte", "\u202eright to left\u202c", "half \ud800 pair", "\udfff", "\ufeff", "9" * 1_000, "@", "<@>", "<a@b",
    "http://", "http://[::1", "http://x.test:port/", "http://x.test:99999/", "x" * 64 + ".test", "a..b", "..",
    "xn--\u00fc",
    "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-02-30", "24:00", "2026-13-01", "+", "++1", "ext. 7",
    10**40, -(10**400), 1e308, 5e-324, True, ["a", "", "\ud800"], ["x" * 300_000], LONG, "9" * 300_000,
    "a@" * 150_000,
]  # fmt: skip


@pytest.mark.parametrize("kind", FieldType)
def test_bad_values_have_a_settled_form_too(kind: FieldType) -> None:
    for value in BAD:
        form = normalise(kind, value)
        assert form is not None
        assert normalise(kind, form) == form


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize("value", [None, "", " ", "\t\u00a0\r\n", [], [" "], ["", "\t"]])
def test_empty_values_have_none(kind: FieldType, value: Raw) -> None:
    assert normalise(kind, value) is None


def test_a_choice_of_nothing_is_empty() -> None:
    assert normalise(T.MULTIPICKLIST, " ; ;") is None


@pytest.mark.parametrize("kind", [T.NUMBER, T.MONEY])
@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1e999999", "-1e31", "1e-31", "12 %", "$5", "1.234,5", "0x10", ""]
)
def test_what_is_no_number_of_sane_size_is_compared_as_text(kind: FieldType, value: str) -> None:
    assert number(value) is None
    assert normalise(kind, value) == (value.casefold() or None)


def test_a_wrong_type_is_compared_as_text() -> None:
    assert normalise(T.EMAIL, 5) == "5"
    assert normalise(T.NUMBER, True) == "true"
    assert normalise(T.DATE, 20260102) == "2026-01-02"
    assert normalise(T.TEXT, ["b", "A"]) == ("a", "b")


@pytest.mark.parametrize(
    "text", ["2026-01-02x", "yesterday", "10:30", "2026-02-30", "9999-12-31T23:59:59-14:00", "1"]
)
def test_what_is_no_moment(text: str) -> None:
    assert moment(text) is None


def test_the_region_reads_national_numbers() -> None:
    assert phone("020 7946 0958", "GB") == "+442079460958"
    assert phone("089 1234567", "DE") == "+49891234567"
    assert phone("+1 415 555 0123", "DE") == "+14155550123"
    assert normalise(T.PHONE, "020 7946 0958", "GB") == "+442079460958"


def test_addresses_and_domains_of_great_length_are_left_alone() -> None:
    assert email("A" * 2_000) == "A" * 2_000
    assert domain("A" * 2_000) == "A" * 2_000
    assert phone("1" * 2_000, "US") == "1" * 2_000
