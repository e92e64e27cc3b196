"""A sync in daily use whose systems or people make trouble, and what is to be seen of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from syncline.core.plan import ActionStatus
from syncline.store.models import Action
from tests.scenario.pair import Pair, writes
from tests.scenario.people import addresses
from tests.scenario.program import Program, Said

IMPATIENT = {"timeout": 0.5}
PEOPLE = {"apollo": "contacts", "salesforce": "Contact"}
NUMBERS = count(1)


@contextmanager
def settled_pair(folder: Path, database: str) -> Iterator[Pair]:
    """A pair of systems that agree, whose time stands still unless somebody waits: waiting costs no time."""
    with Pair(folder, database, dataset="30") as pair:
        pair.run_until_quiet()
        apollo = pair.sandboxes["apollo"]
        apollo.control("POST", "/clock", {"frozen": True})
        pair.environ |= {"SYNCLINE_CLOCK_URL": f"{apollo.control_url}/clock", "SYNCLINE_TESTING": "1"}
        yield pair


@dataclass
class Daily:
    """A settled pair, the program over it, and the people who came to it since."""

    pair: Pair
    program: Program
    before: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    newcomers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, pair: Pair, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> "Daily":
        """The program of this process over the pair."""
        for name, value in pair.environ.items():
            patch.setenv(name, value)
        pair.write_settings()
        daily = cls(pair, Program(pair.folder, pair.sandboxes, capture, patch))
        daily.before, daily.errors = daily.counts(), len(daily.open_errors())
        return daily

    def counts(self) -> dict[str, int]:
        """How many people each system has, by its own count."""
        return {system: len(self.pair.records(system, name)) for system, name in PEOPLE.items()}

    def open_errors(self) -> list[dict[str, Any]]:
        """The error log, the newest first."""
        found: list[dict[str, Any]] = self.program.ask("errors").json["errors"]
        return found

    def lose_patience(self) -> None:
        """Wait half a second for an answer from now on, until all is well again."""
        document = self.pair.settings()
        for connection in document["connections"].values():
            connection["options"] = dict(IMPATIENT)
        self.pair.write_settings(document)

    def work(self) -> None:
        """Somebody new in each system, and somebody of old with another title in each."""
        self.hire("apollo")
        self.hire("salesforce")
        self.promote("apollo")
        self.promote("salesforce")

    def hire(self, system: str, **values: Any) -> str:
        """Somebody new, or with these values somebody odd; their address."""
        number = next(NUMBERS)
        email, title = f"new.{number}@newcomers-{number}.test", f"Newcomer {number}"
        if system == "apollo":
            shown = {"first_name": "New", "last_name": f"Person {number}", "email": email, "title": title}
        else:
            shown = {"FirstName": "New", "LastName": f"Person {number}", "Email": email, "Title": title}
        self.pair.put(system, PEOPLE[system], **{**shown, **values})
        self.newcomers[email] = title
        return email

    def promote(self, system: str) -> None:
        """Somebody whom both systems know gets another title."""
        known = addresses(self.pair, system, PEOPLE[system])
        other = addresses(self.pair, *next((s, n) for s, n in PEOPLE.items() if s != system))
        leads = addresses(self.pair, "salesforce", "Lead")
        both = sorted(
            a for a, ids in known.items() if len(ids) == len(other.get(a, ())) == 1 and a not in leads
        )
        address = [a for a in both if a not in self.newcomers][0 if system == "apollo" else -1]
        title = f"Promoted {next(NUMBERS)}"
        named = "title" if system == "apollo" else "Title"
        self.pair.put(system, PEOPLE[system], known[address][0], **{named: title})
        self.newcomers[address] = title

    def fails(self, code: str, *, before_it_began: bool = False) -> Mapping[str, str]:
        """A run that fails with this code, and tells so wherever people look; what it said."""
        error = self.run().error
        assert error["code"] == code, error
        assert error["cure"]
        if before_it_began:
            return error
        newest = self.program.ask("status").json["newest_run"]
        assert (newest["status"], newest["error"]["code"]) == ("failed", code)
        assert newest["error"]["message"] == error["message"]
        return error

    def recovers(self) -> None:
        """Without faults the sync comes to rest; all that people did is on both sides, and nobody twice."""
        self.pair.heal()
        self.pair.write_settings()
        self.rests()
        hired = sum(title.startswith("Newcomer") for title in self.newcomers.values())
        assert self.counts() == {system: n + hired for system, n in self.before.items()}
        for system, named in (("apollo", "title"), ("salesforce", "Title")):
            titles = Counter(row.get(named) for row in self.pair.records(system, PEOPLE[system]))
            wrong = {t: titles[t] for t in self.newcomers.values() if titles[t] != 1}
            assert not wrong, (system, wrong)
        assert self.program.ask("reconcile").json["in_agreement"]
        assert len(self.open_errors()) == self.errors

    def rests(self, most: int = 6) -> None:
        """Run until nothing is written; nothing is left open."""
        for _ in range(most):
            before = self.pair.requests()
            said = self.run()
            assert (said.code, said.json["status"]) == (0, "done"), said
            if not writes(before, self.pair.requests()):
                break
        else:
            raise AssertionError("the sync does not come to rest")
        with self.pair.store():
            assert not Action.objects.filter(status__in=[ActionStatus.OPEN, ActionStatus.UNKNOWN]).exists()

    def run(self) -> Said:
        """One run, whatever becomes of it."""
        return self.program.ask("run")
