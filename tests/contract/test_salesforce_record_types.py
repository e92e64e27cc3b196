"""What the Salesforce connector tells of record types, and what it costs to ask, against the sandbox."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from syncline.connectors import registry
from syncline.connectors.base import Connector, Draft
from syncline.connectors.clock import SystemClock
from syncline.connectors.oauth import MemoryTokenStore
from syncline.core.barred import barred
from syncline.core.model import OutcomeStatus
from syncline.testing.sandboxes import RunningSandbox, start_sandbox

pytestmark = pytest.mark.proves("M5")
ASKED = "GET /ui-api/object-info/{object}/picklist-values/{recordType}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("salesforce") as running:
        yield running


@pytest.fixture
def connector(sandbox: RunningSandbox) -> Iterator[Connector]:
    told = sandbox.credentials
    credentials = {name: told[name] for name in ("client_id", "client_secret")}
    settings = {"system": "salesforce", "base_url": sandbox.base_url, "credentials": credentials}
    connector = registry.connect(settings, SystemClock(), MemoryTokenStore())
    yield connector
    connector.close()


def test_one_call_a_record_type_tells_what_each_leaves(connector: Connector) -> None:
    kinds = connector.describe("Account").record_types
    assert kinds is not None
    small = next(key for key, name in kinds.names.items() if name == "Small Business")
    assert kinds.names[kinds.default or ""] == "Enterprise"
    assert not kinds.options, "describing alone asks nothing more"
    left = connector.options_by_record_type("Account")
    assert left[small]["Segment__c"] == {"SMB", "Mid-Market"}
    connector.options_by_record_type("Account")
    assert connector.calls_made()[ASKED] == len(kinds.names) == 2


def test_an_object_without_record_types_costs_no_call(connector: Connector) -> None:
    assert connector.describe("Contact").record_types is None
    assert connector.options_by_record_type("Contact") == {}
    assert ASKED not in connector.calls_made()


def test_what_is_not_barred_is_accepted_and_what_is_barred_is_refused(connector: Connector) -> None:
    schema = connector.describe("Account")
    kinds, left = schema.record_types, connector.options_by_record_type("Account")
    assert kinds is not None
    judged = replace(schema, record_types=replace(kinds, options=left))
    for key in kinds.names:
        for option in schema.fields["Segment__c"].options:
            values = {"Name": "Acme", "RecordTypeId": key, "Segment__c": option.value}
            (outcome,) = connector.create("Account", [Draft("d", values)])
            refused = barred(judged, "Segment__c", option.value, key) is not None
            assert (outcome.status is OutcomeStatus.REJECTED) == refused, (kinds.names[key], option)


def test_a_record_type_that_is_not_in_force_is_not_asked_about(
    sandbox: RunningSandbox, connector: Connector
) -> None:
    told = {"object": "Lead", "developer_name": "Old_Lead", "active": False}
    sandbox.control("POST", "/record_types", told)
    assert connector.describe("Lead").record_types is None
