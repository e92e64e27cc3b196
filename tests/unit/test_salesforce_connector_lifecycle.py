"""Merged, converted and deleted records are told apart by what their rows show, and records can be deleted."""

from collections.abc import Iterator
from typing import Any

import pytest

from syncline.connectors.base import Change
from syncline.connectors.salesforce.connector import SalesforceConnector
from syncline.connectors.salesforce.records import read_record
from syncline.core.errors import AuthError, QuotaError, UnavailableError
from syncline.core.model import Ending, ErrorClass, Fate, OutcomeStatus, Ref
from tests.unit.scripted_org import ScriptedOrg, connected, contact_id, refused, row, scripted_org
from tests.unit.scripted_server import HTML, Answer
from tests.unit.test_salesforce_connector_writing import WRITES, done, row_error

ACCOUNT, OPPORTUNITY = "001000000000007AAA", "006000000000007AAA"


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with scripted_org() as running:
        yield running


@pytest.fixture
def connector(org: ScriptedOrg) -> Iterator[SalesforceConnector]:
    with connected(org) as made:
        made.describe("Contact")
        yield made


def lead(**values: Any) -> dict[str, Any]:
    return {**row(1), "Id": "00Q000000000001AAA", "IsConverted": True, **values}


@pytest.mark.proves("L2", "L5")
def test_a_loser_names_its_survivor() -> None:
    record = read_record("Contact", row(1, IsDeleted=True, MasterRecordId=contact_id(2)[:15]))
    assert record.deleted
    assert record.fate == Fate(Ending.MERGED, (Ref("Contact", contact_id(2)),))


@pytest.mark.proves("L5")
@pytest.mark.parametrize("shown", [{}, {"MasterRecordId": None}])
def test_a_plain_deletion_has_no_fate(shown: dict[str, Any]) -> None:
    record = read_record("Contact", row(1, IsDeleted=True, **shown))
    assert (record.deleted, record.fate) == (True, None)


@pytest.mark.proves("L4", "L5")
def test_a_restored_record_is_one_of_its_own_whatever_it_was_merged_into() -> None:
    record = read_record("Contact", row(1, IsDeleted=False, MasterRecordId=contact_id(2)))
    assert (record.deleted, record.fate) == (False, None)


@pytest.mark.parametrize("master", ["nonsense", 5, ["003"], {"Id": contact_id(2)}])
def test_a_merge_into_nobody_knows_what_is_a_merge_and_no_plain_deletion(master: object) -> None:
    record = read_record("Contact", row(1, IsDeleted=True, MasterRecordId=master))
    assert (record.deleted, record.fate) == (True, Fate(Ending.MERGED, ()))


@pytest.mark.proves("L3", "L5")
def test_a_converted_lead_names_what_it_became() -> None:
    became = {
        "ConvertedAccountId": ACCOUNT,
        "ConvertedContactId": contact_id(7),
        "ConvertedOpportunityId": OPPORTUNITY,
    }
    record = read_record("Lead", lead(**became))
    refs = (Ref("Contact", contact_id(7)), Ref("Account", ACCOUNT), Ref("Opportunity", OPPORTUNITY))
    assert (record.deleted, record.fate) == (True, Fate(Ending.CONVERTED, refs))


@pytest.mark.proves("L3")
def test_a_conversion_whose_contact_is_not_named_is_told_all_the_same() -> None:
    record = read_record("Lead", lead(ConvertedAccountId=ACCOUNT, ConvertedContactId=None))
    assert record.fate == Fate(Ending.CONVERTED, (Ref("Account", ACCOUNT),))


def test_a_lead_that_is_not_converted_lives() -> None:
    record = read_record("Lead", lead(IsConverted=False, ConvertedContactId=contact_id(7)))
    assert (record.deleted, record.fate) == (False, None)


