import hashlib
import os
import re
import subprocess
import sys
from collections import Counter

import phonenumbers
import pytest

from syncline.sandbox.dataset.draft import SYSTEMS
from syncline.sandbox.dataset.views import Company, Person
from syncline.sandbox.dataset.vocabulary import (
    ACCOUNT_STAGES,
    CONTACT_STAGES,
    INDUSTRIES,
    LEAD_SOURCES,
    PLACEHOLDER_EMAIL,
    STATUS_OF_STAGE,
)
from syncline.sandbox.world import World, build_world

PEOPLE = 4000
COMPANIES = 800
PHONES = ("direct_phone", "mobile_phone", "home_phone", "other_phone")
RESERVED = re.compile(r"(?:^|\.)(?:test|example|example\.com)$")


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def fingerprint(world: World) -> str:
    return hashlib.sha256(repr(world).encode()).hexdigest()


def test_a_world_is_the_same_in_another_process() -> None:
    code = "from syncline.sandbox.world import build_world; import hashlib; "
    code += "print(hashlib.sha256(repr(build_world(300, seed=7)).encode()).hexdigest())"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "12345", "TZ": "Pacific/Auckland"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == fingerprint(build_world(300, seed=7))


def test_another_seed_makes_another_world() -> None:
    assert fingerprint(build_world(300, seed=7)) != fingerprint(build_world(300, seed=8))


def test_systems_share_exactly_three_fifths(world: World) -> None:
    sizes: tuple[tuple[list[Company] | list[Person], int], ...] = (
        (world.people, PEOPLE),
        (world.companies, COMPANIES),
    )
    for things, total in sizes:
        where = Counter(
            (bool(thing.records("apollo")), bool(thing.records("salesforce"))) for thing in things
        )
        assert where == {
            (True, True): total * 3 // 5,
            (True, False): total // 5,
            (False, True): total // 5,
        }


@pytest.mark.parametrize(("people", "companies"), [(0, 0), (1, 1), (2, 1), (10, 2), (26, 5)])
def test_small_worlds_are_complete(people: int, companies: int) -> None:
    small = build_world(people)
    assert (len(small.people), len(small.companies), len(small.users)) == (people, companies, 12)
    assert all(person.apollo or person.salesforce for person in small.people)
    assert all(company.apollo or company.salesforce for company in small.companies)


def test_record_keys_are_unique_in_a_system(world: World) -> None:
    for system in SYSTEMS:
        people = [record.record_key for record in world.person_records(system)]
        companies = [record.record_key for record in world.company_records(system)]
        assert len(set(people)) == len(people)
        assert len(set(companies)) == len(companies)


def test_record_counts_include_the_duplicates(world: World) -> None:
    assert sum(1 for _ in world.person_records("apollo")) == 3200 + 40
    assert sum(1 for _ in world.person_records("salesforce")) == 3200 + 40 + 40
    assert sum(1 for _ in world.company_records("apollo")) == 640
    assert sum(1 for _ in world.company_records("salesforce")) == 640 + 8


def test_an_unknown_system_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="hubspot"):
        list(world.person_records("hubspot"))


def test_a_third_of_salesforce_people_are_leads(world: World) -> None:
    mains = [person.salesforce for person in world.people if person.salesforce]
    assert sum(person.as_lead for person in mains) == round(3200 * 0.35)


def test_users_cover_the_awkward_owners(world: World) -> None:
    assert [user.key for user in world.users if not user.active_in_salesforce] == ["user-09", "user-10"]
    assert [user.key for user in world.users if not user.in_apollo] == ["user-11"]
    assert len({user.email for user in world.users}) == len(world.users)
    assert all(user.email.endswith("@example.com") for user in world.users)


def test_accounts_of_people_exist_in_the_same_system(world: World) -> None:
    for system in SYSTEMS:
        accounts = {record.record_key for record in world.company_records(system)}
        named = {record.company for record in world.person_records(system)} - {None}
        assert named <= accounts


