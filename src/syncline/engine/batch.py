"""A batch: some actions of one kind and op on their way, with what they were derived from just now."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncline.core.frozen import frozen
from syncline.core.model import Side
from syncline.core.plan import Action
from syncline.core.scope import KindSettings
from syncline.engine.commit import Commit
from syncline.engine.context import SyncContext
from syncline.engine.derived import Derived
from syncline.engine.stand import Done
from syncline.store.models import Action as Row
from syncline.store.models import Run


@dataclass(frozen=True)
class Batch:
    """Some actions of one kind and op on their way. `written`: the sides of each link that took all that was sent."""

    context: SyncContext
    run: Run
    kind: KindSettings
    world: str
    written: dict[int, set[Side]] = field(default_factory=dict)

    def done(self, item: Ready) -> set[Done]:
        """This action and those of the same link that were carried out before it in this batch."""
        others = {(item.action.op, side) for side in self.written.get(item.link_id, ())}
        return {(item.action.op, item.action.side), *others}

    def commit(self) -> Commit:
        return Commit(self.context, self.run.pk, self.world)


@frozen()
class Ready:
    """An action that still stands: its row and what it was derived from just now."""

    row: Row
    derived: Derived
    action: Action

    @property
    def link_id(self) -> int:
        """The link behind it; 0 before it is made."""
        loaded = self.derived.loaded
        return int(loaded.view.id) if loaded and loaded.view.id else 0
