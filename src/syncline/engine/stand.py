"""Where records stand after they were decided or written, and what they wait for (rule E4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from syncline.core import settling
from syncline.core.model import Side
from syncline.core.plan import Action, FieldChange, Op
from syncline.engine.derived import Derived, criteria
from syncline.engine.parking import NextTry
from syncline.store.holds import NewHold
from syncline.store.retries import tried_again
from syncline.store.standings import Stand, State, waiting_for

Done = tuple[Op, Side]
"""An action of a record that came to its end, in this batch."""

_WORK = (Op.LINK, Op.COMMIT, Op.UPDATE, Op.CREATE, Op.END, Op.MOVE, Op.DELETE)
"""What has to be carried out before a record stands where its decision leads."""


def stands(
    derived: Derived,
    state: State | None = None,
    rule: str = "",
    reason: str = "",
    *,
    done: Collection[Done] = (),
) -> list[Stand]:
    """The standing of every record of a link, or of one unlinked record; told by its actions unless given."""
    if state is None:
        state, rule, reason = _told(derived, done)
    asked = criteria(derived) if derived.loaded is None else []
    heirs = derived.end.heirs if derived.end and state is State.HELD else {}
    # An heir rests on what becomes of the link that may move to it.
    rests = {side: (waiting_for(side, derived.refs[side].remote_id),) for side in heirs}
    about = [(side, ref, derived.waits_for) for side, ref in derived.refs.items()]
    about += [(side, heir, rests[side]) for side, heir in heirs.items()]
    return [
        Stand(
            side=side,
            kind=derived.kind.kind,
            ref=ref,
            state=state,
            seq=derived.seqs.get(side, 0),
            rule=rule,
            reason=reason,
            criteria=asked,
            waits_for=tuple(each for each in waits if each.startswith(f"{side}:")),
            since=derived.unsettled.since if derived.unsettled else None,
        )
        for side, ref, waits in about
    ]


def is_over(derived: Derived, done: Collection[Done]) -> bool:
    """Whether nothing else is left to do. A kill must not leave a record as decided before that is so."""
    return all(a.op not in _WORK or (a.op, a.side) in done for a in derived.actions)


def _told(derived: Derived, done: Collection[Done]) -> tuple[State, str, str]:
    if not is_over(derived, done):
        return State.PENDING, "planned", "a part of what was planned for it is not carried out yet"
    if derived.unsettled:
        return State.PENDING, settling.RULE, derived.unsettled.reason
    if derived.account and derived.placement:
        return State.NOT_ELIGIBLE, derived.placement.rule, derived.placement.reason
    for op, state in _TELLING:
        found = next((a for a in derived.actions if a.op is op), None)
        if found:
            return state, found.rule or "field", found.reason
    if derived.paused:
        return State.PENDING, "paused", f"nothing is created there for now: {derived.paused}"
    if derived.parked:
        return _kept_back(derived.parked)
    return State.IN_SYNC, "linked", ""


def _kept_back(parked: NextTry) -> tuple[State, str, str]:
    times = [at for at in parked.values() if at]
    if len(times) < len(parked):
        return State.FAILED, "refused", "the other side refused a value; see the error log"
    return State.PENDING, "refused", f"it was refused for the moment; {tried_again(min(times))}"


_TELLING = (
    *((op, State.NOT_ELIGIBLE) for op in (Op.END, Op.MOVE, Op.DELETE, Op.SKIP)),
    (Op.HOLD, State.HELD),
)
"""The actions that tell where a record stands, the most telling first."""


def new_holds(derived: Derived) -> list[NewHold]:
    """What of a link or an unlinked record waits for a person."""
    found: list[NewHold] = []
    for action in derived.actions:
        if action.op is Op.HOLD:
            found += [_field_hold(derived, action, f) for f in action.fields] or [
                _record_hold(derived, action)
            ]
    return found


def _field_hold(derived: Derived, action: Action, change: FieldChange) -> NewHold:
    values: Sequence[object] = (change.source, change.before)
    left, right = values if derived.loaded or action.side is Side.LEFT else values[::-1]
    return NewHold(
        kind=action.kind,
        side=action.side,
        left=derived.refs.get(Side.LEFT),
        right=derived.refs.get(Side.RIGHT),
        code=change.rule,
        reason=change.reason,
        cause=change.reason,
        key=change.key,
        left_value=left,  # type: ignore[arg-type]  # both are raw values
        right_value=right,  # type: ignore[arg-type]
        allowed=change.allowed,
    )


def _record_hold(derived: Derived, action: Action) -> NewHold:
    return NewHold(
        kind=action.kind,
        side=action.side,
        left=derived.refs.get(Side.LEFT),
        right=derived.refs.get(Side.RIGHT),
        code=action.rule,
        reason=action.reason,
        cause=action.rule,
        left_value=action.evidence.get("seen"),
        allowed=tuple(action.evidence.get("concerned", ())),
    )
