"""What the user of the connection is, and may do, in the organisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from syncline.connectors.base import CheckReport
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.objects import CONTACT_ROLE, KINDS, WRITTEN
from syncline.core.errors import ProtocolError
from syncline.core.schema import ObjectSchema

USERINFO = "/services/oauth2/userinfo"
_RIGHTS = {"read": "queryable", "create": "createable", "edit": "updateable", "delete": "deletable"}
_NEEDED = ("read", "create", "edit")
"""Deletions are carried over only where the settings say so."""


def who(client: SalesforceClient) -> tuple[str, str] | None:
    """The organisation's id and the user's name; None where the app may not ask for them."""
    reply = client.send("GET", USERINFO, endpoint=USERINFO)
    if reply.status in {403, 404}:
        return None
    if reply.status >= 400:
        raise client.refusal("GET", USERINFO, reply)
    told = reply.data if isinstance(reply.data, dict) else {}
    org, user = told.get("organization_id"), told.get("preferred_username")
    if not isinstance(org, str) or not isinstance(user, str):
        raise ProtocolError(f"The answer to GET {USERINFO} names no organisation and user.")
    return org, user


def rights(client: SalesforceClient) -> dict[str, set[str]]:
    """Per object type that is synced, and of contact roles: read, create, edit, delete. One not shown has none."""
    answer = client.ask("GET", "/sobjects", endpoint="/sobjects")
    rows = answer.get("sobjects") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ProtocolError("The answer to GET /sobjects lists no objects.")
    known = {row.get("name"): row for row in rows if isinstance(row, dict)}
    return {name: _granted(known.get(name, {})) for name in (*KINDS, CONTACT_ROLE)}


def report(
    client: SalesforceClient, granted: Mapping[str, set[str]], schemas: Sequence[ObjectSchema]
) -> CheckReport:
    """The report of a check; `schemas` are those of the types that can be read."""
    known = who(client)
    org, user = known or (urlsplit(client.base_url).hostname or "", "unknown")
    missing = [] if known else ["scope openid (or id): to tell which user this is"]
    missing += [f"{name}: {right}" for name, right in _needed() if right not in granted[name]]
    missing += [text for schema in schemas for text in _barred_fields(schema)]
    return CheckReport(
        account=org,
        user=user,
        granted=tuple(f"{name}: {right}" for name in granted for right in _RIGHTS if right in granted[name]),
        missing=tuple(missing),
        readable=tuple(name for name in KINDS if "read" in granted[name]),
        writable=tuple(name for name in WRITTEN if {"create", "edit"} <= granted[name]),
    )


def _needed() -> Iterator[tuple[str, str]]:
    for name in KINDS:
        yield from ((name, right) for right in (_NEEDED if name in WRITTEN else _NEEDED[:1]))
    yield from ((CONTACT_ROLE, right) for right in _NEEDED)


def _barred_fields(schema: ObjectSchema) -> Iterator[str]:
    """Fields no record can be synced without."""
    if schema.object_type not in WRITTEN:
        return
    name = "LastName" if schema.object_type in {"Contact", "Lead"} else "Name"
    if name not in schema.fields:
        yield f"{schema.object_type}.{name}: read"
    elif not schema.fields[name].creatable:
        yield f"{schema.object_type}.{name}: edit"


def _granted(row: Mapping[str, Any]) -> set[str]:
    return {right for right, key in _RIGHTS.items() if row.get(key) is True}
