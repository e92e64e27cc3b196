"""Who is who: users of both sides paired by hand, by the settings and by e-mail address (rules M7, Q5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from syncline.core.convert import Users
from syncline.core.errors import MissingSettingError
from syncline.core.frozen import frozen
from syncline.core.model import Record, Side
from syncline.core.normalise import email
from syncline.engine.context import SyncContext
from syncline.store import pairs
from syncline.store.mirror import changed_after
from syncline.store.models import UserPair


@frozen()
class User:
    """A user of a system, as it was read last."""

    id: str
    email: str
    name: str
    active: bool

    @property
    def shown(self) -> str:
        """What people call it."""
        return self.email or self.name or self.id


class UserList:
    """The users of one side. A name is an id or an e-mail address; ids go first."""

    def __init__(self, users: Iterable[User]) -> None:
        self.by_id = {user.id: user for user in users}
        self.by_email: dict[str, list[User]] = {}
        for user in self.by_id.values():
            if user.email:
                self.by_email.setdefault(email(user.email), []).append(user)

    def called(self, name: str) -> Sequence[User]:
        """Everybody a name may mean."""
        user = self.by_id.get(name.strip())
        return (user,) if user else self.with_address(email(name))

    def with_address(self, address: str) -> Sequence[User]:
        """Who has an e-mail address: the only active user of several, else all of them."""
        same = self.by_email.get(address, [])
        active = [user for user in same if user.active]
        return active if len(active) == 1 else same

    def one(self, name: str) -> User | None:
        """The user a name means, if that is clear."""
        found = self.called(name)
        return found[0] if len(found) == 1 else None

    def active_of(self, names: Iterable[str]) -> list[User]:
        """Those of these users who may take records."""
        return [user for name in names if (user := self.one(name)) and user.active]

    def ambiguous(self) -> Mapping[str, Sequence[User]]:
        """The addresses of several users of whom not exactly one is active: nobody is matched by them."""
        return {a: users for a in sorted(self.by_email) if len(users := self.with_address(a)) > 1}


class PairedBy(StrEnum):
    """What says that two users are the same, the weakest first."""

    EMAIL = "e-mail"
    SETTINGS = "settings"
    HAND = "hand"


@frozen()
class UserPairing:
    """A left user and who it is on the right. Nobody, where a hand or the settings name somebody who is not there."""

    left: User
    right: User | None
    by: PairedBy
    named: str = ""
    set_by: str = ""
    set_at: datetime | None = None

    @property
    def how(self) -> str:
        """By what they were paired, as the journal tells it."""
        if self.by is PairedBy.EMAIL:
            return "matched by e-mail"
        return (
            "paired in the settings" if self.by is PairedBy.SETTINGS else f"paired by hand by {self.set_by}"
        )


@frozen()
class UnknownUser:
    """A setting that names a user who is not clearly one of that side's."""

    setting: str
    side: Side
    name: str


@dataclass(frozen=True)
class UserMatch:
    """Who is who in a sync, and what could not be settled. `pool` holds the users of each pool that are known."""

    people: Mapping[Side, UserList]
    pairings: Sequence[UserPairing]
    defaults: Mapping[Side, User]
    pool: Mapping[Side, Sequence[User]]
    unknown: Sequence[UnknownUser] = ()
    stale: Sequence[UserPair] = field(default=())
    """What was set by hand of left users who are not there any more."""

    def unmatched(self, side: Side) -> list[User]:
        """The users of a side without a counterpart."""
        known = {p.left.id if side is Side.LEFT else p.right.id for p in self.pairings if p.right}
        return [user for user in self.people[side].by_id.values() if user.id not in known]


