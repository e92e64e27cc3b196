import pytest

from syncline.sandbox.apollo import addresses, values


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("555-555-0149", "+15555550149"),
        ("+1(202) 555-0114", "+12025550114"),
        ("1 202 555 0114", "+12025550114"),
        ("+44 7700 900852", "+447700900852"),
        ("0044 7700 900852", "+447700900852"),
        ("(202) 555-0114 ext. 12", "+12025550114"),
        ("123", None),
        ("call me", None),
        (None, None),
    ],
)
def test_phones_are_sanitised(sent: str | None, stored: str | None) -> None:
    assert values.sanitised_phone(sent) == stored


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("https://www.Acme.example/about?x=1", "acme.example"),
        ("WWW.acme.example", "acme.example"),
        ("acme.example:443", "acme.example"),
        ("acme.example.", "acme.example"),
        ("  ", None),
        (None, None),
    ],
)
def test_domains_are_bared(sent: str | None, stored: str | None) -> None:
    assert values.domain(sent) == stored


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("https://www.LinkedIn.example/in/Jane-Doe/", "http://www.linkedin.example/in/jane-doe"),
        ("linkedin.example/in/j%C3%A4ne?trk=1", "http://www.linkedin.example/in/jäne"),
        ("", None),
    ],
)
def test_profile_addresses_get_their_canonical_form(sent: str, stored: str | None) -> None:
    assert values.profile_url(sent) == stored


@pytest.mark.parametrize(
    ("sent", "stored"), [("  x ", "x"), ("", None), (5, "5"), (True, "true"), ({"a": 1}, None), ([], None)]
)
def test_text_is_trimmed_and_plain_values_become_text(sent: object, stored: str | None) -> None:
    assert values.text(sent) == stored


@pytest.mark.parametrize("address", ["jane@acme.example", "j.d+tag@sub.acme.example"])
def test_addresses_that_are_taken(address: str) -> None:
    assert values.is_email(address)


@pytest.mark.parametrize(
    "address", ["jane", "Jane <jane@acme.example>", "a@b", "a b@acme.example", "a@b@c.example"]
)
def test_addresses_that_are_refused(address: str) -> None:
    assert not values.is_email(address)


def test_a_free_mailbox_has_no_company_domain() -> None:
    assert values.email_domain("jane@gmail.com") is None
    assert values.email_domain("Jane@Acme.example") == "acme.example"


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("Austin, Texas, United States", {"country": "United States", "state": "Texas", "city": "Austin"}),
        ("San Francisco, CA", {"country": "United States", "state": "California", "city": "San Francisco"}),
        (
            "123 Main St, San Francisco, CA 94105",
            {
                "country": "United States",
                "state": "California",
                "postal_code": "94105",
                "city": "San Francisco",
                "street_address": "123 Main St",
            },
        ),
        (
            "1 High Street, London, England, United Kingdom, N1 9GU",
            {
                "country": "United Kingdom",
                "state": "England",
                "postal_code": "N1 9GU",
                "city": "London",
                "street_address": "1 High Street",
            },
        ),
        ("Berlin, Germany", {"country": "Germany", "city": "Berlin"}),
        ("Middle of nowhere", {}),
        (None, {}),
    ],
)
def test_raw_addresses_are_read_where_they_can_be(raw: str | None, parts: dict[str, str]) -> None:
    assert addresses.parse(raw) == parts
