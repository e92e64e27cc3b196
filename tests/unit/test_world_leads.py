from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from syncline.sandbox.clock import Clock
from syncline.sandbox.customeros.app import build
from syncline.sandbox.dataset.leads import FLAWS, Lead
from syncline.sandbox.state import State
from syncline.sandbox.system import SystemApp
from syncline.sandbox.world import World, build_world

LATE = {"EVALUATION", "READY_TO_BUY", "OPPORTUNITY"}


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(4000, seed=1)


@pytest.fixture(scope="module")
def leads(world: World) -> list[Lead]:
    return world.leads()


@pytest.fixture(scope="module")
def filled(world: World) -> Iterator[SystemApp]:
    state = State(":memory:")
    app = build(state, Clock(state), 1)
    with state.transaction():
        app.seed(world)
    yield app
    state.close()


def test_the_demo_has_fifteen_hundred_leads_the_same_each_time(world: World, leads: list[Lead]) -> None:
    assert len(leads) == 1500
    assert len({lead.key for lead in leads}) == 1500
    assert world.leads() == leads
    assert build_world(80, seed=7).leads() != build_world(80, seed=8).leads()


def test_each_flaw_keeps_some_leads_out_alone_and_most_have_none(leads: list[Lead]) -> None:
    alone = Counter(lead.flaws[0] for lead in leads if len(lead.flaws) == 1)
    assert alone.keys() == set(FLAWS)
    assert min(alone.values()) >= 3
    assert sum(not lead.flaws for lead in leads) > 750
    assert any(len(lead.flaws) == 2 for lead in leads)


def test_a_lead_without_flaws_is_sound_and_one_with_a_flaw_shows_it(world: World, leads: list[Lead]) -> None:
    owners = {user.key for user in world.users if user.in_apollo and user.active_in_salesforce}
    checks: dict[str, Callable[[Lead], bool]] = {
        "not_a_company": lambda lead: not lead.is_company,
        "customer": lambda lead: lead.relationship == "CUSTOMER",
        "no_fit": lambda lead: lead.fit == "ICP_NOT_FIT",
        "fit_unknown": lambda lead: lead.fit == "ICP_NOT_SET",
        "no_stage": lambda lead: lead.stage is None,
        "quarantined": lambda lead: lead.quarantined,
        "no_name": lambda lead: not lead.name.strip(),
        "name_very_long": lambda lead: len(lead.name) == 10_000,
        "no_domain": lambda lead: lead.domain is None,
        "no_owner": lambda lead: lead.owner is None,
        "changed_just_now": lambda lead: lead.minutes_ago < 5,
        "archived": lambda lead: lead.archived,
    }
    for lead in leads:
        assert {name for name, shows in checks.items() if shows(lead)} == set(lead.flaws) & checks.keys()
        late = lead.stage in LATE
        early = {"early_stage", "no_stage", "customer_stage", "stage_not_a_fit"} & set(lead.flaws)
        assert late != bool(early)
        if not {"no_owner", "owner_unknown_elsewhere", "owner_shares_an_address"} & set(lead.flaws):
            assert lead.owner in owners


def test_some_leads_are_companies_of_the_world_and_some_share_a_domain(
    world: World, leads: list[Lead]
) -> None:
    in_apollo = {view.company_key for view in world.company_records("apollo") if view.domain}
    domains = Counter(lead.domain for lead in leads if not lead.flaws)
    assert len(in_apollo) > 400
    known = [lead for lead in leads if lead.domain and "-l" not in lead.domain]
    assert 350 < len(known) < 550
    assert sum(count == 2 for count in domains.values()) >= 5


def test_the_sandbox_shows_each_lead_and_users_that_owners_stumble_over(
    world: World, leads: list[Lead], filled: SystemApp
) -> None:
    shown = filled.records.all("organizations")
    users = {user["id"]: user["emails"][0]["email"] for user in filled.records.all("users")}
    addresses = {user.key: user.email for user in world.users}
    for lead, doc in zip(leads, shown, strict=True):
        assert (doc["name"], doc["stage"], doc["icpFit"]) == (lead.name, lead.stage, lead.fit)
        assert [each["domain"] for each in doc["domains"]] == ([lead.domain] if lead.domain else [])
        assert users.get(doc["owner_id"]) == addresses.get((lead.owner or "").removesuffix("-b"))
        assert (doc["hide"], doc["leadType"] == "company") == (lead.archived, lead.is_company)
    assert Counter(Counter(users.values()).values()) == {1: 14, 2: 1}
    marks = [
        mark for user in filled.records.all("users") for mark in ("bot", "internal", "test") if user[mark]
    ]
    assert marks == ["bot", "internal", "test"]
    assert len({doc["owner_id"] for doc in shown if users.get(doc["owner_id"]) == addresses["user-09"]}) == 2
