"""Pages of what files hold: all of it, or what changed since, going on where a read was cut off."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from syncline.connectors.base import Clock, Cursor, Note, Page
from syncline.connectors.files.listing import File, digest, list_files, opened, sign_of, unreachable
from syncline.connectors.files.problems import BadFileError, BadRowError, Problems, place
from syncline.connectors.files.rows import Row, RowReader, Values
from syncline.connectors.files.seen import Seen
from syncline.connectors.files.settings import FileSettings
from syncline.core.errors import ConfigError, MissingSettingError, RemoteError
from syncline.core.model import Record

_SAME_TICK = 2.0
"""A file that was written less than so many seconds ago may be written again and show the same time."""
_ATTEMPTS = 3
_LARGEST_BATCH = 4 << 20
"""Characters of text: rows may be long, and only so much of them is held at a time."""

_AGAIN = frozenset({"changing", "unfinished", "unreadable"})
_NOTHING_LOST = frozenset({"encoding", "duplicate", "heading"})

Identify = Callable[[Values], str | None]
Show = Callable[[str, Values], Record]


@dataclass(frozen=True, slots=True)
class Known:
    """A file as a read left it. No `sign`: it was too fresh for its time to be believed. No `digest`: it was
    not read to its end."""

    name: str
    sign: tuple[int, ...]
    digest: str
    notes: tuple[Note, ...]

    def to_json(self) -> list[object]:
        notes = [[note.code, note.place, note.message] for note in self.notes]
        return [self.name, list(self.sign), self.digest, notes]

    @classmethod
    def of(cls, name: str, sign: Sequence[int], digest: str, notes: Sequence[Sequence[str]]) -> Known:
        return cls(name, tuple(sign), digest, tuple(Note(*note) for note in notes))


class FileReader:
    """Reads the files of a connection, the newest first; of the rows of one key the first is shown.

    A changed file is read whole, and with it all the others, since its rows may have hidden rows of theirs; only
    where nothing but newer files came are those read alone. Who keeps the records sees which of them changed.
    """

    def __init__(self, settings: FileSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self.rows = RowReader(settings)
        self.calls: Counter[str] = Counter()
        self._fingerprint = _hash(replace(settings, page_size=1))

    def pages(self, cursor: Cursor | None, identify: Identify, show: Show) -> Iterator[Page]:
        """Pages of records: `identify` finds a row's key, or none if it is passed over; `show` makes the record."""
        files, notes = list_files(self._settings)
        since = cursor if cursor and cursor.get("settings") == self._fingerprint else {}
        known = {each[0]: Known.of(*each) for each in since.get("files", [])}
        digests = {file.name: self._digest(file, known.get(file.name)) for file in files}
        state = _hash(sorted(digests.items()))
        before: int = since["at"]["shown"] if since.get("at", {}).get("state") == state else 0
        base = {"settings": self._fingerprint} | ({"files": since["files"]} if "files" in since else {})
        left = _Left(known)
        names = _to_read(files, known, digests)
        chosen = [file for file in files if file.name in names]
        for records, shown in self._records(chosen, before, left, identify, show):
            yield Page(records, {**base, "at": {"state": state, "shown": shown}})
        kept = [self._keep(file, digests[file.name], left.files[file.name]) for file in files]
        notes += [note for each in kept for note in each.notes]
        last = {"settings": self._fingerprint, "files": [each.to_json() for each in kept]}
        whole = "files" not in since and all(note.code in _NOTHING_LOST for note in notes)
        yield Page([], last, done=True, complete=whole, notes=notes)

    def headings(self) -> dict[str, str]:
        """The fields of the files, with their headings. A file that cannot be used is told when it is read, unless
        there is no other."""
        files, _ = list_files(self._settings)
        found: dict[str, str] = {}
        for file in reversed(files):
            self.calls[f"describe {file.name}"] += 1
            try:
                with opened(file) as stream:
                    found |= self.rows.headings(stream, file.format)
            except (BadFileError, RemoteError, OSError) as error:
                self._stop(file, Problems(file.name), error)
        return found

    def find(self, wanted: set[str], identify: Identify, show: Show) -> list[Record]:
        """The records with these keys, in one pass over the files."""
        files, _ = list_files(self._settings)
        found: dict[str, Record] = {}
        for file in files:
            rows = chain.from_iterable(self._batches(file, Problems(file.name)))
            for _, values in rows:
                key = _key(identify, values)
                if key in wanted and key not in found:
                    found[key] = show(key, values)
                if len(found) == len(wanted):
                    return list(found.values())
        return list(found.values())

    def _records(
        self, files: Sequence[File], before: int, left: _Left, identify: Identify, show: Show
    ) -> Iterator[tuple[list[Record], int]]:
        """Records, and how many were shown with them; so many were shown `before`."""
        seen, shown = Seen(), 0
        for file in files:
            problems = left.begin(file.name)
            for batch in self._batches(file, problems):
                records: list[Record] = []
                for line, values in batch:
                    key = self._new_key(identify, line, values, seen, problems)
                    if key is None:
                        continue
                    shown += 1
                    if shown > before:
                        records.append(show(key, values))
                if records:
                    yield records, shown

    def _new_key(
        self, identify: Identify, line: int, values: Values, seen: Seen, problems: Problems
    ) -> str | None:
        try:
            key = identify(values)
        except BadRowError as error:
            problems.add(error.code, line, f"this row is left out: {error.message}")
            return None
        if key is None or seen.add(key):
            return key
        if self._settings.list_duplicates:
            problems.add("duplicate", line, f"another row of {key} came first, so this one is left out")
        return None

    def _batches(self, file: File, problems: Problems) -> Iterator[list[Row]]:
        """The rows of a file, once more from its start where it changed under the read: so none is hidden that was
        there when the read began. What stops a file stops the read only if it is the only one."""
        try:
            for _ in range(_ATTEMPTS):
                if (yield from self._unchanged(file, problems)):
                    return
                problems.clear()
                problems.add("changing", None, "it changed while it was read and is read again next time")
                file = replace(file, sign=sign_of(file.path.stat()))
        except (BadFileError, RemoteError, OSError) as error:
            self._stop(file, problems, error)

    def _unchanged(self, file: File, problems: Problems) -> Generator[list[Row], None, bool]:
        """The rows of a file as long as it is as it was listed, and whether it still is at its end."""
        self.calls[f"read {file.name}"] += 1
        whole = self._age(file) >= self._settings.settle
        with opened(file) as stream:
            rows = self.rows.rows(stream, file.format, problems, whole=whole)
            while sign_of(os.fstat(stream.fileno())) == file.sign:
                batch = _batch(rows, self._settings.page_size)
                if not batch:
                    return True
                if sign_of(os.fstat(stream.fileno())) == file.sign:
                    yield batch
        return False

    def _stop(self, file: File, problems: Problems, error: BadFileError | RemoteError | OSError) -> None:
        known = unreachable(file.path, error) if isinstance(error, OSError) else error
        if self._settings.path.is_dir():
            code = known.code if isinstance(known, BadFileError) else "unreadable"
            problems.add(code, None, f"this file is left out: {known.message}")
        elif isinstance(known, BadFileError):
            raise setting_error(file, known) from error
        else:
            raise known from error

    def _digest(self, file: File, known: Known | None) -> str:
        if known and known.digest and known.sign == file.sign:
            return known.digest
        try:
            return digest(file)
        except (RemoteError, OSError) as error:
            self._stop(file, Problems(file.name), error)
            return ""

    def _keep(self, file: File, now: str, known: Known | Problems) -> Known:
        """A file as the next read should know it."""
        sign = file.sign if self._age(file) > _SAME_TICK else ()
        if isinstance(known, Known):
            return replace(known, sign=sign)
        return Known(file.name, sign, "" if known.codes & _AGAIN else now, tuple(known.notes))

    def _age(self, file: File) -> float:
        """Seconds since a file was written; it may come from a machine whose clock is ahead."""
        return self._clock.now().timestamp() - file.sign[1] / 1e9


