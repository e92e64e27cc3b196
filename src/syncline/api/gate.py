"""Gate: what is asked is looked at before it comes in: its host, and how much it sends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from syncline.api.answers import body_of
from syncline.service.serving import Serving

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES = 1_000_000
MOST_SECONDS = 30.0
"""How long a caller may take to send all it has to say."""
_GONE: Mapping[str, Any] = {"type": "http.disconnect"}
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")


class Gate:
    """Lets through what can be answered, and hands views what they need to know of the process."""

    def __init__(self, inner: Any, serving: Serving) -> None:
        self._inner: App = inner
        self._serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if status := _refused(scope):
            await _answer(send, status)
            return
        heard, begun = _Measured(receive), _Begun(send)
        await self._inner({**scope, "serving": self._serving}, heard, begun)
        if heard.fault and not begun.begun:
            await _answer(send, heard.fault)


class _Measured:
    """What a caller sends. One who sends too much or too slowly counts as gone; `fault` is the status that says it."""

    def __init__(self, receive: Receive) -> None:
        self.fault = 0
        self._receive = receive
        self._taken = 0
        self._until = asyncio.get_running_loop().time() + MOST_SECONDS
        self._over = False

    async def __call__(self) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout_at(None if self._over else self._until):
                message = await self._receive()
        except TimeoutError:
            self.fault = 408
            return _GONE
        self._taken += len(message.get("body", b""))
        self._over = not message.get("more_body", False)
        if self._taken > MOST_BYTES:
            self.fault = 413
            return _GONE
        return message


class _Begun:
    """Where an answer goes, and whether it has begun."""

    def __init__(self, send: Send) -> None:
        self.begun = False
        self._send = send

    async def __call__(self, message: Mapping[str, Any]) -> None:
        self.begun = True
        await self._send(message)


def _refused(scope: Scope) -> int | None:
    """The status that tells why this cannot be asked."""
    told = [value for name, value in scope["headers"] if name == b"host"]
    if len(told) > 1 or any(not _HOST.fullmatch(host) for host in told):
        return 400
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    if any(not length.isdigit() for length in lengths):
        return 400
    return 413 if any(int(length[:20]) > MOST_BYTES for length in lengths) else None


async def _answer(send: Send, status: int) -> None:
    body = body_of(status)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send(
        {"type": "http.response.start", "status": status, "headers": [*headers, (b"connection", b"close")]}
    )
    await send({"type": "http.response.body", "body": body})
