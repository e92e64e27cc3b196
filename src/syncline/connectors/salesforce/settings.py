"""Makes a connector from the settings of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from syncline.connectors.base import Clock, TokenStore
from syncline.connectors.http import Ledger, check_base_url
from syncline.connectors.oauth import ClientCredentials, Grant, JwtBearer, RefreshToken, WebFlow
from syncline.connectors.salesforce.client import API_VERSION, TOKEN_PATH, Settings
from syncline.connectors.salesforce.connector import OVERLAP, SalesforceConnector
from syncline.core.errors import ConfigError, MissingSettingError

OLDEST_VERSION = 52
PRODUCTION = "https://login.salesforce.com"
TRIAL = "https://test.salesforce.com"
SCOPE = "api id refresh_token"
"""Without refresh_token the consent would end with the first session."""
_LONGEST_OVERLAP = 86_400


def connect(
    settings: Mapping[str, Any], clock: Clock, token_store: TokenStore, ledger: Ledger | None = None
) -> SalesforceConnector:
    """The connector for resolved settings: base_url, credentials, options."""
    if not settings.get("base_url"):
        raise MissingSettingError(
            "A Salesforce connection needs base_url.",
            hint="Give the organisation's My Domain address, such as https://example.my.salesforce.com.",
        )
    base_url = check_base_url(str(settings["base_url"]))
    options = settings.get("options") or {}
    return SalesforceConnector(
        Settings(
            base_url,
            version=_version(options.get("api_version", API_VERSION)),
            auto_assign=_auto_assign(options.get("auto_assign", False)),
            timeout=_seconds(options, "timeout", 30.0, 600.0),
        ),
        _grant(base_url, settings, options),
        clock=clock,
        token_store=token_store,
        overlap=timedelta(seconds=_seconds(options, "overlap", OVERLAP.total_seconds(), _LONGEST_OVERLAP)),
        ledger=ledger,
    )


def web_flow(settings: Mapping[str, Any]) -> WebFlow:
    """Where a person consents; the organisation's own address serves all of it."""
    base_url = check_base_url(str(settings["base_url"]))
    given, options = settings["credentials"], settings.get("options") or {}
    return WebFlow(
        page=f"{base_url}/services/oauth2/authorize",
        base_url=base_url,
        token_path=TOKEN_PATH,
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        scope=str(options.get("scope") or SCOPE),
        pkce=True,
        revoke_path="/services/oauth2/revoke",
    )


def _grant(base_url: str, settings: Mapping[str, Any], options: Mapping[str, Any]) -> Grant:
    given = settings.get("credentials") or {}
    if not given.get("client_id"):
        raise MissingSettingError("A Salesforce connection needs the credential client_id.")
    if settings.get("sign_in") == "oauth":
        return RefreshToken(given["client_id"], given["client_secret"])
    if given.get("client_secret"):
        return ClientCredentials(given["client_id"], given["client_secret"])
    if given.get("private_key") and given.get("username"):
        audience = str(options.get("audience") or _audience(base_url))
        return JwtBearer(given["client_id"], given["username"], audience, given["private_key"])
    raise MissingSettingError(
        "A Salesforce connection needs the credential client_secret, or private_key and username.",
        hint="See the page about connecting Salesforce for the two ways to sign in.",
    )


def _audience(base_url: str) -> str:
    """Assertions are addressed to the vendor's sign-in host, not to the organisation's own."""
    return TRIAL if ".sandbox." in base_url or base_url == TRIAL else PRODUCTION


def _version(given: object) -> str:
    text = str(given).lower().removeprefix("v").removesuffix(".0")
    if not (text.isascii() and text.isdigit()) or not OLDEST_VERSION <= int(text[:4]) < 1000:
        raise ConfigError(
            f"The option api_version cannot be {str(given)[:40]}.",
            hint=f"Use {API_VERSION} or another from v52.0.",
        )
    return f"v{int(text)}.0"


def _auto_assign(given: object) -> str:
    """FALSE unless told otherwise: without the header the server runs assignment rules and changes owners."""
    if isinstance(given, bool):
        return "TRUE" if given else "FALSE"
    text = str(given).strip()
    if text.upper() in {"TRUE", "FALSE"}:
        return text.upper()
    if text.isascii() and text.isalnum() and len(text) in {15, 18}:
        return text
    raise ConfigError(
        "The option auto_assign cannot be used.", hint="Give true, false, or the id of an assignment rule."
    )


def _seconds(options: Mapping[str, Any], name: str, default: float, most: float) -> float:
    given = options.get(name, default)
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 < seconds <= most:
        raise ConfigError(f"The option {name} should be a number of seconds up to {most:.0f}.")
    return seconds
