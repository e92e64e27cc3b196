"""The place of one measurement: both sandboxes, the settings of a sync between them, and people who edit."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from syncline.testing.sandboxes import RunningSandbox, start_sandbox

SYSTEMS = ("apollo", "salesforce")
UNLIMITED = 100_000_000
HOUR = 3600
ONE_SYNC: Mapping[str, Mapping[str, Any]] = MappingProxyType({"crm": {}})
_LEAST_START = 120.0
_START_FOR_1000 = 4.0
_CREDENTIALS = {"apollo": ("api_key",), "salesforce": ("client_id", "client_secret")}


@dataclass(frozen=True)
class Place:
    """Two sandboxes with the same people, and a folder for the sync between them."""

    folder: Path
    sandboxes: Mapping[str, RunningSandbox]
    environ: dict[str, str]
    database: str

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "syncline.yaml"

    def calls(self) -> Counter[str]:
        """How often each route of each sandbox was asked since its start; queries by their object."""
        found: Counter[str] = Counter()
        for name, sandbox in self.sandboxes.items():
            topics = sandbox.control("GET", "/requests?topics")
            whole = sandbox.control("GET", "/requests")
            del whole["total"]
            for route, count in topics.items():
                whole[route.rpartition(" ")[0]] -= count
            found.update({f"{name} {route}": count for route, count in (whole | topics).items()})
        return +found

    def records(self) -> int:
        """How many accounts and people there are on both sides."""
        types = {"apollo": ("accounts", "contacts"), "salesforce": ("Account", "Contact", "Lead")}
        return sum(
            self.sandboxes[name].control("GET", f"/records/{type_}?limit=0")["total"]
            for name in SYSTEMS
            for type_ in types[name]
        )

    def time_passes(self, seconds: float) -> None:
        """Move the clocks of the sandboxes, and have the program go by one of them from now on."""
        for each in self.sandboxes.values():
            each.control("POST", "/clock", {"advance": seconds})
        self.environ["SYNCLINE_CLOCK_URL"] = f"{self.sandboxes['apollo'].control_url}/clock"
        self.environ["SYNCLINE_TESTING"] = "1"

    def edit(self, each_side: int) -> None:
        """People change the title of so many contacts in Apollo, and the first name of others in Salesforce."""
        apollo, salesforce = (self.sandboxes[name] for name in SYSTEMS)
        there = self._some("salesforce", "Contact", each_side)
        taken = {row["Email"].lower() for row in there}
        known = self._some("apollo", "contacts", 3 * each_side)
        here = [row for row in known if row["email"].lower() not in taken]
        for number, row in enumerate(here[:each_side]):
            apollo.control("POST", f"/records/contacts/{row['id']}", {"title": f"Head of Office {number}"})
        for row in there:
            salesforce.control(
                "POST", f"/records/Contact/{row['Id']}", {"FirstName": f"{row['FirstName']} J."}
            )

    def pairs(self, number: int) -> list[tuple[str, str]]:
        """So many people whom both systems have once, as the id of the contact in each."""
        here, there, leads = (
            self._by_address(*place)
            for place in (("apollo", "contacts"), ("salesforce", "Contact"), ("salesforce", "Lead"))
        )
        both = [a for a, ids in here.items() if len(ids) == len(there.get(a, ())) == 1 and a not in leads]
        return [(here[address][0], there[address][0]) for address in both[:number]]

    def _by_address(self, system: str, type_: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.sandboxes[system].control("GET", f"/records/{type_}")["records"]:
            if address := (row.get("email") or row.get("Email") or "").strip().lower():
                found.setdefault(address, []).append(str(row.get("id") or row["Id"]))
        return found

    def _some(self, system: str, type_: str, number: int) -> list[dict[str, Any]]:
        """The first records of a type that have a first name and an e-mail address."""
        listed = self.sandboxes[system].control("GET", f"/records/{type_}?limit={2 * number}")["records"]
        named = [
            row
            for row in listed
            if (row.get("email") or row.get("Email")) and (row.get("first_name") or row.get("FirstName"))
        ]
        return named[:number]


@contextmanager
def prepared(
    folder: Path,
    people: int,
    accounts: int,
    seed: int,
    *,
    database: str | None = None,
    syncs: Mapping[str, Mapping[str, Any]] = ONE_SYNC,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[Place]:
    """A place for so many people; its sandboxes end with the with block.

    `syncs` says what each sync has besides its two systems, `more` what else the settings say. The sandboxes' limits
    of calls are lifted, for a plan's limits would be all that is measured.
    """
    dataset = f"bench:{people}:{accounts}"
    patience = _LEAST_START + _START_FOR_1000 * people / 1000
    folder.mkdir()
    with (
        start_sandbox("apollo", dataset=dataset, seed=seed, patience=patience) as apollo,
        start_sandbox("salesforce", dataset=dataset, seed=seed, patience=patience) as salesforce,
    ):
        sandboxes = {"apollo": apollo, "salesforce": salesforce}
        apollo.control("POST", "/limits", dict.fromkeys(("minute", "hour", "day"), UNLIMITED))
        salesforce.control("POST", "/limits", {"max": UNLIMITED})
        url = database or f"sqlite:///{folder}/syncline.sqlite3"
        place = Place(folder, sandboxes, _environ(folder, sandboxes, url), url)
        place.settings.write_text(yaml.safe_dump(_document(place, syncs) | dict(more)))
        yield place


def _environ(folder: Path, sandboxes: Mapping[str, RunningSandbox], database: str) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SYNCLINE_")}
    # An installed program has its modules compiled; one that may not keep them compiles them at each start.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environ |= {"XDG_STATE_HOME": str(folder), "DATABASE": database}
    for name, sandbox in sandboxes.items():
        environ[f"{name}_URL".upper()] = sandbox.base_url
        for key in _CREDENTIALS[name]:
            environ[f"{name}_{key}".upper()] = str(sandbox.credentials[key])
    return environ


def _document(place: Place, syncs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "version": 1,
        "database": "env:DATABASE",
        "connections": {
            name: {
                "system": name,
                "base_url": place.sandboxes[name].base_url,
                "credentials": {key: "env:" + f"{name}_{key}".upper() for key in _CREDENTIALS[name]},
            }
            for name in SYSTEMS
        },
        "syncs": {
            name: {
                "left": "apollo",
                "right": "salesforce",
                "preset": "apollo-salesforce",
                # A first run of many people is what is to be measured, and no accident.
                "brakes": {"max_creates": None, "max_overwrites": None},
                **sync,
            }
            for name, sync in syncs.items()
        },
        "logging": {"level": "warning"},
    }
