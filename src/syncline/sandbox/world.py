"""The made-up world the sandboxes are filled with, the same on every machine for a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from syncline.sandbox.dataset.companies import draft_companies
from syncline.sandbox.dataset.names import Names
from syncline.sandbox.dataset.people import draft_people, draft_users
from syncline.sandbox.dataset.places import Directory
from syncline.sandbox.dataset.spoil import Scene
from syncline.sandbox.dataset.views import Company, CompanyView, Person, PersonView, User
from syncline.sandbox.mess import make_messy

__all__ = ["Company", "CompanyView", "Person", "PersonView", "User", "World", "build_world"]

PEOPLE_PER_COMPANY = 5


@dataclass(frozen=True, slots=True)
class World:
    """Users, companies and people, and which of them show which kind of mess.

    `marks` lists the keys of the companies or people that carry each kind of mess.
    """

    seed: int
    users: list[User]
    companies: list[Company]
    people: list[Person]
    marks: dict[str, tuple[str, ...]]

    @property
    def mess(self) -> dict[str, int]:
        """How often each kind of mess occurs."""
        return {kind: len(keys) for kind, keys in self.marks.items()}

    def company_records(self, system: str) -> Iterator[CompanyView]:
        """Every company record of one system, "apollo" or "salesforce", duplicates included."""
        for company in self.companies:
            yield from company.records(system)

    def person_records(self, system: str) -> Iterator[PersonView]:
        """Every person record of one system, "apollo" or "salesforce", duplicates included."""
        for person in self.people:
            yield from person.records(system)


def build_world(people: int = 4000, seed: int = 1) -> World:
    """Make that many distinct people and a fifth as many companies, at least one if there is anyone."""
    rng = Random(seed)
    names = Names(rng, seed)
    numbers = Directory()
    users = draft_users(names)
    owners = [user for user in users if user.in_apollo and user.active_in_salesforce]
    count = max(1, people // PEOPLE_PER_COMPANY) if people else 0
    companies = draft_companies(rng, names, numbers, owners, count)
    persons = draft_people(rng, names, numbers, owners, companies, people)
    make_messy(Scene(companies, rng, numbers, users), Scene(persons, rng, numbers, users))
    marks = {kind: tuple(keys) for kind, keys in (companies.marks | persons.marks).items()}
    return World(seed, users, companies.finished(), persons.finished(), marks)
