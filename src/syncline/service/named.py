"""A connector whose errors name the connection: its own code knows only the system's address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from syncline.connectors.base import Capabilities, Change, CheckReport, Connector, Cursor, Draft, Page
from syncline.core.errors import ProtocolError, RemoteError
from syncline.core.model import Kind, Outcome, Raw, Record
from syncline.core.schema import ObjectSchema


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Put the connection's name into errors of its system, and into what cures them."""
    try:
        yield
    except (RemoteError, ProtocolError) as error:
        if "connection" not in error.context:
            error.context["connection"] = name
            error.message = f"Connection {name}: {error.message}"
            error.cure = re.sub(r"(connection [a-z]+) NAME\b", rf"\1 {name}", error.cure)
            error.args = (error.message,)
        raise


class NamedConnector(Connector):
    """Does what the connector does that it stands before."""

    def __init__(self, name: str, inner: Connector) -> None:
        self.system = inner.system
        self._name = name
        self._inner = inner

    def check(self) -> CheckReport:
        with naming(self._name):
            return self._inner.check()

    def object_types(self) -> Mapping[str, Kind]:
        return self._inner.object_types()

    def capabilities(self, object_type: str) -> Capabilities:
        return self._inner.capabilities(object_type)

    def describe(self, object_type: str) -> ObjectSchema:
        with naming(self._name):
            return self._inner.describe(object_type)

    def options_by_record_type(self, object_type: str) -> Mapping[str, Mapping[str, frozenset[str]]]:
        with naming(self._name):
            return self._inner.options_by_record_type(object_type)

    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        with naming(self._name):
            yield from self._inner.changes(object_type, cursor, fields)

    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        with naming(self._name):
            return self._inner.fetch(object_type, ids, fields)

    def find(self, object_type: str, key: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        with naming(self._name):
            return self._inner.find(object_type, key, values, fields)

    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        with naming(self._name):
            return self._inner.create(object_type, drafts)

    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        with naming(self._name):
            return self._inner.update(object_type, changes)

    def delete(self, object_type: str, ids: Sequence[str]) -> list[Outcome]:
        with naming(self._name):
            return self._inner.delete(object_type, ids)

    def stored_as(self, object_type: str, name: str, value: Raw) -> Raw:
        return self._inner.stored_as(object_type, name, value)

    def calls_for_update(self, object_type: str, changes: Sequence[frozenset[str]]) -> int:
        return self._inner.calls_for_update(object_type, changes)

    def calls_for_create(self, object_type: str, drafts: Sequence[frozenset[str]]) -> int:
        return self._inner.calls_for_create(object_type, drafts)

    def calls_made(self) -> Mapping[str, int]:
        return self._inner.calls_made()

    def close(self) -> None:
        self._inner.close()
