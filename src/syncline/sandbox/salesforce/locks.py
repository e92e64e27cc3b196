"""Records that somebody else has locked for the moment."""

from __future__ import annotations

from collections import Counter

from syncline.sandbox.salesforce.errors import refuse
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.late import LateChanges
from syncline.sandbox.salesforce.settings import Settings


class Locks:
    """Locks of named records, of records in open transactions, and of the next writes of an object.

    Writes met by a lock are counted down after the call: what it stores may be undone, that it came is not.
    """

    def __init__(self, settings: Settings, late: LateChanges) -> None:
        self._settings = settings
        self._late = late
        self._met: Counter[str] = Counter()

    def demand(self, object_: ObjectType, *ids: str | None) -> None:
        """Refuse a write that needs a locked record; a contact needs its account as well."""
        told = self._settings["locks"]
        for id_ in ids:
            if id_ and (id_ in told["ids"] or self._late.holds(id_)):
                raise refuse("UNABLE_TO_LOCK_ROW", _message(id_), fields=())
        if told["next"].get(object_.name, 0) > self._met[object_.name]:
            self._met[object_.name] += 1
            raise refuse("UNABLE_TO_LOCK_ROW", _message(next((each for each in ids if each), "")), fields=())

    def settle(self) -> None:
        """Count down the locks that this call met."""
        if not self._met:
            return
        told = self._settings["locks"]
        left = {name: max(0, count - self._met[name]) for name, count in told["next"].items()}
        self._met.clear()
        self._settings.set("locks", {**told, "next": left})


def _message(id_: str) -> str:
    words = "unable to obtain exclusive access to this record"
    return f"{words} or 1 records: {id_}" if id_ else words
