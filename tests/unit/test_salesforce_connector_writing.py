from collections.abc import Iterator
from typing import Any

import pytest

from syncline.connectors.base import Change, Draft
from syncline.connectors.http.sifting import MOST_CALLS
from syncline.connectors.salesforce import batches
from syncline.connectors.salesforce.connector import SalesforceConnector
from syncline.core.errors import AuthError, QuotaError, RateLimitedError, UnavailableError
from syncline.core.model import ErrorClass, Outcome, OutcomeStatus, Raw
from tests.unit.scripted_org import (
    CONTACT,
    ScriptedOrg,
    connected,
    contact_id,
    described,
    refused,
    row,
    scripted_org,
)
from tests.unit.scripted_server import HTML, Answer, StillClock

WRITES = "/composite/sobjects"


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with scripted_org() as running:
        yield running


@pytest.fixture
def connector(org: ScriptedOrg) -> Iterator[SalesforceConnector]:
    with connected(org) as made:
        made.describe("Contact")
        yield made


def drafts(count: int, **values: Raw) -> list[Draft]:
    return [Draft(f"d{n}", {"LastName": f"Son {n}", **values}) for n in range(count)]


def changes(*numbers: int, **values: Raw) -> list[Change]:
    return [Change(contact_id(n), values or {"Title": "new"}) for n in numbers]


def sizes(org: ScriptedOrg, method: str = "POST") -> list[int]:
    """How many rows each write carried."""
    return [len(r.json["records"]) for r in org.asked(method, WRITES) if r.path.endswith(WRITES)]


def row_error(code: str, *fields: str) -> dict[str, Any]:
    return {
        "success": False,
        "errors": [{"statusCode": code, "message": code.lower(), "fields": list(fields)}],
    }


def done(number: int) -> dict[str, Any]:
    return {"id": contact_id(number), "success": True, "errors": []}


def classes(outcomes: list[Outcome]) -> list[ErrorClass | None]:
    return [outcome.failure.error_class if outcome.failure else None for outcome in outcomes]


