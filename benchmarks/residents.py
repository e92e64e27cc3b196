"""People who work in both systems all the time, at random, and contradict each other now and then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

from syncline.testing.sandboxes import RunningSandbox

_TITLES = ("Head", "Director", "Manager", "Partner", "Counsel", "Analyst", "Buyer", "Planner")
_PERSON = {"apollo": "contacts", "salesforce": "Contact"}
_COMPANY = {"apollo": "accounts", "salesforce": "Account"}
_NAMES = {
    "apollo": {"first": "first_name", "last": "last_name", "email": "email", "title": "title"},
    "salesforce": {"first": "FirstName", "last": "LastName", "email": "Email", "title": "Title"},
}
_PHONE = {"apollo": "mobile_phone", "salesforce": "MobilePhone"}


class Residents:
    """Make and edit records through the sandboxes' control door, and count what they did."""

    def __init__(self, sandboxes: Mapping[str, RunningSandbox], random: Random) -> None:
        self._sandboxes = sandboxes
        self.random = random
        self._number = 0
        self._known = {system: self._ids(system) for system in sandboxes}
        self.done: Counter[str] = Counter()
        self.hired: list[str] = []
        """The addresses of those who are new."""

    def act(self) -> None:
        """One of them does something in one of the systems."""
        system = self.random.choice(sorted(self._sandboxes))
        work = self.random.choices(
            (self._promote, self._move, self._hire, self._found), weights=(6, 3, 2, 1)
        )[0]
        work(system)
        self.done[f"{work.__name__.removeprefix('_')} in {system}"] += 1

    def _promote(self, system: str) -> None:
        self._edit(system, **{_NAMES[system]["title"]: self._title()})

    def _move(self, system: str) -> None:
        self._edit(system, **{_PHONE[system]: f"+1 212 555 {self._next() % 10_000:04}"})

    def _hire(self, system: str) -> None:
        number, names = self._next(), _NAMES[system]
        address = f"new.{number}@newcomers-{number}.test"
        values = {"first": "New", "last": f"Person {number}", "email": address, "title": self._title()}
        made = self._put(system, _PERSON[system], **{names[key]: value for key, value in values.items()})
        self._known[system].append(str(made.get("id") or made["Id"]))
        self.hired.append(address)

    def _found(self, system: str) -> None:
        number = self._next()
        domain = f"founded-{number}.test"
        apollo = {"name": f"Founded {number}", "domain": domain}
        salesforce = {"Name": f"Founded {number}", "Website": f"https://{domain}"}
        self._put(system, _COMPANY[system], **(apollo if system == "apollo" else salesforce))

    def _edit(self, system: str, **values: str) -> None:
        self._put(system, f"{_PERSON[system]}/{self.random.choice(self._known[system])}", **values)

    def _put(self, system: str, path: str, **values: str) -> dict[str, Any]:
        done: dict[str, Any] = self._sandboxes[system].control("POST", f"/records/{path}", values)
        return done

    def _ids(self, system: str) -> list[str]:
        rows = self._sandboxes[system].control("GET", f"/records/{_PERSON[system]}")["records"]
        return sorted(str(row.get("id") or row["Id"]) for row in rows)

    def _title(self) -> str:
        return f"{self.random.choice(_TITLES)} {self._next()}"

    def _next(self) -> int:
        self._number += 1
        return self._number


def doubled(sandboxes: Mapping[str, RunningSandbox], addresses: list[str]) -> list[str]:
    """Those of the addresses that a system has more than once, with how often."""
    found = []
    for system, types in (("apollo", ("contacts",)), ("salesforce", ("Contact", "Lead"))):
        seen: Counter[str] = Counter()
        for type_ in types:
            rows = sandboxes[system].control("GET", f"/records/{type_}")["records"]
            seen.update(str(row.get("email") or row.get("Email") or "").lower() for row in rows)
        found += [f"{system}: {address} {seen[address]} times" for address in addresses if seen[address] > 1]
    return found
