"""Automations of the org: when one field is written, another is set, at once or some time later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce import stamps
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.settings import Settings
from syncline.sandbox.salesforce.tables import Document, Tables
from syncline.sandbox.state import State

TYPE = "_automation"

TRANSFORMS: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "digits": lambda text: "".join(char for char in text if char.isdigit()),
    "cut": lambda text: text[:10].rstrip(),
}


class Automations:
    """The rules of one org, as documents with object, field, target, value or transform, seconds, user and times.

    A rule acts on writes of users; what rules write sets off no rule.
    """

    def __init__(self, state: State, clock: Clock, settings: Settings, tables: Tables) -> None:
        self._state = state
        self._clock = clock
        self._settings = settings
        self._tables = tables

    def follow(self, object_: ObjectType, id_: str, written: Iterable[str], user: str) -> None:
        """Act on a write of some fields of a record, inside its transaction or by making a note for later."""
        names = set(written)
        for place, rule in enumerate(self._settings["automations"]):
            if rule["object"] != object_.name or rule["field"] not in names or rule["times"] == 0:
                continue
            self._use_up(place, rule)
            if rule["seconds"] == 0:
                self._act(object_, id_, rule, rule["user"] or user, self._clock.now())
            else:
                self._note(object_, id_, rule, rule["user"] or user)

    def due(self) -> list[Document]:
        """The notes whose time has come, the earliest first."""
        now = stamps.wire(self._clock.now())
        return sorted(
            (each for each in self._state.all(TYPE) if each["due"] <= now), key=lambda each: each["due"]
        )

    def act_on(self, note: Document, object_: ObjectType) -> None:
        """Do what was noted, as of the time it was due."""
        self._state.delete(TYPE, note["number"])
        moment = stamps.parse_moment(note["due"]) or self._clock.now()
        self._act(object_, note["id"], note["rule"], note["user"], moment)

    def _use_up(self, place: int, rule: Mapping[str, Any]) -> None:
        if rule["times"] is None:
            return
        rules = list(self._settings["automations"])
        rules[place] = {**rule, "times": rule["times"] - 1}
        self._settings.set("automations", rules)

    def _note(self, object_: ObjectType, id_: str, rule: Mapping[str, Any], user: str) -> None:
        number = str(self._state.next(TYPE))
        due = stamps.wire(self._clock.now() + timedelta(seconds=rule["seconds"]))
        note = {
            "number": number,
            "object": object_.name,
            "id": id_,
            "rule": rule,
            "user": user,
            "due": due,
        }
        self._state.put(TYPE, number, note)

    def _act(
        self, object_: ObjectType, id_: str, rule: Mapping[str, Any], user: str, moment: datetime
    ) -> None:
        record = self._tables.fetch(object_.name, id_)
        if record is None or record.get("IsDeleted"):
            return
        value = _wanted(rule, record.get(rule["target"]))
        if value == record.get(rule["target"]):
            return
        made = stamps.stamp(moment)
        stamped = {"LastModifiedDate": made, "SystemModstamp": made}
        self._tables.change(object_, id_, {rule["target"]: value, **stamped}, user)


def _wanted(rule: Mapping[str, Any], present: Any) -> Any:
    if rule["transform"] is None:
        return rule["value"]
    return TRANSFORMS[rule["transform"]](present) if isinstance(present, str) else present
