"""The users and the people of the world before the mess, with their employers and telephones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from syncline.sandbox.dataset import vocabulary as words
from syncline.sandbox.dataset.draft import SYSTEMS, Draft, System, days, per_country, split, weighted
from syncline.sandbox.dataset.names import Names, plain
from syncline.sandbox.dataset.places import PLACES, Directory, Place
from syncline.sandbox.dataset.views import CompanyView, PersonView, User

__all__ = ["draft_people", "draft_users"]

USERS = 12
INACTIVE_USERS = (9, 10)  # have left: Salesforce keeps them as inactive owners
USER_NOT_IN_APOLLO = 11  # works in Salesforce alone

LEAD_SHARE = 0.35  # of the people in Salesforce; the rest are Contacts there
EMPLOYER_UNKNOWN_SHARE = 0.02  # contacts without an account anywhere
EMPLOYER_ELSEWHERE_SHARE = 0.02  # people in both systems whose employer is an account in one of them

WITH_LINKEDIN = 0.7
WITH_DIRECT_PHONE = 0.8
WITH_MOBILE_PHONE = 0.5
WITH_HOME_PHONE = 0.05
WITH_OTHER_PHONE = 0.03


def draft_users(names: Names) -> list[User]:
    """The colleagues; the last three are the ones that owners stumble over."""
    return [
        User(
            key=f"user-{number:02d}",
            first_name=first,
            last_name=last,
            email=f"{plain(first)}.{plain(last)}@example.com",
            title="Account Executive" if number % 3 else "Sales Manager",
            in_apollo=number != USER_NOT_IN_APOLLO,
            in_salesforce=True,
            active_in_salesforce=number not in INACTIVE_USERS,
        )
        for number, (first, last) in enumerate(names.people("United States", USERS))
    ]


def draft_people(
    rng: Random,
    names: Names,
    numbers: Directory,
    owners: list[User],
    companies: Draft[CompanyView],
    count: int,
) -> Draft[PersonView]:
    """So many people, each looking the same in every system that has them.

    The employer is an account in all the person's systems, but for the two employer shares.
    """
    draft: Draft[PersonView] = Draft()
    systems = split(rng, count)
    leads = _leads(rng, systems)
    employers = _employers(rng, companies, systems, leads, draft)
    places = [companies.place[employer] if employer else rng.choice(PLACES) for employer in employers]
    found = {country: names.people(country, wanted) for country, wanted in per_country(places).items()}
    stages = weighted(rng, words.CONTACT_STAGES, count)
    sources = weighted(rng, words.LEAD_SOURCES, count)
    statuses = weighted(rng, words.EMAIL_STATUSES, count)
    for number, place in enumerate(places):
        work = Work(
            rng.choice(owners).key, stages[number], sources[number], statuses[number], number in leads
        )
        employer = employers[number]
        view = _person(rng, number, next(found[place.country]), place, work, numbers)
        view = _employed(view, companies.tidy[employer] if employer else None)
        draft.add(view.person_key, place, view, {s: _account(view, s, companies) for s in systems[number]})
    return draft


@dataclass(frozen=True, slots=True)
class Work:
    """What the sales team knows of a person besides who they are."""

    owner: str
    stage: str
    lead_source: str
    email_status: str
    as_lead: bool


def _leads(rng: Random, systems: Sequence[tuple[System, ...]]) -> set[int]:
    candidates = [number for number, where in enumerate(systems) if "salesforce" in where]
    return set(rng.sample(candidates, round(len(candidates) * LEAD_SHARE)))


def _employers(
    rng: Random,
    companies: Draft[CompanyView],
    systems: Sequence[tuple[System, ...]],
    leads: set[int],
    draft: Draft[PersonView],
) -> list[str | None]:
    pools: dict[tuple[System, ...], list[str]] = {SYSTEMS: [], ("apollo",): [], ("salesforce",): []}
    for key in companies.keys:
        pools[companies.systems(key)].append(key)
    halves = pools[("apollo",)] + pools[("salesforce",)]
    fitting = {where: pool if where == SYSTEMS else pools[SYSTEMS] + pool for where, pool in pools.items()}
    employers: list[str | None] = [rng.choice(fitting[where]) for where in systems]

    unknown = _some(
        rng, [n for n in range(len(systems)) if n not in leads], EMPLOYER_UNKNOWN_SHARE, len(systems)
    )
    for number in unknown:
        employers[number] = None
    split_up = [n for n, where in enumerate(systems) if where == SYSTEMS and employers[n] and halves]
    elsewhere = _some(rng, split_up, EMPLOYER_ELSEWHERE_SHARE, len(systems))
    for number in elsewhere:
        employers[number] = rng.choice(halves)
    draft.marks["person_employer_unknown"] = [_key(number) for number in unknown]
    draft.marks["person_employer_elsewhere"] = [_key(number) for number in elsewhere]
    return employers


def _some(rng: Random, candidates: list[int], share: float, total: int) -> list[int]:
    return sorted(rng.sample(candidates, min(len(candidates), round(total * share))))


def _key(number: int) -> str:
    return f"person-{number:06d}"


def _person(
    rng: Random, number: int, name: tuple[str, str], place: Place, work: Work, numbers: Directory
) -> PersonView:
    first, last = name
    created, updated = days(rng)
    profile = f"https://www.linkedin.example/in/{plain(first)}-{plain(last)}-{number}"
    return PersonView(
        record_key=_key(number),
        person_key=_key(number),
        first_name=first,
        last_name=last,
        title=f"{rng.choice(words.RANKS)} {rng.choice(words.DEPARTMENTS)}",
        email=f"{plain(first)}.{plain(last)}.{number}@freemail.example",
        email_status=work.email_status,
        direct_phone=numbers.line(place) if rng.random() < WITH_DIRECT_PHONE else None,
        mobile_phone=numbers.mobile(place) if rng.random() < WITH_MOBILE_PHONE else None,
        home_phone=numbers.line(place) if rng.random() < WITH_HOME_PHONE else None,
        other_phone=numbers.line(place) if rng.random() < WITH_OTHER_PHONE else None,
        city=place.city,
        state=place.state,
        country=place.country,
        linkedin_url=profile if rng.random() < WITH_LINKEDIN else None,
        company=None,
        company_name=None,
        owner=work.owner,
        stage=work.stage,
        lead_status=words.STATUS_OF_STAGE[work.stage],
        lead_source=work.lead_source,
        as_lead=work.as_lead,
        created_days_ago=created,
        updated_days_ago=updated,
    )


def _employed(view: PersonView, employer: CompanyView | None) -> PersonView:
    if employer is None:
        return view
    local = f"{plain(view.first_name or '')}.{plain(view.last_name or '')}"
    return replace(
        view,
        company=employer.record_key,
        company_name=employer.name,
        email=f"{local}@{employer.domain}",
    )


def _account(view: PersonView, system: System, companies: Draft[CompanyView]) -> PersonView:
    return view if view.company in companies.shown[system] else replace(view, company=None)
