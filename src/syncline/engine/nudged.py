"""Nudged: records that somebody said had changed, read by id and synced before anything else (rule U1).

    may it -> read them anew -> plan just them -> carry out

It is a run like any other over fewer records: filters, directions, brakes and approval hold as in any run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncline.connectors.base import Note
from syncline.core.errors import PlanError, RunStopped
from syncline.core.frozen import frozen
from syncline.core.model import Record, Ref, Side
from syncline.engine.anew import accounts_of, in_doubt, read_anew
from syncline.engine.by_hand import first_pull_is_done
from syncline.engine.context import SyncContext
from syncline.engine.heirs import trace
from syncline.engine.preview import index_all, make_plan, progress
from syncline.engine.quiet import may_write
from syncline.engine.resolve import resolve_open
from syncline.engine.run import alone, execute
from syncline.engine.who import match_users
from syncline.store import runs
from syncline.store.models import Run
from syncline.store.runs import RunStatus

UNKNOWN = "it was nudged, and its system shows no record of that id to us: nothing is done about it"


@frozen()
class NudgeRun:
    """What became of nudged records. No run: they called for nothing. `unknown` ones their systems do not show."""

    run: Run | None
    unknown: Sequence[Ref]


def carry_nudged(context: SyncContext, asked: Mapping[Side, Sequence[Ref]]) -> NudgeRun:
    """Read these records and what is linked with them anew, and sync just them.

    A plan that trips a brake is stored and waits for approval. Raises `PlanError` where the sync may not write yet, or
    another process works on it.
    """
    may_write(context, "sync of nudged records")
    first_pull_is_done(context)
    _first_run_is_done(context)
    with alone(context, "it syncs nudged records"):
        context.users = match_users(context)
        resolve_open(context, frozenset())
        index_all(context)
        shown = read_anew(context, asked)
        trace(context)
        only = {side: _to_plan(context, side, found) for side, found in shown.items()}
        unknown = [ref for side in asked for ref in _unknown(context, side, asked[side], shown[side])]
        return NudgeRun(_carried(context, only), unknown)


def _first_run_is_done(context: SyncContext) -> None:
    """The first run is approved as a whole: nothing of it goes ahead piece by piece (rule S2)."""
    if context.settings.first_run_needs_approval and not progress(context).first_run_done:
        raise PlanError(
            f"no nudged record of the sync {context.name} is synced yet: its first run needs an approved plan",
            hint="Look at `syncline plan`, and approve it with `syncline run --plan NUMBER --yes`.",
        )


def _to_plan(context: SyncContext, side: Side, shown: Mapping[Ref, Record]) -> list[Ref]:
    sure = [ref for ref, record in shown.items() if not in_doubt(context, side, record)]
    return [*accounts_of(context, side, sure), *sure]


def _unknown(
    context: SyncContext, side: Side, asked: Sequence[Ref], shown: Mapping[Ref, Record]
) -> list[Ref]:
    """Those that no answer was about. A system may answer with another form of an id: longer, or in other case."""
    others = [ref for ref in shown if ref not in set(asked)]
    found = [ref for ref in asked if ref not in shown and not any(_same(ref, other) for other in others)]
    for ref in found:
        context.listen(context.connection(side), Note("nudge-unknown", str(ref), UNKNOWN))
    return found


def _same(asked: Ref, shown: Ref) -> bool:
    full, given = shown.remote_id.casefold(), asked.remote_id.strip().casefold()
    return asked.object_type == shown.object_type and full.startswith(given)


def _carried(context: SyncContext, only: Mapping[Side, Sequence[Ref]]) -> Run | None:
    if not any(only.values()):
        return None
    made = make_plan(context, only=only)
    if not any(made.planned.values()):
        runs.discard(made)
        return None
    if made.needs_approval:
        return made
    if execute(context, made).status == RunStatus.STOPPED:
        raise RunStopped("the sync of nudged records was asked to stop; what was done so far is kept")
    return made
