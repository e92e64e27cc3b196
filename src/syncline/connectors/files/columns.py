"""From the headings of a file to the names of our fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from syncline.connectors.files.problems import BadFileError
from syncline.connectors.files.settings import FileSettings
from syncline.core.schema import Field, FieldType

KNOWN: Mapping[str, tuple[str, FieldType]] = {
    "name": ("Name", FieldType.TEXT),
    "primary_domain": ("Primary domain", FieldType.DOMAIN),
    "website": ("Website", FieldType.URL),
    "type": ("Type of lead", FieldType.PICKLIST),
    "relationship": ("Relationship", FieldType.PICKLIST),
    "stage": ("Stage", FieldType.PICKLIST),
    "icp_fit": ("ICP fit", FieldType.PICKLIST),
    "hide": ("Hidden", FieldType.BOOLEAN),
    "owner_id": ("Owner", FieldType.OWNER),
    "owner_email": ("Owner's e-mail", FieldType.EMAIL),
    "industry": ("Industry", FieldType.TEXT),
    "country": ("Country", FieldType.TEXT),
    "country_code": ("Country code", FieldType.TEXT),
}
"""The fields every connection to files has, whatever its files hold."""

_MEANT = {
    "lead_name": "name",
    "lead_domain": "primary_domain",
    "domain": "primary_domain",
    "country_name": "country",
    "owner": "owner_email",
    "email": "contact_email",
    "first_name": "contact_first_name",
    "last_name": "contact_last_name",
    "job_title": "contact_job_title",
    "phone_number": "contact_phone_number",
    "linkedin_url": "contact_linkedin_url",
}
"""Headings of the CSV that CustomerOS exports (route /leads/download): its e-mail address and phone are those of a
person, of whom a company has several, and must not be taken for the company's."""

_EXPORTED = frozenset({"lead_name", "lead_domain"})
MOST_COLUMNS = 1_000
_LONGEST_NAME = 80


def slug(heading: str) -> str:
    """A heading as the name of a field: lower case, words joined by underscores."""
    return re.sub(r"\W+", "_", heading.strip().casefold()).strip("_")


def implied_by(headings: Sequence[str]) -> Mapping[str, str]:
    """What a file says without a column: CustomerOS exports companies only."""
    return {"type": "company"} if {slug(heading) for heading in headings} >= _EXPORTED else {}


def names_of(headings: Sequence[str], settings: FileSettings) -> list[str | None]:
    """The field each heading stands for; none for an empty heading. Raises `BadFileError` on two for one field."""
    if len(headings) > MOST_COLUMNS:
        raise BadFileError(
            "heading", f"there are {len(headings):,} columns; {MOST_COLUMNS:,} are read at most"
        )
    chosen = [settings.columns.get(heading.strip()) for heading in headings]
    taken = set(chosen)
    names: list[str | None] = []
    for heading, field in zip(headings, chosen, strict=True):
        plain = slug(heading)
        meant = _MEANT.get(plain, plain)
        names.append(field or (plain if meant in taken else meant) or None)
    twice = {name for name, count in Counter(names).items() if name and count > 1}
    for name in sorted(twice):
        same = [repr(h.strip()[:40]) for h, n in zip(headings, names, strict=True) if n == name]
        raise BadFileError("heading", f"the headings {' and '.join(same)} both stand for {name}")
    if long := next((n for n in names if n and (len(n) > _LONGEST_NAME)), None):
        raise BadFileError("heading", f"a heading is longer than {_LONGEST_NAME} characters: {long[:40]!r}")
    return names


def field_of(name: str, label: str) -> Field:
    """A field that is only read."""
    shown, kind = KNOWN.get(name, (label, FieldType.TEXT))
    return Field(name, shown, kind, creatable=False, updatable=False, custom=name not in KNOWN)
