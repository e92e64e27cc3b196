"""Nudges over HTTP: another program says that records changed (rule U1)."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field, StringConstraints

from syncline.api.answers import refusal
from syncline.api.asking import serving_of
from syncline.api.refused import Refused
from syncline.core.errors import RecordError, UnknownNameError
from syncline.service.clock import choose_clock
from syncline.service.nudges import LONGEST_ID, LONGEST_TYPE, check_connection, note

MOST = 1_000
"""Records of one call."""
BY = "the API"

REFUSALS = frozenset({400, 401, 403, 404, 413, 422, 429, 503})

router = Router(tags=["nudges"])


class NudgeBody(Schema):
    """Records of a connection that changed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    connection: Annotated[str, StringConstraints(max_length=40)] = Field(
        description="The connection of the records, as the settings name it."
    )
    records: list[Annotated[str, StringConstraints(max_length=LONGEST_TYPE + 1 + LONGEST_ID)]] = Field(
        min_length=1,
        max_length=MOST,
        description="Each as TYPE/ID, in the words of its system.",
        examples=[["Contact/003000000000001AAA"]],
    )


class NotedBody(Schema):
    """What was noted."""

    noted: int = Field(description="How many different records were named; all of them are noted.")
    waited_already: int = Field(description="How often one of them waited already.")
    syncs: list[str] = Field(description="The syncs that are going to see to them.")


@router.post(
    "/nudges",
    response={202: NotedBody, REFUSALS: Refused},
    operation_id="nudge",
    summary="Say that records changed",
)
def nudge(request: HttpRequest, body: NudgeBody) -> HttpResponse | Status[NotedBody]:
    """They are read and synced before anything else, by the rules of any run. All of them are noted, or none."""
    serving = serving_of(request)
    check_connection(serving.document, body.connection)
    now = choose_clock(serving.environ).now()
    try:
        noted = note(serving.document, body.connection, body.records, by=BY, now=now)
    except (RecordError, UnknownNameError) as error:
        return refusal(422, error.message, error.cure)
    return Status(202, NotedBody(noted=noted.records, waited_already=noted.again, syncs=list(noted.syncs)))
