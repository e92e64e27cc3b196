"""Record types as Salesforce tells of them, or does not, or tells nonsense."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.scripted_org import CONTACT, ScriptedOrg, connected, described, refused, scripted_org
from tests.unit.scripted_server import Answer, Request

pytestmark = pytest.mark.proves("M5")

PARTNER = "012000000000001AAA"
MASTER = {"recordTypeId": "012000000000000AAA", "master": True, "active": True, "name": "Master"}
LISTED = {"recordTypeId": PARTNER[:15], "master": False, "active": True, "name": "Partner"}


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with scripted_org() as opened:
        yield opened


def tell(org: ScriptedOrg, infos: Any, values: Answer) -> None:
    """Let the organisation describe contacts with these record types, and answer so for their options."""
    fields = [*CONTACT, described("RecordTypeId", "reference", referenceTo=["RecordType"])]

    def answer(request: Request) -> Answer | None:
        if request.path.endswith("/describe"):
            return Answer(body={"fields": fields, "recordTypeInfos": infos})
        return values if "/ui-api/" in request.path else None

    org.override = answer


def values_of(*values: Any) -> Answer:
    return Answer(
        body={"picklistFieldValues": {"Stage__c": {"values": [{"value": each} for each in values]}}}
    )


def test_the_options_of_a_record_type_are_told_by_its_whole_id(org: ScriptedOrg) -> None:
    tell(org, [LISTED, MASTER], values_of("New", "Open"))
    with connected(org) as connector:
        assert connector.options_by_record_type("Contact") == {PARTNER: {"Stage__c": {"New", "Open"}}}
    (asked,) = org.asked("GET", "/ui-api")
    assert asked.path.endswith(f"/ui-api/object-info/Contact/picklist-values/{PARTNER}")


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_may_not_be_asked_is_not_known(org: ScriptedOrg, status: int) -> None:
    tell(org, [LISTED, MASTER], refused(status, "INSUFFICIENT_ACCESS"))
    with connected(org) as connector:
        assert connector.options_by_record_type("Contact") == {}
        assert connector.options_by_record_type("Contact") == {}
    assert len(org.asked("GET", "/ui-api")) == 1


NONSENSE: list[Any] = [
    [],
    None,
    {"picklistFieldValues": None},
    {"picklistFieldValues": {"Stage__c": None}},
    {"picklistFieldValues": {"Stage__c": {"values": "New"}}},
]


@pytest.mark.parametrize("body", NONSENSE)
def test_an_answer_without_options_limits_nothing(org: ScriptedOrg, body: Any) -> None:
    tell(org, [LISTED], Answer(body=body))
    with connected(org) as connector:
        assert connector.options_by_record_type("Contact") == {PARTNER: {}}


def test_options_of_no_text_are_left_out(org: ScriptedOrg) -> None:
    tell(org, [LISTED], values_of("New", None, 7))
    with connected(org) as connector:
        assert connector.options_by_record_type("Contact")[PARTNER]["Stage__c"] == {"New"}


@pytest.mark.parametrize(
    "infos", [None, "x", [], [None, "x"], [MASTER], [{"recordTypeId": "../x"}], [{**LISTED, "active": False}]]
)
def test_without_record_types_in_force_there_are_none(org: ScriptedOrg, infos: Any) -> None:
    tell(org, infos, values_of("New"))
    with connected(org) as connector:
        assert connector.describe("Contact").record_types is None
        assert connector.options_by_record_type("Contact") == {}
    assert not org.asked("GET", "/ui-api")
