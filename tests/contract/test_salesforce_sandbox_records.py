"""Single records of the Salesforce sandbox, over HTTP: what is stored, and every way of being refused."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


def test_a_new_record_has_a_true_id_stamps_and_an_owner(org: SalesforceOrg) -> None:
    reply = org.call("POST", "sobjects/Contact", {"LastName": "New", "attributes": {"type": "Contact"}})
    assert reply.status_code == 201
    body = reply.json()
    assert body == {"id": body["id"], "success": True, "errors": []}
    assert (len(body["id"]), body["id"][:3]) == (18, "003")
    record = org.get("Contact", body["id"])
    assert record["attributes"]["url"] == f"/services/data/v60.0/sobjects/Contact/{body['id']}"
    assert record["CreatedDate"].endswith(".000+0000")
    assert record["SystemModstamp"] == record["LastModifiedDate"] == record["CreatedDate"]
    assert record["OwnerId"] == record["CreatedById"] == record["LastModifiedById"]
    assert record["IsDeleted"] is record["DoNotCall"] is False
    assert record["Email"] is None


def test_a_record_is_found_by_fifteen_characters_and_by_eighteen_in_any_case(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Ids")
    assert org.get("Contact", made[:15])["Id"] == made
    assert org.get("Contact", made[:15].lower() + made[15:])["Id"] == made


def test_the_server_stores_values_in_its_own_form(org: SalesforceOrg) -> None:
    contact = org.create(
        "Contact",
        FirstName=" Jo ",
        LastName="Form  ",
        Phone="4155550123",
        MobilePhone="14155550124",
        HomePhone="+44 20 7946 0000",
        Email=" Jo.FORM@Example.ORG ",
        Title="",
        Birthdate="1990-02-03",
        AccountId=org.create("Account", Name="Shapes")[:15],
    )
    record = org.get("Contact", contact)
    assert record["Name"] == "Jo Form"
    assert record["Phone"] == "(415) 555-0123"
    assert record["MobilePhone"] == "(415) 555-0124"
    assert record["HomePhone"] == "+44 20 7946 0000"
    assert record["Email"] == "jo.form@example.org"
    assert record["Title"] is None
    assert len(record["AccountId"]) == 18


def test_amounts_are_rounded_to_their_scale_and_websites_left_alone(org: SalesforceOrg) -> None:
    made = org.create(
        "Account", Name="Numbers", AnnualRevenue=1234.5, Website="Example.COM/a", NumberOfEmployees="12"
    )
    record = org.get("Account", made)
    assert record["AnnualRevenue"] == 1235.0
    assert record["Website"] == "Example.COM/a"
    assert record["NumberOfEmployees"] == 12


def test_an_update_moves_the_stamps_and_null_empties_a_field(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Before", Title="Boss")
    before = org.get("Contact", made)
    org.control("/clock", advance=5)
    assert (
        org.call("PATCH", f"sobjects/Contact/{made}", {"Title": None, "lastname": "After"}).status_code == 204
    )
    after = org.get("Contact", made)
    assert (after["Title"], after["LastName"]) == (None, "After")
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["CreatedDate"] == before["CreatedDate"]


def test_only_the_fields_asked_for_are_shown(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Few")
    record = org.call("GET", f"sobjects/Contact/{made}", fields="LastName,Email").json()
    assert set(record) == {"attributes", "Id", "LastName", "Email"}
    refused = org.call("GET", f"sobjects/Contact/{made}", fields="Nope")
    assert refusal(refused)[1:3] == ("INVALID_FIELD", "No such column 'Nope' on sobject of type Contact")


def test_a_deleted_record_is_in_the_recycle_bin(org: SalesforceOrg) -> None:
    made = org.create("Lead", LastName="Gone", Company="Gone")
    assert org.call("DELETE", f"sobjects/Lead/{made}").status_code == 204
    for method, body in (("GET", None), ("PATCH", {"Title": "x"}), ("DELETE", None)):
        assert refusal(org.call(method, f"sobjects/Lead/{made}", body))[:2] == (404, "ENTITY_IS_DELETED")
    text = f"SELECT IsDeleted FROM Lead WHERE Id = '{made}'"
    assert org.query(text)["totalSize"] == 0
    assert org.query(text, "queryAll")["records"][0]["IsDeleted"] is True


def test_an_account_takes_its_contacts_along(org: SalesforceOrg) -> None:
    account = org.create("Account", Name="Parent")
    child = org.create("Contact", LastName="Child", AccountId=account)
    org.call("DELETE", f"sobjects/Account/{account}")
    assert org.call("GET", f"sobjects/Contact/{child}").status_code == 404


@pytest.mark.parametrize(
    ("object_", "values", "code", "says", "fields"),
    [
        (
            "Contact",
            {"FirstName": "x"},
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LastName]",
            ["LastName"],
        ),
        ("Lead", {}, "REQUIRED_FIELD_MISSING", "[LastName, Company]", ["LastName", "Company"]),
        ("Contact", {"LastName": "x", "Nope__c": 1}, "INVALID_FIELD", "No such column 'Nope__c'", None),
        ("Contact", {"LastName": "x", "RecordTypeId": "x"}, "INVALID_FIELD", "No such column", None),
        (
            "Contact",
            {"LastName": "x", "Id": "x"},
            "INVALID_FIELD",
            "Id field should not be specified",
            ["Id"],
        ),
        (
            "Contact",
            {"LastName": "x", "CreatedDate": "2026-01-01T00:00:00Z"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: CreatedDate.",
            ["CreatedDate"],
        ),
        ("Contact", {"LastName": "x", "Name": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Name", ["Name"]),
        ("Contact", {"LastName": "y" * 81}, "STRING_TOO_LONG", "(max length=80)", ["LastName"]),
        (
            "Contact",
            {"LastName": "x", "Apollo_Stage__c": "Nope"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Apollo Stage: bad value for restricted picklist field: Nope",
            ["Apollo_Stage__c"],
        ),
        (
            "Contact",
            {"LastName": "x", "Email": "a@b"},
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: a@b",
            ["Email"],
        ),
        (
            "Contact",
            {"LastName": "x", "Email": "Ann <ann@example.org>"},
            "INVALID_EMAIL_ADDRESS",
            "invalid email address",
            ["Email"],
        ),
        (
            "Contact",
            {"LastName": 5},
            "JSON_PARSER_ERROR",
            "instance of string from VALUE_NUMBER_INT value 5",
            None,
        ),
        ("Contact", {"LastName": {"a": 1}}, "JSON_PARSER_ERROR", "START_OBJECT", None),
        (
            "Contact",
            {"LastName": "x", "DoNotCall": "maybe"},
            "JSON_PARSER_ERROR",
            "instance of boolean",
            None,
        ),
        (
            "Contact",
            {"LastName": "x", "Birthdate": "2026-02-30"},
            "JSON_PARSER_ERROR",
            "instance of date",
            None,
        ),
        (
            "Contact",
            {"LastName": "x", "DoNotCall": None},
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            "not of required type",
            ["DoNotCall"],
        ),
        ("Account", {"Name": "x", "NumberOfEmployees": 1.5}, "JSON_PARSER_ERROR", "instance of int", None),
        (
            "Account",
            {"Name": "x", "NumberOfEmployees": 100_000_000},
            "NUMBER_OUTSIDE_VALID_RANGE",
            "value outside of valid range",
            ["NumberOfEmployees"],
        ),
        (
            "Contact",
            {"LastName": "x", "AccountId": "abc"},
            "MALFORMED_ID",
            "id value of incorrect type",
            ["AccountId"],
        ),
        (
            "Contact",
            {"LastName": "x", "AccountId": "003000000000001"},
            "MALFORMED_ID",
            "incorrect type",
            ["AccountId"],
        ),
        (
            "Contact",
            {"LastName": "x", "AccountId": "001000000000001"},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            [],
        ),
        (
            "User",
            {"LastName": "x"},
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "entity type cannot be inserted",
            [],
        ),
    ],
)
def test_a_create_that_is_refused(
    org: SalesforceOrg, object_: str, values: dict[str, Any], code: str, says: str, fields: list[str] | None
) -> None:
    status, found, message, named = refusal(org.call("POST", f"sobjects/{object_}", values))
    assert (status, found, named) == (400, code, fields)
    assert says in message


def test_several_faults_are_told_at_once(org: SalesforceOrg) -> None:
    reply = org.call("POST", "sobjects/Contact", {"FirstName": "f" * 41, "Email": "bad"})
    assert [each["errorCode"] for each in reply.json()] == [
        "STRING_TOO_LONG",
        "INVALID_EMAIL_ADDRESS",
        "REQUIRED_FIELD_MISSING",
    ]


def test_a_body_that_is_no_json_object_is_refused(org: SalesforceOrg) -> None:
    url = "/services/data/v60.0/sobjects/Contact"
    for body in (b"", b"{", b"[1]", b'{"LastName": NaN}', b'{"LastName": "\xff"}', b"[" * 100_000):
        reply = org.http.post(url, content=body, headers={"content-type": "application/json"})
        assert refusal(reply)[:2] == (400, "JSON_PARSER_ERROR"), body[:20]
    reply = org.http.post(url, content=b"{}", headers={"content-type": "text/plain"})
    assert refusal(reply)[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_required_field_cannot_be_emptied(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Kept")
    for empty in (None, "  "):
        reply = org.call("PATCH", f"sobjects/Contact/{made}", {"LastName": empty})
        assert refusal(reply)[1] == "REQUIRED_FIELD_MISSING"
    reply = org.call("PATCH", f"sobjects/Contact/{made}", {"OwnerId": None})
    assert refusal(reply)[1:3] == ("INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank")


@pytest.mark.parametrize(
    ("id_", "status", "code"),
    [
        ("abc", 404, "NOT_FOUND"),
        ("003gK0000000999", 404, "NOT_FOUND"),
        ("00QgK0000000001", 400, "MALFORMED_ID"),
        ("003gK0000000001999", 400, "MALFORMED_ID"),
    ],
)
def test_ids_that_lead_to_no_record(org: SalesforceOrg, id_: str, status: int, code: str) -> None:
    assert refusal(org.call("GET", f"sobjects/Contact/{id_}"))[:2] == (status, code)
    assert refusal(org.call("PATCH", f"sobjects/Contact/{id_}", {"Title": "x"}))[:2] == (status, code)


def test_an_inactive_user_can_own_nothing_new(org: SalesforceOrg) -> None:
    user = org.sandbox.control("POST", "/records/User", {"LastName": "Out", "IsActive": False})["Id"]
    status, code, message, _ = refusal(
        org.call("POST", "sobjects/Contact", {"LastName": "x", "OwnerId": user})
    )
    assert (status, code) == (400, "INACTIVE_OWNER_OR_USER")
    assert message == f"operation performed with inactive user [{user[:15]}] as owner of contact"


def test_a_record_type_may_offer_fewer_options_than_describe(org: SalesforceOrg) -> None:
    small = org.query("SELECT Id FROM RecordType WHERE DeveloperName = 'Small_Business'")["records"][0]["Id"]
    assert org.create("Account", Name="Big", Industry="Banking")
    reply = org.call(
        "POST", "sobjects/Account", {"Name": "Small", "RecordTypeId": small, "Industry": "Banking"}
    )
    assert refusal(reply)[1:3] == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Industry: bad value for restricted picklist field: Banking",
    )
    made = org.create("Account", Name="Small", RecordTypeId=small, Industry="Retail")
    refused = org.call("PATCH", f"sobjects/Account/{made}", {"Industry": "Energy"})
    assert refusal(refused)[1] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert org.get("Account", org.create("Account", Name="Default"))["RecordTypeId"] != small


def test_an_unrestricted_picklist_takes_anything(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Free", LeadSource="Carrier pigeon")
    assert org.get("Contact", made)["LeadSource"] == "Carrier pigeon"


def test_an_update_can_be_tied_to_the_time_it_was_read(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Tied")
    changed = datetime.fromisoformat(org.get("Contact", made)["LastModifiedDate"])
    early, late = (format_datetime(changed + timedelta(seconds=by), usegmt=True) for by in (-10, 10))
    path = f"sobjects/Contact/{made}"
    refused = org.call("PATCH", path, {"Title": "x"}, {"If-Unmodified-Since": early})
    assert refused.status_code == 412
    assert org.get("Contact", made)["Title"] is None
    assert org.call("PATCH", path, {"Title": "x"}, {"If-Unmodified-Since": late}).status_code == 204
    assert org.call("PATCH", path, {"Title": "x"}, {"If-Unmodified-Since": "soon"}).status_code == 400
    assert org.call("GET", path, headers={"If-Modified-Since": late}).status_code == 304


def test_a_converted_lead_cannot_be_updated(org: SalesforceOrg) -> None:
    lead = org.create("Lead", LastName="Done", Company="Done")
    org.sandbox.control("POST", f"/records/Lead/{lead}", {"IsConverted": True})
    reply = org.call("PATCH", f"sobjects/Lead/{lead}", {"Title": "x"})
    assert refusal(reply)[1] == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_odd_characters_and_long_texts_come_back_as_they_went(org: SalesforceOrg) -> None:
    text = "Zoë \u202ebidi\u202c 🚀 \u0000 nul"
    made = org.create("Contact", LastName="Odd", Title=text, Description="d" * 32_000)
    record = org.get("Contact", made)
    assert record["Title"] == text
    reply = org.call("PATCH", f"sobjects/Contact/{made}", {"Description": "d" * 300_000})
    assert refusal(reply)[1] == "STRING_TOO_LONG"
