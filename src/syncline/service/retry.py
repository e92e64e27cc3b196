"""Trying again what was refused: because a person asks for it, or a connection lets us in (rules C2, E2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from syncline.config import Document, SyncSettings, resolved
from syncline.connectors.codes import VendorCode
from syncline.connectors.registry import explained
from syncline.core.model import ErrorClass, Side
from syncline.service.due import GRACE
from syncline.store import refusals, retries, schedules
from syncline.store.error_log import SyncError
from syncline.store.refusals import RefusalFilter


@dataclass(frozen=True)
class Asked:
    """What became of a person's wish: how many errors are tried again, and which are left alone."""

    released: int
    left_alone: Sequence[SyncError]


def ask_again(document: Document, settings: SyncSettings, wanted: RefusalFilter, now: datetime) -> Asked:
    """Have the next run send again what these open errors keep back.

    What would only be refused again goes when its error is asked for by number, and is left alone otherwise.
    """
    ids, alone = [], []
    for row in refusals.listed(settings.name, wanted):
        if wanted.ids or _by_hand(document, settings, row):
            ids.append(row.pk)
        else:
            alone.append(row)
    return Asked(retries.release(settings.name, sorted(ids), now), alone)


def _by_hand(document: Document, settings: SyncSettings, row: SyncError) -> bool:
    known = _known(document, settings, row)
    return known.by_hand or known.error_class != row.error_class


def _known(document: Document, settings: SyncSettings, row: SyncError) -> VendorCode:
    return explained(document.connections[settings.connection(Side(row.side))].system, row.code, row.message)


def after_sign_in(document: Document, connection: str, now: datetime) -> int:
    """A connection lets us in: its syncs begin by themselves again; how many of them waited."""
    return schedules.release(document.syncs_over(connection), now, GRACE)


def after_test(document: Document, connection: str, now: datetime) -> int:
    """A connection was tested and lacks nothing: what it was not permitted is tried again; how many writes that are."""
    released = 0
    for name in document.syncs_over(connection):
        settings = resolved(document, name)
        for side in Side:
            if settings.connection(side) == connection:
                rows = refusals.listed(name, RefusalFilter(side=side))
                ids = [row.pk for row in rows if _by_test(_known(document, settings, row), row)]
                released += retries.release(name, ids, now)
    return released


def _by_test(known: VendorCode, row: SyncError) -> bool:
    if row.error_class == ErrorClass.PERMISSION:
        return known.by_hand or known.error_class is not ErrorClass.PERMISSION
    return known.by_test
