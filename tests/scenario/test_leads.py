"""Qualified leads become accounts of Apollo, once, and no others do."""

from collections.abc import Iterator
from typing import Any

import pytest

from syncline.core.plan import ActionStatus
from syncline.store.models import Action
from tests.scenario.killer import Killer, Moment, When
from tests.scenario.leads import SETTLED, Leads, domain_of, lead_pair
from tests.scenario.pair import Pair

KEPT_OUT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("company", {"leadType": "contact"}),
    ("not archived", {"hide": True}),
    ("not a customer", {"relationship": "CUSTOMER"}),
    ("icp fit", {"icpFit": "ICP_NOT_FIT"}),
    ("icp fit", {"icpFit": "ICP_NOT_SET"}),
    ("stage", {"stage": "SOLUTION"}),
    ("stage", {"stage": "CUSTOMER"}),
    ("stage", {"stage": "NOT_A_FIT"}),
    ("stage", {"stage": "SOMEWHERE"}),
    ("stage", {"stage": None}),
    ("quarantine", {"quarantineStatus": "QUARANTINED"}),
    ("name", {"name": ""}),
    ("name", {"name": "\t\u00a0 "}),
    ("domain", {"primary_domain": None}),
    ("domain", {"primary_domain": "192.0.2.10"}),
    ("domain", {"primary_domain": "2001:db8::10"}),
    ("domain", {"primary_domain": "co.uk"}),
    ("domain", {"primary_domain": "linkedin.com"}),
    ("domain", {"primary_domain": "linkedin.com", "name": "Another one"}),
    ("owner", {"owner_id": None}),
)
"""Leads that fail one requirement each, and which."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two systems for all of these stories; no lead of one story is that of another."""
    with lead_pair(tmp_path_factory.mktemp("leads")) as pair:
        yield pair


