"""People who work in both systems while a sync runs, and whose work can be done again elsewhere."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.scenario.pair import Pair

WORDS = ("Head", "Director", "Manager", "Partner", "Counsel", "Analyst", "Buyer", "Planner")


@dataclass(frozen=True)
class Edit:
    """A record that was made, or changed if it has an id."""

    system: str
    object_type: str
    id: str
    values: dict[str, Any]


@dataclass
class People:
    """Edits records at random, each existing one in one system only, so that nobody contradicts anybody."""

    pair: Pair
    random: Random
    done: list[Edit] = field(default_factory=list)
    known: dict[str, list[str]] = field(default_factory=dict)
    number: int = 0

    def __post_init__(self) -> None:
        contacts = addresses(self.pair, "apollo", "contacts")
        others = addresses(self.pair, "salesforce", "Contact")
        leads = addresses(self.pair, "salesforce", "Lead")
        shared = sorted(
            address
            for address, ids in contacts.items()
            if len(ids) == len(others.get(address, ())) == 1 and address not in leads
        )
        self.known = {
            "apollo": [contacts[address][0] for address in shared[::2]],
            "salesforce": [others[address][0] for address in shared[1::2]],
        }

    def hire(self, system: str) -> None:
        """Two new people appear in one system."""
        for _ in range(2):
            number = self._next()
            email, title = f"new.{number}@newcomers-{number}.test", self._title()
            if system == "apollo":
                names = {"first_name": "New", "last_name": f"Person {number}", "email": email, "title": title}
                self._do(Edit(system, "contacts", "", names))
            else:
                names = {"FirstName": "New", "LastName": f"Person {number}", "Email": email, "Title": title}
                self._do(Edit(system, "Contact", "", names))

    def found(self, system: str) -> None:
        """A new company appears in one system."""
        number = self._next()
        name, domain = f"Founded {number}", f"founded-{number}.test"
        if system == "apollo":
            self._do(Edit(system, "accounts", "", {"name": name, "domain": domain}))
        else:
            self._do(Edit(system, "Account", "", {"Name": name, "Website": f"https://{domain}"}))

    def promote(self, system: str) -> None:
        """Three people get other titles."""
        for id_ in self.random.sample(self.known[system], 3):
            named = ("contacts", "title") if system == "apollo" else ("Contact", "Title")
            self._do(Edit(system, named[0], id_, {named[1]: self._title()}))

    def move(self, system: str) -> None:
        """Three people get other telephones."""
        for id_ in self.random.sample(self.known[system], 3):
            named = ("contacts", "mobile_phone") if system == "apollo" else ("Contact", "MobilePhone")
            self._do(Edit(system, named[0], id_, {named[1]: f"+1 212 555 {self._next() % 10_000:04}"}))

    def anything(self) -> None:
        """Whatever people do."""
        work: tuple[Callable[[str], None], ...] = (self.hire, self.found, self.promote, self.move)
        self.random.choice(work)(self.random.choice(("apollo", "salesforce")))

    def repeat(self, pair: Pair) -> None:
        """Do all of it again, in another pair of systems with the same records."""
        for edit in self.done:
            pair.put(edit.system, edit.object_type, edit.id, **edit.values)

    def _do(self, edit: Edit) -> None:
        self.pair.put(edit.system, edit.object_type, edit.id, **edit.values)
        self.done.append(edit)

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _title(self) -> str:
        return f"{self.random.choice(WORDS)} {self._next()}"


def addresses(pair: Pair, system: str, object_type: str) -> dict[str, list[str]]:
    """The records of a system by their e-mail address."""
    found: dict[str, list[str]] = {}
    for row in pair.records(system, object_type):
        address = row.get("email") or row.get("Email")
        if isinstance(address, str) and "@" in address:
            found.setdefault(address.strip().lower(), []).append(str(row.get("id") or row.get("Id")))
    return found


def people_by_address(pair: Pair) -> dict[str, Counter[str]]:
    """How many records each person has in each system, by their address."""
    found = {"apollo": Counter[str](), "salesforce": Counter[str]()}
    for system, object_type in (("apollo", "contacts"), ("salesforce", "Contact"), ("salesforce", "Lead")):
        for address, ids in addresses(pair, system, object_type).items():
            found[system][address] += len(ids)
    return found
