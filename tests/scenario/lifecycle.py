"""People whose records end in one system: a pair of real processes, and what is left of each person afterwards."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from syncline.core.model import Kind
from syncline.store.models import Hold, Link
from tests.scenario.pair import Pair

NUMBERS = count(1)
USERS = {"default_left": "alex.admin@example.com", "default_right": "admin@org.example"}
"""Who owns whom: a value that never went over, such as an owner without a counterpart, would hold a deletion."""
MOST_RUNS = 6
CHANGES = ("linked", "agreed", "ended", "moved links", "deleted", "moved", "open")
"""What a run may do to the store alone."""
TYPES = {"apollo": ("contacts", "accounts"), "salesforce": ("Contact", "Lead", "Account", "Opportunity")}


@dataclass
class Ends:
    """How links of the people of one story ended, and what as a whole waits for a person."""

    living: int
    ended: list[str]
    holds: list[str]


@dataclass
class Story:
    """One story over a pair that other stories use too: its people, and the records they had before and have now."""

    pair: Pair
    kinds: Mapping[str, Any] = field(default_factory=dict)
    brakes: Mapping[str, Any] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    apollo: dict[str, str] = field(default_factory=dict)
    salesforce: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        document = self.pair.settings()
        sync = document["syncs"]["crm"]
        sync["kinds"] = {"person": dict(self.kinds)} if self.kinds else {}
        sync["users"] = USERS
        sync["brakes"] = {"max_delete_share": None, **self.brakes}
        self.pair.write_settings(document)
        self.before = self.counts()

    def counts(self) -> dict[str, int]:
        """How many living records each system has, by its own count."""
        return {
            name: len(self.pair.records(system, name)) for system, names in TYPES.items() for name in names
        }

    def grown(self) -> dict[str, int]:
        """How many records more than before the story each system has, where that is not as it was."""
        return {
            name: grown for name, number in self.counts().items() if (grown := number - self.before[name])
        }

    def hire(self, *names: str, object_type: str = "Contact", **more: Any) -> None:
        """New people in Salesforce, who get their contacts in Apollo by a run."""
        for name in names:
            values = {
                "FirstName": name,
                "LastName": "Story",
                "Email": f"{name.lower()}.{next(NUMBERS)}@story.test",
            }
            values |= {"Company": "Story Ltd"} if object_type == "Lead" else {}
            values |= more
            self.salesforce[name] = self.pair.put("salesforce", object_type, **values)["Id"]
        self.pair.run()
        with self.pair.store():
            for name, id_ in self.salesforce.items():
                link = Link.objects.filter(right_id=id_, kind=Kind.PERSON.value).first()
                assert link is not None, name
                self.apollo[name] = link.left_id

    def act(self, path: str, **wish: Any) -> dict[str, Any]:
        """What a person does with whole records of Salesforce."""
        done: dict[str, Any] = self.pair.sandboxes["salesforce"].control("POST", path, wish)
        return done

    def merge(self, master: str, *losers: str) -> None:
        named = [self.salesforce[each] for each in losers]
        self.act("/merge", object="Contact", master=self.salesforce[master], losers=named)

    def delete(self, system: str, name: str) -> None:
        ids, type_ = (self.apollo, "contacts") if system == "apollo" else (self.salesforce, "Contact")
        self.pair.sandboxes[system].control("POST", "/delete", {"type": type_, "id": ids[name]})

    def edit(self, name: str, **values: Any) -> None:
        """A person changes somebody in Apollo."""
        self.pair.put("apollo", "contacts", self.apollo[name], **values)

    def contact(self, name: str) -> dict[str, Any]:
        """Somebody's record in Apollo, as it is stored."""
        found: dict[str, Any] = self.pair.sandboxes["apollo"].control(
            "GET", f"/records/contacts/{self.apollo[name]}"
        )
        return found

    def record(self, object_type: str, id_: str) -> dict[str, Any]:
        """A record of Salesforce, also one in the recycle bin."""
        found: dict[str, Any] = self.pair.sandboxes["salesforce"].control(
            "GET", f"/records/{object_type}/{id_}"
        )
        return found

    def partner(self, name: str) -> str:
        """The Salesforce record somebody in Apollo is linked with now, as TYPE/ID; empty without one."""
        with self.pair.store():
            link = Link.objects.filter(left_id=self.apollo[name], ended_at=None).first()
            return f"{link.right_type}/{link.right_id}" if link else ""

    def ends(self) -> Ends:
        """What the store says of the people of this story."""
        with self.pair.store():
            mine = Link.objects.filter(left_id__in=self.apollo.values())
            held = Hold.objects.filter(left_id__in=self.apollo.values(), state="open")
            return Ends(
                mine.filter(ended_at=None).count(),
                sorted(mine.exclude(ended_at=None).values_list("ended_as", flat=True)),
                sorted(held.values_list("code", flat=True)),
            )

    def rests(self, *, whole: bool = False) -> None:
        """Runs come to rest, with one that writes and changes nothing, and no difference is unexplained."""
        if whole:
            self.pair.ask("pull", "--all")
        for _ in range(MOST_RUNS):
            last = self.pair.run_until_quiet()[-1]["results"]
            if not any(last.get(name) for name in CHANGES):
                break
        else:
            raise AssertionError(f"the sync does not come to rest: {last}")
        found = self.pair.ask("reconcile").document
        assert found["unexplained"] == 0, found
        assert found["in_agreement"], found


@contextmanager
def opened(folder: Path) -> Iterator[Pair]:
    """A pair with somebody in it who stays, so that no side is ever empty; Apollo is listed whole in every run."""
    database = f"sqlite:///{folder}/store.sqlite3"
    with Pair(folder, database, options={"apollo": {"sweep_hours": 0}}) as pair:
        Story(pair).hire("Zoe")
        yield pair
