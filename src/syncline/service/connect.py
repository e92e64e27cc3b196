"""From the settings of a connection to the connector that speaks to its system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from syncline.config import Document, resolve_connection, resolve_key
from syncline.connectors.base import Clock, Connector, TokenStore
from syncline.connectors.http import Ledger, MemoryLedger
from syncline.connectors.oauth import MemoryTokenStore
from syncline.connectors.registry import connect
from syncline.service.database import open_database
from syncline.service.named import NamedConnector
from syncline.service.redact import REDACTOR
from syncline.service.tokens import StoredTokens
from syncline.store.database import close_store
from syncline.store.sealing import TokenKeys


def open_connection(
    document: Document,
    name: str,
    clock: Clock,
    environ: Mapping[str, str],
    ledger: Ledger | None = None,
) -> Connector:
    """The connector of a connection. Nothing is asked of the system yet; raises `ConfigError`.

    The database has to be open where a person has consented: it keeps the token. Without a ledger calls are counted
    by this process alone.
    """
    settings = connection_settings(document, name, environ)
    tokens = _token_store(document, name, settings, clock, environ)
    counted = ledger or MemoryLedger(document.connections[name].budget.share)
    return NamedConnector(name, connect(settings, clock, tokens, counted))


@contextmanager
def connected(document: Document, name: str, clock: Clock, environ: Mapping[str, str]) -> Iterator[Connector]:
    """A connector by itself, with the database where it needs one, until the end of the with block."""
    with database_for(document, name, environ):
        connector = open_connection(document, name, clock, environ)
        try:
            yield connector
        finally:
            connector.close()


@contextmanager
def database_for(document: Document, name: str, environ: Mapping[str, str]) -> Iterator[None]:
    """The database of a document, opened only for a connection that keeps its token there."""
    if not by_consent(document, name):
        yield
        return
    open_database(document, environ)
    try:
        yield
    finally:
        close_store()


def by_consent(document: Document, name: str) -> bool:
    """Whether a connection acts for a person who has consented."""
    return name in document.connections and document.connections[name].sign_in == "oauth"


def connection_settings(document: Document, name: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings of a connection as connectors take them, with the secrets looked up."""
    found = resolve_connection(document, name, environ)
    REDACTOR.hide(found.credentials.values())
    return {
        "system": found.system,
        "base_url": found.base_url,
        "credentials": found.credentials,
        "sign_in": found.sign_in,
        "options": found.options,
    }


def stored_tokens(
    document: Document, name: str, settings: Mapping[str, Any], clock: Clock, environ: Mapping[str, str]
) -> StoredTokens:
    """Where the token of a connection is kept; no key is looked up before one is needed."""
    app = " ".join([settings["system"], settings["base_url"] or "", settings["credentials"]["client_id"]])
    return StoredTokens(name, app, lambda: token_keys(document, environ), clock)


def token_keys(document: Document, environ: Mapping[str, str]) -> TokenKeys:
    """The keys of stored tokens; raises `TokenKeyError`."""
    text = resolve_key(document, environ)
    REDACTOR.hide(text.split())
    return TokenKeys.parse(text)


def _token_store(
    document: Document, name: str, settings: Mapping[str, Any], clock: Clock, environ: Mapping[str, str]
) -> TokenStore:
    if settings["sign_in"] == "oauth" and settings["credentials"].get("client_id"):
        return stored_tokens(document, name, settings, clock, environ)
    return MemoryTokenStore()
