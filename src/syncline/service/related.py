"""Which syncs know the same records: those that share a connection, and those that share one with these."""

from __future__ import annotations

from collections.abc import Mapping

from syncline.config import Document
from syncline.core.model import Side


def related(document: Document, name: str) -> Mapping[str, Mapping[Side, str]]:
    """The connections of a sync and of every sync that may have copies of its records, by name."""
    all_of_them = {
        sync: {Side.LEFT: each.left, Side.RIGHT: each.right} for sync, each in document.syncs.items()
    }
    found = {name: all_of_them[name]}
    while True:
        shared = {connection for sides in found.values() for connection in sides.values()}
        near = {sync: sides for sync, sides in all_of_them.items() if shared & set(sides.values())}
        if near.keys() == found.keys():
            return found
        found = near
