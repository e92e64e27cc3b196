"""The database and the log of a process, as a settings document wants them."""

from __future__ import annotations

import os
from collections.abc import Mapping

from syncline.config import Document, resolve_database
from syncline.service import log
from syncline.service.redact import REDACTOR
from syncline.store.database import open_store


def open_database(
    document: Document, environ: Mapping[str, str] | None = None, *, migrate: bool = True
) -> None:
    """Use the database of a document, with its tables brought up to date, and log as it says."""
    environ = os.environ if environ is None else environ
    log.set_up(log.choose_level(environ, document.logging.level), document.logging.format)
    url = resolve_database(document, environ)
    if "@" in url:
        REDACTOR.hide([url, url.partition("@")[0].rpartition(":")[2]])
    open_store(url, migrate=migrate)
