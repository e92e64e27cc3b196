"""The made-up world the sandboxes are filled with, the same on every machine for a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from syncline.sandbox.dataset.companies import draft_companies
from syncline.sandbox.dataset.deals import draft_deals
from syncline.sandbox.dataset.leads import Lead, draft_leads
from syncline.sandbox.dataset.names import Names
from syncline.sandbox.dataset.people import draft_people, draft_users
from syncline.sandbox.dataset.places import Directory
from syncline.sandbox.dataset.spoil import Scene
from syncline.sandbox.dataset.views import Company, CompanyView, Deal, DealView, Person, PersonView, User
from syncline.sandbox.mess import TIDY, make_messy

__all__ = [
    "Company",
    "CompanyView",
    "Deal",
    "DealView",
    "Lead",
    "Person",
    "PersonView",
    "User",
    "World",
    "build_world",
]

PEOPLE_PER_COMPANY = 5
LEADS_PER_PERSON = 3 / 8


@dataclass(frozen=True, slots=True)
class World:
    """Users, companies, people and deals, and which of them show which kind of mess.

    `marks` lists the keys of the companies or people that carry each kind of mess.
    """

    seed: int
    users: list[User]
    companies: list[Company]
    people: list[Person]
    marks: dict[str, tuple[str, ...]]
    deals: list[Deal]

    @property
    def mess(self) -> dict[str, int]:
        """How often each kind of mess occurs."""
        return {kind: len(keys) for kind, keys in self.marks.items()}

    def leads(self) -> list[Lead]:
        """What a lead source knows: three leads for eight people, a third of them companies of this world."""
        return draft_leads(self.seed, self.users, self.companies, round(len(self.people) * LEADS_PER_PERSON))

    def company_records(self, system: str) -> Iterator[CompanyView]:
        """Every company record of one system, "apollo" or "salesforce", duplicates included."""
        for company in self.companies:
            yield from company.records(system)

    def person_records(self, system: str) -> Iterator[PersonView]:
        """Every person record of one system, "apollo" or "salesforce", duplicates included."""
        for person in self.people:
            yield from person.records(system)

    def deal_records(self, system: str) -> Iterator[DealView]:
        """Every deal of one system, "apollo" or "salesforce"."""
        for deal in self.deals:
            yield from deal.records(system)


def build_world(
    people: int = 4000, seed: int = 1, *, companies: int | None = None, tidy: bool = False
) -> World:
    """Make that many distinct people, and companies: a fifth as many unless told, at least one if there is anyone.

    A tidy world has few kinds of mess, none of which leaves in doubt who is who, and no deals.
    """
    rng = Random(seed)
    names = Names(rng, seed)
    numbers = Directory()
    users = draft_users(names)
    owners = [user for user in users if user.in_apollo and user.active_in_salesforce]
    count = max(1, people // PEOPLE_PER_COMPANY if companies is None else companies) if people else 0
    firms = draft_companies(rng, names, numbers, owners, count)
    persons = draft_people(rng, names, numbers, owners, firms, people)
    kinds = TIDY if tidy else None
    make_messy(Scene(firms, rng, numbers, users), Scene(persons, rng, numbers, users), kinds)
    marks = {kind: tuple(keys) for kind, keys in (firms.marks | persons.marks).items()}
    known = firms.finished()
    deals = [] if tidy else draft_deals(seed, users, known, marks)
    return World(seed, users, known, persons.finished(), marks, deals)
