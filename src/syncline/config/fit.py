"""Whether values of one field type can be values of another."""

from __future__ import annotations

from enum import StrEnum

from syncline.core.schema import FieldType as T


class Fit(StrEnum):
    """How well the values of one type fit another."""

    ALWAYS = "always"
    LOSSY = "lossy"
    NEVER = "never"


_RECORDS = frozenset({T.REFERENCE, T.OWNER})
_CHOICES = frozenset({T.PICKLIST, T.MULTIPICKLIST})
_WORDS = frozenset({T.TEXT, T.PICKLIST, T.MULTIPICKLIST})
_CLOSE = (
    frozenset({T.DOMAIN, T.URL}),
    frozenset({T.NUMBER, T.MONEY}),
    frozenset({T.DATE, T.DATETIME}),
)


def fit(source: T, target: T) -> Fit:
    """How well values of `source` fit a field of `target`."""
    if source is target:
        return Fit.ALWAYS
    if _RECORDS & {source, target}:
        return Fit.NEVER
    if (source, target) in ((T.DATETIME, T.DATE), (T.MULTIPICKLIST, T.PICKLIST)):
        return Fit.LOSSY
    if target is T.TEXT or target in _CHOICES or any({source, target} <= close for close in _CLOSE):
        return Fit.ALWAYS
    if source in _WORDS:
        return Fit.ALWAYS if target in (T.EMAIL, T.PHONE, T.DOMAIN, T.URL) else Fit.LOSSY
    return Fit.NEVER
