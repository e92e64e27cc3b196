"""Upserts by external id in the Salesforce sandbox, over HTTP: one record, and collections."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from tests.contract.salesforce_org import VERSION, SalesforceOrg, open_org, refusal

KEY = "Apollo_Id__c"
NUMBERS = count(1)


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        opened.control("/fields", object="Contact", name="Badge__c", external_id=True, length=20)
        opened.control("/fields", object="Contact", name="Number__c", type="double", external_id=True)
        yield opened


def fresh() -> str:
    return f"apollo-{next(NUMBERS)}"


def upsert(
    org: SalesforceOrg, value: str, body: object, field: str = KEY, version: str = VERSION, **params: str
) -> httpx2.Response:
    return org.call(
        "PATCH", f"sobjects/Contact/{field}/{quote(value, safe='')}", body, None, version, **params
    )


def test_the_first_upsert_makes_a_record_and_the_second_changes_it(org: SalesforceOrg) -> None:
    value = fresh()
    first = upsert(org, value, {"LastName": "Once", "Title": "New"})
    made = first.json()["id"]
    assert (first.status_code, first.json()) == (
        201,
        {"id": made, "success": True, "errors": [], "created": True},
    )
    second = upsert(org, value.upper(), {"Title": "Changed"})
    assert (second.status_code, second.json()["id"], second.json()["created"]) == (200, made, False)
    record = org.get("Contact", made)
    assert (record[KEY], record["LastName"], record["Title"]) == (value, "Once", "Changed")


def test_old_versions_answer_an_update_without_a_body(org: SalesforceOrg) -> None:
    value = fresh()
    made = upsert(org, value, {"LastName": "Old"}, version="v45.0")
    assert (made.status_code, "created" in made.json()) == (201, False)
    changed = upsert(org, value, {"Title": "Older"}, version="v45.0")
    assert (changed.status_code, changed.content) == (204, b"")


def test_several_records_with_the_id_are_listed_and_left_alone(org: SalesforceOrg) -> None:
    ids = [org.create("Contact", LastName=f"Twin {number}", Badge__c="B1") for number in range(2)]
    reply = upsert(org, "b1", {"Title": "Lost"}, field="Badge__c")
    assert reply.status_code == 300
    assert reply.json() == [f"/services/data/v60.0/sobjects/Contact/{each}" for each in ids]
    assert org.get("Contact", ids[0])["Title"] is None
    assert org.call("GET", "sobjects/Contact/Badge__c/B1").status_code == 300
    assert org.call("DELETE", "sobjects/Contact/Badge__c/B1").status_code == 300


def test_update_only_creates_nothing(org: SalesforceOrg) -> None:
    value = fresh()
    assert refusal(upsert(org, value, {"LastName": "Never"}, updateOnly="true"))[:2] == (404, "NOT_FOUND")
    assert org.call("GET", f"sobjects/Contact/{KEY}/{value}").status_code == 404
    upsert(org, value, {"LastName": "Now"})
    assert upsert(org, value, {"Title": "Later"}, updateOnly="true").status_code == 200


@pytest.mark.parametrize("value", ["a/b", "50%", "x y", "Zoë+1", "q?x=1&y#z", "%2F"])
def test_a_value_may_hold_anything_once_it_is_encoded(org: SalesforceOrg, value: str) -> None:
    made = upsert(org, value, {"LastName": "Encoded"})
    assert made.status_code == 201, made.text
    assert org.get("Contact", made.json()["id"])[KEY] == value
    found = org.call("GET", f"sobjects/Contact/{KEY}/{quote(value, safe='')}", fields=KEY)
    assert found.json()["Id"] == made.json()["id"]


def test_a_number_can_be_an_external_id(org: SalesforceOrg) -> None:
    made = upsert(org, "12", {"LastName": "Twelve"}, field="Number__c").json()["id"]
    assert upsert(org, "12.0", {"Title": "x"}, field="Number__c").json()["id"] == made
    assert refusal(upsert(org, "twelve", {"Title": "x"}, field="Number__c"))[0] == 400


@pytest.mark.parametrize(
    ("field", "body", "expected"),
    [
        (KEY, {"Id": "003000000000001", "LastName": "x"}, (400, "INVALID_FIELD")),
        (KEY, {"apollo_id__c": "x", "LastName": "x"}, (400, "INVALID_FIELD")),
        (KEY, {"Title": "no last name"}, (400, "REQUIRED_FIELD_MISSING")),
        (KEY, {"LastName": "x", "Nope": 1}, (400, "INVALID_FIELD")),
        (KEY, [], (400, "JSON_PARSER_ERROR")),
        ("Nope__c", {"LastName": "x"}, (404, "NOT_FOUND")),
        ("Title", {"LastName": "x"}, (404, "NOT_FOUND")),
        ("Id", {"LastName": "x"}, (404, "NOT_FOUND")),
    ],
)
def test_what_an_upsert_refuses(org: SalesforceOrg, field: str, body: Any, expected: tuple[int, str]) -> None:
    assert refusal(upsert(org, "refused", body, field=field))[:2] == expected
    assert org.query(f"SELECT COUNT() FROM Contact WHERE {KEY} = 'refused'")["totalSize"] == 0


def test_a_unique_value_is_taken_until_its_record_is_deleted(org: SalesforceOrg) -> None:
    value = fresh()
    first = upsert(org, value, {"LastName": "First"}).json()["id"]
    second = org.create("Contact", LastName="Second")
    status, code, message, fields = refusal(org.call("PATCH", f"sobjects/Contact/{second}", {KEY: value}))
    assert (status, code, fields) == (400, "DUPLICATE_VALUE", [])
    assert message == f"duplicate value found: {KEY} duplicates value on record with id: {first[:15]}"
    assert org.call("PATCH", f"sobjects/Contact/{first}", {KEY: value.upper()}).status_code == 204
    assert org.call("DELETE", f"sobjects/Contact/{KEY}/{value}").status_code == 204
    assert upsert(org, value, {"LastName": "Third"}).status_code == 201


def test_an_upsert_that_creates_is_held_against_the_duplicate_rules(org: SalesforceOrg) -> None:
    email = org.email()
    org.create("Contact", LastName="Known", Email=email)
    assert refusal(upsert(org, fresh(), {"LastName": "Twin", "Email": email}))[1] == "DUPLICATES_DETECTED"


def test_describe_tells_what_an_external_id_is(org: SalesforceOrg) -> None:
    for object_ in ("Account", "Contact", "Lead"):
        fields = org.call("GET", f"sobjects/{object_}/describe").json()["fields"]
        (key,) = [each for each in fields if each["name"] == KEY]
        assert (key["externalId"], key["unique"], key["idLookup"], key["custom"]) == (True,) * 4


def rows_of(org: SalesforceOrg, *records: dict[str, Any], strict: bool = False) -> list[dict[str, Any]]:
    body = {
        "allOrNone": strict,
        "records": [{"attributes": {"type": "Contact"}, **each} for each in records],
    }
    reply = org.call("PATCH", f"composite/sobjects/Contact/{KEY}", body)
    assert reply.status_code == 200, reply.text
    rows: list[dict[str, Any]] = reply.json()
    return rows


def codes(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["errors"][0]["statusCode"] if row["errors"] else None for row in rows]


def test_a_collection_is_upserted_row_by_row(org: SalesforceOrg) -> None:
    known = fresh()
    made = upsert(org, known, {"LastName": "Known"}).json()["id"]
    rows = rows_of(
        org,
        {KEY: known, "Title": "Boss"},
        {KEY: fresh(), "LastName": "New"},
        {KEY: fresh()},
        {"LastName": "No key"},
        {KEY: fresh(), "id": made, "LastName": "Two names"},
    )
    assert rows[0] == {"id": made, "success": True, "errors": [], "created": False}
    assert (rows[1]["created"], rows[1]["id"][:3]) == (True, "003")
    assert codes(rows[2:]) == ["REQUIRED_FIELD_MISSING", "MISSING_ARGUMENT", "INVALID_FIELD"]
    assert org.get("Contact", made)["Title"] == "Boss"


def test_one_id_twice_in_a_collection_is_refused_twice(org: SalesforceOrg) -> None:
    value = fresh()
    rows = rows_of(org, {KEY: value, "LastName": "A"}, {KEY: value.upper(), "LastName": "B"})
    assert codes(rows) == ["DUPLICATE_VALUE", "DUPLICATE_VALUE"]


def test_all_or_none_undoes_what_was_created(org: SalesforceOrg) -> None:
    value = fresh()
    rows = rows_of(org, {KEY: value, "LastName": "Good"}, {KEY: fresh()}, strict=True)
    assert codes(rows) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert org.call("GET", f"sobjects/Contact/{KEY}/{value}").status_code == 404
    assert upsert(org, value, {"LastName": "Again"}).status_code == 201


def test_a_collection_names_several_matches_in_its_row(org: SalesforceOrg) -> None:
    for number in range(2):
        org.create("Contact", LastName=f"Pair {number}", Badge__c="P1")
    records = [{"attributes": {"type": "Contact"}, "Badge__c": "P1", "Title": "x"}]
    reply = org.call("PATCH", "composite/sobjects/Contact/Badge__c", {"records": records})
    assert codes(reply.json()) == ["DUPLICATE_EXTERNAL_ID"]


def test_a_collection_of_another_object_or_too_many_is_refused_as_a_whole(org: SalesforceOrg) -> None:
    path = f"composite/sobjects/Contact/{KEY}"
    lead = {"attributes": {"type": "Lead"}, KEY: fresh(), "LastName": "x", "Company": "x"}
    assert refusal(org.call("PATCH", path, {"records": [lead]}))[:2] == (400, "INVALID_TYPE")
    many = [{"attributes": {"type": "Contact"}, KEY: fresh(), "LastName": "x"} for _ in range(201)]
    assert refusal(org.call("PATCH", path, {"records": many}))[1] == "EXCEEDED_ID_LIMIT"
    wrong = "composite/sobjects/Contact/Title"
    assert refusal(org.call("PATCH", wrong, {"records": []}))[:2] == (404, "NOT_FOUND")


def test_external_ids_are_found_again_after_a_kill(tmp_path: Any) -> None:
    state = str(tmp_path / "org.sqlite3")
    with open_org(state=state) as first:
        first.control("/fields", object="Lead", name="Code__c", external_id=True, unique=True, length=9)
        body = {"LastName": "Kept", "Company": "Kept"}
        made = first.call("PATCH", "sobjects/Lead/Code__c/k1", body).json()["id"]
        first.sandbox.kill()
    with open_org(state=state) as again:
        reply = again.call("PATCH", "sobjects/Lead/Code__c/k1", {"Title": "Found"})
        assert (reply.status_code, reply.json()["id"]) == (200, made)
