"""The CustomerOS connector: the organisations and users of one tenant, read over its GraphQL service."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from syncline.connectors.base import (
    Capabilities,
    Change,
    CheckReport,
    Clock,
    Connector,
    Cursor,
    Draft,
    Page,
    TokenStore,
)
from syncline.connectors.customeros import dialect
from syncline.connectors.customeros.client import CustomerOSClient
from syncline.connectors.customeros.dialect import Dialect
from syncline.connectors.customeros.objects import (
    KINDS,
    ORGANIZATION,
    USER,
    USER_COLUMNS,
    record_of,
    schema_of,
)
from syncline.connectors.customeros.organizations import CHUNK, Organizations
from syncline.connectors.customeros.reading import Reader
from syncline.connectors.customeros.users import Users, read_users
from syncline.connectors.http import Ledger
from syncline.core.errors import AccessError, ConfigError
from syncline.core.model import ErrorClass, Failure, Kind, Outcome, OutcomeStatus, Record
from syncline.core.schema import ObjectSchema

NOTES: Mapping[str, str] = {
    "L1": "CustomerOS archives and merges organisations. An archived one is shown with hide set; a merged one is not "
    "shown any more, which alone proves nothing.",
}


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a connection: how it reads, and its patience."""

    page_size: int = CHUNK
    overlap: timedelta = timedelta(seconds=300)
    timeout: float = 30.0


class CustomerOSConnector(Connector):
    """One tenant, as its API key sees it. Nothing is written there."""

    system = "customeros"

    def __init__(
        self,
        api_key: str,
        *,
        clock: Clock,
        base_url: str,
        options: Options | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        self._options = options or Options()
        self._clock = clock
        self._client = CustomerOSClient(
            base_url, api_key, clock=clock, timeout=self._options.timeout, ledger=ledger
        )
        self._known: Dialect | None = None

    def check(self) -> CheckReport:
        dialect_ = self._dialect()
        found = self._users()
        Organizations(self._client, self._dialect).search(1, None, None)
        lacking = () if dialect_.tells_hidden else ("organizations_HiddenAfter",)
        account = f"a CustomerOS tenant with {len(found.rows)} users"
        return CheckReport(account, "the API key", readable=tuple(KINDS), missing=lacking)

    def object_types(self) -> Mapping[str, Kind]:
        return KINDS

    def capabilities(self, object_type: str) -> Capabilities:
        self._check_type(object_type)
        return Capabilities(
            create_batch=0,
            update_batch=0,
            batch_fetch=CHUNK,
            overlap=self._options.overlap if object_type == ORGANIZATION else timedelta(0),
            time_of_change=object_type == ORGANIZATION,
            notes=NOTES,
        )

    def describe(self, object_type: str) -> ObjectSchema:
        self._check_type(object_type)
        return schema_of(object_type, self._dialect())

    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        self._check_type(object_type)
        if object_type == USER:
            yield self._user_page(cursor, fields)
            return
        source = Organizations(self._client, self._dialect)
        options = self._options
        reader = Reader(
            source,
            self._clock,
            fields,
            lambda: self._client.server_time,
            page_size=options.page_size,
            overlap=options.overlap,
        )
        yield from reader.pages(cursor)

    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Organisations by id, archived ones included; a merged one does not come back. Users are read whole."""
        self._check_type(object_type)
        wanted = [id_ for id_ in dict.fromkeys(one.strip() for one in ids) if _is_id(id_)]
        if not wanted:
            return []
        if object_type == USER:
            return [r for r in self._user_records(fields) if r.ref.remote_id in set(wanted)]
        source = Organizations(self._client, self._dialect)
        return source.records(source.details(wanted, fields), fields)

    def find(self, object_type: str, key: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:  # noqa: ARG002
        """Nothing: leads are only ever read from here, so nobody looks for the counterpart of another record."""
        raise ValueError(f"{object_type} records of CustomerOS cannot be found by {key}")

    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        return self._written(object_type, drafts)

    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        return self._written(object_type, changes)

    def calls_made(self) -> Mapping[str, int]:
        return dict(self._client.calls)

    def close(self) -> None:
        self._client.close()

    def _written(self, object_type: str, wanted: Sequence[object]) -> list[Outcome]:
        self._check_type(object_type)
        why = f"Syncline only reads {object_type} records of CustomerOS."
        refused = Outcome(OutcomeStatus.REJECTED, failure=Failure(ErrorClass.PERMISSION, "read-only", why))
        return [refused] * len(wanted)

    def _check_type(self, object_type: str) -> None:
        if object_type not in KINDS:
            raise AccessError(f"CustomerOS has no object type {object_type}.", object_type=object_type)

    def _dialect(self, anew: bool = False) -> Dialect:
        if self._known is None or anew:
            self._known = dialect.ask(self._client)
        return self._known

    def _user_page(self, cursor: Cursor | None, fields: Sequence[str]) -> Page:
        """All users in one page, or those that look otherwise than when the cursor was made."""
        known = dict((cursor or {}).get("digests") or {})
        found = self._users()
        records = [record_of(USER, row, _USER_BY_NAME, fields) for row in found.rows]
        digests = {record.ref.remote_id: _digest(record) for record in records}
        news = [r for r in records if known.get(r.ref.remote_id) != digests[r.ref.remote_id]]
        total = None if cursor else len(records)
        return Page(news, {"digests": digests}, True, found.complete and cursor is None, total)

    def _user_records(self, fields: Sequence[str]) -> list[Record]:
        return [record_of(USER, row, _USER_BY_NAME, fields) for row in self._users().rows]

    def _users(self) -> Users:
        return read_users(self._client, self._dialect().user)


_USER_BY_NAME = {column.field.name: column for column in USER_COLUMNS}
LONGEST_ID = 200


def _is_id(id_: str) -> bool:
    """Whether an id can be one: what is longer than any, or holds what no id holds, is not asked for."""
    return bool(id_) and len(id_) <= LONGEST_ID and id_.isprintable()


def _digest(record: Record) -> str:
    text = msgspec.json.encode([record.version, sorted(record.values.items())])
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def connect(
    settings: Mapping[str, Any], clock: Clock, _token_store: TokenStore, ledger: Ledger | None = None
) -> CustomerOSConnector:
    """The connector for the settings of a connection, whose secrets are resolved."""
    options = settings.get("options") or {}
    chosen = Options(
        page_size=int(_number(options, "page_size", CHUNK, 1, CHUNK)),
        overlap=timedelta(seconds=_number(options, "overlap", 300, 0, 86_400)),
        timeout=_number(options, "timeout", 30, 0.1, 600),
    )
    key = str((settings.get("credentials") or {}).get("api_key") or "")
    base_url = str(settings.get("base_url"))
    return CustomerOSConnector(key, clock=clock, base_url=base_url, options=chosen, ledger=ledger)


def _number(options: Mapping[str, Any], name: str, default: float, least: float, most: float) -> float:
    given = options.get(name, default)
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = float("nan")
    if not least <= number <= most:
        raise ConfigError(f"The option {name} of a CustomerOS connection must be from {least:g} to {most:g}.")
    return number
