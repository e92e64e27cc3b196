"""The words of a filter's expression, and what no filter may hold because it could cost too much or pass unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from syncline.core.frozen import frozen

LONGEST: Final = 2_000
"""Characters of an expression. The parser takes one of ten thousand terms for its own stack and dies."""
LONGEST_PATTERN: Final = 200
HEAVIEST_PATTERN: Final = 50
"""Classes of characters times repetitions: each evaluation builds the pattern anew, as large as they make it."""

MACROS: Final = frozenset({"all", "exists", "exists_one", "filter", "map"})
_WORD = re.compile(
    r"""(?P<gap>\s+|//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:'{3}.*?(?<!\\)'{3}|"{3}.*?(?<!\\)"{3}|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
    |(?P<number>0[xX][0-9a-fA-F]+u?|(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?[uU]?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||[=!<>]=|[-+*/%!<>?:.,()\[\]{}])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_REPEATS = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_CLASSES = re.compile(r"\\[bBdDpPsSwW]")


@frozen()
class Word:
    """One word of an expression: a name, a text, a number or a sign."""

    sort: str
    text: str

    def is_sign(self, *signs: str) -> bool:
        return self.sort == "sign" and self.text in signs


END = Word("end", "")


@lru_cache(maxsize=256)
def words(text: str) -> tuple[Word, ...]:
    """The words of an expression, without blanks and comments."""
    found = (Word(m.lastgroup or "other", m.group()) for m in _WORD.finditer(text))
    return tuple(word for word in found if word.sort != "gap")


def at(found: Sequence[Word], place: int) -> Word:
    """The word at a place, or the end."""
    return found[place] if 0 <= place < len(found) else END


def called(found: Sequence[Word]) -> Iterator[tuple[int, str]]:
    """Every function or method that is called: the place of its name, and the name."""
    for place, word in enumerate(found):
        if word.sort == "name" and at(found, place + 1).is_sign("("):
            yield place, word.text


@lru_cache(maxsize=256)
def excess(text: str) -> str | None:
    """Why an expression may not be used, however well it is formed; nothing where it may."""
    if len(text) > LONGEST:
        return f"it has {len(text)} characters, and {LONGEST} are the most"
    found = words(text)
    return _nested(found) or _pattern(found) or _division(found)


def _nested(found: Sequence[Word]) -> str | None:
    """Macros in one another look at each pair, triple, ... of what a list holds."""
    inside: list[bool] = []
    for place, word in enumerate(found):
        if word.is_sign("("):
            name = at(found, place - 1)
            macro = name.sort == "name" and name.text in MACROS and at(found, place - 2).is_sign(".")
            if macro and any(inside):
                return f"{name.text} stands inside another loop over a list"
            inside.append(macro)
        elif word.is_sign(")") and inside:
            inside.pop()
    return None


def _pattern(found: Sequence[Word]) -> str | None:
    for place, name in called(found):
        if name != "matches":
            continue
        pattern = at(found, place + 2)
        if pattern.is_sign("(") or pattern.sort != "text" or not at(found, place + 3).is_sign(")"):
            return "matches takes one pattern, written out in quotes"
        if len(pattern.text) > LONGEST_PATTERN:
            return f"a pattern has {len(pattern.text)} characters, and {LONGEST_PATTERN} are the most"
        if _weight(pattern.text) > HEAVIEST_PATTERN:
            return "a pattern repeats too much; write it with fewer classes such as \\w and smaller counts"
    return None


def _weight(pattern: str) -> int:
    weight = max(1, len(_CLASSES.findall(pattern)))
    for least, most in _REPEATS.findall(pattern):
        weight *= max(int((least or "1")[:6]), int((most or "1")[:6]), 1)
    return weight


def bound(found: Sequence[Word]) -> frozenset[str]:
    """The names that loops over lists give to what they look at."""
    loops = (place for place, name in called(found) if name in MACROS and at(found, place - 1).is_sign("."))
    return frozenset(at(found, place + 2).text for place in loops)


def _division(found: Sequence[Word]) -> str | None:
    """Numbers with a point divide by zero without an error; a field that holds zero is told from them."""
    for place, word in enumerate(found):
        if word.is_sign("/", "%"):
            divisor, after = at(found, place + 1), at(found, place + 2)
            field = divisor.sort == "name" and not after.is_sign("(", ".", "[")
            number = divisor.sort == "number" and not _is_zero(divisor.text)
            if not number and (not field or divisor.text in bound(found)):
                return f"{word.text} divides by something that is neither a field nor a number other than 0"
    return None


def _is_zero(number: str) -> bool:
    digits = re.sub(r"[eE][+-]?\d+|^0[xX]|[.uU]", "", number)
    return not digits.strip("0")
