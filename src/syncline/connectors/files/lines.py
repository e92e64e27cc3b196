"""Lines of text from bytes of unknown encoding, one at a time."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import IO, AnyStr, BinaryIO

from syncline.connectors.files.problems import Problems

LONGEST_LINE = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOST = "syncline-lost"
_LONE = "\udcff"


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Puts half a surrogate pair where bytes mean nothing: `values` refuses rows that hold one."""
    if isinstance(error, UnicodeDecodeError):
        return _LONE, error.end
    raise error


codecs.register_error(_LOST, _mark)

Line = tuple[int, str | None]
"""Number and text with its line break; no text where the line is too long to be one."""


def text_lines(stream: BinaryIO, encoding: str, problems: Problems) -> Iterator[Line]:
    """The lines of a file: as its byte order mark says, else each in UTF-8 or, where it is not, in `encoding`.

    Line by line, since files are put together from parts, and a file of a gigabyte is not read twice for it.
    """
    start = stream.read(4)
    stream.seek(0)
    marked = next((name for bom, name in _BOMS if start.startswith(bom)), None)
    wide = marked or encoding
    if wide != "utf-8" and (marked or "a\n".encode(encoding) != b"a\n"):
        yield from _whole_lines(io.TextIOWrapper(stream, wide, errors=_LOST, newline="\n"))
        return
    if marked:
        stream.seek(len(codecs.BOM_UTF8))
    for number, raw in _cut(stream, b"\n"):
        try:
            yield number, raw.decode() if raw else None
        except UnicodeDecodeError:
            yield number, raw.decode(encoding, _LOST) if raw else None
            message = f"not UTF-8, so this line was read as {encoding}, and so are others like it"
            problems.add_once("encoding", number, message)


def _whole_lines(text: io.TextIOWrapper) -> Iterator[Line]:
    try:
        yield from _cut(text, "\n")
    finally:
        if not text.closed:  # a read may be given up after its file was closed
            text.detach()


def _cut(stream: IO[AnyStr], end: AnyStr) -> Iterator[tuple[int, AnyStr | None]]:
    """Lines with their numbers; None for one that does not end in time, of which no more than a piece is held."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) < LONGEST_LINE or line.endswith(end):
            yield number, line
            continue
        while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(end):
            pass
        yield number, None
