"""Where a read of one object type stands: the position in the order of stamps, and what the overlap showed."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

import msgspec

from syncline.connectors.base import Cursor
from syncline.connectors.salesforce import stamps
from syncline.connectors.salesforce.query import Row

FORMAT = 1
MOST_REMEMBERED = 2_000
"""Rows of the overlap that are remembered. Those beyond it are shown again, which costs time and does no harm."""
_DIGEST = 11


@dataclass
class Progress:
    """The state of one pass over the rows by (SystemModstamp, Id).

    A pass begins behind `stamp` and `last_id`. `horizon` is a moment of the server's before which, less the
    overlap, nothing can appear any more: it is fixed when a pass begins, and the next pass begins there.
    Rows are remembered by a digest of all they show: the server's stamps have whole seconds, so an equal stamp
    does not prove an equal row.
    """

    full: bool = True
    finished: bool = False
    stamp: datetime | None = None
    last_id: str = ""
    horizon: datetime | None = None
    newest: datetime | None = None
    total: int | None = None
    shown: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: Cursor | None) -> Self:
        """The progress a cursor tells; one of another format begins anew, which loses nothing."""
        if cursor is None or cursor.get("format") != FORMAT:
            return cls()
        return cls(
            full=cursor.get("full") is True,
            finished=cursor.get("finished") is True,
            stamp=stamps.parse(cursor.get("stamp")),
            last_id=str(cursor.get("id") or ""),
            horizon=stamps.parse(cursor.get("horizon")),
            newest=stamps.parse(cursor.get("newest")),
            total=_count(cursor.get("total")),
            shown={str(key): _cut(value) for key, value in dict(cursor.get("shown") or {}).items()},
        )

    def cursor(self) -> Cursor:
        """What to store to go on from here, as plain JSON."""
        return {
            "format": FORMAT,
            "full": self.full,
            "finished": self.finished,
            "stamp": _text(self.stamp),
            "id": self.last_id,
            "horizon": _text(self.horizon),
            "newest": _text(self.newest),
            "total": self.total,
            "shown": {stamp: "".join(digests) for stamp, digests in self.shown.items()},
        }

    def begin_next(self, overlap: timedelta) -> None:
        """Turn a finished pass into the beginning of the next."""
        self.full, self.finished, self.total = False, False, None
        self.stamp = self.horizon - overlap if self.horizon else None
        self.last_id = ""
        self.horizon = None
        self._forget_before(self.stamp)

    def fix_horizon(self, surely_past: datetime, surely_not_past: datetime) -> None:
        """Note a moment of the server's that is not later than the beginning of this pass.

        The newest stamp seen before is one as well, unless it lies in what must be the future.
        """
        newest = min(self.newest, surely_not_past) if self.newest else surely_past
        self.horizon = max(surely_past, newest)

    def is_new(self, row: Row, stamp: datetime, overlap: timedelta) -> bool:
        """Whether a row was not shown just so before; it is remembered if the next pass will meet it again."""
        key = stamps.shown(stamp)
        met_again = self.horizon is None or stamp > self.horizon - overlap
        if not met_again and key not in self.shown:
            return True
        digest = digest_of(row)
        if digest in self.shown.get(key, ()):
            return False
        if met_again:
            self.shown.setdefault(key, []).append(digest)
        return True

    def move_to(self, stamp: datetime, row_id: str) -> None:
        """The pass has shown everything up to this row."""
        self.stamp, self.last_id = stamp, row_id
        self.newest = max(self.newest, stamp) if self.newest else stamp

    def trim(self) -> None:
        """Keep the memory within its bounds; the newest rows stay the longest in the overlap."""
        room = MOST_REMEMBERED
        kept: dict[str, list[str]] = {}
        for key in sorted(self.shown, reverse=True):
            kept[key] = self.shown[key][-room:] if room > 0 else []
            room -= len(kept[key])
        self.shown = {key: kept[key] for key in sorted(kept) if kept[key]}

    def _forget_before(self, stamp: datetime | None) -> None:
        if stamp is not None:
            edge = stamps.shown(stamp)
            self.shown = {key: digests for key, digests in self.shown.items() if key >= edge}


def digest_of(row: Row) -> str:
    """A short text that is equal for rows that show the same."""
    plain = sorted((name, value) for name, value in row.items() if name != "attributes")
    told = hashlib.blake2b(msgspec.json.encode(plain), digest_size=8).digest()
    return urlsafe_b64encode(told).decode()[:_DIGEST]


def _cut(text: Any) -> list[str]:
    whole = str(text)
    return [whole[start : start + _DIGEST] for start in range(0, len(whole), _DIGEST)]


def _text(moment: datetime | None) -> str | None:
    return stamps.shown(moment) if moment else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
