"""Screen: whatever a system shows of an erased record, nothing of it gets any further (rule L4).

It stands between a system and everything else, so that no way of reading can go past it: full reads, changes,
looks by id, searches, and what a write answers. Where nobody was erased it is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from syncline.connectors.base import (
    Capabilities,
    Change,
    CheckReport,
    Connector,
    Cursor,
    Draft,
    Page,
)
from syncline.core.errors import TokenKeyError
from syncline.core.model import Kind, Outcome, Raw, Record, Ref, Side
from syncline.core.schema import ObjectSchema
from syncline.engine.context import SyncContext
from syncline.engine.lookup import keys_of
from syncline.store import erasures, fingerprints
from syncline.store.fingerprints import FingerprintKeys


def screen(context: SyncContext) -> None:
    """Have no system show the values of erased records from here on.

    Raises `TokenKeyError` where they could not be told: they would come back.
    """
    plain = {side: unscreened(context, side) for side in context.connectors}
    known = erasures.prints()
    if not known:
        context.connectors = plain
        return
    keys = fingerprint_keys(context, known)
    digests = frozenset().union(*known.values())
    context.connectors = {
        side: ScreenedConnector(connector, Screen(context, side, keys, digests))
        for side, connector in plain.items()
    }


def fingerprint_keys(context: SyncContext, known: Mapping[str, object]) -> FingerprintKeys:
    """The keys of fingerprints; raises `TokenKeyError` where one is missing that erasures were made with."""
    keys = FingerprintKeys(context.token_keys())
    if missing := known.keys() - set(keys.ids):
        raise TokenKeyError(
            "Somebody was erased with a key that encryption_key leads to no more"
            f" ({', '.join(sorted(missing))}). Without it they are not known again, and would come back.",
            hint="Add that key to encryption_key again, on a line of its own; it is needed as long as they stand.",
        )
    return keys


def unscreened(context: SyncContext, side: Side) -> Connector:
    """The connector of a side as it was before."""
    connector = context.connectors[side]
    return connector.inner if isinstance(connector, ScreenedConnector) else connector


def passed(context: SyncContext, side: Side, records: Sequence[Record]) -> list[Record]:
    """These records as the screen lets them through, if there is one."""
    connector = context.connectors[side]
    return connector.screen.records(records) if isinstance(connector, ScreenedConnector) else list(records)


@dataclass
class Screen:
    """Tells erased records of one side from others."""

    context: SyncContext
    side: Side
    keys: FingerprintKeys
    digests: frozenset[str]

    def records(self, shown: Sequence[Record]) -> list[Record]:
        """The same records; erased ones bare."""
        named = self._match_keys(shown)
        return [_bare(r) if self._erased(r, named.get(r.ref, set())) else r for r in shown]

    def outcomes(self, done: Sequence[Outcome]) -> list[Outcome]:
        """The same outcomes, with what they show of erased records bare."""
        return [replace(one, record=self.records([one.record])[0]) if one.record else one for one in done]

    def _erased(self, record: Record, named: set[str]) -> bool:
        texts = {fingerprints.of_ref(self.context.connection(self.side), record.ref), *named}
        return not self.digests.isdisjoint(self.keys.each(texts))

    def _match_keys(self, shown: Sequence[Record]) -> dict[Ref, set[str]]:
        """By which match keys each record could be known, deleted ones too."""
        found: dict[Ref, set[str]] = {}
        for kind in self.context.settings.kinds:
            types = kind.object_types(self.side)
            mine = [replace(r, deleted=False) for r in shown if r.ref.object_type in types]
            for ref, pairs in keys_of(self.context, kind, self.side, mine).items() if mine else ():
                found.setdefault(ref, set()).update(
                    fingerprints.of_key(kind.kind.value, value) for _, value in pairs
                )
        return found


def _bare(record: Record) -> Record:
    return Record(record.ref, {}, deleted=record.deleted, erased=True)


class ScreenedConnector(Connector):
    """Does what the connector does that it stands before, and shows nothing of erased records."""

    def __init__(self, inner: Connector, screen: Screen) -> None:
        self.system = inner.system
        self.inner = inner
        self.screen = screen

    def check(self) -> CheckReport:
        return self.inner.check()

    def object_types(self) -> Mapping[str, Kind]:
        return self.inner.object_types()

    def capabilities(self, object_type: str) -> Capabilities:
        return self.inner.capabilities(object_type)

    def describe(self, object_type: str) -> ObjectSchema:
        return self.inner.describe(object_type)

    def options_by_record_type(self, object_type: str) -> Mapping[str, Mapping[str, frozenset[str]]]:
        return self.inner.options_by_record_type(object_type)

    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        for page in self.inner.changes(object_type, cursor, fields):
            yield replace(page, records=self.screen.records(page.records))

    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        return self.screen.records(self.inner.fetch(object_type, ids, fields))

    def find(self, object_type: str, key: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        return self.screen.records(self.inner.find(object_type, key, values, fields))

    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        return self.screen.outcomes(self.inner.create(object_type, drafts))

    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        return self.screen.outcomes(self.inner.update(object_type, changes))

    def delete(self, object_type: str, ids: Sequence[str]) -> list[Outcome]:
        return self.screen.outcomes(self.inner.delete(object_type, ids))

    def stored_as(self, object_type: str, name: str, value: Raw) -> Raw:
        return self.inner.stored_as(object_type, name, value)

    def calls_for_update(self, object_type: str, changes: Sequence[frozenset[str]]) -> int:
        return self.inner.calls_for_update(object_type, changes)

    def calls_for_create(self, object_type: str, drafts: Sequence[frozenset[str]]) -> int:
        return self.inner.calls_for_create(object_type, drafts)

    def calls_made(self) -> Mapping[str, int]:
        return self.inner.calls_made()

    def close(self) -> None:
        self.inner.close()
