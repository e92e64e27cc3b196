"""From the settings of a connection to the connector that speaks to its system."""

from __future__ import annotations

from collections.abc import Mapping

from syncline.config import Document, resolve_connection
from syncline.connectors.base import Clock, Connector
from syncline.connectors.oauth import MemoryTokenStore
from syncline.connectors.registry import connect
from syncline.service.named import NamedConnector
from syncline.service.redact import REDACTOR


def open_connection(document: Document, name: str, clock: Clock, environ: Mapping[str, str]) -> Connector:
    """The connector of a connection. Nothing is asked of the system yet; raises `ConfigError`."""
    found = resolve_connection(document, name, environ)
    REDACTOR.hide(found.credentials.values())
    settings = {
        "system": found.system,
        "base_url": found.base_url,
        "credentials": found.credentials,
        "options": found.options,
        "budget": {"share": found.budget_share},
    }
    return NamedConnector(name, connect(settings, clock, MemoryTokenStore()))
