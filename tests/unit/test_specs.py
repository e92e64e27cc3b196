"""The judge of `make specs` finds what is not as published, and exceptions that are no longer needed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.specs.documents import (
    closed,
    completed,
    dangling,
    with_nulls_of_examples,
    with_schemas_of_examples,
)
from tests.specs.exceptions import Reasoned, read_exceptions
from tests.specs.exchange import Exchange, with_inner
from tests.specs.of_salesforce import RecordCheck, RefusalCheck, WordCheck
from tests.specs.published import Published
from tests.specs.report import shown
from tests.specs.routes import Templates
from tests.specs.verdict import Judge, Verdict

PERSON = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "age": {"type": "integer"}},
}
BODY = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "tags": {"type": "array"}},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "People", "version": "1"},
    "servers": [{"url": "https://people.example/api/v1"}],
    "paths": {
        "/people/{id}": {
            "patch": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "loud", "in": "query", "schema": {"type": "boolean", "default": ""}},
                ],
                "requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}},
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": PERSON}}}},
            }
        },
        "/people/new": {
            "get": {
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"examples": {"one": {"value": {"count": 1, "age": None}}}}},
                    }
                }
            }
        },
    },
}  # fmt: skip
WRONG_TYPE = Reasoned(
    "apollo", "PATCH /people/.*", "answer", r"\$\.id", "is number.*", "the example has a number"
)


def exchange(answer: object = None, body: object = None, **more: Any) -> Exchange:
    told: dict[str, Any] = {
        "system": "apollo",
        "method": "PATCH",
        "path": "/api/v1/people/7",
        "status": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"name": "Ada"} if body is None else body).encode() if body != b"" else b"",
        "answer_headers": {"content-type": "application/json; charset=utf-8"},
        "answer": json.dumps({"id": "7"} if answer is None else answer).encode(),
    }
    return Exchange(**{**told, **more})


def judged(*exchanges: Exchange, exceptions: Sequence[Reasoned] = ()) -> Verdict:
    judge = Judge({"apollo": Published("apollo", DOCUMENT)}, {"apollo": Templates([])})
    return judge.judge(exchanges, exceptions)


def found(*exchanges: Exchange) -> set[tuple[str, str, str]]:
    return {(each.part, each.where, each.what) for each in judged(*exchanges).unexplained}


def test_what_is_as_published_is_good() -> None:
    verdict = judged(exchange())
    assert verdict.ok
    assert "0 exceptions" in "\n".join(shown(verdict))


@pytest.mark.parametrize(
    ("wrong", "departure"),
    [
        (exchange({"id": 7}), ("answer", "$.id", "is number, not string")),
        (exchange({"age": 1}), ("answer", "$", "lacks id")),
        (exchange(body={"name": 1}), ("request", "$.name", "is number, not string")),
        (exchange(body={"name": "a", "nmae": 1}), ("request", "$.nmae", "is no published parameter")),
        (exchange(query="quiet=1"), ("request", "?quiet", "is no published parameter")),
        (exchange(status=418), ("answer", "$", "ResponseNotFound: Unknown response http status: 418")),
    ],
)
def test_what_is_not_as_published_is_found(wrong: Exchange, departure: tuple[str, str, str]) -> None:
    assert found(wrong) == {departure}


def test_a_request_that_is_wrong_on_purpose_is_not_judged() -> None:
    assert not found(exchange(body={}, wrong=True))
    assert found(exchange({"id": 7}, body={}, wrong=True)) == {("answer", "$.id", "is number, not string")}


def test_the_literal_path_wins_over_the_template() -> None:
    published = Published("apollo", DOCUMENT)
    assert published.operation(exchange(method="GET", path="/api/v1/people/new")) == "GET /people/new"
    assert published.operation(exchange(path="/api/v1/people/12")) == "PATCH /people/{id}"
    assert published.operation(exchange(path="/api/v1/dogs/12")) is None


def test_an_example_stands_for_a_missing_schema() -> None:
    new = {"method": "GET", "path": "/api/v1/people/new", "body": b""}
    assert not found(exchange({"count": 2, "age": 30}, **new))
    assert found(exchange({"age": None}, **new)) == {("answer", "$", "lacks count")}


def test_a_key_that_an_example_shows_as_null_may_be_null() -> None:
    assert not found(exchange({"id": "7", "age": None}))
    assert found(exchange({"id": None})) == {("answer", "$.id", "is null, not string")}


def test_an_exception_explains_and_is_counted() -> None:
    verdict = judged(exchange({"id": 7}), exceptions=[WRONG_TYPE])
    assert verdict.ok
    assert verdict.explained == {WRONG_TYPE: 1}
    assert "the example has a number" in "\n".join(shown(verdict))


def test_an_exception_that_no_longer_occurs_fails() -> None:
    verdict = judged(exchange(), exceptions=[WRONG_TYPE])
    assert not verdict.ok
    assert "EXCEPTION THAT NO LONGER OCCURS" in "\n".join(shown(verdict))


def test_an_exception_needs_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text("[{system: apollo, operation: x, part: answer, where: x, what: x, reason: ' '}]")
    with pytest.raises(ValueError, match="without a reason"):
        read_exceptions(file)


def test_every_exception_of_the_command_has_a_reason() -> None:
    assert len(read_exceptions()) > 10


def test_documents_are_made_ready() -> None:
    lacking = {"paths": {}, "components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}}}}
    assert dangling(lacking) == ["B"]
    assert completed(lacking)["components"]["schemas"]["B"] == {}
    ready = closed(with_nulls_of_examples(with_schemas_of_examples(DOCUMENT)))
    patch = ready["paths"]["/people/{id}"]["patch"]
    assert patch["requestBody"]["content"]["application/json"]["schema"]["additionalProperties"] is False
    assert "default" not in patch["parameters"][1]["schema"]
    assert "additionalProperties" not in BODY


# --- what only Salesforce has


def salesforce(answer: object, **more: Any) -> Exchange:
    path = "/services/data/v60.0/query"
    return exchange(answer, **{"system": "salesforce", "method": "GET", "path": path, "body": b"", **more})


def test_records_are_judged_wherever_they_stand() -> None:
    schemas = {"ContactSObject": {"type": "object", "properties": {"Name": {"type": "string"}}}}
    check = RecordCheck(Published("salesforce", {**DOCUMENT, "components": {"schemas": schemas}}))
    row = {"attributes": {"type": "Contact"}, "Name": 5, "Nmae": "x"}
    told = {(each.where, each.what) for each in check(salesforce({"records": [row]}), "query")}
    assert told == {("Contact.Name", "is number, not string"), ("Contact.Nmae", "is no published field")}


def test_words_come_from_the_enumerations() -> None:
    words = {
        "StatusCode": ["KNOWN"],
        "ExceptionCode": [],
        "fieldType": ["string"],
        "soapType": ["xsd:string"],
    }
    check = WordCheck(words)
    answer = [{"errorCode": "KNOWN"}, {"errorCode": "NEW"}]
    assert [each.what for each in check(salesforce(answer), "x")] == ["'NEW' is no published word"]
    described = {"fields": [{"type": "text", "soapType": "xsd:string"}]}
    assert [each.what for each in check(salesforce(described), "x")] == ["'text' is no published word"]


def test_a_refused_duplicate_has_the_recorded_keys() -> None:
    older, newer = ({"body": [{key: {"allowSave": True}}]} for key in ("duplicateResut", "duplicateResult"))
    check = RefusalCheck(older, newer)
    answer = [{"duplicateResut": {"allowSave": True}, "x": "DUPLICATES_DETECTED"}]
    refused = salesforce(answer, status=400)
    assert ("$[*].duplicateResult", "lacks a recorded key") in {
        (e.where, e.what) for e in check(refused, "x")
    }


def test_the_calls_inside_a_composite_count_by_themselves() -> None:
    call = {"method": "PATCH", "url": "/services/data/v60.0/sobjects/Contact/1?x=1", "body": {"Title": "T"}}
    reply: dict[str, Any] = {"httpStatusCode": 204, "body": None, "httpHeaders": {}}
    outer = salesforce(
        {"compositeResponse": [reply]},
        path="/services/data/v60.0/composite",
        body={"compositeRequest": [call]},
    )
    _, inner = with_inner(outer)
    assert (inner.method, inner.path, inner.query) == (
        "PATCH",
        "/services/data/v60.0/sobjects/Contact/1",
        "x=1",
    )
    assert (inner.status, json.loads(inner.body), inner.answer) == (204, {"Title": "T"}, b"")
