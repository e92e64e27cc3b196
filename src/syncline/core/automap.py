"""Which option of one picklist is which of the other: by hand, or else by name (rule M4).

Nothing is guessed: names map one to one, and a name that several free options of a side have maps none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from syncline.core.frozen import frozen
from syncline.core.mapping import FieldMap
from syncline.core.model import Side
from syncline.core.normalise import fold
from syncline.core.schema import CHOICES, Field, Option


class OptionState(StrEnum):
    """How an option stands to the options of the other side."""

    BY_HAND = "mapped by hand"
    BY_NAME = "mapped by name"
    ELSEWHERE = "name mapped elsewhere"
    SEVERAL = "several of that name"
    MISSING = "missing on the other side"
    INACTIVE = "inactive"
    """It, or what it is mapped with, is not offered any more: its system takes no new record with it."""


@frozen()
class OptionStanding:
    """One option with its counterpart, or with those of its name: `taken` are mapped with others already."""

    side: Side
    option: Option
    state: OptionState
    counterpart: Option | None = None
    taken: tuple[tuple[Option, Option], ...] = ()


class OptionMap:
    """The options of two picklists that belong together.

    What is mapped by hand wins, and there several may mean one; names map what is left. Options are told apart
    by their values, so that two of one label are two.
    """

    def __init__(self, field_map: FieldMap, left: Field, right: Field) -> None:
        self._known = {Side.LEFT: _Options(left.options), Side.RIGHT: _Options(right.options)}
        self._pairs: Mapping[Side, dict[str, Option]] = {side: {} for side in Side}
        self._by_hand: Mapping[Side, set[str]] = {side: set() for side in Side}
        for one, other in field_map.options.items():
            self._map_by_hand(self.find(Side.LEFT, one), self.find(Side.RIGHT, other))
        for active in (True, False):
            for names in (_spelt, _called, _named):
                self._map_by_name(names, active=active)

    def find(self, side: Side, name: str) -> Option | None:
        """The one option of that value or label, whatever its case; active ones go first."""
        return self._known[side].find(name)

    def counterpart(self, side: Side, option: Option) -> Option | None:
        """What an option of that side is mapped with; it may be inactive."""
        return self._pairs[side].get(option.value)

    def common(self, side: Side, name: str) -> str:
        """One text for an option and its counterpart, and for what has none its name."""
        option = self.find(side, name)
        mapped = self.counterpart(side, option) if option else None
        if option and mapped:
            return (option if side is Side.RIGHT else mapped).value
        return f"unmapped:{_name(option.label if option else name)}"

    def carried(self, source: Side, name: str) -> Option | str:
        """What a value of the source becomes on the other side, or in a few words why nothing."""
        option = self.find(source, name)
        if option is None:
            # It was taken from the source's list, or that list is open: only its name is left to go by.
            free = [o for o in self._known[source.other].of_name(name) if not self._taken(source.other, o)]
            return free[0] if len(free) == 1 and free[0].active else "has no option for it"
        mapped = self.counterpart(source, option)
        if mapped is None:
            return _REASONS[self.standing(source, option).state]
        return mapped if mapped.active else f"has {_quoted(mapped)} for it, which is inactive there"

    def standings(self, side: Side) -> list[OptionStanding]:
        """How every option of a side stands, in the order of its system."""
        return [self.standing(side, option) for option in self._known[side].by_value.values()]

    def standing(self, side: Side, option: Option) -> OptionStanding:
        """How one option stands."""
        mapped = self.counterpart(side, option)
        if mapped:
            by_hand = option.value in self._by_hand[side]
            how = OptionState.BY_HAND if by_hand else OptionState.BY_NAME
            active = option.active and mapped.active
            return OptionStanding(side, option, how if active else OptionState.INACTIVE, mapped)
        same = self._of_same_name(side, option)
        taken = tuple((o, self._pairs[side.other][o.value]) for o in same if self._taken(side.other, o))
        if not option.active:
            return OptionStanding(side, option, OptionState.INACTIVE, None, taken)
        if not same:
            return OptionStanding(side, option, OptionState.MISSING)
        state = OptionState.ELSEWHERE if len(taken) == len(same) else OptionState.SEVERAL
        return OptionStanding(side, option, state, None, taken)

    def pinned(self) -> dict[str, str]:
        """The present pairs as a map by hand says them: by label, or by value where a label is not enough.

        Of inactive options only what is mapped by hand is kept: without it a name might map them elsewhere.
        """
        found = {}
        for left in self._known[Side.LEFT].by_value.values():
            right = self.counterpart(Side.LEFT, left)
            by_hand = left.value in self._by_hand[Side.LEFT]
            if right and (by_hand or (left.active and right.active)):
                found[self._named(Side.LEFT, left)] = self._named(Side.RIGHT, right)
        return found

    def _named(self, side: Side, option: Option) -> str:
        return option.label if self.find(side, option.label) is option else option.value

    def _taken(self, side: Side, option: Option) -> bool:
        return option.value in self._pairs[side]

    def _of_same_name(self, side: Side, option: Option) -> list[Option]:
        there = self._known[side.other]
        found = {o.value: o for name in _named(option) for o in there.of_name(name)}
        return [o for o in found.values() if o.active] or list(found.values())

    def _map_by_hand(self, left: Option | None, right: Option | None) -> None:
        """Map two, if they are there; the first one that means another is what that means on the way back.

        A left option that is named again, in another spelling, stays with what it was mapped with first.
        """
        if left is None or right is None or self._taken(Side.LEFT, left):
            return
        for side, own, other in ((Side.LEFT, left, right), (Side.RIGHT, right, left)):
            self._pairs[side].setdefault(own.value, other)
            self._by_hand[side].add(own.value)

    def _map_by_name(self, names: Callable[[Option], Iterable[str]], *, active: bool) -> None:
        free = {
            side: [
                o for o in known.by_value.values() if not self._taken(side, o) and (o.active or not active)
            ]
            for side, known in self._known.items()
        }
        meant = {side: _by_names(options, names) for side, options in free.items()}
        for left in free[Side.LEFT]:
            found = _fitting(left, names, meant[Side.RIGHT])
            if len(found) == 1 and len(_fitting(found[0], names, meant[Side.LEFT])) == 1:
                self._pairs[Side.LEFT][left.value] = found[0]
                self._pairs[Side.RIGHT][found[0].value] = left


def automapped(field_map: FieldMap, left: Field, right: Field) -> OptionMap | None:
    """The options of a map that maps by name; none where a side shows no options to choose from."""
    wanted = field_map.automap and CHOICES.issuperset({left.type, right.type})
    return OptionMap(field_map, left, right) if wanted and left.options and right.options else None


class _Options:
    """The options of one picklist, by value and by name. Of two with one value, the active or else first one counts."""

    def __init__(self, options: Sequence[Option]) -> None:
        in_force = {o.value: o for o in (*reversed(options), *(o for o in reversed(options) if o.active))}
        order = dict.fromkeys(o.value for o in options if o.value.strip())
        self.by_value = {value: in_force[value] for value in order}
        self._values = _by_names(self.by_value.values(), lambda o: (_name(o.value),))
        self._labels = _by_names(self.by_value.values(), _called)

    def find(self, name: str) -> Option | None:
        if name in self.by_value:
            return self.by_value[name]
        found = self._values.get(_name(name)) or self._labels.get(_name(name)) or []
        active = [o for o in found if o.active] or found
        return active[0] if len(active) == 1 else None

    def of_name(self, name: str) -> list[Option]:
        """All options whose label or value is that name."""
        found = (*self._values.get(_name(name), ()), *self._labels.get(_name(name), ()))
        return list({o.value: o for o in found}.values())


def _by_names(options: Iterable[Option], names: Callable[[Option], Iterable[str]]) -> dict[str, list[Option]]:
    found: dict[str, list[Option]] = {}
    for option in options:
        for name in names(option):
            found.setdefault(name, []).append(option)
    return found


def _fitting(
    option: Option, names: Callable[[Option], Iterable[str]], meant: Mapping[str, list[Option]]
) -> list[Option]:
    found = {o.value: o for name in names(option) for o in meant.get(name, ())}
    return list(found.values())


def _spelt(option: Option) -> Iterable[str]:
    """The label to the letter; a blank one is no name."""
    return filter(None, (fold(option.label),))


def _called(option: Option) -> Iterable[str]:
    """The label, whatever its case."""
    return filter(None, (_name(option.label),))


def _named(option: Option) -> Iterable[str]:
    """Label and value, whatever their case."""
    return dict.fromkeys(filter(None, (_name(option.label), _name(option.value))))


def _name(text: str) -> str:
    return fold(text.casefold())


def _quoted(option: Option) -> str:
    return repr(option.label if len(option.label) <= 60 else f"{option.label[:57]}...")


_REASONS = {
    OptionState.ELSEWHERE: "has that name for another option",
    OptionState.SEVERAL: "does not tell by the name alone which option it is",
    OptionState.MISSING: "has no option for it",
    OptionState.INACTIVE: "has no option for it",
}
