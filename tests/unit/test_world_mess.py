import re
from collections import Counter

import phonenumbers
import pytest

from syncline.sandbox.dataset.draft import SYSTEMS
from syncline.sandbox.dataset.views import CompanyView, Person, PersonView
from syncline.sandbox.dataset.vocabulary import PLACEHOLDER_EMAIL
from syncline.sandbox.mess import COMPANY_MESS, PERSON_MESS
from syncline.sandbox.world import World, build_world

PEOPLE = 4000
COMPANIES = 800


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def marked_people(world: World, kind: str) -> list[Person]:
    keys = set(world.marks[kind])
    return [person for person in world.people if person.key in keys]


def in_both_people(world: World, kind: str) -> list[tuple[PersonView, PersonView]]:
    found = [(p.apollo, p.salesforce) for p in marked_people(world, kind)]
    return [(apollo, salesforce) for apollo, salesforce in found if apollo and salesforce]


def both_views(world: World, kind: str) -> list[tuple[CompanyView, CompanyView]]:
    keys = set(world.marks[kind])
    found = [(c.apollo, c.salesforce) for c in world.companies if c.key in keys]
    return [(apollo, salesforce) for apollo, salesforce in found if apollo and salesforce]


def apollo_people(world: World, kind: str) -> list[PersonView]:
    return [person.apollo for person in marked_people(world, kind) if person.apollo]


def same_number(left: str, right: str) -> bool:
    parsed = [phonenumbers.parse(text, "US") for text in (left, right)]
    return parsed[0] == parsed[1]


def test_every_kind_occurs_in_its_share(world: World) -> None:
    wanted = {kind.name: round(COMPANIES * kind.share) for kind in COMPANY_MESS}
    wanted |= {kind.name: round(PEOPLE * kind.share) for kind in PERSON_MESS}
    wanted |= {"person_employer_unknown": 80, "person_employer_elsewhere": 80}
    assert world.mess == wanted
    assert all(count > 0 for count in wanted.values())


def test_marks_name_each_key_once(world: World) -> None:
    for keys in world.marks.values():
        assert len(set(keys)) == len(keys)


def test_legal_suffix_stands_in_salesforce_alone(world: World) -> None:
    for apollo, salesforce in both_views(world, "company_legal_suffix_differs"):
        assert salesforce.name.startswith(f"{apollo.name} ")


def test_domains_are_missing_or_decorated(world: World) -> None:
    missing = set(world.marks["company_domain_missing"])
    records = [record for system in SYSTEMS for record in world.company_records(system)]
    assert all(r.domain is None and r.website is None for r in records if r.company_key in missing)
    for apollo, salesforce in both_views(world, "company_domain_missing_in_salesforce"):
        assert apollo.domain
        assert salesforce.website is None
    decorated = set(world.marks["company_domain_decorated"])
    shown = [r.domain for r in records if r.company_key in decorated and r.domain]
    for fragment in ("www.", "https://", "http://", "/", "WWW.", "?"):
        assert any(fragment in domain for domain in shown), fragment


def test_companies_differ_between_the_systems(world: World) -> None:
    for kind, name in (
        ("company_phone_differs", "phone"),
        ("company_city_differs", "city"),
        ("company_employees_differ", "employees"),
        ("company_owner_differs", "owner"),
    ):
        pairs = both_views(world, kind)
        assert len(pairs) == world.mess[kind]
        assert all(getattr(apollo, name) != getattr(salesforce, name) for apollo, salesforce in pairs)


def test_people_differ_between_the_systems(world: World) -> None:
    for kind, name in (
        ("person_last_name_differs", "last_name"),
        ("person_title_differs", "title"),
        ("person_city_differs", "city"),
        ("person_owner_differs", "owner"),
        ("person_phone_differs", "direct_phone"),
    ):
        pairs = in_both_people(world, kind)
        assert len(pairs) == world.mess[kind]
        assert all(getattr(apollo, name) != getattr(salesforce, name) for apollo, salesforce in pairs)


def test_values_are_missing_in_salesforce_alone(world: World) -> None:
    for kind, name in (
        ("person_email_missing_in_salesforce", "email"),
        ("person_title_missing_in_salesforce", "title"),
        ("person_phone_missing_in_salesforce", "direct_phone"),
    ):
        pairs = in_both_people(world, kind)
        assert len(pairs) == world.mess[kind]
        assert all(getattr(apollo, name) and not getattr(salesforce, name) for apollo, salesforce in pairs)
    for apollo, salesforce in both_views(world, "company_phone_missing_in_salesforce"):
        assert apollo.phone
        assert salesforce.phone is None


def test_styled_phones_are_one_number_typed_twice(world: World) -> None:
    pairs = in_both_people(world, "person_phone_styled")
    assert len(pairs) > 500
    for apollo, salesforce in pairs:
        assert apollo.direct_phone != salesforce.direct_phone
        assert same_number(apollo.direct_phone or "", salesforce.direct_phone or "")
    shapes = {re.sub(r"\d", "9", apollo.direct_phone or "") for apollo, _ in pairs}
    assert {"(999) 999-9999", "+9 999-999-9999", "999.999.9999"} <= shapes
    for left, right in both_views(world, "company_phone_styled"):
        assert left.phone != right.phone
        assert same_number(left.phone or "", right.phone or "")


def test_extensions_are_kept_in_both_systems(world: World) -> None:
    for person in marked_people(world, "person_phone_extension"):
        for system in SYSTEMS:
            for record in person.records(system)[:1]:
                assert phonenumbers.parse(record.direct_phone or "", "US").extension
    for apollo, salesforce in in_both_people(world, "person_phone_extension"):
        assert same_number(apollo.direct_phone or "", salesforce.direct_phone or "")


