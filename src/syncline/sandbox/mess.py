"""How messy the sandbox world is: each kind of mess by name, with its share and what it spoils."""

from __future__ import annotations

from collections.abc import Collection

from syncline.sandbox.dataset import company_mess as company
from syncline.sandbox.dataset import person_mess as person
from syncline.sandbox.dataset.spoil import (
    Kind,
    Scene,
    anywhere,
    in_apollo,
    in_both,
    in_salesforce,
    missing_in_salesforce,
    own_by_inactive,
    own_by_salesforce_only,
    own_differently,
    spoil,
)
from syncline.sandbox.dataset.views import CompanyView, PersonView

__all__ = ["COMPANY_MESS", "PERSON_MESS", "TIDY", "make_messy"]

# Shares are of all distinct companies or people. Two kinds that touch the same value never meet in one
# record, so each can be counted. What Salesforce itself would refuse or tidy up (malformed e-mails, blanks
# around values, empty last names, overlong texts) is in Apollo alone. The two shares of employers stand in
# dataset/people.py, for employers are chosen before there is any mess.

COMPANY_MESS: tuple[Kind[CompanyView], ...] = (
    # "Miller Energy" in Apollo, "Miller Energy Inc." in Salesforce.
    Kind("company_legal_suffix_differs", 0.10, ("name",), in_both, company.legal_suffix_differs),
    # Longer than the 255 characters of Salesforce's Account.Name.
    Kind("company_name_very_long", 0.0025, ("name",), in_apollo, company.name_very_long),
    Kind("company_blanks_around", 0.02, ("name", "city"), in_apollo, company.blanks_around),
    Kind("company_domain_missing", 0.02, ("domain",), anywhere, company.domain_missing),
    Kind(
        "company_domain_missing_in_salesforce",
        0.03,
        ("domain",),
        in_both,
        missing_in_salesforce("domain", "website"),
    ),
    # www., https://, a path, upper case.
    Kind("company_domain_decorated", 0.15, ("domain",), anywhere, company.domain_decorated),
    # The same number typed differently in each system.
    Kind("company_phone_styled", 0.50, ("phone",), anywhere, company.phone_styled),
    Kind("company_phone_differs", 0.03, ("phone",), in_both, company.phone_differs),
    Kind("company_phone_missing_in_salesforce", 0.04, ("phone",), in_both, missing_in_salesforce("phone")),
    Kind("company_city_differs", 0.03, ("city",), in_both, company.city_differs),
    Kind("company_employees_differ", 0.10, ("employees",), in_both, company.employees_differ),
    Kind("company_owner_inactive", 0.02, ("owner",), in_salesforce, own_by_inactive),
    Kind("company_owner_not_in_apollo", 0.02, ("owner",), in_salesforce, own_by_salesforce_only),
    Kind("company_owner_differs", 0.02, ("owner",), in_both, own_differently),
    # Two accounts of one domain inside Salesforce; last, so that the twin copies what became of the first.
    Kind("company_twice_in_salesforce", 0.01, ("domain",), in_salesforce, company.twice_in_salesforce),
)

PERSON_MESS: tuple[Kind[PersonView], ...] = (
    Kind("person_test_contact", 0.002, ("name", "email", "title"), anywhere, person.test_contact),
    # Marked in pairs: two people, one name, two employers.
    Kind("person_same_name", 0.01, ("name", "email"), person.employed, person.same_name, size=2),
    Kind("person_last_name_differs", 0.02, ("name",), in_both, person.last_name_differs),
    # Salesforce requires LastName.
    Kind("person_last_name_missing_in_apollo", 0.01, ("name",), in_apollo, person.last_name_missing),
    # Longer than the 80 characters of Salesforce's LastName.
    Kind("person_last_name_very_long", 0.0005, ("name",), in_apollo, person.last_name_very_long),
    Kind("person_email_missing", 0.02, ("email",), anywhere, person.email_missing),
    Kind("person_email_missing_in_salesforce", 0.015, ("email",), in_both, missing_in_salesforce("email")),
    # "jane@", "n/a", "Jane Doe <jane@...>".
    Kind("person_email_bad_in_apollo", 0.01, ("email",), in_apollo, person.email_bad),
    Kind("person_email_placeholder_in_apollo", 0.01, ("email",), in_apollo, person.email_placeholder),
    Kind("person_email_mixed_case", 0.05, ("email",), anywhere, person.email_mixed_case),
    Kind("person_email_free_mail", 0.03, ("email",), person.employed, person.email_free_mail),
    Kind("person_title_differs", 0.08, ("title",), in_both, person.title_differs),
    Kind("person_title_missing_in_salesforce", 0.03, ("title",), in_both, missing_in_salesforce("title")),
    # Accents, other scripts, emoji.
    Kind("person_title_unicode", 0.02, ("title",), anywhere, person.title_unicode),
    # Longer than the 128 characters of Salesforce's Title.
    Kind("person_title_very_long", 0.001, ("title",), in_apollo, person.title_very_long),
    Kind("person_blanks_around", 0.02, ("title", "city"), in_apollo, person.blanks_around),
    Kind("person_city_differs", 0.04, ("city",), in_both, person.city_differs),
    # The same numbers typed differently in each system.
    Kind("person_phone_styled", 0.40, ("phone",), person.has_direct_phone, person.phone_styled),
    Kind("person_phone_extension", 0.03, ("phone",), person.has_direct_phone, person.phone_extension),
    Kind("person_phone_differs", 0.04, ("phone",), person.direct_phone_in_both, person.phone_differs),
    Kind(
        "person_phone_missing_in_salesforce",
        0.04,
        ("phone",),
        person.direct_phone_in_both,
        missing_in_salesforce("direct_phone"),
    ),
    Kind("person_owner_inactive", 0.02, ("owner",), in_salesforce, own_by_inactive),
    Kind("person_owner_not_in_apollo", 0.02, ("owner",), in_salesforce, own_by_salesforce_only),
    Kind("person_owner_differs", 0.02, ("owner",), in_both, own_differently),
    # Records of one e-mail inside one system; last, so that the twin copies what became of the first.
    Kind(
        "person_twice_in_salesforce",
        0.01,
        ("email", "name"),
        person.salesforce_contact,
        person.twice_in_salesforce,
    ),
    Kind("person_twice_in_apollo", 0.01, ("email", "name"), in_apollo, person.twice_in_apollo),
    Kind(
        "person_lead_and_contact", 0.01, ("email", "name"), person.employed_contact, person.lead_and_contact
    ),
)


TIDY = frozenset(
    {
        "company_legal_suffix_differs",
        "company_domain_decorated",
        "company_phone_styled",
        "company_phone_missing_in_salesforce",
        "company_employees_differ",
        "person_email_mixed_case",
        "person_title_differs",
        "person_title_missing_in_salesforce",
        "person_city_differs",
        "person_phone_styled",
        "person_phone_missing_in_salesforce",
    }
)
"""The mess of a world made to measure speed: values that differ, and nobody who is in doubt or refused."""


def make_messy(
    companies: Scene[CompanyView], people: Scene[PersonView], only: Collection[str] | None = None
) -> None:
    """Spoil the tidy world, each kind of mess in exactly its share as far as there are records that fit."""
    spoil(companies, tuple(kind for kind in COMPANY_MESS if only is None or kind.name in only))
    spoil(people, tuple(kind for kind in PERSON_MESS if only is None or kind.name in only))
