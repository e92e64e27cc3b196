"""Stages map by name; what is missing or barred waits with its list, and goes on by itself once it is there."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenario.pair import Pair

STAGE = {"left": "contact_stage_id", "right": "Apollo_Stage__c", "direction": "to_right", "owner": "left"}
SEGMENT = {"left": "account_stage_id", "right": "Segment__c", "direction": "to_right", "owner": "left"}
SYNC = {
    "kinds": {
        "account": {
            "pairs": [{"left": "account", "right": "Account", "fields": [{**SEGMENT, "automap": True}]}],
        },
        "person": {
            "pairs": [{"left": "contact", "right": "Contact", "fields": [{**STAGE, "automap": True}]}],
        },
    }
}
FIELD = "contact_stage_id=Apollo_Stage__c"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("stages")
    with Pair(folder, f"sqlite:///{folder}/store.sqlite3", sync=SYNC) as opened:
        yield opened


def admin(pair: Pair, route: str, **wish: Any) -> None:
    """What an administrator of the Salesforce organisation does."""
    pair.sandboxes["salesforce"].control("POST", route, wish)


def offer(pair: Pair, value: str, *, active: bool = True) -> None:
    admin(pair, "/picklists", object="Contact", field="Apollo_Stage__c", value=value, active=active)


def stage(pair: Pair, name: str, of: str = "contact") -> str:
    """The id of an Apollo stage, which is made when there is none of that name."""
    known = {row["name"]: str(row["id"]) for row in pair.records("apollo", f"{of}_stages")}
    told: dict[str, Any] = {"name": name, "display_name": name, "display_order": len(known)}
    return known.get(name) or str(pair.put("apollo", f"{of}_stages", **told)["id"])


def hire(pair: Pair, name: str, in_stage: str) -> dict[str, Any]:
    email = f"{name.lower()}@{name.lower()}.test"
    values = {"first_name": "Ada", "last_name": name, "email": email}
    return pair.put("apollo", "contacts", **values, contact_stage_id=stage(pair, in_stage))


def contact(pair: Pair, name: str) -> dict[str, Any]:
    (found,) = (row for row in pair.records("salesforce", "Contact") if row["LastName"] == name)
    return found


def holds(pair: Pair) -> list[dict[str, Any]]:
    """What waits for an option; nobody owns anything on both sides here, and that waits too."""
    return [hold for hold in pair.ask("holds", "list").document["holds"] if hold["code"] == "option"]


@pytest.mark.proves("M4", "M5")
def test_a_missing_stage_waits_with_the_allowed_ones_and_flows_once_it_is_created(pair: Pair) -> None:
    hire(pair, "Coldman", "Cold")
    hire(pair, "Renewer", "Renewal")
    (shown,) = pair.ask("stages", "automap", "crm", "--kind", "person").document["maps"][:1]
    states = {s["option"]["label"]: s["state"] for s in shown["options"] if s["connection"] == "apollo"}
    assert (states["Cold"], states["Renewal"]) == ("mapped by name", "missing on the other side")
    assert shown["to_create"] == {"apollo": [], "salesforce": ["Renewal"]}
    (line,) = (line for line in pair.ask("config", "check").document["stages"] if "Contact" in line)
    assert "9 by name; missing in salesforce: Renewal" in line
    assert line in pair.ask("plan").document["stages"], "the first plan says it too"

    pair.run()
    assert contact(pair, "Coldman")["Apollo_Stage__c"] == "Cold"
    assert contact(pair, "Renewer").get("Apollo_Stage__c") is None, "the rest of the record was made"
    (held,) = holds(pair)
    assert held["field"] == FIELD
    assert "'Renewal'" in held["reason"]
    assert {"Cold", "Replied"} <= set(held["concerned"]), "it lists what is allowed"
    offer(pair, "Renewal")
    pair.run()
    assert contact(pair, "Renewer")["Apollo_Stage__c"] == "Renewal"
    assert holds(pair) == []
    assert pair.ask("plan").document["stages"] == [], "only the first plan"
    pair.run_until_quiet()


@pytest.mark.proves("M5")
def test_a_value_that_the_record_type_does_not_take_waits_with_those_it_takes(pair: Pair) -> None:
    kinds = {row["DeveloperName"]: row["Id"] for row in pair.records("salesforce", "RecordType")}
    theirs = {"Website": "https://smallshop.test", "RecordTypeId": kinds["Small_Business"]}
    small = pair.put("salesforce", "Account", Name="Small Shop", **theirs)["Id"]
    large = pair.put("salesforce", "Account", Name="Large Shop", Website="https://largeshop.test")["Id"]
    for name in ("Small Shop", "Large Shop"):
        values = {"domain": f"{name.replace(' ', '').lower()}.test", "phone": "+1 212 555 0100"}
        pair.put(
            "apollo", "accounts", name=name, **values, account_stage_id=stage(pair, "Strategic", "account")
        )
    pair.run()
    shops = {row["Id"]: row for row in pair.records("salesforce", "Account")}
    assert [shops[id_].get("Segment__c") for id_ in (large, small)] == ["Strategic", None]
    assert shops[small]["Phone"], "the rest flows"
    (held,) = holds(pair)
    assert held["field"] == "account_stage_id=Segment__c"
    assert "'Small Business'" in held["reason"]
    assert held["concerned"] == ["SMB", "Mid-Market"]
    assert pair.ask("errors").document["errors"] == [], "nothing was tried that is known to be refused"
    admin(pair, "/record_types", object="Account", developer_name="Small_Business", without={})
    pair.run()
    shops = {row["Id"]: row for row in pair.records("salesforce", "Account")}
    assert shops[small]["Segment__c"] == "Strategic"
    assert holds(pair) == []
    pair.run_until_quiet()


@pytest.mark.proves("M4", "M5")
def test_a_stage_that_goes_between_plan_and_run_holds_its_records_and_loses_nothing(pair: Pair) -> None:
    person = hire(pair, "Mover", "Cold")
    hire(pair, "Stayer", "Replied")
    pair.run_until_quiet()
    pair.put("apollo", "contacts", person["id"], contact_stage_id=stage(pair, "Interested"), title="Head")
    planned = pair.ask("plan").document
    offer(pair, "Interested", active=False)
    ended = pair.ask("run", "--plan", str(planned["run"]), "--yes")
    assert ended.code == 0, ended.said
    assert contact(pair, "Mover")["Apollo_Stage__c"] == "Cold"
    pair.run()
    assert contact(pair, "Mover")["Title"] == "Head"
    (held,) = holds(pair)
    assert held["field"] == FIELD
    offer(pair, "Interested")
    pair.run()
    assert contact(pair, "Mover")["Apollo_Stage__c"] == "Interested"

    renamed = stage(pair, "Replied")
    pair.put("apollo", "contact_stages", renamed, name="Answered", display_name="Answered")
    pair.run()
    (held,) = holds(pair)
    assert "'Answered'" in held["reason"]
    assert contact(pair, "Stayer")["Apollo_Stage__c"] == "Replied", "nothing is emptied"
    pair.put("apollo", "contact_stages", renamed, name="Replied", display_name="Replied")
    pair.run()
    assert holds(pair) == []
    assert pair.ask("reconcile").document["in_agreement"]
