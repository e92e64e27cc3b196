"""Carrying a value from one side's terms into the other's, or saying why that cannot be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from syncline.core.automap import OptionMap, automapped
from syncline.core.mapping import FieldMap
from syncline.core.model import Norm, Raw, Side, is_empty
from syncline.core.normalise import domain, fold, normalise
from syncline.core.references import Awaited, References, Relations
from syncline.core.schema import CHOICES, Field, FieldType, Option
from syncline.core.written import Problem, parts_of, plain, refusal, short, written


@dataclass(frozen=True)
class Users:
    """Who is who: left user ids by right user id and back, who is active, and who takes the unmapped (M7).

    `how` says of a left user by what it was paired, `doubts` of a user why it was not guessed. `pool` are the
    users of a side who take, in turn, the new records that nobody owns (Q5). `addresses` are e-mail addresses.
    """

    to_right: Mapping[str, str] = field(default_factory=dict)
    to_left: Mapping[str, str] = field(default_factory=dict)
    active: Mapping[Side, frozenset[str]] = field(default_factory=dict)
    default: Mapping[Side, str] = field(default_factory=dict)
    names: Mapping[tuple[Side, str], str] = field(default_factory=dict)
    how: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[tuple[Side, str], str] = field(default_factory=dict)
    pool: Mapping[Side, tuple[str, ...]] = field(default_factory=dict)
    addresses: Mapping[tuple[Side, str], str] = field(default_factory=dict)

    def counterpart(self, source: Side, user: str) -> str | None:
        """The same person on the other side."""
        return (self.to_right if source is Side.LEFT else self.to_left).get(user)

    def active_counterpart(self, source: Side, user: str) -> str | None:
        """The same person on the other side, if records may be given to it there."""
        twin = self.counterpart(source, user)
        return twin if twin and self.is_active(source.other, twin) else None

    def is_active(self, side: Side, user: str) -> bool:
        return user in self.active.get(side, frozenset())

    def name(self, side: Side, user: str) -> str:
        return self.names.get((side, user), user)

    def attribution(self, source: Side, user: str) -> str:
        """By which pair an owner goes over from that side, or that the default owner takes the record."""
        who = self.name(source, user)
        if self.active_counterpart(source, user) is None:
            return f"{who} has no active counterpart, so the default owner takes it"
        left = user if source is Side.LEFT else self.to_left.get(user, "")
        return f"{who} is {self.how[left]}" if left in self.how else ""


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

    def is_empty(self, side: Side, value: Raw) -> bool:
        """Whether a value says nothing: choices that are all blank do not either."""
        return is_empty(value) or not self._parts(side, value)

    def common(self, side: Side, value: Raw) -> Norm:
        """The value in a form that is equal on both sides if they mean the same."""
        if self.is_simple and not isinstance(value, list):
            return normalise(self._shared, _transformed(self.map.transform, value), self.terms.region)
        if self.is_empty(side, value):
            return None
        kind = self._shared
        if kind is FieldType.OWNER:
            return self._common_owner(side, plain(value).strip())
        if kind is FieldType.REFERENCE:
            refers = self.references(side)
            return refers.tokens(value) if self.is_several else refers.token(plain(value).strip())
        if kind in CHOICES:
            return self._common_choice(side, value, kind)
        return normalise(kind, _transformed(self.map.transform, value), self.terms.region)

    @cached_property
    def _shared(self) -> FieldType:
        return _shared_type(self.left.type, self.right.type)

    @cached_property
    def is_simple(self) -> bool:
        """Whether values compare by themselves: no users, links or options stand between the sides."""
        return not {self.left.type, self.right.type} & _DEPENDENT

    @cached_property
    def is_several(self) -> bool:
        """Whether a value refers to any number of records, and a write only adds to those that are there."""
        return self.left.several and self.right.several

    def references(self, source: Side) -> References:
        """What the references of a side become on the other one."""
        return References(self.terms.relations, source, self.field(source.other).refers_to)

    def _common_owner(self, side: Side, user: str) -> str:
        if side is Side.RIGHT:
            return f"right:{user}"
        twin = self.terms.users.counterpart(side, user)
        return f"right:{twin}" if twin else f"left:{user}"

    def _common_choice(self, side: Side, value: Raw, kind: FieldType) -> Norm:
        if self._paired:
            found = sorted({self._paired.common(side, part) for part in self._parts(side, value)})
            return found[0] if kind is FieldType.PICKLIST and len(found) == 1 else tuple(found)
        labels = [self._label(side, part) for part in self._parts(side, value)]
        if side is Side.LEFT:
            names = ((label, self._counterpart(Side.LEFT, label)) for label in labels)
            labels = [
                f"left:{label}" if name is None else self._label(Side.RIGHT, name) for label, name in names
            ]
        return normalise(kind, labels[0] if kind is FieldType.PICKLIST and len(labels) == 1 else labels)

    def _parts(self, side: Side, value: Raw) -> list[str]:
        """The choices of a value; text is several only where a side has several."""
        several = FieldType.MULTIPICKLIST in (self.left.type, self.right.type)
        alone = not several or self.field(side).type is FieldType.PICKLIST
        return [plain(value).strip()] if alone and not isinstance(value, list) else parts_of(value)

    @cached_property
    def _paired(self) -> OptionMap | None:
        """Which options belong together, where the map maps them by name."""
        return automapped(self.map, self.left, self.right)

    @cached_property
    def _options(self) -> Mapping[Side, Mapping[str, Option]]:
        return {side: _by_name(self.field(side)) for side in Side}

    def _option(self, side: Side, name: str) -> Option | None:
        known = self._options[side]
        return known.get(name) or known.get(_name(name))

    def _label(self, side: Side, value: str) -> str:
        """What people see of an option's value."""
        option = self._option(side, value)
        return option.label if option else value

    @cached_property
    def _mapped(self) -> Mapping[Side, Mapping[str, str]]:
        """By source side: the other side's option for a label, by the map's options; the first one counts."""
        pairs = [
            (self._label(Side.LEFT, lt), self._label(Side.RIGHT, rt)) for lt, rt in self.map.options.items()
        ]
        return {
            Side.LEFT: {_name(left): right for left, right in reversed(pairs)},
            Side.RIGHT: {_name(right): left for left, right in reversed(pairs)},
        }

    def _counterpart(self, source: Side, label: str) -> str | None:
        """The other side's name of an option: by the map, or the same name unless that stands for another."""
        if not self.map.options:
            return label
        mapped = self._mapped[source].get(_name(label))
        if mapped is not None:
            return mapped
        taken = self._mapped[source.other]
        return None if _name(self._label(source.other, label)) in taken else label

    def to_send(self, target: Side, value: Raw) -> Raw | Awaited | Problem:
        """A value of the other side in the terms of `target`, as it would be written there."""
        if self.is_empty(target.other, value):
            return None
        kind = self.field(target).type
        if kind is FieldType.OWNER:
            return self._send_owner(target, plain(value).strip())
        if kind is FieldType.REFERENCE:
            refers = self.references(target.other)
            return refers.all_sent(value) if self.is_several else refers.sent(plain(value).strip())
        if kind in CHOICES:
            return self._send_choice(target, value)
        words = self._words(target, value)
        if isinstance(words, Problem):
            return words
        return written(self.field(target), _transformed(self.map.transform, words), self.terms.region)

    def _words(self, target: Side, value: Raw) -> Raw | Problem:
        """What people call an option whose value may be an id; other values as they are."""
        source = self.field(target.other)
        if source.type not in CHOICES:
            return "; ".join(parts_of(value)) if isinstance(value, list) else value
        labels = [self._label(target.other, part) for part in self._parts(target.other, value)]
        names = [self._counterpart(target.other, label) for label in labels]
        for label, name in zip(labels, names, strict=True):
            if name is None:
                return self._no_option(target, label)
        return "; ".join(name for name in names if name)

    def _no_option(self, target: Side, label: str) -> Problem:
        there = self.field(target)
        return Problem("option", f"{there.label} has no option for {short(label)}", _offered(there))

    def _send_owner(self, target: Side, user: str) -> Raw | Problem:
        users = self.terms.users
        if twin := users.active_counterpart(target.other, user):
            return twin
        if default := users.default.get(target):
            return default
        who = users.name(target.other, user)
        unknown = users.doubts.get((target.other, user), "has no counterpart there")
        why = "is not active there" if users.counterpart(target.other, user) else unknown
        return Problem("user", f"the user {who} {why}, and there is no default owner")

    def attribution(self, target: Side, value: Raw) -> str:
        """By which pair the owner of `target` comes from this value; nothing to say of other fields."""
        if not self.holds_owner(target) or self.is_empty(target.other, value):
            return ""
        return self.terms.users.attribution(target.other, plain(value).strip())

    def holds_owner(self, side: Side) -> bool:
        return self.field(side).type is FieldType.OWNER

    def _send_choice(self, target: Side, value: Raw) -> Raw | Problem:
        there = self.field(target)
        labels = [self._label(target.other, part) for part in self._parts(target.other, value)]
        if there.type is FieldType.PICKLIST and len(labels) > 1:
            reason = f"{there.label} takes one option, not {len(labels)}"
            return Problem("option", reason, _offered(there))
        if self._paired:
            parts = self._parts(target.other, value)
            chosen = [self._send_paired(self._paired, target, part) for part in parts]
        else:
            chosen = [self._send_option(target, label) for label in labels]
        refused = next((c for c in chosen if isinstance(c, Problem)), None)
        if refused:
            return refused
        sent = [c for c in chosen if isinstance(c, str)]
        return sent if there.type is FieldType.MULTIPICKLIST else sent[0]

    def _send_paired(self, paired: OptionMap, target: Side, value: str) -> str | Problem:
        found, there = paired.carried(target.other, value), self.field(target)
        if isinstance(found, Option):
            return found.value
        known = paired.find(target.other, value)
        label = short(known.label if known else value)
        return Problem("option", f"{there.label} {found}: {label}", _offered(there))

    def _send_option(self, target: Side, label: str) -> str | Problem:
        there, wanted = self.field(target), self._counterpart(target.other, label)
        option = self._option(target, wanted) if wanted else None
        if option:
            return option.value
        if wanted is None or there.restricted or there.options:
            return self._no_option(target, label)
        return refusal(there, wanted) or fold(wanted)


def _offered(described: Field) -> tuple[str, ...]:
    """What people may choose there."""
    return tuple(option.label for option in described.options if option.active)


def _by_name(described: Field) -> dict[str, Option]:
    """Active options by value to the letter, by value and by label, in this order; an earlier option goes first."""
    active = [option for option in reversed(described.options) if option.active]
    by_label = {_name(option.label): option for option in active}
    by_value = {_name(option.value): option for option in active}
    return by_label | by_value | {option.value: option for option in active}


def _name(text: str) -> str:
    return fold(text.casefold())


def _shared_type(left: FieldType, right: FieldType) -> FieldType:
    if left is right:
        return left
    both = {left, right}
    for winner in _NARROWER:
        if winner in both:
            return winner
    return FieldType.TEXT


_DEPENDENT = CHOICES | {FieldType.OWNER, FieldType.REFERENCE}
"""Types whose values mean something only by the users, links and options of their time."""

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