@pytest.mark.proves("L5")
def test_a_fetch_by_ids_shows_the_losers_of_merges_too(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    org.living = {contact_id(1): row(1)}
    org.queries = [Answer(body={"totalSize": 1, "done": True, "records": [_loser(2, into=1)]})]
    living, loser = connector.fetch("Contact", [contact_id(1), contact_id(2)], ["Title"])
    assert (living.deleted, loser.deleted) == (False, True)
    assert loser.fate == Fate(Ending.MERGED, (Ref("Contact", contact_id(1)),))
    assert len(org.asked("GET", "/queryAll")) == 1
    assert "MasterRecordId" in org.soql[-1]


def _loser(number: int, *, into: int) -> dict[str, Any]:
    return row(number, IsDeleted=True, MasterRecordId=contact_id(into))


def test_a_search_finds_no_converted_lead(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    converted = {**row(1), "IsConverted": True}
    org.queries = [Answer(body={"totalSize": 2, "done": True, "records": [converted, row(2)]})]
    found = connector.find("Contact", "email", ["ada@example.test"], ["Email"])
    assert [record.ref.remote_id for record in found] == [contact_id(2)]


@pytest.mark.proves("L3")
def test_a_change_of_a_converted_lead_is_refused_as_gone(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    org.writes = [Answer(body=[row_error("CANNOT_UPDATE_CONVERTED_LEAD")])]
    (outcome,) = connector.update("Contact", [Change(contact_id(1), {"Title": "new"})])
    assert outcome.failure is not None
    assert outcome.failure.error_class is ErrorClass.GONE


@pytest.mark.proves("L1")
def test_deletes_go_by_two_hundred_and_answer_each_for_itself(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    outcomes = connector.delete("Contact", [contact_id(n) for n in range(401)])
    calls = org.asked("DELETE", WRITES)
    assert [len(dict(call.query)["ids"].split(",")) for call in calls] == [200, 200, 1]
    assert {dict(call.query)["allOrNone"] for call in calls} == {"false"}
    assert {outcome.status for outcome in outcomes} == {OutcomeStatus.APPLIED}
    assert all(outcome.record and outcome.record.deleted for outcome in outcomes)


@pytest.mark.proves("E3", "L1")
def test_a_refused_delete_spoils_no_other(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    told = [done(0), row_error("DELETE_FAILED"), row_error("INSUFFICIENT_ACCESS_OR_READONLY")]
    org.writes = [Answer(body=[*told, row_error("INVALID_CROSS_REFERENCE_KEY")])]
    outcomes = connector.delete("Contact", [contact_id(n) for n in range(4)])
    classes = [outcome.failure.error_class if outcome.failure else None for outcome in outcomes]
    assert classes == [None, ErrorClass.VALIDATION, ErrorClass.PERMISSION, ErrorClass.GONE]


def test_what_is_deleted_already_counts_as_deleted(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    org.writes = [Answer(body=[row_error("ENTITY_IS_DELETED")])]
    (outcome,) = connector.delete("Contact", [contact_id(1)])
    assert (outcome.status, outcome.failure) == (OutcomeStatus.APPLIED, None)


def test_what_is_no_id_is_not_sent_and_one_id_goes_once(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    bad, first, again = connector.delete("Contact", ["x,y", contact_id(1), contact_id(1)[:15]])
    assert bad.failure is not None
    assert bad.failure.code == "MALFORMED_ID"
    assert first.status is again.status is OutcomeStatus.APPLIED
    (call,) = org.asked("DELETE", WRITES)
    assert dict(call.query)["ids"] == contact_id(1)
    assert connector.delete("Contact", []) == []


@pytest.mark.parametrize("answer", [HTML, Answer(body=[]), Answer(body={"id": 1}), Answer(body=["x"])])
def test_an_answer_without_sense_leaves_the_delete_unknown(
    org: ScriptedOrg, connector: SalesforceConnector, answer: Answer
) -> None:
    org.writes = [answer] * 2
    (outcome,) = connector.delete("Contact", [contact_id(1)])
    assert outcome.status is OutcomeStatus.UNKNOWN


def test_a_delete_without_an_answer_is_unknown_and_what_follows_was_not_sent(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    lost = Answer(500, body=[{"errorCode": "INTERNAL", "message": "no"}])
    org.override = lambda request: lost if request.method == "DELETE" else None
    outcomes = connector.delete("Contact", [contact_id(n) for n in range(201)])
    assert {outcome.status for outcome in outcomes[:200]} == {OutcomeStatus.UNKNOWN}
    assert outcomes[200].failure is not None
    assert outcomes[200].failure.error_class is ErrorClass.TRANSIENT


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), QuotaError),
        (refused(401, "INVALID_SESSION_ID"), AuthError),
        (refused(400, "SERVER_UNAVAILABLE"), UnavailableError),
    ],
)
def test_what_stops_the_connection_is_raised_before_anything_is_deleted(
    org: ScriptedOrg, connector: SalesforceConnector, answer: Answer, error: type[Exception]
) -> None:
    org.override = lambda request: answer if request.method == "DELETE" else None
    with pytest.raises(error):
        connector.delete("Contact", [contact_id(1)])


def test_users_are_not_deleted(connector: SalesforceConnector) -> None:
    with pytest.raises(TypeError, match="cannot delete User"):
        connector.delete("User", ["005000000000001AAA"])
    assert not connector.capabilities("User").deletes
    assert connector.capabilities("Contact").deletes
