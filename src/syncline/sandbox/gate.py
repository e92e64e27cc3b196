"""The gate every request of a sandbox passes: it is counted, met by faults, then answered by the system."""

import asyncio
import json
import os
import socket
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncline.sandbox.faults import Fault, Faults
from syncline.sandbox.system import Answer, PageRequest, SystemApp

CONTROL = "/_sandbox"
_HTML = b"<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body>Bad gateway</body></html>\n"


class RequestCounter:
    """How often each method and path template was asked for. Lives in memory: a restart starts at nought."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes
        self._counts: Counter[str] = Counter()

    def count(self, scope: Scope) -> None:
        """Count one request under its route's template, or under its own path when no route takes it."""
        self._counts[f"{scope['method']} {self._template(scope)}"] += 1

    def shown(self) -> dict[str, int]:
        """The counts by "METHOD /path/{template}", and their total."""
        return {**dict(sorted(self._counts.items())), "total": self._counts.total()}

    def clear(self) -> None:
        """Start again at nought."""
        self._counts.clear()

    def _template(self, scope: Scope) -> str:
        for route in self._routes:
            if route.matches(scope)[0] is Match.FULL and not route.path.endswith(":path}"):
                return route.path
        return str(scope["path"])


class Gate:
    """ASGI middleware around one system. Requests are counted before any fault is applied."""

    def __init__(self, inner: ASGIApp, system: SystemApp, counter: RequestCounter, faults: Faults) -> None:
        self._inner = inner
        self._system = system
        self._counter = counter
        self._faults = faults
        self.stopping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._inner(scope, receive, send)
            return
        self._counter.count(scope)
        body = await _read(receive)
        exchange = _Exchange(scope, receive, send, body)
        fault = await self._met(exchange)
        if fault is None:
            await self._inner(scope, exchange.replay(), send)
        else:
            await self._act(fault, exchange)

    async def _met(self, exchange: "_Exchange") -> Fault | None:
        """The fault that shapes the answer, after every latency rule has had its delay."""
        chosen = None
        for fault in self._faults.met_by(exchange.scope["method"], exchange.scope["path"]):
            if fault.kind == "latency":
                self._faults.spend(fault)
                await asyncio.sleep(fault.seconds)
            elif chosen is None:
                chosen = fault
        return chosen

    async def _act(self, fault: Fault, exchange: "_Exchange") -> None:
        if fault.kind == "repeat_page":
            await self._repeat_page(fault, exchange)
            return
        self._faults.spend(fault)
        carried_out = fault.after_commit or fault.kind in {"hang_after_commit", "truncate"}
        answer = await self._carry_out(exchange) if carried_out else None
        if fault.kind in {"hang", "hang_after_commit"}:
            await self._hang(exchange)
        elif fault.kind == "reset":
            _cut(exchange.scope)
        elif fault.kind == "truncate" and answer is not None:
            await exchange.answer(Answer(answer.status, answer.headers, _halved(answer.body)))
        elif fault.kind == "html":
            html = {"content-type": "text/html; charset=utf-8", **fault.headers}
            await exchange.answer(Answer(fault.status or 200, html, _HTML))
        else:
            await exchange.answer(self._status_answer(fault))

    async def _carry_out(self, exchange: "_Exchange") -> Answer:
        """Let the system handle the request fully, but keep its answer back."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._inner(exchange.scope, exchange.replay(), keep)
        start = messages[0]
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in start["headers"]
            if name.lower() != b"content-length"
        }
        return Answer(start["status"], headers, b"".join(m.get("body", b"") for m in messages[1:]))

    async def _repeat_page(self, fault: Fault, exchange: "_Exchange") -> None:
        remembered = fault.remembered.get("answer")
        if isinstance(remembered, Answer) and self._system.is_next_page(exchange.page_request()):
            self._faults.spend(fault)
            await exchange.answer(remembered)
            return
        answer = await self._carry_out(exchange)
        fault.remembered["answer"] = answer
        await exchange.answer(answer)

    async def _hang(self, exchange: "_Exchange") -> None:
        """Say nothing until the client gives up or the sandbox stops."""
        waits = [asyncio.ensure_future(exchange.disconnected()), asyncio.ensure_future(self.stopping.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        _cut(exchange.scope)

    def _status_answer(self, fault: Fault) -> Answer:
        status = fault.status or 500
        own = self._system.error_answer(status) if fault.body is None else None
        if own is not None:
            return Answer(status, {**own.headers, **fault.headers}, own.body)
        text = isinstance(fault.body, str) or fault.body is None
        body = (fault.body or "").encode() if text else json.dumps(fault.body).encode()
        kind = "text/plain; charset=utf-8" if text else "application/json"
        return Answer(status, {"content-type": kind, **fault.headers}, body)


class _Exchange:
    """One request whose body is already read, and the way to answer it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self._body = body

    def replay(self) -> Receive:
        """A receive that gives the body once more, then whatever the connection says."""
        given = False

        async def receive() -> Message:
            nonlocal given
            if given:
                return await self._receive()
            given = True
            return {"type": "http.request", "body": self._body, "more_body": False}

        return receive

    def page_request(self) -> PageRequest:
        query = self.scope.get("query_string", b"").decode("latin-1")
        return PageRequest(self.scope["method"], self.scope["path"], query, self._body)

    async def answer(self, answer: Answer) -> None:
        response = Response(answer.body, status_code=answer.status, headers=dict(answer.headers))
        await response(self.scope, self._receive, self._send)

    async def disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            continue


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _halved(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _cut(scope: Scope) -> None:
    """Close the client's connection under the server, which has no means of its own to end one unanswered."""
    peer = (scope["client"][0], int(scope["client"][1]))
    for entry in Path("/dev/fd").iterdir():
        if (connection := _connection(int(entry.name))) is None:
            continue
        with connection:
            if _peer(connection) == peer:
                connection.shutdown(socket.SHUT_RDWR)


def _connection(descriptor: int) -> socket.socket | None:
    """A second handle on a network connection of this process, or None when the number is something else."""
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return None
        return socket.socket(fileno=os.dup(descriptor))
    except OSError:
        return None


def _peer(connection: socket.socket) -> tuple[str, int] | None:
    try:
        name = connection.getpeername()
    except OSError:
        return None
    return (name[0], name[1]) if isinstance(name, tuple) and len(name) >= 2 else None
