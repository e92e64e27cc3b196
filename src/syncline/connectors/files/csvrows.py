"""Rows of a CSV file, each with the line it begins on; a bad row is told and the next one is read."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from itertools import chain

from syncline.connectors.files.lines import LONGEST_LINE, Line
from syncline.connectors.files.problems import BadFileError, Problems

MOST_LINES = 1_000
_DELIMITERS = ",;\t|"

Cells = tuple[int, list[str], bool]
"""The line a row begins on, its values, and whether a line break ends it."""


class _TooLongError(Exception):
    """A row goes on for more lines than a row can."""


class _Feed:
    """Gives lines to the parser, remembers those of the row at work, and can take them back."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._again: deque[Line] = deque()
        self.taken: list[Line] = []

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        if line[1] is None or len(self.taken) > MOST_LINES:
            raise _TooLongError
        return line[1]

    def give_back(self) -> None:
        """All but the first line of the row at work will be read again."""
        self._again.extendleft(reversed(self.taken[1:]))


def csv_rows(lines: Iterator[Line], delimiter: str, problems: Problems) -> Iterator[Cells]:
    """The rows, the headings first. A delimiter is guessed from the headings where none is given."""
    first = next(lines, None)
    if first is None:
        return
    feed = _Feed(chain([first], lines))
    reader = csv.reader(feed, strict=True, delimiter=delimiter or _guessed(first[1] or ""))
    width = 0
    while True:
        feed.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLongError) as error:
            number, text = feed.taken[0]
            if not width:
                raise BadFileError(
                    "heading", f"the headings in line 1 cannot be read: {_why(error)}"
                ) from error
            problems.add("row", number, f"this row is left out: {_why(error, text)}")
            feed.give_back()
            continue
        if not any(cells):
            continue
        width = width or len(cells)
        if len(cells) < width or any(cells[width:]):
            count = f"it has {len(cells)} values under {width} headings"
            problems.add("row", feed.taken[0][0], f"this row is left out: {count}")
            feed.give_back()  # an open quotation mark may have swallowed good rows
        else:
            yield feed.taken[0][0], cells, (feed.taken[-1][1] or "").endswith("\n")


def _guessed(heading: str) -> str:
    """The sign that stands most often in the headings, outside quotes."""
    bare = "".join(heading.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _why(error: Exception, text: str | None = "") -> str:
    said = str(error)
    if text is None:
        return f"the line is longer than {LONGEST_LINE:,} bytes"
    if isinstance(error, _TooLongError) or "end of data" in said:
        return "a quotation mark is opened and not closed"
    if "field limit" in said:
        return (
            f"a value is longer than {csv.field_size_limit():,} characters, or a quotation mark is not closed"
        )
    if "expected after" in said:
        return "there is text behind a closing quotation mark; a quotation mark inside a value is doubled"
    return "there is a line break of another system inside it" if "new-line" in said else said
