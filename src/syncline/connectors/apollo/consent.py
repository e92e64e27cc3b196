"""Apollo's OAuth: its site asks a person, on a hash route, and hands out tokens; its API takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from syncline.connectors.apollo.client import BASE_URL
from syncline.connectors.base import Clock, TokenStore
from syncline.connectors.oauth import RefreshToken, TokenSource, WebFlow

TOKEN_PATH = "/api/v1/oauth/token"  # noqa: S105 - an address, not a password
_SITES = {"api.apollo.io": "app.apollo.io"}


def web_flow(settings: Mapping[str, Any]) -> WebFlow:
    """Where a person consents. Apollo publishes neither challenges nor a call that ends a token."""
    site, given = _site(settings), settings["credentials"]
    return WebFlow(
        page=f"{site}/#/oauth/authorize",
        base_url=site,
        token_path=TOKEN_PATH,
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        scope=str((settings.get("options") or {}).get("scope") or ""),
    )


def token_source(settings: Mapping[str, Any], clock: Clock, store: TokenStore) -> TokenSource:
    """The tokens of a connection whose user has consented."""
    given = settings["credentials"]
    grant = RefreshToken(given["client_id"], given["client_secret"])
    return TokenSource(_site(settings), TOKEN_PATH, grant, clock=clock, store=store, attempts=2)


def _site(settings: Mapping[str, Any]) -> str:
    """The vendor has a host for people beside that of its API; a stand-in is both at once."""
    parts = urlsplit(str(settings.get("base_url") or BASE_URL))
    return f"{parts.scheme}://{_SITES.get(parts.netloc, parts.netloc)}"
