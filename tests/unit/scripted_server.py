"""An HTTP server that answers as a test tells it to, and a clock whose sleeps take no time."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import msgspec

HTML = b"<!DOCTYPE html><html><body>Sign in</body></html>"


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass(frozen=True)
class Answer:
    """What the server says; `how` may also be hang, reset or cut (the body ends half way)."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "answer"

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


Respond = Callable[[Request], Answer]


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early is what several tests are about; anything else is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class ScriptedServer:
    """Serves on a free port of this machine; `respond` is what tests exchange to change its manners."""

    def __init__(self, respond: Respond | None = None) -> None:
        self.respond: Respond = respond or (lambda _request: Answer())
        self.requests: list[Request] = []
        self._released = threading.Event()
        self._server = _QuietServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answers(self, *answers: Answer) -> None:
        """Give these answers in turn, the last one for ever."""
        left = list(answers)
        self.respond = lambda _request: left.pop(0) if len(left) > 1 else left[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body go out one by one; waiting costs 40 ms each

            def answer(self) -> None:
                request = self._read()
                script.requests.append(request)
                answer = script.respond(request)
                if answer.how == "hang":
                    script._released.wait()
                if answer.how in {"hang", "reset"}:
                    self.close_connection = True
                    return
                if "date" in answer.headers:
                    self.send_response_only(answer.status)  # without the time of this machine
                else:
                    self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                half = answer.how == "cut"
                self.wfile.write(answer.content[: len(answer.content) // 2] if half else answer.content)
                self.close_connection = self.close_connection or half

            do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815  # the base class asks for these

            def _read(self) -> Request:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = parse_qsl(parts.query, keep_blank_values=True)
                return Request(self.command, parts.path, query, headers, body)

            def log_message(self, *_args: Any) -> None:
                """Say nothing: the test looks at `requests`."""

        return Handler


class StillClock:
    """A clock that moves only by its sleeps, which it remembers."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)