def test_batches_are_full_and_read_back_in_one_call(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    outcomes = connector.update("Contact", changes(*range(401)))
    assert sizes(org, "PATCH") == [200, 200, 1]
    assert len(org.asked("POST", f"{WRITES}/Contact")) == 1
    assert [o.record.get("Title") if o.record else None for o in outcomes] == ["new"] * 401
    assert connector.calls_for_update("Contact", [frozenset({"Title"})] * 401) == 4


def test_a_create_sends_plain_values_and_nothing_is_all_or_none(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    connector.create("Contact", drafts(1, Title="", HasOptedOutOfEmail="true"))
    (sent,) = org.asked("POST", WRITES)[:1]
    assert sent.json["allOrNone"] is False
    assert sent.json["records"] == [
        {"attributes": {"type": "Contact"}, "LastName": "Son 0", "Title": None, "HasOptedOutOfEmail": True}
    ]


@pytest.mark.proves("E3")
def test_rows_fail_one_by_one(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    bad = row_error("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Title")
    org.writes = [Answer(body=[done(1), bad, done(3)])]
    first, second, third = connector.create("Contact", drafts(3))
    assert first.status is third.status is OutcomeStatus.APPLIED
    assert second.failure is not None
    assert (second.failure.error_class, second.failure.fields) == (ErrorClass.VALIDATION, ("Title",))


@pytest.mark.proves("E3")
def test_one_unreadable_row_does_not_spoil_the_others(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    def answer(size: int, *, bad: bool) -> Answer:
        return refused(400, "JSON_PARSER_ERROR") if bad else Answer(body=[done(n) for n in range(size)])

    def respond(request: Any) -> Answer | None:
        if not request.path.endswith(WRITES):
            return None
        rows = request.json["records"]
        return answer(len(rows), bad=any(each.get("Title") == "bad" for each in rows))

    org.override = respond
    wanted = drafts(8)
    wanted[5] = Draft("bad", {"LastName": "Son", "Title": "bad"})
    outcomes = connector.create("Contact", wanted)
    assert [o.status for o in outcomes].count(OutcomeStatus.APPLIED) == 7
    assert outcomes[5].failure is not None
    assert outcomes[5].failure.code == "JSON_PARSER_ERROR"


def test_the_search_for_rows_that_spoil_a_call_ends(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    org.override = lambda r: refused(400, "JSON_PARSER_ERROR") if r.path.endswith(WRITES) else None
    outcomes = connector.create("Contact", drafts(200))
    assert {o.status for o in outcomes} == {OutcomeStatus.REJECTED}
    assert {ErrorClass.VALIDATION, ErrorClass.TRANSIENT} == set(classes(outcomes))
    assert len(sizes(org)) <= MOST_CALLS


@pytest.mark.proves("E3")
@pytest.mark.parametrize("status", [413, 414, 431])
def test_a_call_that_is_too_large_goes_in_smaller_ones(
    org: ScriptedOrg, connector: SalesforceConnector, status: int
) -> None:
    """A proxy says so, in no words of Salesforce's; one record is too large even alone."""

    def respond(request: Any) -> Answer | None:
        if not request.path.endswith(WRITES):
            return None
        rows = request.json["records"]
        if len(rows) > 3 or any(each.get("Title") == "huge" for each in rows):
            return Answer(status, body=HTML)
        return Answer(body=[done(n) for n in range(len(rows))])

    org.override = respond
    wanted = drafts(12)
    wanted[7] = Draft("bad", {"LastName": "Son", "Title": "huge"})
    outcomes = connector.create("Contact", wanted)
    assert [o.status for o in outcomes].count(OutcomeStatus.APPLIED) == 11
    assert outcomes[7].failure is not None
    assert outcomes[7].failure.code == "REQUEST_TOO_LARGE"
    assert outcomes[7].failure.error_class is ErrorClass.VALIDATION


def test_values_of_the_wrong_type_never_reach_the_call(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    wanted = [
        *drafts(1),
        *drafts(1, HasOptedOutOfEmail="perhaps", Title="x" * 300_000),
        *drafts(1, NoSuchField="x"),
        *drafts(1, Title="half \ud800"),
    ]
    outcomes = connector.create("Contact", wanted)
    assert sizes(org) == [1]
    assert classes(outcomes) == [None] + [ErrorClass.VALIDATION] * 3
    failures = [outcome.failure for outcome in outcomes[1:] if outcome.failure]
    assert [failure.fields for failure in failures] == [
        ("HasOptedOutOfEmail", "Title"), ("NoSuchField",), ("Title",),
    ]  # fmt: skip


def test_a_field_made_since_is_found_by_a_second_look(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    org.fields = [*CONTACT, described("New__c")]
    (outcome,) = connector.create("Contact", drafts(1, New__c="x"))
    assert outcome.status is OutcomeStatus.APPLIED
    connector.create("Contact", drafts(2, Nowhere__c="x"))
    connector.create("Contact", drafts(2, Nowhere__c="x"))
    assert len([r for r in org.server.requests if r.path.endswith("/describe")]) == 2


def test_a_field_that_is_gone_fails_its_rows_and_no_others(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    gone = refused(400, "INVALID_FIELD", "No such column 'Title' on sobject of type Contact")
    org.writes = [gone, Answer(body=[done(n) for n in range(3)])]
    outcomes = connector.create("Contact", [*drafts(3), *drafts(97, Title="x")])
    assert classes(outcomes) == [None] * 3 + [ErrorClass.VALIDATION] * 97
    assert {outcome.failure.fields for outcome in outcomes if outcome.failure} == {("Title",)}
    assert sizes(org) == [100, 3]


def test_a_refused_owner_is_named(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    org.writes = [Answer(body=[row_error("INACTIVE_OWNER_OR_USER"), row_error("INACTIVE_OWNER_OR_USER")])]
    with_owner, without = connector.update(
        "Contact", [*changes(1, OwnerId="005000000000001AAA"), *changes(2)]
    )
    assert with_owner.failure is not None
    assert (with_owner.failure.error_class, with_owner.failure.fields) == (
        ErrorClass.PERMISSION,
        ("OwnerId",),
    )
    assert without.failure is not None
    assert without.failure.fields == ()


def test_locked_rows_are_sent_again_fewer_at_a_time(org: ScriptedOrg) -> None:
    clock = StillClock()
    lock = row_error("UNABLE_TO_LOCK_ROW")
    with connected(org, clock) as connector:
        org.writes = [
            Answer(body=[done(0), *[lock] * 12]),
            Answer(body=[lock] * 10),
            Answer(body=[done(11), done(12)]),
        ]
        outcomes = connector.update("Contact", changes(*range(13)))
        assert {outcome.status for outcome in outcomes} == {OutcomeStatus.APPLIED}
        assert sizes(org, "PATCH") == [13, 10, 2, *[1] * 10]
    assert len(clock.slept) == 2


def test_a_lock_that_stays_is_a_lock(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    org.override = lambda r: (
        Answer(body=[row_error("UNABLE_TO_LOCK_ROW")] * len(r.json["records"]))
        if r.path.endswith(WRITES)
        else None
    )
    assert classes(connector.update("Contact", changes(1))) == [ErrorClass.LOCK]
    assert sizes(org, "PATCH") == [1] * batches.LOCK_TRIES


@pytest.mark.parametrize(
    "answer",
    [
        Answer(how="reset"),
        Answer(how="cut"),
        Answer(503),
        Answer(200, HTML),
        Answer(200, []),
        Answer(200, {"success": True}),
        Answer(200, ["yes"]),
        Answer(200, [{"success": True, "id": 5}]),
        Answer(200, [{"success": True}]),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_write_without_a_readable_answer_is_unknown(
    org: ScriptedOrg, connector: SalesforceConnector, verb: str, answer: Answer
) -> None:
    org.override = lambda r: answer if r.path.endswith(WRITES) else None
    (outcome,) = (
        connector.create("Contact", drafts(1))
        if verb == "create"
        else connector.update("Contact", changes(1))
    )
    assert outcome.status is OutcomeStatus.UNKNOWN
    assert verb == "update" or len(sizes(org)) == 1


def test_a_hanging_create_is_unknown_and_sent_once(org: ScriptedOrg) -> None:
    with connected(org, timeout=0.3) as connector:
        connector.describe("Contact")
        org.override = lambda r: Answer(how="hang") if r.path.endswith(WRITES) else None
        assert [o.status for o in connector.create("Contact", drafts(2))] == [OutcomeStatus.UNKNOWN] * 2
    assert sizes(org) == [2]


def test_what_was_written_is_told_though_a_later_batch_fails(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    quota = refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    org.writes = [Answer(body=[done(n) for n in range(200)]), quota]
    outcomes = connector.create("Contact", drafts(450))
    assert [o.status for o in outcomes[:200]] == [OutcomeStatus.APPLIED] * 200
    assert classes(outcomes[200:]) == [ErrorClass.QUOTA] * 250
    assert sizes(org) == [200, 200]


def test_what_one_half_wrote_is_told_though_the_other_half_stops_the_connection(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    spoilt = refused(400, "JSON_PARSER_ERROR", "one row spoils the call")
    slow = Answer(429, headers={"retry-after": "3600"})
    org.writes = [spoilt, Answer(body=[done(0), done(1)]), slow]
    outcomes = connector.create("Contact", drafts(4))
    assert [o.status for o in outcomes[:2]] == [OutcomeStatus.APPLIED] * 2
    assert classes(outcomes[2:]) == [ErrorClass.QUOTA] * 2
    assert sizes(org) == [4, 2, 2]


def test_what_was_written_is_told_though_the_second_try_of_locked_rows_stops(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    slow = Answer(429, headers={"retry-after": "3600"})
    org.writes = [Answer(body=[done(0), row_error("UNABLE_TO_LOCK_ROW")]), slow]
    outcomes = connector.update("Contact", changes(0, 1))
    assert outcomes[0].status is OutcomeStatus.APPLIED
    assert classes(outcomes[1:]) == [ErrorClass.LOCK]


@pytest.mark.parametrize("status", [503, 500, 400])
def test_a_write_refused_in_maintenance_was_not_done(
    org: ScriptedOrg, connector: SalesforceConnector, status: int
) -> None:
    code = "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"
    org.writes = [Answer(body=[done(n) for n in range(200)]), refused(status, code)]
    outcomes = connector.create("Contact", drafts(202))
    assert outcomes[0].status is OutcomeStatus.APPLIED
    assert classes(outcomes[200:]) == [ErrorClass.TRANSIENT] * 2
    assert sizes(org) == [200, 2]
    org.writes = [Answer(body=[row_error(code)])]
    (alone,) = connector.create("Contact", drafts(1))
    assert alone.failure is not None
    assert (alone.failure.error_class, alone.failure.code) == (ErrorClass.TRANSIENT, code)


def test_nothing_more_is_sent_to_a_server_that_stopped_answering(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    org.writes = [Answer(how="reset")]
    outcomes = connector.create("Contact", drafts(401))
    assert [o.status for o in outcomes[:200]] == [OutcomeStatus.UNKNOWN] * 200
    assert classes(outcomes[200:]) == [ErrorClass.TRANSIENT] * 201
    assert sizes(org) == [200]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), QuotaError),
        (refused(401, "INVALID_SESSION_ID"), AuthError),
        (Answer(429, headers={"retry-after": "3600"}), RateLimitedError),
        (refused(400, "SERVER_UNAVAILABLE"), UnavailableError),
    ],
)
def test_what_stops_the_connection_before_anything_is_written_is_raised(
    org: ScriptedOrg, connector: SalesforceConnector, answer: Answer, error: type[Exception]
) -> None:
    org.override = lambda r: answer if r.path.endswith(WRITES) else None
    with pytest.raises(error):
        connector.create("Contact", drafts(2))


def test_a_record_twice_in_one_list_goes_into_two_calls(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    wanted = [*changes(1, 2), Change(contact_id(1)[:15], {"Title": "last"})]
    outcomes = connector.update("Contact", wanted)
    assert sizes(org, "PATCH") == [2, 1]
    assert outcomes[2].record is not None
    assert outcomes[2].record.get("Title") == "last"


def test_gone_is_said_of_the_record_only_when_it_is_gone(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    org.living = {contact_id(1): row(1)}
    gone = row_error("INVALID_CROSS_REFERENCE_KEY")
    org.writes = [Answer(body=[gone, gone, gone])]
    account = "001000000000001AAA"
    wanted = [*changes(1, AccountId=account), *changes(2, AccountId=account), *changes(3)]
    there, missing, plain = connector.update("Contact", wanted)
    assert classes([there, missing, plain]) == [ErrorClass.VALIDATION, ErrorClass.GONE, ErrorClass.GONE]
    assert there.failure is not None
    assert there.failure.fields == ("AccountId",)
    org.writes = [Answer(body=[gone])]
    assert classes(connector.create("Contact", drafts(1, AccountId=account))) == [ErrorClass.VALIDATION]


def test_a_written_record_that_cannot_be_read_back_is_applied_all_the_same(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    org.override = lambda r: Answer(503) if r.path.endswith(f"{WRITES}/Contact") else None
    (outcome,) = connector.create("Contact", drafts(1))
    assert outcome.status is OutcomeStatus.APPLIED
    assert outcome.record is not None
    assert outcome.record.ref.remote_id == contact_id(0)
    assert not outcome.record.values


def test_what_a_write_answers_shows_the_mapped_fields(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    list(connector.changes("Contact", None, ["Email"]))
    connector.update("Contact", changes(1))
    asked = org.asked("POST", f"{WRITES}/Contact")[-1].json["fields"]
    assert {"Email", "Title", "Id", "SystemModstamp"} <= set(asked)
    assert "LastName" not in asked


def test_users_are_not_written(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    with pytest.raises(TypeError):
        connector.create("User", drafts(1))
    assert connector.capabilities("User").create_batch == 0
