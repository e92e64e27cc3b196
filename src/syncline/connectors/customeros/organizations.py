"""The calls that read organisations: ids by a filter, details by ids, and which ones were archived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncline.connectors.customeros.client import CustomerOSClient, QueryRefusedError
from syncline.connectors.customeros.dialect import Dialect
from syncline.connectors.customeros.objects import ORGANIZATION, Row, columns_of, id_of, record_of
from syncline.core.errors import ProtocolError
from syncline.core.model import Record

Ask = Callable[[bool], Dialect]
"""The dialect of the service; true asks it anew."""
CHUNK = 500
"""Organisations of one call for details: what the vendor's own pages ask for at once."""
FIT_CHUNK = 40
"""Organisations of one call for the older form of the fit: each is a query of its own, and complexity is limited."""
BEGINNING = "1970-01-01T00:00:00Z"
_SEARCH = """
query SearchOrganizations($limit: Int, $where: Filter, $sort: SortBy) {
  ui_organizations_search(limit: $limit, where: $where, sort: $sort) { ids totalElements totalAvailable }
}
"""
_HIDDEN = "query HiddenOrganizations($date: Time!) { organizations_HiddenAfter(date: $date) }"
UPDATED, CREATED = "ORGANIZATIONS_UPDATED_DATE", "ORGANIZATIONS_CREATED_DATE"


@dataclass(frozen=True, slots=True)
class Found:
    """The ids a search shows, and of how many organisations there are."""

    ids: tuple[str, ...]
    available: int


class Organizations:
    """Reads organisations of one service."""

    def __init__(self, client: CustomerOSClient, ask: Ask) -> None:
        self._client = client
        self._ask = ask
        self._learn(ask(False))

    def _learn(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._columns = columns_of(ORGANIZATION, dialect)

    def search(self, limit: int, updated_since: str | None, created_since: str | None) -> Found:
        """At most so many ids in the order of creation, which no edit changes."""
        bounds = [(UPDATED, updated_since), (CREATED, created_since)]
        parts = [_at_least(name, since) for name, since in bounds if since]
        variables: dict[str, Any] = {"limit": limit, "sort": {"by": CREATED, "direction": "ASC"}}
        if parts:
            variables["where"] = {"AND": parts}
        told = self._client.query("SearchOrganizations", _SEARCH, variables).get("ui_organizations_search")
        return _found(told, limit)

    def hidden(self, since: str | None) -> list[str]:
        """The ids of organisations archived since then, sorted; none where the service cannot tell."""
        if not self._dialect.tells_hidden:
            return []
        data = self._client.query("HiddenOrganizations", _HIDDEN, {"date": since or BEGINNING})
        return sorted(set(_ids(data.get("organizations_HiddenAfter"))))

    def details(self, ids: Sequence[str], fields: Iterable[str]) -> list[Row]:
        """What there is to know of organisations by id; those that are gone are left out.

        A schema that has changed since it was asked for is asked for once more.
        """
        names = list(fields)
        try:
            return self._details(ids, names)
        except QueryRefusedError:
            self._learn(self._ask(True))
        return self._details(ids, names)

    def _details(self, ids: Sequence[str], names: list[str]) -> list[Row]:
        query = self._details_query(names)
        found: dict[str, Row] = {}
        for chunk in _chunks(ids, CHUNK):
            rows = self._client.query("Organizations", query, {"ids": chunk}).get("ui_organizations")
            if not isinstance(rows, list):
                raise ProtocolError("CustomerOS answers with no list of organisations.")
            asked = set(chunk)
            found.update({id_of(row): row for row in rows if id_of(row) in asked})
        if self._dialect.fit_apart and "icp_fit" in names:
            found = self._with_fit(found)
        return [found[id_] for id_ in dict.fromkeys(ids) if id_ in found]

    def records(self, rows: Iterable[Row], fields: Sequence[str]) -> list[Record]:
        """The records that rows show."""
        return [record_of(ORGANIZATION, row, self._columns, fields) for row in rows]

    def _details_query(self, fields: Sequence[str]) -> str:
        asked = {"id", "createdAt", "updatedAt"} | ({"website"} & self._dialect.details)
        for name in fields:
            column = self._columns.get(name)
            if column is not None and column.name in self._dialect.details:
                asked.add(column.ask)
        columns = " ".join(sorted(asked))
        return f"query Organizations($ids: [ID!]) {{ ui_organizations(ids: $ids) {{ {columns} }} }}"

    def _with_fit(self, rows: Mapping[str, Row]) -> dict[str, Row]:
        """The rows with the fit that only the older query of one organisation tells."""
        found: dict[str, Row] = {}
        for chunk in _chunks(list(rows), FIT_CHUNK):
            names = {f"o{number}": id_ for number, id_ in enumerate(chunk)}
            heads = ", ".join(f"${name}: ID!" for name in names)
            parts = " ".join(f"{name}: organization(id: ${name}) {{ id icpFit }}" for name in names)
            data = self._client.query(
                "OrganizationFits", f"query OrganizationFits({heads}) {{ {parts} }}", names
            )
            for name, id_ in names.items():
                if isinstance(told := data.get(name), dict):  # gone since its details were read
                    found[id_] = {**rows[id_], "icpFit": told.get("icpFit")}
        return found


def _at_least(name: str, since: str) -> Mapping[str, Any]:
    return {"filter": {"property": name, "operation": "GTE", "value": since, "includeEmpty": False}}


def _found(told: Any, limit: int) -> Found:
    """The answer of a search, if its numbers agree with what it brings."""
    if not isinstance(told, dict):
        raise ProtocolError("CustomerOS answers a search with no result.")
    ids = _ids(told.get("ids"))
    elements = _count(told.get("totalElements"))
    if len(set(ids)) != len(ids) or len(ids) > limit or len(ids) > elements:
        raise ProtocolError(
            f"CustomerOS answers a search with {len(ids)} ids, {len(set(ids))} of them different, where {limit} were "
            f"asked for, and says that it found {elements}."
        )
    return Found(tuple(ids), _count(told.get("totalAvailable")))


def _count(total: Any) -> int:
    """A number that GraphQL's Int64 may carry as text."""
    if isinstance(total, str) and total.isascii() and total.isdigit():
        return int(total[:18])
    if isinstance(total, int) and not isinstance(total, bool):
        return total
    raise ProtocolError("CustomerOS answers a search without its totals.")


def _ids(told: Any) -> list[str]:
    if not isinstance(told, list) or not all(isinstance(id_, str) and id_ for id_ in told):
        raise ProtocolError("CustomerOS answers with no list of ids.")
    return told


def _chunks(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
