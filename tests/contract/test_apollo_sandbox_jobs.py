"""Bulk updates of the Apollo sandbox that are accepted first and done later, over plain HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import NOBODY, answer, client_of, new_account, new_contact

HOUR = 3600


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


@pytest.fixture(scope="module")
def http(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    with client_of(sandbox) as client:
        yield client


@pytest.fixture
def slow(sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """A sandbox whose jobs take an hour of its clock."""
    sandbox.control("POST", "/jobs", {"delay": HOUR})
    yield sandbox
    sandbox.control("POST", "/jobs", {})


def ask(http: httpx2.Client, body: dict[str, Any]) -> dict[str, Any]:
    job: dict[str, Any] = answer(http.post("/contacts/bulk_update", json=body))["entity_progress_job"]
    return job


def title(http: httpx2.Client, contact: dict[str, Any]) -> Any:
    return answer(http.get(f"/contacts/{contact['id']}"))["contact"]["title"]


def test_an_update_of_few_contacts_becomes_a_job_when_asked(
    slow: RunningSandbox, http: httpx2.Client
) -> None:
    one = new_contact(http, first_name="One")
    own = {"contact_attributes": [{"id": one["id"], "title": "Own", "unknown": {"deep": []}}], "async": True}
    job = ask(http, own)
    assert job.keys() == {"id", "job_type", "status", "entity_ids", "created_at", "updated_at"}
    assert (job["job_type"], job["status"]) == ("contact_bulk_update", "pending")
    assert slow.control("GET", "/jobs") == {"delay": HOUR, "pending": [job]}
    assert title(http, one) is None
    slow.control("POST", "/clock", {"advance": HOUR})
    assert title(http, one) == "Own"
    assert slow.control("GET", "/jobs")["pending"] == []


def test_nobody_can_ask_how_a_job_stands(slow: RunningSandbox, http: httpx2.Client) -> None:
    job = ask(http, {"contact_ids": [new_contact(http, first_name="A")["id"]], "title": "x", "async": True})
    for path in (f"/entity_progress_jobs/{job['id']}", f"/contacts/bulk_update/{job['id']}"):
        assert http.get(path).status_code == 404
    assert slow.control("GET", "/jobs")["pending"]
    slow.control("POST", "/clock", {"advance": HOUR})


@pytest.mark.parametrize(("count", "later"), [(100, False), (101, True), (1000, True)])
def test_more_than_a_hundred_contacts_are_updated_later(http: httpx2.Client, count: int, later: bool) -> None:
    reply = answer(http.post("/contacts/bulk_update", json={"contact_ids": [NOBODY] * count, "title": "x"}))
    assert ("entity_progress_job" in reply) is later
    assert ("contacts" in reply) is not later


def test_a_thousand_accounts_are_updated_at_once(http: httpx2.Client) -> None:
    account = new_account(http, name="Before")
    body = {"account_ids": [NOBODY] * 999 + [account["id"]], "name": "After"}
    changed = answer(http.post("/accounts/bulk_update", json=body))
    assert changed == {"accounts": [{"id": account["id"], "name": "After"}]}


def test_what_a_job_cannot_change_is_passed_over_and_troubles_nobody_else(
    slow: RunningSandbox, http: httpx2.Client
) -> None:
    good, bad, gone = (new_contact(http, first_name=name) for name in ("Good", "Bad", "Gone"))
    changes = [
        {"id": bad["id"], "email": "no address", "title": "x"},
        {"id": gone["id"], "title": "x"},
        {"id": good["id"], "title": "Done"},
    ]
    ask(http, {"contact_attributes": changes, "async": True})
    account = new_account(http, name="Kept")
    wrong = {"account_ids": [account["id"]], "owner_id": NOBODY, "async": True}
    assert "entity_progress_job" in answer(http.post("/accounts/bulk_update", json=wrong))
    slow.control("POST", "/delete", {"type": "contacts", "id": gone["id"]})
    slow.control("POST", "/clock", {"advance": HOUR})
    assert [title(http, one) for one in (good, bad)] == ["Done", None]
    assert answer(http.get(f"/accounts/{account['id']}"))["account"]["owner_id"] == account["owner_id"]


def test_a_stage_in_a_bulk_update_is_a_doubt(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    one = new_contact(http, first_name="Staged")
    stage = answer(http.get("/contact_stages"))["contact_stages"][3]["id"]
    body = {"contact_ids": [one["id"]], "contact_stage_id": stage}
    ignored = answer(http.post("/contacts/bulk_update", json=body))["contacts"][0]
    assert ignored["contact_stage_id"] == one["contact_stage_id"]
    sandbox.control("POST", "/doubts", {"stage_in_bulk_update": True})
    taken = answer(http.post("/contacts/bulk_update", json=body))["contacts"][0]
    sandbox.control("POST", "/doubts", {"stage_in_bulk_update": False})
    assert taken["contact_stage_id"] == stage


@pytest.mark.parametrize("delay", [-1, "soon", None])
def test_a_delay_that_cannot_be_is_explained(sandbox: RunningSandbox, delay: object) -> None:
    response = httpx2.post(f"{sandbox.control_url}/jobs", json={"delay": delay})
    assert answer(response, 400).keys() == {"error"}


def test_a_job_outlives_a_kill(tmp_path: Path) -> None:
    path = str(tmp_path / "apollo.sqlite3")
    first = start_sandbox("apollo", state=path)
    first.control("POST", "/jobs", {"delay": HOUR})
    with client_of(first) as http:
        contact = new_contact(http, first_name="Patient")
        job = ask(http, {"contact_ids": [contact["id"]], "title": "Late", "async": True})
    first.kill()
    with start_sandbox("apollo", state=path) as second, client_of(second) as http:
        assert [one["id"] for one in second.control("GET", "/jobs")["pending"]] == [job["id"]]
        assert title(http, contact) is None
        second.control("POST", "/clock", {"advance": HOUR})
        assert title(http, contact) == "Late"
