"""Sends rows to the collections resource: in batches, split where one row spoils the call for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from syncline.connectors.held_back import held_back
from syncline.connectors.http.sifting import TOO_LARGE, sift
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.failures import Problem, error_class, failure, read_problems
from syncline.connectors.salesforce.ids import to18
from syncline.core.errors import (
    HELD_BACK,
    ProtocolError,
    RemoteError,
    UnavailableError,
)
from syncline.core.model import ErrorClass, Failure

ROUTE = "/composite/sobjects"
BATCH = 200
LOCK_TRIES = 4
_LOCK_BATCH = 10

Wire = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """The row was written; `remote_id` is its id."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer came that can be read: the row may or may not have been written."""

    failure: Failure


Answer = Written | Lost | Failure


def write(client: SalesforceClient, method: str, object_type: str, rows: Sequence[Wire]) -> list[Answer]:
    """One answer per row, in order. What stops the connection is raised as long as nothing was written."""
    answers: dict[int, Answer] = {}
    for batch in _batches(rows):
        try:
            _Batch(client, method, object_type, rows, answers).send(batch)
        except (RemoteError, ProtocolError) as error:
            if not answers:
                raise
            answers = {place: held_back(error) for place in range(len(rows))} | answers
            break
        if any(isinstance(answers[place], Lost) for place in batch) and batch[-1] + 1 < len(rows):
            silent = UnavailableError("Salesforce stopped answering before this row was sent.")
            answers |= dict.fromkeys(range(batch[-1] + 1, len(rows)), held_back(silent))
            break
    return [answers[place] for place in range(len(rows))]


def _lost(code: str, message: str) -> Lost:
    return Lost(Failure(ErrorClass.TRANSIENT, code, message))


NO_SENSE = _lost(
    ProtocolError.code, f"The answer of Salesforce to {ROUTE} does not tell what became of the record."
)


def _batches(rows: Sequence[Wire]) -> Iterator[list[int]]:
    """The places of the rows, at most so many together, and no record twice in one call."""
    batch: list[int] = []
    ids: set[str] = set()
    for place, row in enumerate(rows):
        remote_id = row.get("id")
        if len(batch) == BATCH or remote_id in ids:
            yield batch
            batch, ids = [], set()
        batch.append(place)
        if remote_id is not None:
            ids.add(remote_id)
    if batch:
        yield batch


class _Batch:
    """Rows that go into one call, or into several when that call is refused.

    What came of each row is put into `answers` at once: it has to be told even if a later call stops it all.
    """

    def __init__(
        self,
        client: SalesforceClient,
        method: str,
        object_type: str,
        rows: Sequence[Wire],
        answers: dict[int, Answer],
    ) -> None:
        self._client = client
        self._method = method
        self._type = object_type
        self._rows = rows
        self._answers = answers
        self._refusal: list[Problem] = []

    def send(self, places: list[int]) -> None:
        """Get an answer for each place; rows that met a lock are sent again, fewer at a time."""
        self._split(places)
        for attempt in range(1, LOCK_TRIES):
            locked = [place for place in places if _is_locked(self._answers[place])]
            if not locked:
                break
            self._client.wait(attempt)
            size = _LOCK_BATCH if attempt == 1 else 1
            for start in range(0, len(locked), size):
                self._split(locked[start : start + size])

    def _split(self, places: list[int]) -> None:
        """One call, or one for each half when a row of it makes the server refuse them all."""
        for place in sift(places, self._part):
            whole = failure(self._refusal, self._type)
            self._answers[place] = Failure(ErrorClass.TRANSIENT, HELD_BACK, f"{whole.code}: {whole.message}")

    def _part(self, places: Sequence[int]) -> list[int]:
        """One call; what has to go again."""
        answer = self._call(places)
        if isinstance(answer, dict):
            self._answers |= answer
            return []
        self._refusal = answer
        blamed = set(places) if len(places) == 1 else self._with_unknown_field(places, answer[0])
        self._answers |= dict.fromkeys(blamed, failure(answer, self._type))
        return [place for place in places if place not in blamed]

    def _with_unknown_field(self, places: Sequence[int], problem: Problem) -> set[int]:
        """The rows that name a field which is gone since it was described."""
        if problem.code != "INVALID_FIELD":
            return set()
        return {place for place in places if not self._rows[place].keys().isdisjoint(problem.fields)}

    def _call(self, places: Sequence[int]) -> dict[int, Answer] | list[Problem]:
        """Answers by place, or the problems for which the whole call was refused."""
        rows = [self._rows[place] for place in places]
        try:
            reply = self._client.send(self._method, ROUTE, endpoint=ROUTE, **_request(self._method, rows))
        except UnavailableError as error:
            if not error.sent:
                raise
            return dict.fromkeys(places, _lost(error.code, error.message))
        except (
            ProtocolError
        ) as error:  # an answer came and cannot be read: the rows may be written all the same
            return dict.fromkeys(places, _lost(error.code, error.message))
        if reply.status >= 400:
            return self._refused(reply.status, reply.data, len(places))
        told = reply.data
        if not isinstance(told, list) or len(told) != len(places):
            return dict.fromkeys(places, NO_SENSE)
        return {place: self._answer(row) for place, row in zip(places, told, strict=True)}

    def _refused(self, status: int, data: Any, size: int) -> list[Problem]:
        problems = read_problems(data)
        if not problems and status in TOO_LARGE:
            return [Problem("REQUEST_TOO_LARGE", f"HTTP {status}")]
        if not problems:
            raise ProtocolError(f"The answer to {self._method} {ROUTE} has HTTP {status} and no error.")
        if size == 1 or error_class(problems[0]) not in {ErrorClass.QUOTA, ErrorClass.TRANSIENT}:
            return problems
        raise UnavailableError(f"Salesforce refuses {self._method} {ROUTE}: {problems[0].code}.", sent=False)

    def _answer(self, row: Any) -> Answer:
        if not isinstance(row, dict):
            return NO_SENSE
        if row.get("success") is True:
            remote_id = to18(row["id"]) if isinstance(row.get("id"), str) else None
            return Written(remote_id) if remote_id else NO_SENSE
        return failure(read_problems(row.get("errors")), self._type)


def _request(method: str, rows: Sequence[Wire]) -> dict[str, Any]:
    """What a call carries. One that changes or deletes does no harm twice: it ends with the same records."""
    if method == "DELETE":
        ids = ",".join(str(row["id"]) for row in rows)
        return {"params": {"ids": ids, "allOrNone": "false"}, "repeatable": True}
    return {"json": {"allOrNone": False, "records": list(rows)}, "repeatable": method == "PATCH"}


def _is_locked(answer: Answer) -> bool:
    return isinstance(answer, Failure) and answer.error_class is ErrorClass.LOCK
