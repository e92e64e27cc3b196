"""The Apollo connector: accounts, contacts, deals and users of one team, read and written over the public API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from syncline.connectors.apollo import stored
from syncline.connectors.apollo.client import BASE_URL, ApolloClient, Listing, Row
from syncline.connectors.apollo.consent import token_source
from syncline.connectors.apollo.creates import Creator
from syncline.connectors.apollo.describe import describe
from syncline.connectors.apollo.labels import ListNames
from syncline.connectors.apollo.objects import (
    BATCH,
    CONTACT,
    MERGED_IDS,
    OBJECT_TYPES,
    OPPORTUNITY,
    USER,
    ObjectType,
)
from syncline.connectors.apollo.probes import check
from syncline.connectors.apollo.reading import Reader, ReadOptions
from syncline.connectors.apollo.route import OWNER, expected_calls
from syncline.connectors.apollo.rows import RowReader
from syncline.connectors.apollo.singles import SingleCreator
from syncline.connectors.apollo.updates import Updater
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
from syncline.connectors.http import Ledger
from syncline.connectors.oauth import TokenSession
from syncline.core.errors import AccessError, ConfigError
from syncline.core.model import Kind, Outcome, Raw, Record, Ref
from syncline.core.schema import ObjectSchema

NOTES: Mapping[str, str] = {
    "L1": "Apollo's public API cannot delete: the link ends and the record is marked, where the settings say how. It "
    "tells of a deletion only when it is asked for that contact, so contacts that no complete listing shows any more "
    "are asked for by id; of accounts it never tells.",
    "L2": "Apollo's public API cannot merge. A merge made in Apollo is told from a deletion only if the contact that "
    "was kept lists the CRM id of the one that was lost.",
    "L4": "Apollo's public API restores nothing.",
    "M4": "Apollo's public API cannot create stages.",
    "D2": "Apollo's public API sets neither the currency nor the contact roles of a deal, and takes whole amounts "
    "only.",
    "P0": "Apollo shows 50,000 rows of a search; larger sets are read by stage and from both ends.",
}

_FINDS: Mapping[str, tuple[str, ...]] = {
    "account": ("name",),
    "contact": ("email",),
    "opportunity": ("name",),
}


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a connection: how it reads, and its patience."""

    reading: ReadOptions = field(default_factory=ReadOptions)
    timeout: float = 30.0
    max_wait: float = 60.0
    listing_lag: timedelta = timedelta(0)
    deletion_lookups: int = 100
    bearer: bool = False


