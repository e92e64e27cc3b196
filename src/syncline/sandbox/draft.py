"""The tidy world before the mess: users, companies and people that every system would agree about."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Generic, Literal

from faker import Faker

from syncline.sandbox import vocabulary as words
from syncline.sandbox.places import PLACES, Directory, Place
from syncline.sandbox.views import CompanyView, PersonView, Shown, User, View

__all__ = ["SYSTEMS", "Draft", "Names", "draft_companies", "draft_people", "draft_users", "plain"]

System = Literal["apollo", "salesforce"]
SYSTEMS: tuple[System, ...] = ("apollo", "salesforce")

USERS = 12
INACTIVE_USERS = (9, 10)  # have left: Salesforce keeps them as inactive owners
USER_NOT_IN_APOLLO = 11  # works in Salesforce alone
ACTIVE_EVERYWHERE = 9  # users 0 to 8

LEAD_SHARE = 0.35  # of the people in Salesforce; the rest are Contacts there
NO_ACCOUNT_SHARE = 0.02  # people whose employer nobody knows
ACCOUNT_ELSEWHERE_SHARE = 0.02  # people in both systems whose employer is an account in one of them
LARGE_COMPANY = 500  # employees from which Salesforce calls a company "Enterprise"

_LOCALES = {
    "United States": "en_US",
    "United Kingdom": "en_GB",
    "Germany": "de_DE",
    "France": "fr_FR",
    "Australia": "en_AU",
}
_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "œ": "oe", "đ": "d"}
)


def plain(text: str) -> str:
    """The text in ASCII letters and digits, for e-mail addresses and host names."""
    letters = unicodedata.normalize("NFKD", text.translate(_SPELLED_OUT))
    return "".join(c for c in letters if c.isascii() and c.isalnum()).lower()


@dataclass(slots=True)
class Draft(Generic[View]):
    """The records of one kind in both systems while they are being made.

    Facts are kept by key in the order of the keys; `change` is how mess is put in.
    """

    keys: list[str] = field(default_factory=list)
    place: dict[str, Place] = field(default_factory=dict)
    shown: dict[System, dict[str, View]] = field(default_factory=lambda: {"apollo": {}, "salesforce": {}})
    twins: dict[System, dict[str, View]] = field(default_factory=lambda: {"apollo": {}, "salesforce": {}})

    def add(self, key: str, place: Place, views: dict[System, View]) -> None:
        self.keys.append(key)
        self.place[key] = place
        for system, view in views.items():
            self.shown[system][key] = view

    def systems(self, key: str) -> tuple[System, ...]:
        return tuple(system for system in SYSTEMS if key in self.shown[system])

    def change(self, system: System, key: str, **values: Any) -> None:
        records = self.shown[system]
        records[key] = replace(records[key], **values)

    def double(self, system: System, key: str, **values: Any) -> None:
        main = self.shown[system][key]
        self.twins[system][key] = replace(main, record_key=f"{key}-b", **values)

    def finished(self) -> list[Shown[View]]:
        apollo, salesforce = self.shown["apollo"], self.shown["salesforce"]
        return [
            Shown(
                key,
                apollo.get(key),
                salesforce.get(key),
                self._twins("apollo", key),
                self._twins("salesforce", key),
            )
            for key in self.keys
        ]

    def _twins(self, system: System, key: str) -> tuple[View, ...]:
        twin = self.twins[system].get(key)
        return () if twin is None else (twin,)


class Names:
    """Names of people and companies; no two draws of one kind and country are equal until all are used up."""

    POOL = 900  # draws for each pool; Faker itself is too slow to be asked for every record

    def __init__(self, rng: Random, seed: int) -> None:
        self._rng = rng
        fakers = {country: Faker(locale) for country, locale in _LOCALES.items()}
        for faker in fakers.values():
            faker.seed_instance(seed)
        self._first = {c: _distinct(f.first_name() for _ in range(self.POOL)) for c, f in fakers.items()}
        self._last = {c: _distinct(f.last_name() for _ in range(self.POOL)) for c, f in fakers.items()}
        american = fakers["United States"]
        self.streets = _distinct(american.street_address() for _ in range(self.POOL))

    def people(self, country: str, count: int) -> Iterator[tuple[str, str]]:
        """First and last names."""
        first, last = self._first[country], self._last[country]
        for pick in _picks(self._rng, len(first) * len(last), count):
            yield first[pick % len(first)], last[pick // len(first)]

    def companies(self, country: str, count: int) -> Iterator[str]:
        """Names without a legal suffix; numbered once every pair of words has been used."""
        last = self._last[country]
        capacity = len(last) * len(words.BRANCHES)
        for turn, pick in enumerate(_picks(self._rng, capacity, count)):
            name = f"{last[pick % len(last)]} {words.BRANCHES[pick // len(last)]}"
            yield name if turn < capacity else f"{name} {turn // capacity + 1}"


def _distinct(values: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _picks(rng: Random, capacity: int, count: int) -> Iterator[int]:
    while count > 0:
        yield from rng.sample(range(capacity), min(count, capacity))
        count -= capacity


def _weighted(rng: Random, choices: dict[str, int], count: int) -> list[str]:
    return rng.choices(tuple(choices), tuple(choices.values()), k=count)


def _split(rng: Random, count: int) -> list[tuple[System, ...]]:
    """Which systems each of `count` things is in: a fifth in each alone, the others in both."""
    alone = count // 5
    systems: list[tuple[System, ...]] = [SYSTEMS] * (count - 2 * alone)
    systems += [("apollo",)] * alone
    systems += [("salesforce",)] * alone
    rng.shuffle(systems)
    return systems


def draft_users(names: Names) -> list[User]:
    """The colleagues; the last three are the ones that owners stumble over."""
    found = []
    for number, (first, last) in enumerate(names.people("United States", USERS)):
        found.append(
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
        )
    return found


def _spread(rng: Random, count: int) -> tuple[list[Place], dict[str, int]]:
    places = rng.choices(PLACES, k=count)
    per_country = dict.fromkeys(_LOCALES, 0)
    for place in places:
        per_country[place.country] += 1
    return places, per_country


def _dates(rng: Random) -> tuple[int, int]:
    created = rng.randint(30, 1400)
    return created, rng.randint(1, created)


def draft_companies(
    rng: Random, names: Names, numbers: Directory, users: list[User], count: int
) -> Draft[CompanyView]:
    """Companies that look the same in each system that has them."""
    draft: Draft[CompanyView] = Draft()
    places, per_country = _spread(rng, count)
    name_of = {country: names.companies(country, wanted) for country, wanted in per_country.items()}
    stages = _weighted(rng, words.ACCOUNT_STAGES, count)
    for number, systems in enumerate(_split(rng, count)):
        place = places[number]
        stem = next(name_of[place.country])
        view = _company(rng, number, stem, place, stages[number])
        view = replace(
            view,
            phone=numbers.line(place),
            street=rng.choice(names.streets),
            owner=users[rng.randrange(ACTIVE_EVERYWHERE)].key,
        )
        draft.add(view.company_key, place, dict.fromkeys(systems, view))
    return draft


def _company(rng: Random, number: int, stem: str, place: Place, stage: str) -> CompanyView:
    key = f"company-{number:05d}"
    slug = "-".join(plain(word) for word in stem.split())
    domain = f"{slug}-{number}.test"
    employees = max(1, int(rng.lognormvariate(4.5, 1.6)))
    created, updated = _dates(rng)
    suffix = rng.choice(words.LEGAL_SUFFIXES[place.country])
    return CompanyView(
        record_key=key,
        company_key=key,
        name=f"{stem} {suffix}" if rng.random() < 0.5 else stem,
        domain=domain,
        website=f"https://{domain}",
        phone=None,
        street=None,
        city=place.city,
        state=place.state,
        country=place.country,
        postal_code=place.postal_code,
        industry=rng.choice(words.INDUSTRIES) if rng.random() < 0.95 else None,
        employees=employees,
        annual_revenue=employees * rng.randrange(80, 320) * 1000 if rng.random() < 0.8 else None,
        linkedin_url=f"https://www.linkedin.example/company/{slug}-{number}" if rng.random() < 0.8 else None,
        owner=None,
        stage=stage,
        record_type="Enterprise" if employees >= LARGE_COMPANY else "Small_Business",
        created_days_ago=created,
        updated_days_ago=updated,
    )


def draft_people(
    rng: Random,
    names: Names,
    numbers: Directory,
    users: list[User],
    companies: Draft[CompanyView],
    count: int,
) -> Draft[PersonView]:
    """People who look the same in each system that has them, with employers that are there too."""
    draft: Draft[PersonView] = Draft()
    splits = _split(rng, count)
    leads = _leads(rng, splits)
    employers = _employers(rng, companies, splits)
    places = [companies.place[e] if e else rng.choice(PLACES) for e in employers]
    per_country = dict.fromkeys(_LOCALES, 0)
    for place in places:
        per_country[place.country] += 1
    name_of = {country: names.people(country, wanted) for country, wanted in per_country.items()}
    stages = _weighted(rng, words.CONTACT_STAGES, count)
    sources = _weighted(rng, words.LEAD_SOURCES, count)
    statuses = _weighted(rng, words.EMAIL_STATUSES, count)
    for number, systems in enumerate(splits):
        place, employer = places[number], employers[number]
        first, last = next(name_of[place.country])
        view = _person(rng, number, first, last, place)
        view = replace(
            view,
            email=_email(view, employer, companies),
            email_status=statuses[number],
            stage=stages[number],
            lead_status=words.STATUS_OF_STAGE[stages[number]],
            lead_source=sources[number],
            as_lead=number in leads,
            owner=users[rng.randrange(ACTIVE_EVERYWHERE)].key,
            **_phones(rng, numbers, place),
        )
        draft.add(view.person_key, place, {s: _employed(view, s, employer, companies) for s in systems})
    return draft


def _leads(rng: Random, splits: Sequence[tuple[System, ...]]) -> set[int]:
    candidates = [number for number, systems in enumerate(splits) if "salesforce" in systems]
    return set(rng.sample(candidates, round(len(candidates) * LEAD_SHARE)))


def _employers(
    rng: Random, companies: Draft[CompanyView], splits: Sequence[tuple[System, ...]]
) -> list[str | None]:
    """The company key of each person: one in all the person's systems, but for the two shares above."""
    pools: dict[tuple[System, ...], list[str]] = {SYSTEMS: [], ("apollo",): [], ("salesforce",): []}
    for key in companies.keys:
        pools[companies.systems(key)].append(key)
    both = pools[SYSTEMS]
    halves = pools[("apollo",)] + pools[("salesforce",)]
    fitting = {systems: both if systems == SYSTEMS else both + pool for systems, pool in pools.items()}
    found: list[str | None] = []
    for systems in splits:
        luck = rng.random()
        if luck < NO_ACCOUNT_SHARE:
            found.append(None)
        elif luck < NO_ACCOUNT_SHARE + ACCOUNT_ELSEWHERE_SHARE and systems == SYSTEMS and halves:
            found.append(rng.choice(halves))
        else:
            found.append(rng.choice(fitting[systems]))
    return found


