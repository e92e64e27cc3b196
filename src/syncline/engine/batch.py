"""A batch: some actions of one kind and op on their way, with what they were derived from just now."""

from __future__ import annotations

from dataclasses import dataclass

from syncline.core.plan import Action
from syncline.core.scope import KindSettings
from syncline.engine.commit import Commit
from syncline.engine.context import SyncContext
from syncline.engine.derive import Derived
from syncline.store.models import Action as Row
from syncline.store.models import Run


@dataclass(frozen=True)
class Batch:
    """Some actions of one kind and op on their way."""

    context: SyncContext
    run: Run
    kind: KindSettings
    world: str

    def commit(self) -> Commit:
        return Commit(self.context, self.run.pk, self.world)


@dataclass(frozen=True)
class Ready:
    """An action that still stands: its row and what it was derived from just now."""

    row: Row
    derived: Derived
    action: Action
