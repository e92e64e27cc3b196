"""Works: what a job can be for, by name, each imported when it is first needed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from syncline.engine.context import SyncContext

Work = Callable[[SyncContext, Mapping[str, Any]], Mapping[str, Any]]
"""Does the work on a sync that is open, with the job's arguments; small JSON values tell what came of it."""

WORKS: Mapping[str, str] = {
    "run": "syncline.service.jobs.running:run",
    "read": "syncline.service.jobs.running:read",
    "wish": "syncline.service.wanting:fulfil",
    "nudge": "syncline.service.nudging:carry",
}
"""Each as "module:function"."""


def work(name: str) -> Work:
    """The work of that name."""
    module, _, function = WORKS[name].partition(":")
    found: Work = getattr(importlib.import_module(module), function)
    return found
