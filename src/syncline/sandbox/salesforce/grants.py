"""Grants: a user has allowed an app to act for them, until either takes it back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce.apps import REFRESH_SCOPES
from syncline.sandbox.salesforce.sessions import Sessions
from syncline.sandbox.state import State

TYPE = "_grant"
MOST = 5  # grants of one user to one app; a further one ends the oldest


@dataclass(frozen=True, slots=True)
class Grant:
    """What one user has allowed one app; without a refresh token it serves until its access token ends."""

    id: str
    client: str
    user: str
    scope: str
    began: str
    refresh_token: str | None = None


class Grants:
    """The grants of one org, in the order they were given."""

    def __init__(self, state: State, clock: Clock, sessions: Sessions) -> None:
        self._state = state
        self._clock = clock
        self._sessions = sessions
        state.index(TYPE, "refresh_token", _refresh_token)

    def open(self, client: str, user: str, scope: str) -> Grant:
        """A new grant, with a refresh token if its scope has one; the oldest of too many ends."""
        mine = self.held(client, user)
        for old in mine[: max(0, len(mine) + 1 - MOST)]:
            self.end(old)
        number = str(self._state.next(TYPE))
        made = Grant(number, client, user, scope, self._clock.now().isoformat())
        return self._put(self._renewed(made) if REFRESH_SCOPES & set(scope.split()) else made)

    def held(self, client: str, user: str) -> list[Grant]:
        """What one user has granted to one app, the oldest first."""
        return [each for each in self.all() if (each.client, each.user) == (client, user)]

    def of(self, refresh_token: str) -> Grant | None:
        """The grant a refresh token stands for."""
        found = self._state.find(TYPE, "refresh_token", refresh_token)
        return _read(found[0]) if found else None

    def rotate(self, grant: Grant) -> Grant:
        """Give a grant another refresh token; the one before is of no use from now on."""
        return self._put(self._renewed(grant))

    def end(self, grant: Grant) -> None:
        """Take a grant back, and every access token that came from it."""
        self._sessions.close_all_of(grant.id)
        self._state.delete(TYPE, grant.id)

    def all(self) -> list[Grant]:
        """Every grant, the oldest first."""
        return [_read(each) for each in self._state.all(TYPE)]

    def _renewed(self, grant: Grant) -> Grant:
        return replace(grant, refresh_token=f"5Aep861{secrets.token_urlsafe(60)}")

    def _put(self, grant: Grant) -> Grant:
        self._state.put(TYPE, grant.id, asdict(grant))
        return grant


def _refresh_token(grant: Mapping[str, Any]) -> list[str]:
    return [grant["refresh_token"]] if grant["refresh_token"] else []


def _read(document: Mapping[str, Any]) -> Grant:
    return msgspec.convert(document, Grant)
