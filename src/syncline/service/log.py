"""The log of a process: structured lines on stderr, without secrets and e-mail addresses (rule O4)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
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


def tell_of(connection: str, note: Note) -> None:
    """Write down what a read left out."""
    structlog.get_logger().warning(note.message, code=note.code, connection=connection, place=note.place)


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: REDACTOR.value(value, key) for key, value in event.items()}


class _Others(logging.Handler):
    """What libraries log, written like our own lines and redacted alike."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(record.levelno, record.getMessage(), source=record.name)
