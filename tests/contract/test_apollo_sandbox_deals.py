"""How the Apollo sandbox keeps deals: plain HTTP, one promise per test."""

from collections.abc import Iterator
from typing import Any

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


def new_deal(http: httpx2.Client, **values: object) -> dict[str, Any]:
    deal: dict[str, Any] = answer(http.post("/opportunities", json={"name": "Deal", **values}))["opportunity"]
    return deal


def changed(http: httpx2.Client, id_: str, **values: object) -> dict[str, Any]:
    deal: dict[str, Any] = answer(http.patch(f"/opportunities/{id_}", json=values))["opportunity"]
    return deal


def stages(http: httpx2.Client) -> dict[str, str]:
    listed = answer(http.get("/opportunity_stages"))["opportunity_stages"]
    return {stage["name"]: stage["id"] for stage in listed}


def test_a_deal_needs_a_name(http: httpx2.Client) -> None:
    for body in ({}, {"name": ""}, {"name": "  "}, {"name": ["x"]}, {"name": None}):
        assert answer(http.post("/opportunities", json=body), 422) == {"error": "Name is required"}


def test_a_new_deal_has_no_stage_and_no_owner_but_a_pipeline(http: httpx2.Client) -> None:
    deal = new_deal(http)
    assert [deal[name] for name in ("opportunity_stage_id", "owner_id", "is_closed", "is_won")] == [None] * 4
    pipelines = answer(http.get("/opportunity_pipelines"))["opportunity_pipelines"]
    assert deal["opportunity_pipeline_id"] == pipelines[0]["id"]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("55123", 55123), (55123, 55123), ("55,123", None), ("$100", None), ("-5", None), ("12.50", None), ("", None),
     ("٣٤", None), (["5"], None), ({}, None), (True, None), ("9" * 400, 999_999_999_999_999)],
)  # fmt: skip
def test_only_digits_are_an_amount(http: httpx2.Client, sent: object, stored: int | None) -> None:
    deal = new_deal(http, amount="700")
    assert deal["amount"] == 700
    assert changed(http, deal["id"], amount=sent)["amount"] == stored


