"""Record ids: fifteen characters that heed case, or eighteen with a suffix that restores it."""

from __future__ import annotations

import re

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
POD = "gK0000"

PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "Lead": "00Q",
    "User": "005",
    "Group": "00G",
    "RecordType": "012",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
    "OpportunityStage": "01J",
    "Organization": "00D",
    "QueryLocator": "01g",
}

_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def suffix_of(id15: str) -> str:
    """The three characters that tell, five letters at a time, which are upper case."""
    letters = []
    for start in (0, 5, 10):
        group = id15[start : start + 5]
        index = sum(1 << place for place, char in enumerate(group) if "A" <= char <= "Z")
        letters.append(SUFFIX_ALPHABET[index])
    return "".join(letters)


def to18(id15: str) -> str:
    """The eighteen character form of a fifteen character id."""
    return id15 + suffix_of(id15)


def has_id_shape(text: str) -> bool:
    """Whether the text is as long as an id and made of its characters."""
    return _SHAPE.fullmatch(text) is not None


def canonical(text: str) -> str | None:
    """The true eighteen character id meant by the text, or None when it cannot be one.

    Eighteen characters are case-insensitive: the suffix restores the case of the first fifteen.
    """
    if not has_id_shape(text):
        return None
    if len(text) == 15:
        return to18(text)
    return _restore_case(text[:15], text[15:].upper())


def _restore_case(body: str, suffix: str) -> str | None:
    restored = []
    for place, char in enumerate(body):
        index = SUFFIX_ALPHABET.find(suffix[place // 5])
        if index < 0:
            return None
        upper = bool(index >> (place % 5) & 1)
        if upper and not char.isalpha():
            return None
        restored.append(char.upper() if upper else char.lower())
    return "".join(restored) + suffix


def mint(prefix: str, number: int) -> str:
    """The id of the numbered record of an object; ids of one object sort in the order of their numbers."""
    digits = []
    for _ in range(15 - len(prefix) - len(POD)):
        number, place = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[place])
    return to18(prefix + POD + "".join(reversed(digits)))
