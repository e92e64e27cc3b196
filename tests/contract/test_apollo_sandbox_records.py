"""How the Apollo sandbox stores contacts and accounts, one by one and in bulk: plain HTTP, one promise per test."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import NOBODY, answer, client_of, new_account, new_contact


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


@pytest.fixture(scope="module")
def http(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    with client_of(sandbox) as client:
        yield client


def patched(http: httpx2.Client, contact: dict[str, Any], **values: object) -> dict[str, Any]:
    changed: dict[str, Any] = answer(http.patch(f"/contacts/{contact['id']}", json=values))["contact"]
    return changed


def shown(http: httpx2.Client, contact: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer(http.get(f"/contacts/{contact['id']}"))["contact"]
    return found


def user_ids(http: httpx2.Client) -> list[str]:
    return [user["id"] for user in answer(http.get("/users/search"))["users"]]


# --- contacts, one by one


def test_what_is_stored_is_not_always_what_was_sent(http: httpx2.Client) -> None:
    contact = new_contact(
        http,
        first_name="  Ada ",
        last_name="Lovelace",
        email="Ada@Analytical.Example",
        direct_phone="(202) 555-0149",
        present_raw_address="Austin, TX",
    )
    assert contact["name"] == "Ada Lovelace"
    assert contact["email"] == "ada@analytical.example"
    assert contact["email_status"] == "verified"
    assert contact["contact_emails"][0]["email"] == "ada@analytical.example"
    assert contact["sanitized_phone"] == "+12025550149"
    assert contact["phone_numbers"][0]["raw_number"] == "(202) 555-0149"
    assert (contact["city"], contact["state"], contact["country"]) == ("Austin", "Texas", "United States")
    assert (contact["source"], contact["existence_level"]) == ("api", "full")
    assert contact["created_at"].endswith("Z")
    assert len(contact["created_at"]) == len("2026-11-01T10:00:00.000Z")
    assert contact["title"] is None


def test_each_phone_parameter_writes_its_own_entry(http: httpx2.Client) -> None:
    sent = {
        "direct_phone": "202-555-0101",
        "corporate_phone": "202-555-0102",
        "mobile_phone": "202-555-0103",
        "home_phone": "202-555-0104",
        "other_phone": "202-555-0105",
    }
    contact = new_contact(http, first_name="Phones", **sent)
    kinds = {entry["type"]: entry["sanitized_number"] for entry in contact["phone_numbers"]}
    assert kinds == {
        "work_direct": "+12025550101",
        "work_hq": "+12025550102",
        "mobile": "+12025550103",
        "home": "+12025550104",
        "other": "+12025550105",
    }
    changed = patched(http, contact, mobile_phone="202-555-0199", home_phone="")
    entries = {entry["type"]: entry for entry in changed["phone_numbers"]}
    assert entries["mobile"]["sanitized_number"] == "+12025550199"
    assert entries["mobile"]["position"] == 2
    assert "home" not in entries


def test_an_empty_value_clears_a_field(http: httpx2.Client) -> None:
    contact = new_contact(http, first_name="A", title="Boss", email="a@clear.example")
    changed = patched(http, contact, title="", email=None)
    assert (changed["title"], changed["email"], changed["email_status"]) == (None, None, None)


def test_unknown_keys_are_ignored_and_move_no_stamp(http: httpx2.Client) -> None:
    contact = new_contact(http, first_name="Still")
    changed = patched(
        http, contact, existence_level="none", owner_id=user_ids(http)[1], linkedin_url="x.test/y"
    )
    assert changed == {**contact, "next_contact_id": None}


def test_the_same_value_again_moves_no_stamp(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    contact = new_contact(http, first_name="Same")
    sandbox.control("POST", "/clock", {"advance": 5})
    assert patched(http, contact, first_name="Same")["updated_at"] == contact["updated_at"]
    assert patched(http, contact, first_name="Other")["updated_at"] > contact["updated_at"]


@pytest.mark.parametrize(
    "sent", [{"account_id": "5234234"}, {"account_id": NOBODY}, {"contact_stage_id": "2342432"}]
)
def test_a_wrong_id_is_a_422_that_names_it(http: httpx2.Client, sent: dict[str, str]) -> None:
    contact = new_contact(http, first_name="A")
    text = f"Parameters misconfigured. {next(iter(sent.values()))} is not a valid ID"
    assert answer(http.patch(f"/contacts/{contact['id']}", json=sent), 422) == {"error": text}
    assert answer(http.post("/contacts", json=sent), 422) == {"error": text}


@pytest.mark.parametrize("address", ["nobody", "Jane <jane@acme.example>"])
def test_an_address_that_is_none_is_refused_and_nothing_written(http: httpx2.Client, address: str) -> None:
    contact = new_contact(http, first_name="A", email="good@acme.example")
    refusal = answer(http.patch(f"/contacts/{contact['id']}", json={"title": "x", "email": address}), 422)
    assert refusal["error"] == "Validation failed"
    assert refusal["error_details"]["contact_id"] == contact["id"]
    assert shown(http, contact)["title"] is None


def test_a_contact_that_never_was_and_one_that_was_deleted(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    unknown = answer(http.get(f"/contacts/{NOBODY}"), 422)
    assert unknown == {"error": "Oops! This contact does not exist in Apollo."}
    contact = new_contact(http, first_name="Gone", last_name="Girl")
    sandbox.control("POST", "/delete", {"type": "contacts", "id": contact["id"]})
    assert answer(http.get(f"/contacts/{contact['id']}"), 422) == {"error": "This contact has been deleted."}
    refusal = {"error": "Cannot update contact as it is deleted.", "deleted_contact_ids": [contact["id"]]}
    assert answer(http.patch(f"/contacts/{contact['id']}", json={"title": "x"}), 422) == refusal
    bulk = {"contact_ids": [contact["id"]], "title": "x"}
    assert answer(http.post("/contacts/bulk_update", json=bulk), 422) == refusal
    found = answer(http.post("/contacts/search", json={"q_keywords": "gone girl"}))
    assert found["pagination"]["total_entries"] == 0


def test_names_of_lists_replace_the_set(http: httpx2.Client) -> None:
    made = answer(http.post("/contacts", json={"first_name": "A", "label_names": ["red", "blue"]}))
    assert [label["name"] for label in made["labels"]] == ["red", "blue"]
    path = f"/contacts/{made['contact']['id']}"
    changed = answer(http.patch(path, json={"label_names": ["green"]}))
    assert [label["name"] for label in changed["labels"]] == ["green"]


def test_a_search_shows_the_account_inside_the_contact(http: httpx2.Client) -> None:
    account = new_account(http, name="Nested Ltd", domain="nested.example")
    contact = new_contact(http, first_name="Inside", last_name="Nest", account_id=account["id"])
    assert contact["organization_name"] == "Nested Ltd"
    found = answer(http.post("/contacts/search", json={"q_keywords": "inside nest"}))["contacts"][0]
    assert (found["account_id"], found["account"]["name"]) == (account["id"], "Nested Ltd")
    assert "updated_at" not in found["account"]


def test_put_is_taken_for_patch(http: httpx2.Client) -> None:
    contact = new_contact(http, first_name="A", title="kept")
    changed = answer(http.put(f"/contacts/{contact['id']}", json={"first_name": "B"}))["contact"]
    assert (changed["first_name"], changed["title"]) == ("B", "kept")


# --- deduplication


def test_a_single_create_makes_a_double_unless_told_otherwise(http: httpx2.Client) -> None:
    body = {"first_name": "Twice", "email": "twice@dup.example"}
    assert new_contact(http, **body)["id"] != new_contact(http, **body)["id"]


def test_run_dedupe_overwrites_what_is_sent_and_leaves_the_rest(http: httpx2.Client) -> None:
    first = new_contact(http, first_name="Up", last_name="Sert", email="up@sert.example", title="Old")
    body = {"email": "UP@sert.example", "title": "New", "run_dedupe": True}
    again = answer(http.post("/contacts", json=body))
    assert again["contact"]["id"] == first["id"]
    assert (again["contact"]["title"], again["contact"]["first_name"]) == ("New", "Up")
    assert again["dedupe_result"] == {
        "found_existing": True,
        "match_reason": "email_match",
        "existing_contact_id": first["id"],
    }


def test_run_dedupe_looks_for_crm_ids_before_the_address(http: httpx2.Client) -> None:
    by_crm = new_contact(http, first_name="Crm", email="crm@order.example", salesforce_lead_id="00Q1")
    new_contact(http, first_name="Mail", email="mail@order.example")
    body = {"email": "mail@order.example", "salesforce_lead_id": "00Q1", "run_dedupe": True}
    assert answer(http.post("/contacts", json=body))["contact"]["id"] == by_crm["id"]


def test_run_dedupe_knows_further_addresses(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    values = {
        "email": "main@more.example",
        "contact_emails": [{"email": "second@more.example", "position": 1}],
    }
    made = sandbox.control("POST", "/records/contacts", values)
    body = {"email": "second@more.example", "run_dedupe": True}
    assert answer(http.post("/contacts", json=body))["contact"]["id"] == made["id"]


def test_run_dedupe_takes_a_name_only_with_the_same_company(http: httpx2.Client) -> None:
    first = new_contact(http, first_name="Jo", last_name="Namesake", organization_name="Acme")
    other = {"first_name": "jo", "last_name": "namesake", "run_dedupe": True}
    elsewhere = answer(http.post("/contacts", json={**other, "organization_name": "Globex"}))
    assert elsewhere["dedupe_result"] == {"found_existing": False}
    same = answer(
        http.post("/contacts", json={**other, "organization_name": "ACME", "email": "jo@acme.example"})
    )
    assert same["contact"]["id"] == first["id"]
    assert same["dedupe_result"]["match_reason"] == "name_and_company_match"


def test_a_salesforce_id_once_set_is_protected(http: httpx2.Client) -> None:
    first = new_contact(http, email="kept@sf.example", salesforce_contact_id="0031")
    body = {"email": "kept@sf.example", "salesforce_contact_id": "0032", "run_dedupe": True}
    again = answer(http.post("/contacts", json=body))["contact"]
    assert (again["id"], again["salesforce_contact_id"]) == (first["id"], "0031")


def test_run_dedupe_keeps_a_change_of_a_custom_field(http: httpx2.Client) -> None:
    fields = answer(http.get("/typed_custom_fields"))["typed_custom_fields"]
    nickname = next(field["id"] for field in fields if field["name"] == "Nickname")
    body = {"email": "nick@field.example", "run_dedupe": True}
    first = answer(http.post("/contacts", json={**body, "typed_custom_fields": {nickname: "One"}}))["contact"]
    answer(http.post("/contacts", json={**body, "typed_custom_fields": {nickname: "Two"}}))
    assert shown(http, first)["typed_custom_fields"] == {nickname: "Two"}


# --- contacts in bulk


def test_bulk_create_makes_doubles_without_run_dedupe(http: httpx2.Client) -> None:
    first = new_contact(http, first_name="B", email="bulk@dup.example")
    body = {"contacts": [{"first_name": "C", "email": "bulk@dup.example"}]}
    made = answer(http.post("/contacts/bulk_create", json=body))
    assert made["existing_contacts"] == []
    assert made["created_contacts"][0]["id"] != first["id"]


def test_bulk_create_with_run_dedupe_returns_what_exists_untouched(http: httpx2.Client) -> None:
    first = new_contact(http, first_name="Old", email="bulk@old.example", title="Stays")
    body = {
        "contacts": [
            {"first_name": "New", "email": "bulk@old.example", "title": "Lost"},
            {"first_name": "Fresh", "email": "fresh@old.example", "primary_title": "Wins", "title": "Loses"},
            {"first_name": "Again", "email": "fresh@old.example"},
        ],
        "run_dedupe": True,
        "append_label_names": ["batch"],
        "owner_id": user_ids(http)[1],
    }
    made = answer(http.post("/contacts/bulk_create", json=body))
    created, existing = made["created_contacts"], made["existing_contacts"]
    assert [one["first_name"] for one in created] == ["Fresh"]
    assert (created[0]["title"], created[0]["owner_id"]) == ("Wins", user_ids(http)[1])
    assert len(created[0]["label_ids"]) == 1
    assert [one["id"] for one in existing] == [first["id"], created[0]["id"]]
    assert shown(http, first) == {**first, "next_contact_id": None}


def test_a_placeholder_of_an_email_import_is_filled_in_either_way(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    values = {"email": "place@holder.example", "source": "email_import"}
    placeholder = sandbox.control("POST", "/records/contacts", values)
    body = {"contacts": [{"first_name": "Real", "email": "place@holder.example"}]}
    made = answer(http.post("/contacts/bulk_create", json=body))
    assert [one["id"] for one in made["existing_contacts"]] == [placeholder["id"]]
    assert shown(http, placeholder)["first_name"] == "Real"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, 'Please provide an array of contact attributes in the "contact_attributes" parameter.'),
        (
            {"contacts": "x"},
            'Please provide an array of contact attributes in the "contact_attributes" parameter.',
        ),
        ({"contacts": [{}] * 101}, "Please limit your array to 100 contacts or fewer."),
        ({"contacts": [{}], "owner_id": NOBODY}, f"Parameters misconfigured. {NOBODY} is not a valid ID"),
    ],
)
def test_a_bulk_create_that_asks_wrongly(http: httpx2.Client, body: dict[str, object], text: str) -> None:
    assert answer(http.post("/contacts/bulk_create", json=body), 422) == {"error": text}


def test_bulk_update_gives_all_the_same_or_each_its_own(http: httpx2.Client) -> None:
    one, two = new_contact(http, first_name="One"), new_contact(http, first_name="Two")
    same = {"contact_ids": [one["id"], two["id"], NOBODY], "title": "Both", "owner_id": user_ids(http)[1]}
    updated = answer(http.post("/contacts/bulk_update", json=same))["contacts"]
    assert [(c["id"], c["title"], c["owner_id"]) for c in updated] == [
        (one["id"], "Both", user_ids(http)[1]),
        (two["id"], "Both", user_ids(http)[1]),
    ]
    own = {
        "contact_attributes": [
            {"id": one["id"], "linkedin_url": "https://LinkedIn.example/in/One/"},
            {"id": two["id"], "first_name": "Zwei"},
        ]
    }
    answer(http.post("/contacts/bulk_update", json=own))
    assert shown(http, one)["linkedin_url"] == "http://www.linkedin.example/in/one"
    assert shown(http, two)["first_name"] == "Zwei"


def test_one_wrong_value_refuses_the_whole_bulk_update(http: httpx2.Client) -> None:
    one, two = new_contact(http, first_name="One"), new_contact(http, first_name="Two")
    body = {"contact_attributes": [{"id": one["id"], "title": "x"}, {"id": two["id"], "email": "bad"}]}
    refusal = answer(http.post("/contacts/bulk_update", json=body), 422)
    assert refusal["error_details"] == {
        "contact_id": two["id"],
        "field": "email",
        "message": "Invalid email format",
    }
    assert shown(http, one)["title"] is None


def test_a_large_bulk_update_is_accepted_first_and_done_later(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    body = {"contacts": [{"first_name": f"Many{n}"} for n in range(100)]}
    created = answer(http.post("/contacts/bulk_create", json=body))["created_contacts"]
    ids = [one["id"] for one in created] + [new_contact(http, first_name="Last")["id"]]
    sandbox.control("POST", "/clock", {"frozen": True})
    job = answer(http.post("/contacts/bulk_update", json={"contact_ids": ids, "title": "Later"}))
    progress = job["entity_progress_job"]
    assert (progress["job_type"], progress["status"]) == ("contact_bulk_update", "pending")
    assert progress["entity_ids"] == ids
    assert shown(http, created[0])["title"] is None
    sandbox.control("POST", "/clock", {"advance": 2})
    assert shown(http, created[0])["title"] == "Later"
    sandbox.control("POST", "/clock", {"frozen": False})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Please provide either contact_ids or contact_attributes"),
        ({"contact_ids": [NOBODY] * 1001, "title": "x"}, "Please limit your array to fewer than 1000."),
    ],
)
def test_a_bulk_update_that_asks_wrongly(http: httpx2.Client, body: dict[str, object], text: str) -> None:
    assert answer(http.post("/contacts/bulk_update", json=body), 422) == {"error": text}


def test_stages_and_owners_are_moved_by_query_parameters(http: httpx2.Client) -> None:
    ids = [new_contact(http, first_name=name)["id"] for name in ("One", "Two")]
    stage = answer(http.get("/contact_stages"))["contact_stages"][2]["id"]
    params: dict[str, Any] = {"contact_ids[]": ids, "contact_stage_id": stage}
    moved = answer(http.post("/contacts/update_stages", params=params))["contacts"]
    assert {(one["id"], one["contact_stage_id"]) for one in moved} == {(id_, stage) for id_ in ids}
    owner = user_ids(http)[1]
    handed = answer(http.post("/contacts/update_owners", params={"contact_ids[]": ids, "owner_id": owner}))
    assert handed == {"contacts": [{"id": id_, "owner_id": owner, "crm_owner_id": None} for id_ in ids]}


@pytest.mark.parametrize(
    ("path", "params", "name"),
    [
        ("/contacts/update_stages", {}, "contact_ids"),
        ("/contacts/update_stages", {"contact_ids[]": [NOBODY]}, "contact_stage_id"),
        ("/contacts/update_owners", {}, "contact_ids"),
        ("/contacts/update_owners", {"contact_ids[]": [NOBODY]}, "owner_id"),
        ("/accounts/update_owners", {}, "account_ids"),
        ("/accounts/update_owners", {"account_ids[]": [NOBODY]}, "owner_id"),
    ],
)
def test_a_missing_parameter_is_named(
    http: httpx2.Client, path: str, params: dict[str, Any], name: str
) -> None:
    assert answer(http.post(path, params=params), 422) == {"error": f"Required parameter '{name}' missing"}
