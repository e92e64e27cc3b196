"""What the Apollo sandbox shows of a contact, and what it keeps back or makes up: over plain HTTP."""

from collections.abc import Iterator
from urllib.parse import unquote

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import answer, client_of, contact_ids, new_account, new_contact

LOCKED = "email_not_unlocked@domain.com"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


@pytest.fixture(scope="module")
def http(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    with client_of(sandbox) as client:
        yield client


def test_a_locked_address_is_a_placeholder_everywhere_and_still_matches(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    contact = new_contact(http, first_name="Locked", last_name="Away", email="locked@away.example")
    empty = new_contact(http, first_name="Without", last_name="Address")
    wish = {"ids": [contact["id"], empty["id"]], "email_locked": True}
    assert sandbox.control("POST", "/visibility", wish) == {"contacts": 2}
    shown = answer(http.get(f"/contacts/{contact['id']}"))["contact"]
    found = answer(http.post("/contacts/search", json={"q_keywords": "locked away"}))["contacts"][0]
    for one in (shown, found):
        assert (one["email"], one["contact_emails"]) == (LOCKED, [])
        assert one["updated_at"] == contact["updated_at"]
    assert answer(http.get(f"/contacts/{empty['id']}"))["contact"]["email"] is None
    again = answer(http.post("/contacts", json={"email": "locked@away.example", "run_dedupe": True}))
    assert (again["contact"]["id"], again["contact"]["email"]) == (contact["id"], LOCKED)
    sandbox.control("POST", "/visibility", {"email_locked": False})
    assert answer(http.get(f"/contacts/{contact['id']}"))["contact"]["email"] == "locked@away.example"


def test_a_hidden_contact_is_not_for_this_user(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    contact = new_contact(http, first_name="Hidden", last_name="Treasure")
    sandbox.control("POST", "/visibility", {"ids": [contact["id"]], "hidden": True})
    refusal = {"error": "You are not authorized to view this page."}
    assert answer(http.get(f"/contacts/{contact['id']}"), 422) == refusal
    assert contact_ids(http, q_keywords="hidden treasure") == []
    sandbox.control("POST", "/visibility", {"ids": [contact["id"]], "hidden": False})
    assert contact_ids(http, q_keywords="hidden treasure") == [contact["id"]]


@pytest.mark.parametrize("wish", [{}, {"hidden": "yes"}, {"ids": "x", "hidden": True}])
def test_a_visibility_that_cannot_be_is_explained(sandbox: RunningSandbox, wish: dict[str, object]) -> None:
    assert answer(httpx2.post(f"{sandbox.control_url}/visibility", json=wish), 400).keys() == {"error"}


def test_the_company_is_guessed_from_the_address_even_wrongly(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    known = sandbox.control("POST", "/organizations", {"domain": "shared.example", "name": "Freelancers"})
    contact = new_contact(http, first_name="Guessed", email="someone@shared.example")
    assert (contact["organization_id"], contact["organization_name"]) == (known["id"], "Freelancers")
    own = new_contact(http, email="other@shared.example", organization_name="My own firm")
    assert (own["organization_id"], own["organization_name"]) == (known["id"], "My own firm")
    free = new_contact(http, email="someone@gmail.com")
    assert (free["organization_id"], free["free_domain"]) == (None, True)
    found = answer(http.post("/contacts/search", json={"q_keywords": "guessed"}))["contacts"][0]
    assert found["organization"]["name"] == "Freelancers"
    account = new_account(http, name="Mine", domain="shared.example")
    assert account["organization_id"] == known["id"]
    assert answer(http.get(f"/accounts/{account['id']}"))["account"]["primary_domain"] == "shared.example"
    again = httpx2.post(f"{sandbox.control_url}/organizations", json={"domain": "shared.example"})
    assert answer(again, 400).keys() == {"error"}


def test_addresses_and_numbers_of_a_bulk_create_keep_their_places(http: httpx2.Client) -> None:
    sent = {
        "first_name": "Many",
        "contact_emails": [
            {"email": "Second@many.example", "position": 1},
            {"email": "first@many.example", "position": 0},
        ],
        "phone_numbers": [
            {"raw_number": "202-555-0172", "position": 1},
            {"raw_number": "202-555-0171", "position": 0},
        ],
    }
    made = answer(http.post("/contacts/bulk_create", json={"contacts": [sent]}))["created_contacts"][0]
    assert made["email"] == "first@many.example"
    emails = [(entry["email"], entry["position"]) for entry in made["contact_emails"]]
    assert emails == [("first@many.example", 0), ("second@many.example", 1)]
    assert [entry["raw_number"] for entry in made["phone_numbers"]] == ["202-555-0171", "202-555-0172"]
    assert made["sanitized_phone"] == "+12025550171"


def test_address_keys_are_there_only_when_they_are_set(http: httpx2.Client) -> None:
    contact = new_contact(http, first_name="Nowhere")
    keys = {"city", "state", "country", "postal_code", "street_address", "time_zone"}
    assert not keys & contact.keys()
    path = f"/contacts/{contact['id']}"
    moved = answer(http.patch(path, json={"present_raw_address": "Berlin, Germany"}))["contact"]
    assert (moved["city"], moved["country"], moved["time_zone"]) == ("Berlin", "Germany", "Europe/Berlin")
    vague = answer(http.patch(path, json={"present_raw_address": "somewhere nice"}))["contact"]
    assert vague["present_raw_address"] == "somewhere nice"
    assert not keys & vague.keys()


@pytest.mark.parametrize("id_", ["12345", "x" * 24, "%00", "66e34b81740c50074e3d1bd4x"])
def test_an_id_that_can_be_nobodys_is_refused_as_such(http: httpx2.Client, id_: str) -> None:
    refusal = {"error": f"Parameters misconfigured. {unquote(id_)} is not a valid ID"}
    assert answer(http.get(f"/contacts/{id_}"), 422) == refusal
    assert answer(http.patch(f"/contacts/{id_}", json={}), 422) == refusal
