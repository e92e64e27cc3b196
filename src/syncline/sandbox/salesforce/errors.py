"""Refusals of the REST API: an array of problems for calls, the same problems per row for collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why something is refused.

    `fields` is None where the real API leaves the key out. `extra` adds keys to the body of a single call,
    `row_extra` to the row of a collection.
    """

    code: str
    message: str
    fields: tuple[str, ...] | None = None
    extra: Mapping[str, Any] | None = None
    row_extra: Mapping[str, Any] | None = None

    def shown(self) -> dict[str, Any]:
        """The problem in the body of a single call."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        return {**(self.extra or {}), **body}

    def in_row(self) -> dict[str, Any]:
        """The problem in a row of a collection, which names the code differently."""
        body = {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}
        return {**(self.row_extra or {}), **body}


class ApiError(Exception):
    """A call that is refused as a whole."""

    def __init__(self, status: int, *problems: Problem) -> None:
        super().__init__("; ".join(f"{each.code}: {each.message}" for each in problems))
        self.status = status
        self.problems: Sequence[Problem] = problems


def refuse(code: str, message: str, status: int = 400, fields: tuple[str, ...] | None = None) -> ApiError:
    """The error of one problem, ready to be raised."""
    return ApiError(status, Problem(code, message, fields))


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """The error of an address that leads nowhere."""
    return refuse("NOT_FOUND", message, 404)


def no_such_column(name: str, object_name: str) -> ApiError:
    """The error of a body or a field list that names an unknown field."""
    return refuse("INVALID_FIELD", f"No such column '{name}' on sobject of type {object_name}")
