"""Leave out: what may not be read need not stop a sync, where its kind can be turned off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from syncline.config.sync import SyncSettings
from syncline.core.errors import AccessError
from syncline.core.model import Side


@contextmanager
def telling_how_to_leave_out(settings: SyncSettings, side: Side, object_type: str) -> Iterator[None]:
    """Add to the cure of a refused read the setting with which the sync goes on without that kind."""
    try:
        yield
    except AccessError as error:
        kinds = [each.kind for each in settings.kinds if object_type in each.object_types(side)]
        if kinds:
            names = " and ".join(f"syncs.{settings.name}.kinds.{kind}.enabled" for kind in kinds)
            error.cure += f" Or leave these records out of the sync: set {names} to false in the settings."
        raise
