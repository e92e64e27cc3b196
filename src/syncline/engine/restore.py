"""Restore: records that live again although their link ended, because one of its records was gone (rule L4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncline.core.fate import DELETED, REMOVED
from syncline.core.inherit import without_mark
from syncline.core.model import Ending, Record, Ref, Side
from syncline.core.place import Restored
from syncline.core.scope import KindSettings
from syncline.engine.context import SyncContext
from syncline.store import links, mirror
from syncline.store.links import EndedLink

GONE = (DELETED, REMOVED)
WENT_ON = (Ending.MERGED.value, Ending.CONVERTED.value)


def restored(
    context: SyncContext,
    kind: KindSettings,
    side: Side,
    records: Sequence[Record],
    ended: Mapping[Ref, EndedLink],
) -> dict[Ref, Restored]:
    """What becomes of those of these unlinked records that were gone and live again; the others stay vetoed."""
    mine = {r.ref: ended[r.ref] for r in records if r.ref in ended and not r.deleted}
    if not mine:
        return {}
    found = {ref: Restored(link.reason, unmerged=True) for ref, link in mine.items() if _went_on(link, side)}
    gone = {ref: link for ref, link in mine.items() if link.how in GONE}
    twins = {link.id: link.ref(side.other) for link in gone.values()}
    free = _free(context, side.other, twins)
    agreed = links.agreements_of(free)
    for ref, link in gone.items():
        if link.id in free:
            kept = without_mark(kind, side.other, _pairs(link), agreed.get(link.id, {}))
            found[ref] = Restored(link.reason, twins[link.id], kept, link.id)
        elif link.how == REMOVED and link.side is side:
            found[ref] = Restored(link.reason)
    return found


def _went_on(link: EndedLink, side: Side) -> bool:
    return link.how in WENT_ON and link.side in (side, None)


def _pairs(link: EndedLink) -> tuple[str, str]:
    return link.left.object_type, link.right.object_type


def _free(context: SyncContext, side: Side, twins: Mapping[int, Ref]) -> set[int]:
    """The ended links whose other record lives, has no link, and had none since."""
    refs = list(twins.values())
    known = mirror.get_many(context.connection(side), refs)
    linked = links.twins(context.name, side, refs)
    last = links.last_ended(context.name, side, refs)
    return {
        link_id
        for link_id, ref in twins.items()
        if ref in known and not known[ref].record.deleted and ref not in linked and last[ref].id == link_id
    }