class _Left:
    """What is known of each file in the end: what was known before, or the problems of this read."""

    def __init__(self, known: Mapping[str, Known]) -> None:
        self.files: dict[str, Known | Problems] = dict(known)

    def begin(self, name: str) -> Problems:
        self.files[name] = problems = Problems(name)
        return problems


def _batch(rows: Iterator[Row], size: int) -> list[Row]:
    batch: list[Row] = []
    length = 0
    for row in islice(rows, size):
        batch.append(row)
        length += sum(len(value) for value in row[1].values() if isinstance(value, str))
        if length > _LARGEST_BATCH:
            break
    return batch


def _hash(what: object) -> str:
    return hashlib.blake2b(repr(what).encode(), digest_size=16).hexdigest()


def _to_read(files: Sequence[File], known: Mapping[str, Known], digests: Mapping[str, str]) -> list[str]:
    """The files whose rows have to be shown (see `FileReader`)."""
    names = [file.name for file in files]
    new = [name for name in names if name not in known]
    same = [n for n in names if n in known] == list(known)
    if not same or any(each.digest != digests[name] for name, each in known.items()):
        return names
    return new if names[: len(new)] == new else names


def _key(identify: Identify, values: Values) -> str | None:
    try:
        return identify(values)
    except BadRowError:
        return None


def setting_error(file: File, problem: BadFileError) -> ConfigError:
    """A file that no row of can be used, where it is the only one."""
    message = f"{place(file.name, None)}: {problem.message}."
    if problem.code == "key":
        return MissingSettingError(
            message, hint="Say with the options columns or key which column identifies a company."
        )
    return ConfigError(message, hint="Correct the file, or the options columns, delimiter and encoding.")
