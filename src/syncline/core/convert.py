"""Carrying a value from one side's terms into the other's, or saying why that cannot be done."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from syncline.core.mapping import FieldMap
from syncline.core.model import Norm, Raw, Ref, Side, is_empty
from syncline.core.normalise import domain, email, fold, moment, normalise, number
from syncline.core.schema import Field, FieldType


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be written on the other side, in words, with what would be allowed there."""

    code: str
    reason: str
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Awaited:
    """A reference to a record whose counterpart this plan makes: known once it is made."""

    ref: Ref


@dataclass(frozen=True)
class Users:
    """Who is who: left user ids by right user id and back, who is active, and who takes the unmapped (M7)."""

    to_right: Mapping[str, str] = field(default_factory=dict)
    to_left: Mapping[str, str] = field(default_factory=dict)
    active: Mapping[Side, frozenset[str]] = field(default_factory=dict)
    default: Mapping[Side, str] = field(default_factory=dict)
    names: Mapping[tuple[Side, str], str] = field(default_factory=dict)

    def counterpart(self, source: Side, user: str) -> str | None:
        """The same person on the other side."""
        return (self.to_right if source is Side.LEFT else self.to_left).get(user)

    def name(self, side: Side, user: str) -> str:
        return self.names.get((side, user), user)


@dataclass(frozen=True)
class Relations:
    """Which records are each other's counterparts, as far as a batch of decisions needs it.

    `tokens` gives a linked (or to be linked) record of a side one token for both sides; `twins` its id on the
    other side; `planned` the records whose counterpart this plan makes.
    """

    tokens: Mapping[tuple[Side, str], str] = field(default_factory=dict)
    twins: Mapping[tuple[Side, str], str] = field(default_factory=dict)
    planned: Mapping[tuple[Side, str], Ref] = field(default_factory=dict)


@dataclass(frozen=True)
class Terms:
    """What conversion needs to know of the world: users, linked records, and how to read phone numbers."""

    users: Users = field(default_factory=Users)
    relations: Relations = field(default_factory=Relations)
    region: str = "US"


@dataclass(frozen=True)
class Translator:
    """Compares and carries the values of one field map."""

    map: FieldMap
    left: Field
    right: Field
    terms: Terms

    def field(self, side: Side) -> Field:
        return self.left if side is Side.LEFT else self.right

    def own(self, side: Side, value: Raw) -> Norm:
        """The value in its own side's comparable form: what tells whether that side changed."""
        return normalise(self.field(side).type, value, self.terms.region)

    def common(self, side: Side, value: Raw) -> Norm:
        """The value in a form that is equal on both sides if they mean the same."""
        if is_empty(value):
            return None
        kind = _shared_type(self.left.type, self.right.type)
        if kind is FieldType.OWNER:
            return self._common_owner(side, str(value))
        if kind is FieldType.REFERENCE:
            return self.terms.relations.tokens.get((side, str(value)), f"{side}:{value}")
        if kind in (FieldType.PICKLIST, FieldType.MULTIPICKLIST):
            return self._common_choice(side, value, kind)
        return normalise(kind, _transformed(self.map.transform, value), self.terms.region)

    def _common_owner(self, side: Side, user: str) -> str:
        if side is Side.RIGHT:
            return f"right:{user}"
        twin = self.terms.users.counterpart(side, user)
        return f"right:{twin}" if twin else f"left:{user}"

    def _common_choice(self, side: Side, value: Raw, kind: FieldType) -> Norm:
        labels = [label_of(self.field(side), part) for part in parts_of(value)]
        if side is Side.LEFT:
            labels = [label_of(self.right, self._option(Side.LEFT, label) or label) for label in labels]
        return normalise(kind, labels if kind is FieldType.MULTIPICKLIST else labels[0])

    def _option(self, source: Side, label: str) -> str | None:
        """The other side's option for a label, by the map's options."""
        wanted = label.casefold()
        for left, right in self.map.options.items():
            here, there = (left, right) if source is Side.LEFT else (right, left)
            if label_of(self.field(source), here).casefold() == wanted:
                return there
        return None

    def to_send(self, target: Side, value: Raw) -> Raw | Awaited | Problem:
        """A value of the other side in the terms of `target`, as it would be written there."""
        if is_empty(value):
            return None
        kind = self.field(target).type
        if kind is FieldType.OWNER:
            return self._send_owner(target, str(value))
        if kind is FieldType.REFERENCE:
            return self._send_reference(target, str(value))
        if kind in (FieldType.PICKLIST, FieldType.MULTIPICKLIST):
            return self._send_choice(target, value)
        plain = self._plain(target, value)
        return written(self.field(target), _transformed(self.map.transform, plain), self.terms.region)

    def _plain(self, target: Side, value: Raw) -> Raw:
        """The words people see where an option's value would be an id."""
        source = self.field(target.other)
        if source.type is FieldType.MULTIPICKLIST:
            return "; ".join(label_of(source, part) for part in parts_of(value))
        return label_of(source, str(value)) if source.type is FieldType.PICKLIST else value

    def _send_owner(self, target: Side, user: str) -> Raw | Problem:
        users = self.terms.users
        twin = users.counterpart(target.other, user)
        if twin and twin in users.active.get(target, frozenset()):
            return twin
        if default := users.default.get(target):
            return default
        who = users.name(target.other, user)
        why = "is not active there" if twin else "has no counterpart there"
        return Problem("user", f"the user {who} {why}, and there is no default owner")

    def _send_reference(self, target: Side, remote_id: str) -> Raw | Awaited | Problem:
        relations = self.terms.relations
        key = (target.other, remote_id)
        if twin := relations.twins.get(key):
            return twin
        if planned := relations.planned.get(key):
            return Awaited(planned)
        return Problem("reference", f"the record it belongs to ({remote_id}) is not linked yet")

    def _send_choice(self, target: Side, value: Raw) -> Raw | Problem:
        source, there = self.field(target.other), self.field(target)
        chosen: list[str] = []
        for part in parts_of(value):
            label = label_of(source, part)
            wanted = self._option(target.other, label) or label
            option = there.option(wanted)
            if option is None and (there.restricted or there.options):
                allowed = tuple(o.label for o in there.options if o.active)
                return Problem("option", f"{there.label} has no option for {label!r}", allowed)
            chosen.append(option.value if option else fold(wanted))
        return chosen if there.type is FieldType.MULTIPICKLIST else chosen[0]


