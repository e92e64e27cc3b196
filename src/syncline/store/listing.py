"""Listing the records of a sync with where they stand, page by page, in flat memory (rules E4, P2, P5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Count, Exists, OuterRef, QuerySet

from syncline.core.frozen import frozen
from syncline.core.model import Kind, Ref, Side
from syncline.store import keys
from syncline.store.models import MatchKey, Standing
from syncline.store.standings import State


@frozen()
class StandingFilter:
    """Which standings are wanted: of these sides and object types, in this order."""

    types: Sequence[tuple[Side, str]]
    state: State | None = None
    rule: str | None = None
    duplicates: bool = False


def counts(sync: str, wanted: StandingFilter) -> Counter[str]:
    """How many of the wanted records are in each state, whatever state is asked for."""
    found: Counter[str] = Counter()
    for side, object_type in wanted.types:
        rows = _rows(sync, side, object_type, wanted).values_list("state").annotate(n=Count("pk"))
        found.update(dict(rows.order_by()))
    return found


def page(sync: str, wanted: StandingFilter, first: int, most: int) -> Iterator[Standing]:
    """At most so many of the wanted standings behind the first ones, in the order of their ids."""
    for side, object_type in wanted.types:
        if most <= 0:
            return
        rows = _rows(sync, side, object_type, wanted)
        rows = rows.filter(state=wanted.state.value) if wanted.state else rows
        if first and (number := rows.count()) <= first:
            first -= number
            continue
        shown = list(rows.order_by("sync", "side", "object_type", "remote_id")[first : first + most])
        first, most = 0, most - len(shown)
        yield from shown


def _rows(sync: str, side: Side, object_type: str, wanted: StandingFilter) -> QuerySet[Standing]:
    rows = Standing.objects.filter(sync=sync, side=side.value, object_type=object_type)
    if wanted.rule is not None:
        rows = rows.filter(rule=wanted.rule)
    if wanted.duplicates:
        alike = MatchKey.objects.filter(
            sync=sync, side=side.value, object_type=object_type, kind=OuterRef("kind")
        ).filter(key=OuterRef("key"), value=OuterRef("value"))
        own = MatchKey.objects.filter(sync=sync, side=side.value, object_type=object_type)
        own = own.filter(Exists(alike.exclude(remote_id=OuterRef("remote_id"))))
        rows = rows.filter(Exists(own.filter(remote_id=OuterRef("remote_id"))))
    return rows


def potential_duplicates(sync: str, side: Side, kind: Kind, refs: Iterable[Ref]) -> dict[Ref, list[Ref]]:
    """Of these records those that share a match key with others of their side and object type (rule P5)."""
    own = keys.of_records(sync, side, list(refs))
    holders = keys.holders(sync, side, kind, dict.fromkeys(pair for pairs in own.values() for pair in pairs))
    found: dict[Ref, list[Ref]] = {}
    for ref, pairs in own.items():
        others = {other for pair in pairs for other in holders.get(pair, ())} - {ref}
        if same := sorted(other for other in others if other.object_type == ref.object_type):
            found[ref] = same
    return found
