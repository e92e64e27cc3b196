"""A proxy before a sandbox that lets everything through and keeps what went by."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from syncline.testing.sandboxes import RunningSandbox
from tests.specs.exchange import Exchange

WRONG = "x-wrong-on-purpose"
LISTED = "x-listed"
OURS = {WRONG, LISTED}
BETWEEN_TWO = {"connection", "content-length", "keep-alive", "transfer-encoding"}


class RecordingProxy:
    """Stands before a sandbox as a context manager; `exchanges` is what went by, in order of the answers.

    The sandbox is told the proxy's own host, so that addresses it gives out lead back here.
    """

    def __init__(self, sandbox: RunningSandbox) -> None:
        parts = urlsplit(sandbox.base_url)
        self.sandbox = sandbox
        self.exchanges: list[Exchange] = []
        self._lock = threading.Lock()
        self._http = httpx2.Client(base_url=f"{parts.scheme}://{parts.netloc}", timeout=60)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.base_url = self.origin + parts.path
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._http.close()

    def pass_on(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Exchange:
        """Ask the sandbox and keep the exchange."""
        passed = {name: value for name, value in headers.items() if name not in BETWEEN_TWO | OURS}
        reply = self._http.request(
            method, target, headers={**passed, "accept-encoding": "identity"}, content=body
        )
        path, _, query = target.partition("?")
        exchange = Exchange(
            system=self.sandbox.system,
            method=method,
            path=path,
            query=query,
            headers=passed,
            body=body,
            status=reply.status_code,
            answer_headers={name.lower(): value for name, value in reply.headers.items()},
            answer=reply.content,
            by="list" if LISTED in headers else "connector",
            wrong=WRONG in headers,
        )
        with self._lock:
            self.exchanges.append(exchange)
        return exchange

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                exchange = proxy.pass_on(self.command, self.path, headers, body)
                self.send_response_only(exchange.status)
                for name, value in exchange.answer_headers.items():
                    if name not in BETWEEN_TWO:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(exchange.answer)))
                self.end_headers()
                self.wfile.write(exchange.answer)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815 - the names the server calls

            def log_message(self, *_args: Any) -> None:
                """Say nothing: everything is kept."""

        return Handler