def parts_of(value: Raw) -> list[str]:
    """The choices of a picklist value, whatever its form."""
    if isinstance(value, list):
        return [str(part) for part in value if str(part).strip()]
    return [part.strip() for part in str(value).split(";") if part.strip()] or [str(value)]


def label_of(target: Field, value: str) -> str:
    """What people see of an option's value."""
    option = target.option(value)
    return option.label if option else value


def _shared_type(left: FieldType, right: FieldType) -> FieldType:
    if left is right:
        return left
    both = {left, right}
    for winner in _NARROWER:
        if winner in both:
            return winner
    return FieldType.TEXT


_NARROWER = (
    FieldType.OWNER,
    FieldType.REFERENCE,
    FieldType.MULTIPICKLIST,
    FieldType.PICKLIST,
    FieldType.EMAIL,
    FieldType.DOMAIN,
    FieldType.URL,
    FieldType.PHONE,
    FieldType.BOOLEAN,
    FieldType.DATE,
    FieldType.DATETIME,
    FieldType.NUMBER,
    FieldType.MONEY,
)


def _transformed(name: str | None, value: Raw) -> Raw:
    return TRANSFORMS[name](str(value)) if name and isinstance(value, str) else value


TRANSFORMS = {"domain": lambda text: domain(fold(text)), "lower": str.lower, "upper": str.upper}
"""Conversions a field map may name. Each is applied before comparing and before writing."""


def written(target: Field, value: Raw, region: str) -> Raw | Problem:
    """A plain value as it would be sent to that field, or why it may not be."""
    text = value if isinstance(value, bool) else str(value).strip()
    if isinstance(text, str) and (bad := _unprintable(str(value))):
        return Problem("characters", f"the value holds a character that must not be written ({bad})")
    shaped = _shaped(target, text, region)
    if isinstance(shaped, str) and target.length and len(shaped) > target.length:
        return Problem("length", f"{len(shaped)} characters do not fit into {target.label} ({target.length})")
    return shaped


def _unprintable(text: str) -> str | None:
    for char in text:
        category = unicodedata.category(char)
        if (category == "Cc" and char not in "\t\n\r") or char in _BIDI or category == "Cs":
            return f"U+{ord(char):04X}"
    return None


_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _shaped(target: Field, value: str | bool, region: str) -> Raw | Problem:
    kind = target.type
    if kind is FieldType.BOOLEAN:
        flag = normalise(kind, value)
        return flag if isinstance(flag, bool) else Problem("type", f"{_short(value)} is neither yes nor no")
    text = value if isinstance(value, str) else ("true" if value else "false")
    if kind is FieldType.EMAIL:
        return _address(text)
    if kind in (FieldType.NUMBER, FieldType.MONEY):
        return _as_number(text, target.scale)
    if kind in (FieldType.DATE, FieldType.DATETIME):
        return _as_time(kind, text, region)
    return domain(text) if kind is FieldType.DOMAIN else text


def _address(text: str) -> Raw | Problem:
    address = email(text)
    return (
        address if valid_email(address) else Problem("email", f"{_short(text)} is not a valid e-mail address")
    )


@lru_cache(maxsize=65_536)
def valid_email(address: str) -> bool:
    """Whether an address has the form of one; nothing is asked of the network."""
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _as_number(text: str, scale: int | None) -> Raw | Problem:
    value = number(text)
    if value is None:
        return Problem("type", f"{_short(text)} is not a number")
    if scale is not None:
        value = round(value, scale)
    return int(value) if value == value.to_integral_value() else float(value)


def _as_time(kind: FieldType, text: str, region: str) -> Raw | Problem:
    if moment(text) is None:
        return Problem("type", f"{_short(text)} is not a {kind.value}")
    norm = normalise(kind, text, region)
    return norm if isinstance(norm, str) else None


def _short(value: str | bool) -> str:
    text = str(value)
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
