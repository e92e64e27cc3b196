"""The contacts with a role in an opportunity, shown as two fields of it. Salesforce keeps a row for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from syncline.connectors.salesforce import query, soql
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.ids import to18
from syncline.connectors.salesforce.objects import CONTACT_ROLE, PRIMARY, ROLES
from syncline.connectors.salesforce.query import QueryRefusedError, Row
from syncline.core.errors import AccessError, ProtocolError
from syncline.core.schema import Field, FieldType

_COLUMNS = ("Id", "OpportunityId", "ContactId", "IsPrimary")
_ROOM = 8_000
"""Encoded characters the ids of one query may take."""
PER_QUERY = 100
"""Opportunities whose roles one query reads."""


@dataclass(frozen=True, slots=True)
class Role:
    """One row: its id, the contact, and whether that is the primary one."""

    id: str
    contact: str
    primary: bool


def described(client: SalesforceClient) -> dict[str, Field]:
    """The fields made of roles; none where this user may not read them.

    They are set after an opportunity was made: one that was made and whose roles were refused could not be told of.
    """
    endpoint = "/sobjects/{object}/describe"
    try:
        answer = client.ask("GET", f"/sobjects/{CONTACT_ROLE}/describe", endpoint=endpoint)
    except (AccessError, ProtocolError):
        return {}
    told = answer if isinstance(answer, dict) else {}
    rows = told.get("fields")
    shown = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    fields = {name: row for row in shown if isinstance(name := row.get("name"), str)}
    if not fields.keys() >= {*_COLUMNS}:
        return {}
    added = told.get("createable") is True and _every(fields, "createable")
    chosen = added and told.get("updateable") is True and fields["IsPrimary"].get("updateable") is True
    return {
        ROLES: _field(ROLES, "Contacts with a role", writable=added, several=True),
        PRIMARY: _field(PRIMARY, "Primary contact", writable=chosen, several=False),
    }


def _every(fields: Mapping[str, Row], right: str) -> bool:
    return all(fields[name].get(right) is True for name in _COLUMNS[1:])


def _field(name: str, label: str, *, writable: bool, several: bool) -> Field:
    return Field(
        name=name,
        label=label,
        type=FieldType.REFERENCE,
        creatable=False,
        updatable=writable,
        refers_to=("Contact",),
        several=several,
    )


def with_roles(client: SalesforceClient, rows: list[Row], wanted: Sequence[str]) -> list[Row]:
    """Rows of opportunities with their roles; without them if they may not be read any more."""
    living = [
        row["Id"] for row in rows if isinstance(row.get("Id"), str) and row.get("IsDeleted") is not True
    ]
    if not wanted or not living:
        return rows
    try:
        found = of_deals(client, living)
    except (AccessError, QueryRefusedError):
        return rows
    return [{**row, **_shown(found[row["Id"]], wanted)} if row.get("Id") in found else row for row in rows]


def _shown(roles: Iterable[Role], wanted: Sequence[str]) -> Row:
    """The contacts, the primary one first and each once."""
    first = sorted(roles, key=lambda role: not role.primary)
    primary = next((role.contact for role in first if role.primary), None)
    values: Row = {ROLES: list(dict.fromkeys(role.contact for role in first)), PRIMARY: primary}
    return {name: values[name] for name in wanted}


def of_deals(client: SalesforceClient, ids: Sequence[str]) -> dict[str, list[Role]]:
    """The roles of these opportunities, the oldest first; many opportunities by one query."""
    found: dict[str, list[Role]] = {each: [] for each in ids}
    for chunk in soql.chunks(found, _ROOM, PER_QUERY):
        asked = soql.select(
            _COLUMNS, CONTACT_ROLE, soql.is_in("OpportunityId", chunk), "CreatedDate ASC, Id ASC"
        )
        for row in query.run_all(client, asked):
            id_, deal, contact = (_id(row, name) for name in _COLUMNS[:3])
            if id_ and contact and deal in found:
                found[deal].append(Role(id_, contact, row.get("IsPrimary") is True))
    return found


def _id(row: Row, name: str) -> str | None:
    given = row.get(name)
    return to18(given) if isinstance(given, str) else None
