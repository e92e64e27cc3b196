"""Connected apps: who may ask for tokens, and what their owners have set."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import msgspec

from syncline.sandbox.salesforce.ids import ALPHABET
from syncline.sandbox.salesforce.settings import TYPE as ORG
from syncline.sandbox.state import State

TYPE = "_connected_app"
REFRESH_SCOPES = frozenset({"refresh_token", "offline_access"})
SCOPES = ("api", "full", "id", "profile", "email", "web", *sorted(REFRESH_SCOPES))
CALLBACK = "https://app.example.com/oauth/callback"


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """One app; all but its credentials is a setting. `run_as` is the user of the client credentials flow.

    The vendor's pages do not agree on the error of a wrong code verifier, so `wrong_verifier` names it.
    `longest_assertion` is in seconds; None takes assertions that are valid for ever so long, since the bound
    of three minutes is common knowledge and not in the vendor's pages.
    """

    client_id: str
    client_secret: str
    public_key: str | None = None
    run_as: str | None = None
    callbacks: tuple[str, ...] = (CALLBACK,)
    scopes: tuple[str, ...] = SCOPES
    secret_for_code: bool = True
    secret_for_refresh: bool = True
    rotation: bool = False
    pkce_required: bool = False
    wrong_verifier: Literal["invalid_request", "invalid_grant"] = "invalid_request"
    preauthorised: bool = True
    longest_assertion: int | None = None

    def knows(self, secret: str) -> bool:
        """Whether that is the secret of the app, in a time that tells nothing about it."""
        return hmac.compare_digest(secret.encode(), self.client_secret.encode())

    def shown(self) -> dict[str, Any]:
        """The settings, and which app they belong to."""
        return {
            name: value for name, value in asdict(self).items() if name not in {"client_secret", "public_key"}
        }


class Apps:
    """The connected apps of one org: the one it is seeded with, and others made by the control."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def first_id(self) -> str:
        """The client id of the app the org is seeded with; it alone has a certificate for assertions."""
        return str((self._state.peek(ORG, "app") or {})["client_id"])

    def find(self, client_id: str) -> ConnectedApp | None:
        """The app with that client id."""
        stored = self._state.peek(TYPE, client_id)
        if client_id == self.first_id:
            return _read({**self._seeded(), **(stored or {})})
        return None if stored is None else _read(stored)

    def create(self) -> ConnectedApp:
        """Another app, with the settings a new one has."""
        client_id = "3MVG9" + _letters(80)
        made = {"client_id": client_id, "client_secret": _letters(64)}
        self._state.put(TYPE, client_id, made)
        return _read(made)

    def change(self, client_id: str, wishes: Mapping[str, Any]) -> ConnectedApp:
        """Change settings of an app; ValueError for one that does not exist or a value of the wrong type."""
        app = self.find(client_id)
        if app is None:
            raise ValueError(f"there is no connected app {client_id}")
        settings = app.shown().keys() - {"client_id"}
        if unknown := sorted(set(wishes) - settings):
            raise ValueError(f"an app has no setting {unknown[0]}; it has {', '.join(sorted(settings))}")
        changed = _read({**asdict(app), **wishes})
        self._state.put(TYPE, client_id, asdict(changed))
        return changed

    def _seeded(self) -> dict[str, Any]:
        app = self._state.peek(ORG, "app") or {}
        names = ("client_id", "client_secret", "public_key")
        return {**{name: app[name] for name in names}, "run_as": app["user"]}


def _read(document: Mapping[str, Any]) -> ConnectedApp:
    return msgspec.convert(document, ConnectedApp)


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))
