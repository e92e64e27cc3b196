"""Questions to the links, and how they are made, changed and ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncline.core.agreement import Agreement
from syncline.core.model import Ref, Side
from syncline.store.bulk import BATCH, batches, change
from syncline.store.mirror import by_type
from syncline.store.models import Link


@dataclass(frozen=True, slots=True)
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


def _linked(row: Link) -> Linked:
    return Linked(
        id=row.pk,
        kind=row.kind,
        left=Ref(row.left_type, row.left_id),
        right=Ref(row.right_type, row.right_id),
        agreements={key: Agreement.from_json(doc) for key, doc in row.agreements.items()},
        rule=row.rule,
        run_id=row.run_id,
        made_at=row.made_at,
        evidence=row.evidence,
    )


def of_records(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, Linked]:
    """The active links of these records of one side."""
    found: dict[Ref, Linked] = {}
    for batch in batches(refs):
        for object_type, ids in by_type(batch).items():
            wanted = {f"{side}_type": object_type, f"{side}_id__in": ids}
            rows = Link.objects.filter(sync=sync, ended_at__isnull=True, **wanted)
            found.update({link.ref(side): link for link in map(_linked, rows)})
    return found


def twins(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, tuple[int, Ref]]:
    """Link id and counterpart of these records, without reading agreements."""
    found: dict[Ref, tuple[int, Ref]] = {}
    columns = ("pk", "left_type", "left_id", "right_type", "right_id")
    for batch in batches(refs):
        for object_type, ids in by_type(batch).items():
            wanted = {f"{side}_type": object_type, f"{side}_id__in": ids}
            rows = Link.objects.filter(sync=sync, ended_at__isnull=True, **wanted).values_list(*columns)
            for pk, left_type, left_id, right_type, right_id in rows:
                pair = (Ref(left_type, left_id), Ref(right_type, right_id))
                own, other = pair if side is Side.LEFT else pair[::-1]
                found[own] = (pk, other)
    return found


def ended(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, str]:
    """Why records that were linked once are linked no more: an ended link forbids a new one (DESIGN 6)."""
    found: dict[Ref, str] = {}
    for batch in batches(refs):
        for object_type, ids in by_type(batch).items():
            wanted = {f"{side}_type": object_type, f"{side}_id__in": ids}
            rows = Link.objects.filter(sync=sync, ended_at__isnull=False, **wanted)
            columns = rows.values_list(f"{side}_id", "ended_reason")
            found.update({Ref(object_type, remote_id): reason for remote_id, reason in columns})
    return found


def get(link_id: int) -> Linked | None:
    """The active link with that id."""
    row = Link.objects.filter(pk=link_id, ended_at__isnull=True).first()
    return _linked(row) if row else None


def get_many(ids: Iterable[int]) -> dict[int, Linked]:
    """The active links with these ids."""
    found: dict[int, Linked] = {}
    for batch in batches(ids):
        rows = Link.objects.filter(pk__in=batch, ended_at__isnull=True)
        found.update({row.pk: _linked(row) for row in rows})
    return found


@dataclass(frozen=True, slots=True)
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
    made = Link.objects.bulk_create(rows, BATCH)
    return {(link.left, link.right): row.pk for link, row in zip(new, made, strict=True)}


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


def end(link_id: int, reason: str, now: datetime) -> None:
    """End a link; it stays as a veto against linking the same records again by itself."""
    Link.objects.filter(pk=link_id, ended_at__isnull=True).update(ended_at=now, ended_reason=reason)


def count(sync: str) -> int:
    """How many active links a sync has."""
    return Link.objects.filter(sync=sync, ended_at__isnull=True).count()


def everyone(sync: str, kind: str) -> Iterator[list[Linked]]:
    """All active links of a kind, batch by batch."""
    last = 0
    while True:
        rows = Link.objects.filter(sync=sync, kind=kind, ended_at__isnull=True, pk__gt=last)
        batch = [_linked(row) for row in rows.order_by("pk")[:BATCH]]
        if not batch:
            return
        yield batch
        last = batch[-1].id
