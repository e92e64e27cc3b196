"""Access tokens: given out, checked against the clock of the org, ended."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce.settings import Settings
from syncline.sandbox.state import State

TYPE = "_session"


@dataclass(frozen=True, slots=True)
class Session:
    """What one access token stands for; `grant` is the grant it came from, if it came from one."""

    user: str
    began: datetime
    ends: datetime
    client: str
    scope: str
    grant: str | None


class Sessions:
    """The tokens of one org. A session ends a fixed time after it began, or when it is ended."""

    def __init__(self, state: State, clock: Clock, settings: Settings) -> None:
        self._state = state
        self._clock = clock
        self._settings = settings
        state.index(TYPE, "grant", lambda session: [session["grant"]] if session.get("grant") else [])

    def open(
        self, user: str, org: str, client: str = "", scope: str = "api", grant: str | None = None
    ) -> str:
        """A new token for a user."""
        token = f"{org[:15]}!AQ{secrets.token_urlsafe(60)}"
        now = self._clock.now()
        ends = now + timedelta(seconds=float(self._settings["token_lifetime"]))
        times = {"began": now.isoformat(), "ends": ends.isoformat()}
        whose = {"token": token, "user": user, "client": client, "scope": scope, "grant": grant}
        self._state.put(TYPE, token, {**whose, **times})
        return token

    def user_of(self, token: str) -> str | None:
        """The user a token stands for, or None when it is unknown or has ended."""
        session = self._living(token)
        return None if session is None else str(session["user"])

    def find(self, token: str) -> Session | None:
        """All about a living token."""
        found = self._living(token)
        if found is None:
            return None
        return Session(
            user=found["user"],
            # An older state file does not tell when a session began.
            began=datetime.fromisoformat(found.get("began", found["ends"])),
            ends=datetime.fromisoformat(found["ends"]),
            client=found.get("client", ""),
            scope=found.get("scope", "api"),
            grant=found.get("grant"),
        )

    def close(self, token: str) -> bool:
        """End one token; False when it is unknown or has ended by itself."""
        return self.user_of(token) is not None and self._state.delete(TYPE, token)

    def close_all_of(self, grant: str) -> None:
        """End every token that came from a grant."""
        for session in self._state.find(TYPE, "grant", grant):
            self._state.delete(TYPE, session["token"])

    def expire_all(self) -> None:
        """End every token given out so far."""
        now = self._clock.now().isoformat()
        for token in self._tokens():
            session = self._state.get(TYPE, token) or {}
            self._state.put(TYPE, token, {**session, "ends": now})

    def _tokens(self) -> list[str]:
        return [str(session["token"]) for session in self._state.all(TYPE)]

    def _living(self, token: str) -> Mapping[str, Any] | None:
        session = self._state.peek(TYPE, token)
        ended = session is None or datetime.fromisoformat(session["ends"]) <= self._clock.now()
        return None if ended else session
