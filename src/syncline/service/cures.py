"""What a refused write means, how to mend it, and who can (rule E1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncline.connectors.registry import explained
from syncline.core.model import ErrorClass


@dataclass(frozen=True)
class Cure:
    """A refusal in plain words: what it means, how it is mended, and by whom."""

    meaning: str
    cure: str
    who: str


CURES: Mapping[ErrorClass, Cure] = {
    ErrorClass.TRANSIENT: Cure(
        "the system could not do it just then", "nothing; it is tried again", "nobody"
    ),
    ErrorClass.QUOTA: Cure(
        "the system's limit of calls was reached", "nothing; it is tried again when there is room", "nobody"
    ),
    ErrorClass.LOCK: Cure("somebody else was writing the record", "nothing; it is tried again", "nobody"),
    ErrorClass.VALIDATION: Cure(
        "the system does not take this value",
        "correct the value where it comes from, or the field map or its options in the settings",
        "whoever edits the record, or the settings",
    ),
    ErrorClass.PERMISSION: Cure(
        "the connection may not write this",
        "grant the permission, then run `syncline connection test NAME`",
        "the system's administrator",
    ),
    ErrorClass.DUPLICATE: Cure(
        "the system knows another record that looks the same",
        "merge the two in the system, or answer the hold that names them",
        "whoever keeps the records of that system",
    ),
    ErrorClass.GONE: Cure(
        "the record is not there any more",
        "restore it there, or leave it: its link ends",
        "whoever deleted it",
    ),
}
"""What holds of a whole class, for a code that means something else here than it usually does."""


def cure_of(system: str, error_class: ErrorClass, code: str, message: str) -> Cure:
    """What a refusal of a system means that was given this class."""
    known = explained(system, code, message)
    if known.error_class is not error_class:
        return CURES[error_class]
    return Cure(known.meaning, known.cure, known.who)
