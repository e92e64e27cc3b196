"""Holds: what waits for a person, and what persons decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Count, Q

from syncline.core.errors import NotFoundError
from syncline.core.fate import UNCOMMITTED
from syncline.core.merge import UNKNOWN_OUTCOME, Ruling
from syncline.core.model import Kind, Raw, Ref, Side
from syncline.store.bulk import batches, insert
from syncline.store.mirror import by_type
from syncline.store.models import Hold
from syncline.store.pages import in_pages
from syncline.store.select import select

OPEN, RESOLVED, CLOSED = "open", "resolved", "closed"
UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class NewHold:
    """A hold about to be opened. `key` is the field map it concerns; the whole record without one."""

    kind: Kind
    side: Side
    left: Ref | None
    right: Ref | None
    code: str
    reason: str
    cause: str = ""
    key: str = ""
    left_value: Raw = None
    right_value: Raw = None
    allowed: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, ...]:
        return (str(self.left or ""), str(self.right or ""), self.key, self.code)


def _identity(row: Hold) -> tuple[str, ...]:
    left = f"{row.left_type}/{row.left_id}" if row.left_id else ""
    right = f"{row.right_type}/{row.right_id}" if row.right_id else ""
    return (left, right, row.key, row.code)


def renew(
    sync: str,
    decided: Mapping[Side, Sequence[Ref]],
    new: Iterable[NewHold],
    run_id: int,
    now: datetime,
    unfinished: Mapping[Side, Collection[Ref]] | None = None,
    linked: Collection[Ref] = (),
    answered: Collection[tuple[Ref, str]] = (),
) -> None:
    """Bring the open holds of records that were decided anew up to date.

    Holds that came up again stay as they are; those that did not are closed by themselves. Where an answer did
    not help, the question is asked again. Answers about `unfinished` records, for which more is planned, stay;
    so do answers about records as a whole until these are `linked`, and those about fields that are `answered` only:
    by left record and map key.
    """
    wanted = {hold.identity: hold for hold in new}
    known = {row.pk: row for side, refs in decided.items() for row in open_of(sync, side, refs)}
    for row in known.values():
        same = wanted.get(_identity(row))
        if same and (row.left_value, row.right_value) == (same.left_value, same.right_value):
            if row.state == OPEN:
                wanted.pop(_identity(row))
            else:
                _close(row, now, "the next decision")
        elif not _stands(row, same, unfinished or {}, linked) and not _waits(row, answered):
            _close(row, now, "the next decision")
    insert([_row(sync, hold, run_id, now) for hold in wanted.values()])


def _stands(
    row: Hold, same: NewHold | None, unfinished: Mapping[Side, Collection[Ref]], linked: Collection[Ref]
) -> bool:
    """An answer stays until it is carried out, and where the question may come again, about other values.

    What to do with a record as a whole cannot always be done at once: creates may be off, or be refused. What a link
    that ended left behind is not asked again, so it stays until it is answered.
    """
    if row.state != RESOLVED:
        return row.code == UNCOMMITTED and not any(ref in linked for _, ref in _refs(row))
    if not row.key:
        return not any(ref in linked for _, ref in _refs(row))
    return any(ref in unfinished.get(side, ()) for side, ref in _refs(row)) or same is not None


def _waits(row: Hold, answered: Collection[tuple[Ref, str]]) -> bool:
    """Whether an answer about a field waits for what keeps it from being carried out: updates may be off."""
    return row.state == RESOLVED and (Ref(row.left_type, row.left_id), row.key) in answered


def _refs(row: Hold) -> list[tuple[Side, Ref]]:
    left, right = Ref(row.left_type, row.left_id), Ref(row.right_type, row.right_id)
    return [(Side.LEFT, left), (Side.RIGHT, right)]


def _close(row: Hold, now: datetime, by: str) -> None:
    Hold.objects.filter(pk=row.pk).update(state=CLOSED, closed_at=now, closed_by=by)


def _row(sync: str, hold: NewHold, run_id: int, now: datetime) -> Hold:
    return Hold(
        sync=sync,
        kind=hold.kind.value,
        side=hold.side.value,
        left_type=hold.left.object_type if hold.left else "",
        left_id=hold.left.remote_id if hold.left else "",
        right_type=hold.right.object_type if hold.right else "",
        right_id=hold.right.remote_id if hold.right else "",
        key=hold.key,
        code=hold.code[:100],
        cause=hold.cause or hold.reason,
        reason=hold.reason,
        left_value=hold.left_value,
        right_value=hold.right_value,
        allowed=list(hold.allowed),
        run_id=run_id,
        opened_at=now,
    )


def open_of(sync: str, side: Side, refs: Sequence[Ref]) -> list[Hold]:
    """The open and the answered holds of these records, in the order in which they came up."""
    found: list[Hold] = []
    if not refs or not Hold.objects.filter(sync=sync, state__in=(OPEN, RESOLVED)).exists():
        return found  # the usual case, and asked for every batch
    for object_type, ids in by_type(refs).items():
        where = {"sync": sync, f"{side}_type": object_type}
        rows = select(Hold, ("pk", "state"), where, within=(f"{side}_id", ids))
        for batch in batches(pk for pk, state in rows if state in (OPEN, RESOLVED)):
            found.extend(Hold.objects.filter(pk__in=batch).order_by("pk"))
    return found


def rulings(sync: str, lefts: Sequence[Ref]) -> dict[Ref, dict[str, Ruling]]:
    """What persons decided about fields of these left records, by field map key.

    A write whose outcome is not known stays a hold until somebody decides: it cannot be derived again.
    """
    found: dict[Ref, dict[str, Ruling]] = {}
    for row in open_of(sync, Side.LEFT, lefts):
        if row.key and (choice := _choice(row)):
            ruling = Ruling(choice, row.left_value, row.right_value)
            found.setdefault(Ref(row.left_type, row.left_id), {})[row.key] = ruling
    return found


@dataclass(frozen=True, slots=True)
class PairRuling:
    """What a person decided about a link as a whole, and the values that were seen then."""

    choice: str
    seen: str


def pair_rulings(sync: str, lefts: Sequence[Ref]) -> dict[Ref, PairRuling]:
    """What persons decided about links as a whole, by left record."""
    found: dict[Ref, PairRuling] = {}
    for row in open_of(sync, Side.LEFT, lefts):
        if not row.key and row.state == RESOLVED and row.right_id:
            found[Ref(row.left_type, row.left_id)] = PairRuling(row.ruling, row.left_value or "")
    return found


def waiting(sync: str, side: Side, refs: Sequence[Ref], codes: Collection[str]) -> dict[Ref, str]:
    """Those of these records whose link waits for a person for one of these reasons."""
    rows = (row for row in open_of(sync, side, refs) if row.code in codes and row.state == OPEN)
    return {dict(_refs(row))[side]: row.code for row in rows}


def _choice(row: Hold) -> Literal["left", "right", "keep", "hold"] | None:
    if row.state == OPEN:
        return "hold" if row.code == UNKNOWN_OUTCOME else None
    answers: dict[str, Literal["left", "right", "keep"]] = {"left": "left", "right": "right", "keep": "keep"}
    return answers.get(row.ruling)


def record_rulings(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, str]:
    """What persons decided about unlinked records: "create", "skip" or "link:TYPE/ID".

    A create whose outcome is not known is `UNDECIDED` until somebody decides: it cannot be derived again.
    """
    found: dict[Ref, str] = {}
    for row in open_of(sync, side, refs):
        own = dict(_refs(row))[side]
        if not row.key and row.state == RESOLVED:
            found.setdefault(own, row.ruling)
        elif not row.key and row.code == UNKNOWN_OUTCOME:
            found[own] = UNDECIDED
    return found


def listed(sync: str, limit: int | None = None) -> Iterator[Hold]:
    """The open holds, oldest first."""
    return in_pages(Hold.objects.filter(sync=sync, state=OPEN).order_by("pk")[:limit])


def by_cause(sync: str) -> list[tuple[str, str, int]]:
    """Code, cause and number of the open holds."""
    rows = Hold.objects.filter(sync=sync, state=OPEN).values_list("code", "cause")
    return list(rows.annotate(n=Count("pk")).order_by("code", "-n", "cause"))


def get(sync: str, hold_id: int) -> Hold:
    """An open hold by its number; `NotFoundError` where there is none."""
    row = Hold.objects.filter(sync=sync, pk=hold_id, state=OPEN).first()
    if row is None:
        raise NotFoundError(f"there is no open hold {hold_id}", hint="List them with `syncline holds list`.")
    return row


def resolve(row: Hold, ruling: str, by: str, now: datetime) -> None:
    """Keep a person's answer; the next run acts on it."""
    Hold.objects.filter(pk=row.pk).update(state=RESOLVED, ruling=ruling, closed_at=now, closed_by=by)


def count(sync: str) -> int:
    """How many holds are open."""
    return Hold.objects.filter(sync=sync, state=OPEN).count()


def held_records(sync: str) -> int:
    """How many records have an open hold of their own or of one of their fields."""
    rows = Hold.objects.filter(sync=sync, state=OPEN)
    return rows.values("left_type", "left_id", "right_type", "right_id").distinct().count()


def of_pair(sync: str, left: Ref | None, right: Ref | None) -> list[Hold]:
    """The open holds that concern a record or pair."""
    wanted = Q()
    for side, ref in (("left", left), ("right", right)):
        if ref:
            wanted |= Q(**{f"{side}_type": ref.object_type, f"{side}_id": ref.remote_id})
    return (
        list(Hold.objects.filter(wanted, sync=sync, state__in=(OPEN, RESOLVED)).order_by("pk"))
        if wanted
        else []
    )
