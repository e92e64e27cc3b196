"""Hostile and malformed input to the Apollo sandbox: it answers as the vendor's framework would, never with a 500."""

import random
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import NOBODY, answer, client_of, new_contact

BAD_REQUEST = {"status": 400, "error": "Bad Request"}
OPERATIONS = [
    *(("POST", f"/contacts/{name}") for name in ("search", "bulk_create", "bulk_update", "update_stages")),
    *(("POST", f"/accounts/{name}") for name in ("search", "bulk_create", "bulk_update", "update_owners")),
    ("POST", "/contacts/update_owners"),
    ("POST", "/contacts"),
    ("PATCH", "/contacts/{}"),
    ("POST", "/accounts"),
    ("PATCH", "/accounts/{}"),
    ("GET", "/users/search"),
    ("GET", "/users/api_profile"),
    ("GET", "/phone_calls/search"),
    ("GET", "/fields"),
    ("POST", "/fields"),
    ("PATCH", "/fields"),
    ("POST", "/labels"),
    ("PATCH", "/labels/{}"),
    ("POST", "/labels/add_entity_ids_to_label_names"),
    ("POST", "/labels/remove_entity_ids_from_label_names"),
    ("POST", "/oauth/token"),
]
WORDS = (
    "first_name email title owner_id account_id contact_stage_id label_names typed_custom_fields mobile_phone "
    "website_url present_raw_address run_dedupe id salesforce_lead_id person_id contacts accounts contact_ids "
    "contact_attributes account_ids account_attributes async visible_entity_ids append_label_names page per_page "
    "sort_by_field sort_ascending q_keywords contact_stage_ids account_label_ids linkedin_url name domain phone "
    "raw_address merged_crm_ids parent_account_id organization_id contact_emails phone_numbers primary_title label "
    "modality type meta fields entity_ids book_of_business include_credit_usage source label_ids raw_number "
    "position picklist_values reassign_from max_length"
)
NAMES = WORDS.split()
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        10**30,
        1e308,
        1.5,
        "",
        "\x00",
        "x",
        "\U0001f600" * 9,
        [],
        {},
        [[]],
        [{}],
        [None],
    ),
    *("contact", "contacts", "string", "a@b.example", "@", "http://", "+", "1" * 400, "nan", "2020-13-45"),
    *("0001-01-01T00:00:00+23:59", "contact_updated_at", NOBODY),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        running.control("POST", "/limits", {"minute": None, "hour": None, "day": None})
        yield running


@pytest.fixture(scope="module")
def http(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    with client_of(sandbox) as client:
        yield client


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 101 + b"1" + b"}" * 101,
        b'{"page": 1e999}',
        b'{"page": ' + b"9" * 6000 + b"}",
        b'{"title": "\\udc00"}',
        b"nul",
    ],
)
@pytest.mark.parametrize("path", ["/contacts/search", "/contacts"])
def test_a_body_nobody_can_read_is_a_400(http: httpx2.Client, path: str, body: bytes) -> None:
    assert answer(http.post(path, content=body), 400) == BAD_REQUEST


def test_a_hundred_levels_are_not_too_deep(http: httpx2.Client) -> None:
    body = b'{"a":' * 100 + b"1" + b"}" * 100
    assert http.post("/contacts/search", content=body).status_code == 200


@pytest.mark.parametrize("body", [b"[1, 2]", b'"text"', b"7", b"null", b""])
def test_a_body_that_is_no_object_holds_no_parameters(http: httpx2.Client, body: bytes) -> None:
    assert answer(http.post("/contacts/search", content=body))["pagination"]["page"] == 1


def test_a_name_that_is_a_value_and_a_list_is_a_400(http: httpx2.Client) -> None:
    path = f"/contacts/update_owners?contact_ids={NOBODY}&contact_ids[]={NOBODY}"
    assert answer(http.post(path), 400) == BAD_REQUEST


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"page": "2", "per_page": "3"}, (2, 3)),
        ({"page": 0}, (1, 25)),
        ({"page": -7}, (1, 25)),
        ({"page": "x", "per_page": "y"}, (1, 25)),
        ({"page": [2], "per_page": {"a": 1}}, (1, 25)),
        ({"page": None, "per_page": True}, (1, 1)),
        ({"page": 2.9}, (2, 25)),
    ],
)
def test_a_page_that_is_no_number_is_the_first(
    http: httpx2.Client, sent: dict[str, object], shown: tuple[int, int]
) -> None:
    pagination = answer(http.post("/accounts/search", json=sent))["pagination"]
    assert (pagination["page"], pagination["per_page"]) == shown


@pytest.mark.parametrize("page", [10**30, "9" * 400, 1e308])
def test_a_page_beyond_all_pages_is_over_the_threshold(http: httpx2.Client, page: object) -> None:
    refusal = answer(http.post("/contacts/search", json={"page": page}), 422)
    assert refusal == {"error": "Invalid parameter passed in. Page * per page number is over threshold."}


