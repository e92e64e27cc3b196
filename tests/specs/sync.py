"""A real sync of the preset between two sandboxes, through the recording proxies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.scenario.pair import SYSTEMS, Pair
from tests.specs.proxy import RecordingProxy

PEOPLE = "60"


@dataclass
class ProxiedPair(Pair):
    """A pair whose connections lead through proxies."""

    proxies: dict[str, RecordingProxy] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        document = super().settings()
        for system, proxy in self.proxies.items():
            document["connections"][system]["base_url"] = proxy.base_url
        return document


def drive(pair: ProxiedPair) -> Mapping[str, int]:
    """Run the sync: everything for the first time, then what persons changed on both sides, then with leads.

    Returns how many records of each type there were at the end.
    """
    for system in SYSTEMS:
        ended = pair.ask("connection", "test", system)
        assert ended.code == 0, (ended.output, ended.said)
    pair.run()
    _edit(pair)
    pair.run_until_quiet()
    _make_leads(pair)
    pair.ask("reconcile")
    types = [("apollo", each) for each in ("accounts", "contacts")]
    types += [("salesforce", each) for each in ("Account", "Contact", "Lead")]
    return {f"{system} {type_}": len(pair.records(system, type_)) for system, type_ in types}


def _edit(pair: ProxiedPair) -> None:
    """What persons do between two runs: change, add, hand over and delete on both sides."""
    contacts, people = pair.records("apollo", "contacts"), pair.records("salesforce", "Contact")
    users = [user["Id"] for user in pair.records("salesforce", "User") if user["IsActive"]]
    for number, contact in enumerate(contacts[:6]):
        pair.put("apollo", "contacts", contact["id"], title=f"Head of Division {number}")
    for number, person in enumerate(people[6:12]):
        owner = users[number % len(users)]
        pair.put("salesforce", "Contact", person["Id"], Title=f"Director {number}", OwnerId=owner)
    for number, company in enumerate(pair.records("salesforce", "Account")[:6]):
        values = {
            "Name": f"Renamed {number}",
            "Phone": f"+1 202 555 01{number:02}",
            "OwnerId": users[number % len(users)],
        }
        pair.put("salesforce", "Account", company["Id"], **values)
    for number, company in enumerate(pair.records("apollo", "accounts")[6:9]):
        pair.put("apollo", "accounts", company["id"], name=f"Renamed too {number}")
    pair.put("apollo", "accounts", name="Newcomer Works", domain="newcomer-works.example")
    pair.put(
        "apollo", "contacts", first_name="Nora", last_name="Newcomer", email="nora@newcomer-works.example"
    )
    company = pair.put("salesforce", "Account", Name="Arrival Mills", Website="arrival-mills.example")
    values = {"FirstName": "Ada", "LastName": "Arrival", "Email": "ada@arrival-mills.example"}
    pair.put("salesforce", "Contact", AccountId=company["Id"], **values)
    pair.sandboxes["salesforce"].control("POST", "/delete", {"type": "Contact", "id": people[0]["Id"]})


def _make_leads(pair: ProxiedPair) -> None:
    """From now on new people become leads."""
    pair.sync = {"kinds": {"person": {"create_right": {"as_type": "Lead"}}}}
    pair.write_settings()
    for number in range(3):
        email = f"lee{number}@late-mills.example"
        pair.put("apollo", "contacts", first_name="Lee", last_name=f"Late {number}", email=email)
    pair.run_until_quiet()
