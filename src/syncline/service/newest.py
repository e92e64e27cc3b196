"""The newest settings: a long-lived process reads its settings file again when it changed."""

from __future__ import annotations

import threading
from pathlib import Path

import structlog

from syncline.config import Document, load
from syncline.core.errors import ConfigError


class Newest:
    """The settings of a file as they stand now; where that cannot be read any more, as they stood last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read_at = self._stamp()
        self._document = load(path)

    def document(self) -> Document:
        """The settings of the moment."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._read_at:
                self._read_at = stamp
                self._read_again()
            return self._document

    def _read_again(self) -> None:
        log = structlog.get_logger().bind(file=str(self._path))
        try:
            self._document = load(self._path)
        except ConfigError as error:
            log.warning(
                "the settings cannot be used; those from before stay", code=error.code, message=error.message
            )
        else:
            log.info("the settings were read again")

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0, 0
        return found.st_mtime_ns, found.st_size, found.st_ino
