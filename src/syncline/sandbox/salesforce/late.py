"""Transactions that began and are not committed yet; what they write carries the stamp of their beginning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce import stamps
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.tables import Document, Tables
from syncline.sandbox.state import State

TYPE = "_late"


class LateChanges:
    """The open transactions of one org, of one record each. Until it is committed the record is locked."""

    def __init__(self, state: State, clock: Clock, tables: Tables) -> None:
        self._state = state
        self._clock = clock
        self._tables = tables

    def begin(
        self, object_: ObjectType, id_: str | None, values: Document, user: str, seconds: float | None
    ) -> Document:
        """Begin to change a record, or to make one; without `seconds` it waits until it is told to commit."""
        now = self._clock.now()
        number = str(self._state.next(TYPE))
        change: dict[str, Any] = {
            "number": number,
            "object": object_.name,
            "id": id_ or self._tables.mint(object_),
            "new": id_ is None,
            "values": dict(values),
            "user": user,
            "began": stamps.stamp(now),
            "due": None if seconds is None else stamps.wire(now + timedelta(seconds=seconds)),
        }
        self._state.put(TYPE, number, change)
        return change

    def open(self, number: str) -> Document | None:
        """The open transaction of that number."""
        return self._state.peek(TYPE, number)

    def commit(self, change: Document, object_: ObjectType) -> None:
        """Store what a transaction writes, stamped as it began."""
        began = {"LastModifiedDate": change["began"], "SystemModstamp": change["began"]}
        self._state.delete(TYPE, change["number"])
        if change["new"]:
            born = {"Id": change["id"], "CreatedDate": change["began"], **began}
            self._tables.insert(object_, {**change["values"], **born}, change["user"])
        elif self._tables.fetch(object_.name, change["id"]) is not None:
            self._tables.change(object_, change["id"], {**change["values"], **began}, change["user"])

    def due(self) -> list[Document]:
        """The transactions whose time to commit has come."""
        now = stamps.wire(self._clock.now())
        return [each for each in self._state.all(TYPE) if each["due"] is not None and each["due"] <= now]

    def holds(self, id_: str) -> bool:
        """Whether an open transaction has the record locked."""
        return any(each["id"] == id_ for each in self._state.all(TYPE))

    def oldest(self) -> datetime | None:
        """When the oldest open transaction began."""
        return stamps.parse_moment(min((each["began"] for each in self._state.all(TYPE)), default=""))