def match_users(context: SyncContext) -> Users:
    """The user map of a sync. Raises `MissingSettingError` where nobody of a pool can take records."""
    found = pair_users(context)
    for side in Side:
        named = context.settings.users.pool(side)
        if named and not found.people[side].active_of(named):
            raise MissingSettingError(
                f"users.pool_{side} of the sync {context.name} names no active user of"
                f" {context.connection(side)}: {', '.join(named)}.",
                hint="Name an active user, or take the pool out; `syncline users list` shows all of them.",
            )
    pairs_found = [(p, p.left.id, p.right.id) for p in sorted(found.pairings, key=_strength) if p.right]
    return Users(
        to_right={left: right for _, left, right in pairs_found},
        to_left={right: left for _, left, right in pairs_found},
        active={
            side: frozenset(u.id for u in found.people[side].by_id.values() if u.active) for side in Side
        },
        default={side: user.id for side, user in found.defaults.items()},
        names={(side, u.id): u.shown for side in Side for u in found.people[side].by_id.values()},
        how={left: pairing.how for pairing, left, _ in pairs_found},
        doubts=dict(_doubts(found)),
        pool={side: tuple(u.id for u in users) for side, users in found.pool.items()},
        addresses={
            (side, u.id): u.email for side in Side for u in found.people[side].by_id.values() if u.email
        },
    )


def _doubts(found: UserMatch) -> Iterator[tuple[tuple[Side, str], str]]:
    """Why users with an address of several were matched with nobody."""
    for side in Side:
        for address, users in found.people[side].ambiguous().items():
            for user in found.people[side.other].by_email.get(address, ()):
                yield (side.other, user.id), "could be several users there, who have its address"
            for user in users:
                yield (side, user.id), "has an address that others of its side have too"


def _strength(pairing: UserPairing) -> tuple[int, bool, str]:
    """On the way back a right user is the left one with the strongest word, then who is active; the last one counts."""
    return list(PairedBy).index(pairing.by), pairing.left.active, pairing.left.id


def pair_users(context: SyncContext) -> UserMatch:
    """Match the users that were read last. What a person set goes before the settings, these before e-mail."""
    settings = context.settings.users
    people = {side: UserList(_read_users(context, side)) for side in Side}
    by_hand = pairs.current(context.name)
    unknown: list[UnknownUser] = []

    def named(setting: str, side: Side, name: str) -> User | None:
        user = people[side].one(name)
        if user is None:
            unknown.append(UnknownUser(f"users.{setting}", side, name))
        return user

    found = {p.left.id: p for p in _by_email(people)}
    for left, right in settings.pairs.items():
        user, other = named("map", Side.LEFT, left), named("map", Side.RIGHT, right)
        if user:
            found[user.id] = UserPairing(user, other, PairedBy.SETTINGS, right)
    for left_id, row in by_hand.items():
        if user := people[Side.LEFT].by_id.get(left_id):
            there = people[Side.RIGHT].by_id.get(row.right_id)
            found[left_id] = UserPairing(user, there, PairedBy.HAND, row.right_id, row.set_by, row.set_at)
    defaults = {s: u for s in Side if (d := settings.default(s)) and (u := named(f"default_{s}", s, d))}
    pool = {s: [u for name in settings.pool(s) if (u := named(f"pool_{s}", s, name))] for s in Side}
    return UserMatch(
        people=people,
        pairings=sorted(found.values(), key=lambda p: (p.left.shown, p.left.id)),
        defaults=defaults,
        pool={side: list(dict.fromkeys(users)) for side, users in pool.items() if users},
        unknown=unknown,
        stale=[row for left_id, row in by_hand.items() if left_id not in people[Side.LEFT].by_id],
    )


def _by_email(people: Mapping[Side, UserList]) -> Iterator[UserPairing]:
    """Users who alone have an address on each side, or alone are active with it; nobody is guessed."""
    for address in people[Side.LEFT].by_email:
        left, right = (people[side].with_address(address) for side in Side)
        if len(left) == len(right) == 1:
            yield UserPairing(left[0], right[0], PairedBy.EMAIL)


def _read_users(context: SyncContext, side: Side) -> Iterator[User]:
    """The users of a side that the mirror knows, without those that were deleted."""
    for object_type in context.user_types(side):
        for batch in changed_after(context.connection(side), object_type, 0):
            for record in (m.record for m in batch if not m.record.deleted):
                yield user_of(record)


def user_of(record: Record) -> User:
    """The user that a record of a system's users stands for."""
    address, name = (str(record.values.get(field) or "").strip() for field in ("email", "name"))
    return User(record.ref.remote_id, address, name, bool(record.values.get("active")))
