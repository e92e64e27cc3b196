"""One request that the gate holds, the ways to answer it, and the way to end its connection unanswered."""

import os
import socket
import stat
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncline.sandbox.system import Answer, PageRequest


class Exchange:
    """One request whose body is already read, and the way to answer it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self._body = body

    def _replay(self) -> Receive:
        """A receive that gives the body once more, then whatever the connection says."""
        given = False

        async def receive() -> Message:
            nonlocal given
            if given:
                return await self._receive()
            given = True
            return {"type": "http.request", "body": self._body, "more_body": False}

        return receive

    async def pass_to(self, inner: ASGIApp) -> None:
        """Let the system answer."""
        await inner(self.scope, self._replay(), self._send)

    async def carry_out(self, inner: ASGIApp) -> Answer:
        """Let the system handle the request fully, but keep its answer back."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await inner(self.scope, self._replay(), keep)
        start = messages[0]
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in start["headers"]
            if name.lower() != b"content-length"
        }
        return Answer(start["status"], headers, b"".join(m.get("body", b"") for m in messages[1:]))

    def page_request(self) -> PageRequest:
        """The request as the system's own questions about it take it."""
        query = self.scope.get("query_string", b"").decode("latin-1")
        return PageRequest(self.scope["method"], self.scope["path"], query, self._body)

    async def answer(self, answer: Answer) -> None:
        """Send a whole answer."""
        response = Response(answer.body, status_code=answer.status, headers=dict(answer.headers))
        await response(self.scope, self._receive, self._send)

    async def answer_half(self, answer: Answer) -> None:
        """Announce the whole length, send half of the body, and end the connection."""
        whole = Response(answer.body, status_code=answer.status, headers=dict(answer.headers))
        await self._send(
            {"type": "http.response.start", "status": answer.status, "headers": whole.raw_headers}
        )
        half = answer.body[: len(answer.body) // 2]
        await self._send({"type": "http.response.body", "body": half, "more_body": True})

    async def disconnected(self) -> None:
        """Return when the client is gone."""
        while (await self._receive())["type"] != "http.disconnect":
            continue


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def cut(scope: Scope) -> None:
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
