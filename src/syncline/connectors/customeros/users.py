"""Reads the users of a tenant, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from syncline.connectors.customeros.client import CustomerOSClient
from syncline.connectors.customeros.objects import USER_NAMES, Row, id_of
from syncline.core.errors import ProtocolError

LIMIT = 100
MOST_PAGES = 1_000
_QUERY = """
query Users($page: Int!, $limit: Int!) {
  users(pagination: {page: $page, limit: $limit}) { content { %s } totalPages totalElements }
}
"""


@dataclass(frozen=True, slots=True)
class Users:
    """All users that were shown; `complete` if they are as many as there are said to be."""

    rows: tuple[Row, ...]
    complete: bool


def read_users(client: CustomerOSClient, known: frozenset[str]) -> Users:
    """Every user, with those of the fields that the schema knows.

    Pages have no order that is promised, so a user may be shown twice and another one not at all.
    """
    names = [name for name in USER_NAMES if name in known]
    query = _QUERY % " ".join([*names, "emails { email primary }"])
    rows: dict[str, Row] = {}
    page, pages, total = 1, 1, 0
    while page <= pages:
        told = client.query("Users", query, {"page": page, "limit": LIMIT}).get("users")
        content, pages, total = _checked(told)
        if page > MOST_PAGES or (page > 1 and content and not {id_of(row) for row in content} - rows.keys()):
            raise ProtocolError("CustomerOS gives the same page of users twice.")
        rows.update({id_of(row): row for row in content})
        page += 1
    return Users(tuple(rows.values()), complete=len(rows) == total)


def _checked(told: Any) -> tuple[list[Row], int, int]:
    content = told.get("content") if isinstance(told, dict) else None
    if not isinstance(content, list):
        raise ProtocolError("CustomerOS answers with no page of users.")
    counts = [told.get("totalPages"), told.get("totalElements")]
    if not all(isinstance(count, int) or (isinstance(count, str) and count.isdigit()) for count in counts):
        raise ProtocolError("CustomerOS answers a page of users without its totals.")
    return content, int(counts[0]), int(counts[1])
