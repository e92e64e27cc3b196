"""What every part of Syncline speaks of: sides, refs, records, values, links and holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Final, TypeAlias

from syncline.core.frozen import frozen

Scalar: TypeAlias = str | int | float | bool | None
Raw: TypeAlias = Scalar | list[str]
"""A value in a system's own terms, as JSON carries it. `None`, "" and [] are *empty*."""

Norm: TypeAlias = str | bool | tuple[str, ...] | None
"""A value after normalising: comparable with `==`, and storable as JSON."""


class Absent(Enum):
    """Why a value is not known; neither member is the same as empty."""

    MISSING = "missing"
    """Not read: the field was not in the answer, or may not be read by this connection."""
    WITHHELD = "withheld"
    """The system hides it behind a placeholder, such as an e-mail address that is not revealed."""


MISSING: Final = Absent.MISSING
WITHHELD: Final = Absent.WITHHELD

Value: TypeAlias = Raw | Absent


class Side(StrEnum):
    """One of the two connections of a sync."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Kind(StrEnum):
    """What a record is to us, whatever its system calls it."""

    ACCOUNT = "account"
    PERSON = "person"
    DEAL = "deal"
    USER = "user"
    ACTIVITY = "activity"


@frozen(order=True)
class Ref:
    """Where a record lives inside one connection."""

    object_type: str
    remote_id: str

    def __str__(self) -> str:
        return f"{self.object_type}/{self.remote_id}"


@frozen()
class ChangeTime:
    """The interval (after, by] in which a value changed; `exact` where the vendor keeps history."""

    after: datetime | None
    by: datetime


class Ending(StrEnum):
    """How a record can end and go on in another one."""

    MERGED = "merged"
    CONVERTED = "converted"


@frozen()
class Fate:
    """Into which records a record went: the survivor of a merge, or what a lead was converted into.

    `into` holds at most one ref per object type; the order is the system's.
    """

    how: Ending
    into: tuple[Ref, ...]


@frozen()
class Record:
    """One record as a system last showed it.

    `values` holds what was read: a field that is not in it is missing. A `partial` record is a short answer, as
    some writes give: what it does not show is as it was. `version` grows or changes with
    each change where the system has such a thing; `changed_at` is the system's own time of last change.
    A `deleted` record is none of its own any more, on the system's evidence; `fate` tells where it went on, if
    it did: a merged or converted record is deleted too. Of an `erased` record nothing else is known, for good.
    """

    ref: Ref
    values: Mapping[str, Raw]
    withheld: frozenset[str] = frozenset()
    version: str | None = None
    created_at: datetime | None = None
    changed_at: datetime | None = None
    deleted: bool = False
    fate: Fate | None = None
    partial: bool = False
    erased: bool = False
    times: Mapping[str, ChangeTime] = field(default_factory=dict)

    def get(self, name: str) -> Value:
        """The value of a field, or why it is not known."""
        if name in self.withheld:
            return WITHHELD
        return self.values.get(name, MISSING)


def is_empty(value: Value) -> bool:
    """Whether a known value is empty; missing and withheld values are not."""
    return not isinstance(value, Absent) and (value is None or value in ("", []) or _blank(value))


def _blank(value: Value) -> bool:
    return isinstance(value, str) and not value.strip()


class ErrorClass(StrEnum):
    """Why a write failed, by what has to happen next (rule E2)."""

    TRANSIENT = "transient"
    QUOTA = "quota"
    LOCK = "lock"
    VALIDATION = "validation"
    PERMISSION = "permission"
    DUPLICATE = "duplicate"
    GONE = "gone"


LONGEST_CODE: Final = 100
LONGEST_MESSAGE: Final = 1_000


def _one_line(text: str, most: int) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())
    return line if len(line) <= most else f"{line[: most - 3]}..."


@dataclass(frozen=True, slots=True)
class Failure:
    """A refused write of one record, in the vendor's words.

    Whatever a system answers, code and message are kept as one line each, without control characters, of at most
    `LONGEST_CODE` and `LONGEST_MESSAGE` characters. `pauses` tells that nothing more of this object type can be
    created until it is over, `retry_at` when the system can be asked again, where that is known.
    """

    error_class: ErrorClass
    code: str
    message: str
    fields: tuple[str, ...] = ()
    existing: Ref | None = None
    pauses: bool = False
    retry_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", _one_line(self.code, LONGEST_CODE))
        object.__setattr__(self, "message", _one_line(self.message, LONGEST_MESSAGE))


class OutcomeStatus(StrEnum):
    """What became of one record of a write."""

    APPLIED = "applied"
    EXISTING = "existing"
    """A create found a record that was there already and left it as it was."""
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """No answer came: the write may or may not have happened."""


@frozen()
class Outcome:
    """The result of writing one record; `record` is what the system shows after the write."""

    status: OutcomeStatus
    record: Record | None = None
    failure: Failure | None = None
