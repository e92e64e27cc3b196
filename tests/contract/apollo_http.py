"""Plain HTTP against an Apollo sandbox: what the tests of its manners share."""

from typing import Any

import httpx2

from syncline.testing.sandboxes import RunningSandbox

NOBODY = "66e34b81740c50074e3d1bd4"


def client_of(sandbox: RunningSandbox) -> httpx2.Client:
    """A client with the master key; the caller closes it."""
    return httpx2.Client(base_url=sandbox.base_url, headers={"x-api-key": sandbox.credentials["api_key"]})


def answer(response: httpx2.Response, status: int = 200) -> Any:
    """The JSON of an answer that must have this status."""
    assert response.status_code == status, response.text
    return response.json()


def new_contact(http: httpx2.Client, **values: object) -> dict[str, Any]:
    """A contact made by the single create, as it answers."""
    contact: dict[str, Any] = answer(http.post("/contacts", json=values))["contact"]
    return contact


def new_account(http: httpx2.Client, **values: object) -> dict[str, Any]:
    """An account made by the single create, as it answers."""
    account: dict[str, Any] = answer(http.post("/accounts", json=values))["account"]
    return account


def contact_ids(http: httpx2.Client, **body: object) -> list[str]:
    """The ids of one page of a contact search."""
    return [one["id"] for one in answer(http.post("/contacts/search", json=body))["contacts"]]
