"""From a settings file, or its data, to a checked document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from syncline.config.document import Document
from syncline.config.problems import as_error
from syncline.config.source import Source, parse_text, read_source


def load(path: Path) -> Document:
    """Read a settings file; raises `ConfigError` with the place and the cure. Secrets are not looked up."""
    return _document(read_source(path))


def parse(settings: str | dict[str, Any], path: Path | None = None) -> Document:
    """The same from YAML text or from plain data; `path` is where relative paths start."""
    return _document(parse_text(settings, path) if isinstance(settings, str) else Source(settings, path))


def _document(source: Source) -> Document:
    try:
        return Document.model_validate(source.data).read_from(source)
    except ValidationError as invalid:
        # The validator's own error holds what was typed, secrets included: it must not travel along.
        raise as_error(invalid, source) from None
