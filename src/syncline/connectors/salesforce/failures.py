"""What Salesforce's error codes mean for us, and how its refusals are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncline.connectors.codes import UNKNOWN, VendorCode
from syncline.connectors.salesforce.codes import CODES
from syncline.connectors.salesforce.ids import to18
from syncline.core.model import ErrorClass, Failure, Ref

_COLUMN = re.compile(r"No such column '(\w+)'")
_HOLDER = re.compile(r"with id: ([0-9A-Za-z]{15,18})\b")


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a call or a row was refused; `details` is its whole JSON."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)


def read_problems(data: Any) -> list[Problem]:
    """The problems of an error answer or of a row; none when it has not the published form.

    A call's answer names the code `errorCode`, a row of a collection `statusCode`.
    """
    rows = data if isinstance(data, list) else [data]
    return [problem for row in rows if (problem := _read(row)) is not None]


def _read(row: Any) -> Problem | None:
    if not isinstance(row, dict):
        return None
    code = row.get("errorCode") or row.get("statusCode")
    if not isinstance(code, str):
        return None
    message = row["message"] if isinstance(row.get("message"), str) else ""
    return Problem(code, message, _named(code, row.get("fields"), message), row)


def _named(code: str, fields: Any, message: str) -> tuple[str, ...]:
    """The fields a problem is about; an unknown one is named only in the message."""
    named = tuple(each for each in fields if isinstance(each, str)) if isinstance(fields, list) else ()
    return named or (tuple(_COLUMN.findall(message)) if code == "INVALID_FIELD" else ())


def error_class(problem: Problem) -> ErrorClass:
    """What has to happen next; a code nobody has met waits for a person, since a retry may never help."""
    return _meant(problem).error_class


def _meant(problem: Problem) -> VendorCode:
    return CODES.find(problem.code, problem.message) or UNKNOWN


def failure(problems: Iterable[Problem], object_type: str) -> Failure:
    """The failure of one record: the first problem decides, all of them are told."""
    every = list(problems) or [Problem("UNKNOWN_EXCEPTION", "The row was refused without a reason.")]
    first = every[0]
    return Failure(
        error_class(first),
        first.code,
        "; ".join(_told(problem) for problem in every),
        tuple(dict.fromkeys(name for problem in every for name in problem.fields)),
        _existing(first, object_type),
        _meant(first).pauses,
    )


def _told(problem: Problem) -> str:
    text = " ".join("".join(c if c.isprintable() else " " for c in problem.message).split())
    return text[:500] or problem.code


def _existing(problem: Problem, object_type: str) -> Ref | None:
    """The record that is in the way of a duplicate, where the answer names one and only one."""
    if error_class(problem) is not ErrorClass.DUPLICATE:
        return None
    named = _HOLDER.search(problem.message)
    if named and (holder := to18(named.group(1))):
        return Ref(object_type, holder)
    # Older versions of the API misspell the key.
    result = problem.details.get("duplicateResult") or problem.details.get("duplicateResut")
    found = list(_matches(result))
    return found[0] if len(set(found)) == 1 else None


def _matches(result: Any) -> Iterable[Ref]:
    for match in _rows(result, "matchResults"):
        for row in _rows(match, "matchRecords"):
            record = row.get("record")
            if not isinstance(record, dict) or not isinstance(record.get("Id"), str):
                continue
            attributes = record.get("attributes")
            kind = attributes.get("type") if isinstance(attributes, dict) else None
            if (remote_id := to18(record["Id"])) and isinstance(kind or match.get("entityType"), str):
                yield Ref(kind or match["entityType"], remote_id)


def _rows(data: Any, key: str) -> list[dict[str, Any]]:
    rows = data.get(key) if isinstance(data, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
