"""qodev-apollo-api, a client the sandbox's makers did not write, drives the Apollo sandbox over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from qodev_apollo_api import ApolloClient
from qodev_apollo_api.exceptions import APIError, AuthenticationError, RateLimitError

from syncline.testing.sandboxes import RunningSandbox, start_sandbox

PEOPLE = 150
T = TypeVar("T")
Use = Callable[[ApolloClient], Awaitable[T]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo", dataset=str(PEOPLE)) as running:
        yield running


@pytest.fixture
def limits(sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """A sandbox whose limits may be turned; they are put back afterwards."""
    yield sandbox
    sandbox.control("POST", "/limits", {"plan": "demo"})


def through(sandbox: RunningSandbox, use: Use[T], key: str = "api_key") -> T:
    """Run one piece of work with the client, pointed at the sandbox."""

    async def run() -> T:
        async with ApolloClient(api_key=sandbox.credentials.get(key, key)) as client:
            assert client._client is not None
            client._client.base_url = sandbox.base_url
            return await use(client)

    return asyncio.run(run())


async def every_contact_id(client: ApolloClient, per_page: int) -> list[str]:
    found: list[str] = []
    page = 1
    while True:
        answer = await client.search_contacts(page=page, limit=per_page, sort_by_field="contact_updated_at")
        found += [contact.id for contact in answer.items]
        if not answer.items:
            assert len(found) == answer.total
            return found
        page += 1


async def every_account_id(client: ApolloClient, per_page: int) -> list[str]:
    found: list[str] = []
    page = 1
    while answer := (await client.search_accounts(page=page, limit=per_page)).items:
        found += [account.id for account in answer]
        page += 1
    return found


def test_contact_search_pages_show_every_contact_once(sandbox: RunningSandbox) -> None:
    ids = through(sandbox, lambda client: every_contact_id(client, 17))
    assert len(ids) == len(set(ids))
    stored = sandbox.control("GET", "/records/contacts")["records"]
    assert set(ids) == {contact["id"] for contact in stored}
    assert len(ids) > PEOPLE / 2


def test_contacts_come_newest_change_first(sandbox: RunningSandbox) -> None:
    answer = through(sandbox, lambda client: client.search_contacts(sort_by_field="contact_updated_at"))
    stamps = [contact.updated_at for contact in answer.items if contact.updated_at]
    assert len(stamps) == len(answer.items) == 100
    assert stamps == sorted(stamps, reverse=True)


def test_account_search_pages_show_every_account_once(sandbox: RunningSandbox) -> None:
    ids = through(sandbox, lambda client: every_account_id(client, 7))
    assert len(ids) == len(set(ids))
    assert set(ids) == {one["id"] for one in sandbox.control("GET", "/records/accounts")["records"]}


def test_account_search_by_name(sandbox: RunningSandbox) -> None:
    stored = sandbox.control("GET", "/records/accounts", None)["records"][0]
    name = stored["name"][:6]
    answer = through(sandbox, lambda client: client.search_accounts(q_organization_name=name.upper()))
    assert stored["id"] in {account.id for account in answer.items}
    assert all(name.lower() in (account.name or "").lower() for account in answer.items)


def test_an_account_can_be_read_with_its_organisation(sandbox: RunningSandbox) -> None:
    stored = next(
        one for one in sandbox.control("GET", "/records/accounts")["records"] if one["organization_id"]
    )
    account = through(sandbox, lambda client: client.get_account(stored["id"]))
    assert (account.name, account.domain) == (stored["name"], stored["domain"])
    assert account.website_url == f"http://www.{account.primary_domain}"
    assert account.num_contacts is not None


def test_a_contact_is_created_read_and_changed(sandbox: RunningSandbox) -> None:
    stages = through(sandbox, lambda client: client.get_contact_stages())
    replied = next(stage["id"] for stage in stages if stage["name"] == "Replied")
    created = through(
        sandbox,
        lambda client: client.create_contact(
            "Grace", "Hopper", email="Grace.Hopper@Navy.example", title="Admiral", mobile_phone="202-555-0114"
        ),
    )
    assert (created.name, created.email) == ("Grace Hopper", "grace.hopper@navy.example")
    assert created.phone_numbers[0].sanitized_number == "+12025550114"
    changed = through(
        sandbox,
        lambda client: client.update_contact(created.id, title="Rear admiral", contact_stage_id=replied),
    )
    assert changed.title == "Rear admiral"
    assert changed.updated_at is not None
    assert created.updated_at is not None
    assert changed.updated_at > created.updated_at
    read = through(sandbox, lambda client: client.get_contact(created.id))
    assert (read.title, read.contact_stage_id, read.email) == ("Rear admiral", replied, created.email)


def test_a_created_contact_is_found_by_keywords(sandbox: RunningSandbox) -> None:
    created = through(
        sandbox, lambda client: client.create_contact("Zebulon", "Quist", email="zq@quist.example")
    )
    answer = through(sandbox, lambda client: client.search_contacts(q_keywords="quist zebulon"))
    assert [contact.id for contact in answer.items] == [created.id]


def test_contacts_are_found_by_stage_and_by_profile(sandbox: RunningSandbox) -> None:
    stages = {stage["name"]: stage["id"] for stage in through(sandbox, lambda one: one.get_contact_stages())}
    answer = through(sandbox, lambda client: client.search_contacts(contact_stage_ids=[stages["Interested"]]))
    assert answer.items
    assert {contact.contact_stage_id for contact in answer.items} == {stages["Interested"]}
    profile = "http://www.linkedin.com/in/ada-l-42"
    made = sandbox.control("POST", "/records/contacts", {"first_name": "Ada", "linkedin_url": profile})
    found = through(
        sandbox, lambda client: client.find_contact_by_linkedin_url("https://linkedin.com/in/Ada-L-42/")
    )
    assert found == made["id"]


def test_the_stages_of_contacts_are_listed_in_order(sandbox: RunningSandbox) -> None:
    stages = through(sandbox, lambda client: client.get_contact_stages())
    assert [stage["name"] for stage in stages] == [
        "Cold",
        "Approaching",
        "Replied",
        "Interested",
        "Not Interested",
        "Unresponsive",
        "Do Not Contact",
        "Bad Data",
        "Changed Job",
    ]
    assert [stage["display_order"] for stage in stages] == list(range(9))


def test_custom_fields_are_listed_and_their_values_kept(sandbox: RunningSandbox) -> None:
    fields = through(sandbox, lambda client: client.list_custom_fields())
    source = next(field for field in fields if field.name == "Lead Source")
    assert (source.modality, source.type) == ("contact", "picklist")
    assert source.model_extra is not None
    web = next(option["id"] for option in source.model_extra["picklist_values"] if option["name"] == "Web")
    created = through(
        sandbox,
        lambda client: client.create_contact("Katherine", "Johnson", typed_custom_fields={source.id: [web]}),
    )
    assert created.typed_custom_fields == {source.id: [web]}


def test_the_usage_is_told_per_endpoint(sandbox: RunningSandbox) -> None:
    through(sandbox, lambda client: client.search_contacts(limit=1))
    usage = through(sandbox, lambda client: client.get_api_usage())
    assert usage['["api/v1/contacts", "search"]']["minute"]["consumed"] >= 1
    assert usage['["api/v1/labels", "create"]']["day"]["consumed"] == 0


def test_the_client_may_carry_a_token_instead_of_a_key(sandbox: RunningSandbox) -> None:
    pair = sandbox.control("POST", "/oauth/grant", {"scopes": ["contacts_search"]})

    async def search_then_create(client: ApolloClient) -> int:
        assert client._client is not None
        del client._client.headers["x-api-key"]
        client._client.headers["authorization"] = f"Bearer {pair['access_token']}"
        found = (await client.search_contacts(limit=1)).total
        with pytest.raises(APIError) as refusal:
            await client.create_contact("A", "B")
        assert refusal.value.status_code == 403
        sandbox.control("POST", "/oauth/revoke", {})
        with pytest.raises(AuthenticationError):
            await client.search_contacts(limit=1)
        return found

    assert through(sandbox, search_then_create) > PEOPLE / 2


def test_a_wrong_key_is_an_authentication_error(sandbox: RunningSandbox) -> None:
    with pytest.raises(AuthenticationError):
        through(sandbox, lambda client: client.search_contacts(), key="no-such-key")


def test_a_key_without_the_scope_is_refused_with_403(sandbox: RunningSandbox) -> None:
    with pytest.raises(APIError) as refusal:
        through(sandbox, lambda client: client.create_contact("A", "B"), key="limited_api_key")
    assert refusal.value.status_code == 403
    assert "api/v1/contacts/create" in str(refusal.value)


def test_an_unknown_contact_is_a_422(sandbox: RunningSandbox) -> None:
    with pytest.raises(APIError) as refusal:
        through(sandbox, lambda client: client.get_contact("66e34b81740c50074e3d1bd4"))
    assert refusal.value.status_code == 422
    assert "Oops! This contact does not exist in Apollo." in str(refusal.value)


def test_a_used_up_limit_is_a_rate_limit_error_that_says_when_to_come_back(limits: RunningSandbox) -> None:
    limits.control("POST", "/limits", {"minute": 2})

    async def search_three_times(client: ApolloClient) -> None:
        for _ in range(3):
            await client.search_contacts(limit=1)

    with pytest.raises(RateLimitError) as refusal:
        through(limits, search_three_times)
    assert refusal.value.limits["minute_left"] == 0
    assert refusal.value.limits["minute_limit"] == 2
    assert refusal.value.retry_after is not None
    assert 0 < refusal.value.retry_after <= 60
    stages = through(limits, lambda client: client.get_contact_stages())
    assert len(stages) == 9
