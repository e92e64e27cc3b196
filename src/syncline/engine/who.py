"""Who is who: the users of both sides matched by e-mail address and by hand (rule M7)."""

from __future__ import annotations

from collections.abc import Mapping

from syncline.core.convert import Users
from syncline.core.model import Side
from syncline.core.normalise import email
from syncline.engine.context import SyncContext
from syncline.store.mirror import changed_after


def match_users(context: SyncContext) -> Users:
    """The user map of a sync, from the users that were read and what the settings say."""
    people = {side: _users(context, side) for side in Side}
    by_name = {side: _names(users) for side, users in people.items()}
    to_right = _by_email(people)
    for left, right in context.settings.users.pairs.items():
        left_id, right_id = by_name[Side.LEFT].get(email(left)), by_name[Side.RIGHT].get(email(right))
        if left_id and right_id:
            to_right[left_id] = right_id
    defaults = {side: by_name[side].get(email(context.settings.users.default(side) or "")) for side in Side}
    return Users(
        to_right=to_right,
        to_left={right: left for left, right in sorted(to_right.items(), reverse=True)},
        active={
            side: frozenset(i for i, u in users.items() if u.get("active")) for side, users in people.items()
        },
        default={side: user for side, user in defaults.items() if user},
        names={
            (side, i): str(u.get("email") or u.get("name") or i)
            for side, us in people.items()
            for i, u in us.items()
        },
    )


User = Mapping[str, object]


def _users(context: SyncContext, side: Side) -> dict[str, User]:
    found: dict[str, User] = {}
    for object_type in context.user_types(side):
        for batch in changed_after(context.connection(side), object_type, 0):
            found.update({m.record.ref.remote_id: m.record.values for m in batch if not m.record.deleted})
    return found


def _names(users: Mapping[str, User]) -> dict[str, str]:
    """Ids by id and by e-mail address: settings may use either."""
    names = {email(remote_id): remote_id for remote_id in users}
    names.update({email(str(u["email"])): i for i, u in users.items() if u.get("email")})
    return names


def _by_email(people: Mapping[Side, Mapping[str, User]]) -> dict[str, str]:
    """Users with the same address on both sides; an active one is preferred over one that left."""
    rights: dict[str, str] = {}
    for remote_id, user in sorted(people[Side.RIGHT].items(), key=lambda item: bool(item[1].get("active"))):
        if user.get("email"):
            rights[email(str(user["email"]))] = remote_id
    matched = {i: rights.get(email(str(u["email"]))) for i, u in people[Side.LEFT].items() if u.get("email")}
    return {left: right for left, right in matched.items() if right}
