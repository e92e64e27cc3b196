"""How records of the system in memory end and come back: deleted, merged, converted, restored, purged."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from syncline.connectors.memory.rows import Row, Rows
from syncline.core.model import Ending, Fate, Raw, Ref
from syncline.core.schema import FieldType, ObjectSchema

Values = Mapping[str, Raw]
REFERENCES = frozenset({FieldType.REFERENCE, FieldType.OWNER})


class Endings(ABC):
    """What people do to whole records; references follow them as far as the system lets them."""

    rows: Rows
    types: dict[str, ObjectSchema]

    def remove(self, object_type: str, id_: str) -> None:
        """A person deletes a record; references to it become empty."""
        if row := self._own(object_type, id_):
            self._delete(row, person=True)

    def restore(self, object_type: str, id_: str) -> None:
        """A person takes a record out of the bin again; one that was merged stands on its own again."""
        if row := self._own(object_type, id_, deleted=True):
            self._replace(row, row.values, person=True)

    def merge(
        self, object_type: str, survivor: str, losers: Sequence[str], values: Values | None = None
    ) -> None:
        """A person merges records into one of them, which gets these values; references go over to it."""
        kept = self._own(object_type, survivor)
        gone = [row for id_ in losers if (row := self._own(object_type, id_))] if kept else []
        fate = Fate(Ending.MERGED, (Ref(object_type, survivor),))
        for row in gone:
            self._end(row, fate, survivor, person=True)
        if kept and gone:
            latest = self._latest(kept)
            self._replace(latest, {**latest.values, **(values or {})}, person=True)

    def convert(self, object_type: str, id_: str, into: Sequence[Ref]) -> None:
        """A person converts a record into others, which are there already."""
        if row := self._own(object_type, id_):
            self._end(row, Fate(Ending.CONVERTED, tuple(into)), None, person=True)

    def decree(self, object_type: str, id_: str, fate: Fate | None) -> None:
        """Say of a deleted record that it went on elsewhere, whatever sense that makes."""
        row = self.rows.committed[object_type, id_]
        self._write(replace(self._stamped(row, row.values, deleted=True), fate=fate), person=True)

    def purge(self, object_type: str, id_: str) -> None:
        """A record is gone without a trace: no listing and no read by id shows it any more."""
        self.rows.forget(object_type, id_)

    def _end(self, row: Row, fate: Fate, heir: str | None, *, person: bool) -> None:
        self._repoint(row, heir, person=person)
        gone = self._stamped(self._latest(row), row.values, deleted=True)
        self._write(replace(gone, fate=fate), person=person)

    def _delete(self, row: Row, *, person: bool = False) -> Row:
        gone = self._stamped(row, row.values, deleted=True)
        self._repoint(row, None, person=person)
        return self._write(gone, person=person)

    def _repoint(self, row: Row, heir: str | None, *, person: bool) -> None:
        for other in [r for r in self.rows.committed.values() if not r.deleted]:
            moved = dict.fromkeys(self._pointers(self._latest(other), row), heir)
            if moved:
                self._replace(self._latest(other), {**self._latest(other).values, **moved}, person=person)

    def _pointers(self, row: Row, target: Row) -> list[str]:
        fields = self.types[row.object_type].fields.values()
        pointing = [f.name for f in fields if f.type in REFERENCES and target.object_type in f.refers_to]
        return [name for name in pointing if row.values.get(name) == target.id]

    def _stamped(self, row: Row, values: Values, *, deleted: bool) -> Row:
        return self.rows.restamped(row, self._now(), values, deleted=deleted)

    def _latest(self, row: Row) -> Row:
        self.rows.commit_pending(row.object_type, row.id)
        return self.rows.committed[row.object_type, row.id]

    def _own(self, object_type: str, id_: str, *, deleted: bool = False) -> Row | None:
        """The row a person works on; nothing if somebody else's late commit came first and settled it."""
        before = self.rows.get(object_type, id_)
        self.rows.commit_pending(object_type, id_)
        row = self.rows.committed[object_type, id_]
        if row.deleted is deleted:
            return row
        if row is before:
            raise KeyError(f"{object_type}/{id_} is {'' if row.deleted else 'not '}deleted")
        return None

    @abstractmethod
    def _now(self) -> datetime: ...

    @abstractmethod
    def _replace(self, row: Row, values: Values, *, person: bool = False) -> Row: ...

    @abstractmethod
    def _write(self, row: Row, *, person: bool) -> Row: ...
