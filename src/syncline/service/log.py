"""The log of a process: structured lines on stderr, without secrets and e-mail addresses (rule O4)."""

from __future__ import annotations

import logging
import secrets
import sys
import threading
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog

from syncline.connectors.base import Note
from syncline.service.redact import REDACTOR

LEVEL = "SYNCLINE_LOG"
"""The variable of the environment that overrides the level of the settings."""

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def choose_level(environ: Mapping[str, str], setting: str) -> str:
    """The level the environment asks for, or that of the settings; at a terminal, commands tell the rest."""
    quieter = setting in ("debug", "info") and sys.stderr.isatty()
    return environ.get(LEVEL) or ("warning" if quieter else setting)


def set_up(level: str = "info", form: str = "text") -> None:
    """Write what is at least that important to stderr: as lines for people, or as JSON for machines."""
    json = form == "json"
    renderer = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.processors.KeyValueRenderer(
            key_order=["timestamp", "level", "event"], drop_missing=True
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS.get(level, logging.INFO)),
        logger_factory=lambda *_args: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _Others) for handler in root.handlers):
        root.addHandler(_Others(logging.WARNING))


def take_over() -> None:
    """Log what a thread of this process, or a destructor, ends with: Python itself would print it with all it holds."""
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    structlog.get_logger().error("nobody foresaw this", exc_info=(kind, error, trace))


def about_sync(sync: str) -> None:
    """Have every line of this thread name the sync that is worked on, and this pass over it, from here on."""
    structlog.contextvars.bind_contextvars(**{"sync": sync, "pass": secrets.token_hex(4)})


def about_run(run_id: int | None) -> None:
    """And the run, as soon as it has a number."""
    structlog.contextvars.unbind_contextvars("run")
    if run_id is not None:
        structlog.contextvars.bind_contextvars(run=run_id)


def about_nothing() -> None:
    """Have lines name neither any more."""
    structlog.contextvars.unbind_contextvars("sync", "pass", "run")


def tell_of(connection: str, note: Note) -> None:
    """Write down what a read left out."""
    structlog.get_logger().warning(note.message, code=note.code, connection=connection, place=note.place)


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: REDACTOR.value(value, key) for key, value in event.items()}


class _Others(logging.Handler):
    """What libraries log, written like our own lines and redacted alike."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - the logging library would print all that the line holds
            message = "a line that could not be put together"
        told = {"exc_info": record.exc_info} if record.exc_info and record.exc_info[0] else {}
        structlog.get_logger().log(record.levelno, message, source=record.name, **told)
