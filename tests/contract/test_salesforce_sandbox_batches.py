"""Collections, retrieval by ids, composites and duplicate rules of the Salesforce sandbox, over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture(autouse=True)
def usual_rules(org: SalesforceOrg) -> None:
    org.control("/duplicate_rules", object="Contact", active=True, action="alert", against=["Contact"])
    org.control("/duplicate_rules", object="Lead", active=False)


def record(object_: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": object_}, **fields}


def batch(
    org: SalesforceOrg, method: str, *records: dict[str, Any], strict: bool = False
) -> list[dict[str, Any]]:
    reply = org.call(method, "composite/sobjects", {"allOrNone": strict, "records": list(records)})
    assert reply.status_code == 200, reply.text
    rows: list[dict[str, Any]] = reply.json()
    return rows


def codes(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["errors"][0]["statusCode"] if row["errors"] else None for row in rows]


def test_rows_keep_their_order_and_fail_alone(org: SalesforceOrg) -> None:
    rows = batch(
        org,
        "POST",
        record("Contact", LastName="One"),
        record("Contact", LastName="Two", Email="bad"),
        record("Account", Name="Three"),
        record("Contact", LastName="Four", AccountId="001000000000001"),
    )
    assert codes(rows) == [None, "INVALID_EMAIL_ADDRESS", None, "INVALID_CROSS_REFERENCE_KEY"]
    assert rows[0]["id"].startswith("003")
    assert rows[2]["id"].startswith("001")
    assert "id" not in rows[1]
    assert rows[1]["errors"] == [
        {
            "statusCode": "INVALID_EMAIL_ADDRESS",
            "message": "Email: invalid email address: bad",
            "fields": ["Email"],
        }
    ]


def test_all_or_none_undoes_the_good_rows(org: SalesforceOrg) -> None:
    before = org.query("SELECT COUNT() FROM Contact")["totalSize"]
    rows = batch(org, "POST", record("Contact", LastName="One"), record("Contact"), strict=True)
    assert codes(rows) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert org.query("SELECT COUNT() FROM Contact")["totalSize"] == before


def test_updates_are_named_by_id(org: SalesforceOrg) -> None:
    good, gone = org.create("Contact", LastName="Good"), org.create("Contact", LastName="Gone")
    org.call("DELETE", f"sobjects/Contact/{gone}")
    rows = batch(
        org,
        "PATCH",
        record("Contact", id=good[:15], Title="Chief"),
        record("Contact", id=gone, Title="Ghost"),
        record("Contact", Id="003000000000001", Title="Nobody"),
        record("Contact", id="00Q000000000001", Title="Wrong kind"),
        record("Contact", Title="No id"),
    )
    assert rows[0] == {"id": good, "success": True, "errors": []}
    assert codes(rows[1:]) == [
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
        "MISSING_ARGUMENT",
    ]
    assert org.get("Contact", good)["Title"] == "Chief"


def test_records_are_deleted_by_a_list_of_ids(org: SalesforceOrg) -> None:
    contact, lead = org.create("Contact", LastName="C"), org.create("Lead", LastName="L", Company="L")
    ids = f"{contact},{lead},{contact}"
    rows = org.call("DELETE", "composite/sobjects", ids=ids, allOrNone="true").json()
    assert codes(rows) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK"] * 2 + ["ENTITY_IS_DELETED"]
    rows = org.call("DELETE", "composite/sobjects", ids=ids).json()
    assert codes(rows) == [None, None, "ENTITY_IS_DELETED"]
    assert org.call("GET", f"sobjects/Lead/{lead}").status_code == 404


def test_a_call_that_cannot_be_read_is_refused_as_a_whole(org: SalesforceOrg) -> None:
    path = "composite/sobjects"
    unreadable: list[tuple[Any, str]] = [
        ({"records": [record("Contact", LastName=str(n)) for n in range(201)]}, "EXCEEDED_ID_LIMIT"),
        ({"records": [record("Contact", LastName="x"), record("Contact", Nope="x")]}, "INVALID_FIELD"),
        ({"records": [record("Contact", LastName=5)]}, "JSON_PARSER_ERROR"),
        ({"records": [record("Nope", LastName="x")]}, "INVALID_TYPE"),
        ({"records": [{"LastName": "x"}]}, "INVALID_INPUT"),
        ({"records": "x"}, "JSON_PARSER_ERROR"),
        ({"records": [record(n, LastName="x") for n in ("Contact", "Lead") * 6]}, "INVALID_INPUT"),
    ]
    for body, code in unreadable:
        assert refusal(org.call("POST", path, body))[:2] == (400, code), body


def test_retrieval_by_ids_keeps_order_and_gives_null_for_what_is_not_there(org: SalesforceOrg) -> None:
    one, two = org.create("Contact", LastName="One"), org.create("Contact", LastName="Two")
    body = {"ids": [two, "003000000000001", one[:15]], "fields": ["LastName", "SystemModstamp"]}
    rows = org.call("POST", "composite/sobjects/Contact", body).json()
    assert [row and row["LastName"] for row in rows] == ["Two", None, "One"]
    assert set(rows[0]) == {"attributes", "Id", "LastName", "SystemModstamp"}
    rows = org.call("GET", "composite/sobjects/Contact", ids=f"{one},{two}", fields="Id").json()
    assert [row["Id"] for row in rows] == [one, two]
    many = {"ids": [one] * 2001, "fields": ["Id"]}
    assert refusal(org.call("POST", "composite/sobjects/Contact", many))[1] == "EXCEEDED_ID_LIMIT"
    wrong = {"ids": [one], "fields": ["Nope"]}
    assert refusal(org.call("POST", "composite/sobjects/Contact", wrong))[1] == "INVALID_FIELD"
    malformed = {"ids": ["x"], "fields": ["Id"]}
    assert refusal(org.call("POST", "composite/sobjects/Contact", malformed))[1] == "MALFORMED_ID"


@pytest.mark.parametrize(("version", "key"), [("v58.0", "duplicateResut"), ("v60.0", "duplicateResult")])
def test_a_second_contact_with_an_address_is_a_duplicate(org: SalesforceOrg, version: str, key: str) -> None:
    email = org.email()
    first = org.create("Contact", LastName="First", Email=email)
    twin = {"LastName": "Second", "Email": email.upper()}
    reply = org.call("POST", "sobjects/Contact", twin, version=version)
    problem = reply.json()[0]
    assert (reply.status_code, problem["errorCode"]) == (400, "DUPLICATES_DETECTED")
    result = problem[key]
    assert result["allowSave"] is True
    match = result["matchResults"][0]
    assert (match["entityType"], match["size"], match["success"]) == ("Contact", 1, True)
    assert match["matchRecords"][0]["record"]["Id"] == first
    assert match["matchRecords"][0]["matchConfidence"] == 100.0


def test_an_alert_can_be_waved_through_but_a_block_cannot(org: SalesforceOrg) -> None:
    email = org.email()
    org.create("Contact", LastName="First", Email=email)
    wave = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}
    twin = {"LastName": "Second", "Email": email}
    assert org.call("POST", "sobjects/Contact", twin, wave).status_code == 201
    assert (
        refusal(org.call("POST", "sobjects/Contact", twin, wave, version="v51.0"))[1] == "DUPLICATES_DETECTED"
    )
    org.control("/duplicate_rules", object="Contact", action="block")
    blocked = org.call("POST", "sobjects/Contact", twin, wave)
    assert blocked.json()[0]["duplicateResult"]["allowSave"] is False
    org.control("/duplicate_rules", object="Contact", active=False)
    assert org.call("POST", "sobjects/Contact", twin).status_code == 201


def test_a_lead_rule_may_match_contacts(org: SalesforceOrg) -> None:
    email = org.email()
    org.create("Contact", LastName="First", Email=email)
    lead = {"LastName": "Second", "Company": "X", "Email": email}
    assert org.call("POST", "sobjects/Lead", lead).status_code == 201
    org.control("/duplicate_rules", object="Lead", active=True)
    results = org.call("POST", "sobjects/Lead", lead).json()[0]["duplicateResult"]["matchResults"]
    assert {each["entityType"] for each in results} == {"Lead", "Contact"}


def test_rows_of_one_call_are_not_compared_with_each_other(org: SalesforceOrg) -> None:
    email = org.email()
    pair = (record("Contact", LastName="A", Email=email), record("Contact", LastName="B", Email=email))
    assert codes(batch(org, "POST", *pair)) == [None, None]
    rows = batch(org, "POST", record("Contact", LastName="C", Email=email))
    assert rows[0]["errors"] == [
        {"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []}
    ]


def composite(org: SalesforceOrg, *requests: dict[str, Any], strict: bool = False) -> list[dict[str, Any]]:
    body = {"allOrNone": strict, "compositeRequest": list(requests)}
    reply = org.call("POST", "composite", body)
    assert reply.status_code == 200, reply.text
    answers: list[dict[str, Any]] = reply.json()["compositeResponse"]
    return answers


ROOT = "/services/data/v60.0"


def test_a_composite_makes_an_account_and_its_contact_in_one_call(org: SalesforceOrg) -> None:
    used = org.call("GET", "limits").headers["sforce-limit-info"]
    answers = composite(
        org,
        {"method": "POST", "url": f"{ROOT}/sobjects/Account", "referenceId": "a", "body": {"Name": "Co"}},
        {
            "method": "POST",
            "url": f"{ROOT}/sobjects/Contact",
            "referenceId": "c",
            "body": {"LastName": "Co", "AccountId": "@{a.id}"},
        },
        {"method": "GET", "url": f"{ROOT}/sobjects/Contact/@{{c.id}}?fields=AccountId", "referenceId": "g"},
    )
    assert [each["httpStatusCode"] for each in answers] == [201, 201, 200]
    assert [each["referenceId"] for each in answers] == ["a", "c", "g"]
    assert answers[2]["body"]["AccountId"] == answers[0]["body"]["id"]
    after = org.call("GET", "limits").headers["sforce-limit-info"]
    assert int(after.split("=")[1].split("/")[0]) - int(used.split("=")[1].split("/")[0]) == 2


def test_a_strict_composite_is_undone_when_one_call_fails(org: SalesforceOrg) -> None:
    before = org.query("SELECT COUNT() FROM Account")["totalSize"]
    good = {"method": "POST", "url": f"{ROOT}/sobjects/Account", "referenceId": "a", "body": {"Name": "Co"}}
    bad = {"method": "POST", "url": f"{ROOT}/sobjects/Account", "referenceId": "b", "body": {}}
    late = {"method": "GET", "url": f"{ROOT}/sobjects/Account/@{{b.id}}", "referenceId": "g"}
    answers = composite(org, good, bad, strict=True)
    assert [each["body"][0]["errorCode"] for each in answers] == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
    ]
    assert org.query("SELECT COUNT() FROM Account")["totalSize"] == before
    answers = composite(org, good, bad, late)
    assert [each["httpStatusCode"] for each in answers] == [201, 400, 400]
    assert answers[2]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert org.query("SELECT COUNT() FROM Account")["totalSize"] == before + 1


def test_a_composite_takes_at_most_25_calls(org: SalesforceOrg) -> None:
    one = {"method": "GET", "url": f"{ROOT}/limits", "referenceId": "x"}
    reply = org.call("POST", "composite", {"compositeRequest": [one] * 26})
    assert refusal(reply)[1] == "LIMIT_EXCEEDED"


def test_a_composite_takes_at_most_five_queries_and_collections(org: SalesforceOrg) -> None:
    urls = [f"{ROOT}/query?q=SELECT+COUNT()+FROM+Lead", f"{ROOT}/composite/sobjects/Lead?ids=x&fields=Id"] * 3
    requests = [{"method": "GET", "url": url, "referenceId": f"r{n}"} for n, url in enumerate(urls)]
    assert len(composite(org, *requests[:5])) == 5
    reply = org.call("POST", "composite", {"compositeRequest": requests})
    assert refusal(reply)[:2] == (400, "LIMIT_EXCEEDED")


def test_a_name_stands_for_one_call_and_no_composite_holds_another(org: SalesforceOrg) -> None:
    one = {"method": "GET", "url": f"{ROOT}/limits", "referenceId": "x"}
    assert refusal(org.call("POST", "composite", {"compositeRequest": [one, one]}))[1] == "INVALID_INPUT"
    nested = {
        "method": "POST",
        "url": f"{ROOT}/composite",
        "referenceId": "n",
        "body": {"compositeRequest": [one]},
    }
    (answer,) = composite(org, nested)
    assert (answer["httpStatusCode"], answer["body"][0]["errorCode"]) == (400, "INVALID_INPUT")


def test_what_comes_after_a_failure_in_a_strict_composite_is_halted_unread(org: SalesforceOrg) -> None:
    bad = {"method": "POST", "url": f"{ROOT}/sobjects/Account", "referenceId": "b", "body": {}}
    worse = {"method": "GET", "url": f"{ROOT}/sobjects/Nope", "referenceId": "w"}
    body = {"allOrNone": True, "collateSubrequests": True, "compositeRequest": [bad, worse]}
    answers = org.call("POST", "composite", body).json()["compositeResponse"]
    codes_ = [each["body"][0]["errorCode"] for each in answers]
    assert codes_ == ["REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]


def test_a_reference_may_reach_into_a_query_and_carry_what_is_no_text(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Reached", DoNotCall=True)
    text = f"SELECT+Id,DoNotCall,Title+FROM+Contact+WHERE+Id='{made}'"
    answers = composite(
        org,
        {"method": "GET", "url": f"{ROOT}/query?q={text}", "referenceId": "q"},
        {
            "method": "POST",
            "url": f"{ROOT}/sobjects/Contact",
            "referenceId": "c",
            "body": {"LastName": "Copy", "DoNotCall": "@{q.records[0].DoNotCall}"},
        },
        {"method": "GET", "url": f"{ROOT}/sobjects/Contact/@{{c.id}}", "referenceId": "g"},
        {"method": "GET", "url": f"{ROOT}/sobjects/Contact/@{{q.records[9].Id}}", "referenceId": "far"},
        {"method": "GET", "url": f"{ROOT}/sobjects/Contact/@{{q.records[0].Title}}", "referenceId": "null"},
        {"method": "GET", "url": f"{ROOT}/sobjects/Contact/@{{q.records}}", "referenceId": "whole"},
    )
    assert answers[2]["body"]["DoNotCall"] is True
    assert [each["body"][0]["errorCode"] for each in answers[3:]] == ["PROCESSING_HALTED"] * 3


def test_an_upsert_in_a_composite_hands_on_its_id(org: SalesforceOrg) -> None:
    key = f"Apollo_Id__c/{org.email()}"
    answers = composite(
        org,
        {
            "method": "PATCH",
            "url": f"{ROOT}/sobjects/Account/{key}",
            "referenceId": "a",
            "body": {"Name": "Co"},
        },
        {
            "method": "POST",
            "url": f"{ROOT}/sobjects/Contact",
            "referenceId": "c",
            "body": {"LastName": "Co", "AccountId": "@{a.id}"},
        },
    )
    assert [each["httpStatusCode"] for each in answers] == [201, 201]
    assert answers[0]["body"]["created"] is True
