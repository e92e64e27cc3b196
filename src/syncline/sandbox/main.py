"""Serves one sandbox in one process: opens or seeds its state, listens, says so in one JSON line."""

import asyncio
import contextlib
import gc
import json
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette

from syncline.sandbox.clock import Clock
from syncline.sandbox.control import Control
from syncline.sandbox.faults import Faults
from syncline.sandbox.gate import CONTROL, Gate, RequestCounter
from syncline.sandbox.state import State
from syncline.sandbox.system import Build, SystemApp

HOST = "127.0.0.1"
DEMO_PEOPLE = 4000

# Named by import path, so that starting one system never loads another.
SYSTEMS = {
    "apollo": "syncline.sandbox.apollo.app:build",
    "customeros": "syncline.sandbox.customeros.app:build",
    "salesforce": "syncline.sandbox.salesforce.app:build",
}


class SandboxError(Exception):
    """A sandbox that cannot start; the message says why and what to give instead."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """How many people, how many companies (None: a fifth as many), and whether only a few of them are messy."""

    people: int
    companies: int | None = None
    tidy: bool = False


def announce(line: str) -> None:
    """Print the ready line at once, whatever reads it."""
    print(line, flush=True)


def serve(
    system: str,
    port: int,
    dataset: str = "demo",
    state: str | None = None,
    seed: int = 1,
    edition: str | None = None,
    ready: Callable[[str], None] = announce,
) -> None:
    """Serve one system on the loopback interface until SIGTERM or SIGINT.

    Port 0 picks a free one. `edition` is one of those the system comes in. `dataset` is what `read_dataset` takes; it
    fills a state that was never seeded and is not looked at otherwise. Without a state file a temporary one is used
    and removed.
    """
    build = find_system(system)
    chosen = read_dataset(dataset)
    with contextlib.ExitStack() as stack:
        if state is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="syncline-sandbox-"))
            state = str(Path(folder) / f"{system}.sqlite3")
        with _growing():
            opened = State(state)
            stack.callback(opened.close)
            clock = Clock(opened)
            app = build(opened, clock, seed)
            _choose(opened, app, edition)
            _seed_once(opened, app, chosen, seed)
        asyncio.run(_listen(app, opened, clock, _reserve(port), seed, ready))


@contextlib.contextmanager
def _growing() -> Iterator[None]:
    """What is made within stays: looking through it again and again for garbage would take most of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def find_system(name: str) -> Build:
    """The function that builds a system, loaded at its first use."""
    if name not in SYSTEMS:
        raise SandboxError(f"unknown system {name!r}: give one of {', '.join(sorted(SYSTEMS))}")
    module, _, attribute = SYSTEMS[name].partition(":")
    build: Build = getattr(import_module(module), attribute)
    return build


def read_dataset(dataset: str) -> Dataset:
    """The dataset that is meant by empty, demo, a number of people, or bench:PEOPLE:COMPANIES."""
    if dataset == "empty":
        return Dataset(0)
    if dataset == "demo":
        return Dataset(DEMO_PEOPLE)
    bench, *sizes = dataset.split(":")
    if bench == "bench" and len(sizes) == 2 and all(_is_number(size) for size in sizes):
        return Dataset(int(sizes[0]), int(sizes[1]), tidy=True)
    if not _is_number(dataset):
        raise SandboxError(
            f"unknown dataset {dataset!r}: give empty, demo, a number of people or bench:PEOPLE:COMPANIES"
        )
    return Dataset(int(dataset))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _choose(state: State, app: SystemApp, edition: str | None) -> None:
    if edition is None:
        return
    if edition not in app.editions:
        there = f"give one of {', '.join(app.editions)}" if app.editions else f"{app.name} comes in one"
        raise SandboxError(f"unknown edition {edition!r}: {there}")
    with state.transaction():
        app.choose_edition(edition)


def _seed_once(state: State, app: SystemApp, dataset: Dataset, seed: int) -> None:
    if state.peek("_sandbox", "seeded") is not None:
        return
    world: Any = None
    if dataset.people:
        build_world = import_module("syncline.sandbox.world").build_world
        world = build_world(dataset.people, seed, companies=dataset.companies, tidy=dataset.tidy)
    with state.transaction():
        app.seed(world)
        state.put("_sandbox", "seeded", {**asdict(dataset), "seed": seed})
        state.keep_seed()


def _reserve(port: int) -> int:
    """The port to listen on. The server shares ports silently, so a taken one must be found out here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SandboxError(f"port {port} cannot be used: {error.strerror}; give another or 0") from error
        return int(probe.getsockname()[1])


async def _listen(
    app: SystemApp, state: State, clock: Clock, port: int, seed: int, ready: Callable[[str], None]
) -> None:
    faults, counter = Faults(seed, clock.now), RequestCounter(app.routes, app.topic)
    control = Control(state, clock, faults, counter, app.records)
    inner = Starlette(routes=[*control.routes(), *app.control_routes, *app.routes])
    gate = Gate(inner, app, counter, faults, clock)
    server = Server(gate, address=HOST, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    server.workers_kill_timeout = 1  # a request that never ends must not keep the sandbox alive

    def stop() -> None:
        gate.stopping.set()
        server.stop()  # type: ignore[no-untyped-call]

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    serving = asyncio.ensure_future(server.serve())
    await _answering(port, serving)
    ready(json.dumps(_ready_line(app, f"http://{HOST}:{port}")))
    with contextlib.suppress(TimeoutError):  # granian's way of saying that the kill timeout was needed
        await serving


async def _answering(port: int, serving: "asyncio.Future[None]") -> None:
    """Return once the port takes connections; raise what stopped the server if it ended instead."""
    while True:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except ConnectionRefusedError:
            if serving.done():
                serving.result()
                raise SandboxError(f"the server on port {port} ended before it answered") from None
            await asyncio.sleep(0.01)
            continue
        writer.close()
        return


def _ready_line(app: SystemApp, origin: str) -> dict[str, Any]:
    base_url = origin + app.base_path
    return {
        "system": app.name,
        "base_url": base_url,
        "credentials": app.credentials(base_url),
        "control_url": origin + CONTROL,
    }
