"""Plans and the journal: the same rows, before and after they are carried out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from syncline.core.frozen import frozen
from syncline.core.model import Failure, Kind, Raw, Ref, Side
from syncline.core.plan import Action as CoreAction
from syncline.core.plan import ActionStatus, FieldChange, Op
from syncline.store.bulk import batches, change, insert
from syncline.store.mirror import by_type
from syncline.store.models import Action
from syncline.store.pages import in_pages
from syncline.store.select import select

PHASE_OF_OP: Mapping[Op, int] = {
    Op.MOVE: 0,
    Op.LINK: 1,
    Op.COMMIT: 2,
    Op.HOLD: 3,
    Op.SKIP: 4,
    Op.UPDATE: 5,
    Op.END: 6,
    Op.CREATE: 7,
    Op.DELETE: 8,
}
"""The order within a kind: links before what needs them, notes before the writes that move what they rest on, the
marks of records that stay before their links end, and deletes last."""


@frozen()
class Planned:
    """An action with the observations it rests on."""

    action: CoreAction
    left_seq: int
    right_seq: int
    target_version: str | None = None


def add(run_id: int, sync: str, kind_order: int, planned: Iterable[Planned]) -> None:
    """Append actions to a plan."""
    for batch in batches(planned):
        insert([_row(run_id, sync, kind_order, p) for p in batch])


def _row(run_id: int, sync: str, kind_order: int, planned: Planned) -> Action:
    action = planned.action
    return Action(
        run_id=run_id,
        sync=sync,
        op=action.op.value,
        kind=action.kind.value,
        side=action.side.value,
        phase=kind_order * len(PHASE_OF_OP) + PHASE_OF_OP[action.op],
        left_type=action.left.object_type if action.left else "",
        left_id=action.left.remote_id if action.left else "",
        right_type=action.right.object_type if action.right else "",
        right_id=action.right.remote_id if action.right else "",
        left_seq=planned.left_seq,
        right_seq=planned.right_seq,
        link_id=int(action.link) if action.link else None,
        fields=[change.to_json() for change in action.fields],
        rule=action.rule[:100],
        reason=action.reason,
        evidence=action.evidence,
        status=ActionStatus.PLANNED.value,
        target_version=planned.target_version,
    )


def ref(row: Action, side: Side) -> Ref | None:
    """The record of an action on one side; None where it is still to be made."""
    kind, remote_id = (row.left_type, row.left_id) if side is Side.LEFT else (row.right_type, row.right_id)
    return Ref(kind, remote_id) if remote_id else None


def changes(row: Action) -> list[FieldChange]:
    """The fields of an action."""
    return [FieldChange.from_json(document) for document in row.fields]


def to_core(row: Action) -> CoreAction:
    """The action a row stands for."""
    return CoreAction(
        op=Op(row.op),
        kind=Kind(row.kind),
        side=Side(row.side),
        left=ref(row, Side.LEFT),
        right=ref(row, Side.RIGHT),
        link=str(row.link_id) if row.link_id else None,
        fields=tuple(changes(row)),
        rule=row.rule,
        reason=row.reason,
        evidence=row.evidence,
    )


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """Actions of a plan that are carried out together: one kind, op, side and pair of object types.

    Creates go to one side after the other: one may find, and so link, a record that was to get its own.
    """

    phase: int
    side: str
    left_type: str
    right_type: str


def steps(run_id: int) -> list[Step]:
    """The steps of a plan that still hold planned actions, in their order."""
    rows = Action.objects.filter(run_id=run_id, status=ActionStatus.PLANNED)
    return sorted(Step(*found) for found in rows.values_list(*_STEP).distinct())


_STEP = ("phase", "side", "left_type", "right_type")
_TOGETHER = 1_000
"""Actions that are carried out together; the batches of every system we know fill it without a rest."""


def planned(run_id: int, step: Step) -> Iterator[list[Action]]:
    """The planned actions of a step, batch by batch; each batch is to be ended before the next is asked for."""
    last = 0
    where = {name: getattr(step, name) for name in _STEP}
    while True:
        rows = Action.objects.filter(run_id=run_id, status=ActionStatus.PLANNED, pk__gt=last, **where)
        batch = list(rows.order_by("pk")[:_TOGETHER])
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def planned_notes(sync: str, run_id: int, lefts: Sequence[Ref]) -> dict[Ref, Action]:
    """The agreements that a plan still has to note, by their left records."""
    columns = ("pk", "status")
    found = [
        pk
        for pk, status in _about(sync, run_id, Side.LEFT, lefts, Op.COMMIT, columns)
        if status == ActionStatus.PLANNED
    ]
    rows = (row for batch in batches(found) for row in Action.objects.filter(pk__in=batch))
    return {Ref(row.left_type, row.left_id): row for row in rows}


def _about(
    sync: str, run_id: int, side: Side, refs: Sequence[Ref], op: Op, columns: Sequence[str]
) -> Iterator[list[Any]]:
    """These columns of the actions of a plan about some records.

    The rows are found by record alone: asked for the run as well, a database without statistics goes through all
    actions of it, and a plan may be long.
    """
    for object_type, ids in by_type(refs).items():
        where = {"sync": sync, f"{side}_type": object_type}
        rows = select(Action, ("run_id", "op", *columns), where, within=(f"{side}_id", ids))
        yield from (rest for run, its_op, *rest in rows if run == run_id and its_op == op)


def of_run(run_id: int, ops: Sequence[Op] = (), limit: int | None = None) -> Iterator[Action]:
    """The actions of a plan, to be shown."""
    rows = Action.objects.filter(run_id=run_id)
    if ops:
        rows = rows.filter(op__in=[op.value for op in ops])
    return in_pages(rows.order_by("phase", "pk")[:limit])


def applied_to(sync: str, rule: str, side: Side, refs: Sequence[Ref]) -> set[tuple[int, str]]:
    """The links, by id, and their fields on that side that updates by a rule were applied to."""
    found: set[tuple[int, str]] = set()
    for object_type, ids in by_type(refs).items():
        where = {"sync": sync, f"{side}_type": object_type}
        columns = ("op", "rule", "side", "status", "link_id", "fields")
        wanted = (Op.UPDATE.value, rule, side.value, ActionStatus.APPLIED.value)
        for *row, link_id, fields in select(Action, columns, where, within=(f"{side}_id", ids)):
            if tuple(row) == wanted:
                found |= {(link_id, change["field"]) for change in fields}
    return found


def open_actions(sync: str) -> list[Action]:
    """Writes that were sent and whose outcome was never noted."""
    return list(Action.objects.filter(sync=sync, status=ActionStatus.OPEN).order_by("pk"))


def mark_open(rows: Sequence[Action], sent: Mapping[int, Mapping[str, Raw]], now: datetime) -> None:
    """Note what is about to be sent; committed before the call (DESIGN 6)."""
    for row in rows:
        row.status, row.sent, row.sent_at = ActionStatus.OPEN.value, dict(sent[row.pk]), now
    change(rows, ["status", "sent", "sent_at", "fields", "left_seq", "right_seq"])


def finish(rows: Sequence[Action]) -> None:
    """Keep how actions ended; of those that were sent also the refs they made, their fields and failures."""
    ending = ["status", "link_id", "reason", "done_at"]
    made = ["left_type", "left_id", "right_type", "right_id", "fields", "failure", "sent"]
    change([row for row in rows if row.sent_at is None], ending)
    change([row for row in rows if row.sent_at is not None], [*ending, *made])


def failure_document(failure: Failure) -> dict[str, Any]:
    """The stored form of a refusal."""
    return {
        "class": failure.error_class.value,
        "code": failure.code,
        "message": failure.message,
        "fields": list(failure.fields),
    }


def drop_planned(run_id: int, status: ActionStatus = ActionStatus.MOVED) -> int:
    """End what is still planned of a run that will not go on."""
    return Action.objects.filter(run_id=run_id, status=ActionStatus.PLANNED).update(status=status)


def drop_skips(sync: str, run_id: int, side: Side, refs: Sequence[Ref]) -> None:
    """Take back that a plan leaves these records alone: it makes something of them after all."""
    found = [pk for (pk,) in _about(sync, run_id, side, refs, Op.SKIP, ("pk",))]
    for batch in batches(found):
        Action.objects.filter(pk__in=batch).delete()


def targets(run_id: int, ops: Sequence[Op]) -> list[tuple[Op, Side, Kind]]:
    """What a plan writes with these ops, and on which sides."""
    rows = Action.objects.filter(run_id=run_id, op__in=ops)
    return [
        (Op(op), Side(side), Kind(kind))
        for op, side, kind in rows.values_list("op", "side", "kind").distinct()
    ]


def claimed(sync: str, run_id: int, side: Side, refs: Sequence[Ref]) -> set[Ref]:
    """Which of these records the plan links already."""
    columns = (f"{side}_type", f"{side}_id")
    return {Ref(*pair) for pair in _about(sync, run_id, side, refs, Op.LINK, columns)}


def planned_links(sync: str, run_id: int, side: Side, refs: Sequence[Ref]) -> dict[Ref, str]:
    """Those of these records whose link or counterpart the plan is about to make, with a token of both sides."""
    found: dict[Ref, str] = {}
    columns = ("left_type", "left_id", "right_type", "right_id")
    for op in (Op.LINK, Op.CREATE):
        for left_type, left_id, right_type, right_id in _about(sync, run_id, side, refs, op, columns):
            own = Ref(left_type, left_id) if side is Side.LEFT else Ref(right_type, right_id)
            found[own] = f"plan:{left_id or right_id}"
    return found


def counts(run_id: int) -> dict[str, dict[str, int]]:
    """How many actions a run has, by op and status."""
    found: dict[str, dict[str, int]] = {}
    rows = Action.objects.filter(run_id=run_id).values_list("op", "status").annotate(n=Count("pk"))
    for op, status, number in rows:
        found.setdefault(op, {})[status] = number
    return found


def of_record(sync: str, refs: Sequence[tuple[Side, Ref]], limit: int = 50) -> list[Action]:
    """The journal of some records, newest first."""
    wanted = Q()
    for side, ref_ in refs:
        wanted |= Q(**{f"{side}_type": ref_.object_type, f"{side}_id": ref_.remote_id})
    return list(Action.objects.filter(wanted, sync=sync).order_by("-pk")[:limit])
