"""Creates and updates records, and reads back what Salesforce made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from syncline.connectors.base import Change, Draft
from syncline.connectors.salesforce.batches import Answer, Lost, Written, write
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.failures import Problem, failure
from syncline.connectors.salesforce.ids import to18
from syncline.connectors.salesforce.objects import ROLE_FIELDS
from syncline.connectors.salesforce.records import blank_record
from syncline.connectors.salesforce.role_writing import add_roles
from syncline.connectors.salesforce.values import to_wire
from syncline.core.errors import ProtocolError, RemoteError
from syncline.core.model import ErrorClass, Failure, Outcome, OutcomeStatus, Raw, Record
from syncline.core.schema import FieldType, ObjectSchema

ReadBack = Callable[[Sequence[str], set[str]], list[Record]]
"""Records by id as they are now, with at least the named fields."""

Wire = dict[str, Any]


def create(
    client: SalesforceClient, schema: ObjectSchema, drafts: Sequence[Draft], read_back: ReadBack
) -> list[Outcome]:
    """One outcome per draft, in order."""
    prepared = [_wire(schema, draft.values, None) for draft in drafts]
    named = {name for draft in drafts for name in draft.values}
    return _written(client, "POST", schema, prepared, named, read_back)


def update(
    client: SalesforceClient, schema: ObjectSchema, changes: Sequence[Change], read_back: ReadBack
) -> list[Outcome]:
    """One outcome per change, in order."""
    prepared = [_wire(schema, _own(change.values), change.remote_id) for change in changes]
    named = {name for change in changes for name in change.values}

    def add(answers: Sequence[Answer]) -> list[Answer]:
        return add_roles(client, changes, answers)

    return _written(client, "PATCH", schema, prepared, named, read_back, add)


def _own(values: Mapping[str, Raw]) -> Mapping[str, Raw]:
    """What is written to the record itself."""
    return {name: value for name, value in values.items() if name not in ROLE_FIELDS}


def unknown_names(schema: ObjectSchema, rows: Sequence[Draft | Change]) -> set[str]:
    """Fields that are to be written and that the schema does not have."""
    return {name for row in rows for name in row.values} - schema.fields.keys()


def _wire(schema: ObjectSchema, values: Mapping[str, Raw], remote_id: str | None) -> Wire | Failure:
    """The row to send, or why it cannot be: one unreadable row would make the server refuse all rows."""
    wire: Wire = {"attributes": {"type": schema.object_type}}
    problems: list[Problem] = []
    if remote_id is not None:
        wire["id"] = to18(remote_id)
        if wire["id"] is None:
            problems.append(Problem("MALFORMED_ID", f"{remote_id[:40]} is no id of a record", ("Id",)))
    for name, value in values.items():
        field = schema.fields.get(name)
        if field is None:
            said = f"No such column '{name}' on sobject of type {schema.object_type}"
            problems.append(Problem("INVALID_FIELD", said, (name,)))
            continue
        sent = to_wire(field, value)
        if isinstance(sent, Problem):
            problems.append(sent)
        else:
            wire[name] = sent
    return failure(problems, schema.object_type) if problems else wire


def _written(
    client: SalesforceClient,
    method: str,
    schema: ObjectSchema,
    prepared: Sequence[Wire | Failure],
    named: set[str],
    read_back: ReadBack,
    follow: Callable[[Sequence[Answer]], list[Answer]] = list,
) -> list[Outcome]:
    rows = [row for row in prepared if not isinstance(row, Failure) and not _is_bare(row)]
    sent = iter(write(client, method, schema.object_type, rows) if rows else ())
    answers = follow([_answered(row, sent) for row in prepared])
    if method == "POST":  # nothing of a record that does not exist yet can be gone
        answers = [_blamed(schema, answer, row) for answer, row in zip(answers, prepared, strict=True)]
    doubtful = {
        place: str(row["id"])
        for place, row in enumerate(prepared)
        if not isinstance(row, Failure) and "id" in row and _in_doubt(schema, row, answers[place])
    }
    ids = [answer.remote_id for answer in answers if isinstance(answer, Written)]
    shown = _shown([*ids, *doubtful.values()], named, read_back)
    for place, remote_id in doubtful.items():
        if remote_id in shown and not shown[remote_id].deleted:
            answers[place] = _blamed(schema, answers[place], prepared[place])
    return [_outcome(answer, schema.object_type, shown) for answer in answers]


def _is_bare(row: Wire) -> bool:
    """Whether a row changes nothing of the record itself."""
    return row.keys() == {"attributes", "id"}


def _answered(row: Wire | Failure, sent: Iterator[Answer]) -> Answer:
    if isinstance(row, Failure):
        return row
    return Written(str(row["id"])) if _is_bare(row) else _owner_named(next(sent), row)


def _in_doubt(schema: ObjectSchema, row: Wire, answer: Answer) -> bool:
    """Whether "gone" may be said of a record the row refers to, and not of the row's own."""
    gone = isinstance(answer, Failure) and answer.error_class is ErrorClass.GONE
    return gone and bool(_references(schema, row))


def _blamed(schema: ObjectSchema, answer: Answer, row: Wire | Failure) -> Answer:
    """The same answer, but that "gone" is said of a record the row refers to."""
    if (
        isinstance(row, Failure)
        or not isinstance(answer, Failure)
        or answer.error_class is not ErrorClass.GONE
    ):
        return answer
    fields = answer.fields or _references(schema, row)
    return replace(answer, error_class=ErrorClass.VALIDATION, fields=fields)


def _owner_named(answer: Answer, row: Wire | Failure) -> Answer:
    """The same answer, but that a refusal of the owner names the field, which Salesforce leaves out."""
    if isinstance(row, Failure) or not isinstance(answer, Failure) or answer.fields:
        return answer
    about_owner = answer.code in {"INACTIVE_OWNER_OR_USER", "TRANSFER_REQUIRES_READ"} and "OwnerId" in row
    return replace(answer, fields=("OwnerId",)) if about_owner else answer


def _references(schema: ObjectSchema, row: Wire) -> tuple[str, ...]:
    kinds = {FieldType.REFERENCE, FieldType.OWNER}
    return tuple(name for name in row if name in schema.fields and schema.fields[name].type in kinds)


def _shown(ids: Sequence[str], named: set[str], read_back: ReadBack) -> dict[str, Record]:
    """What the written records show now. That they were written is known even when they cannot be read."""
    if not ids:
        return {}
    try:
        return {record.ref.remote_id: record for record in read_back(ids, named)}
    except (RemoteError, ProtocolError):
        return {}


def _outcome(answer: Answer, object_type: str, shown: Mapping[str, Record]) -> Outcome:
    if isinstance(answer, Failure):
        return Outcome(OutcomeStatus.REJECTED, failure=answer)
    if isinstance(answer, Lost):
        return Outcome(OutcomeStatus.UNKNOWN, failure=answer.failure)
    record = shown.get(answer.remote_id) or blank_record(object_type, answer.remote_id)
    return Outcome(OutcomeStatus.APPLIED, record=record)
