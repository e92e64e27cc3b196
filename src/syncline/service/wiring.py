"""Wiring: joins the settings document, the store and the connectors into a sync that can run."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime

from syncline.config import Document, SyncSettings, export, raise_errors, resolved
from syncline.connectors.base import Connector
from syncline.core.errors import MissingSettingError
from syncline.core.model import Side
from syncline.engine.context import Report, SyncContext, never, silent
from syncline.service import log
from syncline.service.check import check_document, describe, mapped_types
from syncline.service.clock import choose_clock
from syncline.service.connect import open_connection, token_keys
from syncline.service.database import open_database
from syncline.service.ledger import StoredLedger
from syncline.service.watching import Watched
from syncline.store import budgets, retention, versions
from syncline.store.database import close_store


def choose_sync(document: Document, name: str | None = None) -> str:
    """The sync that is meant: the named one, or the only one."""
    if name is None and len(document.syncs) == 1:
        return next(iter(document.syncs))
    if name is None:
        listed = ", ".join(document.syncs) or "none"
        raise MissingSettingError(
            f"The settings have {len(document.syncs)} syncs, so one has to be named: {listed}.",
            hint="Add --sync NAME." if document.syncs else "Add a sync to the settings file.",
        )
    resolved(document, name)
    return name


def open_sync(
    document: Document,
    sync_name: str | None = None,
    *,
    report: Report = silent,
    stopping: Callable[[], bool] = never,
    checked: bool = True,
    environ: Mapping[str, str] | None = None,
    database_is_open: bool = False,
) -> SyncContext:
    """A sync ready to run: its database is open, its maps are checked against what both systems show.

    Without `checked` no system is called; that is enough for what needs the store alone. Raises `ConfigError`
    where the settings cannot be used, and `RemoteError` where a system does not answer. `close_sync` ends it.
    `database_is_open`: the process has opened it, once for all its threads.
    """
    environ = os.environ if environ is None else environ
    name = choose_sync(document, sync_name)
    if not database_is_open:
        open_database(document, environ)
    clock = choose_clock(environ)
    settings = _sound(document, name)
    log.about_sync(name)
    connectors: dict[Side, Connector] = {}
    ledgers: dict[Side, StoredLedger] = {}
    try:
        for side in Side:
            connection = settings.connection(side)
            ledgers[side] = StoredLedger(connection, document.connections[connection].budget)
            connectors[side] = open_connection(document, connection, clock, environ, ledgers[side])
        if checked:
            check_maps(document, settings, connectors)
        _keep_history(document, name, clock.now())
    except BaseException:
        _close(connectors)
        log.about_nothing()
        raise
    return SyncContext(
        settings,
        connectors,
        clock,
        Watched(name, clock, report).report,
        stopping,
        log.tell_of,
        log.about_run,
        token_keys=lambda: token_keys(document, environ),
        with_reserve=lambda: _with_reserve(ledgers),
    )


def _keep_history(document: Document, sync: str, now: datetime) -> None:
    """Note the settings that are used, and let go of what is older than they say."""
    versions.keep(export(document), getpass.getuser(), now)
    budgets.prune(now)
    kept = document.retention
    retention.prune(sync, runs_before=now - kept.runs, errors_before=now - kept.errors)


@contextmanager
def _with_reserve(ledgers: Mapping[Side, StoredLedger]) -> Iterator[None]:
    with ExitStack() as stack:
        for ledger in ledgers.values():
            stack.enter_context(ledger.by_hand())
        yield


def close_sync(context: SyncContext) -> None:
    """Let go of both systems and the database."""
    _close(context.connectors)
    close_store()
    log.about_nothing()


def _close(connectors: Mapping[Side, Connector]) -> None:
    for connector in connectors.values():
        connector.close()


def _only(document: Document, name: str) -> Document:
    """The document with one sync: mistakes in another one do not stop this one."""
    sync = document.syncs[name]
    used = {key: each for key, each in document.connections.items() if key in (sync.left, sync.right)}
    return document.model_copy(update={"syncs": {name: sync}, "connections": used or document.connections})


def _sound(document: Document, name: str) -> SyncSettings:
    """The settings of a sync whose names and maps make sense among themselves."""
    raise_errors(check_document(_only(document, name)))
    return resolved(document, name)


def check_maps(document: Document, settings: SyncSettings, connectors: Mapping[Side, Connector]) -> None:
    """Stop on maps that contradict what both systems show."""
    schemas = {
        settings.connection(side): describe(connectors[side], mapped_types(settings, side)) for side in Side
    }
    raise_errors(check_document(_only(document, settings.name), schemas))
