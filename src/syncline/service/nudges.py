"""Taking nudges: which records are meant, and for which syncs they are noted (rule U1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncline.config import Document, all_resolved
from syncline.config.wording import choices, shown
from syncline.core.errors import RecordError, UnknownNameError
from syncline.core.model import Ref, Side
from syncline.store import nudges
from syncline.store.nudges import NewNudge, NudgeTiming

LONGEST_TYPE = 100
LONGEST_ID = 255


@dataclass(frozen=True)
class Noted:
    """How many records were noted, how many of them waited already, and which syncs they are for."""

    records: int
    again: int
    syncs: Sequence[str]


def note(
    document: Document,
    connection: str,
    names: Sequence[str],
    *,
    by: str,
    now: datetime,
    at_once: bool = False,
) -> Noted:
    """Note that these records, each as TYPE/ID, changed; all of them or none.

    Every sync that works on their object types gets to know. `at_once`: they do not wait to settle. Raises
    `UnknownNameError` and `RecordError` for names that mean nothing, `NudgesFullError` where too many wait.
    """
    check_connection(document, connection)
    refs = list(dict.fromkeys(_ref(name) for name in names))
    types = _types(document, connection)
    _check_types(connection, refs, types)
    told = document.connections[connection].nudges
    settle = timedelta(0) if at_once else told.settle
    asked = [
        NewNudge(sync, side, connection, [ref for ref in refs if ref.object_type in known], by)
        for (sync, side), known in types.items()
    ]
    asked = [each for each in asked if each.refs]
    again = nudges.note(asked, NudgeTiming(settle, told.at_most, told.most), now)
    return Noted(len(refs), again, [each.sync for each in asked])


def check_connection(document: Document, connection: str) -> None:
    """Refuse a name that is no connection's; `UnknownNameError`."""
    if connection not in document.connections:
        raise UnknownNameError(
            f"There is no connection {shown(connection)}. {choices(connection, document.connections)}"
        )


def _ref(name: str) -> Ref:
    object_type, _, remote_id = name.strip().partition("/")
    remote_id = remote_id.strip()
    sound = object_type and remote_id and name.strip().isprintable()
    if not sound or len(object_type) > LONGEST_TYPE or len(remote_id) > LONGEST_ID:
        raise RecordError(
            f"{shown(name[: LONGEST_ID * 2])} names no record.",
            hint="Name records by TYPE/ID, such as Contact/003000000000001AAA.",
        )
    return Ref(object_type, remote_id)


def _types(document: Document, connection: str) -> Mapping[tuple[str, Side], set[str]]:
    """By sync and side the object types of a connection that are worked on."""
    return {
        (name, side): {each for kind in settings.kinds for each in kind.object_types(side)}
        for name, settings in all_resolved(document).items()
        for side in Side
        if settings.connection(side) == connection
    }


def _check_types(connection: str, refs: Sequence[Ref], types: Mapping[tuple[str, Side], set[str]]) -> None:
    known = sorted(set().union(*types.values()))
    for ref in refs:
        if ref.object_type not in known:
            raise UnknownNameError(
                f"No sync works on {shown(ref.object_type)} of the connection {connection}. "
                f"{choices(ref.object_type, known)}"
            )
