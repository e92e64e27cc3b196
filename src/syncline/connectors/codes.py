"""What a system's codes mean: data that a connector keeps beside its code, and how it is looked up (rule E1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from syncline.core.errors import HELD_BACK
from syncline.core.model import ErrorClass

NOBODY = "nobody has to: it heals by itself"
EDITOR = "whoever edits the record"
SETTINGS = "whoever keeps Syncline's settings"


@dataclass(frozen=True, slots=True)
class VendorCode:
    """One code in plain words: what it means, how it is mended, and who can.

    `says` is a part of the system's text, in small letters, where a code means several things: the first entry
    of a code whose text fits is taken, one without text fits always. `by_hand` is false where trying again
    unchanged seldom helps; `by_test` is true where a good test of the connection tells that it is over; `pauses`
    where nothing more can be created until it is over.
    """

    code: str
    error_class: ErrorClass
    meaning: str
    cure: str
    who: str
    says: str = ""
    by_hand: bool = True
    by_test: bool = False
    pauses: bool = False


class CodeTable:
    """The codes of one system, looked up by code and text."""

    def __init__(self, *entries: VendorCode) -> None:
        self.entries: Sequence[VendorCode] = entries

    def __iter__(self) -> Iterator[VendorCode]:
        return iter(self.entries)

    def find(self, code: str, message: str = "") -> VendorCode | None:
        """What a code means that came with these words; None for one nobody has met."""
        said = message.casefold()
        return next((each for each in self._by_code.get(code, ()) if each.says in said), None)

    @cached_property
    def _by_code(self) -> dict[str, list[VendorCode]]:
        found: dict[str, list[VendorCode]] = {}
        for each in self.entries:
            found.setdefault(each.code, []).append(each)
        return found


UNKNOWN = VendorCode(
    "",
    ErrorClass.VALIDATION,
    "Syncline does not know this code; what the system says about it stands beside",
    "do what the system's words ask for; then `syncline errors retry`, or correct the value",
    "whoever edits the record, or the administrator of the system",
)
"""What is said of a code nobody has met: a person has to look, since trying again may never help."""

_HELD_BACK = (
    "the record was not written because the connection was in trouble, which says nothing of the record"
)

OF_CONNECTION = CodeTable(
    *(
        VendorCode(code, kind, f"{_HELD_BACK}: {why}", cure, who)
        for code, kind, why, cure, who in (
            (
                "remote-unavailable",
                ErrorClass.TRANSIENT,
                "the system did not answer, or with an error of its own",
                "nothing; the next run finds out what became of it and tries again",
                NOBODY,
            ),
            (
                "remote-rate",
                ErrorClass.QUOTA,
                "the system asked to slow down",
                "nothing; the next run tries again",
                NOBODY,
            ),
            (
                "remote-quota",
                ErrorClass.QUOTA,
                "its budget of calls is used up",
                "nothing, or raise the budget in the settings; the next run tries again",
                SETTINGS,
            ),
            (
                "remote-auth",
                ErrorClass.TRANSIENT,
                "the credentials were not accepted any more",
                "correct them, then `syncline connection test NAME`",
                SETTINGS,
            ),
            (
                "remote-reconnect",
                ErrorClass.TRANSIENT,
                "the consent has ended",
                "`syncline connection reconnect NAME`",
                "whoever may consent in that system",
            ),
            (
                "remote-access",
                ErrorClass.TRANSIENT,
                "the credentials may not do this any more",
                "grant the permission, then `syncline connection test NAME`",
                "the administrator of the system",
            ),
            (
                "remote",
                ErrorClass.TRANSIENT,
                "it could not go on",
                "look at it with `syncline connection test NAME`",
                SETTINGS,
            ),
            (
                "config",
                ErrorClass.TRANSIENT,
                "a setting does not fit the system any more",
                "`syncline config check`",
                SETTINGS,
            ),
            (
                HELD_BACK,
                ErrorClass.TRANSIENT,
                "so many records sent with it were refused that no calls were left for this one",
                "mend the others; the next run tries again",
                NOBODY,
            ),
            (
                "protocol",
                ErrorClass.TRANSIENT,
                "an answer could not be read",
                "nothing; the next run finds out what became of it; if it stays, check the base URL",
                SETTINGS,
            ),
            (
                "NO_RECORD",
                ErrorClass.TRANSIENT,
                "the system took a write and did not say of which record",
                "nothing; the next run looks for it",
                NOBODY,
            ),
        )
    )
)
"""Codes of Syncline's own that any connector gives records it could not get through."""
