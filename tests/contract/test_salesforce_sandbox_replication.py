"""What changed and what was deleted in a window of time, in the Salesforce sandbox, over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from tests.contract.salesforce_org import SalesforceOrg, open_org, refusal

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def org() -> Iterator[SalesforceOrg]:
    with open_org() as opened:
        yield opened


@pytest.fixture(autouse=True)
def noon(org: SalesforceOrg) -> None:
    """Every test begins at noon, and with nothing that was there before."""
    org.sandbox.control("POST", "/reset")
    org.control("/clock", now=NOON.isoformat(), frozen=True)
    org.sign_in()


def at(**later: float) -> str:
    return (NOON + timedelta(**later)).strftime("%Y-%m-%dT%H:%M:%SZ")


def shown(**later: float) -> str:
    return at(**later).replace("Z", ".000+0000")


def wait(org: SalesforceOrg, **later: float) -> None:
    org.control("/clock", now=(NOON + timedelta(**later)).isoformat())


def window(org: SalesforceOrg, kind: str, start: str, end: str, object_: str = "Contact") -> httpx2.Response:
    return org.call("GET", f"sobjects/{object_}/{kind}/", start=start, end=end)


def test_what_was_made_or_changed_in_the_window_is_listed_once(org: SalesforceOrg) -> None:
    early = org.create("Contact", LastName="Early")
    wait(org, minutes=10)
    late = org.create("Contact", LastName="Late")
    org.create("Lead", LastName="Other", Company="X")
    reply = window(org, "updated", at(minutes=5), at(minutes=15))
    assert reply.json() == {"ids": [late], "latestDateCovered": shown(minutes=10)}
    wait(org, minutes=20)
    org.call("PATCH", f"sobjects/Contact/{early}", {"Title": "New"})
    assert window(org, "updated", at(minutes=5), at(minutes=15)).json()["ids"] == [late]
    assert window(org, "updated", at(minutes=5), at(minutes=21)).json()["ids"] == [early, late]


def test_the_next_window_begins_where_the_last_one_covered(org: SalesforceOrg) -> None:
    made = []
    for minute in range(4):
        wait(org, minutes=minute, seconds=30)
        made.append(org.create("Contact", LastName=f"Minute {minute}"))
    wait(org, minutes=10)
    first = window(org, "updated", at(minutes=0), at(minutes=2, seconds=59)).json()
    assert first == {"ids": made[:2], "latestDateCovered": shown(minutes=2)}
    second = window(org, "updated", first["latestDateCovered"], at(minutes=9)).json()
    assert second["ids"] == made[2:]


def test_an_open_transaction_holds_back_what_is_covered_and_its_change_comes_early(
    org: SalesforceOrg,
) -> None:
    made = org.create("Contact", LastName="Slow")
    wait(org, minutes=5, seconds=20)
    late = org.control("/late_commits", object="Contact", id=made, values={"Title": "Late"})
    new = org.control("/late_commits", object="Contact", values={"LastName": "Born late"})
    assert late["began"] == shown(minutes=5, seconds=20)
    wait(org, minutes=8)
    org.create("Contact", LastName="Quick")
    wait(org, minutes=9)
    first = window(org, "updated", at(minutes=1), at(minutes=9)).json()
    assert first["latestDateCovered"] == shown(minutes=5, seconds=20)
    assert made not in first["ids"]
    assert org.get("Contact", made)["Title"] is None
    for change in (late, new):
        org.control("/late_commits", commit=change["number"])
    record = org.get("Contact", made)
    assert (record["Title"], record["SystemModstamp"]) == ("Late", shown(minutes=5, seconds=20))
    born = org.get("Contact", new["id"])
    assert born["CreatedDate"] == born["SystemModstamp"] == shown(minutes=5, seconds=20)
    second = window(org, "updated", first["latestDateCovered"], at(minutes=9)).json()
    assert {made, new["id"]} <= set(second["ids"])
    assert second["latestDateCovered"] == shown(minutes=9)


def test_a_transaction_commits_by_itself_when_told_so(org: SalesforceOrg) -> None:
    new = org.control("/late_commits", object="Lead", values={"LastName": "L", "Company": "C"}, after=60)
    wait(org, seconds=59)
    assert org.call("GET", f"sobjects/Lead/{new['id']}").status_code == 404
    wait(org, seconds=60)
    assert org.get("Lead", new["id"])["SystemModstamp"] == shown()
    gone = httpx2.post(f"{org.sandbox.control_url}/late_commits", json={"commit": new["number"]})
    assert gone.status_code == 400


def test_a_record_in_an_open_transaction_is_locked(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Locked")
    late = org.control("/late_commits", object="Contact", id=made, values={"Title": "Late"})
    change = org.call("PATCH", f"sobjects/Contact/{made}", {"Title": "Mine"})
    assert refusal(change)[:2] == (400, "UNABLE_TO_LOCK_ROW")
    org.control("/late_commits", commit=late["number"])
    assert org.call("PATCH", f"sobjects/Contact/{made}", {"Title": "Mine"}).status_code == 204


def test_what_was_deleted_in_the_window_is_listed_with_its_time(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Gone")
    wait(org, minutes=3)
    org.call("DELETE", f"sobjects/Contact/{made}")
    wait(org, minutes=9)
    body = window(org, "deleted", at(), at(minutes=5)).json()
    assert body["deletedRecords"] == [{"deletedDate": shown(minutes=3), "id": made}]
    assert body["latestDateCovered"] == shown(minutes=5)
    assert body["earliestDateAvailable"] < shown(days=-14)
    assert made not in window(org, "updated", at(), at(minutes=5)).json()["ids"]
    assert window(org, "deleted", at(minutes=4), at(minutes=5)).json()["deletedRecords"] == []


def test_a_purge_leaves_a_hole_that_is_told(org: SalesforceOrg) -> None:
    gone, later = org.create("Contact", LastName="Gone"), org.create("Contact", LastName="Later")
    wait(org, minutes=3)
    org.call("DELETE", f"sobjects/Contact/{gone}")
    org.control("/recycle_bin", purge=True)
    wait(org, minutes=6)
    org.call("DELETE", f"sobjects/Contact/{later}")
    body = window(org, "deleted", at(), at(minutes=9)).json()
    assert [each["id"] for each in body["deletedRecords"]] == [later]
    assert body["earliestDateAvailable"] == shown(minutes=3)
    assert org.query(f"SELECT Id FROM Contact WHERE Id = '{gone}'", "queryAll")["totalSize"] == 0


@pytest.mark.parametrize(("kind", "days"), [("updated", 30), ("deleted", 15)])
def test_windows_that_are_refused(org: SalesforceOrg, kind: str, days: int) -> None:
    assert window(org, kind, at(days=-days), at()).status_code == 200
    for start, end in (
        (at(days=-days, minutes=-2), at()),
        (at(), at()),
        (at(seconds=1), at(seconds=59)),
        (at(minutes=1), at()),
        ("yesterday", at()),
        ("2026-11-20", at()),
        (at(minutes=-1), "9999-99-99T00:00:00Z"),
    ):
        assert refusal(window(org, kind, start, end))[:2] == (400, "INVALID_REPLICATION_DATE")
    assert refusal(org.call("GET", f"sobjects/Contact/{kind}"))[1] == "INVALID_REPLICATION_DATE"
    assert refusal(window(org, kind, at(minutes=-1), at(), "Nope"))[:2] == (404, "NOT_FOUND")


def test_too_many_ids_are_refused(org: SalesforceOrg) -> None:
    for number in range(3):
        org.create("Contact", LastName=f"Many {number}")
    org.control("/replication", id_limit=2)
    reply = window(org, "updated", at(), at(minutes=1))
    assert refusal(reply)[:2] == (400, "EXCEEDED_ID_LIMIT")
    org.control("/replication", id_limit=3)
    assert len(window(org, "updated", at(), at(minutes=1)).json()["ids"]) == 3


def test_an_offset_is_understood_when_its_plus_is_encoded(org: SalesforceOrg) -> None:
    made = org.create("Contact", LastName="Paris")
    start, end = at(hours=1).replace("Z", "+01:00"), at(hours=1, minutes=1).replace("Z", "+01:00")
    assert window(org, "updated", start, end).json()["ids"] == [made]


def test_open_transactions_survive_a_kill(tmp_path: object) -> None:
    state = f"{tmp_path}/org.sqlite3"
    with open_org(state=state) as first:
        new = first.control("/late_commits", object="Contact", values={"LastName": "Kept"})
        first.sandbox.kill()
    with open_org(state=state) as again:
        again.control("/late_commits", commit=new["number"])
        assert again.get("Contact", new["id"])["SystemModstamp"] == new["began"]
