"""Wiring: joins the settings document, the store and the connectors into a sync that can run."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Mapping
from datetime import datetime

from syncline.config import Document, export, resolved
from syncline.core.errors import MissingSettingError
from syncline.engine.context import Report, SyncContext, never, silent
from syncline.service import log
from syncline.service.connect import token_keys
from syncline.service.database import open_database
from syncline.service.systems import Systems, open_systems
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
) -> SyncContext:
    """A sync ready to run: its database is open, its maps are checked against what both systems show.

    Without `checked` no system is called; that is enough for what needs the store alone. Raises `ConfigError`
    where the settings cannot be used, and `RemoteError` where a system does not answer. `close_sync` ends it.
    """
    environ = os.environ if environ is None else environ
    name = choose_sync(document, sync_name)
    open_database(document, environ)
    log.about_sync(name)
    try:
        return ready(open_systems(document, name, environ, checked=checked), environ, report, stopping)
    except BaseException:
        log.about_nothing()
        raise


def ready(
    systems: Systems, environ: Mapping[str, str], report: Report, stopping: Callable[[], bool]
) -> SyncContext:
    """A sync ready to run, whose database and systems are open; the systems are closed where that fails."""
    document, name, clock = systems.document, systems.settings.name, systems.clock
    try:
        _keep_history(document, name, clock.now())
    except BaseException:
        systems.close()
        raise
    return SyncContext(
        systems.settings,
        dict(systems.connectors),
        clock,
        Watched(name, clock, report).report,
        stopping,
        log.tell_of,
        log.about_run,
        token_keys=lambda: token_keys(document, environ),
        doing=systems.doing,
    )


def _keep_history(document: Document, sync: str, now: datetime) -> None:
    """Note the settings that are used, and let go of what is older than they say."""
    versions.keep(export(document), getpass.getuser(), now)
    budgets.prune(now)
    kept = document.retention
    retention.prune(sync, runs_before=now - kept.runs, errors_before=now - kept.errors)


def close_sync(context: SyncContext) -> None:
    """Let go of both systems and the database."""
    for connector in context.connectors.values():
        connector.close()
    close_store()
    log.about_nothing()
