"""Criteria: what a record has to meet before it gets a counterpart, each question with its answer in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from syncline.core.frozen import frozen
from syncline.core.mapping import FORBID_EXTRA
from syncline.core.model import MISSING, Absent, Raw, Record, is_empty
from syncline.core.normalise import domain, is_public_suffix
from syncline.core.schema import Field, ObjectSchema
from syncline.core.written import is_domain, parts_of, plain, short

Carried = Callable[[str], str | None]
"""Why the value of a field cannot be written on the other side; nothing where it can."""

PLATFORMS = frozenset(
    {
        *("facebook.com", "fb.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com"),
        *(
            "tiktok.com",
            "pinterest.com",
            "github.com",
            "gitlab.com",
            "medium.com",
            "notion.site",
            "linktr.ee",
        ),
        *("about.me", "crunchbase.com", "yelp.com", "google.com", "gmail.com", "outlook.com", "hotmail.com"),
        *("yahoo.com", "icloud.com", "proton.me", "gmx.de", "web.de"),
    }
)
"""Domains of platforms and mail providers: whoever has a page or an address there does not own the domain."""


@frozen()
class Criterion:
    """One question a gate asked of a record, with its answer in words."""

    name: str
    passed: bool
    reason: str


@dataclass(frozen=True)
class Requirement:
    """One question asked of a record; every answer of those that are set has to be yes.

    `at_least` names the lowest of `order` that passes. An `optional` one passes where the system shows no such field.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID_EXTRA

    field: str = ""
    filled: bool = False
    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    at_least: str | None = None
    order: tuple[str, ...] = ()
    own_domain: bool = False
    carried: bool = False
    optional: bool = False
    enabled: bool = True

    def reaches(self, *names: str) -> bool:
        """Whether one of these names stands in the order at the lowest place that passes, or above."""
        order = [_fold(each) for each in self.order]
        lowest = _fold(self.at_least or "")
        return lowest in order and any(_fold(name) in order[order.index(lowest) :] for name in names)


DISQUALIFIED = "disqualified"
"""The field that a linked record has besides its system's: the mark while it meets its requirements no more."""


@dataclass(frozen=True)
class Mark:
    """What is written to the counterpart of a linked record that stops qualifying; emptied when it does again."""

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID_EXTRA

    field: str
    value: str


def asked(
    requirements: Mapping[str, Requirement], record: Record, schema: ObjectSchema, carried: Carried
) -> list[Criterion]:
    """Every requirement that is on, with its answer."""
    on = ((name, each) for name, each in requirements.items() if each.enabled)
    return [_criterion(name, each, record, schema, carried) for name, each in on]


def _criterion(
    name: str, requirement: Requirement, record: Record, schema: ObjectSchema, carried: Carried
) -> Criterion:
    described = schema.fields.get(requirement.field)
    label = described.label if described else requirement.field
    value = record.get(requirement.field)
    if isinstance(value, Absent):
        reason = f"{label} is {value.value}"
        return Criterion(name, requirement.optional and value is MISSING, reason)
    refusal = _refusal(requirement, described, value, carried)
    told = "empty" if is_empty(value) else short(_shown(described, value))
    return Criterion(name, refusal is None, f"{label} {refusal or f'is {told}'}")


def _refusal(requirement: Requirement, described: Field | None, value: Raw, carried: Carried) -> str | None:
    """Why the answer is no, to go on after the name of the field."""
    wanting = requirement.filled or requirement.own_domain
    if is_empty(value) and (wanting or requirement.one_of or requirement.at_least):
        return "is empty"
    names = _names(described, value)
    if requirement.one_of and not names & _folded(requirement.one_of):
        return f"is {short(_shown(described, value))}, not one of {', '.join(requirement.one_of)}"
    if names & _folded(requirement.none_of):
        return f"is {short(_shown(described, value))}"
    if requirement.at_least and (below := _below(requirement, described, value)):
        return below
    if requirement.own_domain and (doubt := _no_own_domain(plain(value))):
        return doubt
    return carried(requirement.field) if requirement.carried else None


def _below(requirement: Requirement, described: Field | None, value: Raw) -> str | None:
    names = _names(described, value)
    if requirement.reaches(*names):
        return None
    shown = short(_shown(described, value))
    if not names & _folded(requirement.order):
        return f"is {shown}, which is not in the order of {', '.join(requirement.order)}"
    return f"is {shown}, below {requirement.at_least}"


def _no_own_domain(text: str) -> str | None:
    name = domain(text)
    if not is_domain(name) or name.replace(".", "").isdecimal():
        return f"is {short(text)}, which is no domain name"
    if is_public_suffix(name):
        return f"is {name}, under which anybody may register"
    return f"is {name}, a platform that many use" if name in PLATFORMS else None


def _names(described: Field | None, value: Raw) -> set[str]:
    """A value by all its names: as it is stored, and as people see it."""
    if is_empty(value):
        return set()
    found = {_fold(part) for part in parts_of(value)}
    options = (described.option(part) for part in parts_of(value)) if described else ()
    return found | {_fold(option.label) for option in options if option}


def _shown(described: Field | None, value: Raw) -> str:
    option = described.option(plain(value)) if described and not is_empty(value) else None
    return option.label if option else plain(value)


def _folded(names: tuple[str, ...]) -> set[str]:
    return {_fold(name) for name in names}


def _fold(name: str) -> str:
    """Names without regard to case, and to whether blanks are written as underscores."""
    return " ".join(name.casefold().replace("_", " ").split())
