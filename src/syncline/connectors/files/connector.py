"""The connector: leads and their owners from files that are only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

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
from syncline.connectors.files.columns import KNOWN, field_of
from syncline.connectors.files.listing import list_files
from syncline.connectors.files.reading import FileReader, Show
from syncline.connectors.files.rows import Values
from syncline.connectors.files.settings import FileSettings
from syncline.connectors.http import Ledger
from syncline.core.errors import AccessError
from syncline.core.model import ErrorClass, Failure, Kind, Outcome, OutcomeStatus, Record, Ref
from syncline.core.schema import Field, FieldType, ObjectSchema

LEAD, USER = "lead", "user"
_KINDS = {LEAD: Kind.ACCOUNT, USER: Kind.USER}
_USER_FIELDS = {
    "email": Field("email", "E-mail", FieldType.EMAIL, creatable=False, updatable=False),
    "name": Field("name", "Name", FieldType.TEXT, creatable=False, updatable=False),
    "active": Field("active", "Active", FieldType.BOOLEAN, creatable=False, updatable=False),
}
_READ_ONLY = Failure(ErrorClass.PERMISSION, "read-only", "files are only read; nothing is written to them")


def connect(
    settings: Mapping[str, Any], clock: Clock, _token_store: TokenStore, _ledger: Ledger | None = None
) -> FilesConnector:
    """The connector for the settings of a connection; raises `ConfigError`."""
    return FilesConnector(FileSettings.of(settings.get("options") or {}), clock)


class FilesConnector(Connector):
    """One file, or the files of one folder."""

    system = "files"

    def __init__(self, settings: FileSettings, clock: Clock) -> None:
        self._settings = settings
        self._reader = FileReader(settings, clock)
        self._leads: ObjectSchema | None = None

    def check(self) -> CheckReport:
        files, _ = list_files(self._settings)
        self.describe(LEAD)
        return CheckReport(f"{self._settings.path} (files: {len(files)})", "a reader", readable=(LEAD, USER))

    def object_types(self) -> Mapping[str, Kind]:
        return _KINDS

    def capabilities(self, object_type: str) -> Capabilities:
        self._kind(object_type)
        notes = {"L1": "a row that is gone from the files is no deletion"}
        return Capabilities(create_batch=0, update_batch=0, time_of_change=False, notes=notes)

    def describe(self, object_type: str) -> ObjectSchema:
        if self._kind(object_type) is Kind.USER:
            return ObjectSchema(USER, Kind.USER, _USER_FIELDS)
        if self._leads is None:
            told = [*self._settings.constants, *self._settings.columns.values()]
            labels = {name: name for name in (*KNOWN, *told)} | self._reader.headings()
            fields = {name: field_of(name, label) for name, label in labels.items()}
            self._leads = ObjectSchema(LEAD, Kind.ACCOUNT, fields)
        return self._leads

    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        if self._kind(object_type) is Kind.ACCOUNT:
            yield from self._reader.pages(cursor, self._reader.rows.id_of, _lead_of(fields))
            return
        for page in self._reader.pages(cursor, _owner, _user_of(fields)):
            yield replace(page, notes=())  # the reading of leads tells them

    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        if not ids:
            return []
        if self._kind(object_type) is Kind.ACCOUNT:
            return self._reader.find(set(ids), self._reader.rows.id_of, _lead_of(fields))
        return self._reader.find(set(ids), _owner, _user_of(fields))

    def find(
        self,
        object_type: str,
        key: str,
        values: Sequence[str],  # noqa: ARG002 - there is no index to look them up in
        fields: Sequence[str],  # noqa: ARG002 - same
    ) -> list[Record]:
        raise ValueError(f"{object_type} records of files cannot be found by {key}")

    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        self._kind(object_type)
        return [Outcome(OutcomeStatus.REJECTED, failure=_READ_ONLY) for _ in drafts]

    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        self._kind(object_type)
        return [Outcome(OutcomeStatus.REJECTED, failure=_READ_ONLY) for _ in changes]

    def calls_made(self) -> Mapping[str, int]:
        return dict(self._reader.calls)

    @staticmethod
    def _kind(object_type: str) -> Kind:
        if object_type not in _KINDS:
            raise AccessError(f"files hold no {object_type}", object_type=object_type)
        return _KINDS[object_type]


def _lead_of(fields: Sequence[str]) -> Show:
    wanted = frozenset(fields)

    def show(key: str, values: Values) -> Record:
        return Record(Ref(LEAD, key), {name: value for name, value in values.items() if name in wanted})

    return show


def _owner(values: Values) -> str | None:
    owner = values.get("owner_id")
    return str(owner) if owner else None


def _user_of(fields: Sequence[str]) -> Show:
    wanted = frozenset(fields)

    def show(key: str, values: Values) -> Record:
        known = {
            "email": key if "@" in key else None,
            "name": values.get("owner_name") or key,
            "active": True,
        }
        return Record(Ref(USER, key), {name: value for name, value in known.items() if name in wanted})

    return show
