"""Where a read stands: the cursor of an Apollo object type, as it is stored between pages and runs."""

from __future__ import annotations

import msgspec

from syncline.connectors.apollo.walk import Walk
from syncline.connectors.base import Cursor


class Since(msgspec.Struct):
    """What was read before: the newest stamp then, the newest rows by their digest, and the last full read.

    `marked` is when we first saw the mark. Once the overlap has passed since then and its rows were read again,
    nothing older can turn up any more: the mark is the `floor` of all later reads.
    """

    mark: str | None = None
    marked: str | None = None
    floor: str | None = None
    known: dict[str, str] = {}
    swept: str | None = None


class FullRead(msgspec.Struct):
    """A full read under way.

    It walks newest first. A search that shows too few rows for that is also walked from its oldest rows, and if
    the two do not meet, the set is read stage by stage: `stage` is read now, `left` are still to come.
    `bottom` is where the walk from the newest rows ended, `top` where the one from the oldest began.
    """

    walk: Walk
    sweep: bool = False
    stage: str | None = None
    left: list[str] = []
    bottom: str = ""
    top: str = ""
    whole: int = 0
    counted: int = 0
    proven: bool = True


class Running(msgspec.Struct):
    """A read of changes under way: `top` is the newest stamp it met, `run` how many known rows it met last."""

    walk: Walk
    began: str
    top: str | None = None
    known: dict[str, str] = {}
    run: int = 0
    complete: bool = False


class Position(msgspec.Struct):
    """One of `full` and `running` while a read is under way, neither between two reads.

    Page numbers mean something only for pages of one size, `per_page`.
    """

    since: Since
    per_page: int
    full: FullRead | None = None
    running: Running | None = None

    def cursor(self) -> Cursor:
        """The position as JSON."""
        cursor: Cursor = msgspec.to_builtins(self)
        return cursor

    @classmethod
    def read(cls, cursor: Cursor | None, per_page: int) -> Position | None:
        """The position a cursor stands for; none, which means a full read, if it cannot be gone on from."""
        if cursor is None:
            return None
        try:
            position = msgspec.convert(cursor, cls)
        except msgspec.ValidationError:
            return None
        return position if position.per_page == per_page else None
