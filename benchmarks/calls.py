"""Calls of one phase, told apart by what they are for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

_ABOUT = (
    ("sign-in", "/oauth2/token"),
    ("schema", "/describe"),
    ("schema", "/typed_custom_fields"),
    ("stages", "_stages"),
    ("lists", "/labels"),
    ("users", "/users/search"),
)
"""What is asked whatever the number of records, by the end of its path; update_stages is a write and no part of it."""
_DETAILS = "/accounts/{id}"
_READING_POSTS = ("/search", "/composite/sobjects/{object}")


@dataclass(frozen=True)
class Phase:
    """The calls of a phase: `about` the systems themselves, `details` of single accounts, reads, and writes."""

    about: Mapping[str, int]
    details: int
    reads: Mapping[str, int]
    writes: Mapping[str, int]

    @property
    def for_records(self) -> int:
        """All calls whose number may follow from that of the records."""
        return self.details + sum(self.reads.values()) + sum(self.writes.values())


def told_apart(calls: Mapping[str, int]) -> Phase:
    """The calls of a phase by their purpose."""
    about: Counter[str] = Counter()
    reads: dict[str, int] = {}
    writes: dict[str, int] = {}
    details = 0
    for name, count in calls.items():
        _, method, path = name.split(" ")
        purpose = next((word for word, end in _ABOUT if path.endswith(end)), None)
        if purpose and not path.endswith("/update_stages"):
            about[purpose] += count
        elif method == "GET" and path.endswith(_DETAILS):
            details += count
        elif method == "GET" or (method == "POST" and path.endswith(_READING_POSTS)):
            reads[name] = count
        else:
            writes[name] = count
    return Phase(dict(about), details, reads, writes)