@pytest.fixture
def leads(source: Pair, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Leads:
    return Leads.open(source, capsys, monkeypatch)


@pytest.mark.proves("Q1", "Q4", "S5")
def test_each_requirement_alone_keeps_a_lead_out_and_is_named(leads: Leads) -> None:
    stranger = leads.pair.put(
        "customeros", "users", firstName="Sam", lastName="Stranger", email="sam@example.net"
    )
    leaver = leads.pair.put(
        "customeros", "users", firstName="Former", lastName="Colleague", email="former.colleague@example.com"
    )
    owners = [("owner", {"owner_id": user["id"]}) for user in (stranger, leaver)]
    wanted = [(name, leads.find(**values)) for name, values in (*KEPT_OUT, *owners)]
    neighbours = [leads.find(), leads.find(primary_domain="bäckerei-eins.test")]
    leads.wait()
    before = leads.pair.records("apollo", "accounts")
    leads.run()
    for name, lead in wanted:
        story = leads.story(lead)
        refused = [each["name"] for each in story["criteria"] if not each["passed"]]
        assert (refused, story["right"]) == ([name], None), (lead, story)
        assert story["state"].startswith("not eligible: "), story
    made = leads.pair.records("apollo", "accounts")[len(before) :]
    assert {row["name"] for row in made} == {lead["name"] for lead in neighbours}
    assert leads.run() == {}


@pytest.mark.proves("Q1", "Q2")
def test_a_lead_goes_when_it_was_left_alone_for_five_minutes(leads: Leads) -> None:
    lead = leads.find()
    leads.wait(SETTLED - 1)
    assert leads.run() == {}
    assert "waits until" in leads.story(lead)["state"]
    assert leads.accounts(domain_of(lead)) == []
    leads.wait(1)
    assert leads.run() == {"apollo POST /api/v1/accounts/bulk_create": 1}
    made = leads.account(lead)
    assert (made["name"], made["owner_id"]) == (lead["name"], leads.sellers["Alex"])
    leads.pair.put("customeros", "organizations", lead["id"], name="Found again")
    leads.wait(SETTLED - 1)
    assert leads.run() == {}
    leads.wait(1)
    assert sum(leads.run().values()) == 1
    assert leads.account(lead)["name"] == "Found again"


@pytest.mark.proves("P1", "Q1")
def test_leads_are_looked_for_and_go_by_themselves(leads: Leads) -> None:
    leads.find()
    leads.wait()
    leads.run()
    lead, done = leads.find(), []
    for _ in range(4):
        leads.wait(600)
        said = leads.program.ask("tick")
        assert said.code == 0, said
        done += said.json["jobs"]
    assert {job["work"] for job in done} == {"run"}
    assert 2 <= len(done) <= 4
    assert leads.account(lead)["name"] == lead["name"]
    (part,) = (
        p for p in leads.program.ask("schedule", "show").json["schedule"]["parts"] if p["side"] == "left"
    )
    assert (part["connection"], part["kind"], part["missed"]) == ("customeros", "account", 0)


@pytest.mark.proves("Q1")
def test_a_lead_that_was_only_looked_at_again_causes_no_write(leads: Leads) -> None:
    lead = leads.find()
    leads.wait()
    leads.run()
    before = leads.account(lead)
    leads.pair.sandboxes["customeros"].control("POST", "/reevaluate", {"ids": [lead["id"]]})
    leads.wait()
    assert leads.run() == {}
    assert leads.account(lead) == before


@pytest.mark.proves("Q2", "Q3")
def test_an_account_that_was_there_is_linked_and_keeps_name_and_owner_until_the_lead_changes(
    leads: Leads,
) -> None:
    lead = leads.find()
    leads.pair.put("apollo", "accounts", name="Ours", domain=domain_of(lead), owner_id=leads.sellers["Robin"])
    leads.wait()
    assert leads.run() == {}
    story, kept = leads.story(lead), leads.account(lead)
    assert "both had the domain" in story["linked_by"], story
    assert (kept["name"], kept["owner_id"]) == ("Ours", leads.sellers["Robin"])
    leads.pair.put("customeros", "organizations", lead["id"], name="Theirs", owner_id=leads.finders["Robin"])
    leads.wait()
    leads.run()
    changed = leads.account(lead)
    assert (changed["name"], changed["owner_id"]) == ("Theirs", leads.sellers["Robin"])


@pytest.mark.proves("Q6")
def test_the_account_of_a_lead_that_stopped_qualifying_stays_and_follows(leads: Leads) -> None:
    lead = leads.find()
    leads.wait()
    leads.run()
    made = leads.account(lead)
    leads.pair.put("customeros", "organizations", lead["id"], icpFit="ICP_NOT_FIT", name="Renamed since")
    leads.wait()
    leads.run()
    kept = leads.account(lead)
    assert (kept["id"], kept["name"], kept["owner_id"]) == (made["id"], "Renamed since", made["owner_id"])
    assert leads.story(lead)["state"] == "in sync"


@pytest.mark.proves("Q3", "I2")
def test_two_leads_of_one_domain_in_one_batch_never_make_two_accounts(leads: Leads) -> None:
    known, new = "twice-known.test", "twice-new.test"
    leads.pair.put("apollo", "accounts", name="Twice", domain=known, owner_id=leads.sellers["Robin"])
    doubles = [leads.find(primary_domain=domain) for domain in (known, known, new, new)]
    neighbour = leads.find()
    leads.wait()
    leads.run()
    assert [len(leads.accounts(domain)) for domain in (known, new)] == [1, 0]
    for lead in doubles:
        [hold] = leads.story(lead)["holds"]
        assert "shares its match key" in hold
    assert leads.account(neighbour)
    assert leads.run() == {}


@pytest.mark.proves("Q3")
def test_killed_after_apollo_answered_the_account_is_linked_and_not_made_again(leads: Leads) -> None:
    lead = leads.find()
    leads.wait()
    rule = {"kind": "hang_after_commit", "method": "POST", "path": "/accounts/bulk_create$", "count": 1}
    killer = Killer(leads.pair)
    assert killer.strike(Moment(When.COMMITTED, "apollo", (rule,)))
    assert len(leads.accounts(domain_of(lead))) == 1
    leads.run()
    assert leads.run() == {}
    assert leads.story(lead)["right"] == f"account/{leads.account(lead)['id']}"
    with leads.pair.store():
        assert not Action.objects.filter(status__in=[ActionStatus.OPEN, ActionStatus.UNKNOWN]).exists()


@pytest.mark.proves("Q1", "Q5")
def test_users_who_share_an_address_are_named_and_nobody_is_guessed(leads: Leads) -> None:
    leads.pair.put("apollo", "users", first_name="Kim", last_name="Twin", email="kim.twin@example.com")
    twins = [
        leads.pair.put("customeros", "users", firstName="Kim", lastName=name, email="kim.twin@example.com")
        for name in ("Twin", "Twin again")
    ]
    theirs = [leads.find(owner_id=twin["id"]) for twin in twins]
    neighbour = leads.find(owner_id=leads.finders["Robin"])
    leads.wait()
    leads.run()
    assert leads.account(neighbour)["owner_id"] == leads.sellers["Robin"]
    for lead in theirs:
        assert "kim.twin@example.com" in leads.story(lead)["state"]
    groups = leads.program.ask("users", "list").json["ambiguous"]
    assert {user for group in groups for user in group["users"]} == {twin["id"] for twin in twins}


@pytest.mark.proves("Q4", "E3")
def test_a_very_long_name_goes_whole_and_stops_no_neighbour(leads: Leads) -> None:
    endless, neighbour = leads.find(name="endless " * 1_250), leads.find()
    leads.wait()
    leads.run()
    assert leads.account(neighbour)["name"] == neighbour["name"]
    assert leads.account(endless)["name"] == endless["name"].strip()
    assert leads.run() == {}


@pytest.mark.proves("Q4")
def test_errors_beside_the_data_end_the_run_and_nothing_is_made_of_the_half(leads: Leads) -> None:
    lead = leads.find()
    leads.wait()
    source = leads.pair.sandboxes["customeros"]
    source.control("POST", "/errors", {"field": "domainsDetails", "message": "no domains now"})
    before = leads.pair.requests()
    failed = leads.try_run()
    source.control("POST", "/errors", {"clear": True})
    assert failed.error["code"] == "protocol", failed
    assert leads.pair.requests()["apollo"].get("POST /api/v1/accounts/bulk_create") == before["apollo"].get(
        "POST /api/v1/accounts/bulk_create"
    )
    leads.run()
    assert leads.account(lead)


@pytest.mark.proves("Q1", "C3")
def test_a_source_that_does_not_tell_the_fit_is_refused_before_anything_is_written(leads: Leads) -> None:
    source = leads.pair.sandboxes["customeros"]
    source.control("POST", "/schema", {"without": ["icpFit"]})
    said = leads.try_run()
    source.control("POST", "/schema", {"without": []})
    assert "icp_fit" in said.error["message"], said
    assert leads.run() == {}
