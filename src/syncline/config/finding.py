"""What a check finds: each with a code that never changes, the place and the cure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from syncline.core import errors

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Code:
    """A sort of finding: how grave it is, which error stops a run for it, and what it means.

    What does not stop a run holds single fields in it: a stage is renamed while nobody looks at the settings.
    """

    level: Level
    error: type[errors.ConfigError]
    meaning: str
    stops: bool = True


_NAME, _FIELD, _MAP = errors.UnknownNameError, errors.UnknownFieldError, errors.MappingError
_MISSING, _SECRET = errors.MissingSettingError, errors.SecretError

CODES: Final[dict[str, Code]] = {
    "unknown-connection": Code("error", _NAME, "A sync names a connection that is not in the document."),
    "same-connection": Code("error", errors.ConfigError, "Both sides of a sync are one connection."),
    "unknown-preset": Code("error", _NAME, "A sync starts from a preset that does not exist."),
    "preset-systems": Code(
        "error",
        errors.ConfigError,
        "A preset is made for other systems, or for these with the sides swapped.",
    ),
    "nothing-to-sync": Code("error", _MISSING, "A sync has no pair of object types at all."),
    "unknown-pair": Code("error", _NAME, "`without` names a pair that the preset does not have."),
    "unknown-credential-name": Code(
        "error", _NAME, "A connection has a credential its system does not know."
    ),
    "unknown-option-name": Code("error", _NAME, "A connection has an option its system does not know."),
    "missing-connection-setting": Code("error", _MISSING, "A connection lacks what its system needs."),
    "sign-in-not-offered": Code(
        "error", errors.ConfigError, "A connection signs in by OAuth, which its system does not know."
    ),
    "idle-credential": Code("warning", _NAME, "A credential is not used by the chosen way to sign in."),
    "secret-not-found": Code("error", _SECRET, "A reference to a secret leads nowhere."),
    "empty-pool": Code(
        "error", _MISSING, "A pool of owners names no active user, so new records could be given to nobody."
    ),
    "double-map": Code("error", _MAP, "A list of field maps names the same two fields twice."),
    "two-writers": Code("error", _MAP, "Two field maps of a pair write the same field."),
    "two-writers-across": Code(
        "warning", _MAP, "Field maps of two syncs write the same field of a connection."
    ),
    "unknown-transform": Code("error", _NAME, "A field map names a transform that does not exist."),
    "unknown-match-key": Code(
        "error", _NAME, "A match key is neither `email` nor `domain` nor the left field of a field map."
    ),
    "unknown-type": Code("error", _NAME, "`as_type` or a preference names an object type that no pair has."),
    "no-stage-field": Code("error", _MISSING, "Stages are chosen, but no field carries the stage."),
    "no-stages": Code(
        "error", _MISSING, "`when: stages` stands without stages, so nothing would be created."
    ),
    "mode-contradicted": Code(
        "error", _MAP, "A kind's mode leaves a side alone that another setting of the kind wants written."
    ),
    "fill-both": Code(
        "warning", _MAP, "`fill` in both directions: blanks are filled, but later changes never go over."
    ),
    "outward-process": Code(
        "warning", _MAP, "A lifecycle or stage field is written into the CRM, which should own it."
    ),
    "option-twice": Code("error", _MAP, "Two options mean the same one, so the way back is not clear."),
    "unknown-object-type": Code("error", _NAME, "A pair names an object type its system does not have."),
    "wrong-kind": Code("error", _MAP, "A pair stands under a kind its object type does not belong to."),
    "unknown-field": Code("error", _FIELD, "A field map names a field its system does not have or show."),
    "read-only-target": Code("error", _MAP, "A field map writes a field that cannot be written."),
    "create-only-target": Code(
        "warning", _MAP, "A field map writes a field that can be set when a record is made, but not changed."
    ),
    "required-unmapped": Code(
        "error",
        _MAP,
        "Records are to be created, but a field they need has no map, so every create would be held.",
    ),
    "empty-requirement": Code("error", _MAP, "A requirement asks nothing of its field."),
    "unknown-threshold": Code("error", _MAP, "The lowest stage that passes is not in the order of stages."),
    "unknown-stage": Code("error", _MAP, "A chosen stage does not exist."),
    "unknown-option": Code(
        "error",
        _MAP,
        "An option map names an option its field does not have. A run goes on without it.",
        stops=False,
    ),
    "ambiguous-option": Code(
        "error",
        _MAP,
        "An option map names several options of a field by one label. A run goes on without them.",
        stops=False,
    ),
    "automap-without-options": Code(
        "warning", _MAP, "`automap` stands at a field map one of whose fields has no options to map."
    ),
    "option-without-counterpart": Code(
        "warning", _MAP, "An option means nothing on the other side; records that have it hold that field."
    ),
    "bad-filter": Code("error", _MAP, "A filter cannot be read, or holds what could take too long."),
    "filter-name": Code(
        "error", _FIELD, "A filter names a field that is not there; no record passes.", stops=False
    ),
    "filter-function": Code("error", _NAME, "A filter calls a function that filters do not know."),
    "filter-types": Code(
        "error", _MAP, "A filter compares values that are never equal, or says neither yes nor no."
    ),
    "filter-option": Code(
        "error", _MAP, "A filter compares a field with a text it has no option for.", stops=False
    ),
    "filter-part": Code("warning", _MAP, "A part of a filter is not checked, or concerns some records only."),
    "no-lists": Code("error", _MISSING, "Lists are chosen of a system that shows none."),
    "source-value": Code(
        "error", _MAP, "The source field cannot take its value; no record is made.", stops=False
    ),
    "no-email-status": Code(
        "error",
        _MISSING,
        "Unverified addresses are to stay behind, and no field tells which ones are verified.",
    ),
    "created-by": Code(
        "error", _MAP, "A field map reads or writes who made a record, which is no ownership."
    ),
    "type-mismatch": Code("error", _MAP, "The values of one field can never be values of the other."),
    "lossy-types": Code("warning", _MAP, "Values lose something on the way, such as the time of a date."),
    "bad-schedule": Code(
        "error", errors.ConfigError, "A time of a schedule is neither a length of time nor a cron expression."
    ),
    "never-due": Code("error", errors.ConfigError, "A schedule names a day that never comes."),
    "unknown-time-zone": Code("error", _NAME, "A schedule names a time zone that does not exist."),
    "idle-schedule": Code("warning", _NAME, "A schedule names a kind that is not synced."),
    "length-mismatch": Code("warning", _MAP, "Values may be longer than the other field takes."),
}


@dataclass(frozen=True)
class Finding:
    """One thing a check found."""

    code: str
    place: str
    message: str
    cure: str

    @property
    def level(self) -> Level:
        return CODES[self.code].level

    def as_error(self) -> errors.ConfigError:
        """The error that stops a run because of it."""
        return CODES[self.code].error(f"{self.place} {self.message}", hint=self.cure, finding=self.code)


def raise_errors(findings: Iterable[Finding]) -> None:
    """Stop on the first finding that is an error a run cannot work with, and name how many there are."""
    grave = [f for f in findings if f.level == "error" and CODES[f.code].stops]
    if not grave:
        return
    first = grave[0].as_error()
    if len(grave) > 1:
        rest = "\n".join(f"{f.place} {f.message}" for f in grave[1:10])
        raise type(first)(f"{first.message}\n{rest}", hint=first.cure, **first.context)
    raise first
