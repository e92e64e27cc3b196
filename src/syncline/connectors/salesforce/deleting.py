"""Moves records to the recycle bin."""

from __future__ import annotations

from collections.abc import Sequence

from syncline.connectors.salesforce.batches import Lost, Wire, write
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.failures import Problem, failure
from syncline.connectors.salesforce.ids import to18
from syncline.core.model import Failure, Outcome, OutcomeStatus, Record, Ref

_DELETED_ALREADY = "ENTITY_IS_DELETED"


def delete(client: SalesforceClient, object_type: str, ids: Sequence[str]) -> list[Outcome]:
    """One outcome per id, in order. What is in the recycle bin already needs nothing more: that is applied too."""
    whole = [to18(given) for given in ids]
    rows: list[Wire] = [{"id": remote_id} for remote_id in dict.fromkeys(whole) if remote_id]
    sent = write(client, "DELETE", object_type, rows) if rows else []
    answers = dict(zip((row["id"] for row in rows), sent, strict=True))
    outcomes: list[Outcome] = []
    for given, remote_id in zip(ids, whole, strict=True):
        if remote_id is None:
            problem = Problem("MALFORMED_ID", f"{given[:40]} is no id of a record", ("Id",))
            outcomes.append(Outcome(OutcomeStatus.REJECTED, failure=failure([problem], object_type)))
            continue
        answer = answers[remote_id]
        if isinstance(answer, Lost):
            outcomes.append(Outcome(OutcomeStatus.UNKNOWN, failure=answer.failure))
        elif isinstance(answer, Failure) and answer.code != _DELETED_ALREADY:
            outcomes.append(Outcome(OutcomeStatus.REJECTED, failure=answer))
        else:
            gone = Record(Ref(object_type, remote_id), {}, deleted=True, partial=True)
            outcomes.append(Outcome(OutcomeStatus.APPLIED, gone))
    return outcomes
