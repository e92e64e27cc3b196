"""Filters: an expression over the fields of a record that says whether it may pass (rules U2, U7).

The language is CEL. A filter never raises and never lets a record through because it could not be evaluated: the
answer is then no, with the reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from syncline.core.convert import Users
from syncline.core.criteria import Criterion
from syncline.core.expression import excess
from syncline.core.frozen import frozen
from syncline.core.model import Absent, Raw, Record, Side, is_empty
from syncline.core.schema import Field, FieldType, ObjectSchema
from syncline.core.written import parts_of, plain, short

if TYPE_CHECKING:
    from cel import Program

STAGE, OWNER, LISTS = "stage", "owner", "lists"
"""What filters call a record's stage (by its label), its owner (by the e-mail address) and its lists (by name)."""

_RESERVED = frozenset({
    "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
    "namespace", "null", "package", "return", "true", "var", "void", "while",
})  # fmt: skip
_TIMES = frozenset({FieldType.DATE, FieldType.DATETIME})
_NUMBERS = frozenset({FieldType.NUMBER, FieldType.MONEY})


@frozen()
class Variable:
    """One name a filter may use, and the field it stands for. `by_address` shows users by their e-mail address."""

    name: str
    field: Field
    by_address: bool = False


@dataclass(frozen=True)
class Roles:
    """Which fields of an object type carry what filters call `stage`, `owner` and `lists`."""

    stage: str | None = None
    owner: str | None = None
    lists: str | None = None


def identifier(name: str) -> str:
    """How a filter spells the name of a field: what no identifier may hold becomes `_`."""
    spelt = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if not spelt or spelt[0].isdigit():
        spelt = f"_{spelt}"
    return f"{spelt}_" if spelt in _RESERVED else spelt


def variables(schema: ObjectSchema, roles: Roles) -> dict[str, Variable]:
    """Every name that filters over records of this object type may use; a name that is taken gets `_` behind it."""
    found: dict[str, Variable] = {}
    for name, field_name in ((STAGE, roles.stage), (OWNER, roles.owner), (LISTS, roles.lists)):
        if field_name and (field := schema.fields.get(field_name)):
            found[name] = Variable(name, field, by_address=name == OWNER)
    for field in sorted(schema.fields.values(), key=lambda f: (identifier(f.name) != f.name, f.name)):
        name = identifier(field.name)
        while name in found or name in (STAGE, OWNER, LISTS):
            if name in found and found[name].field is field and not found[name].by_address:
                break
            name += "_"
        found.setdefault(name, Variable(name, field))
    return found


@lru_cache(maxsize=256)
def compiled(text: str) -> Program:
    """The expression, ready to be evaluated; raises `ValueError` where it is none."""
    import cel  # noqa: PLC0415 - only those who use filters load the library

    if reason := excess(text):
        raise ValueError(reason)
    return cel.compile(text)


@lru_cache(maxsize=256)
def names_in(text: str) -> frozenset[str]:
    """The names an expression refers to, those its own macros bind among them; none where it is no expression."""
    try:
        return frozenset(str(name) for name in compiled(text).variables())
    except ValueError:
        return frozenset()


@dataclass(frozen=True)
class Filter:
    """An expression over records of one object type."""

    text: str
    known: Mapping[str, Variable]

    def asks(self, name: str, record: Record, users: Users, side: Side) -> Criterion:
        """Whether the record passes, as the criterion of that name."""
        try:
            passed = self._evaluated(record, users, side)
        except Exception as error:  # noqa: BLE001 - whatever a filter does, its record alone is concerned
            return Criterion(name, False, f"the filter could not be evaluated: {self._why(record, error)}")
        if not isinstance(passed, bool):
            return Criterion(name, False, "the filter could not be evaluated: it says neither true nor false")
        return Criterion(name, passed, f"{short(self.text)} is {'true' if passed else 'false'} of it")

    def _evaluated(self, record: Record, users: Users, side: Side) -> object:
        values: dict[str, object] = {}
        for name in names_in(self.text) & self.known.keys():
            value = _shown(self.known[name], record, users, side)
            if not isinstance(value, Absent):
                values[name] = value
        return compiled(self.text).execute(values)

    def _why(self, record: Record, error: Exception) -> str:
        asked = sorted(names_in(self.text))
        absent = [
            f"{v.field.label} is {value.value}"
            for name in asked
            if (v := self.known.get(name)) and isinstance(value := record.get(v.field.name), Absent)
        ]
        told = str(error)
        gone = [
            f"there is no field {name}" for name in asked if name not in self.known and f"'{name}'" in told
        ]
        empty = [
            f"{v.field.label} is empty"
            for name in asked
            if (v := self.known.get(name)) and is_empty(record.get(v.field.name))
        ]
        if isinstance(error, ZeroDivisionError):
            return "it divides by zero"
        return "; ".join(absent or gone or [_first_sentence(told), *empty])


def _first_sentence(text: str) -> str:
    return short(text.split(". ", 1)[0].split("\n", 1)[0])


def _shown(variable: Variable, record: Record, users: Users, side: Side) -> object:
    """A value as filters see it; absent where nobody can tell."""
    field, value = variable.field, record.get(variable.field.name)
    if isinstance(value, Absent):
        return value
    if variable.by_address:
        return "" if is_empty(value) else users.addresses.get((side, plain(value).strip()), Absent.MISSING)
    if field.type is FieldType.MULTIPICKLIST:
        return [_label(field, part) for part in parts_of(value)]
    if field.type in _NUMBERS:
        return _number(value)
    if field.type in _TIMES:
        return _time(value)
    if field.type is FieldType.BOOLEAN:
        return _boolean(value)
    return "" if is_empty(value) else _label(field, plain(value))


def _label(field: Field, value: str) -> str:
    """What people call an option whose value may be an id."""
    option = field.option(value) if field.options else None
    return option.label if option else value


def _number(value: Raw) -> float | int | Absent | None:
    if is_empty(value):
        return None
    try:
        number = float(plain(value).strip())
    except (ValueError, OverflowError):
        return Absent.MISSING
    if not math.isfinite(number):
        return Absent.MISSING
    # A whole number is one in the language too: by a zero with a point it divides without an error.
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _time(value: Raw) -> datetime | Absent | None:
    """A moment; a day begins at midnight, and a moment without a zone is in UTC."""
    if is_empty(value):
        return None
    try:
        moment = datetime.fromisoformat(plain(value).strip())
    except ValueError:
        return Absent.MISSING
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _boolean(value: Raw) -> bool | Absent | None:
    if is_empty(value):
        return None
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(plain(value).strip().casefold(), Absent.MISSING)
