"""Calls of one phase, told apart by what they are for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

_SYSTEM = {
    "/oauth2/token": "sign_in",
    "/describe": "schema",
    "/picklist-values/{record_type}": "schema",
    "/typed_custom_fields": "schema",
    "GET /api/v1/account_stages": "stages",
    "GET /api/v1/contact_stages": "stages",
    "GET /api/v1/opportunity_stages": "stages",
    "/labels": "lists",
    "/users/search": "users",
    "/queryAll User": "users",
    "/query User": "users",
}
"""What is asked whatever the number of records, by the end of the call's name."""
_LISTINGS = {
    "/accounts/search": "apollo account",
    "/accounts/{id}": "apollo account",
    "/contacts/search": "apollo contact",
    "/contacts/{contact_id}": "apollo contact",
}
_READING_POSTS = ("/search", "/composite/sobjects/{object}")


@dataclass
class Calls:
    """The calls of a phase: about the systems themselves, reads and writes of records by their name."""

    system: Counter[str] = field(default_factory=Counter)
    reads: dict[str, int] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)

    @property
    def for_records(self) -> int:
        """All calls whose number may follow from that of the records."""
        return sum(self.reads.values()) + sum(self.writes.values())

    def reads_by_type(self) -> Counter[str]:
        """The reads by side and object type."""
        found: Counter[str] = Counter()
        for name, count in self.reads.items():
            system, _, path, *topic = name.split(" ")
            listing = next((type_ for end, type_ in _LISTINGS.items() if path.endswith(end)), path)
            found[f"{system} {topic[0]}" if topic else listing] += count
        return found


def told_apart(calls: Mapping[str, int]) -> Calls:
    """Calls, named "SYSTEM METHOD PATH" and the object of a query, by their purpose."""
    found = Calls()
    for name, count in calls.items():
        _, method, path, *_ = name.split(" ")
        purpose = next((purpose for end, purpose in _SYSTEM.items() if name.endswith(end)), None)
        if purpose:
            found.system[purpose] += count
        elif method == "GET" or (method == "POST" and path.endswith(_READING_POSTS)):
            found.reads[name] = count
        else:
            found.writes[name] = count
    return found
