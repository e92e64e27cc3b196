"""Lift: take an erasure back, by a person who says why. What was erased stays gone; the systems may show it again."""

from __future__ import annotations

from django.db import transaction

from syncline.core.errors import NotFoundError
from syncline.core.model import Record, Side
from syncline.engine.context import SyncContext
from syncline.engine.erase import Sides, all_alone
from syncline.engine.screen import fingerprint_keys, passed, screen, unscreened
from syncline.store import erasures, fingerprints, links, mirror
from syncline.store.fingerprints import FingerprintKeys


def lift(context: SyncContext, syncs: Sides, code: str, by: str, reason: str) -> int:
    """Lift the erasure of that code; how many records are read again. The next run decides about them.

    Raises `NotFoundError` where no erasure in force has the code.
    """
    with all_alone(context, syncs, "it lifts an erasure"):
        rows = erasures.in_force(code)
        if not rows:
            raise NotFoundError(
                f"no erasure in force has the code {code}", hint="List them with `syncline erase --list`."
            )
        prints = fingerprint_keys(context, erasures.prints())
        digests = set[str]().union(*(erasures.prints_of(row) for row in rows))
        shown = _read_again(context)
        with transaction.atomic():
            _free_links(syncs, prints, digests)
            for row in rows:
                erasures.lift(row, by, reason, context.now())
            screen(context)
            for side, records in shown.items():
                mirror.observe(context.connection(side), passed(context, side, records), context.now())
    return sum(len(records) for records in shown.values())


def _read_again(context: SyncContext) -> dict[Side, list[Record]]:
    """What both systems show of bare records, whoever they are: their own values alone can tell."""
    shown: dict[Side, list[Record]] = {}
    for side in Side:
        bare = mirror.by_type(mirror.erased(context.connection(side)))
        known = bare.keys() & context.schemas[side].keys()
        shown[side] = [
            record
            for object_type in sorted(known)
            for record in unscreened(context, side).fetch(
                object_type, bare[object_type], context.fields(side, object_type)
            )
        ]
    return shown


def _free_links(syncs: Sides, prints: FingerprintKeys, digests: set[str]) -> None:
    """The links that this erasure ended forbid no new ones any more."""
    for sync, connections in syncs.items():
        for side, connection in connections.items():
            ended = links.ended(sync, side, mirror.erased(connection))
            mine = [r for r in ended if digests & prints.each([fingerprints.of_ref(connection, r)])]
            links.free(sync, side, mine)
