"""A lead source and Apollo with a sync of qualified leads between them, and the people who work there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.pair import Pair, writes
from tests.scenario.program import Program, Said

SYSTEMS = ("customeros", "apollo")
SETTLED = 300
"""How many seconds a lead has to be left alone."""
NUMBERS = count(1)


@contextmanager
def lead_pair(folder: Path) -> Iterator[Pair]:
    """Both stand-ins without leads, in one time that stands still; the schema tells all that is ever asked."""
    with Pair(folder, f"sqlite:///{folder}/store.sqlite3", systems=SYSTEMS) as pair:
        source = pair.sandboxes["customeros"]
        source.control("POST", "/schema", {"quarantine": True, "lead_type": True, "stages": ["SOMEWHERE"]})
        now = source.control("POST", "/clock", {"frozen": True})["now"]
        pair.sandboxes["apollo"].control("POST", "/clock", {"frozen": True, "now": now})
        pair.environ |= {"SYNCLINE_CLOCK_URL": f"{source.control_url}/clock", "SYNCLINE_TESTING": "1"}
        yield pair


@dataclass
class Leads:
    """The program over the pair, and those who find leads and who sell to them."""

    pair: Pair
    program: Program
    finders: Mapping[str, str]
    sellers: Mapping[str, str]

    @classmethod
    def open(cls, pair: Pair, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> "Leads":
        """The program of this process over the pair."""
        for name, value in pair.environ.items():
            patch.setenv(name, value)
        pair.write_settings()
        finders = {u["firstName"]: u["id"] for u in pair.records("customeros", "users") if u["name"]}
        sellers = {u["first_name"]: u["id"] for u in pair.records("apollo", "users")}
        return cls(pair, Program(pair.folder, pair.sandboxes, capture, patch), finders, sellers)

    def find(self, **values: Any) -> dict[str, Any]:
        """A lead that meets every requirement, except for what these values change; it was found just now."""
        number = next(NUMBERS)
        sound = {
            "name": f"Found {number}",
            "primary_domain": f"found-{number}.test",
            "stage": "EVALUATION",
            "icpFit": "ICP_FIT",
            "relationship": "PROSPECT",
            "owner_id": self.finders["Alex"],
        }
        return self.pair.put("customeros", "organizations", **{**sound, **values})

    def wait(self, seconds: float = SETTLED) -> None:
        """Let the time of both systems go on."""
        for sandbox in self.pair.sandboxes.values():
            sandbox.control("POST", "/clock", {"advance": seconds})

    def run(self) -> dict[str, int]:
        """A run that is done; how many calls of each route it made that may have changed something."""
        before = self.pair.requests()
        said = self.try_run()
        assert (said.code, said.json["status"]) == (0, "done"), said
        return writes(before, self.pair.requests())

    def try_run(self) -> Said:
        """One run, whatever becomes of it."""
        return self.program.ask("run", "--yes")

    def story(self, lead: Mapping[str, Any]) -> dict[str, Any]:
        """What `explain` tells of a lead."""
        said = self.program.ask("explain", f"organization/{lead['id']}")
        assert said.code == 0, said
        found: dict[str, Any] = said.json["stories"][0]
        return found

    def accounts(self, domain: str) -> list[dict[str, Any]]:
        """The accounts of Apollo with a domain, by its own count."""
        return [row for row in self.pair.records("apollo", "accounts") if row["domain"] == domain]

    def account(self, lead: Mapping[str, Any]) -> dict[str, Any]:
        """The one account of a lead."""
        found = self.accounts(domain_of(lead))
        assert len(found) == 1, (found, self.story(lead))
        return found[0]


def domain_of(lead: Mapping[str, Any]) -> str:
    """The primary domain of a lead; nothing where it has none."""
    return next((str(each["domain"]) for each in lead["domains"] if each["primary"]), "")
