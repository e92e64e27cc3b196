"""What documents were before they changed, for listings that are told to be behind."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

Seen = Mapping[str, Any]

_MOMENT: ContextVar[datetime | None] = ContextVar("moment", default=None)


@contextmanager
def as_of(moment: datetime | None) -> Iterator[None]:
    """Within it, listings show the state of that moment; reads by id show the truth. None is the present."""
    token = _MOMENT.set(moment)
    try:
        yield
    finally:
        _MOMENT.reset(token)


def is_past() -> bool:
    """Whether listings show another moment than the present."""
    return _MOMENT.get() is not None


class Past:
    """The changes of some types of documents since it began; what came before shows as it was then."""

    def __init__(self, types: frozenset[str], now: Callable[[], datetime]) -> None:
        self._types = types
        self._now = now
        self._changes: dict[str, dict[str, list[tuple[datetime, Seen | None]]]] = {}

    def keep(self, type_: str, id_: str, before: Seen | None) -> None:
        """A document is about to change; None if there was none."""
        if type_ in self._types:
            changes = self._changes.setdefault(type_, {}).setdefault(id_, [])
            changes.append((self._now(), before))

    def shown(self, type_: str, documents: Mapping[str, Seen]) -> list[Seen]:
        """The documents as the moment in force has them, deleted ones behind the others."""
        moment = _MOMENT.get()
        changed = self._changes.get(type_)
        if moment is None or not changed:
            return list(documents.values())
        before = {id_: _first_after(moment, changes, documents.get(id_)) for id_, changes in changed.items()}
        present = {id_: before.get(id_, document) for id_, document in documents.items()}
        present |= {id_: document for id_, document in before.items() if id_ not in documents}
        return [document for document in present.values() if document is not None]


def _first_after(
    moment: datetime, changes: list[tuple[datetime, Seen | None]], present: Seen | None
) -> Seen | None:
    return next((before for changed_at, before in changes if changed_at > moment), present)
