"""What a command prints: words and tables for people, or one JSON document and nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from syncline.cli.progress import make_room

WIDE = 160
"""How wide lines may be where no terminal says how wide it is."""
LONG = 500
"""How many rows of a table its columns are measured by."""
_LONGEST = 100


class Output:
    """Where a command writes. With `as_json` the standard output holds only the document."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        out = sys.stderr if as_json else sys.stdout
        width = None if out.isatty() else WIDE
        self._console = Console(file=out, width=width, markup=False, highlight=False, emoji=False)

    def say(self, *lines: str) -> None:
        """Lines for people; with JSON they go to the standard error."""
        make_room()
        for line in lines:
            self._console.print(Text(printable(line)), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table for people; a long one as several, each as wide as its rows need."""
        make_room()
        left = iter(rows)
        part = [*islice(left, LONG)]
        self._table(columns, part)
        while part := [*islice(left, LONG)]:
            self._table(columns, part)

    def _table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell(value)) for value in row))
        self._console.print(table)

    def document(self, data: Mapping[str, Any]) -> bool:
        """Print the data as JSON if that is wanted; whether it was. What is an iterator is written as it comes."""
        if self.as_json:
            make_room()
            for piece in _pieces(data):
                sys.stdout.write(piece)
            print()
        return self.as_json


def _pieces(data: Mapping[str, Any]) -> Iterator[str]:
    before = "{"
    for name, value in data.items():
        yield f"{before}{_json(name)}: "
        if isinstance(value, Iterator):
            yield "["
            for number, row in enumerate(value):
                yield f", {_json(row)}" if number else _json(row)
            yield "]"
        else:
            yield _json(value)
        before = ", "
    yield "}" if data else "{}"


def _json(value: object) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=True)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def printable(text: str) -> str:
    """Text that cannot move the cursor or reorder what stands around it."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in text)


def cell(value: object) -> str:
    """A value as one short piece of a line."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    text = printable(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
    text = text.replace("\n", " ")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def value(value: object) -> str:
    """A value of a record as people read it: an empty one is seen as such."""
    return "(empty)" if value is None or value in ("", []) else cell(value)


def more(shown: int, total: int, how: str = "--all") -> list[str]:
    """The line that says that not everything is shown."""
    return [f"... and {total - shown} more; {how} shows them."] if shown < total else []


def counted(counts: dict[str, int]) -> str:
    """Counts in one line, without those that are zero."""
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number) or "nothing"
