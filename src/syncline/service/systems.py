"""Both systems of a sync, signed in to, with the settings that fit what they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from syncline.config import Document, SyncSettings, raise_errors, resolved
from syncline.connectors.base import Clock, Connector
from syncline.core.budget import Work
from syncline.core.model import Side
from syncline.service.check import check_document, describe, mapped_types
from syncline.service.clock import choose_clock
from syncline.service.connect import open_connection
from syncline.service.ledger import StoredLedger


@dataclass(frozen=True)
class Systems:
    """The connectors of a sync, for one run after the other; `close` ends them."""

    document: Document
    settings: SyncSettings
    connectors: Mapping[Side, Connector]
    ledgers: Mapping[Side, StoredLedger]
    clock: Clock

    @contextmanager
    def doing(self, work: Work) -> Iterator[None]:
        """Meanwhile calls are for work of that sort, and may use its part of the budget (rule C6)."""
        with ExitStack() as stack:
            for ledger in self.ledgers.values():
                stack.enter_context(ledger.doing(work))
            yield

    def close(self) -> None:
        """Let go of both systems."""
        for connector in self.connectors.values():
            connector.close()


def open_systems(
    document: Document, name: str, environ: Mapping[str, str], *, checked: bool = True
) -> Systems:
    """The systems of a sync, its maps checked against what both show; without `checked` neither is called.

    The database has to be open. Raises `ConfigError` where the settings cannot be used, and `RemoteError` where a
    system does not answer.
    """
    clock, settings = choose_clock(environ), _sound(document, name)
    ledgers = {side: _ledger(document, settings.connection(side)) for side in Side}
    connectors: dict[Side, Connector] = {}
    opened = Systems(document, settings, connectors, ledgers, clock)
    try:
        for side in Side:
            connection = settings.connection(side)
            connectors[side] = open_connection(document, connection, clock, environ, ledgers[side])
        if checked:
            check_maps(document, settings, connectors)
    except BaseException:
        opened.close()
        raise
    return opened


def _ledger(document: Document, connection: str) -> StoredLedger:
    return StoredLedger(connection, document.connections[connection].budget)


def _only(document: Document, name: str) -> Document:
    """The document with one sync: mistakes in another one do not stop this one."""
    sync = document.syncs[name]
    used = {key: each for key, each in document.connections.items() if key in (sync.left, sync.right)}
    return document.model_copy(update={"syncs": {name: sync}, "connections": used or document.connections})


def _sound(document: Document, name: str) -> SyncSettings:
    """The settings of a sync whose names and maps make sense among themselves."""
    if name in document.syncs:
        raise_errors(check_document(_only(document, name)))
    return resolved(document, name)


def check_maps(document: Document, settings: SyncSettings, connectors: Mapping[Side, Connector]) -> None:
    """Stop on maps that contradict what both systems show."""
    schemas = {
        settings.connection(side): describe(connectors[side], mapped_types(settings, side)) for side in Side
    }
    raise_errors(check_document(_only(document, settings.name), schemas))
