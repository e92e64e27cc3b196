"""Queries, pages and descriptions of the Salesforce sandbox, over HTTP."""

import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal

FIELD_KEYS = {
    "name", "label", "type", "length", "byteLength", "precision", "scale", "digits", "nillable",
    "defaultedOnCreate", "createable", "updateable", "calculated", "autoNumber", "unique", "externalId",
    "idLookup", "restrictedPicklist", "dependentPicklist", "controllerName", "picklistValues", "referenceTo",
    "relationshipName", "polymorphicForeignKey", "compoundFieldName", "filterable", "sortable", "encrypted",
    "custom", "permissionable",
}  # fmt: skip


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org("6000") as opened:
        yield opened


def test_versions_are_told_without_a_token_and_without_counting(org: SalesforceOrg) -> None:
    reply = org.http.get("/services/data/", headers={"Authorization": ""})
    assert reply.status_code == 200
    assert "sforce-limit-info" not in reply.headers
    assert reply.json()[-1] == {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}
    assert "v60.0" in [each["url"].rsplit("/", 1)[1] for each in reply.json()]


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [("v52.0", 200, None), ("v68.0", 200, None), ("v25.0", 410, None), ("v99.0", 404, "NOT_FOUND")],
)
def test_versions_in_force_retired_and_unknown(
    org: SalesforceOrg, version: str, status: int, code: str | None
) -> None:
    reply = org.call("GET", "", version=version)
    assert reply.status_code == status
    if code:
        assert reply.json()[0]["errorCode"] == code


def test_pages_come_by_a_relative_address_and_are_a_snapshot(org: SalesforceOrg) -> None:
    text = "SELECT Id, LastName FROM Lead ORDER BY Id"
    headers = {"Sforce-Query-Options": "batchSize=250"}
    reply = org.call("GET", "query", headers=headers, q=text).json()
    assert (len(reply["records"]), reply["done"]) == (250, False)
    assert reply["nextRecordsUrl"].startswith("/services/data/v60.0/query/01g")
    assert reply["nextRecordsUrl"].endswith("-250")
    victim = org.http.get(reply["nextRecordsUrl"]).json()["records"][0]
    org.sandbox.control("POST", f"/records/Lead/{victim['Id']}", {"LastName": "Changed"})
    again = org.http.get(reply["nextRecordsUrl"]).json()
    assert again["records"][0]["LastName"] == victim["LastName"]
    assert again["totalSize"] == reply["totalSize"]
    ids = [each["Id"] for each in reply["records"]]
    while not reply["done"]:
        reply = org.http.get(reply["nextRecordsUrl"].replace("/query/", "/queryAll/")).json()
        ids += [each["Id"] for each in reply["records"]]
    assert "nextRecordsUrl" not in reply
    assert len(ids) == len(set(ids)) == reply["totalSize"]


def test_a_page_has_2000_rows_unless_asked_or_told_otherwise(org: SalesforceOrg) -> None:
    text = "SELECT Id FROM Contact"
    assert len(org.query(text)["records"]) == 2000
    small = {"Sforce-Query-Options": "batchSize=1"}
    assert len(org.call("GET", "query", headers=small, q=text).json()["records"]) == 200
    org.control("/pages", size=7)
    try:
        assert len(org.query(text)["records"]) == 7
    finally:
        org.control("/pages", size=None)


def test_an_unknown_locator_is_refused(org: SalesforceOrg) -> None:
    reply = org.call("GET", "query/01gAAAAAAAAAAAAAAA-2000")
    assert refusal(reply)[:2] == (400, "INVALID_QUERY_LOCATOR")


def test_the_eleventh_open_cursor_closes_the_oldest(org: SalesforceOrg) -> None:
    urls = [org.query("SELECT Id FROM Contact")["nextRecordsUrl"] for _ in range(11)]
    assert refusal(org.http.get(urls[0]))[1] == "INVALID_QUERY_LOCATOR"
    assert org.http.get(urls[1]).status_code == 200


def test_the_keyset_walk_meets_every_record_once_across_equal_stamps(org: SalesforceOrg) -> None:
    total = org.query("SELECT COUNT() FROM Contact")["totalSize"]
    seen: list[str] = []
    where = "SystemModstamp <= 2100-01-01T00:00:00Z"
    while True:
        text = f"SELECT Id, SystemModstamp FROM Contact WHERE {where} ORDER BY SystemModstamp ASC, Id ASC LIMIT 400"
        rows = org.query(text)["records"]
        if not rows:
            break
        seen += [row["Id"] for row in rows]
        stamp, last = rows[-1]["SystemModstamp"].replace("+0000", "Z"), rows[-1]["Id"]
        where = (
            f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{last}')) "
            "AND SystemModstamp <= 2100-01-01T00:00:00Z"
        )
    assert len(seen) == len(set(seen)) == total
    stamps = [row["SystemModstamp"] for row in org.query("SELECT SystemModstamp FROM Contact")["records"]]
    assert len(stamps) > len(set(stamps))


def test_a_plus_in_an_offset_must_be_encoded(org: SalesforceOrg) -> None:
    text = "SELECT COUNT() FROM Lead WHERE CreatedDate < 2100-01-01T00:00:00+02:00"
    right = org.http.get(f"/services/data/v60.0/query?q={quote(text)}")
    assert right.json()["totalSize"] > 0
    wrong = org.http.get("/services/data/v60.0/query?q=" + text.replace(" ", "%20"))
    assert refusal(wrong)[:2] == (400, "MALFORMED_QUERY")


