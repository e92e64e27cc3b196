"""Which keys a read has met, in twenty-five bytes a key or so: a set of texts would grow with the files."""

from __future__ import annotations

from array import array

_BITS = (1 << 64) - 1


class Seen:
    """Remembers the hashes of keys. Of five million keys, two are taken for one with a chance of one in a million,
    and not the same two in the next process, since Python salts its hashes."""

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * 1024))
        self._count = 0

    def add(self, key: str) -> bool:
        """Whether the key is new; it is not any more."""
        if not self._put(hash(key) & _BITS or 1):
            return False
        self._count += 1
        if self._count * 3 > len(self._table) * 2:
            self._grow()
        return True

    def _put(self, mark: int) -> bool:
        table, last = self._table, len(self._table) - 1
        place = mark & last
        while there := table[place]:
            if there == mark:
                return False
            place = (place + 1) & last
        table[place] = mark
        return True

    def _grow(self) -> None:
        old = self._table
        self._table = array("Q", bytes(16 * len(old)))
        for mark in filter(None, old):
            self._put(mark)
