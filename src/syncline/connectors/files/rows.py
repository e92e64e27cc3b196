"""Rows of any file as values of our fields, with what tells one company from another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import BinaryIO

from syncline.connectors.files.columns import MOST_COLUMNS, implied_by, names_of
from syncline.connectors.files.csvrows import Cells, csv_rows
from syncline.connectors.files.jsonrows import json_rows
from syncline.connectors.files.lines import text_lines
from syncline.connectors.files.problems import BadFileError, BadRowError, Problems
from syncline.connectors.files.settings import FileSettings
from syncline.core.model import Raw
from syncline.core.normalise import email, fold, normalise
from syncline.core.schema import FieldType

Values = Mapping[str, Raw]
Row = tuple[int, Values]

LONGEST_KEY = 255
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?#]|\Z)")
_PLAIN_DOMAIN = re.compile(r"(?!www\.)[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+", re.ASCII)
"""Most domains are in their one form already, and to find that out again takes as long as the rest of a row."""

LINES_DESCRIBED = 1_000
"""JSON lines have no headings: so many of them show which fields there are."""


class RowReader:
    """Reads files as one connection is told to."""

    def __init__(self, settings: FileSettings) -> None:
        self._settings = settings
        self.key = tuple(name or "" for name in names_of(settings.key, settings))
        self._names = lru_cache(maxsize=32)(lambda headings: names_of(headings, settings))

    def rows(self, stream: BinaryIO, form: str, problems: Problems, *, whole: bool = True) -> Iterator[Row]:
        """The good rows; the others are told to `problems`. Unless the file is `whole`, a last row without a line
        break is left out: it may be half of one. Raises `BadFileError`."""
        read = self._csv if form == "csv" else self._json
        for line, values, ended in read(stream, problems):
            if not (ended or whole):
                problems.add("unfinished", line, "this row is read when the file is finished")
                return
            try:
                yield line, self._finished(values)
            except BadRowError as error:
                problems.add(error.code, line, f"this row is left out: {error.message}")

    def id_of(self, values: Values) -> str:
        """What identifies a row; raises `BadRowError` where nothing does."""
        parts = [_canonical(name, values.get(name)) for name in self.key]
        found = parts[0] if len(parts) == 1 else " | ".join(part.replace("|", "%7C") for part in parts)
        if not any(parts):
            named = " and ".join(self.key)
            raise BadRowError("no-key", f"it has no usable {named}, so it cannot be told from others")
        if len(found) > LONGEST_KEY:
            raise BadRowError(
                "no-key", f"its {' and '.join(self.key)} is longer than {LONGEST_KEY} characters"
            )
        return found

    def headings(self, stream: BinaryIO, form: str) -> dict[str, str]:
        """The headings of a file by field; of JSON lines, the names in the first of them."""
        problems = Problems("")
        lines = text_lines(stream, self._settings.encoding, problems)
        if form == "csv":
            headings = self._heading(csv_rows(lines, self._settings.delimiter, problems))
            return self._labels(headings)
        found: dict[str, str] = {}
        for _, values, _ in islice(json_rows(lines, problems), LINES_DESCRIBED):
            if len(found) < MOST_COLUMNS:
                with suppress(BadFileError):  # the line is told when it is read
                    found = self._labels(list(values)) | found
        return found

    def _labels(self, headings: list[str]) -> dict[str, str]:
        names = self._names(tuple(headings))
        return {name: heading.strip() for name, heading in zip(names, headings, strict=True) if name}

    def _heading(self, rows: Iterator[Cells]) -> list[str]:
        heading = next(rows, None)
        if heading is None:
            raise BadFileError("empty", "the file is empty")
        self._check_heading(heading[1], self._names(tuple(heading[1])))
        return heading[1]

    def _csv(self, stream: BinaryIO, problems: Problems) -> Iterator[tuple[int, dict[str, Raw], bool]]:
        lines = text_lines(stream, self._settings.encoding, problems)
        rows = csv_rows(lines, self._settings.delimiter, problems)
        headings = self._heading(rows)
        names, implied = self._names(tuple(headings)), implied_by(headings)
        if None in names:
            problems.add("heading", 1, "a column without a heading is not read")
        for line, cells, ended in rows:
            found = {name: cell for name, cell in zip(names, cells, strict=False) if name}
            yield line, {**implied, **found}, ended

    def _check_heading(self, headings: list[str], names: list[str | None]) -> None:
        if "\0" in "".join(headings):
            why = "the headings hold NUL characters; if the file is UTF-16, set the option encoding to utf-16"
            raise BadFileError("heading", why)
        if not any(name in names for name in self.key):
            shown = ", ".join(repr(h.strip()[:40]) for h in headings[:20])
            raise BadFileError("key", f"no column holds {' or '.join(self.key)}; the headings are {shown}")

    def _json(self, stream: BinaryIO, problems: Problems) -> Iterator[tuple[int, dict[str, Raw], bool]]:
        for line, found, ended in json_rows(text_lines(stream, self._settings.encoding, problems), problems):
            try:
                names = self._names(tuple(found))
            except BadFileError as error:
                problems.add(error.code, line, f"this line is left out: {error.message}")
                continue
            pairs = zip(names, found.values(), strict=True)
            yield line, {name: value for name, value in pairs if name}, ended

    def _finished(self, values: dict[str, Raw]) -> Values:
        text = "".join(value for value in values.values() if isinstance(value, str))
        if "\0" in text:
            raise BadRowError("characters", "a value holds a NUL character")
        if not text.isascii() and _broken(text):
            raise BadRowError("characters", "a value holds bytes that are no character in any known encoding")
        found = {**self._settings.constants, **values}
        if "owner_email" in found and "owner_id" not in found:
            found["owner_id"] = found["owner_email"]
        if "owner_id" in found:
            found["owner_id"] = user_id(found["owner_id"])
        return found


def user_id(owner: Raw) -> str | None:
    """The id of the user a row names as its owner."""
    return email(str(owner))[:LONGEST_KEY] or None if owner is not None else None


def _broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _canonical(name: str, value: Raw) -> str:
    """A key in one form. A domain keeps its path, so that two pages of a social network are two companies."""
    if value is None:
        return ""
    if name != "primary_domain":
        return fold(str(value))
    text = str(value)
    if _PLAIN_DOMAIN.fullmatch(text):
        return text
    found = str(normalise(FieldType.URL, text) or "")
    return found if _HOST.match(found) else ""