def test_emails_are_missing_bad_or_withheld(world: World) -> None:
    assert not any(
        record.email
        for person in marked_people(world, "person_email_missing")
        for system in SYSTEMS
        for record in person.records(system)
    )
    bad = {person.email for person in apollo_people(world, "person_email_bad_in_apollo")}
    plain = re.compile(r"[^@\s<>;]+@[^@\s<>;]+")
    assert not any(plain.fullmatch(email or "") for email in bad)
    assert any((email or "").endswith("@") for email in bad)
    assert any("<" in (email or "") for email in bad)
    assert "n/a" in bad
    withheld = {person.email for person in apollo_people(world, "person_email_placeholder_in_apollo")}
    assert withheld == {PLACEHOLDER_EMAIL}


def test_mixed_case_emails_are_the_same_address(world: World) -> None:
    shown = Counter[str]()
    for person in marked_people(world, "person_email_mixed_case"):
        emails = [r.email or "" for system in SYSTEMS for r in person.records(system)]
        assert any(email != email.lower() for email in emails)
        assert len({email.lower() for email in emails}) == 1
        shown.update(
            system for system in SYSTEMS for r in person.records(system) if r.email != (r.email or "").lower()
        )
    assert min(shown["apollo"], shown["salesforce"]) > 50


def test_free_mail_says_nothing_of_the_employer(world: World) -> None:
    for person in marked_people(world, "person_email_free_mail"):
        for system in SYSTEMS:
            for record in person.records(system):
                assert (record.email or "").endswith("@freemail.example")
                assert record.company_name


def test_last_names_are_missing_in_apollo_alone(world: World) -> None:
    people = marked_people(world, "person_last_name_missing_in_apollo")
    assert {p.apollo.last_name for p in people if p.apollo} == {None, ""}
    assert all(p.salesforce.last_name for p in people if p.salesforce)


def test_overlong_values_are_in_apollo(world: World) -> None:
    assert all(len(p.title or "") > 128 for p in apollo_people(world, "person_title_very_long"))
    assert all(len(p.last_name or "") > 80 for p in apollo_people(world, "person_last_name_very_long"))
    long = set(world.marks["company_name_very_long"])
    assert all(len(c.name) > 255 for c in world.company_records("apollo") if c.company_key in long)


def test_titles_carry_other_scripts_and_emoji(world: World) -> None:
    titles = {p.title or "" for p in apollo_people(world, "person_title_unicode")}
    assert not any(title.isascii() for title in titles)
    assert any("\N{ROCKET}" in title for title in titles)


def test_blanks_surround_values_in_apollo(world: World) -> None:
    for person in apollo_people(world, "person_blanks_around"):
        assert (person.title, person.city) != ((person.title or "").strip(), (person.city or "").strip())
    keys = set(world.marks["company_blanks_around"])
    spoiled = [c for c in world.company_records("apollo") if c.company_key in keys]
    assert spoiled
    assert all(c.name != c.name.strip() for c in spoiled)


def test_inactive_and_foreign_owners_own_records(world: World) -> None:
    inactive = {user.key for user in world.users if not user.active_in_salesforce}
    for person in marked_people(world, "person_owner_inactive"):
        assert person.salesforce is not None
        assert person.salesforce.owner in inactive
    for person in marked_people(world, "person_owner_not_in_apollo"):
        assert person.salesforce is not None
        assert person.salesforce.owner == "user-11"
        assert person.apollo is None or person.apollo.owner is None
    for kind, owners in (
        ("company_owner_inactive", inactive),
        ("company_owner_not_in_apollo", {"user-11"}),
    ):
        keys = set(world.marks[kind])
        assert {c.owner for c in world.company_records("salesforce") if c.company_key in keys} == owners


def test_duplicates_share_what_they_are_matched_by(world: World) -> None:
    for person in marked_people(world, "person_twice_in_salesforce"):
        first, second = person.records("salesforce")
        assert first.email == second.email
        assert not first.as_lead
        assert not second.as_lead
    for person in marked_people(world, "person_twice_in_apollo"):
        first, second = person.records("apollo")
        assert first.email == second.email
    for person in marked_people(world, "person_lead_and_contact"):
        first, second = person.records("salesforce")
        assert (first.as_lead, second.as_lead) == (False, True)
        assert first.email == second.email
    doubled = [company for company in world.companies if company.salesforce_twins]
    assert {company.key for company in doubled} == set(world.marks["company_twice_in_salesforce"])
    assert all(len({record.website for record in c.records("salesforce")}) == 1 for c in doubled)


def test_namesakes_work_for_different_companies(world: World) -> None:
    people = {person.key: person for person in world.people}
    keys = world.marks["person_same_name"]
    for key, other in zip(keys[::2], keys[1::2], strict=True):
        left, right = [next(r for s in SYSTEMS for r in people[k].records(s)) for k in (key, other)]
        assert (left.first_name, left.last_name) == (right.first_name, right.last_name)
        assert left.company_name != right.company_name
        assert left.email != right.email


def test_test_contacts_look_like_tests(world: World) -> None:
    for person in marked_people(world, "person_test_contact"):
        record = next(r for system in SYSTEMS for r in person.records(system))
        assert (record.first_name, record.last_name) == ("Test", "User")
        assert (record.email or "").startswith("test.user+")


def test_some_employers_are_unknown_or_elsewhere(world: World) -> None:
    for person in marked_people(world, "person_employer_unknown"):
        for system in SYSTEMS:
            assert all(r.company is None and r.company_name is None for r in person.records(system))
    for apollo, salesforce in in_both_people(world, "person_employer_elsewhere"):
        assert (apollo.company is None) != (salesforce.company is None)
        assert apollo.company_name == salesforce.company_name
