"""Words of messages: values made safe to print, and the nearest of some names."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process

_LONGEST = 60
_LIKELY = 65  # of 100; below it a suggestion misleads more often than it helps


def shown(value: object) -> str:
    """A value as one short line: control and bidirectional characters escaped, long text cut."""
    text = str(value)
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return repr("".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in cut))


def nearest(wrong: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant."""
    known = {name.casefold(): name for name in names}
    best = process.extractOne(wrong.casefold(), known.keys(), score_cutoff=_LIKELY)
    return known[best[0]] if best else None


def choices(wrong: str, names: Iterable[str]) -> str:
    """What to use instead of a wrong name, as a sentence."""
    known = sorted(names)
    if not known:
        return "There is none to choose from."
    listed = ", ".join(known[:40]) + (", ..." if len(known) > 40 else "")
    guess = nearest(wrong, known)
    return f"Did you mean {guess}? There are: {listed}." if guess else f"There are: {listed}."
