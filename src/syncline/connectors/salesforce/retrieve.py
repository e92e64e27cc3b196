"""Reads records by id, many at a time, those in the recycle bin included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncline.connectors.salesforce import query, soql
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.columns import Columns
from syncline.connectors.salesforce.contact_roles import with_roles
from syncline.connectors.salesforce.ids import to18
from syncline.connectors.salesforce.query import Row
from syncline.connectors.salesforce.records import row_id
from syncline.core.errors import ProtocolError

BATCH = 2_000
"""Records of one call of retrieve."""
_ROOM = 8_000
"""Encoded characters the ids of one query may take."""


def by_ids(client: SalesforceClient, object_type: str, ids: Sequence[str], columns: Columns) -> list[Row]:
    """The rows of those ids that exist or are in the recycle bin, in the order of the ids."""
    wanted = list(dict.fromkeys(full for given in ids if (full := to18(given))))
    found = living(client, object_type, wanted, columns.wanted)
    gone = [remote_id for remote_id in wanted if remote_id not in found]
    if gone and "IsDeleted" in columns.listed:
        found |= {
            row_id(object_type, row): row for row in _deleted(client, object_type, gone, columns.listed)
        }
    rows = [found[remote_id] for remote_id in wanted if remote_id in found]
    return with_roles(client, rows, columns.roles)


def completed(client: SalesforceClient, object_type: str, rows: list[Row], columns: Columns) -> list[Row]:
    """Listed rows with what their query did not name; a deleted row stays without it."""
    if columns.fit or not rows:
        return with_roles(client, rows, columns.roles)
    ids = [row_id(object_type, row) for row in rows]
    whole = living(client, object_type, ids, columns.wanted)
    found = [whole.get(remote_id, row) for remote_id, row in zip(ids, rows, strict=True)]
    return with_roles(client, found, columns.roles)


def living(
    client: SalesforceClient, object_type: str, ids: Sequence[str], columns: list[str]
) -> dict[str, Row]:
    """The rows of those ids that are not deleted, by id."""
    found: dict[str, Row] = {}
    for start in range(0, len(ids), BATCH):
        asked = list(ids[start : start + BATCH])
        route = f"/composite/sobjects/{soql.name(object_type)}"
        rows = client.ask(
            "POST", route, endpoint="/composite/sobjects/{object}", json={"ids": asked, "fields": columns}
        )
        if not isinstance(rows, list) or len(rows) != len(asked):
            raise ProtocolError(f"The answer to a retrieve of {object_type} has not a row for each id.")
        for row in rows:
            if isinstance(row, dict):
                found[row_id(object_type, row)] = row
    if not found.keys() <= set(ids):
        raise ProtocolError(f"A retrieve of {object_type} answered with records nobody asked for.")
    return found


def _deleted(
    client: SalesforceClient, object_type: str, ids: Sequence[str], columns: list[str]
) -> Iterator[Row]:
    """The recycle bin is seen by queries only."""
    for chunk in soql.chunks(ids, _ROOM, 400):
        where = f"{soql.is_in('Id', chunk)} AND IsDeleted = true"
        yield from query.run_all(client, soql.select(columns, object_type, where), with_deleted=True)
