"""A web server of one page on this machine: a person's browser comes back to it with the answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from syncline.core.errors import AuthError, ConfigError

PATH = "/oauth/callback"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST = 16_384
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Syncline</title></head>
<body><main><h1>Syncline</h1><p>{text}</p></main></body>
</html>
"""

Parameters = Mapping[str, Sequence[str]]


def is_loopback(redirect_uri: str) -> bool:
    """Whether people are sent back to this machine, so that Syncline itself can listen there."""
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def read_address(address: str) -> Parameters:
    """The parameters of an address that a browser was sent to."""
    try:
        parts = urlsplit(address.strip()[:_LONGEST])
        return parse_qs(parts.query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}


class CallbackServer:
    """Listens for one answer, on a free port or on that of a registered address; a context manager.

    Only this machine reaches it. Requests that carry nothing of an answer, such as for an icon, are not it.
    """

    def __init__(self, redirect_uri: str | None = None) -> None:
        parts = urlsplit(redirect_uri or f"http://127.0.0.1:0{PATH}")
        self._path = parts.path or "/"
        self._answers: SimpleQueue[Parameters] = SimpleQueue()
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", parts.port or 0), self._handler())
        except OSError as error:
            raise ConfigError(
                f"Nobody can listen at {redirect_uri}: {error.strerror}.",
                hint="End the program that uses the port, or register another redirect_uri.",
            ) from None
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.redirect_uri = redirect_uri or f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, seconds: float) -> Parameters:
        """The parameters of the answer; `AuthError` when none comes in time."""
        try:
            return self._answers.get(timeout=seconds)
        except Empty:
            raise AuthError(
                f"Nobody came back within {seconds:.0f} seconds. Nothing was stored.",
                hint="Run the command again and open the address it prints; --timeout gives more time.",
                reason="timeout",
            ) from None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                found = read_address(self.path) if parts.path == owner._path else {}
                if not found:
                    self._say(404, "There is nothing here.")
                    return
                self._say(200, "Thank you. The rest is told where you started; this page can be closed.")
                owner._answers.put(found)

            def _say(self, status: int, text: str) -> None:
                body = _PAGE.format(text=escape(text)).encode()
                self.send_response(status)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-length", str(len(body)))
                self.send_header("content-security-policy", "default-src 'none'")
                self.send_header("referrer-policy", "no-referrer")
                self.send_header("cache-control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
                """Say nothing: the addresses hold codes."""

        return Handler
