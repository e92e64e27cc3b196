"""The types in a filter: whether fields are compared with values of their kind, as far as that can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from syncline.core.expression import MACROS, Word, at, bound, words
from syncline.core.filter import Variable
from syncline.core.frozen import frozen
from syncline.core.schema import Field, FieldType

TEXT, NUMBER, FLAG, TIME, LIST, SPAN, NULL = "text", "number", "true or false", "time", "list", "span", "null"
_SORTS: Mapping[FieldType, str] = {
    FieldType.NUMBER: NUMBER, FieldType.MONEY: NUMBER, FieldType.BOOLEAN: FLAG, FieldType.MULTIPICKLIST: LIST,
    FieldType.DATE: TIME, FieldType.DATETIME: TIME,
}  # fmt: skip
_TEXT_METHODS = frozenset({"contains", "endsWith", "matches", "startsWith"})
_TIME_METHODS = frozenset(
    {
        *("getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours"),
        *("getMilliseconds", "getMinutes", "getMonth", "getSeconds"),
    }
)
FUNCTIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(_TEXT_METHODS | {"all", "exists", "exists_one"}, FLAG),
    **dict.fromkeys(_TIME_METHODS | {"double", "int", "size"}, NUMBER),
    **dict.fromkeys(("filter", "map"), LIST),
    "string": TEXT,
    "timestamp": TIME,
    "duration": SPAN,
}
"""Every function a filter may call, and what it answers."""
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_BINDING = ("+", "-", "*", "/", "%", ".", "[", "?")
_PAIRS = {"(": ")", "[": "]"}


@frozen()
class Operand:
    """One side of a comparison. `sort` is None where nobody can tell; `parts` are what a written list holds."""

    sort: str | None
    text: str
    field: Field | None = None
    parts: tuple[Operand, ...] = ()


@frozen()
class Doubt:
    """Something about a filter: `wrong`, or only not checked."""

    wrong: bool
    text: str


def sort_of(field: Field) -> str:
    """What a filter may compare the values of a field with."""
    return _SORTS.get(field.type, TEXT)


def doubts(text: str, known: Mapping[str, Variable]) -> Iterator[Doubt]:
    """The comparisons of an expression that can never be meant, and those that are not checked."""
    reader = _Reader(words(text), known)
    for place, word in enumerate(reader.found):
        if word.is_sign(*_COMPARISONS) or (word.sort == "name" and word.text == "in"):
            yield from _compared(word.text, reader.before(place - 1), reader.after(place + 1))
        elif word.is_sign(".") and (doubt := _called_on(reader, place)):
            yield doubt


def unknown_options(text: str, known: Mapping[str, Variable]) -> Iterator[tuple[Field, str]]:
    """The texts that a field of choices is compared with and that are none of its options."""
    reader = _Reader(words(text), known)
    for place, word in enumerate(reader.found):
        if word.is_sign("==", "!=") or (word.sort == "name" and word.text == "in"):
            left, right = reader.before(place - 1), reader.after(place + 1)
            for chosen, written in ((left, right), (right, left)):
                if chosen.field and chosen.field.options:
                    texts = [o for o in (*written.parts, written) if o.sort == TEXT and o.field is None]
                    yield from ((chosen.field, o.text) for o in texts if not _is_label(chosen.field, o.text))


def _is_label(field: Field, text: str) -> bool:
    """Filters see labels, and their case counts."""
    return any(option.active and option.label == text for option in field.options)


def _compared(sign: str, left: Operand, right: Operand) -> Iterator[Doubt]:
    shown = f"{left.text} {sign} {right.text}"
    if left.sort is None or right.sort is None:
        yield Doubt(False, shown)
    elif sign == "in":
        if right.sort != LIST:
            yield Doubt(True, f"{shown}: {right.text} is no list")
        for part in right.parts or (Operand(TEXT, ""),):
            if part.sort is not None and part.sort != left.sort:
                yield Doubt(True, f"{shown}: {left.text} is {left.sort}, what the list holds is {part.sort}")
                return
    elif NULL in (left.sort, right.sort):
        if sign not in ("==", "!="):
            yield Doubt(True, f"{shown}: null is neither more nor less than anything")
    elif left.sort != right.sort or (left.sort == LIST and sign not in ("==", "!=")):
        yield Doubt(True, f"{shown}: {left.text} is {left.sort}, {right.text} is {right.sort}")


def _called_on(reader: _Reader, place: int) -> Doubt | None:
    """A method of a field that its values do not have."""
    name, method = at(reader.found, place - 1), at(reader.found, place + 1).text
    alone = name.sort == "name" and not at(reader.found, place - 2).is_sign(".")
    variable = reader.variable(name) if alone else None
    if variable is None or not at(reader.found, place + 2).is_sign("("):
        return None
    needs = TEXT if method in _TEXT_METHODS else TIME if method in _TIME_METHODS else None
    needs = LIST if method in MACROS else needs
    sort = sort_of(variable.field)
    return (
        Doubt(True, f"{name.text}.{method}: {name.text} is {sort}, not {needs}")
        if needs not in (None, sort)
        else None
    )


class _Reader:
    """Reads the operands of comparisons out of the words of an expression."""

    def __init__(self, found: Sequence[Word], known: Mapping[str, Variable]) -> None:
        self.found = found
        self._known = known
        self._bound = bound(found)

    def variable(self, word: Word) -> Variable | None:
        return None if word.text in self._bound else self._known.get(word.text)

    def after(self, start: int) -> Operand:
        """The operand that begins here."""
        operand, end = self._read(start)
        return Operand(None, operand.text) if at(self.found, end).is_sign(*_BINDING) else operand

    def before(self, last: int) -> Operand:
        """The operand that ends here."""
        start = self._start(last)
        operand, end = self._read(start)
        previous = at(self.found, start - 1)
        picked = at(self.found, start).is_sign("[") and (
            previous.sort == "name" or previous.is_sign(")", "]")
        )
        whole = end == last + 1 and not picked and not previous.is_sign("+", "-", "*", "/", "%", ".", "!")
        return operand if whole else Operand(None, self._text(start, last + 1))

    def _start(self, last: int) -> int:
        """Where what ends here begins: a name, a text, a number, a written list or a call."""
        start = last
        closing = (
            {")": "(", "]": "["}.get(at(self.found, last).text)
            if at(self.found, last).sort == "sign"
            else None
        )
        if closing:
            depth = 0
            for start in range(last, -1, -1):
                word = self.found[start]
                depth += word.is_sign(")", "]") - word.is_sign("(", "[")
                if depth == 0:
                    break
            if closing == "(" and at(self.found, start - 1).sort == "name":
                start -= 1
                if at(self.found, start - 1).is_sign(".") and at(self.found, start - 2).sort == "name":
                    start -= 2
        return start

    def _read(self, start: int) -> tuple[Operand, int]:
        word, after = at(self.found, start), at(self.found, start + 1)
        if word.is_sign("-") and after.sort == "number":
            return Operand(NUMBER, f"-{after.text}"), start + 2
        if word.is_sign("["):
            return self._list(start)
        if word.sort in ("text", "number"):
            sort = NUMBER if word.sort == "number" else None if word.text[0] in "bB" else TEXT
            return Operand(sort, word.text.strip("rR").strip("'\"") if sort == TEXT else word.text), start + 1
        if word.sort != "name":
            return Operand(None, word.text), start + 1
        return self._named(start, word, after)

    def _named(self, start: int, word: Word, after: Word) -> tuple[Operand, int]:
        if after.is_sign("("):
            end = self._closing(start + 1)
            return Operand(FUNCTIONS.get(word.text), self._text(start, end)), end
        method = at(self.found, start + 2)
        if after.is_sign(".") and at(self.found, start + 3).is_sign("("):
            end = self._closing(start + 3)
            return Operand(FUNCTIONS.get(method.text), self._text(start, end)), end
        literal = {"true": FLAG, "false": FLAG, "null": NULL}.get(word.text)
        variable = None if literal else self.variable(word)
        if variable is None:
            return Operand(literal, word.text), start + 1
        return Operand(sort_of(variable.field), word.text, variable.field), start + 1

    def _list(self, start: int) -> tuple[Operand, int]:
        end = self._closing(start)
        parts, place = [], start + 1
        while place < end - 1:
            part, place = self._read(place)
            if not at(self.found, place).is_sign(",", "]"):
                return Operand(None, self._text(start, end)), end
            parts.append(part)
            place += 1
        return Operand(LIST, self._text(start, end), None, tuple(parts)), end

    def _closing(self, start: int) -> int:
        """Behind the bracket that closes the one here."""
        depth = 0
        for place in range(start, len(self.found)):
            depth += self.found[place].is_sign(*_PAIRS) - self.found[place].is_sign(*_PAIRS.values())
            if depth == 0:
                return place + 1
        return len(self.found)

    def _text(self, start: int, end: int) -> str:
        return "".join(word.text for word in self.found[start:end])
