"""A clock of Syncline's machine alone: it can be put wrong while the systems' clocks are right."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class OwnClock(ThreadingHTTPServer):
    """Tells the time over HTTP, as a sandbox does, so many seconds wrong."""

    daemon_threads = True
    ahead = 0.0

    @property
    def environ(self) -> dict[str, str]:
        """What makes a process go by it."""
        return {"SYNCLINE_CLOCK_URL": f"http://127.0.0.1:{self.server_address[1]}", "SYNCLINE_TESTING": "1"}


class _Told(BaseHTTPRequestHandler):
    server: OwnClock

    def do_GET(self) -> None:
        shown = datetime.now(UTC) + timedelta(seconds=self.server.ahead)
        body = json.dumps({"now": shown.isoformat(), "frozen": False}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody wants to know."""


@contextmanager
def own_clock() -> Iterator[OwnClock]:
    """A clock that ends with the with block."""
    with OwnClock(("127.0.0.1", 0), _Told) as clock:
        thread = threading.Thread(target=clock.serve_forever)
        thread.start()
        try:
            yield clock
        finally:
            clock.shutdown()
            thread.join()
