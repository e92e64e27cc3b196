from typing import Any

import pytest

from syncline.connectors.salesforce.failures import error_class, failure, read_problems
from syncline.core.model import ErrorClass, Ref

ADA, BOB = "003aj000002oTldAAE", "0038M0000016Wv8QAE"


@pytest.mark.proves("E2")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("UNABLE_TO_LOCK_ROW", ErrorClass.LOCK),
        ("SERVER_UNAVAILABLE", ErrorClass.TRANSIENT),
        ("PROCESSING_HALTED", ErrorClass.TRANSIENT),
        ("REQUEST_LIMIT_EXCEEDED", ErrorClass.QUOTA),
        ("STORAGE_LIMIT_EXCEEDED", ErrorClass.QUOTA),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ErrorClass.VALIDATION),
        ("REQUIRED_FIELD_MISSING", ErrorClass.VALIDATION),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ErrorClass.VALIDATION),
        ("CANNOT_UPDATE_CONVERTED_LEAD", ErrorClass.GONE),
        ("DELETE_FAILED", ErrorClass.VALIDATION),
        ("INSUFFICIENT_ACCESS_OR_READONLY", ErrorClass.PERMISSION),
        ("INACTIVE_OWNER_OR_USER", ErrorClass.PERMISSION),
        ("DUPLICATES_DETECTED", ErrorClass.DUPLICATE),
        ("DUPLICATE_VALUE", ErrorClass.DUPLICATE),
        ("ENTITY_IS_DELETED", ErrorClass.GONE),
        ("INVALID_CROSS_REFERENCE_KEY", ErrorClass.GONE),
        ("A_CODE_OF_NEXT_YEAR", ErrorClass.VALIDATION),
    ],
)
def test_a_code_has_a_consequence(code: str, expected: ErrorClass) -> None:
    (problem,) = read_problems([{"statusCode": code, "message": "m"}])
    assert error_class(problem) is expected


def test_a_lock_inside_a_trigger_is_a_lock() -> None:
    text = "trigger: execution of AfterUpdate caused by UNABLE_TO_LOCK_ROW, unable to obtain exclusive access"
    (problem,) = read_problems([{"statusCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": text}])
    assert error_class(problem) is ErrorClass.LOCK


@pytest.mark.proves("E2")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ConcurrentRequests (Concurrent API Requests) Limit exceeded.", ErrorClass.TRANSIENT),
        ("TotalRequests Limit exceeded.", ErrorClass.QUOTA),
        ("", ErrorClass.QUOTA),
    ],
)
def test_which_limit_of_requests_is_told_by_its_text(text: str, expected: ErrorClass) -> None:
    (problem,) = read_problems([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": text}])
    assert error_class(problem) is expected


@pytest.mark.proves("E2")
def test_full_storage_pauses_creates_and_a_lock_does_not() -> None:
    full, lock = (
        failure(read_problems([{"statusCode": code, "message": "m"}]), "Contact")
        for code in ("STORAGE_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW")
    )
    assert (full.pauses, lock.pauses) == (True, False)


def match(*ids: str, kind: str = "Contact") -> dict[str, Any]:
    records = [{"record": {"attributes": {"type": kind}, "Id": id_}} for id_ in ids]
    return {"matchResults": [{"entityType": kind, "matchRecords": records}]}


@pytest.mark.parametrize("key", ["duplicateResult", "duplicateResut"])
def test_the_record_in_the_way_is_told_under_both_spellings(key: str) -> None:
    problems = read_problems([{"errorCode": "DUPLICATES_DETECTED", "message": "Use one", key: match(ADA)}])
    assert failure(problems, "Lead").existing == Ref("Contact", ADA)


@pytest.mark.parametrize(
    "result",
    [match(ADA, BOB), match(), match("nonsense"), None, 5, {"matchResults": [None, {"matchRecords": [{}]}]}],
)
def test_no_record_is_told_when_it_is_not_one(result: object) -> None:
    problem = {"errorCode": "DUPLICATES_DETECTED", "message": "Use one", "duplicateResult": result}
    assert failure(read_problems(problem), "Contact").existing is None


def test_the_holder_of_a_unique_value_is_told() -> None:
    text = f"duplicate value found: Key__c duplicates value on record with id: {ADA[:15]}"
    found = failure(
        read_problems([{"statusCode": "DUPLICATE_VALUE", "message": text, "fields": []}]), "Contact"
    )
    assert found.existing == Ref("Contact", ADA)


def test_all_problems_of_a_record_are_told_and_the_first_decides() -> None:
    rows = [
        {
            "statusCode": "STRING_TOO_LONG",
            "message": "too long\n\x00\u202e" + "x" * 9_000,
            "fields": ["Title", 7],
        },
        {"statusCode": "ENTITY_IS_DELETED", "message": "", "fields": ["AccountId"]},
    ]
    told = failure(read_problems(rows), "Contact")
    assert (told.error_class, told.code) == (ErrorClass.VALIDATION, "STRING_TOO_LONG")
    assert told.fields == ("Title", "AccountId")
    assert told.message.startswith("too long ")
    assert told.message.isprintable()
    assert len(told.message) < 1_000
    assert told.message.endswith("ENTITY_IS_DELETED")


@pytest.mark.parametrize("data", [None, [], {}, "text", [1], {"error": "invalid_grant"}, [{"message": "x"}]])
def test_what_is_no_problem_is_not_made_one(data: object) -> None:
    assert read_problems(data) == []
    assert failure([], "Contact").code == "UNKNOWN_EXCEPTION"
