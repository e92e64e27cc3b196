"""What cannot be read in a file, told by file and line, and how much of it is listed."""

from __future__ import annotations

from syncline.connectors.base import Note

MOST_NOTES = 20
"""So many problems of one file are listed one by one; the others are counted."""


class BadRowError(Exception):
    """One row cannot be used; its neighbours can."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class BadFileError(BadRowError):
    """A whole file cannot be used; other files of the folder can."""


class Problems:
    """The problems of one file, as many as are worth listing."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._notes: list[Note] = []
        self._counts: dict[str, int] = {}

    def clear(self) -> None:
        """The file is read once more from its start."""
        self._notes.clear()
        self._counts.clear()

    def add(self, code: str, line: int | None, message: str) -> None:
        self._counts[code] = self._counts.get(code, 0) + 1
        if len(self._notes) < MOST_NOTES:
            self._notes.append(Note(code, place(self._file, line), message))

    def add_once(self, code: str, line: int, message: str) -> None:
        """The first of a kind that concerns many lines."""
        if code not in self._counts:
            self.add(code, line, message)

    @property
    def codes(self) -> frozenset[str]:
        """The kinds of problems there are, listed or not."""
        return frozenset(self._counts)

    @property
    def notes(self) -> list[Note]:
        more = sum(self._counts.values()) - len(self._notes)
        if not more:
            return list(self._notes)
        kinds = ", ".join(sorted(self._counts))
        return [*self._notes, Note("more", self._file, f"{more:,} more problems are not listed ({kinds})")]


def place(file: str, line: int | None) -> str:
    """How a message names a line of a file."""
    return file if line is None else f"{file}, line {line:,}"
