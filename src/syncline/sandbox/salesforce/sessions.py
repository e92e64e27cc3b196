"""Access tokens: given out, checked against the clock of the org, ended."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce.settings import Settings
from syncline.sandbox.state import State

TYPE = "_session"


class Sessions:
    """The tokens of one org. A session ends a fixed time after it began, or when it is ended."""

    def __init__(self, state: State, clock: Clock, settings: Settings) -> None:
        self._state = state
        self._clock = clock
        self._settings = settings

    def open(self, user: str, org: str) -> str:
        """A new token for a user."""
        token = f"{org[:15]}!AQ{secrets.token_urlsafe(60)}"
        ends = self._clock.now() + timedelta(seconds=float(self._settings["token_lifetime"]))
        self._state.put(TYPE, token, {"token": token, "user": user, "ends": ends.isoformat()})
        return token

    def user_of(self, token: str) -> str | None:
        """The user a token stands for, or None when it is unknown or has ended."""
        session = self._state.peek(TYPE, token)
        if session is None or not self._lives(session):
            return None
        return str(session["user"])

    def close(self, token: str) -> bool:
        """End one token; False when it is unknown."""
        return self._state.delete(TYPE, token)

    def expire_all(self) -> None:
        """End every token given out so far."""
        now = self._clock.now().isoformat()
        for token in self._tokens():
            session = self._state.get(TYPE, token) or {}
            self._state.put(TYPE, token, {**session, "ends": now})

    def _tokens(self) -> list[str]:
        return [str(session["token"]) for session in self._state.all(TYPE)]

    def _lives(self, session: Mapping[str, Any]) -> bool:
        return self._clock.now() < datetime.fromisoformat(session["ends"])
