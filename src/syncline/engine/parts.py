"""Parts: which sides of which kinds a run reads where it does not read all, and what it has to read besides.

What is not read is as it was observed last. That is enough to decide on, as long as nothing is written to it blindly:
before a record is made, or written where the system cannot show single records again, that part is read as well.
"""

from __future__ import annotations

from collections.abc import Iterable

from syncline.config.sync import SyncSettings
from syncline.core.model import Kind, Side
from syncline.core.plan import Op
from syncline.engine.context import SyncContext
from syncline.store import actions, cursors, mirror

Part = tuple[Side, Kind]
Parts = frozenset[Part]


def all_parts(settings: SyncSettings) -> Parts:
    """Both sides of every kind that is synced."""
    return frozenset((side, kind.kind) for side in Side for kind in settings.kinds)


def users_part(settings: SyncSettings, side: Side) -> Part:
    """With which records of a side its users are read: with its people, or with the first kind there is."""
    kinds = [kind.kind for kind in settings.kinds]
    return side, Kind.PERSON if Kind.PERSON in kinds or not kinds else kinds[0]


def object_types(context: SyncContext, side: Side, parts: Iterable[Part]) -> list[str]:
    """The object types of a side that belong to these parts, in the order they are read in."""
    wanted = {
        name
        for kind in context.settings.kinds
        if (side, kind.kind) in parts
        for name in kind.object_types(side)
    }
    return [name for name in context.schemas[side] if name in wanted]


def unread(context: SyncContext) -> Parts:
    """The parts that were never read to the end with all the fields that are mapped now."""
    return frozenset(
        (side, kind.kind)
        for side in Side
        for kind in context.settings.kinds
        if any(not _is_read(context, side, name) for name in kind.object_types(side))
    )


def _is_read(context: SyncContext, side: Side, object_type: str) -> bool:
    fields = mirror.digest(context.fields(side, object_type))
    stored = cursors.get(context.connection(side), object_type, fields)
    return stored is not None and stored.full


def sought(context: SyncContext) -> Parts:
    """The parts in which a record has to be looked for whose create got no answer."""
    rows = (row for row in actions.open_actions(context.name) if row.op == Op.CREATE)
    return frozenset((Side(row.side), Kind(row.kind)) for row in rows)


def written_blindly(context: SyncContext, run_id: int) -> Parts:
    """The parts a plan writes to that have to be read first, if they were not: somebody may have been there since."""
    return frozenset(
        (side, kind)
        for op, side, kind in actions.targets(run_id, (Op.CREATE, Op.UPDATE, Op.DELETE))
        if op is Op.CREATE or not _shows_again(context, side, kind)
    )


def _shows_again(context: SyncContext, side: Side, kind: Kind) -> bool:
    """Whether records are read once more in batches just before they are written (`engine.write`)."""
    found = context.settings.kind(kind)
    types = found.object_types(side) if found else ()
    return all(context.connectors[side].capabilities(name).batch_fetch for name in types)
