"""Asks Apollo and reads the envelopes of its answers; what is inside a record is read elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

from syncline.connectors.apollo.limits import LIMITS
from syncline.connectors.base import Clock
from syncline.connectors.http import Budget, HttpClient, Ledger, Reply
from syncline.connectors.oauth import TokenSession
from syncline.core.errors import AccessError, ProtocolError

BASE_URL = "https://api.apollo.io/api/v1"

_LONGEST_ID = 100
_ABSENT = ("has been deleted", "does not exist", "not a valid id", "not authorized to view this")

Row: TypeAlias = dict[str, Any]
"""A record as Apollo's JSON holds it; its id is a text that is not empty, nothing else is sure."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a search."""

    page: int
    rows: Sequence[Row]
    total: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a read of one record told: its row, or that it is `deleted`, or neither when it is not to be seen."""

    row: Row | None = None
    deleted: bool = False


class ApolloClient:
    """The calls this product makes, one method each. A 403 on a read is an `AccessError`.

    The secret is an API key, or with `bearer` an access token of OAuth; `session` brings tokens that renew
    themselves instead.
    """

    def __init__(
        self,
        base_url: str,
        secret: str,
        *,
        clock: Clock,
        bearer: bool = False,
        session: TokenSession | None = None,
        ledger: Ledger | None = None,
        timeout: float = 30.0,
        max_wait: float = 60.0,
    ) -> None:
        fixed = {"authorization": f"Bearer {secret}"} if bearer else {"x-api-key": secret}
        self._session = session
        self._http = HttpClient(
            base_url,
            clock=clock,
            budget=Budget(ledger, LIMITS, max_wait=max_wait),
            headers=session.headers if session else lambda: fixed,
            renew=session.renew if session else None,
            timeout=timeout,
            max_wait=max_wait,
            secrets=(secret,) if secret else (),
        )

    @property
    def calls(self) -> Mapping[str, int]:
        return Counter(self._http.calls) + Counter(self._session.source.calls if self._session else {})

    def close(self) -> None:
        self._http.close()
        if self._session:
            self._session.source.close()

    def get(self, endpoint: str, params: Mapping[str, str | int] | None = None) -> Any:
        """The JSON of a read without an id in its path."""
        reply = self._http.request("GET", endpoint, endpoint=endpoint, params=params, repeatable=True)
        return self._readable(reply, f"GET {endpoint}").data

    def is_logged_in(self) -> bool:
        """Whether the secret is good. Apollo answers 200 either way, so a token that ended is renewed here."""
        if self._health():
            return True
        return self._session is not None and self._session.renew() and self._health()

    def _health(self) -> bool:
        told = self.get("/auth/health")
        return isinstance(told, dict) and told.get("is_logged_in") is True

    def probe(self, method: str, endpoint: str, body: Mapping[str, Any], id_: str = "") -> Reply:
        """Any answer to a call that cannot change anything."""
        return self._http.request(
            method,
            endpoint.replace("{id}", id_),
            endpoint=endpoint,
            json=body if method != "GET" else None,
            repeatable=True,
        )

    def search(self, plural: str, page: int, per_page: int, body: Mapping[str, Any]) -> Listing:
        """One page of contacts or accounts."""
        endpoint = f"/{plural}/search"
        asked = {**body, "page": page, "per_page": per_page}
        reply = self._http.request("POST", endpoint, endpoint=endpoint, json=asked, repeatable=True)
        return read_listing(self._readable(reply, f"POST {endpoint}").data, plural, per_page)

    def listing(self, plural: str, page: int, per_page: int, **filters: str) -> Listing:
        """One page of users, deleted ones among them, or of deals; the page numbers of users come back as text."""
        data = self.get(f"/{plural}/search", {**filters, "page": page, "per_page": per_page})
        return read_listing(data, plural, per_page)

    def show(self, plural: str, singular: str, id_: str) -> Shown:
        """One record by its id."""
        endpoint = f"/{plural}/{{id}}"
        path = f"/{plural}/{quote(id_, safe='')}"
        reply = self._http.request("GET", path, endpoint=endpoint, repeatable=True)
        if reply.status == 404 or (reply.status == 422 and _tells_absence(reply)):
            return Shown(deleted="has been deleted" in error_text(reply).lower())
        data = self._readable(reply, f"GET {endpoint}").data
        row = data.get(singular) if isinstance(data, dict) else None
        return Shown(_checked_row(row, f"GET {endpoint}"))

    def write(
        self,
        method: str,
        endpoint: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Sequence[tuple[str, str]] | None = None,
        id_: str = "",
        repeatable: bool,
    ) -> Reply:
        """The answer to a write; a 4xx is about the records, and the caller looks at it."""
        path = endpoint.replace("{id}", quote(id_, safe=""))
        return self._http.request(
            method, path, endpoint=endpoint, json=body, params=params, repeatable=repeatable
        )

    def redact(self, text: str) -> str:
        """Apollo's words as one short line fit for a message."""
        return self._http.redact(text)

    def _readable(self, reply: Reply, what: str) -> Reply:
        if reply.status < 400:
            return reply
        said = self.redact(error_text(reply)) or f"HTTP {reply.status}"
        if reply.status == 403:
            raise AccessError(f"Apollo does not let this key use {what}: {said}", endpoint=what)
        raise ProtocolError(f"Apollo refused {what}: {said}", endpoint=what)