@pytest.mark.parametrize(
    "address", ["a@" + "." * 200_000 + "@", "a" * 400 + "@b.example", "@", "a b@c.example"]
)
def test_an_address_that_is_none_is_refused_at_once(http: httpx2.Client, address: str) -> None:
    refusal = answer(http.post("/contacts", json={"email": address}), 422)
    assert refusal["error"] == "Validation failed"


def test_a_key_of_strange_characters_is_a_401(sandbox: RunningSandbox) -> None:
    for key in (b"\xe9\xff", b"a" * 5000):
        response = httpx2.get(f"{sandbox.base_url}/labels", headers=[(b"x-api-key", key)])
        assert response.status_code == 401
        bearer = httpx2.get(f"{sandbox.base_url}/labels", headers=[(b"authorization", b"Bearer " + key)])
        assert answer(bearer, 401)["error_code"] == "INVALID_ACCESS_TOKEN"


def test_options_and_lists_of_any_shape_leave_the_field_usable(http: httpx2.Client) -> None:
    field = next(
        one
        for one in answer(http.get("/typed_custom_fields"))["typed_custom_fields"]
        if one["picklist_values"]
    )
    values = [{"id": {"a": 1}, "name": "One"}, {"id": [1], "name": 7}, "x", None, {"name": " "}]
    body = {"fields": [{"id": f"{field['modality']}.{field['id']}", "meta": {"picklist_values": values}}]}
    changed = answer(http.patch("/fields", json=body))["fields"][0]
    assert [one["name"] for one in changed["meta"]["picklist_values"]] == ["One"]
    contact = new_contact(http, first_name="A", typed_custom_fields={field["id"]: [{"a": 1}, ["x"]]})
    assert contact["typed_custom_fields"] == {}


@pytest.mark.parametrize("seed", range(5))
def test_values_of_any_kind_anywhere_are_never_a_500(http: httpx2.Client, seed: int) -> None:
    rng = random.Random(seed)
    ids = [NOBODY, new_contact(http, first_name="Target")["id"], "x", "%00", "%ED%A0%80", "a%2Fb"]
    for _ in range(120):
        method, path = rng.choice(OPERATIONS)
        response = http.request(
            method, path.format(rng.choice(ids)), json=_object(rng), params=httpx2.QueryParams(_query(rng))
        )
        assert response.status_code in {200, 400, 401, 403, 404, 422}, (method, path, seed, response.text)


def _object(rng: random.Random, depth: int = 0) -> dict[str, Any]:
    return {rng.choice(NAMES): _value(rng, depth) for _ in range(rng.randrange(6))}


def _value(rng: random.Random, depth: int) -> Any:
    if depth > 2 or rng.random() < 0.6:
        return rng.choice(VALUES)
    if rng.random() < 0.5:
        return [_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return _object(rng, depth + 1)


def _query(rng: random.Random) -> list[tuple[str, Any]]:
    names = ["page", "per_page", "contact_ids[]", "account_ids[]", "owner_id", "source", "a[b]", "[]", ""]
    values = ["", "0", "-1", "9" * 30, "x", "\x00", "é", NOBODY]
    return [(rng.choice(names), rng.choice(values)) for _ in range(rng.randrange(3))]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("OPTIONS", "/contacts/search", 405),
        ("TRACE", "/contacts/search", 405),
        ("PUT", "/contacts/search", 422),  # taken for a contact of that id
        ("GET", "/contacts", 404),
        ("POST", "/contacts/search/", 404),
        ("GET", "/oauth/token", 404),
        ("GET", "/contacts/%FF%FE", 422),
    ],
)
def test_a_call_the_vendor_does_not_have(http: httpx2.Client, method: str, path: str, status: int) -> None:
    assert http.request(method, path).status_code == status


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data; boundary=x", "text/xml", "text/plain", "application/json; charset=utf-16", ""],
)
def test_a_body_of_another_kind_is_read_as_json(http: httpx2.Client, kind: str) -> None:
    headers = {"content-type": kind}
    assert http.post("/contacts/search", content=b"--x\r\n\xff", headers=headers).status_code == 400
    found = answer(http.post("/contacts/search", content=b'{"per_page": 2}', headers=headers))
    assert found["pagination"]["per_page"] == 2


def test_a_form_is_read_as_one(http: httpx2.Client) -> None:
    found = answer(http.post("/contacts/search", data={"per_page": "2", "contact_stage_ids[]": []}))
    assert found["pagination"]["per_page"] == 2
    mixed = http.post(
        "/contacts/search",
        content=b"per_page=2&a=1&a[]=2",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer(mixed, 400) == BAD_REQUEST
