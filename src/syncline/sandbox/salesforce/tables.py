"""The records of the org: stamped, numbered and derived as the server does it, whoever writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce import deal_stages, stamps
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.ids import mint
from syncline.sandbox.state import State

Document = Mapping[str, Any]

PEOPLE = ("Contact", "Lead")
# What goes to the recycle bin with a record: children of an object, and the field they name it in.
CHILDREN: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Account": (("Contact", "AccountId"), ("Opportunity", "AccountId")),
    "Contact": (("OpportunityContactRole", "ContactId"),),
    "Opportunity": (("OpportunityContactRole", "OpportunityId"),),
}


class Tables:
    """Records by object and id. Stored records are never changed in place, so what was read stays as it was."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._indexed: set[tuple[str, str]] = set()

    def now(self) -> datetime:
        """The time of the org."""
        return self._clock.now()

    def fetch(self, object_name: str, id_: str) -> Document | None:
        """One record, also when it is in the recycle bin."""
        return self._state.peek(object_name, id_)

    def scan(self, object_name: str) -> Sequence[Document]:
        """All records of an object, the recycle bin included."""
        return self._state.all(object_name)

    def with_value(self, object_name: str, field_name: str, value: Any) -> list[Document]:
        """The living records of an object with that value in a field; texts are alike in any case."""
        key = f"value of {field_name}"
        if (object_name, key) not in self._indexed:
            self._indexed.add((object_name, key))
            self._state.index(object_name, key, _living_value(field_name))
        return self._state.find(object_name, key, str(value).lower())

    def insert(self, object_: ObjectType, values: Document, user: str) -> Document:
        """Store a new record; stamps that `values` already has are kept."""
        id_ = values.get("Id") or self.mint(object_)
        made = stamps.stamp(self.now())
        system = {
            "CreatedDate": made,
            "CreatedById": user,
            "LastModifiedDate": made,
            "LastModifiedById": user,
            "SystemModstamp": made,
        }
        defaults = {each.name: each.default for each in object_.fields if each.default is not None}
        whole = {"Id": id_, **defaults, **system, **values}
        return self._put(object_, {**whole, **self._following(object_, {}, whole)})

    def mint(self, object_: ObjectType) -> str:
        """The id of the next record of an object."""
        return mint(object_.prefix, self._state.next(object_.name))

    def purge(self, object_name: str) -> str | None:
        """Empty the recycle bin of an object; answers when the last of its records had been deleted."""
        gone = [each for each in self._state.all(object_name) if each.get("IsDeleted")]
        for each in gone:
            self._state.delete(object_name, each["Id"])
        return max((each["SystemModstamp"] for each in gone), default=None)

    def change(self, object_: ObjectType, id_: str, values: Document, user: str) -> Document:
        """Change some fields of a record and move its stamps, unless `values` sets those itself."""
        before = self._state.get(object_.name, id_)
        if before is None:
            raise LookupError(f"there is no {object_.name} {id_}")
        made = stamps.stamp(self.now())
        moved = {"LastModifiedDate": made, "LastModifiedById": user, "SystemModstamp": made}
        followed = self._following(object_, before, values)
        return self._put(object_, {**before, **moved, **values, **followed})

    def remove(self, object_: ObjectType, id_: str, user: str) -> None:
        """Move a record to the recycle bin, and with it what is its own: an account takes contacts and deals along."""
        self.change(object_, id_, {"IsDeleted": True}, user)
        self._remove_children(object_.name, id_, user)

    def _remove_children(self, parent: str, id_: str, user: str) -> None:
        made = stamps.stamp(self.now())
        marks = {"IsDeleted": True, "LastModifiedDate": made, "SystemModstamp": made}
        for name, field_name in CHILDREN.get(parent, ()):
            for child in self.with_value(name, field_name, id_):
                self._state.put(name, child["Id"], {**child, **marks, "LastModifiedById": user})
                self._remove_children(name, child["Id"], user)

    def _following(self, object_: ObjectType, before: Document, values: Document) -> dict[str, Any]:
        if object_.name != "Opportunity":
            return {}
        return deal_stages.following(self.scan("OpportunityStage"), before, values)

    def _put(self, object_: ObjectType, record: Document) -> Document:
        whole = {**record, **_derived(object_, record)}
        filled = {name: value for name, value in whole.items() if value is not None}
        if object_.name == "OpportunityContactRole" and filled.get("IsPrimary"):
            self._end_primary(filled)
        self._state.put(object_.name, filled["Id"], filled)
        return filled

    def _end_primary(self, role: Document) -> None:
        """A deal has one primary contact: whoever was it before is not any more."""
        name, made = "OpportunityContactRole", stamps.stamp(self.now())
        for each in self.with_value(name, "OpportunityId", role["OpportunityId"]):
            if each["Id"] != role["Id"] and each.get("IsPrimary"):
                self._state.put(name, each["Id"], {**each, "IsPrimary": False, "SystemModstamp": made})


def _derived(object_: ObjectType, record: Document) -> dict[str, Any]:
    """Fields the server composes of others."""
    derived: dict[str, Any] = {}
    if object_.name in {*PEOPLE, "User"}:
        parts = (record.get("FirstName"), record.get("LastName"))
        derived["Name"] = " ".join(part for part in parts if part)
    if object_.name == "Contact":
        derived["IsEmailBounced"] = record.get("EmailBouncedDate") is not None
    return derived


def _living_value(name: str) -> Callable[[Document], list[str]]:
    def values(record: Document) -> list[str]:
        value = record.get(name)
        return [] if value is None or record.get("IsDeleted") else [str(value).lower()]

    return values
