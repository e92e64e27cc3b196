"""The plan: what will be written, before it is. The same actions are the journal once they are applied."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import Any

from syncline.core.frozen import frozen
from syncline.core.model import Kind, Raw, Ref, Side
from syncline.core.references import Awaited


class Op(StrEnum):
    """What an action does."""

    CREATE = "create"
    LINK = "link"
    UPDATE = "update"
    COMMIT = "commit"
    """Nothing is written: what both sides show is agreed or settled."""
    HOLD = "hold"
    SKIP = "skip"
    END = "end"
    """The link ends, because one of its records is gone for certain."""
    MOVE = "move"
    """The link moves to the record in which a merged or converted one goes on."""
    DELETE = "delete"
    """The link ends and the record that is left is deleted, because its counterpart was."""


class ActionStatus(StrEnum):
    """Where an action is: planned, on its way, or ended."""

    PLANNED = "planned"
    OPEN = "open"
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    HELD = "held"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    MOVED = "moved"
    """A side changed since the plan was made: planned anew by the next run."""


POOL = "pool"
"""The rule by which a new record that nobody owns gets an owner (Q5)."""


@frozen()
class FieldChange:
    """One field of an action. `key` names the field map, `field` the field that is written.

    `source` is the value the decision rests on; `before` and `after` are the target's. `losing` is a value of
    the target that somebody wrote and that gives way. For a COMMIT, `rule` is "agree" or why it is settled.
    """

    key: str
    field: str
    before: Raw
    after: Raw
    source: Raw
    rule: str
    reason: str = ""
    losing: Raw = None
    awaits: Ref | None = None
    allowed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The stored form; `awaits` is [object type, id]."""
        document: dict[str, Any] = {
            "key": self.key,
            "field": self.field,
            "before": self.before,
            "after": self.after,
            "source": self.source,
            "rule": self.rule,
        }
        optional = {"reason": self.reason, "allowed": list(self.allowed)}
        document.update({name: value for name, value in optional.items() if value})
        if self.losing is not None:  # False and 0 are values too
            document["losing"] = self.losing
        if self.awaits:
            document["awaits"] = [self.awaits.object_type, self.awaits.remote_id]
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> FieldChange:
        """The change a stored JSON object stands for."""
        awaits = document.get("awaits")
        return cls(
            key=document["key"],
            field=document["field"],
            before=document["before"],
            after=document["after"],
            source=document["source"],
            rule=document["rule"],
            reason=document.get("reason", ""),
            losing=document.get("losing"),
            awaits=Ref(*awaits) if awaits else None,
            allowed=tuple(document.get("allowed", ())),
        )

    @staticmethod
    def split(value: Raw | Awaited) -> tuple[Raw, Ref | None]:
        """A value to write, or the record whose counterpart has to be made first."""
        return (value.so_far, value.ref) if isinstance(value, Awaited) else (value, None)


@frozen()
class Action:
    """One thing to be done with one record or pair.

    `side` is the side that is written, or the subject's own for HOLD and SKIP. `left` and `right` are the
    records concerned; the one that is to be created is None.
    """

    op: Op
    kind: Kind
    side: Side
    left: Ref | None
    right: Ref | None
    link: str | None = None
    fields: tuple[FieldChange, ...] = ()
    rule: str = ""
    reason: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)

    def ref(self, side: Side) -> Ref | None:
        """The record of this action on that side."""
        return self.left if side is Side.LEFT else self.right

    @property
    def target(self) -> Ref | None:
        """The record that is written; None for a create."""
        return self.ref(self.side)

    @property
    def writes(self) -> bool:
        """Whether carrying it out calls the other system."""
        return self.op in (Op.CREATE, Op.UPDATE, Op.DELETE)