def test_a_malformed_query_shows_its_place(org: SalesforceOrg) -> None:
    status, code, message, fields = refusal(org.call("GET", "query", q="SELECT Id FRM Contact"))
    assert (status, code, fields) == (400, "MALFORMED_QUERY", None)
    assert "ERROR at Row:1:Column:11" in message
    assert refusal(org.call("GET", "query"))[1] == "MALFORMED_QUERY"


def test_a_page_of_2000_rows_takes_no_longer_than_ten_of_200(org: SalesforceOrg) -> None:
    count = org.query("SELECT COUNT() FROM Contact")["totalSize"]
    assert count > 3000
    text = (
        "SELECT Id, FirstName, LastName, Email, Phone, Title, MailingCity, OwnerId, AccountId, Account.Name, "
        "SystemModstamp FROM Contact WHERE (SystemModstamp > 2001-01-01T00:00:00.000Z OR (SystemModstamp = "
        "2001-01-01T00:00:00.000Z AND Id > '003000000000001')) AND SystemModstamp <= 2100-01-01T00:00:00Z "
        "ORDER BY SystemModstamp ASC, Id ASC LIMIT "
    )

    def seconds(rows: int, times: int) -> float:
        start = time.perf_counter()
        for _ in range(times):
            assert len(org.query(f"{text}{rows}")["records"]) == rows
        return time.perf_counter() - start

    assert min(seconds(2000, 1) for _ in range(3)) < min(seconds(200, 10) for _ in range(3))


def test_an_address_that_is_too_long_is_refused(org: SalesforceOrg) -> None:
    ids = ", ".join(f"'003gK{number:010d}'" for number in range(900))
    assert org.call("GET", "query", q=f"SELECT Id FROM Contact WHERE Id IN ({ids})").status_code == 414
    assert org.call("GET", "limits", headers={"X-Long": "x" * 17_000}).status_code == 431


def test_describe_has_every_key_a_mapper_needs(org: SalesforceOrg) -> None:
    described = org.call("GET", "sobjects/contact/describe").json()
    fields = {each["name"]: each for each in described["fields"]}
    assert all(set(each) >= FIELD_KEYS for each in fields.values())
    assert fields["FirstName"]["length"] == 40
    assert fields["Email"]["type"] == "email"
    assert fields["AccountId"]["referenceTo"] == ["Account"]
    assert fields["AccountId"]["relationshipName"] == "Account"
    assert {each["label"] for each in fields["Apollo_Stage__c"]["picklistValues"]} >= {"Cold", "Replied"}
    required = [
        name
        for name, each in fields.items()
        if each["createable"] and not each["nillable"] and not each["defaultedOnCreate"]
    ]
    assert required == ["LastName"]
    assert "RecordTypeId" not in fields


def test_describe_of_the_other_objects(org: SalesforceOrg) -> None:
    account = org.call("GET", "sobjects/Account/describe").json()
    kinds = {each["developerName"]: each for each in account["recordTypeInfos"]}
    assert set(kinds) == {"Enterprise", "Small_Business", "Master"}
    assert kinds["Enterprise"]["defaultRecordTypeMapping"] is True
    fields = {each["name"]: each for each in account["fields"]}
    assert fields["Industry"]["restrictedPicklist"] is True
    assert "Banking" in [each["value"] for each in fields["Industry"]["picklistValues"]]
    lead = {each["name"]: each for each in org.call("GET", "sobjects/Lead/describe").json()["fields"]}
    assert lead["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert lead["Status"]["defaultedOnCreate"] is True
    assert org.call("GET", "sobjects/User/describe").json()["createable"] is False


def test_describe_is_not_sent_again_until_the_schema_changes(org: SalesforceOrg) -> None:
    known = org.call("GET", "sobjects/Lead/describe").headers["last-modified"]
    since = {"If-Modified-Since": known}
    assert org.call("GET", "sobjects/Lead/describe", headers=since).status_code == 304
    org.control("/clock", advance=5)
    org.control("/picklists", object="Lead", field="Rating", value="Tepid", active=True)
    changed = org.call("GET", "sobjects/Lead/describe", headers=since)
    rating = next(each for each in changed.json()["fields"] if each["name"] == "Rating")
    assert "Tepid" in [each["value"] for each in rating["picklistValues"]]


def test_addresses_that_lead_nowhere_and_wrong_methods(org: SalesforceOrg) -> None:
    assert refusal(org.call("GET", "sobjects/Nope"))[:2] == (404, "NOT_FOUND")
    assert refusal(org.call("GET", "nothing"))[:2] == (404, "NOT_FOUND")
    assert refusal(org.call("POST", "query"))[:2] == (405, "METHOD_NOT_ALLOWED")
    assert org.call("GET", "sobjects/").json()["maxBatchSize"] == 200
    assert "keyPrefix" in org.call("GET", "sobjects/Lead/").json()["objectDescribe"]


def test_queries_are_counted_by_their_object(org: SalesforceOrg) -> None:
    org.sandbox.control("DELETE", "/requests")
    org.query("SELECT Id FROM User LIMIT 1")
    org.query("select Id from Contact limit 1", "queryAll")
    org.call("GET", "query", q="nonsense")
    path = "GET /services/data/{version}"
    assert org.sandbox.control("GET", "/requests?topics") == {
        f"{path}/query User": 1,
        f"{path}/queryAll Contact": 1,
    }
    org.sandbox.control("DELETE", "/requests")
    assert org.sandbox.control("GET", "/requests?topics") == {}
