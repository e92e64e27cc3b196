"""Questions to the links, and how they are made, changed and ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from syncline.core.agreement import Agreement
from syncline.core.frozen import frozen
from syncline.core.model import Ref, Side
from syncline.store import erasures
from syncline.store.bulk import BATCH, batches, change, insert
from syncline.store.mirror import by_type
from syncline.store.models import Link
from syncline.store.select import Rows, select


@frozen()
class Linked:
    """An active link with its agreements by field map key."""

    id: int
    kind: str
    left: Ref
    right: Ref
    agreements: Mapping[str, Agreement]
    rule: str
    run_id: int
    made_at: datetime
    evidence: Mapping[str, Any]

    def ref(self, side: Side) -> Ref:
        return self.left if side is Side.LEFT else self.right


_PAIR = ("left_type", "left_id", "right_type", "right_id")
_COLUMNS = ("pk", "kind", *_PAIR, "agreements", "rule", "run_id", "made_at", "evidence")


def _linked(rows: Rows) -> list[Linked]:
    """The links some rows stand for, without a model object for each."""
    return [
        Linked(pk, kind, Ref(left_type, left_id), Ref(right_type, right_id), _agreements(documents), *rest)
        for pk, kind, left_type, left_id, right_type, right_id, documents, *rest in rows
    ]


def _agreements(documents: Mapping[str, Any]) -> dict[str, Agreement]:
    return {key: Agreement.from_json(document) for key, document in documents.items()}


def _active(sync: str, side: Side, refs: Sequence[Ref], columns: Sequence[str]) -> Iterator[Rows]:
    """These columns of the active links of records of one side, by object type."""
    for object_type, ids in by_type(refs).items():
        wanted = {"sync": sync, "ended_at": None, f"{side}_type": object_type}
        yield select(Link, columns, wanted, within=(f"{side}_id", ids))


def of_records(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, Linked]:
    """The active links of these records of one side."""
    return {link.ref(side): link for rows in _active(sync, side, refs, _COLUMNS) for link in _linked(rows)}


def twins(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, tuple[int, Ref]]:
    """Link id and counterpart of these records, without reading agreements."""
    found: dict[Ref, tuple[int, Ref]] = {}
    for rows in _active(sync, side, refs, ("pk", *_PAIR)):
        for pk, left_type, left_id, right_type, right_id in rows:
            pair = (Ref(left_type, left_id), Ref(right_type, right_id))
            own, other = pair if side is Side.LEFT else pair[::-1]
            found[own] = (pk, other)
    return found


def known_as(side: Side, refs: Sequence[Ref]) -> dict[Ref, set[str]]:
    """The ids that the other side of any sync knows these records of one side by."""
    found: dict[Ref, set[str]] = {}
    for object_type, ids in by_type(refs).items():
        wanted = {"ended_at": None, f"{side}_type": object_type}
        rows = select(Link, (f"{side}_id", f"{side.other}_id"), wanted, within=(f"{side}_id", ids))
        for own, other in rows:
            found.setdefault(Ref(object_type, own), set()).add(other)
    return found


@frozen()
class EndedLink:
    """A link that ended: how, for which reason, and on which side a record was gone (none: on both, or unknown)."""

    id: int
    left: Ref
    right: Ref
    how: str
    side: Side | None
    reason: str

    def ref(self, side: Side) -> Ref:
        return self.left if side is Side.LEFT else self.right


_ENDED = ("pk", *_PAIR, "ended_as", "ended_side", "ended_reason")


def last_ended(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, EndedLink]:
    """The last link that ended of each of these records, as far as they were linked once."""
    found: dict[Ref, EndedLink] = {}
    for object_type, ids in by_type(refs).items():
        wanted = {"sync": sync, f"{side}_type": object_type}
        rows = select(Link, ("ended_at", *_ENDED), wanted, within=(f"{side}_id", ids))
        over = [_ended_link(*row) for ended_at, *row in rows if ended_at and row[-1] != erasures.LIFTED]
        found.update({link.ref(side): link for link in sorted(over, key=lambda each: each.id)})
    return found


def _ended_link(
    pk: int, left_type: str, left_id: str, right_type: str, right_id: str, how: str, side: str, reason: str
) -> EndedLink:
    gone = Side(side) if side else None
    return EndedLink(pk, Ref(left_type, left_id), Ref(right_type, right_id), how, gone, reason)


def ended(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, str]:
    """Why records that were linked once are linked no more: an ended link forbids a new one (DESIGN 6)."""
    return {ref: link.reason for ref, link in last_ended(sync, side, refs).items()}


def agreements_of(ids: Iterable[int]) -> dict[int, dict[str, Agreement]]:
    """What these links agreed on, ended ones too."""
    rows = select(Link, ("pk", "agreements"), {}, within=("pk", ids))
    return {pk: _agreements(documents) for pk, documents in rows}


def get(link_id: int) -> Linked | None:
    """The active link with that id."""
    return get_many([link_id]).get(link_id)


def get_many(ids: Iterable[int]) -> dict[int, Linked]:
    """The active links with these ids."""
    return {link.id: link for link in _linked(select(Link, _COLUMNS, {"ended_at": None}, within=("pk", ids)))}


@frozen()
class NewLink:
    """A link to be made."""

    kind: str
    left: Ref
    right: Ref
    rule: str
    evidence: Mapping[str, Any]
    agreements: Mapping[str, Agreement]


def make(sync: str, new: Sequence[NewLink], run_id: int, now: datetime) -> dict[tuple[Ref, Ref], int]:
    """Make links and tell their ids; a record of either side that is linked already is an error."""
    rows = [
        Link(
            sync=sync,
            kind=link.kind,
            left_type=link.left.object_type,
            left_id=link.left.remote_id,
            right_type=link.right.object_type,
            right_id=link.right.remote_id,
            rule=link.rule,
            evidence=dict(link.evidence),
            agreements={key: a.to_json() for key, a in link.agreements.items()},
            run_id=run_id,
            made_at=now,
        )
        for link in new
    ]
    insert(rows)
    ids = twins(sync, Side.LEFT, [link.left for link in new])
    return {(link.left, link.right): ids[link.left][0] for link in new}


def note(changes: Mapping[int, Mapping[str, Agreement]]) -> None:
    """Replace single agreements of links; the others stay."""
    for batch in batches(changes):
        rows = list(Link.objects.filter(pk__in=batch))
        for row in rows:
            new = {key: a.to_json() for key, a in changes[row.pk].items()}
            row.agreements = {**row.agreements, **new}
        change(rows, ["agreements"])


def keep_only(sync: str, kind: str, keys: Mapping[tuple[str, str], Collection[str]]) -> None:
    """Drop the agreements of all other field maps, by the links' object types."""
    for batch in everyone(sync, kind):
        wanted = {link.id: keys.get((link.left.object_type, link.right.object_type), ()) for link in batch}
        idle = [link.id for link in batch if link.agreements.keys() - set(wanted[link.id])]
        rows = list(Link.objects.filter(pk__in=idle))
        for row in rows:
            row.agreements = {key: doc for key, doc in row.agreements.items() if key in wanted[row.pk]}
        change(rows, ["agreements"])


