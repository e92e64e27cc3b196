"""What a parsed query is made of; nothing in it has met the schema yet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """A field path or an object name, and where it stands in the text."""

    text: str
    line: int
    column: int

    @property
    def steps(self) -> list[str]:
        """The parts of a path."""
        return [part.strip() for part in self.text.split(".")]


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """`FIELDS(ALL)` and its kin."""

    group: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`COUNT(Id)` and its kin; `alias` is empty where none is given."""

    function: str
    name: Name
    alias: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written: `kind` is the name of its token."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field, an operator and one value."""

    name: Name
    operator: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """A field that is, or is not, one of several values."""

    name: Name
    values: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Join:
    """A field that is, or is not, one of what another query finds."""

    name: Name
    query: Query
    negated: bool


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions that all hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Conditions of which at least one holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """A condition that does not hold."""

    part: Condition


Condition = Comparison | Membership | Join | Both | Either | Negation


@dataclass(frozen=True, slots=True)
class Sort:
    """One term of ORDER BY; empty values come first unless told otherwise."""

    name: Name
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; `count` stands for a query that only counts."""

    text: str
    object: Name
    selection: tuple[Name | FieldGroup | Aggregate, ...]
    count: bool
    where: Condition | None = None
    group: tuple[Name, ...] = ()
    order: tuple[Sort, ...] = ()
    limit: int | None = None
    offset: int = 0
