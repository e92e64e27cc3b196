"""The preset for Apollo and Salesforce follows the ownership policy and uses standard fields only."""

import re

import pytest

from syncline.config import SyncSettings, parse, preset, preset_names, resolved
from syncline.connectors.apollo.objects import OBJECT_TYPES
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.model import Kind, Side
from syncline.core.policy import Direction, OnConflict, OnDrift, OnFirstContact, WriteRule

# The fields the policy gives to each system, by their names in Salesforce.
CRM_OWNS = {"OwnerId", "Status"}
APOLLO_OWNS = {
    "Email", "Title", "Name", "Company", "Website", "Phone", "MobilePhone", "HomePhone", "OtherPhone", "Industry",
    "NumberOfEmployees", "AnnualRevenue", "AccountId",
}  # fmt: skip
SHARED = {"FirstName", "LastName"}


def _settings() -> SyncSettings:
    text = """version: 1
connections: {apollo: {system: apollo}, crm: {system: salesforce}}
syncs: {main: {left: apollo, right: crm, preset: apollo-salesforce}}
"""
    return resolved(parse(text), "main")


SETTINGS = _settings()
PAIRS = [pair for kind in SETTINGS.kinds for pair in kind.pairs]
MAPS = [(pair, mapped) for pair in PAIRS for mapped in pair.fields]


def _names(maps: list[tuple[ObjectPair, FieldMap]]) -> set[str]:
    return {mapped.right for _, mapped in maps}


def test_each_preset_says_what_it_is_for() -> None:
    assert preset_names() == ("apollo-salesforce", "customeros-apollo", "files-apollo")
    assert all(preset(name).title for name in preset_names())
    made = preset("apollo-salesforce")
    assert (made.left, made.right) == ("apollo", "salesforce")


@pytest.mark.proves("M1")
def test_accounts_contacts_leads_and_deals_are_mapped() -> None:
    assert [(p.left, p.right) for p in PAIRS] == [
        ("account", "Account"),
        ("contact", "Contact"),
        ("contact", "Lead"),
        ("opportunity", "Opportunity"),
    ]
    assert [len(p.active) for p in PAIRS] == [12, 13, 12, 10]
    assert all(mapped.enabled for _, mapped in MAPS)


@pytest.mark.proves("M3")
def test_the_crm_owns_the_sales_process_and_it_flows_to_apollo() -> None:
    owned = [(p, m) for p, m in MAPS if m.owner == "right" and p.right != "Opportunity"]
    assert _names(owned) == CRM_OWNS
    assert {m.direction for _, m in owned} == {Direction.TO_LEFT}


@pytest.mark.proves("D1", "D2")
def test_deals_go_both_ways_and_salesforce_is_right() -> None:
    deals = [m for p, m in MAPS if p.right == "Opportunity" and m.right != "ContactRoles"]
    assert {m.owner for m in deals} == {"right"}
    assert {m.conflict_policy for m in deals} == {OnConflict.RIGHT}
    assert {m.right for m in deals if m.direction is Direction.TO_LEFT} == {"OwnerId"}


@pytest.mark.proves("D2")
def test_contact_roles_go_to_the_crm_only_and_what_a_person_took_out_there_stays_out() -> None:
    roles = [m for _, m in MAPS if m.right in ("ContactRoles", "PrimaryContact")]
    assert {(m.left, m.direction, m.drift) for m in roles} == {
        ("contact_ids", Direction.TO_RIGHT, OnDrift.KEEP),
        ("primary_contact_id", Direction.TO_RIGHT, OnDrift.KEEP),
    }


@pytest.mark.proves("M3")
def test_apollo_owns_what_it_researches() -> None:
    owning = [(p, m) for p, m in MAPS if m.owner == "left" and p.right != "Opportunity"]
    owned = [(p, m) for p, m in owning if m.rule is WriteRule.OVERWRITE]
    assert _names(owned) == APOLLO_OWNS
    assert {m.conflict_policy for _, m in owned} == {OnConflict.LEFT}


@pytest.mark.proves("M3")
def test_first_and_last_names_are_shared_and_the_last_change_wins() -> None:
    shared = [(p, m) for p, m in MAPS if m.owner is None]
    assert _names(shared) == SHARED
    assert {(m.direction, m.conflict_policy) for _, m in shared} == {(Direction.BOTH, OnConflict.LATEST)}
    assert {m.first_contact_policy for _, m in shared} == {OnFirstContact.KEEP}


def test_addresses_only_fill_blanks_of_the_crm() -> None:
    filled = [m for _, m in MAPS if m.rule is WriteRule.FILL]
    assert {m.direction for m in filled} == {Direction.TO_RIGHT}
    assert all(
        re.fullmatch(r"(Billing|Mailing)?(Street|City|State|PostalCode|Country)", m.right) for m in filled
    )


@pytest.mark.proves("U10")
def test_a_new_record_gets_its_owner_once_and_the_crm_owns_it_from_then_on() -> None:
    owners = [m for _, m in MAPS if m.right == "OwnerId"]
    assert len(owners) == len(PAIRS)
    assert all(m.on_create and m.direction is Direction.TO_LEFT for m in owners)


def test_no_custom_field_is_needed() -> None:
    assert not [m.key for _, m in MAPS if m.right.endswith("__c") or m.left.startswith("custom.")]


def test_every_left_field_is_one_of_apollo() -> None:
    fields = {name: {f.name for f in each.fields} for name, each in OBJECT_TYPES.items()}
    assert not [m.key for p, m in MAPS if m.left not in fields[p.left]]


def test_companies_match_by_domain_and_people_by_address_the_contact_first() -> None:
    account, person = SETTINGS.kind(Kind.ACCOUNT), SETTINGS.kind(Kind.PERSON)
    assert account is not None
    assert person is not None
    assert (account.match.keys, person.match.keys) == (("domain",), ("email",))
    assert person.match.preferred(Side.RIGHT) == ("Contact", "Lead")


def test_records_are_created_on_both_sides_and_new_people_become_contacts() -> None:
    assert all(kind.create_rule(side).enabled for kind in SETTINGS.kinds for side in Side)
    person = SETTINGS.kind(Kind.PERSON)
    assert person is not None
    chosen = {
        side: person.pair_for_create(side.other, t) for side in Side for t in person.object_types(side.other)
    }
    assert {side: pair.on(side) for side, pair in chosen.items() if pair} == {
        Side.LEFT: "contact",
        Side.RIGHT: "Contact",
    }


def test_each_standard_lead_status_means_one_stage() -> None:
    stage = next(m for _, m in MAPS if m.right == "Status")
    assert set(stage.options.values()) == {
        "Open - Not Contacted",
        "Working - Contacted",
        "Closed - Converted",
        "Closed - Not Converted",
    }
    assert len(stage.options) == 4
