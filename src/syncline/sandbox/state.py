"""The sandbox's own database: documents by type and id, in memory and written through to one SQLite file."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from syncline.sandbox.past import Past

Document = dict[str, Any]
IndexValues = Callable[[Mapping[str, Any]], Iterable[str]]

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS documents (type TEXT, id TEXT, doc BLOB NOT NULL, PRIMARY KEY (type, id))",
    "CREATE TABLE IF NOT EXISTS seed (type TEXT, id TEXT, doc BLOB NOT NULL)",
)
_UPSERT = (
    "INSERT INTO documents (type, id, doc) VALUES (?, ?, ?)"
    " ON CONFLICT (type, id) DO UPDATE SET doc = excluded.doc"
)


class State:
    """Documents kept by type and id, in the order of their first put, surviving kill -9 of the process.

    Reads come from memory, so listings of some thousand records stay fast; every put is written to the WAL
    before it returns, or with the transaction around it. Documents must be plain JSON values.
    """

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")  # kill -9 loses nothing; only a power cut could
        for table in _SCHEMA:
            self._db.execute(table)
        self._documents: dict[str, dict[str, Document]] = {}
        self._indexes: dict[tuple[str, str], _Index] = {}
        self._revisions: Counter[str] = Counter()
        self._undo: dict[tuple[str, str], Document | None] | None = None
        self._unwritten: dict[tuple[str, str], bytes] = {}
        self._past: Past | None = None
        self._load()

    def close(self) -> None:
        """Close the file; the state cannot be used afterwards."""
        with self._lock:
            self._db.close()

    def get(self, type_: str, id_: str) -> Document | None:
        """A copy of one document, free to be edited and put back."""
        with self._lock:
            found = self._documents.get(type_, {}).get(id_)
            return None if found is None else _copy(found)

    def peek(self, type_: str, id_: str) -> Mapping[str, Any] | None:
        """One document without the cost of a copy; the caller must not change it."""
        with self._lock:
            return self._documents.get(type_, {}).get(id_)

    def all(self, type_: str) -> list[Mapping[str, Any]]:
        """Every document of a type in the order of creation; shared, so the caller must not change them.

        Within `past.as_of` it is every document there was at that moment.
        """
        with self._lock:
            documents = self._documents.get(type_, {})
            return list(documents.values()) if self._past is None else self._past.shown(type_, documents)

    def remember(self, types: Iterable[str], now: Callable[[], datetime]) -> None:
        """From now on keep what documents of these types were before they changed."""
        with self._lock:
            self._past = self._past or Past(frozenset(types), now)

    def forget(self) -> None:
        """Keep nothing but the present any more."""
        with self._lock:
            self._past = None

    def count(self, type_: str) -> int:
        """How many documents of a type there are."""
        with self._lock:
            return len(self._documents.get(type_, {}))

    def revision(self, type_: str) -> int:
        """A number that is another one after any document of the type was put, deleted or put back."""
        with self._lock:
            return self._revisions[type_]

    def put(self, type_: str, id_: str, doc: Mapping[str, Any]) -> None:
        """Store a document under its type and id, replacing what was there."""
        encoded = msgspec.json.encode(doc)
        with self._lock:
            if self._undo is None:
                self._db.execute(_UPSERT, (type_, id_, encoded))
            else:
                self._unwritten[type_, id_] = encoded
            self._replace(type_, id_, msgspec.json.decode(encoded))

    def delete(self, type_: str, id_: str) -> bool:
        """Remove a document for good; False when there was none."""
        with self._lock:
            if id_ not in self._documents.get(type_, {}):
                return False
            self._write_down()
            self._db.execute("DELETE FROM documents WHERE type = ? AND id = ?", (type_, id_))
            self._replace(type_, id_, None)
            return True

    def index(self, type_: str, key: str, values: IndexValues) -> None:
        """Keep an index named `key` over a type: `values` says under which strings a document is found."""
        with self._lock:
            made = _Index(values)
            for id_, doc in self._documents.get(type_, {}).items():
                made.replace(id_, None, doc)
            self._indexes[(type_, key)] = made

    def find(self, type_: str, key: str, value: str) -> list[Mapping[str, Any]]:
        """The documents an index lists under a value, in the order they came there; not to be changed."""
        with self._lock:
            documents = self._documents.get(type_, {})
            return [documents[id_] for id_ in self._indexes[(type_, key)].ids(value)]

    def next(self, sequence: str) -> int:
        """The next number of a named sequence, from 1, never given twice."""
        with self._lock:
            number = int((self.peek("_sequence", sequence) or {"last": 0})["last"]) + 1
            self.put("_sequence", sequence, {"last": number})
            return number

    def keep_seed(self) -> None:
        """Remember all there is now as what `reset` goes back to."""
        with self._lock:
            self._write_down()
            self._db.execute("INSERT INTO seed SELECT type, id, doc FROM documents ORDER BY rowid")

    def reset(self) -> None:
        """Go back to the seed; raises ValueError where the file remembers none."""
        with self._lock:
            if not self._db.execute("SELECT 1 FROM seed LIMIT 1").fetchone():
                raise ValueError("the state file does not remember its seed: start with a new one")
            with self.transaction():
                self._db.execute("DELETE FROM documents")
                self._db.execute("INSERT INTO documents SELECT type, id, doc FROM seed ORDER BY rowid")
            self._revisions.update(self._documents.keys())
            self._documents.clear()
            self._load()
            for (type_, key), kept in list(self._indexes.items()):
                self.index(type_, key, kept.values)

    def _load(self) -> None:
        for type_, id_, doc in self._db.execute("SELECT type, id, doc FROM documents ORDER BY rowid"):
            self._documents.setdefault(type_, {})[id_] = msgspec.json.decode(doc)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All puts and deletes inside are stored together, or none when an exception leaves the block.

        A transaction inside another belongs to the outer one.
        """
        with self._lock:
            if self._undo is not None:
                yield
                return
            self._undo = {}
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._write_down()
                self._db.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._undo = None

    def _write_down(self) -> None:
        """Hand to the database what the present transaction has put so far, each document once."""
        rows = ((type_, id_, doc) for (type_, id_), doc in self._unwritten.items())
        self._db.executemany(_UPSERT, rows)
        self._unwritten.clear()

    def _roll_back(self) -> None:
        self._db.execute("ROLLBACK")
        self._unwritten.clear()
        undo, self._undo = self._undo or {}, None
        for (type_, id_), before in reversed(undo.items()):
            self._replace(type_, id_, before)

    def _replace(self, type_: str, id_: str, after: Document | None) -> None:
        self._revisions[type_] += 1
        documents = self._documents.setdefault(type_, {})
        before = documents.get(id_)
        if self._past is not None:
            self._past.keep(type_, id_, before)
        if self._undo is not None:
            self._undo.setdefault((type_, id_), before)
        if after is None:
            documents.pop(id_, None)
        else:
            documents[id_] = after
        for (indexed_type, _), kept in self._indexes.items():
            if indexed_type == type_:
                kept.replace(id_, before, after)


class _Index:
    """Document ids by the strings they are found under."""

    def __init__(self, values: IndexValues) -> None:
        self.values = values
        self._ids: dict[str, dict[str, None]] = {}

    def replace(self, id_: str, before: Document | None, after: Document | None) -> None:
        old = set(self.values(before)) if before is not None else set()
        new = set(self.values(after)) if after is not None else set()
        for value in old - new:
            self._ids.get(value, {}).pop(id_, None)
        for value in new - old:
            self._ids.setdefault(value, {})[id_] = None

    def ids(self, value: str) -> list[str]:
        return list(self._ids.get(value, {}))


def _copy(doc: Document) -> Document:
    copied: Document = msgspec.json.decode(msgspec.json.encode(doc))
    return copied
