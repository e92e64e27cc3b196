"""Runs queries: one batch of rows at a time, and the way to the next batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from syncline.connectors.http import Reply
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.failures import Problem, read_problems
from syncline.core.errors import ProtocolError

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a query's result, the size of the whole result, and where the next rows are."""

    rows: list[Row]
    total: int
    more: str | None


class QueryRefusedError(ProtocolError):
    """A query was not run; `problem` says why, for those who can ask another way."""

    def __init__(self, message: str, problem: Problem) -> None:
        super().__init__(message, reason=problem.code)
        self.problem = problem


def run(client: SalesforceClient, query: str, *, with_deleted: bool = False) -> Batch:
    """The first batch of a query's result."""
    route = "/queryAll" if with_deleted else "/query"
    reply = client.send("GET", route, endpoint=route, params={"q": query})
    return _batch(client, route, reply)


def follow(client: SalesforceClient, more: str) -> Batch:
    """The batch behind another one."""
    route = "/query/{locator}"
    return _batch(client, route, client.send("GET", _own_path(client, more), endpoint=route))


def run_all(client: SalesforceClient, query: str, *, with_deleted: bool = False) -> Iterator[Row]:
    """Every row of a result that is small enough to be read at one go."""
    batch = run(client, query, with_deleted=with_deleted)
    followed: set[str] = set()
    while True:
        yield from batch.rows
        if batch.more is None:
            return
        if batch.more in followed:
            raise ProtocolError("Salesforce names a page of a query as its own next page.")
        followed.add(batch.more)
        batch = follow(client, batch.more)


def _batch(client: SalesforceClient, route: str, reply: Reply) -> Batch:
    if reply.status >= 400:
        error = client.refusal("GET", route, reply)
        problems = read_problems(reply.data)
        if isinstance(error, ProtocolError) and problems:
            raise QueryRefusedError(error.message, problems[0])
        raise error
    data = reply.data if isinstance(reply.data, dict) else {}
    rows, total, done = data.get("records"), data.get("totalSize"), data.get("done")
    more = data.get("nextRecordsUrl")
    sound = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    if not sound or not isinstance(total, int) or not isinstance(done, bool):
        raise ProtocolError(f"The answer to GET {route} lacks records, totalSize or done.")
    if not done and not (isinstance(more, str) and more):
        raise ProtocolError(f"The answer to GET {route} has more pages and does not say where.")
    return Batch(rows or [], total, None if done else more)


def _own_path(client: SalesforceClient, more: str) -> str:
    """The path of a next page; one that leads to another host would take the token with it."""
    parts = urlsplit(more)
    own = urlsplit(client.base_url)
    elsewhere = (parts.scheme or parts.netloc) and (parts.scheme, parts.netloc) != (own.scheme, own.netloc)
    if elsewhere or not parts.path.startswith("/services/data/") or ".." in parts.path:
        raise ProtocolError("Salesforce names a next page that is not its own.")
    return parts.path + (f"?{parts.query}" if parts.query else "")
