"""The calls that the writes of a run should need, from its journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from syncline.connectors.apollo.objects import BATCH as APOLLO_BATCH
from syncline.connectors.apollo.objects import OBJECT_TYPES
from syncline.connectors.salesforce.batches import BATCH as SALESFORCE_BATCH
from syncline.core.plan import ActionStatus, Op
from syncline.store.database import close_store, open_store
from syncline.store.models import Action

_SENT = (ActionStatus.APPLIED, ActionStatus.REJECTED, ActionStatus.UNKNOWN, ActionStatus.OPEN)
_APOLLO_TYPES = {"account": "account", "person": "contact"}


@dataclass
class Needed:
    """Records that go in batches by their group, records with fields of one call each, and refused records."""

    batched: Counter[tuple[str, int]] = field(default_factory=Counter)
    single: int = 0
    rejected: int = 0

    @property
    def calls(self) -> int:
        """ceil(n / batch) for each group, and one for each of the others."""
        return sum(-(-n // size) for (_, size), n in self.batched.items()) + self.single + self.rejected

    def shown(self) -> dict[str, Any]:
        """The parts of the sum."""
        groups = {name: {"records": n, "batch": size} for (name, size), n in sorted(self.batched.items())}
        return {
            "batched": groups,
            "records_with_fields_of_one_call_each": self.single,
            "rejected": self.rejected,
        }


def needed(database: str, run: int) -> Needed:
    """What the writes of a run should need."""
    found = Needed()
    open_store(database, migrate=False)
    try:
        rows = Action.objects.filter(
            run_id=run, op__in=[Op.CREATE.value, Op.UPDATE.value], status__in=[s.value for s in _SENT]
        )
        for row in rows.iterator():
            _add(found, row)
    finally:
        close_store()
    return found


def _add(found: Needed, row: Action) -> None:
    found.rejected += row.status == ActionStatus.REJECTED
    if row.side == "right":
        target = row.right_type or ("Account" if row.kind == "account" else "Contact")
        found.batched[f"{row.op} {target}", SALESFORCE_BATCH] += 1
        return
    type_ = OBJECT_TYPES[_APOLLO_TYPES[row.kind]]
    names = {change["field"] for change in row.fields}
    bulk = {name for name in names if name == type_.stage or type_.takes(type_.bulk, name)}
    if row.op == Op.CREATE:
        found.batched[f"create {type_.name}", APOLLO_BATCH] += 1
        names = {name for name in names if not type_.takes(type_.create, name)}
    elif names & bulk:
        found.batched[f"update {type_.name}", APOLLO_BATCH] += 1
    found.single += bool(names - bulk)