class ApolloConnector(Connector):
    """One Apollo team, as the user whom its API key, or access token (`Options.bearer`), acts as."""

    system = "apollo"

    def __init__(
        self,
        secret: str,
        *,
        clock: Clock,
        base_url: str = BASE_URL,
        options: Options | None = None,
        session: TokenSession | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        self._options = options or Options()
        self._clock = clock
        self._client = ApolloClient(
            base_url,
            secret,
            clock=clock,
            bearer=self._options.bearer,
            session=session,
            ledger=ledger,
            timeout=self._options.timeout,
            max_wait=self._options.max_wait,
        )
        self._schemas: dict[str, ObjectSchema] = {}
        self._list_names = ListNames(self._client)

    def check(self) -> CheckReport:
        return check(self._client)

    def object_types(self) -> Mapping[str, Kind]:
        return {name: each.kind for name, each in OBJECT_TYPES.items()}

    def capabilities(self, object_type: str) -> Capabilities:
        chosen = self._type(object_type)
        batch = BATCH if chosen.bulk else 1 if chosen.patch else 0
        return Capabilities(
            create_batch=batch,
            update_batch=batch,
            finds=frozenset(_FINDS.get(object_type, ())),
            listing_lag=self._options.listing_lag,
            overlap=self._options.reading.overlap if chosen is CONTACT else timedelta(0),
            shared=(OWNER, f"{chosen.name}_stage_id") if chosen is CONTACT else (),
            create_shared=(OWNER,) if chosen is CONTACT else (),
            deletions_by_id=self._options.deletion_lookups if chosen is CONTACT else 0,
            sweep_every=self._options.reading.sweep_every,
            merged_ids=MERGED_IDS if chosen is CONTACT else None,
            time_of_change=chosen is CONTACT,
            notes=NOTES,
        )

    def describe(self, object_type: str) -> ObjectSchema:
        if object_type not in self._schemas:
            self._schemas[object_type] = describe(self._client, self._type(object_type))
        return self._schemas[object_type]

    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        chosen = self._type(object_type)
        stage = self.describe(object_type).fields.get(f"{chosen.name}_stage_id")
        stages = [option.value for option in stage.options] if stage else []
        reader = Reader(
            self._client, self._clock, chosen, self._rows(chosen), stages, self._options.reading, fields
        )
        return reader.pages(cursor)

    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """One call for each id; users are searched for, since none can be read alone."""
        chosen, wanted = self._type(object_type), list(dict.fromkeys(id_.strip() for id_ in ids))
        if not wanted:
            return []
        rows = self._rows(chosen)
        if chosen is USER:
            found = [row for row in self._all_users() if row["id"] in wanted]
            return [rows.record(row, fields) for row in found]
        return [record for id_ in wanted if (record := self._fetched(chosen, rows, id_, fields))]

    def find(self, object_type: str, key: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Contacts by any of their e-mail addresses, accounts and deals by their exact name, whatever the case."""
        chosen = self._type(object_type)
        if key not in self.capabilities(object_type).finds:
            raise ValueError(f"{object_type} records cannot be found by {key}")
        rows = self._rows(chosen)
        found: dict[str, Record] = {}
        for value in dict.fromkeys(value.strip().casefold() for value in values):
            for row in self._named(chosen, value) if value else ():
                found[str(row["id"])] = rows.record(row, fields)
        return list(found.values())

    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        chosen = self._writable(object_type)
        if not drafts:
            return []
        schema = self.describe(object_type)
        if not chosen.bulk:
            return SingleCreator(self._client, chosen, schema, self._rows(chosen)).run(drafts)
        return Creator(self._client, chosen, schema, self._rows(chosen)).run(drafts)

    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        chosen = self._writable(object_type)
        if not changes:
            return []
        schema = self.describe(object_type)
        return Updater(self._client, chosen, schema, self._rows(chosen)).run(changes)

    def stored_as(self, object_type: str, name: str, value: Raw) -> Raw:
        field = self.describe(object_type).fields.get(name)
        return stored.stored_as(field, value) if field else value

    def calls_for_update(self, object_type: str, changes: Sequence[frozenset[str]]) -> int:
        return expected_calls(self._writable(object_type), changes)

    def calls_for_create(self, object_type: str, drafts: Sequence[frozenset[str]]) -> int:
        """Bulk creates, and updates for what these do not take; how many owners share them is not known."""
        chosen = self._writable(object_type)
        if not chosen.bulk:
            return len(drafts) + sum(1 for names in drafts if names - chosen.create)
        later = [frozenset(n for n in names if not chosen.takes(chosen.create, n)) for names in drafts]
        return super().calls_for_create(object_type, drafts) + expected_calls(chosen, [n for n in later if n])

    def calls_made(self) -> Mapping[str, int]:
        return dict(self._client.calls)

    def close(self) -> None:
        self._client.close()

    def _type(self, object_type: str) -> ObjectType:
        if object_type not in OBJECT_TYPES:
            raise AccessError(f"Apollo has no object type {object_type}.", object_type=object_type)
        return OBJECT_TYPES[object_type]

    def _writable(self, object_type: str) -> ObjectType:
        chosen = self._type(object_type)
        if not chosen.patch:
            raise AccessError(f"Apollo's API does not write {object_type} records.", object_type=object_type)
        return chosen

    def _rows(self, chosen: ObjectType) -> RowReader:
        return RowReader(chosen, self.describe(chosen.name), self._list_names)

    def _fetched(self, chosen: ObjectType, rows: RowReader, id_: str, fields: Sequence[str]) -> Record | None:
        shown = self._client.show(chosen.plural, chosen.name, id_)
        if shown.row is not None:
            return rows.record(shown.row, fields, full=True)
        return Record(Ref(chosen.name, id_), {}, deleted=True) if shown.deleted else None

    def _named(self, chosen: ObjectType, value: str) -> list[Row]:
        """The rows that really have a value, among those a search by words finds."""
        found: list[Row] = []
        page, pages = 1, 1
        while page <= pages:
            listing = self._search(chosen, value, page)
            pages = min(-(-listing.total // BATCH), self._options.reading.display_limit // BATCH)
            found += [row for row in listing.rows if value in _names(chosen, row)]
            page += 1
        return found

    def _search(self, chosen: ObjectType, words: str, page: int) -> Listing:
        """A page of what a search by words finds. Should deals come unfiltered, the exact name still tells them."""
        if chosen is OPPORTUNITY:
            return self._client.listing(chosen.plural, page, BATCH, q_opportunity_name=words)
        body = {"q_keywords": words} if chosen is CONTACT else {"q_organization_name": words}
        return self._client.search(chosen.plural, page, BATCH, body)

    def _all_users(self) -> list[Row]:
        found: list[Row] = []
        page, pages = 1, 1
        while page <= pages:
            listing = self._client.listing("users", page, BATCH)
            pages = -(-listing.total // BATCH) if listing.rows else 0
            found += listing.rows
            page += 1
        return found


def connect(
    settings: Mapping[str, Any], clock: Clock, token_store: TokenStore, ledger: Ledger | None = None
) -> ApolloConnector:
    """The connector for the settings of a connection, whose secrets are resolved."""
    options = settings.get("options") or {}
    credentials = settings.get("credentials") or {}
    key, token = credentials.get("api_key"), credentials.get("access_token")
    if key and token:
        raise ConfigError("An Apollo connection has an api_key or an access_token: leave one of them out.")
    reading = ReadOptions(
        per_page=int(_number(options, "page_size", BATCH, 1, BATCH)),
        overlap=timedelta(seconds=_number(options, "overlap", 300, 0, 86_400)),
        sweep_every=timedelta(hours=_number(options, "sweep_hours", 24, 0, 8_760)),
        deals_every=timedelta(hours=_number(options, "deal_hours", 1, 0, 8_760)),
        details=str(options.get("account_details", True)).lower() != "false",
    )
    chosen = Options(
        reading,
        timeout=_number(options, "timeout", 30, 0.1, 600),
        listing_lag=timedelta(seconds=_number(options, "listing_lag", 0, 0, 3_600)),
        deletion_lookups=int(_number(options, "deletion_lookups", 100, 0, 10_000)),
        bearer=bool(token),
    )
    base_url = str(settings.get("base_url") or BASE_URL)
    if settings.get("sign_in") == "oauth":
        session = TokenSession(token_source(settings, clock, token_store))
        return ApolloConnector(
            "", clock=clock, base_url=base_url, options=chosen, session=session, ledger=ledger
        )
    secret = str(token or key or "")
    return ApolloConnector(secret, clock=clock, base_url=base_url, options=chosen, ledger=ledger)


def _number(options: Mapping[str, Any], name: str, default: float, least: float, most: float) -> float:
    given = options.get(name, default)
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = float("nan")
    if not least <= number <= most:
        raise ConfigError(f"The option {name} of an Apollo connection must be from {least:g} to {most:g}.")
    return number


def _names(chosen: ObjectType, row: Row) -> set[str]:
    if chosen is not CONTACT:
        return {str(row.get("name") or "").strip().casefold()}
    entries = row.get("contact_emails")
    others = [e.get("email") for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    return {email.strip().casefold() for email in [row.get("email"), *others] if isinstance(email, str)}
