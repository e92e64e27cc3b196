"""Serving: what answers over HTTP knows of the process it answers for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from syncline.config import Document


@dataclass(frozen=True)
class Serving:
    """A process that serves. `trouble` says in words why its worker does not work; empty if it does."""

    document: Document
    environ: Mapping[str, str] = field(repr=False)
    token: str = field(default="", repr=False)
    trouble: Callable[[], str] = str
