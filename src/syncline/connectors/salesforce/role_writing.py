"""Adds contact roles to opportunities. What is there stays: a role is never taken out, and never given twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from syncline.connectors.base import Change
from syncline.connectors.held_back import held_back
from syncline.connectors.salesforce import contact_roles
from syncline.connectors.salesforce.batches import Answer, Lost, Written, write
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.contact_roles import Role
from syncline.connectors.salesforce.ids import to18
from syncline.connectors.salesforce.objects import CONTACT_ROLE, PRIMARY, ROLE_FIELDS, ROLES
from syncline.core.errors import ProtocolError, RemoteError
from syncline.core.model import ErrorClass, Failure, Raw
from syncline.core.written import parts_of

Wire = dict[str, Any]
_ABOUT_ANOTHER = frozenset({ErrorClass.GONE, ErrorClass.DUPLICATE})
"""Classes that are said of the role's contact or row, and not of the opportunity."""


def add_roles(client: SalesforceClient, changes: Sequence[Change], answers: Sequence[Answer]) -> list[Answer]:
    """The answers of opportunities that were written, and of their roles where these were not."""
    told = list(answers)
    wanted = {
        place: {name: value for name, value in change.values.items() if name in ROLE_FIELDS}
        for place, change in enumerate(changes)
        if isinstance(told[place], Written) and not change.values.keys().isdisjoint(ROLE_FIELDS)
    }
    if not wanted:
        return told
    deals = {place: to18(changes[place].remote_id) or "" for place in wanted}
    try:
        known = contact_roles.of_deals(client, list(deals.values()))
    except (RemoteError, ProtocolError) as error:
        return [_refused(held_back(error), wanted[n]) if n in wanted else each for n, each in enumerate(told)]
    promoted = [(n, row) for n in wanted for row in _promoted(known[deals[n]], wanted[n])]
    missing = [(n, row) for n in wanted for row in _missing(known[deals[n]], wanted[n], deals[n])]
    for method, rows in (("PATCH", promoted), ("POST", missing)):
        sent = _sent(client, method, [row for _, row in rows])
        for (place, _), answer in zip(rows, sent, strict=True):
            if not isinstance(answer, Written) and isinstance(told[place], Written):
                told[place] = answer if isinstance(answer, Lost) else _refused(answer, wanted[place])
    return told


def _sent(client: SalesforceClient, method: str, rows: Sequence[Wire]) -> list[Answer]:
    """One answer per row. The opportunities are written by now, so that nothing may be raised."""
    try:
        return write(client, method, CONTACT_ROLE, rows) if rows else []
    except (RemoteError, ProtocolError) as error:
        return [held_back(error) for _ in rows]


def _promoted(known: Sequence[Role], values: Mapping[str, Raw]) -> Iterable[Wire]:
    """Makes the primary contact primary, and who was it before not: there is one at most."""
    primary = _primary(values)
    if primary is None:
        return
    yield from (
        _row(id=role.id, IsPrimary=False) for role in known if role.primary and role.contact != primary
    )
    mine = [role for role in known if role.contact == primary]
    if mine and not any(role.primary for role in mine):
        yield _row(id=mine[0].id, IsPrimary=True)


def _missing(known: Sequence[Role], values: Mapping[str, Raw], deal: str) -> Iterable[Wire]:
    """A role without a name for each contact that has none."""
    primary, listed = _primary(values), values.get(ROLES)
    wanted = [to18(each) or each for each in parts_of(listed)] if listed else []
    there = {role.contact for role in known}
    for contact in dict.fromkeys([*([primary] if primary else []), *wanted]):
        if contact not in there:
            yield _row(OpportunityId=deal, ContactId=contact, IsPrimary=contact == primary)


def _primary(values: Mapping[str, Raw]) -> str | None:
    given = values.get(PRIMARY)
    return (to18(given.strip()) or given) if isinstance(given, str) and given.strip() else None


def _row(**values: Any) -> Wire:
    return {"attributes": {"type": CONTACT_ROLE}, **values}


def _refused(failure: Failure, wanted: Mapping[str, Raw]) -> Failure:
    """A refusal of a role as one of the fields that were to be set."""
    about = ErrorClass.VALIDATION if failure.error_class in _ABOUT_ANOTHER else failure.error_class
    return replace(failure, error_class=about, fields=tuple(wanted), existing=None)
