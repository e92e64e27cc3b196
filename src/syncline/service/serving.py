"""Serving: HTTP and the worker in one process, from one signal to the other."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

from syncline.config import Document, load, resolve_database, resolve_serve_token
from syncline.config.serve import host_and_port
from syncline.core.errors import ConfigError, UnavailableError
from syncline.service.database import open_database
from syncline.service.jobs.port import JobEngine
from syncline.service.lock import served_alone
from syncline.service.redact import REDACTOR
from syncline.service.worker import Worker

_STOP_SECONDS = 7.0
"""What the worker gets of the ten seconds in which the process has to end."""
_LAST_SECONDS = 9.5
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Serving:
    """What answers over HTTP knows of its process. `trouble` says why the worker does not work; empty if it does.

    `document` are the settings it began with, `reread` those of the moment; `queue` is where its jobs are kept.
    """

    document: Document
    environ: Mapping[str, str] = field(repr=False)
    token: str = field(default="", repr=False)
    trouble: Callable[[], str] = str
    reread: Callable[[], Document] | None = None
    queue: Callable[[], JobEngine | None] | None = None

    def newest(self) -> Document:
        """The settings of the moment."""
        return self.reread() if self.reread else self.document

    def engine(self) -> JobEngine | None:
        """The job engine, once the worker has begun."""
        return self.queue() if self.queue else None


def serve(
    settings: Path,
    environ: Mapping[str, str],
    *,
    listen: str | None,
    app: str,
    ready: Callable[[str, Document], None],
) -> bool:
    """Answer and work until SIGTERM or SIGINT; false if the worker was lost before. A second signal ends it at once.

    `app` names the function that makes the application of a `Serving`, as "module:function"; `ready` is told the
    address when it answers. Raises `ServedError` where another process serves the same SQLite file.
    """
    document = load(settings)
    chosen = document.serve.listening(listen)
    token = resolve_serve_token(document, environ)
    REDACTOR.hide([token] if token else [])
    with served_alone(resolve_database(document, environ)):
        host, port = _reserve(*host_and_port(chosen.listen))
        open_database(document, environ)
        worker = Worker(settings, environ, workers=chosen.workers)
        made = _make(
            app, Serving(document, environ, token, worker.trouble, worker.document, lambda: worker.engine)
        )
        worker.start()
        return asyncio.run(_work(made, worker, host, port, lambda address: ready(address, document)))


def _make(app: str, serving: Serving) -> Any:
    module, _, function = app.partition(":")
    return getattr(import_module(module), function)(serving)


def _reserve(host: str, port: int) -> tuple[str, int]:
    """The address to listen on. The server shares ports silently, so a taken one must be found out here."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            found = probe.getsockname()
    except OSError as error:
        raise ConfigError(
            f"nothing can listen on {host}, port {port}: {error.strerror}",
            hint="Set serve.listen, or --listen, to another address; 127.0.0.1:0 takes any free port.",
        ) from None
    return str(found[0]), int(found[1])


async def _work(app: Any, worker: Worker, host: str, port: int, ready: Callable[[str], None]) -> bool:
    server = Server(app, address=host, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    server.workers_kill_timeout = 1  # a request that never ends must not keep the process alive
    told = _told_to_stop()
    answering = asyncio.ensure_future(server.serve())
    try:
        await _answers(host, port, answering)
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        await _until(told, worker, answering)
    finally:
        _end_anyway()
        await asyncio.to_thread(worker.stop, _STOP_SECONDS)
        server.stop()  # type: ignore[no-untyped-call]
        with suppress(TimeoutError):  # granian's way of saying that the kill timeout was needed
            await answering
    return told.is_set()


def _told_to_stop() -> asyncio.Event:
    told = asyncio.Event()

    def tell(number: int) -> None:
        if told.is_set():
            os._exit(128 + number)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, tell, number)
    return told


async def _until(told: asyncio.Event, worker: Worker, answering: asyncio.Future[None]) -> None:
    while not told.is_set() and not worker.lost.is_set() and not answering.done():
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), _LOOK_SECONDS)


async def _answers(host: str, port: int, answering: asyncio.Future[None]) -> None:
    """Return once the port takes connections; raise what stopped the server if it ended instead."""
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except ConnectionRefusedError:
            if answering.done():
                answering.result()
                raise UnavailableError(f"the server on port {port} ended before it answered") from None
            await asyncio.sleep(0.01)
            continue
        writer.close()
        return


def _end_anyway() -> None:
    """What does not end in time counts as cut off; it is found out at the next start what became of it."""
    last = threading.Timer(_LAST_SECONDS, os._exit, [0])
    last.daemon = True
    last.start()
