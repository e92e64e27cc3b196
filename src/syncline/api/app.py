"""The ASGI application that `syncline serve` listens with."""

from __future__ import annotations

import logging
from typing import Any

from django.core.handlers.asgi import ASGIHandler

from syncline.api.gate import Gate
from syncline.service.serving import Serving
from syncline.store.database import prepare


def make_app(serving: Serving) -> Any:
    """The application of a process that serves; its database has to be open."""
    prepare()
    # Whoever asks for what is not there would fill the log.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    return Gate(ASGIHandler(), serving)