def _person(rng: Random, number: int, first: str, last: str, place: Place) -> PersonView:
    key = f"person-{number:06d}"
    created, updated = _dates(rng)
    return PersonView(
        record_key=key,
        person_key=key,
        first_name=first,
        last_name=last,
        title=f"{rng.choice(words.RANKS)} {rng.choice(words.DEPARTMENTS)}",
        email=None,
        email_status=None,
        direct_phone=None,
        mobile_phone=None,
        home_phone=None,
        other_phone=None,
        city=place.city,
        state=place.state,
        country=place.country,
        linkedin_url=f"https://www.linkedin.example/in/{plain(first)}-{plain(last)}-{number}"
        if rng.random() < 0.7
        else None,
        company=None,
        company_name=None,
        owner=None,
        stage="Cold",
        lead_status="",
        lead_source="",
        as_lead=False,
        created_days_ago=created,
        updated_days_ago=updated,
    )


def _phones(rng: Random, numbers: Directory, place: Place) -> dict[str, Any]:
    return {
        "direct_phone": numbers.line(place) if rng.random() < 0.8 else None,
        "mobile_phone": numbers.mobile(place) if rng.random() < 0.5 else None,
        "home_phone": numbers.line(place) if rng.random() < 0.05 else None,
        "other_phone": numbers.line(place) if rng.random() < 0.03 else None,
    }


def _email(view: PersonView, employer: str | None, companies: Draft[CompanyView]) -> str:
    local = f"{plain(view.first_name or '')}.{plain(view.last_name or '')}"
    if employer is None:
        return f"{local}.{view.person_key.removeprefix('person-')}@freemail.example"
    return f"{local}@{employer_domain(employer, companies)}"


def employer_domain(employer: str, companies: Draft[CompanyView]) -> str | None:
    """The domain a company's people write from."""
    system = companies.systems(employer)[0]
    return companies.shown[system][employer].domain


def _employed(
    view: PersonView, system: System, employer: str | None, companies: Draft[CompanyView]
) -> PersonView:
    if employer is None:
        return view
    account = companies.shown[system].get(employer)
    known = account or companies.shown[companies.systems(employer)[0]][employer]
    return replace(view, company=account.record_key if account else None, company_name=known.name)
