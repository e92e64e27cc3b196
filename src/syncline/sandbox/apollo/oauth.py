"""OAuth 2.0: the app that may ask users for their consent, and the endpoint that exchanges codes and tokens."""

import hmac
import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from syncline.sandbox.apollo.tokens import ALWAYS, Grant, Tokens
from syncline.sandbox.apollo.wire import json_response
from syncline.sandbox.apollo.workspace import USERS, Workspace
from syncline.sandbox.state import Document

TOKEN_PATH = "/oauth/token"
REDIRECT_URI = "https://syncline.example/oauth/callback"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_UNCACHED = {"cache-control": "no-store", "pragma": "no-cache"}


class OAuthError(Exception):
    """A refused exchange. The vendor publishes no bodies for these; they are those of the standard."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error, description)
        self.status = status
        self.body = {"error": error, "error_description": description}


class OAuth:
    """One registered app: its secrets, its redirect URLs and the scopes it may ask for."""

    def __init__(self, workspace: Workspace, tokens: Tokens, scopes: Iterable[str]) -> None:
        self._workspace = workspace
        self._tokens = tokens
        self._scopes = tuple(dict.fromkeys([*scopes, *ALWAYS]))

    def register(self) -> None:
        """Register the app of a new workspace."""
        app = {"client_id": secrets.token_urlsafe(24), "client_secret": secrets.token_urlsafe(32)}
        self._workspace.state.put("_oauth_app", "app", {**app, "redirect_uris": [REDIRECT_URI]})

    def credentials(self) -> dict[str, str]:
        """What the app signs in with; a state file from before there was an app gets one now."""
        if not self._app():
            self.register()
        return {name: str(self._app()[name]) for name in ("client_id", "client_secret")}

    def grant(self, user: str | None, scopes: Iterable[str] | None) -> Grant:
        """What a user, by id or e-mail address, allows; without a user the one API keys act as.

        ValueError names a user or a scope that does not exist.
        """
        asked = list(self._scopes if scopes is None else scopes)
        if unknown := set(asked) - set(self._scopes):
            raise ValueError(
                f"no such scopes: {', '.join(sorted(unknown))}; there are {', '.join(self._scopes)}"
            )
        return Grant(self.user_id(user) or self._workspace.acting_user(), _with_defaults(asked))

    def user_id(self, user: str | None) -> str | None:
        """The id of a user given by id or e-mail address; ValueError when there is none."""
        if user is None:
            return None
        for doc in self._workspace.state.all(USERS):
            if user in {doc["id"], doc["email"]} and not doc["deleted"]:
                return str(doc["id"])
        raise ValueError(f"there is no user {user}: give the id or the e-mail address of an active one")

    def redirect_uri(self, given: object) -> str:
        """The redirect URL a code is made for; ValueError when the app has not registered it.

        Addresses of this machine count as registered. The vendor takes https alone, and no more than four.
        """
        registered = self._app()["redirect_uris"]
        chosen = str(registered[0] if given is None else given)
        if chosen not in registered and not _is_loopback(chosen):
            raise ValueError(f"not a redirect URL of the app: give one of {', '.join(registered)}")
        return chosen

    def is_client(self, client_id: str) -> bool:
        """Whether that is the app's id."""
        return hmac.compare_digest(client_id.encode(), str(self._app()["client_id"]).encode())

    async def exchange(self, request: Request) -> Response:
        """A code or a refresh token for a new pair of tokens."""
        form = _read_form(await request.body())
        try:
            self._check_client(form)
            with self._workspace.state.transaction():
                pair = self._exchanged(form)
        except OAuthError as error:
            return json_response(error.status, error.body, _UNCACHED)
        return json_response(200, pair, _UNCACHED)

    def _exchanged(self, form: Mapping[str, str]) -> Document:
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return self._tokens.issue(self._by_code(form))
        if kind == "refresh_token":
            return self._refreshed(form)
        if not kind:
            raise OAuthError("invalid_request", "Missing required parameter: grant_type.")
        raise OAuthError("unsupported_grant_type", "This grant type is not supported.")

    def _by_code(self, form: Mapping[str, str]) -> Grant:
        found = self._tokens.take_code(_demanded(form, "code"), _demanded(form, "redirect_uri"))
        if found is None:
            raise _invalid_grant()
        return found

    def _refreshed(self, form: Mapping[str, str]) -> Document:
        """A new pair; the old access token and the old refresh token end with it."""
        refresh = _demanded(form, "refresh_token")
        found = self._tokens.refreshable(refresh)
        if found is None:
            raise _invalid_grant()
        asked = form.get("scope", "").split()
        if not set(asked) <= set(found.scopes):
            raise OAuthError("invalid_scope", "The scope may only be narrowed.")
        self._tokens.spend(refresh)
        return self._tokens.issue(Grant(found.user_id, _with_defaults(asked) if asked else found.scopes))

    def _check_client(self, form: Mapping[str, str]) -> None:
        app = self._app()
        same = [
            hmac.compare_digest(form.get(name, "").encode(), str(app[name]).encode())
            for name in ("client_id", "client_secret")
        ]
        if not all(same):
            raise OAuthError("invalid_client", "Client authentication failed.", 401)

    def _app(self) -> Document:
        return self._workspace.state.get("_oauth_app", "app") or {}


def _is_loopback(address: str) -> bool:
    """Whether an address is one of this machine, with no sign that could end a header."""
    if not (address.isascii() and address.isprintable()) or any(sign in address for sign in ' "#<>\\^`{|}@'):
        return False
    try:
        parts = urlsplit(address)
        usable = parts.port != 0
    except ValueError:
        return False
    return usable and parts.scheme == "http" and parts.hostname in _LOOPBACK


def _read_form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _demanded(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise OAuthError("invalid_request", f"Missing required parameter: {name}.")
    return form[name]


def _invalid_grant() -> OAuthError:
    return OAuthError(
        "invalid_grant", "The grant is invalid, expired, revoked or was made for another redirect URL."
    )


def _with_defaults(scopes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*scopes, *ALWAYS]))
