"""What a plan costs: the calls it makes, as each connector counts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from syncline.core.model import Kind, Side
from syncline.core.plan import Op
from syncline.engine.context import SyncContext
from syncline.store import actions
from syncline.store.models import Action


def calls_of_plan(context: SyncContext, run_id: int) -> Mapping[str, int]:
    """The calls that the writes of a plan make, by connection; reads and retries come on top."""
    calls = {context.connection(side): 0 for side in Side}
    for (side, object_type), changes in _written(context, run_id, Op.UPDATE).items():
        calls[context.connection(side)] += context.connectors[side].calls_for_update(object_type, changes)
    for (side, object_type), drafts in _written(context, run_id, Op.CREATE).items():
        calls[context.connection(side)] += context.connectors[side].calls_for_create(object_type, drafts)
    return calls


def _written(context: SyncContext, run_id: int, op: Op) -> Mapping[tuple[Side, str], list[frozenset[str]]]:
    """The sets of fields that a plan writes, by side and object type."""
    found: dict[tuple[Side, str], list[frozenset[str]]] = defaultdict(list)
    for row in actions.of_run(run_id, [op]):
        side = Side(row.side)
        target = actions.ref(row, side)
        object_type = target.object_type if target else _made_type(context, row)
        if object_type:
            found[side, object_type].append(frozenset(change["field"] for change in row.fields))
    return found


def _made_type(context: SyncContext, row: Action) -> str | None:
    """What a create makes: its action names only the record it is made from."""
    side = Side(row.side)
    source, kind = actions.ref(row, side.other), context.settings.kind(Kind(row.kind))
    pair = kind.pair_for_create(side.other, source.object_type) if kind and source else None
    return pair.on(side) if pair else None