def test_cents_are_taken_where_the_doubt_is_decided_so(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    sandbox.control("POST", "/doubts", {"deal_amounts_have_cents": True})
    try:
        assert new_deal(http, amount="12.50")["amount"] == 12.5
        assert new_deal(http, amount="1,200.50")["amount"] is None
    finally:
        sandbox.control("POST", "/doubts", {"deal_amounts_have_cents": False})


@pytest.mark.parametrize("sent", ["31.12.2026", "2026-13-01", "soon", [], {}, 7])
def test_what_is_no_day_is_no_day_to_close(http: httpx2.Client, sent: object) -> None:
    deal = new_deal(http, closed_date="2026-12-31")
    assert deal["closed_date"] == "2026-12-31T00:00:00.000+00:00"
    assert changed(http, deal["id"], closed_date=sent)["closed_date"] is None


def test_a_stage_says_whether_a_deal_is_closed_and_nothing_else_does(http: httpx2.Client) -> None:
    known = stages(http)
    deal = new_deal(http, amount="1000", opportunity_stage_id=known["Qualification"])
    assert (deal["is_closed"], deal["deal_probability"], deal["forecasted_revenue"]) == (False, 10, 100)
    assert changed(http, deal["id"], is_closed=True, is_won=True)["is_closed"] is False
    won = changed(http, deal["id"], opportunity_stage_id=known["Closed Won"])
    assert (won["is_closed"], won["is_won"], won["deal_probability"]) == (True, True, 100)
    kept = changed(http, deal["id"], opportunity_stage_id="")
    assert kept["opportunity_stage_id"] == known["Closed Won"]


@pytest.mark.parametrize("key", ["owner_id", "account_id", "opportunity_stage_id"])
def test_a_wrong_id_is_a_422_that_names_it_and_changes_nothing(http: httpx2.Client, key: str) -> None:
    deal = new_deal(http)
    refusal = answer(http.patch(f"/opportunities/{deal['id']}", json={"name": "New", key: "78977"}), 422)
    assert refusal == {"error": "Parameters misconfigured. 78977 is not a valid ID"}
    assert answer(http.get(f"/opportunities/{deal['id']}"))["opportunity"]["name"] == "Deal"


def test_a_deal_that_is_not_there_is_told_in_three_ways(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    gone = new_deal(http)["id"]
    sandbox.control("POST", "/delete", {"type": "opportunities", "id": gone})
    for id_ in (NOBODY, gone):
        assert answer(http.get(f"/opportunities/{id_}"), 404) == {"status": 404, "error": "Not Found"}
        refusal = answer(http.patch(f"/opportunities/{id_}", json={"name": "x"}), 422)
        assert refusal == {"error": "Opportunity does not exist."}
    malformed = answer(http.get("/opportunities/12345"), 422)
    assert malformed == {"error": "Parameters misconfigured. 12345 is not a valid ID"}


def test_when_a_deal_was_made_has_two_names(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    deal = new_deal(http)
    assert "created_at" not in deal
    assert "opportunity_created_at" in deal
    sandbox.control("POST", "/doubts", {"deals_show_created_at": True})
    try:
        shown = answer(http.get(f"/opportunities/{deal['id']}"))["opportunity"]
        assert shown["created_at"] == deal["opportunity_created_at"]
    finally:
        sandbox.control("POST", "/doubts", {"deals_show_created_at": False})


def test_what_the_pages_do_not_list_is_taken_unless_the_doubt_is_decided_otherwise(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    told = {"description": "Two sites", "next_step": "Call back"}
    assert new_deal(http, **told).items() >= told.items()
    sandbox.control("POST", "/doubts", {"deal_texts_are_taken": False})
    try:
        assert new_deal(http, **told)["next_step"] is None
    finally:
        sandbox.control("POST", "/doubts", {"deal_texts_are_taken": True})


def test_no_deal_tells_when_it_was_changed_and_a_search_sorts_by_it_all_the_same(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    first, second = new_deal(http), new_deal(http)
    sandbox.control("POST", "/clock", {"advance": 60})
    assert "updated_at" not in changed(http, first["id"], next_step="Meet")
    query = {"sort_by_field": "opportunity_updated_at", "per_page": "2"}
    rows = answer(http.get("/opportunities/search", params=query))["opportunities"]
    assert rows[0]["id"] == first["id"]
    assert second["id"] in {row["id"] for row in rows}


def test_a_search_by_body_knows_name_and_stages_and_ignores_the_rest(http: httpx2.Client) -> None:
    stage = stages(http)["Perception Analysis"]
    account = new_account(http, name="Sought Ltd", domain="sought.example")
    made = new_deal(http, name="Sought order", opportunity_stage_id=stage, account_id=account["id"])
    found = answer(http.post("/opportunities/search", json={"q_opportunity_name": "sought"}))
    assert [row["id"] for row in found["opportunities"]] == [made["id"]]
    assert found["opportunities"][0]["account"]["domain"] == "sought.example"
    staged = answer(http.post("/opportunities/search", json={"opportunity_stage_ids": [stage]}))
    assert staged["pagination"]["total_entries"] == 1
    everything = answer(http.post("/opportunities/search", json={"q_keywords": "sought"}))
    assert everything["pagination"]["total_entries"] > 1


@pytest.mark.parametrize(
    "query",
    [
        {"sort_by_field": "nonsense"},
        {"opportunity_stage_ids": [NOBODY]},
        {"per_page": 0},
        {"page": 501, "per_page": 100},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(http: httpx2.Client, query: dict[str, Any]) -> None:
    assert "error" in answer(http.post("/opportunities/search", json=query), 422)


def test_the_largest_amounts_come_first_and_none_last(http: httpx2.Client) -> None:
    for amount in ("999999", "5", ""):
        new_deal(http, amount=amount)
    query = {"sort_by_field": "amount", "per_page": "100"}
    amounts = [
        row["amount"] for row in answer(http.get("/opportunities/search", params=query))["opportunities"]
    ]
    filled = [amount for amount in amounts if amount is not None]
    assert filled == sorted(filled, reverse=True)
    assert amounts[len(filled) :] == [None] * (len(amounts) - len(filled)) != []


def test_a_key_needs_the_name_of_each_call(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    made = sandbox.control("POST", "/keys", {"endpoints": ["deals/api/v1/opportunities/search"]})
    key = {"x-api-key": made["key"]}
    answer(http.get("/opportunities/search", headers=key))
    refusal = answer(http.post("/opportunities", json={"name": "x"}, headers=key), 403)
    assert "deals/api/v1/opportunities/create" in refusal["error"]


def test_an_account_that_goes_leaves_its_deals_and_a_merge_hands_them_over(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    first, second = (new_account(http, name=name)["id"] for name in ("First", "Second"))
    deal = new_deal(http, account_id=second)["id"]
    sandbox.control("POST", "/merge", {"type": "accounts", "winner": first, "loser": second})
    assert answer(http.get(f"/opportunities/{deal}"))["opportunity"]["account_id"] == first
    sandbox.control("POST", "/delete", {"type": "accounts", "id": first})
    assert answer(http.get(f"/opportunities/{deal}"))["opportunity"]["account_id"] is None


def test_custom_fields_of_deals(http: httpx2.Client) -> None:
    field = {"label": "Seats sold", "modality": "opportunity", "type": "number"}
    id_ = answer(http.post("/fields", json=field))["typed_custom_fields"][0]["id"]
    deal = new_deal(http, typed_custom_fields={id_: "12"})
    assert deal["typed_custom_fields"] == {id_: 12}
    assert id_ in changed(http, deal["id"], typed_custom_fields={id_: "many"})["custom_field_errors"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"[" * 5000, b'{"name":"\\ud800"}', b"\xff"])
def test_a_body_that_is_no_deal_is_refused_and_stores_nothing(http: httpx2.Client, body: bytes) -> None:
    before = answer(http.get("/opportunities/search"))["pagination"]["total_entries"]
    headers = {"content-type": "application/json"}
    assert http.post("/opportunities", content=body, headers=headers).status_code in {400, 422}
    assert answer(http.get("/opportunities/search"))["pagination"]["total_entries"] == before
