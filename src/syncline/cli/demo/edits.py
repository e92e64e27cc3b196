"""Forty records that people edit on both sides between two runs, three of them asking for trouble."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from syncline.cli.demo.stand_ins import StandIn
from syncline.core.errors import ConfigError
from syncline.core.model import Kind, Side
from syncline.engine.context import SyncContext
from syncline.store import links, standings
from syncline.store.links import Linked
from syncline.store.standings import State

REFUSED_INDUSTRY = "Gambling"
"""An industry that Salesforce lists, and that a validation rule of the organisation forbids."""
_RULE = {
    "object": "Account",
    "field": "Industry",
    "comparison": "=",
    "value": REFUSED_INDUSTRY,
    "error_field": "Industry",
    "message": f"{REFUSED_INDUSTRY}: ask the compliance department first",
}
_CONFLICT = {"contacts": {"first_name": "Alexandra"}, "Contact": {"FirstName": "Sasha"}}


@dataclass
class Edits:
    """What was edited: how many records, and the three that are worth a closer look, by their ids in Apollo."""

    records: int = 0
    told: list[str] = field(default_factory=list)
    conflict: str = ""
    ambiguous: str = ""
    rejected: str = ""

    def note(self, records: int, what: str) -> None:
        self.records += records
        self.told.append(f"{records:>3} {what}")


def prepare(stand_ins: Mapping[str, StandIn]) -> dict[str, str]:
    """Let the Salesforce organisation list an industry and forbid it, as an administrator does."""
    option = {"object": "Account", "field": "Industry", "value": REFUSED_INDUSTRY, "active": True}
    stand_ins["salesforce"].turn("picklists", option)
    stand_ins["salesforce"].turn("validation_rules", _RULE)
    return {}


def edit(context: SyncContext, stand_ins: Mapping[str, StandIn]) -> Edits:
    """Edit forty records, as people would in both products."""
    apollo, salesforce = stand_ins["apollo"], stand_ins["salesforce"]
    done = Edits()
    people, companies = _settled(context, Kind.PERSON, "Contact"), _settled(context, Kind.ACCOUNT, "Account")
    _edit_people(done, apollo, salesforce, people)
    _edit_companies(done, apollo, salesforce, companies)
    _add_people(done, apollo, salesforce)
    _cause_conflict(done, apollo, salesforce, _next(people))
    _cause_ambiguity(done, apollo, salesforce)
    _cause_rejection(done, apollo, companies)
    return done


def _settled(context: SyncContext, kind: Kind, right_type: str) -> Iterator[Linked]:
    """Links of a kind whose two records are in sync, so that what follows is the edit's doing alone."""
    for batch in links.everyone(context.name, kind.value):
        fitting = [link for link in batch if link.right.object_type == right_type]
        states = {
            side: standings.of_records(context.name, side, [link.ref(side) for link in fitting])
            for side in Side
        }
        for link in fitting:
            found = [states[side].get(link.ref(side)) for side in Side]
            if all(standing and standing.state == State.IN_SYNC for standing in found):
                yield link


def _take(found: Iterator[Linked], number: int) -> Sequence[Linked]:
    taken = list(islice(found, number))
    if len(taken) < number:
        raise ConfigError(
            "the two stand-ins hold too few people for the demonstration", hint="Give a larger --dataset."
        )
    return taken


def _next(found: Iterator[Linked]) -> Linked:
    return _take(found, 1)[0]


def _edit_people(done: Edits, apollo: StandIn, salesforce: StandIn, people: Iterator[Linked]) -> None:
    for link in _take(people, 12):
        apollo.edit("contacts", link.left.remote_id, {"title": "Head of Partnerships"})
    done.note(12, "Apollo contacts got a new title, which Apollo owns")
    for link in _take(people, 5):
        salesforce.edit("Contact", link.right.remote_id, {"FirstName": "Robin"})
    done.note(5, "Salesforce contacts got a new first name, which belongs to both sides")
    for number, link in enumerate(_take(people, 5)):
        salesforce.edit("Contact", link.right.remote_id, {"MobilePhone": f"(415) 555-01{number:02}"})
    done.note(5, "Salesforce contacts got a new mobile phone")


def _edit_companies(done: Edits, apollo: StandIn, salesforce: StandIn, companies: Iterator[Linked]) -> None:
    for number, link in enumerate(_take(companies, 4)):
        apollo.edit("accounts", link.left.remote_id, {"name": f"Renamed Holdings {number + 1}"})
    done.note(4, "Apollo accounts were renamed")
    for number, link in enumerate(_take(companies, 4)):
        salesforce.edit("Account", link.right.remote_id, {"Phone": f"(212) 555-01{number:02}"})
    done.note(4, "Salesforce accounts got a new phone")


def _add_people(done: Edits, apollo: StandIn, salesforce: StandIn) -> None:
    for name in ("Ines", "Jonas"):
        apollo.add(
            "contacts", {"first_name": name, "last_name": "Newcome", "email": f"{name.lower()}@new-here.test"}
        )
    for name in ("Karla", "Luca"):
        email = f"{name.lower()}@new-there.test"
        salesforce.add("Contact", {"FirstName": name, "LastName": "Newcome", "Email": email})
    done.note(4, "people were added, two on each side")


def _cause_conflict(done: Edits, apollo: StandIn, salesforce: StandIn, link: Linked) -> None:
    apollo.edit("contacts", link.left.remote_id, _CONFLICT["contacts"])
    salesforce.edit("Contact", link.right.remote_id, _CONFLICT["Contact"])
    done.conflict = link.left.remote_id
    done.note(2, "records of one person got two different first names (a conflict)")


def _cause_ambiguity(done: Edits, apollo: StandIn, salesforce: StandIn) -> None:
    email = "morgan@two-of-them.test"
    for name in ("Morgan", "M."):
        salesforce.add("Contact", {"FirstName": name, "LastName": "Twice", "Email": email})
    done.ambiguous = apollo.add("contacts", {"first_name": "Morgan", "last_name": "Twice", "email": email})
    done.note(3, "people with one e-mail address were added, two of them in Salesforce (an ambiguous match)")


def _cause_rejection(done: Edits, apollo: StandIn, companies: Iterator[Linked]) -> None:
    """Only the server knows its validation rules."""
    link = _next(companies)
    apollo.edit("accounts", link.left.remote_id, {"industry": REFUSED_INDUSTRY, "phone": "+1 212 555 0177"})
    done.rejected = link.left.remote_id
    done.note(
        1,
        f"Apollo account got a new phone and the industry {REFUSED_INDUSTRY}, which Salesforce refuses there",
    )
