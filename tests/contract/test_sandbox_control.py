"""What every sandbox offers beside its system: faults, counts, clock, records, and a life over kill -9."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, SandboxStartError, start_sandbox

SEARCH = "contacts/search$"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo", dataset="40") as running:
        yield running


@pytest.fixture(autouse=True)
def clean(sandbox: RunningSandbox) -> Iterator[None]:
    sandbox.control("DELETE", "/faults")
    sandbox.control("DELETE", "/requests")
    yield
    sandbox.control("DELETE", "/faults")


@pytest.fixture
def http(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    """A client of its own per test, because faults end connections."""
    headers = {"x-api-key": sandbox.credentials["api_key"]}
    with httpx2.Client(base_url=sandbox.base_url, headers=headers, timeout=10) as client:
        yield client


def fault(sandbox: RunningSandbox, **rule: object) -> None:
    sandbox.control("POST", "/faults", rule)


def hits(sandbox: RunningSandbox) -> list[int]:
    return [rule["hits"] for rule in sandbox.control("GET", "/faults")["faults"]]


def search(http: httpx2.Client, page: int = 1, timeout: float = 10) -> httpx2.Response:
    return http.post("/contacts/search", json={"per_page": 5, "page": page}, timeout=timeout)


def first_contact(http: httpx2.Client) -> str:
    return str(search(http).json()["contacts"][0]["id"])


def title_of(sandbox: RunningSandbox, contact_id: str) -> Any:
    return sandbox.control("GET", f"/records/contacts/{contact_id}")["title"]


# --- faults


def test_a_reset_ends_the_connection_without_an_answer(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    fault(sandbox, kind="reset", path=SEARCH, count=1)
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        search(http)
    assert search(http).status_code == 200
    assert hits(sandbox) == [1]


def test_a_hang_says_nothing_until_the_client_gives_up(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    fault(sandbox, kind="hang", path=SEARCH, count=1)
    with pytest.raises(httpx2.ReadTimeout):
        search(http, timeout=0.3)
    assert search(http).status_code == 200


def test_a_hang_after_commit_has_done_the_work(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    id_ = first_contact(http)
    fault(sandbox, kind="hang_after_commit", method="PATCH", count=1)
    with pytest.raises(httpx2.ReadTimeout):
        http.patch(f"/contacts/{id_}", json={"title": "Hung"}, timeout=0.5)
    assert title_of(sandbox, id_) == "Hung"


def test_a_hang_leaves_the_work_undone(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    id_ = first_contact(http)
    fault(sandbox, kind="hang", method="PATCH", count=1)
    with pytest.raises(httpx2.ReadTimeout):
        http.patch(f"/contacts/{id_}", json={"title": "Never"}, timeout=0.3)
    assert title_of(sandbox, id_) != "Never"


@pytest.mark.parametrize(("after_commit", "done"), [(False, False), (True, True)])
def test_a_reset_may_come_before_or_after_the_work(
    sandbox: RunningSandbox, http: httpx2.Client, after_commit: bool, done: bool
) -> None:
    id_ = first_contact(http)
    title = f"Reset {after_commit}"
    fault(sandbox, kind="reset", method="PATCH", count=1, after_commit=after_commit)
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        http.patch(f"/contacts/{id_}", json={"title": title})
    assert (title_of(sandbox, id_) == title) is done


def test_a_status_has_the_systems_own_body_or_the_given_one(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    fault(sandbox, kind="status", status=429, path=SEARCH, count=1, headers={"retry-after": "7"})
    own = search(http)
    assert (own.status_code, own.headers["retry-after"]) == (429, "7")
    assert own.json()["message"].startswith("The maximum number of api calls allowed")
    fault(sandbox, kind="status", status=503, path=SEARCH, count=1, body="Service Unavailable")
    text = search(http)
    assert (text.status_code, text.text) == (503, "Service Unavailable")
    fault(sandbox, kind="status", status=500, path=SEARCH, count=1, body={"error": "x"})
    assert search(http).json() == {"error": "x"}


def test_html_comes_where_json_was_expected(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    fault(sandbox, kind="html", path=SEARCH, count=1)
    page = search(http)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.text.startswith("<!DOCTYPE html>")


def test_truncated_json_has_valid_headers(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    whole = search(http)
    fault(sandbox, kind="truncate", path=SEARCH, count=1)
    cut = search(http)
    assert cut.status_code == 200
    assert cut.headers["content-type"] == whole.headers["content-type"]
    assert 0 < len(cut.content) < len(whole.content)
    with pytest.raises(json.JSONDecodeError):
        cut.json()


def test_a_repeated_page_answers_the_page_before_again(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    second = search(http, page=2).json()["contacts"]
    fault(sandbox, kind="repeat_page", path=SEARCH, count=1)
    first = search(http, page=1).json()
    assert search(http, page=2).json() == first
    assert search(http, page=2).json()["contacts"] == second
    assert hits(sandbox) == [1]


def test_a_new_listing_is_no_repeated_page(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    fault(sandbox, kind="repeat_page", path=SEARCH)
    assert search(http, page=1).json() == search(http, page=1).json()
    assert hits(sandbox) == [0]


def test_latency_comes_on_top_of_another_fault(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    fault(sandbox, kind="latency", path=SEARCH, seconds=0.2, count=1)
    fault(sandbox, kind="status", status=502, path=SEARCH, count=1)
    answer = search(http)
    assert answer.status_code == 502
    assert answer.elapsed.total_seconds() >= 0.2
    assert hits(sandbox) == [1, 1]


def test_a_hanging_request_holds_up_no_other(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    fault(sandbox, kind="hang", path="contact_stages")
    waiting = threading.Thread(target=_wait_for_stages, args=(http,))
    waiting.start()
    headers = {"x-api-key": sandbox.credentials["api_key"]}
    with httpx2.Client(base_url=sandbox.base_url, headers=headers) as other:
        assert search(other).status_code == 200
    waiting.join()


def _wait_for_stages(http: httpx2.Client) -> None:
    with pytest.raises(httpx2.ReadTimeout):
        http.get("/contact_stages", timeout=0.5)


def test_a_fault_that_cannot_be_understood_is_a_400(sandbox: RunningSandbox) -> None:
    refusal = httpx2.post(f"{sandbox.control_url}/faults", json={"kind": "earthquake"})
    assert refusal.status_code == 400
    assert "kind must be one of" in refusal.json()["error"]


# --- counts, clock, records


def test_requests_are_counted_by_template_before_faults(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    id_ = first_contact(http)
    fault(sandbox, kind="status", status=500, method="GET")
    for _ in range(2):
        http.get(f"/contacts/{id_}")
    http.get("/nowhere")
    assert sandbox.control("GET", "/requests") == {
        "POST /api/v1/contacts/search": 1,
        "GET /api/v1/contacts/{contact_id}": 2,
        "GET /api/v1/nowhere": 1,
        "total": 4,
    }
    sandbox.control("DELETE", "/requests")
    assert sandbox.control("GET", "/requests") == {"total": 0}


def test_handlers_live_by_the_clock_of_the_sandbox(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    before = sandbox.control("GET", "/clock")
    sandbox.control("POST", "/clock", {"now": "2031-05-01T12:00:00Z", "frozen": True})
    contact = http.post("/contacts", json={"first_name": "Future"}).json()["contact"]
    assert contact["created_at"] == "2031-05-01T12:00:00.000Z"
    sandbox.control("POST", "/clock", {"advance": 1.5})
    changed = http.patch(f"/contacts/{contact['id']}", json={"title": "x"}).json()["contact"]
    assert changed["updated_at"] == "2031-05-01T12:00:01.500Z"
    sandbox.control("POST", "/clock", {"now": before["now"], "frozen": False})


def test_a_person_edits_records_beside_the_api(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    made = sandbox.control("POST", "/records/contacts", {"first_name": "Una", "email": "Una@Ui.example"})
    assert (made["name"], made["email"], made["source"]) == ("Una", "una@ui.example", "ui_form")
    sandbox.control("POST", "/clock", {"advance": 3})
    path = f"/records/contacts/{made['id']}"
    edited = sandbox.control("POST", path, {"email": "not an address", "mobile_phone": "202-555-0111"})
    assert edited["email"] == "not an address"
    assert edited["sanitized_phone"] == "+12025550111"
    assert edited["updated_at"] > made["updated_at"]
    assert http.get(f"/contacts/{made['id']}").json()["contact"]["email"] == "not an address"


def test_an_account_can_be_deleted_after_its_contact(sandbox: RunningSandbox) -> None:
    account = sandbox.control("POST", "/records/accounts", {"name": "Gone"})["id"]
    contact = sandbox.control("POST", "/records/contacts", {"last_name": "Gone", "account_id": account})["id"]
    sandbox.control("POST", "/delete", {"type": "contacts", "id": contact})
    sandbox.control("POST", "/delete", {"type": "accounts", "id": account})
    assert httpx2.get(f"{sandbox.control_url}/records/accounts/{account}").status_code == 404


def test_records_are_listed_in_parts(sandbox: RunningSandbox) -> None:
    whole = sandbox.control("GET", "/records/contacts")
    part = sandbox.control("GET", "/records/contacts?limit=2&offset=1")
    assert part == {"total": whole["total"], "records": whole["records"][1:3]}


@pytest.mark.parametrize("path", ["/records/nothing", "/records/contacts/nobody"])
def test_what_does_not_exist_is_a_404(sandbox: RunningSandbox, path: str) -> None:
    assert httpx2.get(sandbox.control_url + path).status_code == 404


# --- the life of a sandbox


def test_a_killed_sandbox_goes_on_where_it_was(tmp_path: Path) -> None:
    state = str(tmp_path / "apollo.sqlite3")
    first = start_sandbox("apollo", state=state)
    headers = {"x-api-key": first.credentials["api_key"]}
    first.control("POST", "/clock", {"now": "2031-05-01T12:00:00Z"})
    made = httpx2.post(f"{first.base_url}/contacts", headers=headers, json={"first_name": "Alive"}).json()
    first.kill()
    with start_sandbox("apollo", state=state, port=first.port) as second:
        assert second.credentials == first.credentials
        found = httpx2.get(f"{second.base_url}/contacts/{made['contact']['id']}", headers=headers)
        assert found.json()["contact"] == made["contact"]
        assert second.control("GET", "/clock")["now"].startswith("2031-05-01T12:")


@pytest.mark.parametrize("system", ["apollo", "salesforce"])
def test_a_reset_goes_back_to_the_first_start_and_keeps_the_credentials(system: str, tmp_path: Path) -> None:
    object_type, field = {"apollo": ("contacts", "title"), "salesforce": ("Contact", "Title")}[system]

    def everything(running: RunningSandbox) -> Any:
        return {
            t: running.control("GET", f"/records/{t}") for t in running.control("GET", "/records")["types"]
        }

    state = str(tmp_path / "state.sqlite3")
    with start_sandbox(system, dataset="10", state=state) as running:
        before = everything(running)
        (one, other, *_) = [r.get("id") or r["Id"] for r in before[object_type]["records"]]
        running.control("POST", f"/records/{object_type}/{one}", {field: "Changed"})
        running.control("POST", "/delete", {"type": object_type, "id": other})
        running.control("POST", f"/records/{object_type}", {field: "New"})
        running.control("POST", "/clock", {"now": "2031-05-01T12:00:00Z", "frozen": True})
        fault(running, kind="hang")
        assert everything(running) != before
        running.control("POST", "/reset")
        assert everything(running) == before
        assert running.control("GET", "/faults") == {"faults": []}
        assert not running.control("GET", "/clock")["frozen"]
    with start_sandbox(system, state=state) as again:
        assert everything(again) == before
        assert again.credentials.items() >= _without_addresses(running.credentials).items()


def _without_addresses(credentials: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in credentials.items() if not name.endswith("url")}


def test_a_sandbox_stops_at_once_even_with_a_hanging_request(tmp_path: Path) -> None:
    with start_sandbox("apollo") as running:
        fault(running, kind="hang")
        hanging = threading.Thread(target=_ask_until_cut, args=(running,))
        hanging.start()
        while running.control("GET", "/requests")["total"] == 0:
            hanging.join(0.01)
        running.stop()
        hanging.join()
    assert running.process.returncode == 0


def _ask_until_cut(running: RunningSandbox) -> None:
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"{running.base_url}/labels", timeout=30)


def test_the_same_seed_makes_the_same_records() -> None:
    def records(seed: int) -> list[tuple[str, str]]:
        with start_sandbox("apollo", dataset="20", seed=seed) as running:
            return [
                (one["id"], one["name"]) for one in running.control("GET", "/records/contacts")["records"]
            ]

    once = records(3)
    assert records(3) == once
    assert records(4) != once


def test_a_taken_port_is_refused_with_the_cure(sandbox: RunningSandbox) -> None:
    with pytest.raises(SandboxStartError, match="give another or 0"):
        start_sandbox("apollo", port=sandbox.port)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [(["apollo", "--dataset", "huge"], "unknown dataset 'huge'"), (["sugar"], "invalid choice: 'sugar'")],
)
def test_wrong_arguments_end_with_2_and_a_reason(arguments: list[str], text: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "syncline.sandbox", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert text in done.stderr
