"""The Salesforce connector: accounts, contacts, leads, opportunities and users of one organisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

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
from syncline.connectors.oauth import Grant
from syncline.connectors.salesforce import (
    batches,
    contact_roles,
    deleting,
    finding,
    permissions,
    record_types,
    retrieve,
    soql,
    values,
    writing,
)
from syncline.connectors.salesforce.client import SalesforceClient, Settings
from syncline.connectors.salesforce.columns import Columns, columns_for
from syncline.connectors.salesforce.objects import KINDS, MERGED, ROLE_FIELDS, WRITTEN, read_schema
from syncline.connectors.salesforce.reading import WINDOW, Manner, Reader
from syncline.connectors.salesforce.records import read_record
from syncline.core.errors import AccessError
from syncline.core.model import Kind, Outcome, Raw, Record
from syncline.core.schema import ObjectSchema

OVERLAP = timedelta(seconds=600)
"""A transaction may become visible that much later than its stamps say."""
_NOTES = {
    "S1": "Salesforce takes a condition (If-Unmodified-Since) only on writes of single records. Syncline writes in "
    "batches and reads the records again just before; an edit made in between is overwritten.",
    "D2": "Contacts get a role in an opportunity, without a name for it, and one of them is the primary one. A role "
    "is never taken out. Salesforce does not count a change of roles as a change of the opportunity: one made there is "
    "seen when something else of it changes. Its currency can be mapped where the organisation has several.",
    "L1": "A deleted account takes its contacts and opportunities with it. A record that was purged from the recycle "
    "bin before Syncline read again leaves no evidence: it is listed, and nothing is concluded.",
    "L2": "Salesforce merges records by SOAP and in its pages only; merges are seen, not made.",
    "L4": "Records are restored in Salesforce's pages only; that is seen, not done.",
}


class SalesforceConnector(Connector):
    """One organisation, as one integration user."""

    system = "salesforce"

    def __init__(
        self,
        settings: Settings,
        grant: Grant,
        *,
        clock: Clock,
        token_store: TokenStore,
        overlap: timedelta = OVERLAP,
        window: int = WINDOW,
        ledger: Ledger | None = None,
    ) -> None:
        self._client = SalesforceClient(settings, grant, clock=clock, store=token_store, ledger=ledger)
        self._clock = clock
        self._overlap = overlap
        self._window = window
        self._schemas: dict[str, ObjectSchema] = {}
        self._options: dict[str, Mapping[str, Mapping[str, frozenset[str]]]] = {}
        self._read_fields: dict[str, dict[str, None]] = {}
        self._looked_again: set[str] = set()

    def check(self) -> CheckReport:
        granted = permissions.rights(self._client)
        schemas = [self.describe(name) for name in KINDS if "read" in granted[name]]
        return permissions.report(self._client, granted, schemas)

    def object_types(self) -> Mapping[str, Kind]:
        return KINDS

    def capabilities(self, object_type: str) -> Capabilities:
        writes = object_type in WRITTEN
        return Capabilities(
            create_batch=batches.BATCH if writes else 0,
            update_batch=batches.BATCH if writes else 0,
            batch_fetch=retrieve.BATCH,
            finds=frozenset(finding.KEYS[object_type]),
            overlap=self._overlap,
            sees_deletions=writes,
            tells_fates=object_type in MERGED,
            deletes=writes,
            notes=_NOTES if writes else {},
        )

    def describe(self, object_type: str) -> ObjectSchema:
        if object_type not in self._schemas:
            self._schemas[object_type] = self._described(object_type)
        return self._schemas[object_type]

    def options_by_record_type(self, object_type: str) -> Mapping[str, Mapping[str, frozenset[str]]]:
        known = self.describe(object_type).record_types
        if known and object_type not in self._options:
            self._options[object_type] = record_types.read_options(self._client, object_type, known)
        return self._options.get(object_type, {})

    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        def columns(anew: bool) -> Columns:
            if anew:
                self._describe_again(object_type)
            return self._columns(object_type, fields)

        manner = Manner(columns, self._overlap, self._window, started=self._clock.now())
        yield from Reader(self._client, object_type, manner, cursor).pages()

    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        columns = self._columns(object_type, fields)
        return self._records(object_type, retrieve.by_ids(self._client, object_type, ids, columns))

    def find(self, object_type: str, key: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        columns = self._columns(object_type, fields)
        rows = finding.find(self._client, object_type, key, values, columns)
        return [record for record in self._records(object_type, rows) if not record.deleted]

    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        schema = self._schema_for(object_type, drafts)
        return writing.create(self._client, schema, drafts, self._read_back(object_type))

    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        schema = self._schema_for(object_type, changes)
        return writing.update(self._client, schema, changes, self._read_back(object_type))

    def delete(self, object_type: str, ids: Sequence[str]) -> list[Outcome]:
        """Into the recycle bin. Salesforce takes the contacts and opportunities of an account along."""
        if object_type not in WRITTEN:
            return super().delete(object_type, ids)
        return deleting.delete(self._client, object_type, ids)

    def stored_as(self, object_type: str, name: str, value: Raw) -> Raw:
        field = self.describe(object_type).fields.get(name)
        return values.stored_as(field, value) if field else value

    def calls_for_update(self, object_type: str, changes: Sequence[frozenset[str]]) -> int:
        """The batches, and the reads that show what became of them; roles are also read before they are added."""
        plain = super().calls_for_update(object_type, changes) + self._calls_to_show(
            object_type, len(changes)
        )
        with_roles = sum(not named.isdisjoint(ROLE_FIELDS) for named in changes)
        return plain + -(-with_roles // contact_roles.PER_QUERY) + 2 * -(-with_roles // batches.BATCH)

    def calls_for_create(self, object_type: str, drafts: Sequence[frozenset[str]]) -> int:
        """Made records are read again too."""
        return super().calls_for_create(object_type, drafts) + self._calls_to_show(object_type, len(drafts))

    def _calls_to_show(self, object_type: str, count: int) -> int:
        """The calls that read written records back, and their roles where these are read."""
        schema = self.describe(object_type).fields
        read = self._read_fields.get(object_type, schema)
        shows_roles = any(name in read and name in schema for name in ROLE_FIELDS)
        return -(-count // retrieve.BATCH) + (-(-count // contact_roles.PER_QUERY) if shows_roles else 0)

    def calls_made(self) -> Mapping[str, int]:
        return dict(self._client.calls)

    def close(self) -> None:
        self._client.close()

    def _described(self, object_type: str) -> ObjectSchema:
        if object_type not in KINDS:
            raise AccessError(
                f"Syncline knows no Salesforce object type {object_type}.", object_type=object_type
            )
        answer = self._client.ask(
            "GET", f"/sobjects/{soql.name(object_type)}/describe", endpoint="/sobjects/{object}/describe"
        )
        schema = read_schema(object_type, answer)
        roles = contact_roles.described(self._client) if object_type == "Opportunity" else {}
        return replace(schema, fields={**schema.fields, **roles}) if roles else schema

    def _describe_again(self, object_type: str) -> None:
        self._schemas[object_type] = self._described(object_type)
        self._options.pop(object_type, None)

    def _columns(self, object_type: str, fields: Sequence[str]) -> Columns:
        """The columns to read. They are remembered: what a write answers shows the same fields."""
        schema = self.describe(object_type)
        self._read_fields.setdefault(object_type, {}).update(dict.fromkeys(fields))
        return columns_for(schema, fields)

    def _records(self, object_type: str, rows: Sequence[dict[str, object]]) -> list[Record]:
        return [read_record(object_type, row) for row in rows]

    def _schema_for(self, object_type: str, rows: Sequence[Draft | Change]) -> ObjectSchema:
        """The schema to write by, asked for once more if a field is missing that may be new."""
        if object_type not in WRITTEN:
            raise TypeError(f"{object_type} records are only read")
        schema = self.describe(object_type)
        if writing.unknown_names(schema, rows) and object_type not in self._looked_again:
            self._looked_again.add(object_type)
            self._describe_again(object_type)
        return self.describe(object_type)

    def _read_back(self, object_type: str) -> writing.ReadBack:
        def read(ids: Sequence[str], named: set[str]) -> list[Record]:
            known = self._read_fields.get(object_type)
            fields = [*known, *named] if known else list(self.describe(object_type).fields)
            columns = columns_for(self.describe(object_type), fields)
            return self._records(object_type, retrieve.by_ids(self._client, object_type, ids, columns))

        return read
