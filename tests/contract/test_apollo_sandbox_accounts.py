"""How the Apollo sandbox stores accounts, one by one and in bulk: plain HTTP, one promise per test."""

from collections.abc import Iterator

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import NOBODY, answer, client_of, new_account


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


@pytest.fixture(scope="module")
def http(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    with client_of(sandbox) as client:
        yield client


def test_an_account_needs_a_name_or_a_domain(http: httpx2.Client) -> None:
    text = "Please specify at least a name or domain."
    assert answer(http.post("/accounts", json={"phone": "202-555-0101"}), 422) == {"error": text}


def test_a_domain_is_bared_and_a_phone_sanitised(http: httpx2.Client) -> None:
    account = new_account(http, domain="https://www.Bared.example/home", phone="202 555 0101")
    assert (account["domain"], account["sanitized_phone"]) == ("bared.example", "+12025550101")
    assert account["phone"] == "202 555 0101"
    assert account["name"] is None


def test_address_keys_are_there_only_when_set(http: httpx2.Client) -> None:
    account = new_account(http, name="No address")
    assert not {"raw_address", "city", "country"} & account.keys()
    path = f"/accounts/{account['id']}"
    changed = answer(http.patch(path, json={"raw_address": "Boston, Massachusetts, United States"}))[
        "account"
    ]
    assert (changed["city"], changed["state"]) == ("Boston", "Massachusetts")
    cleared = answer(http.patch(path, json={"raw_address": ""}))["account"]
    assert not {"raw_address", "city", "country"} & cleared.keys()


def test_a_single_create_never_looks_for_what_exists(http: httpx2.Client) -> None:
    body = {"name": "Double Ltd", "domain": "double.example"}
    assert new_account(http, **body)["id"] != new_account(http, **body)["id"]


@pytest.mark.parametrize("key", ["owner_id", "account_stage_id"])
def test_a_wrong_id_is_a_422_that_names_it(http: httpx2.Client, key: str) -> None:
    account = new_account(http, name="A")
    refusal = answer(http.patch(f"/accounts/{account['id']}", json={key: "78977"}), 422)
    assert refusal == {"error": "Parameters misconfigured. 78977 is not a valid ID"}


@pytest.mark.parametrize("id_", ["id", NOBODY])
def test_an_unknown_account_is_a_422(http: httpx2.Client, id_: str) -> None:
    refusal = {"error": f"Parameters misconfigured. {id_} is not a valid ID"}
    assert answer(http.get(f"/accounts/{id_}"), 422) == refusal
    assert answer(http.patch(f"/accounts/{id_}", json={"name": "x"}), 422) == refusal


def test_bulk_create_matches_crm_ids_alone_unless_told_to_look_everywhere(http: httpx2.Client) -> None:
    body = {"accounts": [{"name": "Matched", "domain": "matched.example", "salesforce_id": "0011"}]}
    first = answer(http.post("/accounts/bulk_create", json=body))["created_accounts"][0]
    assert first["salesforce_id"] == "0011"
    by_crm = {"accounts": [{"name": "Other name", "salesforce_id": "0011"}]}
    again = answer(http.post("/accounts/bulk_create", json=by_crm))
    assert [one["id"] for one in again["existing_accounts"]] == [first["id"]]
    by_domain = {"accounts": [{"name": "Other name", "domain": "www.matched.example"}]}
    double = answer(http.post("/accounts/bulk_create", json=by_domain))
    assert [one["name"] for one in double["created_accounts"]] == ["Other name"]
    everywhere = answer(http.post("/accounts/bulk_create", json={**by_domain, "run_dedupe": True}))
    assert [one["id"] for one in everywhere["existing_accounts"]] == [first["id"]]
    by_name = {"accounts": [{"name": "MATCHED"}], "run_dedupe": True}
    assert answer(http.post("/accounts/bulk_create", json=by_name))["created_accounts"] == []
    assert answer(http.get(f"/accounts/{first['id']}"))["account"]["name"] == "Matched"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, 'Please provide an array of account attributes in the "accounts" parameter.'),
        ({"accounts": [{}] * 101}, "Please limit your array to 100 accounts or fewer."),
    ],
)
def test_a_bulk_create_that_asks_wrongly(http: httpx2.Client, body: dict[str, object], text: str) -> None:
    assert answer(http.post("/accounts/bulk_create", json=body), 422) == {"error": text}


def test_bulk_update_gives_all_the_same_or_each_its_own(http: httpx2.Client) -> None:
    ids = [new_account(http, name=name)["id"] for name in ("One", "Two")]
    stage = answer(http.get("/account_stages"))["account_stages"][1]["id"]
    same = answer(http.post("/accounts/bulk_update", json={"account_ids": ids, "account_stage_id": stage}))
    assert same == {"accounts": [{"id": id_, "account_stage_id": stage} for id_ in ids]}
    own = {"account_attributes": [{"id": ids[0], "name": "Eins"}, {"id": ids[1], "phone": "ignored"}]}
    answer(http.post("/accounts/bulk_update", json=own))
    accounts = [answer(http.get(f"/accounts/{id_}"))["account"] for id_ in ids]
    assert [(one["name"], one["phone"]) for one in accounts] == [("Eins", None), ("Two", None)]


def test_bulk_update_later_works_for_common_values_only(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    id_ = new_account(http, name="Later")["id"]
    own = {"account_attributes": [{"id": id_, "name": "x"}], "async": True}
    assert answer(http.post("/accounts/bulk_update", json=own), 422) == {
        "error": "Async processing is not permitted."
    }
    sandbox.control("POST", "/clock", {"frozen": True})
    common = {"account_ids": [id_], "name": "Done", "async": True}
    assert "entity_progress_job" in answer(http.post("/accounts/bulk_update", json=common))
    assert answer(http.get(f"/accounts/{id_}"))["account"]["name"] == "Later"
    sandbox.control("POST", "/clock", {"advance": 2})
    assert answer(http.get(f"/accounts/{id_}"))["account"]["name"] == "Done"
    sandbox.control("POST", "/clock", {"frozen": False})


def test_more_than_a_thousand_at_once_are_refused(http: httpx2.Client) -> None:
    body = {"account_ids": [NOBODY] * 1001, "name": "x"}
    text = "Please limit your array to fewer than 1000."
    assert answer(http.post("/accounts/bulk_update", json=body), 422) == {"error": text}


def test_owners_are_moved_by_query_parameters(http: httpx2.Client) -> None:
    id_ = new_account(http, name="Handed over")["id"]
    owner = answer(http.get("/users/search"))["users"][1]["id"]
    params = {"account_ids[]": [id_], "owner_id": owner}
    handed = answer(http.post("/accounts/update_owners", params=params))
    assert handed == {"accounts": [{"id": id_, "owner_id": owner, "crm_owner_id": None}]}


def test_contacts_outlive_their_account(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    account = new_account(http, name="Closing down")
    contact = answer(http.post("/contacts", json={"first_name": "A", "account_id": account["id"]}))["contact"]
    sandbox.control("POST", "/delete", {"type": "accounts", "id": account["id"]})
    assert answer(http.get(f"/contacts/{contact['id']}"))["contact"]["account_id"] is None
    assert http.get(f"/accounts/{account['id']}").status_code == 422
