"""Users: read those of both sides, and keep what a person says of who is who (rule M7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncline.core.errors import AmbiguousRecordError, NotFoundError
from syncline.core.model import Ref, Side
from syncline.engine.context import SyncContext
from syncline.engine.read import read_users
from syncline.engine.run import alone
from syncline.engine.who import User, UserMatch, pair_users
from syncline.store import cursors, mirror, pairs


def look(context: SyncContext, *, offline: bool) -> UserMatch:
    """Who is who: by the users as both systems show them now, or `offline` as they were read last."""
    if not offline:
        with alone(context, "it reads users"):
            for side in Side:
                read_users(context, side)
    return pair_users(context)


def read_at(context: SyncContext, side: Side) -> datetime | None:
    """When the users of a side were read last."""
    return cursors.read_at(context.connection(side), context.user_types(side))


def set_pair(
    context: SyncContext, left: str, right: str, by: str, *, offline: bool
) -> tuple[User, User, bool]:
    """Pair two users by hand; both of them, and whether that was new. The next run decides what rests on it anew.

    Raises `NotFoundError` and `AmbiguousRecordError` where a name is not clearly that of a user of its side.
    """
    found = look(context, offline=offline)
    ours = _named(context, found, Side.LEFT, left)
    theirs = _named(context, found, Side.RIGHT, right)
    return ours, theirs, pairs.put(context.name, ours.id, theirs.id, by, context.now())


def unset_pair(context: SyncContext, left: str, by: str) -> str:
    """Take back what was set by hand of a left user, also of one that is gone; the user's id."""
    known = pairs.current(context.name)
    called = pair_users(context).people[Side.LEFT].called(left)
    ids = [left] if left in known else [user.id for user in called if user.id in known]
    if not ids:
        raise NotFoundError(
            f"no pair of {left!r} was set by hand",
            hint="Name the left user, by id or e-mail address; `syncline users list` shows which pairs were set.",
        )
    if len(ids) > 1:
        raise _several(context, Side.LEFT, left, called)
    pairs.unset(context.name, ids[0], by, context.now())
    return ids[0]


def _named(context: SyncContext, found: UserMatch, side: Side, name: str) -> User:
    called = found.people[side].called(name)
    if len(called) > 1:
        raise _several(context, side, name, called)
    if called:
        return called[0]
    where = f"{context.connection(side)}, the {side} side"
    if _was_deleted(context, side, name):
        raise NotFoundError(f"the user {name} of {where}, was deleted", hint="Name a user who is there.")
    if found.people[side.other].called(name):
        raise NotFoundError(
            f"{name} is no user of {where}, but of {context.connection(side.other)}",
            hint="Name the left user first: syncline users set LEFT RIGHT",
        )
    raise NotFoundError(
        f"no user of {where}, answers to {name!r}", hint="`syncline users list` shows all of them."
    )


def _was_deleted(context: SyncContext, side: Side, name: str) -> bool:
    refs = [Ref(object_type, name) for object_type in context.user_types(side)]
    known = mirror.get_many(context.connection(side), refs)
    return any(mirrored.record.deleted for mirrored in known.values())


def _several(context: SyncContext, side: Side, name: str, users: Sequence[User]) -> AmbiguousRecordError:
    listed = ", ".join(f"{user.id} ({'active' if user.active else 'inactive'})" for user in users)
    return AmbiguousRecordError(
        f"several users of {context.connection(side)} have the address {name}: {listed}"
    )
