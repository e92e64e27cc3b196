"""The team's side of the Apollo sandbox: users, stages, fields and lists, over plain HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import NOBODY, answer, client_of, contact_ids, new_account, new_contact


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


@pytest.fixture(scope="module")
def http(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    with client_of(sandbox) as client:
        yield client


def test_user_pages_have_text_numbers_and_hold_deleted_users(http: httpx2.Client) -> None:
    found = answer(http.get("/users/search", params={"page": 1, "per_page": 2}))
    assert found["pagination"] == {"page": "1", "per_page": "2", "total_entries": 3, "total_pages": 2}
    rest = answer(http.get("/users/search", params={"page": 2, "per_page": 2}))["users"]
    assert [user["deleted"] for user in (*found["users"], *rest)] == [False, False, True]


def test_a_key_acts_as_the_longest_standing_user(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    users = answer(http.get("/users/search"))["users"]
    profile = answer(http.get("/users/api_profile"))
    assert profile["id"] == users[0]["id"]
    assert new_contact(http, first_name="Owned")["owner_id"] == users[0]["id"]
    sandbox.control("POST", f"/records/users/{users[0]['id']}", {"deleted": True})
    assert answer(http.get("/users/api_profile"))["id"] == users[1]["id"]
    sandbox.control("POST", f"/records/users/{users[0]['id']}", {"deleted": False})


def test_the_stages_of_accounts(http: httpx2.Client) -> None:
    stages = answer(http.get("/account_stages"))["account_stages"]
    names = ["Cold", "Current Client", "Active Opportunity", "Dead Opportunity", "Do Not Prospect"]
    assert [stage["name"] for stage in stages] == names
    assert new_account(http, name="Staged")["account_stage_id"] == stages[0]["id"]


def test_fields_are_listed_by_source(http: httpx2.Client) -> None:
    def named(source: str) -> set[str]:
        return {field["label"] for field in answer(http.get("/fields", params={"source": source}))["fields"]}

    system = answer(http.get("/fields", params={"source": "system"}))["fields"]
    assert {"contact.email", "account.domain"} <= {field["id"] for field in system}
    assert "Lead Source" in named("custom")
    assert named("crm_synced") == {"Rating"}


def test_a_custom_field_is_made_renamed_and_holds_only_what_fits(http: httpx2.Client) -> None:
    body = {"label": "Shoe size", "modality": "contact", "type": "number"}
    made = answer(http.post("/fields", json=body))["typed_custom_fields"][0]
    contact = new_contact(http, first_name="A", typed_custom_fields={made["id"]: "42", NOBODY: "ignored"})
    assert contact["typed_custom_fields"] == {made["id"]: 42}
    changed = {"typed_custom_fields": {made["id"]: "large"}}
    kept = answer(http.patch(f"/contacts/{contact['id']}", json=changed))["contact"]
    assert kept["typed_custom_fields"] == {made["id"]: 42}
    assert kept["custom_field_errors"] == {made["id"]: "Shoe size must be a number"}
    rename = {"fields": [{"id": f"contact.{made['id']}", "label": "Shoes"}]}
    assert answer(http.patch("/fields", json=rename))["fields"][0]["label"] == "Shoes"


def test_text_in_a_custom_field_is_cut_at_its_length(http: httpx2.Client) -> None:
    fields = answer(http.get("/typed_custom_fields"))["typed_custom_fields"]
    nickname = next(field for field in fields if field["name"] == "Nickname")
    contact = new_contact(http, first_name="A", typed_custom_fields={nickname["id"]: "x" * 50})
    assert contact["typed_custom_fields"][nickname["id"]] == "x" * nickname["text_field_max_length"]


def test_a_picklist_holds_ids_of_its_own_options(http: httpx2.Client) -> None:
    fields = answer(http.get("/typed_custom_fields"))["typed_custom_fields"]
    interests = next(field for field in fields if field["name"] == "Interests")
    two = [option["id"] for option in interests["picklist_values"][:2]]
    contact = new_contact(http, first_name="A", typed_custom_fields={interests["id"]: two})
    assert contact["typed_custom_fields"] == {interests["id"]: two}
    wrong = {"typed_custom_fields": {interests["id"]: ["Pricing"]}}
    kept = answer(http.patch(f"/contacts/{contact['id']}", json=wrong))["contact"]
    assert kept["typed_custom_fields"] == {interests["id"]: two}
    cleared = {"typed_custom_fields": {interests["id"]: None}}
    assert (
        answer(http.patch(f"/contacts/{contact['id']}", json=cleared))["contact"]["typed_custom_fields"] == {}
    )


def test_lists_are_a_bare_array_and_adding_makes_missing_ones(http: httpx2.Client) -> None:
    contact = new_contact(http, first_name="Listed")
    body = {"entity_ids": [contact["id"]], "label_names": ["Fair 2026"], "modality": "contacts"}
    added = answer(http.post("/labels/add_entity_ids_to_label_names", json=body))["labels"]
    assert (added[0]["name"], added[0]["cached_count"]) == ("Fair 2026", 1)
    lists = answer(http.get("/labels"))
    assert isinstance(lists, list)
    label = next(one for one in lists if one["name"] == "Fair 2026")
    assert contact_ids(http, contact_label_ids=[label["id"]]) == [contact["id"]]
    answer(http.post("/labels/remove_entity_ids_from_label_names", json=body))
    assert contact_ids(http, contact_label_ids=[label["id"]]) == []


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"modality": "contacts"}, 422, "Please enter a non-empty name!"),
        ({"name": "x"}, 422, "Please enter a non-empty modality!"),
        ({"name": "x", "modality": "leads"}, 422, "Please enter a valid modality!"),
    ],
)
def test_a_list_needs_a_name_and_a_modality(
    http: httpx2.Client, body: dict[str, str], status: int, text: str
) -> None:
    assert answer(http.post("/labels", json=body), status) == {"error": text}


def test_a_list_of_the_same_name_is_refused(http: httpx2.Client) -> None:
    body = {"name": "Only once", "modality": "contacts"}
    assert answer(http.post("/labels", json=body))["label"]["cached_count"] == 0
    assert answer(http.post("/labels", json=body), 422)["error"] == "Only once already exists"


def test_a_list_of_accounts_may_be_a_book_of_business(http: httpx2.Client) -> None:
    def asked(modality: str, **more: object) -> dict[str, Any]:
        body = {"name": f"Book {modality} {more}", "modality": modality, **more}
        label: dict[str, Any] = answer(http.post("/labels", json=body))["label"]
        return label

    assert [asked("accounts", book_of_business=value)["book_of_business"] for value in (True, False)] == [
        True,
        False,
    ]
    assert asked("accounts")["book_of_business"] is False
    contacts = asked("contacts", book_of_business={"deep": []})
    assert contacts["book_of_business"] is None
    path = f"/labels/{contacts['id']}"
    renamed = answer(http.patch(path, json={"name": "Renamed", "modality": "accounts"}))["label"]
    assert (renamed["name"], renamed["modality"]) == ("Renamed", "contacts")
    assert answer(http.patch(path, json={"name": ""}), 422) == {"error": "Please enter a non-empty name!"}
    unknown = answer(http.patch(f"/labels/{NOBODY}", json={"name": "x"}), 404)
    assert unknown == {"message": f"Could not find label with id {NOBODY}", "error": "Record not found."}


@pytest.mark.parametrize("name", ["add_entity_ids_to_label_names", "remove_entity_ids_from_label_names"])
def test_lists_are_filled_later_when_asked(sandbox: RunningSandbox, http: httpx2.Client, name: str) -> None:
    contact = new_contact(http, first_name="Later", label_names=["Gone later"])
    adds = name.startswith("add")
    body = {"entity_ids": [contact["id"], NOBODY], "label_names": ["New later" if adds else "Gone later"]}
    sandbox.control("POST", "/jobs", {"delay": 60})
    later = {**body, "modality": "contacts", "async": True}
    job = answer(http.post(f"/labels/{name}", json=later))["entity_progress_job"]
    assert job["job_type"] == f"{'add_entities_to' if adds else 'remove_entities_from'}_labels"
    assert (job["progress"], job["entity_ids"]) == (-1, body["entity_ids"])
    path = f"/contacts/{contact['id']}"
    assert [label["name"] for label in answer(http.get(path))["labels"]] == ["Gone later"]
    sandbox.control("POST", "/clock", {"advance": 60})
    expected = ["Gone later", "New later"] if adds else []
    assert [label["name"] for label in answer(http.get(path))["labels"]] == expected
    sandbox.control("POST", "/jobs", {})
    invalid = answer(http.post(f"/labels/{name}", json={**body, "modality": "leads"}), 422)
    assert invalid == {"error": "Invalid modality: leads."}


def test_nothing_to_put_on_a_list_is_no_error(http: httpx2.Client) -> None:
    body = {"entity_ids": [], "label_names": ["x"], "modality": "contacts"}
    nothing = {"message": "No Models or Lists provided"}
    assert answer(http.post("/labels/add_entity_ids_to_label_names", json=body)) == nothing