def read_listing(data: Any, plural: str, per_page: int) -> Listing:
    """A page of a search, or `ProtocolError` naming what is wrong with it.

    Pages of another size than was asked for would be counted wrongly, and rows behind them never read.
    """
    what = f"list of {plural}"
    if not isinstance(data, dict):
        raise ProtocolError(f"Apollo's {what} is not a JSON object.")
    rows, pagination = data.get(plural), data.get("pagination")
    if not isinstance(rows, list) or not isinstance(pagination, dict):
        raise ProtocolError(f"Apollo's {what} has no {plural} or no pagination.")
    number, total = _whole(pagination.get("page")), _whole(pagination.get("total_entries"))
    if number is None or total is None:
        raise ProtocolError(f"Apollo's {what} has no page number or no total.")
    if _whole(pagination.get("per_page")) not in {None, per_page} or len(rows) > per_page:
        raise ProtocolError(f"Apollo's {what} has pages of another size than the {per_page} asked for.")
    return Listing(number, [_checked_row(row, what) for row in rows], total)


def read_rows(data: Any, *names: str) -> list[Row]:
    """The records of a bulk answer under the given names; an answer without any such list is none."""
    lists = [data.get(name) for name in names] if isinstance(data, dict) else []
    if not any(isinstance(found, list) for found in lists):
        raise ProtocolError(f"Apollo's answer has no list of {' or '.join(names)}.")
    rows = [row for found in lists if isinstance(found, list) for row in found]
    return [_checked_row(row, names[0]) for row in rows]


def error_text(reply: Reply) -> str:
    """What an error answer says, wherever it says it."""
    data = reply.data
    if not isinstance(data, dict):
        return reply.text
    details = data.get("error_details")
    detailed = details.get("message") if isinstance(details, dict) else None
    texts = [data.get("error"), data.get("message"), data.get("error_message"), detailed]
    return ": ".join(text for text in texts if isinstance(text, str) and text)


def _tells_absence(reply: Reply) -> bool:
    """Whether a refusal is one of those known to mean that there is no such record for this key."""
    told = error_text(reply).lower()
    return reply.is_json and any(words in told for words in _ABSENT)


def _checked_row(row: Any, what: str) -> Row:
    id_ = row.get("id") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(id_, str) or not id_:
        raise ProtocolError(f"Apollo's answer ({what}) holds a record without an id.")
    if len(id_) > _LONGEST_ID or not id_.isprintable():
        raise ProtocolError(f"Apollo's answer ({what}) holds a record whose id cannot be one.")
    return row


def _whole(value: Any) -> int | None:
    """A number that may come as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:12])
    return value if isinstance(value, int) and value >= 0 else None