def test_owners_exist_in_the_same_system(world: World) -> None:
    apollo = {user.key for user in world.users if user.in_apollo} | {None}
    salesforce = {user.key for user in world.users if user.in_salesforce}
    assert {r.owner for r in world.person_records("apollo")} <= apollo
    assert {r.owner for r in world.company_records("apollo")} <= apollo
    assert {r.owner for r in world.person_records("salesforce")} <= salesforce
    assert {r.owner for r in world.company_records("salesforce")} <= salesforce


def test_words_come_from_the_vocabulary(world: World) -> None:
    for system in SYSTEMS:
        for company in world.company_records(system):
            assert company.stage in ACCOUNT_STAGES
            assert company.industry is None or company.industry in INDUSTRIES
            assert company.record_type in {"Small_Business", "Enterprise"}
        for person in world.person_records(system):
            assert person.stage in CONTACT_STAGES
            assert person.lead_status == STATUS_OF_STAGE[person.stage]
            assert person.lead_source in LEAD_SOURCES


def test_nothing_changed_before_it_was_created(world: World) -> None:
    for system in SYSTEMS:
        dates = [(r.updated_days_ago, r.created_days_ago) for r in world.person_records(system)]
        dates += [(r.updated_days_ago, r.created_days_ago) for r in world.company_records(system)]
        assert all(0 < updated <= created for updated, created in dates)


def test_every_phone_is_a_possible_number(world: World) -> None:
    for system in SYSTEMS:
        phones = [getattr(person, name) for person in world.person_records(system) for name in PHONES]
        phones += [company.phone for company in world.company_records(system)]
        for phone in filter(None, phones):
            assert phonenumbers.is_possible_number(phonenumbers.parse(phone, "US")), phone


def test_american_phones_are_fictional(world: World) -> None:
    for person in world.people:
        for record in person.records("apollo"):
            phone = record.direct_phone
            if phone and (parsed := phonenumbers.parse(phone, "US")).country_code == 1:
                assert str(parsed.national_number)[3:].startswith("55501")


def test_every_domain_is_reserved(world: World) -> None:
    for system in SYSTEMS:
        for company in world.company_records(system):
            if company.website:
                host = company.website.lower().removeprefix("https://").removeprefix("http://").split("/")[0]
                assert RESERVED.search(host), host
        for person in world.person_records(system):
            for domain in re.findall(r"@([^@>;\s]+)", person.email or ""):
                assert domain == "domain.com" or RESERVED.search(domain.lower()), domain


def test_salesforce_holds_only_what_it_would_accept(world: World) -> None:
    for person in world.person_records("salesforce"):
        assert person.last_name
        assert len(person.last_name) <= 80
        assert len(person.title or "") <= 128
        assert person.email is None or re.fullmatch(r"[^@\s]+@[^@\s]+", person.email)
        assert person.company_name or not person.as_lead
        for text in (person.first_name, person.last_name, person.title, person.city):
            assert (text or "").strip() == (text or "")
    for company in world.company_records("salesforce"):
        assert company.name == company.name.strip()
        assert len(company.name) <= 255


def test_people_who_are_no_duplicates_have_their_own_email(world: World) -> None:
    for system in SYSTEMS:
        mains = [records[0] for person in world.people if (records := person.records(system))]
        emails = Counter((record.email or "").lower() for record in mains if "@" in (record.email or ""))
        shared = {email: count for email, count in emails.items() if count > 1}
        assert set(shared) <= {PLACEHOLDER_EMAIL}


def test_tidy_company_domains_are_unique(world: World) -> None:
    domains = [c.domain for c in world.company_records("apollo") if c.domain]
    assert len(set(domains)) == len(domains)


def test_untouched_people_agree_in_both_systems(world: World) -> None:
    touched = set().union(*world.marks.values())
    quiet = [p for p in world.people if p.apollo and p.salesforce and p.key not in touched]
    assert len(quiet) > 300
    assert all(p.apollo == p.salesforce for p in quiet)
