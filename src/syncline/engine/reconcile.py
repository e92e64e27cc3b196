"""Reconcile: compare both sides whole, and tell allowed differences from unexplained ones (rule S6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncline.core.decide import Decided
from syncline.core.merge import Decision, Verdict
from syncline.core.model import Ref, Side
from syncline.core.plan import Op
from syncline.core.push import UNVERIFIED, UPDATE_FILTER
from syncline.core.schema import FieldType
from syncline.core.scope import KindSettings
from syncline.engine.context import SyncContext
from syncline.engine.derive import derive_links, derive_unlinked
from syncline.engine.derived import Derived
from syncline.engine.heirs import trace
from syncline.engine.preview import index_changed, partial_sides, progress
from syncline.engine.read import read, read_whole
from syncline.engine.screen import screen
from syncline.engine.who import match_users
from syncline.store import holds, links, mirror
from syncline.store.mirror import Mirrored
from syncline.store.models import Hold

SAMPLES = 20
VANISHED = "it is in no listing any more, and nobody says it was deleted"


@dataclass
class Reconciliation:
    """What a comparison found. `explained` counts allowed differences by reason; `partial` sides have no verdict."""

    compared: int = 0
    unexplained: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, Any]] = field(default_factory=list)
    partial: tuple[str, ...] = ()

    @property
    def in_agreement(self) -> bool:
        """Both sides were read whole and every difference has its reason."""
        return self.unexplained == 0 and not self.partial

    def allow(self, reason: str) -> None:
        self.explained[reason] += 1

    def report(self, what: str, **where: object) -> None:
        """A difference nobody can explain."""
        self.unexplained += 1
        if len(self.samples) < SAMPLES:
            self.samples.append({"difference": what, **{k: str(v) for k, v in where.items()}})

    def to_json(self) -> dict[str, Any]:
        return {
            "in_agreement": self.in_agreement,
            "compared": self.compared,
            "unexplained": self.unexplained,
            "explained": dict(self.explained.most_common()),
            "samples": self.samples,
            "partial": list(self.partial),
        }


UNSETTLED = "changed a moment ago"
AWAITED = "a link is to move to it"
PARTED = "both refer to what was linked when they agreed"


def reconcile(context: SyncContext) -> Reconciliation:
    """Read both sides whole, once more, and hold every record against its counterpart."""
    screen(context)
    read(context)
    unseen = read_whole(context)
    context.users = match_users(context)
    trace(context)
    found = Reconciliation(partial=tuple(sorted(partial_sides(context))))
    gone = {(side, Ref(object_type, id_)) for (side, object_type), ids in unseen.items() for id_ in ids}
    for side, ref in sorted(gone):
        found.report(VANISHED, side=side, record=ref)
    for kind in context.settings.kinds:
        for side in Side:
            index_changed(context, kind, side, progress(context))
        for batch in links.everyone(context.name, kind.kind):
            there = [link for link in batch if not any((s, link.ref(s)) in gone for s in Side)]
            _compare_links(found, derive_links(context, kind, there, None), context)
        for side in Side:
            for free in _unlinked(context, kind, side, gone):
                unlinked = [m for m in free if m.record.ref not in context.heirs[side]]
                if waiting := len(free) - len(unlinked):
                    found.explained[AWAITED] += waiting
                _compare_unlinked(context, found, derive_unlinked(context, kind, side, unlinked, None), side)
        context.report(f"comparing {kind.kind}s", found.compared, None)
    return found


def _unlinked(
    context: SyncContext, kind: KindSettings, side: Side, gone: Collection[tuple[Side, Ref]]
) -> Iterator[list[Mirrored]]:
    for object_type in kind.object_types(side):
        for batch in mirror.changed_after(context.connection(side), object_type, 0):
            taken = links.twins(context.name, side, [m.record.ref for m in batch])
            there = [m for m in batch if not m.record.deleted and (side, m.record.ref) not in gone]
            yield [m for m in there if m.record.ref not in taken]


def _compare_links(found: Reconciliation, derived: Sequence[Derived], context: SyncContext) -> None:
    lefts = [d.refs[Side.LEFT] for d in derived]
    held = {(Ref(h.left_type, h.left_id), h.key) for h in holds.open_of(context.name, Side.LEFT, lefts)}
    for one in derived:
        found.compared += 1
        if one.action(Op.SKIP, Side.LEFT):
            found.allow(f"not eligible: {one.actions[0].rule}")
        elif one.end or one.loaded is None:
            _compare_end(found, one, held)
        for key, decided in one.decided.items():
            _compare_field(found, one, key, decided, held)


def _compare_end(found: Reconciliation, one: Derived, held: Collection[tuple[Ref, str]]) -> None:
    """A link one of whose records is gone: it waits for a person, or its end was refused."""
    left = one.refs[Side.LEFT]
    if one.end and one.end.decision.op is Op.HOLD and (left, "") in held:
        found.allow(f"held: {one.end.decision.rule}")
    elif one.parked:
        found.allow(QUIET_REASONS["parked"])
    else:
        found.report("the link should have ended", left=left, right=one.refs[Side.RIGHT])


def _compare_field(
    found: Reconciliation, one: Derived, key: str, decided: Decided, held: set[tuple[Ref, str]]
) -> None:
    decision = decided.decision
    left, right = one.refs[Side.LEFT], one.refs[Side.RIGHT]
    if decision.verdict in (Verdict.BLIND, Verdict.WAIT):
        found.allow(decision.rule if decision.verdict is Verdict.BLIND else "waits for another record")
    elif decision.verdict is Verdict.HOLD and (left, key) in held:
        found.allow(f"held: {decision.rule}")
    elif decision.verdict is Verdict.QUIET:
        _compare_quiet(found, one, key, decided)
    elif decision.verdict is Verdict.WRITE and one.unsettled:
        found.allow(UNSETTLED)
    elif decision.verdict is Verdict.WRITE and _parked_whole(one, decision):
        found.allow(QUIET_REASONS["parked"])
    elif decision.verdict is not Verdict.AGREE:
        found.report(f"{decision.verdict}: {decision.reason}", left=left, right=right, field=key)


def _parked_whole(one: Derived, decision: Decision) -> bool:
    """Whether the payload this write belongs to was refused as it is."""
    return any(not key and side is decision.target for key, side, _ in one.parked)


QUIET_REASONS: Mapping[str, str] = {
    "parked": "rejected",
    "update gate": "updates are off",
    UPDATE_FILTER: "the update filter",
    UNVERIFIED: "an e-mail address that is not verified",
}


def _compare_quiet(found: Reconciliation, one: Derived, key: str, decided: Decided) -> None:
    merge, rule = decided.merge, decided.decision.rule
    common = merge.translator.common
    if common(Side.LEFT, merge.value(Side.LEFT)) == common(Side.RIGHT, merge.value(Side.RIGHT)):
        return
    settled = merge.agreement.settled if merge.agreement else None
    if rule in QUIET_REASONS:
        found.allow(QUIET_REASONS[rule])
    elif settled:
        found.allow(f"settled: {settled}")
    elif merge.agreement and merge.translator.left.type is FieldType.REFERENCE:
        found.allow(PARTED)
    else:
        found.report(
            "the sides differ and nobody changed them",
            left=one.refs[Side.LEFT],
            right=one.refs[Side.RIGHT],
            field=key,
        )


def _compare_unlinked(
    context: SyncContext, found: Reconciliation, derived: Sequence[Derived], side: Side
) -> None:
    refs = [one.refs[side] for one in derived]
    held = {_own(h, side): h.code for h in holds.open_of(context.name, side, refs) if h.state == holds.OPEN}
    for one in derived:
        found.compared += 1
        ref = one.refs[side]
        ops = {a.op for a in one.actions}
        if ref in held:
            found.allow(f"held: {held[ref]}")
        elif one.account:
            found.allow("waits for its account")
        elif Op.SKIP in ops:
            found.allow(f"not eligible: {one.actions[0].rule}")
        elif not ops:
            found.allow(UNSETTLED if one.unsettled else "rejected")
        else:
            found.report("it has no counterpart yet", side=side, record=ref)


def _own(hold: Hold, side: Side) -> Ref:
    pair = (hold.left_type, hold.left_id) if side is Side.LEFT else (hold.right_type, hold.right_id)
    return Ref(*pair)
