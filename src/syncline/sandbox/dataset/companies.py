"""The companies of the world before the mess, with their domains, sizes and addresses."""

from __future__ import annotations

from random import Random

from syncline.sandbox.dataset import vocabulary as words
from syncline.sandbox.dataset.draft import Draft, days, per_country, split, weighted
from syncline.sandbox.dataset.names import Names, plain
from syncline.sandbox.dataset.places import PLACES, Directory, Place
from syncline.sandbox.dataset.views import CompanyView, User

__all__ = ["draft_companies"]

LARGE = 500  # employees from which Salesforce calls a company "Enterprise"
WITH_LEGAL_SUFFIX = 0.5
WITH_INDUSTRY = 0.95
WITH_REVENUE = 0.8
WITH_LINKEDIN = 0.8
SIZES = ((1, 10), (11, 50), (11, 50), (51, 200), (51, 200), (201, 500), (501, 1000), (1001, 9000))


def draft_companies(
    rng: Random, names: Names, numbers: Directory, owners: list[User], count: int
) -> Draft[CompanyView]:
    """So many companies, each looking the same in every system that has it."""
    draft: Draft[CompanyView] = Draft()
    places = rng.choices(PLACES, k=count)
    stems = {country: names.companies(country, wanted) for country, wanted in per_country(places).items()}
    stages = weighted(rng, words.ACCOUNT_STAGES, count)
    streets = rng.choices(names.streets, k=count)
    systems = split(rng, count)
    for number, place in enumerate(places):
        view = _company(
            rng,
            number=number,
            stem=next(stems[place.country]),
            place=place,
            stage=stages[number],
            street=streets[number],
            phone=numbers.line(place),
            owner=rng.choice(owners).key,
        )
        draft.add(view.company_key, place, view, dict.fromkeys(systems[number], view))
    return draft


def _company(
    rng: Random, *, number: int, stem: str, place: Place, stage: str, street: str, phone: str, owner: str
) -> CompanyView:
    key = f"company-{number:05d}"
    slug = "-".join(plain(word) for word in stem.split())
    domain = f"{slug}-{number}.test"
    employees = rng.randint(*rng.choice(SIZES))
    revenue = employees * rng.randrange(80, 320) * 1000
    created, updated = days(rng)
    suffix = rng.choice(words.LEGAL_SUFFIXES[place.country])
    return CompanyView(
        record_key=key,
        company_key=key,
        name=f"{stem} {suffix}" if rng.random() < WITH_LEGAL_SUFFIX else stem,
        domain=domain,
        website=f"https://{domain}",
        phone=phone,
        street=street,
        city=place.city,
        state=place.state,
        country=place.country,
        postal_code=place.postal_code,
        industry=rng.choice(words.INDUSTRIES) if rng.random() < WITH_INDUSTRY else None,
        employees=employees,
        annual_revenue=revenue if rng.random() < WITH_REVENUE else None,
        linkedin_url=f"https://www.linkedin.example/company/{slug}-{number}"
        if rng.random() < WITH_LINKEDIN
        else None,
        owner=owner,
        stage=stage,
        record_type="Enterprise" if employees > LARGE else "Small_Business",
        created_days_ago=created,
        updated_days_ago=updated,
    )
