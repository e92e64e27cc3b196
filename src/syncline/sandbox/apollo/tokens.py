"""Codes and tokens of OAuth: handed out, looked up by their digests, exchanged, ended."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncline.sandbox.apollo.workspace import USERS, Workspace
from syncline.sandbox.state import Document

ACCESS_SECONDS = 2_592_000  # 30 days, as the vendor says
CODE_SECONDS = 600  # not published; this is usual
# Every token has these beside what was asked for.
ALWAYS = ("read_user_profile", "app_scopes")
_CODES, _ACCESS, _REFRESH = "_oauth_codes", "_oauth_access", "_oauth_refresh"


@dataclass(frozen=True)
class Grant:
    """What a user allowed: to act as them within these scopes."""

    user_id: str
    scopes: tuple[str, ...]


class Tokens:
    """The codes and tokens of one workspace. Only digests are kept, so none can be read out of the state."""

    def __init__(self, workspace: Workspace) -> None:
        self._state = workspace.state
        self._workspace = workspace

    def new_code(self, grant: Grant, redirect_uri: str) -> str:
        """A code that can be exchanged once, with the same redirect URL."""
        code = secrets.token_urlsafe(32)
        ends = self._now() + CODE_SECONDS
        self._state.put(_CODES, _digest(code), {**_kept(grant), "redirect_uri": redirect_uri, "ends": ends})
        return code

    def take_code(self, code: str, redirect_uri: str) -> Grant | None:
        """What the code stands for, which is then used up; None when it is no good."""
        found = self._state.peek(_CODES, _digest(code))
        if found is None or found["ends"] <= self._now() or found["redirect_uri"] != redirect_uri:
            return None
        self._state.delete(_CODES, _digest(code))
        return _grant(found)

    def issue(self, grant: Grant) -> Document:
        """A new pair of tokens, as the vendor answers with it."""
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        pair = {**_kept(grant), "access": _digest(access), "refresh": _digest(refresh)}
        self._state.put(_ACCESS, pair["access"], {**pair, "ends": self._now() + ACCESS_SECONDS})
        self._state.put(_REFRESH, pair["refresh"], pair)
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "refresh_token": refresh,
            "scope": " ".join(grant.scopes),
            "created_at": int(self._now()),
        }

    def holder(self, access: str) -> Grant | None:
        """What a living access token allows, as long as its user is in the team."""
        found = self._state.peek(_ACCESS, _digest(access))
        if found is None or found["ends"] <= self._now():
            return None
        user = self._workspace.alive(USERS, found["user_id"])
        return None if user is None or user["deleted"] else _grant(found)

    def refreshable(self, refresh: str) -> Grant | None:
        """What a living refresh token allows."""
        found = self._state.peek(_REFRESH, _digest(refresh))
        return None if found is None else _grant(found)

    def spend(self, refresh: str) -> None:
        """End a refresh token and the access token that came with it."""
        self._end(self._state.peek(_REFRESH, _digest(refresh)) or {})

    def expire(self, user_id: str | None = None) -> int:
        """Let access tokens end now, those of one user or all; how many that were."""
        met = self._of(user_id)
        for pair in met:
            kept = self._state.get(_ACCESS, pair["access"])
            if kept is not None:
                self._state.put(_ACCESS, pair["access"], {**kept, "ends": self._now()})
        return len(met)

    def revoke(self, user_id: str | None = None) -> int:
        """End pairs of tokens for good, those of one user or all; how many that were."""
        met = self._of(user_id)
        for pair in met:
            self._end(pair)
        return len(met)

    def _of(self, user_id: str | None) -> Sequence[Mapping[str, Any]]:
        return [pair for pair in self._state.all(_REFRESH) if user_id in {None, pair["user_id"]}]

    def _end(self, pair: Mapping[str, Any]) -> None:
        for type_, kind in ((_ACCESS, "access"), (_REFRESH, "refresh")):
            self._state.delete(type_, str(pair.get(kind)))

    def _now(self) -> float:
        return self._workspace.clock.now().timestamp()


def _digest(secret: str) -> str:
    """Where a secret is kept; looking up a digest tells nothing about the secrets there are."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _kept(grant: Grant) -> Document:
    return {"user_id": grant.user_id, "scopes": list(grant.scopes)}


def _grant(kept: Mapping[str, Any]) -> Grant:
    return Grant(str(kept["user_id"]), tuple(kept["scopes"]))
