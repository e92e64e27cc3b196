"""`syncline serve`: HTTP and the worker in one process, until it is stopped."""

from __future__ import annotations

import json as json_text
import os
import sys
from pathlib import Path
from typing import NoReturn

from syncline.cli.ending import leave
from syncline.cli.failure import ERROR
from syncline.config import Document
from syncline.service import log
from syncline.service.serving import serve as serve_until_told

APP = "syncline.api.app:make_app"


def serve(*, settings: Path, listen: str | None, json: bool) -> NoReturn:
    """Serve until SIGTERM or Ctrl-C, after one line that says that it is ready; the process ends with it."""

    def ready(address: str, document: Document) -> None:
        syncs = list(document.syncs)
        if json:
            print(json_text.dumps({"listening": address, "syncs": syncs}), flush=True)
        else:
            print(f"Serving on {address}: {', '.join(syncs) or 'no sync yet'}. Ctrl-C stops it.", flush=True)

    log.take_over()
    stayed = serve_until_told(settings, os.environ, listen=listen, app=APP, ready=ready)
    if not stayed:
        print("another worker took this one for dead, so it stopped", file=sys.stderr)
    leave(0 if stayed else ERROR)
