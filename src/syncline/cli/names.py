"""What people call a record: its e-mail address or name beside its ref."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from syncline.config import SyncSettings
from syncline.core.model import Ref, Side
from syncline.store import mirror
from syncline.store.bulk import batches
from syncline.store.error_log import SyncError
from syncline.store.models import Action, Hold
from syncline.store.pages import PAGE

Subject = tuple[Side, Ref]
_Row = TypeVar("_Row", bound=Action | Hold | SyncError)


def subjects(row: Action | Hold | SyncError) -> list[Subject]:
    """The records a row is about, the left one first."""
    pairs = ((Side.LEFT, row.left_type, row.left_id), (Side.RIGHT, row.right_type, row.right_id))
    return [(side, Ref(kind, remote_id)) for side, kind, remote_id in pairs if remote_id]


def names(settings: SyncSettings, wanted: Iterable[Subject]) -> Mapping[Subject, str]:
    """What people call these records, as far as the mirror knows them."""
    by_side: dict[Side, list[Ref]] = {side: [] for side in Side}
    for side, ref in wanted:
        by_side[side].append(ref)
    found: dict[Subject, str] = {}
    for side, refs in by_side.items():
        known = mirror.get_many(settings.connection(side), list(dict.fromkeys(refs)))
        telling = telling_fields(settings, side)
        for ref, seen in known.items():
            values = (seen.record.values.get(name) for name in telling.get(ref.object_type, ()))
            found[side, ref] = next((v for v in values if isinstance(v, str) and v), str(ref))
    return found


def with_names(settings: SyncSettings, rows: Iterable[_Row]) -> Iterator[tuple[_Row, Mapping[Subject, str]]]:
    """Each row with what people call its records; they are looked up a page at a time."""
    for page in batches(rows, PAGE):
        known = names(settings, [s for row in page for s in subjects(row)])
        yield from ((row, known) for row in page)


def telling_fields(settings: SyncSettings, side: Side) -> Mapping[str, tuple[str, ...]]:
    """The fields that tell people who is meant, by object type: match keys first, then the maps in their order."""
    found: dict[str, tuple[str, ...]] = {}
    for kind in settings.kinds:
        for pair in kind.pairs:
            keys = [m.on(side) for m in pair.active if m.left in kind.match.keys]
            rest = [m.on(side) for m in pair.active if m.left not in kind.match.keys]
            found.setdefault(pair.on(side), (*keys, *rest))
    return found


def named(row: Action | Hold | SyncError, known: Mapping[Subject, str]) -> str:
    """A row's record in one line: who is meant, and the refs of both sides."""
    about = subjects(row)
    who = next((known[s] for s in about if s in known), "")
    refs = " = ".join(str(ref) for _, ref in about)
    return f"{who} ({refs})" if who and who not in refs else refs
