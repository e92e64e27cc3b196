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
    for (side, object_type), changes in _updates(run_id).items():
        calls[context.connection(side)] += context.connectors[side].calls_for_update(object_type, changes)
    for (side, object_type), number in _creates(context, run_id).items():
        size = max(1, context.connectors[side].capabilities(object_type).create_batch)
        calls[context.connection(side)] += -(-number // size)
    return calls


def _updates(run_id: int) -> Mapping[tuple[Side, str], list[frozenset[str]]]:
    found: dict[tuple[Side, str], list[frozenset[str]]] = defaultdict(list)
    for row in actions.of_run(run_id, [Op.UPDATE]):
        side = Side(row.side)
        if target := actions.ref(row, side):
            found[side, target.object_type].append(frozenset(change["field"] for change in row.fields))
    return found


def _creates(context: SyncContext, run_id: int) -> Mapping[tuple[Side, str], int]:
    found: dict[tuple[Side, str], int] = defaultdict(int)
    for row in actions.of_run(run_id, [Op.CREATE]):
        if object_type := _made_type(context, row):
            found[Side(row.side), object_type] += 1
    return found


def _made_type(context: SyncContext, row: Action) -> str | None:
    """What a create makes: its action names only the record it is made from."""
    side = Side(row.side)
    source, kind = actions.ref(row, side.other), context.settings.kind(Kind(row.kind))
    pair = kind.pair_for_create(side.other, source.object_type) if kind and source else None
    return pair.on(side) if pair else None
