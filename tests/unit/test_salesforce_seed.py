"""The org a world is turned into."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.schema import OBJECTS
from syncline.sandbox.salesforce.seed import seed_org
from syncline.sandbox.state import State
from syncline.sandbox.world import World, build_world


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(600, seed=7)


@pytest.fixture(scope="module")
def org(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    state = State(str(tmp_path_factory.mktemp("org") / "state.sqlite3"))
    made = Org.open(state, Clock(state))
    with state.transaction():
        seed_org(made, world, 7)
    yield made
    state.close()


def test_every_record_of_the_world_is_there(org: Org, world: World) -> None:
    people = list(world.person_records("salesforce"))
    assert len(org.tables.scan("Lead")) == sum(person.as_lead for person in people)
    assert len(org.tables.scan("Contact")) == sum(not person.as_lead for person in people)
    assert len(org.tables.scan("Account")) == len(list(world.company_records("salesforce")))
    assert len(org.tables.scan("User")) == sum(user.in_salesforce for user in world.users) + 2


def test_records_fit_the_schema(org: Org) -> None:
    for object_ in OBJECTS.values():
        for record in org.tables.scan(object_.name):
            assert set(record) <= {field.name for field in object_.fields}
            for field in object_.fields:
                value = record.get(field.name)
                if isinstance(value, str) and field.length:
                    assert len(value) <= field.length, (object_.name, field.name, value)
                if field.restricted and value is not None:
                    assert value in {option.value for option in field.options}, (field.name, value)
                if field.required:
                    assert value is not None, (object_.name, field.name)


def test_references_lead_to_records(org: Org) -> None:
    for contact in org.tables.scan("Contact"):
        assert org.tables.fetch("User", contact["OwnerId"]) is not None
        if "AccountId" in contact:
            assert org.tables.fetch("Account", contact["AccountId"]) is not None
    assert any("AccountId" in contact for contact in org.tables.scan("Contact"))


def test_addresses_are_in_lower_case_and_some_occur_twice(org: Org) -> None:
    emails = [record["Email"] for record in org.tables.scan("Contact") if "Email" in record]
    assert all(email == email.lower() for email in emails)
    assert max(Counter(emails).values()) > 1


def test_some_owners_are_inactive_and_many_stamps_are_equal(org: Org) -> None:
    inactive = {user["Id"] for user in org.tables.scan("User") if not user["IsActive"]}
    assert any(contact["OwnerId"] in inactive for contact in org.tables.scan("Contact"))
    stamps = Counter(contact["SystemModstamp"] for contact in org.tables.scan("Contact"))
    assert stamps.most_common(1)[0][1] > 10
    assert all(each["CreatedDate"] <= each["SystemModstamp"] for each in org.tables.scan("Lead"))


def test_an_empty_org_has_its_users_and_record_types_only(tmp_path: Path) -> None:
    state = State(str(tmp_path / "state.sqlite3"))
    try:
        org = Org.open(state, Clock(state))
        seed_org(org, None, 1)
        assert [len(org.tables.scan(name)) for name in ("Account", "Contact", "Lead")] == [0, 0, 0]
        assert len(org.tables.scan("User")) == 2
        assert {each["DeveloperName"] for each in org.tables.scan("RecordType")} == {
            "Enterprise",
            "Small_Business",
        }
        assert org.tables.fetch("Organization", org.id) is not None
    finally:
        state.close()


def test_deals_of_the_world_are_there_with_what_their_stage_brings(org: Org, world: World) -> None:
    deals = org.tables.scan("Opportunity")
    assert len(deals) == len(list(world.deal_records("salesforce"))) > 0
    assert {each["IsClosed"] for each in deals} == {True, False}
    assert all(org.tables.fetch("Account", each["AccountId"]) for each in deals)
    assert all(each["IsWon"] == (each["StageName"] == "Closed Won") for each in deals)
