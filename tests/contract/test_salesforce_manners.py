"""What is particular to Salesforce, against the sandbox: short pages, limits, owners, deletions, sign-in."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from syncline.connectors import registry
from syncline.connectors.base import Change, Connector, Draft
from syncline.connectors.clock import SystemClock
from syncline.connectors.oauth import MemoryTokenStore
from syncline.core.errors import AuthError, QuotaError
from syncline.core.model import ErrorClass, OutcomeStatus, Record
from syncline.testing.sandboxes import RunningSandbox, start_sandbox

Make = Callable[..., Connector]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("salesforce", dataset="120") as running:
        yield running


@pytest.fixture
def make(sandbox: RunningSandbox) -> Iterator[Make]:
    """Connectors made of settings, as the product makes them."""
    opened: list[Connector] = []

    def made(**settings: Any) -> Connector:
        told = sandbox.credentials
        credentials = {name: told[name] for name in ("client_id", "client_secret")}
        whole = {"system": "salesforce", "base_url": sandbox.base_url, "credentials": credentials, **settings}
        opened.append(registry.connect(whole, SystemClock(), MemoryTokenStore()))
        return opened[-1]

    yield made
    for connector in opened:
        connector.close()


@pytest.fixture
def connector(make: Make) -> Connector:
    return make()


def everything(connector: Connector, object_type: str, *fields: str) -> list[Record]:
    return [record for page in connector.changes(object_type, None, fields) for record in page.records]


def create(connector: Connector, object_type: str, **values: Any) -> Record:
    (outcome,) = connector.create(object_type, [Draft("d", values)])
    assert outcome.record is not None, outcome
    return outcome.record


def test_short_pages_show_all_that_one_long_page_shows(sandbox: RunningSandbox, connector: Connector) -> None:
    whole = {record.ref for record in everything(connector, "Contact", "LastName")}
    sandbox.control("POST", "/pages", {"size": 7})
    pages = list(connector.changes("Contact", None, ["LastName"]))
    sandbox.control("POST", "/pages", {"size": None})
    assert {record.ref for page in pages for record in page.records} == whole
    assert len(pages) == -(-len(whole) // 7)
    assert pages[-1].complete
    assert pages[0].total == len(whole)


def test_a_token_that_ends_in_the_middle_of_a_read_is_renewed(
    sandbox: RunningSandbox, connector: Connector
) -> None:
    sandbox.control("POST", "/pages", {"size": 10})
    read = connector.changes("Contact", None, ["LastName"])
    next(read)
    sandbox.control("POST", "/tokens", {"expire": True})
    rest = list(read)
    sandbox.control("POST", "/pages", {"size": None})
    assert rest[-1].complete
    assert connector.calls_made()["POST /services/oauth2/token"] == 2


@pytest.mark.parametrize("way", ["secret", "key"])
@pytest.mark.proves("C3")
def test_both_ways_to_sign_in_tell_who_we_are(sandbox: RunningSandbox, make: Make, way: str) -> None:
    names = ("client_id", "client_secret") if way == "secret" else ("client_id", "private_key", "username")
    connector = make(credentials={name: sandbox.credentials[name] for name in names})
    report = connector.check()
    assert report.account.startswith("00D")
    assert report.user == sandbox.credentials["username"]
    assert report.missing == ()
    assert report.writable == ("Account", "Contact", "Lead", "Opportunity")


@pytest.mark.parametrize("seconds", [600, -600])
def test_an_assertion_gets_in_where_the_clock_of_the_organisation_is_wrong(
    sandbox: RunningSandbox, make: Make, seconds: int
) -> None:
    names = ("client_id", "private_key", "username")
    connector = make(credentials={name: sandbox.credentials[name] for name in names})
    sandbox.control("POST", "/clock", {"skew": seconds})
    try:
        assert connector.check().user == sandbox.credentials["username"]
    finally:
        sandbox.control("POST", "/clock", {"skew": 0})


def foreign_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "wrong", "private_key": None},
        {"client_id": "nobody", "private_key": None},
        {"private_key": "", "username": "nobody@example.org", "client_secret": ""},
        {"private_key": "foreign", "client_secret": ""},
        {"private_key": "no key at all", "client_secret": ""},
    ],
)
def test_wrong_credentials_are_an_auth_error(
    sandbox: RunningSandbox, make: Make, wrong: Mapping[str, str | None]
) -> None:
    given = {**sandbox.credentials, **{name: value for name, value in wrong.items() if value != ""}}
    if wrong.get("client_secret") == "":
        given["client_secret"] = ""
    if wrong.get("private_key") == "foreign":
        given["private_key"] = foreign_key()
    with pytest.raises(AuthError) as caught:
        make(credentials=given).check()
    for secret in (sandbox.credentials["client_secret"], given["private_key"] or "no secret"):
        assert secret not in f"{caught.value!r}{caught.value.context}"


def fetch_often(connector: Connector) -> None:
    for _ in range(30):
        connector.fetch("Contact", ["003000000000001"], ["LastName"])


@pytest.mark.proves("C6")
def test_used_up_calls_stop_the_work_before_the_limit(sandbox: RunningSandbox, make: Make) -> None:
    sandbox.control("POST", "/limits", {"max": 1000, "used": 790})
    connector = make(budget={"share": 0.8})
    with pytest.raises(QuotaError) as caught:
        fetch_often(connector)
    assert caught.value.until is not None
    assert sandbox.control("POST", "/limits", {})["used"] <= 800
    sandbox.control("POST", "/limits", {"used": 1000})
    with pytest.raises(QuotaError):
        make(budget={"share": 1.0}).describe("Contact")
    sandbox.control("POST", "/limits", {"max": 100_000, "used": 0})


@pytest.mark.proves("U11")
def test_an_assignment_rule_does_not_take_the_owner_away(
    sandbox: RunningSandbox, make: Make, connector: Connector
) -> None:
    users = [r for r in everything(connector, "User", "name", "email", "active") if r.get("active")]
    owner, ruler = users[0].ref.remote_id, users[1].ref.remote_id
    sandbox.control("POST", "/assignment", {"owner": ruler})
    values = {"LastName": "Kept", "Company": "Example", "OwnerId": owner}
    assert create(connector, "Lead", **values, Email="kept@example.org").get("OwnerId") == owner
    allowed = make(options={"auto_assign": True})
    assert create(allowed, "Lead", **values, Email="given@example.org").get("OwnerId") == ruler
    sandbox.control("POST", "/assignment", {"owner": None})


def test_users_have_the_names_every_system_has(connector: Connector) -> None:
    users = everything(connector, "User", "name", "email", "active")
    assert {type(user.get("active")) for user in users} == {bool}
    assert all(user.get("name") and "@" in str(user.get("email")) for user in users)
    asked = str(users[0].get("email"))
    assert users[0].ref in {user.ref for user in connector.find("User", "email", [asked.upper()], ["name"])}


def test_an_inactive_owner_is_refused_by_name_and_the_neighbour_goes_on(connector: Connector) -> None:
    idle = next(r for r in everything(connector, "User", "active") if r.get("active") is False)
    drafts = [
        Draft("bad", {"LastName": "Idle", "OwnerId": idle.ref.remote_id}),
        Draft("good", {"LastName": "Busy"}),
    ]
    bad, good = connector.create("Contact", drafts)
    assert good.status is OutcomeStatus.APPLIED
    assert bad.failure is not None
    assert (bad.failure.error_class, bad.failure.fields) == (ErrorClass.PERMISSION, ("OwnerId",))


def test_a_reference_to_nothing_is_about_the_field_and_not_the_record(connector: Connector) -> None:
    record = create(connector, "Contact", LastName="There")
    (outcome,) = connector.update("Contact", [Change(record.ref.remote_id, {"AccountId": "001gK00000zzzzz"})])
    assert outcome.failure is not None
    assert outcome.failure.fields == ("AccountId",)
    assert outcome.failure.error_class is ErrorClass.VALIDATION


def test_contacts_that_go_with_their_account_come_as_deleted(
    sandbox: RunningSandbox, connector: Connector
) -> None:
    account = create(connector, "Account", Name="To be deleted")
    contact = create(connector, "Contact", LastName="Goes along", AccountId=account.ref.remote_id[:15])
    assert contact.get("AccountId") == account.ref.remote_id
    cursor = list(connector.changes("Contact", None, ["LastName"]))[-1].cursor
    sandbox.control("POST", "/delete", {"type": "Account", "id": account.ref.remote_id})
    shown = [r for page in connector.changes("Contact", dict(cursor), ["LastName"]) for r in page.records]
    assert [(record.ref, record.deleted) for record in shown] == [(contact.ref, True)]
    (fetched,) = connector.fetch("Contact", [contact.ref.remote_id], ["LastName"])
    assert fetched.deleted
    assert fetched.get("MasterRecordId") is None


def test_accounts_are_found_by_domain_and_by_name(connector: Connector) -> None:
    made = [
        create(connector, "Account", Name="O'Neil & 100% \\ Sons", Website="https://www.oneil.example/about"),
        create(connector, "Account", Name="o'neil & 100% \\ sons", Website="http://notoneil.example"),
    ]
    by_domain = connector.find("Account", "domain", ["ONEIL.example"], ["Name", "Website"])
    assert [record.ref for record in by_domain] == [made[0].ref]
    by_name = connector.find("Account", "name", ["O'NEIL & 100% \\ SONS"], ["Name"])
    assert {record.ref for record in by_name} == {each.ref for each in made}


def test_an_option_that_was_switched_off_is_refused_by_field(
    sandbox: RunningSandbox, connector: Connector
) -> None:
    off = {"object": "Contact", "field": "Apollo_Stage__c", "value": "Cold", "active": False}
    sandbox.control("POST", "/picklists", off)
    (outcome,) = connector.create("Contact", [Draft("d", {"LastName": "X", "Apollo_Stage__c": "Cold"})])
    sandbox.control("POST", "/picklists", {**off, "active": True})
    assert outcome.failure is not None
    assert outcome.failure.fields == ("Apollo_Stage__c",)
    assert outcome.failure.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
