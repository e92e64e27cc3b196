"""By hand: a push or a pull of records that a person chose, at once (rules U8, P6).

    may it -> which records -> read them anew -> plan just them -> carry out -> tell of each

It is a run like any other, over fewer records: the same plan, the same brakes, the same journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncline.core.budget import Work
from syncline.core.by_hand import ByHand
from syncline.core.errors import FirstPullError
from syncline.core.frozen import frozen
from syncline.core.model import Ref, Side
from syncline.core.scope import KindSettings
from syncline.engine.anew import accounts_of
from syncline.engine.chosen import ChosenRecord, choose, refresh
from syncline.engine.context import SyncContext
from syncline.engine.ended import RecordOutcome, outcomes
from syncline.engine.heirs import trace
from syncline.engine.preview import index_all, make_plan
from syncline.engine.quiet import may_write
from syncline.engine.resolve import resolve_open
from syncline.engine.run import alone, execute
from syncline.engine.who import match_users
from syncline.store import cursors, leases
from syncline.store.models import Run


@frozen()
class HandRun:
    """What became of records pushed or pulled by hand. No run: nothing was left to plan."""

    run: Run | None
    outcomes: Sequence[RecordOutcome]


def carry_by_hand(
    context: SyncContext, names: Sequence[str], by_hand: ByHand, *, by: str, dry: bool = False
) -> HandRun:
    """Carry chosen records over to `by_hand.target`, or with `dry` only plan it.

    A plan that trips a brake comes back as it is, to be approved. Raises `QuietPeriodError`, `FirstPullError` and
    `BusyError` where nothing may be done by hand now.
    """
    what = "push" if by_hand.target is Side.RIGHT else "pull"
    may_write(context, f"{what} by hand")
    first_pull_is_done(context)
    at_work = replace(context, by_hand=by_hand)
    with alone(at_work, f"a {what} by hand"), at_work.doing(Work.BY_HAND):
        source = by_hand.target.other
        at_work.users = match_users(at_work)
        resolve_open(at_work, frozenset())
        index_all(at_work)
        chosen = [_enabled(at_work, each) for each in choose(at_work, source, names)]
        chosen = refresh(at_work, source, chosen)
        trace(at_work)
        refs = list(dict.fromkeys(each.ref for each in chosen if each.ref))
        only = {source: [*accounts_of(at_work, source, refs), *refs]}
        made = make_plan(at_work, only=only) if refs else None
        if made and not dry and not made.needs_approval:
            made.approved_by = by
            execute(at_work, made)
        return HandRun(made, outcomes(at_work, chosen, made))


def first_pull_is_done(context: SyncContext) -> None:
    """Refuse what rests on knowing everybody before everybody was read once; `FirstPullError`."""
    unread = {
        context.connection(side): types
        for side in Side
        if (types := cursors.unread(context.connection(side), list(context.schemas[side])))
    }
    if not unread:
        return
    reading = leases.worker(f"sync {context.name}", context.now())
    state = "is still running" if reading else "has not been finished"
    listed = "; ".join(f"{connection}: {', '.join(types)}" for connection, types in unread.items())
    raise FirstPullError(f"the first pull {state} ({listed})")


def _enabled(context: SyncContext, chosen: ChosenRecord) -> ChosenRecord:
    """Refused where neither creating nor updating is switched on for its kind."""
    kind = _kind_of(context, chosen.ref)
    target = context.by_hand.target if context.by_hand else Side.RIGHT
    if chosen.ref is None or (kind and (kind.create_rule(target).enabled or kind.updates(target))):
        return chosen
    if kind is None:
        return replace(chosen, ref=None, refusal=f"{chosen.ref.object_type} is not synced")
    off = f"create_{target} and update_{target} are off"
    refusal = f"{kind.kind}s are not written to {context.connection(target)}: {off}"
    return replace(chosen, ref=None, refusal=refusal)


def _kind_of(context: SyncContext, ref: Ref | None) -> KindSettings | None:
    source = context.by_hand.target.other if context.by_hand else Side.LEFT
    kinds = (k for k in context.settings.kinds if ref and ref.object_type in k.object_types(source))
    return next(kinds, None)
