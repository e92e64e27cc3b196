"""`syncline users`: who is who on the two sides, and pairs set by hand (rule M7)."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from syncline.cli.output import Output, cell
from syncline.cli.session import working
from syncline.core.model import Side
from syncline.engine.context import SyncContext
from syncline.engine.users import look, read_at, set_pair, unset_pair
from syncline.engine.who import User, UserMatch, UserPairing


def show(*, settings: Path, sync: str | None, offline: bool, json: bool) -> int:
    """List the users of both sides: who is paired with whom and by what, and who is not."""
    out = Output(as_json=json)
    with working(settings, sync, checked=False) as context:
        found = look(context, offline=offline)
        rests_on = {str(side): _rests_on(context, side, offline=offline) for side in Side}
    document = {"sync": context.name, "rests_on": rests_on, **_document(found)}
    if not out.document(document):
        _tell(out, found, document)
    return 0


def _rests_on(context: SyncContext, side: Side, *, offline: bool) -> dict[str, Any]:
    return {
        "connection": context.connection(side),
        "read_now": not offline,
        "read_at": read_at(context, side),
    }


def _document(found: UserMatch) -> dict[str, Any]:
    return {
        "matched": [_pairing(p) for p in found.pairings if p.right],
        "broken": [_pairing(p) for p in found.pairings if p.right is None],
        "unmapped": [_user(side, user) for side in Side for user in found.unmatched(side)],
        "inactive": [
            _user(side, user)
            for side in Side
            for user in found.people[side].by_id.values()
            if not user.active
        ],
        "ambiguous": [
            {"side": str(side), "email": address, "users": [user.id for user in users]}
            for side in Side
            for address, users in found.people[side].ambiguous().items()
        ],
        "unknown": [{"setting": u.setting, "side": str(u.side), "name": u.name} for u in found.unknown],
        "gone": [
            {"left": row.left_id, "right": row.right_id, "set_by": row.set_by, "set_at": row.set_at}
            for row in found.stale
        ],
        "defaults": {str(side): _user(side, user) for side, user in found.defaults.items()},
        "pool": {str(s): [_user(s, user) for user in users] for s, users in found.pool.items()},
    }


def _user(side: Side, user: User) -> dict[str, Any]:
    told = {"id": user.id, "email": user.email or None, "name": user.name or None, "active": user.active}
    return {"side": str(side), **told}


def _pairing(pairing: UserPairing) -> dict[str, Any]:
    right = pairing.right
    return {
        "left": _user(Side.LEFT, pairing.left),
        "right": _user(Side.RIGHT, right) if right else None,
        "by": str(pairing.by),
        "named": pairing.named or None,
        "set_by": pairing.set_by or None,
        "set_at": pairing.set_at,
    }


def _tell(out: Output, found: UserMatch, document: dict[str, Any]) -> None:
    for side, told in document["rests_on"].items():
        out.say(f"The users of {told['connection']} ({side}) were read {_when(told)}.")
    columns = ["left", "right", "paired by"]
    out.table(columns, [_pair_line(p) for p in found.pairings])
    if document["unmapped"]:
        out.say("", "Without a counterpart:")
        ambiguous = {user for group in document["ambiguous"] for user in group["users"]}
        rows = [_unmapped_line(user, ambiguous) for user in document["unmapped"]]
        out.table(["side", "user", "id", "note"], rows)
    out.say(*_remarks(found))


def _when(told: dict[str, Any]) -> str:
    if told["read_at"] is None:
        return "never"
    return "just now" if told["read_now"] else f"last at {cell(told['read_at'])}; nobody was called"


def _named(user: User) -> str:
    return user.shown if user.active else f"{user.shown} (inactive)"


def _pair_line(pairing: UserPairing) -> list[str]:
    right = _named(pairing.right) if pairing.right else f"nobody: {pairing.named} is not there"
    by = f"hand: {pairing.set_by}, {cell(pairing.set_at)}" if pairing.set_at else str(pairing.by)
    return [_named(pairing.left), right, by]


def _unmapped_line(user: dict[str, Any], ambiguous: set[str]) -> list[str]:
    notes = ["" if user["active"] else "inactive"]
    notes += ["shares its address with others: set it by hand"] if user["id"] in ambiguous else []
    return [user["side"], user["email"] or user["name"] or "", user["id"], "; ".join(filter(None, notes))]


def _remarks(found: UserMatch) -> Iterator[str]:
    """What rests on users besides the pairs, and what names nobody."""
    for side, user in found.defaults.items():
        yield f"Default owner on the {side}: {_named(user)}"
    for side, users in found.pool.items():
        yield f"Pool on the {side}: {', '.join(map(_named, users))}"
    for unknown in found.unknown:
        yield f"{unknown.setting} names {unknown.name}, who is not clearly one user of the {unknown.side} side."
    for row in found.stale:
        yield f"The left user {row.left_id} was paired by {row.set_by} and is gone: syncline users unset {row.left_id}"
    yield "To pair two: syncline users set LEFT RIGHT"


def set_(*, left: str, right: str, settings: Path, sync: str | None, offline: bool, json: bool) -> int:
    """Pair two users by hand."""
    out = Output(as_json=json)
    with working(settings, sync, checked=False) as context:
        ours, theirs, new = set_pair(context, left, right, getpass.getuser(), offline=offline)
    document = {"left": _user(Side.LEFT, ours), "right": _user(Side.RIGHT, theirs), "new": new}
    if not out.document(document):
        out.say(f"{_named(ours)} on the left is {_named(theirs)} on the right{'' if new else ', as it was'}.")
        if not theirs.active:
            out.say(f"{theirs.shown} is inactive: records are not given to it.")
        out.say("The next run acts on it: syncline run")
    return 0


def unset(*, left: str, settings: Path, sync: str | None, json: bool) -> int:
    """Take back what was set by hand."""
    out = Output(as_json=json)
    with working(settings, sync, checked=False) as context:
        left_id = unset_pair(context, left, getpass.getuser())
    if not out.document({"left": left_id}):
        out.say(f"The pair of the left user {left_id} is taken back. The next run acts on it: syncline run")
    return 0
