"""Contact roles of deals: from Apollo to Salesforce, where what people set by hand stays."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncline.core.model import Kind
from syncline.store.models import Link
from tests.scenario.pair import Pair
from tests.scenario.test_deals import USERS, company, counterparts, in_apollo, in_salesforce, is_quiet

pytestmark = pytest.mark.proves("D2")

MAPS = (("contact_ids", "ContactRoles"), ("primary_contact_id", "PrimaryContact"))
NOT_SHOWN = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(
        tmp_path,
        f"sqlite:///{tmp_path}/store.sqlite3",
        options={"apollo": {"deal_hours": 0}},
        sync={"users": USERS},
    )
    with made:
        yield made


def contact(pair: Pair, name: str) -> str:
    """A contact of Apollo. One without a last name is not made in Salesforce, which requires it."""
    values = {"first_name": "Per", "last_name": name, "email": f"{name.lower() or 'late'}@acme.example"}
    return str(pair.put("apollo", "contacts", **values)["id"])


def people(pair: Pair) -> dict[str, str]:
    """The Salesforce record of each linked Apollo contact."""
    with pair.store():
        return dict(Link.objects.filter(kind=Kind.PERSON, ended_at=None).values_list("left_id", "right_id"))


def give(pair: Pair, deal: str, *contacts: str, primary: str | None = None) -> None:
    roles = [{"id": f"role-{c}", "contact_id": c, "is_primary": c == primary, "role": []} for c in contacts]
    pair.put("apollo", "opportunities", deal, opportunity_contact_roles=roles)


def roles(pair: Pair, opportunity: str) -> list[tuple[str, bool]]:
    """The contacts with a role in an opportunity, and whether they are the primary one."""
    rows = pair.records("salesforce", "OpportunityContactRole")
    mine = [r for r in rows if r["OpportunityId"] == opportunity and not r.get("IsDeleted")]
    return sorted((r["ContactId"], bool(r.get("IsPrimary"))) for r in mine)


def by_hand(pair: Pair, opportunity: str, contact_id: str, **values: Any) -> str:
    told = {"OpportunityId": opportunity, "ContactId": contact_id, **values}
    return str(pair.put("salesforce", "OpportunityContactRole", **told)["Id"])


def test_roles_come_with_the_contacts_they_name_and_those_set_by_hand_stay(pair: Pair) -> None:
    acme = {system: company(pair, system, "Acme") for system in pair.systems}
    ann, bob = contact(pair, "Ann"), contact(pair, "Bob")
    deal = in_apollo(pair, "Pilot", acme["apollo"])
    give(pair, deal, bob, ann, primary=ann)
    pair.run_until_quiet()
    made = counterparts(pair)[deal]
    twin = people(pair)
    assert roles(pair, made) == sorted([(twin[ann], True), (twin[bob], False)])
    assert is_quiet(pair)

    guest = str(pair.put("salesforce", "Contact", LastName="Guest", Email="guest@acme.example")["Id"])
    own = by_hand(pair, made, guest, Role="Evaluator")
    late = contact(pair, "")
    give(pair, deal, bob, ann, late, primary=ann)
    pair.run_until_quiet()
    assert roles(pair, made) == sorted([(twin[ann], True), (twin[bob], False), (guest, False)])
    told = pair.ask("explain", deal).output
    assert f"left out until they are linked with records it can refer to: {late}" in told

    pair.put("apollo", "contacts", late, last_name="Late")
    pair.run_until_quiet()
    after = people(pair)[late]
    assert roles(pair, made) == sorted(
        [(twin[ann], True), (twin[bob], False), (guest, False), (after, False)]
    )
    kept = next(r for r in pair.records("salesforce", "OpportunityContactRole") if r["Id"] == own)
    assert kept["Role"] == "Evaluator"
    assert is_quiet(pair)
    assert pair.ask("reconcile").document["in_agreement"]


def test_the_primary_contact_of_salesforce_stays_until_it_changes_in_apollo(pair: Pair) -> None:
    acme = {system: company(pair, system, "Acme") for system in pair.systems}
    ann, bob = contact(pair, "Ann"), contact(pair, "Bob")
    pair.run_until_quiet()
    twin = people(pair)
    known = in_salesforce(pair, "Renewal", acme["salesforce"])
    by_hand(pair, known, twin[bob], IsPrimary=True)
    deal = in_apollo(pair, "Renewal", acme["apollo"])
    give(pair, deal, ann, bob, primary=ann)
    pair.run_until_quiet()
    assert roles(pair, known) == sorted([(twin[ann], False), (twin[bob], True)])

    give(pair, deal, ann, bob, primary=bob)
    pair.run_until_quiet()
    give(pair, deal, ann, bob, primary=ann)
    pair.run_until_quiet()
    assert roles(pair, known) == sorted([(twin[ann], True), (twin[bob], False)])
    give(pair, deal)
    pair.run_until_quiet()
    assert roles(pair, known) == sorted([(twin[ann], True), (twin[bob], False)])
    assert is_quiet(pair)


def test_a_lead_has_no_role_until_it_is_a_contact(pair: Pair) -> None:
    acme = {system: company(pair, system, "Acme") for system in pair.systems}
    ann, nobody = contact(pair, "Ann"), "ffffffffffffffffffffffff"
    lead = pair.put("salesforce", "Lead", LastName="Ann", Company="Acme", Email="ann@acme.example")["Id"]
    deal = in_apollo(pair, "Pilot", acme["apollo"])
    give(pair, deal, ann, nobody, primary=ann)
    pair.run_until_quiet()
    assert people(pair) == {ann: lead}
    made = counterparts(pair)[deal]
    assert roles(pair, made) == []
    assert "to which it cannot refer" in pair.ask("explain", deal).output
    assert is_quiet(pair)

    wish = {"lead": lead, "account": acme["salesforce"]}
    became = pair.sandboxes["salesforce"].control("POST", "/convert", wish)["ConvertedContactId"]
    pair.run()  # moves the link, and writes nothing
    pair.run_until_quiet()
    assert people(pair) == {ann: became}
    assert roles(pair, made) == [(became, True)]
    assert is_quiet(pair)


def test_without_the_right_to_roles_a_run_tells_how_to_go_on_without_them(pair: Pair) -> None:
    acme = {system: company(pair, system, "Acme") for system in pair.systems}
    ann = contact(pair, "Ann")
    deal = in_apollo(pair, "Pilot", acme["apollo"])
    give(pair, deal, ann, primary=ann)
    path = "/services/data/v62.0/sobjects/OpportunityContactRole"
    pair.fault("salesforce", kind="status", status=404, body=NOT_SHOWN, path=path)
    tested = pair.ask("connection", "test", "salesforce")
    lacking = [(each["field"], each["lacks"]) for each in tested.document["fields"]]
    assert (tested.code, lacking) == (1, [("ContactRoles", "read"), ("PrimaryContact", "read")])
    refused = pair.ask("run", "--yes")
    assert (refused.code, refused.error["code"]) == (1, "config-field")
    assert "{left: contact_ids, right: ContactRoles, enabled: false}" in refused.error["cure"]

    off = [{"left": left, "right": right, "enabled": False} for left, right in MAPS]
    pairs = [{"left": "opportunity", "right": "Opportunity", "fields": off}]
    pair.sync = {"users": USERS, "kinds": {"deal": {"pairs": pairs}}}
    pair.write_settings()
    pair.run_until_quiet()
    made = counterparts(pair)[deal]
    assert roles(pair, made) == []
    assert is_quiet(pair)

    pair.heal()
    pair.sync = {"users": USERS}
    pair.write_settings()
    assert pair.ask("connection", "test", "salesforce").code == 0
    pair.run_until_quiet()
    assert roles(pair, made) == [(people(pair)[ann], True)]
    assert is_quiet(pair)
