"""What a plan costs: the calls it makes, as each connector counts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from syncline.core.model import Kind, Side
from syncline.core.plan import Op
from syncline.engine.context import SyncContext
from syncline.store import actions
from syncline.store.models import Action


def calls_of_plan(context: SyncContext, run_id: int) -> Mapping[str, int]:
    """The calls that the writes of a plan make, by connection; reads and retries come on top."""
    return {name: sum(calls) for name, calls in calls_by_sort(context, run_id).items()}


def calls_by_sort(context: SyncContext, run_id: int) -> Mapping[str, Sequence[int]]:
    """The same, a number for each sort of write: they go to endpoints of their own, as a rule."""
    calls: dict[str, list[int]] = {context.connection(side): [] for side in Side}
    for (side, object_type), changes in _written(context, run_id, Op.UPDATE).items():
        cost = context.connectors[side].calls_for_update(object_type, changes)
        calls[context.connection(side)].append(cost)
    for (side, object_type), drafts in _written(context, run_id, Op.CREATE).items():
        cost = context.connectors[side].calls_for_create(object_type, drafts)
        calls[context.connection(side)].append(cost)
    return calls


def _written(context: SyncContext, run_id: int, op: Op) -> Mapping[tuple[Side, str], list[frozenset[str]]]:
    """The sets of fields that a plan writes, by side and object type."""
    found: dict[tuple[Side, str], list[frozenset[str]]] = defaultdict(list)
    known: dict[frozenset[str], frozenset[str]] = {}  # few sets, of very many writes
    for row in actions.of_run(run_id, [op]):
        side = Side(row.side)
        target = actions.ref(row, side)
        object_type = target.object_type if target else _made_type(context, row)
        if object_type:
            fields = frozenset(change["field"] for change in row.fields)
            found[side, object_type].append(known.setdefault(fields, fields))
    return found


def _made_type(context: SyncContext, row: Action) -> str | None:
    """What a create makes: its action names only the record it is made from."""
    side = Side(row.side)
    source, kind = actions.ref(row, side.other), context.settings.kind(Kind(row.kind))
    pair = kind.pair_for_create(side.other, source.object_type) if kind and source else None
    return pair.on(side) if pair else None
