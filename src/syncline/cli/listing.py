"""`syncline records`: every record with where it stands, and why (rules E4, P2, P5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from syncline.cli.names import names
from syncline.cli.output import Output, cell, counted
from syncline.cli.session import looking
from syncline.config import SyncSettings
from syncline.core.model import Kind, Ref, Side
from syncline.store import listing, runs
from syncline.store.listing import StandingFilter
from syncline.store.models import Standing
from syncline.store.standings import State


def show(
    *,
    state: str | None,
    side: str | None,
    kind: str | None,
    rule: str | None,
    duplicates: bool,
    hidden: bool,
    limit: int,
    page: int,
    settings: Path,
    sync: str | None,
    json: bool,
) -> int:
    """List one page of the records."""
    out = Output(as_json=json)
    with looking(settings, sync) as (_, chosen):
        types = [*_types(chosen, side, kind)]
        shown = [each for each in types if hidden or (_kind_of(chosen, *each), each[0]) not in chosen.hidden]
        wanted = StandingFilter(shown, State(state) if state else None, rule, duplicates)
        counts = listing.counts(chosen.name, wanted)
        rows = list(listing.page(chosen.name, wanted, (page - 1) * limit, limit))
        found = [*_documents(chosen, rows)]
        unseen = StandingFilter([each for each in types if each not in shown], wanted.state, rule, duplicates)
        left_out = _total(listing.counts(chosen.name, unseen), state)
    total = _total(counts, state)
    told = {"sync": chosen.name, "counts": counts, "total": total, "hidden": left_out, "page": page}
    if not out.document({**told, "records": found}):
        _tell(out, found)
        begin = (page - 1) * limit
        out.say(
            f"{begin + 1} to {begin + len(found)} of {total}" if found else f"none of {total} on this page"
        )
        out.say(f"By state: {counted({each.value: counts[each.value] for each in State})}")
        if left_out:
            out.say(f"{left_out} records of kinds that the settings hide are left out; --hidden shows them.")
    return 0


def _types(settings: SyncSettings, side: str | None, kind: str | None) -> Iterator[tuple[Side, str]]:
    """The object types that are asked for, by side."""
    chosen = settings.kind_named(kind) if kind is not None else None
    for each in settings.kinds:
        for which in Side:
            if chosen in (None, each.kind) and side in (None, which.value):
                yield from ((which, object_type) for object_type in each.object_types(which))


def _kind_of(settings: SyncSettings, side: Side, object_type: str) -> Kind:
    return next(each.kind for each in settings.kinds if object_type in each.object_types(side))


def _total(counts: dict[str, int], state: str | None) -> int:
    return counts.get(state, 0) if state else sum(counts.values())


def _documents(settings: SyncSettings, rows: Sequence[Standing]) -> Iterator[dict[str, Any]]:
    subjects = [(Side(row.side), Ref(row.object_type, row.remote_id)) for row in rows]
    known = names(settings, subjects)
    times = runs.times(row.run_id for row in rows)
    doubles: dict[tuple[Side, Ref], list[Ref]] = {}
    for side, kind in {(Side(row.side), Kind(row.kind)) for row in rows}:
        mine = [s for s, row in zip(subjects, rows, strict=True) if (s[0], row.kind) == (side, kind)]
        found = listing.potential_duplicates(settings.name, side, kind, [ref for _, ref in mine])
        doubles.update({(side, ref): others for ref, others in found.items()})
    for subject, row in zip(subjects, rows, strict=True):
        yield {
            "record": str(subject[1]),
            "name": known.get(subject),
            "side": row.side,
            "system": settings.connection(subject[0]),
            "kind": row.kind,
            "state": row.state,
            "rule": row.rule,
            "reason": row.reason,
            "run": row.run_id,
            "at": times.get(row.run_id),
            "potential_duplicate_of": [str(ref) for ref in doubles.get(subject, ())],
        }


def _tell(out: Output, found: Sequence[dict[str, Any]]) -> None:
    columns = ["system", "record", "state", "rule", "reason", "run", "at"]
    out.table(columns, [_line(each) for each in found])


def _line(each: dict[str, Any]) -> list[object]:
    name, ref = each["name"], each["record"]
    who = f"{name} ({ref})" if name and name != ref else ref
    doubles = each["potential_duplicate_of"]
    flag = f"potential duplicate of {', '.join(doubles)}" if doubles else ""
    why = "; ".join(filter(None, (each["reason"], flag)))
    return [
        each["system"],
        who,
        each["state"],
        each["rule"],
        why,
        each["run"],
        cell(each["at"]) if each["at"] else "",
    ]
