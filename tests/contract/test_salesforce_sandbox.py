"""simple-salesforce, a client the sandbox's makers did not write, drives the Salesforce sandbox over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce, SFType
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.simple_client import MY_DOMAIN, ToSandbox, object_of, sign_in


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("salesforce", dataset="3000") as running:
        yield running


@pytest.fixture
def session(sandbox: RunningSandbox) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.mount("https://", ToSandbox(sandbox.base_url))
        yield made


@pytest.fixture
def client(sandbox: RunningSandbox, session: requests.Session) -> Salesforce:
    return sign_in(sandbox, session)


@pytest.fixture
def contacts(client: Salesforce) -> SFType:
    return object_of(client, "Contact")


def code_of(error: SalesforceError) -> str:
    content: Any = error.content  # annotated as bytes, but parsed where it was JSON
    code: str = content[0]["errorCode"]
    return code


def answered(body: Any | None) -> Any:
    assert body is not None
    return body


def test_it_signs_in_by_client_credentials(client: Salesforce) -> None:
    assert client.query("SELECT COUNT() FROM User")["totalSize"] > 2
    assert client.api_usage["api-usage"].total == 100_000


def test_it_signs_in_by_a_signed_assertion(sandbox: RunningSandbox, session: requests.Session) -> None:
    client = Salesforce(
        username=sandbox.credentials["username"],
        consumer_key=sandbox.credentials["client_id"],
        privatekey=sandbox.credentials["private_key"],
        session=session,
    )
    assert answered(client.oauth2("userinfo"))["preferred_username"] == sandbox.credentials["username"]


def test_a_wrong_secret_is_an_authentication_failure(
    sandbox: RunningSandbox, session: requests.Session
) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        Salesforce(
            consumer_key=sandbox.credentials["client_id"],
            consumer_secret="wrong",
            domain=MY_DOMAIN,
            session=session,
        )
    assert caught.value.code == "invalid_client"


def test_an_unknown_user_has_not_approved_the_app(sandbox: RunningSandbox, session: requests.Session) -> None:
    with (
        pytest.warns(UserWarning, match="authorize this"),
        pytest.raises(SalesforceAuthenticationFailed) as caught,
    ):
        Salesforce(
            username="nobody@org.example",
            consumer_key=sandbox.credentials["client_id"],
            privatekey=sandbox.credentials["private_key"],
            session=session,
        )
    assert caught.value.code == "invalid_grant"


def test_it_pages_through_a_query(client: Salesforce) -> None:
    text = "SELECT Id, Name, Account.Name FROM Contact ORDER BY Id"
    wish = {"Sforce-Query-Options": "batchSize=500"}
    first = client.query(text, headers=wish)
    assert (len(first["records"]), first["done"]) == (500, False)
    second = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert second["records"][0]["Id"] > first["records"][-1]["Id"]
    everything = client.query_all(text, headers=wish)
    assert (
        everything["totalSize"] == first["totalSize"] == len({each["Id"] for each in everything["records"]})
    )


def test_query_all_iter_and_deleted_records(client: Salesforce, contacts: SFType) -> None:
    made = contacts.create({"LastName": "Ghost"})["id"]
    contacts.delete(made)
    text = f"SELECT Id, IsDeleted FROM Contact WHERE Id = '{made}'"
    assert client.query(text)["totalSize"] == 0
    found = list(client.query_all_iter(text, include_deleted=True))
    assert [each["IsDeleted"] for each in found] == [True]


def test_records_are_created_read_changed_and_deleted(contacts: SFType) -> None:
    made = contacts.create({"FirstName": "Ada", "LastName": "Byron", "Email": "ADA@engine.test"})
    assert made["success"] is True
    assert contacts.get(made["id"])["Email"] == "ada@engine.test"
    assert contacts.update(made["id"], {"LastName": "Lovelace"}) == 204
    assert contacts.get(made["id"])["Name"] == "Ada Lovelace"
    assert contacts.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as caught:
        contacts.get(made["id"])
    assert code_of(caught.value) == "ENTITY_IS_DELETED"


def test_describe_limits_and_the_list_of_objects(client: Salesforce, contacts: SFType) -> None:
    fields = {each["name"]: each for each in contacts.describe()["fields"]}
    assert fields["Apollo_Stage__c"]["restrictedPicklist"] is True
    assert {"Account", "Contact", "Lead", "User"} <= {
        each["name"] for each in answered(client.describe())["sobjects"]
    }
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    assert contacts.metadata()["objectDescribe"]["keyPrefix"] == "003"


def test_a_collection_may_fail_in_part(client: Salesforce) -> None:
    records = [
        {"attributes": {"type": "Contact"}, "LastName": "Good"},
        {"attributes": {"type": "Contact"}, "FirstName": "Bad"},
        {"attributes": {"type": "Lead"}, "LastName": "Good", "Company": "Good"},
    ]
    body = {"allOrNone": False, "records": records}
    rows = answered(client.restful("composite/sobjects", method="POST", json=body))
    assert [row["success"] for row in rows] == [True, False, True]
    assert rows[1]["errors"] == [
        {
            "statusCode": "REQUIRED_FIELD_MISSING",
            "message": "Required fields are missing: [LastName]",
            "fields": ["LastName"],
        }
    ]


def test_refusals_become_its_exceptions(client: Salesforce, contacts: SFType) -> None:
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        client.query("SELECT Nope FROM Contact")
    assert code_of(malformed.value) == "INVALID_FIELD"
    with pytest.raises(SalesforceMalformedRequest) as refused:
        contacts.create({"LastName": "X", "Apollo_Stage__c": "No such stage"})
    assert code_of(refused.value) == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    with pytest.raises(SalesforceResourceNotFound):
        client.restful("sobjects/Nope")
    with pytest.raises(SalesforceGeneralError) as wrong_method:
        client.restful("query", method="PUT")
    assert wrong_method.value.status == 405


def test_it_signs_in_again_when_the_token_has_expired(client: Salesforce, sandbox: RunningSandbox) -> None:
    before = client.session_id
    sandbox.control("POST", "/tokens", {"expire": True})
    assert client.query("SELECT COUNT() FROM Lead")["done"] is True
    assert client.session_id != before


def test_a_token_that_stays_expired_is_an_expired_session(
    sandbox: RunningSandbox, session: requests.Session
) -> None:
    client = Salesforce(session_id="no-token", instance_url="https://syncline.test", session=session)
    with pytest.raises(SalesforceExpiredSession) as caught:
        client.query("SELECT Id FROM Contact")
    assert code_of(caught.value) == "INVALID_SESSION_ID"


def test_a_used_up_allocation_is_a_refused_request(client: Salesforce, sandbox: RunningSandbox) -> None:
    sandbox.control("POST", "/limits", {"used": 100_000})
    try:
        with pytest.raises(SalesforceRefusedRequest) as caught:
            client.query("SELECT Id FROM Contact")
    finally:
        sandbox.control("POST", "/limits", {"used": 0})
    assert code_of(caught.value) == "REQUEST_LIMIT_EXCEEDED"
