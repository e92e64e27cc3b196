"""What the Apollo sandbox takes for a record that exists: the order of keys, single and in bulk."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import answer, client_of, new_contact

# What each contact of the test is found by, strongest first; the sent contact fits all of them.
BY: dict[str, dict[str, object]] = {
    "id": {},
    "crm_id": {"salesforce_contact_id": "003A"},
    "person_id": {"person_id": "64a7ff0cc4dfae00013df1a5"},
    "email": {"email": "first@order.example"},
    "name_and_company": {"first_name": "Or", "last_name": "Der", "organization_name": "Order Ltd"},
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


@pytest.fixture(scope="module")
def http(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    with client_of(sandbox) as client:
        yield client


def upsert(http: httpx2.Client, **values: object) -> dict[str, Any]:
    made: dict[str, Any] = answer(http.post("/contacts", json={**values, "run_dedupe": True}))
    return made


def bulk(http: httpx2.Client, plural: str, *sent: Mapping[str, object], **more: object) -> dict[str, Any]:
    made: dict[str, Any] = answer(http.post(f"/{plural}/bulk_create", json={plural: list(sent), **more}))
    return made


def test_the_strongest_key_wins(http: httpx2.Client) -> None:
    """The bulk form looks in the same order and changes nothing, so that every step starts from the same records."""
    made = {reason: new_contact(http, **values)["id"] for reason, values in reversed(BY.items())}
    sent: dict[str, object] = {"id": made["id"]}
    sent |= {key: value for values in BY.values() for key, value in values.items()}
    for reason, values in BY.items():
        found = bulk(http, "contacts", sent, run_dedupe=True)
        assert [one["id"] for one in found["existing_contacts"]] == [made[reason]], reason
        for key in values or ("id",):
            del sent[key]


@pytest.mark.parametrize("reason", [reason for reason in BY if reason != "id"])
def test_an_upsert_tells_what_it_matched_by(http: httpx2.Client, reason: str) -> None:
    values = {key: f"{value}.told" for key, value in BY[reason].items()}
    first = new_contact(http, **values)
    assert upsert(http, **values)["dedupe_result"] == {
        "found_existing": True,
        "match_reason": f"{reason}_match",
        "existing_contact_id": first["id"],
    }


def test_merged_crm_ids_still_find_the_survivor(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    winner = new_contact(http, email="win@merged.example", salesforce_contact_id="003W", title="Kept")
    loser = new_contact(http, email="lose@merged.example", salesforce_contact_id="003L", first_name="Filled")
    merged = {"type": "contacts", "winner": winner["id"], "loser": loser["id"]}
    survivor = sandbox.control("POST", "/merge", merged)
    assert survivor["merged_crm_ids"] == ["003L"]
    assert (survivor["title"], survivor["first_name"]) == ("Kept", "Filled")
    assert [one["email"] for one in survivor["contact_emails"]] == [
        "win@merged.example",
        "lose@merged.example",
    ]
    gone = answer(http.get(f"/contacts/{loser['id']}"), 422)
    assert gone == {"error": "This contact has been deleted."}
    for values in ({"salesforce_contact_id": "003L"}, {"email": "lose@merged.example"}):
        assert upsert(http, **values)["contact"]["id"] == winner["id"]


def test_merged_accounts_hand_over_contacts_and_crm_ids(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    sent = (
        {"name": "Win", "salesforce_id": "001W"},
        {"name": "Lose", "hubspot_id": "77", "domain": "l.example"},
    )
    winner, loser = bulk(http, "accounts", *sent)["created_accounts"]
    contact = new_contact(http, first_name="Moved", account_id=loser["id"])
    sandbox.control("POST", "/merge", {"type": "accounts", "winner": winner["id"], "loser": loser["id"]})
    assert answer(http.get(f"/contacts/{contact['id']}"))["contact"]["account_id"] == winner["id"]
    again = bulk(http, "accounts", {"name": "Other", "hubspot_id": "77"})
    assert [(one["id"], one["name"]) for one in again["existing_accounts"]] == [(winner["id"], "Win")]
    assert again["existing_accounts"][0]["domain"] == "l.example"


@pytest.mark.parametrize(
    "wish", [{"type": "users"}, {"type": "contacts", "winner": "x", "loser": "x"}, {"type": "labels"}]
)
def test_a_merge_that_cannot_be_is_explained(sandbox: RunningSandbox, wish: dict[str, str]) -> None:
    assert answer(httpx2.post(f"{sandbox.control_url}/merge", json=wish), 400).keys() == {"error"}


def test_an_upsert_overwrites_the_address_and_keeps_its_status(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    first = new_contact(http, email="old@status.example", hubspot_vid="901")
    sandbox.control("POST", f"/records/contacts/{first['id']}", {"email_status": "unavailable"})
    again = upsert(http, email="new@status.example", hubspot_vid="901")["contact"]
    assert (again["id"], again["email"], again["email_status"]) == (
        first["id"],
        "new@status.example",
        "unavailable",
    )


def test_an_upsert_clears_what_is_sent_empty_and_protects_the_person(http: httpx2.Client) -> None:
    person = {"person_id": "64a7ff0cc4dfae00013df1aa"}
    first = new_contact(http, email="clear@upsert.example", title="Gone", first_name="Stays", **person)
    again = upsert(http, email="clear@upsert.example", title="", person_id="64a7ff0cc4dfae00013df1ab")[
        "contact"
    ]
    assert (again["id"], again["title"], again["first_name"]) == (first["id"], None, "Stays")
    assert again["person_id"] == person["person_id"]


def test_whether_a_single_create_takes_crm_ids_is_a_doubt(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    sandbox.control("POST", "/doubts", {"crm_ids_on_create": False})
    made = new_contact(http, first_name="Plain", salesforce_contact_id="003P")
    sandbox.control("POST", "/doubts", {"crm_ids_on_create": True})
    assert made["salesforce_contact_id"] is None


def test_whether_crm_ids_match_in_bulk_without_run_dedupe_is_a_doubt(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    first = new_contact(http, first_name="Known", salesforce_contact_id="003K")
    sent: dict[str, object] = {"first_name": "Other", "salesforce_contact_id": "003K"}
    assert bulk(http, "contacts", sent)["existing_contacts"] == []
    sandbox.control("POST", "/doubts", {"crm_ids_match_in_bulk": True})
    found = bulk(http, "contacts", sent)
    sandbox.control("POST", "/doubts", {"crm_ids_match_in_bulk": False})
    assert [(one["id"], one["first_name"]) for one in found["existing_contacts"]] == [(first["id"], "Known")]
    assert found["created_contacts"] == []


def test_a_placeholder_is_found_behind_an_older_double(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    older = new_contact(http, first_name="Older", email="both@place.example")
    values = {"email": "both@place.example", "source": "email_import"}
    placeholder = sandbox.control("POST", "/records/contacts", values)
    made = bulk(http, "contacts", {"first_name": "Real", "email": "both@place.example"})
    assert [one["id"] for one in made["existing_contacts"]] == [placeholder["id"]]
    assert made["existing_contacts"][0]["first_name"] == "Real"
    assert answer(http.get(f"/contacts/{older['id']}"))["contact"]["first_name"] == "Older"


def test_accounts_match_by_domain_before_organisation_before_name(http: httpx2.Client) -> None:
    organisation = "64a7ff0cc4dfae00013df1a9"
    names: list[dict[str, object]] = [
        {"name": "Third"},
        {"name": "Second", "organization_id": organisation},
        {"name": "First", "domain": "first.example"},
        {"name": "Zeroth", "salesforce_id": "0010"},
    ]
    third, second, first, zeroth = bulk(http, "accounts", *names)["created_accounts"]
    sent: dict[str, object] = {
        "name": "Third",
        "organization_id": organisation,
        "domain": "first.example",
        "salesforce_id": "0010",
    }
    for expected, key in (
        (zeroth, "salesforce_id"),
        (first, "domain"),
        (second, "organization_id"),
        (third, "name"),
    ):
        found = bulk(http, "accounts", sent, run_dedupe=True)
        assert [one["id"] for one in found["existing_accounts"]] == [expected["id"]]
        del sent[key]


def test_one_batch_finds_its_own_doubles_only_with_run_dedupe(http: httpx2.Client) -> None:
    twin: dict[str, object] = {"name": "Twin", "domain": "twin.example"}
    assert len(bulk(http, "accounts", twin, twin)["created_accounts"]) == 2
    fresh: dict[str, object] = {"name": "Fresh", "domain": "fresh.example"}
    once = bulk(http, "accounts", fresh, fresh, run_dedupe=True)
    assert [one["id"] for one in once["existing_accounts"]] == [one["id"] for one in once["created_accounts"]]