@frozen()
class LinkEnding:
    """An active link between these records that is to end."""

    id: int
    left: Ref
    right: Ref
    how: str
    side: Side | None
    reason: str


def end(endings: Sequence[LinkEnding], now: datetime) -> None:
    """End links; they stay as a veto against linking the same records again by itself."""
    rows = [
        Link(pk=e.id, ended_at=now, ended_as=e.how, ended_side=e.side or "", ended_reason=e.reason)
        for e in endings
    ]
    change(rows, ["ended_at", "ended_as", "ended_side", "ended_reason"])


def free(sync: str, side: Side, refs: Sequence[Ref]) -> None:
    """Let links that an erasure ended forbid no new ones."""
    for object_type, ids in by_type(refs).items():
        for batch in batches(ids):
            where = {"sync": sync, f"{side}_type": object_type, f"{side}_id__in": batch}
            Link.objects.filter(**where, ended_reason=erasures.REASON).update(ended_reason=erasures.LIFTED)


def ever(sync: str, side: Side, refs: Sequence[Ref]) -> set[Ref]:
    """The records of the other side that these are, or once were, linked with."""
    other = side.other
    found: set[Ref] = set()
    for object_type, ids in by_type(refs).items():
        wanted = {"sync": sync, f"{side}_type": object_type}
        columns = (f"{other}_type", f"{other}_id")
        found.update(Ref(*pair) for pair in select(Link, columns, wanted, within=(f"{side}_id", ids)))
    return found


def count(sync: str) -> int:
    """How many active links a sync has."""
    return Link.objects.filter(sync=sync, ended_at__isnull=True).count()


def everyone(sync: str, kind: str) -> Iterator[list[Linked]]:
    """All active links of a kind, batch by batch."""
    last = 0
    while True:
        where = {"sync": sync, "kind": kind, "ended_at": None}
        batch = _linked(select(Link, _COLUMNS, where, after=("pk", last), limit=BATCH))
        if not batch:
            return
        yield batch
        last = batch[-1].id
