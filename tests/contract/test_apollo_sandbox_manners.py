"""The manners of the Apollo sandbox that a friendly client hides: plain HTTP, one promise per test."""

from collections.abc import Iterator

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import NOBODY, answer, client_of, contact_ids, new_account, new_contact

UNAUTHORISED = "Invalid API key. See https://docs.apollo.io/reference/authentication for how to authenticate."


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


@pytest.fixture(autouse=True)
def plan(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    sandbox.control("POST", "/limits", {"plan": "demo"})
    sandbox.control("POST", "/search_lag", {"seconds": 0})


@pytest.fixture(scope="module")
def http(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    with client_of(sandbox) as client:
        yield client


# --- keys and limits


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}, {"authorization": "Basic wrong"}])
def test_no_key_and_a_wrong_key_are_a_text_401_without_limit_headers(
    sandbox: RunningSandbox, headers: dict[str, str]
) -> None:
    response = httpx2.post(f"{sandbox.base_url}/contacts/search", headers=headers, json={})
    assert (response.status_code, response.text) == (401, UNAUTHORISED)
    assert response.headers["content-type"].startswith("text/plain")
    assert not [name for name in response.headers if name.startswith("x-rate-limit")]


def test_health_says_whether_a_key_is_known(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    assert answer(http.get("/auth/health"))["is_logged_in"] is True
    unknown = httpx2.get(f"{sandbox.base_url}/auth/health", headers={"x-api-key": "wrong"})
    assert answer(unknown)["is_logged_in"] is False


def test_a_key_out_of_scope_is_told_which_endpoint(sandbox: RunningSandbox) -> None:
    headers = {"x-api-key": sandbox.credentials["limited_api_key"]}
    refusal = httpx2.post(f"{sandbox.base_url}/accounts", headers=headers, json={"name": "A"})
    assert answer(refusal, 403) == {
        "error": "This API key is not authorized to access api/v1/accounts/create. Request an API key from "
        "your administrator that includes this endpoint in its configured scope.",
        "error_code": "API_INACCESSIBLE",
    }
    assert "x-rate-limit-minute" not in refusal.headers
    assert httpx2.get(f"{sandbox.base_url}/contact_stages", headers=headers).status_code == 200


def test_no_key_may_delete_a_contact(http: httpx2.Client) -> None:
    contact = new_contact(http, first_name="Kept")
    refusal = answer(http.delete(f"/contacts/{contact['id']}"), 403)
    assert refusal["error_code"] == "API_INACCESSIBLE"


def test_the_free_plan_lacks_searches(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    sandbox.control("POST", "/limits", {"plan": "free"})
    text = "This endpoint is only available to Apollo users on paid plans."
    assert answer(http.post("/contacts/search", json={}), 403) == {"message": text}
    assert answer(http.get("/users/search"), 403) == {"message": text}
    assert http.get("/contact_stages").headers["x-rate-limit-minute"] == "50"


@pytest.mark.parametrize(
    ("plan", "limits"),
    [
        ("basic", ("200", "400", "2000")),
        ("organization", ("200", "600", "6000")),
        ("free", ("50", "200", "600")),
    ],
)
def test_each_plan_has_its_limits(
    sandbox: RunningSandbox, http: httpx2.Client, plan: str, limits: tuple[str, str, str]
) -> None:
    sandbox.control("POST", "/limits", {"plan": plan})
    headers = http.get("/labels").headers
    names = ("x-rate-limit-minute", "x-rate-limit-hourly", "x-rate-limit-24-hour")
    assert tuple(headers[name] for name in names) == limits
    assert headers["x-minute-usage"] == headers["x-hourly-usage"] == headers["x-24-hour-usage"] == "1"
    assert headers["x-minute-requests-left"] == str(int(limits[0]) - 1)


def test_limits_are_counted_per_endpoint_and_429_counts_for_nothing(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    sandbox.control("POST", "/limits", {"minute": 1, "hour": 2, "day": 3})
    assert http.get("/labels").status_code == 200
    refusal = http.get("/labels")
    assert answer(refusal, 429) == {
        "message": "The maximum number of api calls allowed for api/v1/labels is 1 times per minute. "
        "Please upgrade your plan from https://app.apollo.io/#/settings/plans/upgrade."
    }
    assert 0 < int(refusal.headers["retry-after"]) <= 60
    assert refusal.headers["x-minute-requests-left"] == "0"
    assert refusal.headers["x-hourly-usage"] == "1"
    assert http.get("/contact_stages").status_code == 200


def test_one_endpoint_may_have_limits_of_its_own(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    sandbox.control("POST", "/limits", {"endpoint": "api/v1/labels/index", "minute": 1})
    assert http.get("/labels").headers["x-minute-requests-left"] == "0"
    assert "is 1 times per minute" in answer(http.get("/labels"), 429)["message"]
    assert http.get("/contact_stages").headers["x-rate-limit-minute"] == "6000"
    usage = answer(http.post("/usage_stats/api_usage_stats"))
    assert usage['["api/v1/labels", "index"]']["minute"] == {"limit": 1, "consumed": 1, "left_over": 0}
    sandbox.control("POST", "/limits", {"plan": "demo"})
    assert http.get("/labels").headers["x-rate-limit-minute"] == "6000"
    unknown = httpx2.post(f"{sandbox.control_url}/limits", json={"endpoint": "api/v1/nothing", "minute": 1})
    assert "api/v1/labels/index" in answer(unknown, 400)["error"]


def test_a_window_opens_at_its_first_request_and_ends_after_its_length(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    sandbox.control("POST", "/clock", {"frozen": True})
    sandbox.control("POST", "/limits", {"minute": 1, "hour": 2, "day": 3})
    assert http.get("/labels").status_code == 200
    sandbox.control("POST", "/clock", {"advance": 59})
    assert http.get("/labels").headers["retry-after"] == "1"
    sandbox.control("POST", "/clock", {"advance": 1})
    assert http.get("/labels").status_code == 200
    sandbox.control("POST", "/clock", {"advance": 60})
    by_hour = http.get("/labels")
    assert "2 times per hour" in by_hour.text
    assert int(by_hour.headers["retry-after"]) == 3600 - 120
    sandbox.control("POST", "/clock", {"advance": 3600})
    assert http.get("/labels").status_code == 200
    sandbox.control("POST", "/clock", {"advance": 3600})
    assert "3 times per day" in http.get("/labels").text
    sandbox.control("POST", "/clock", {"frozen": False})


def test_a_window_without_limit_has_an_empty_header_and_no_usage(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    sandbox.control("POST", "/limits", {"hour": None})
    headers = http.get("/labels").headers
    assert headers["x-rate-limit-hourly"] == ""
    assert "x-hourly-usage" not in headers
    assert headers["x-minute-usage"] == "1"


def test_the_text_of_a_429_names_the_template_of_the_path(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    sandbox.control("POST", "/limits", {"minute": 0})
    assert "api/v1/contacts/{contact_id} is 0 times" in http.get(f"/contacts/{NOBODY}").text
    assert "api/v1/labels/create is 0 times" in http.post("/labels", json={}).text
    assert answer(http.get("/fields"), 429) == {
        "message": "The maximum number of API calls allowed for api/v1/fields is 0 times per minute. "
        "To change your rate limit, upgrade your Apollo plan at https://app.apollo.io/#/settings/plans/upgrade."
    }


# --- searches


def test_the_envelope_of_a_search_without_results(http: httpx2.Client) -> None:
    assert answer(http.post("/contacts/search", json={"q_keywords": "no such word"})) == {
        "contacts": [],
        "breadcrumbs": [
            {
                "label": "Contains Keywords",
                "signal_field_name": "q_keywords",
                "value": "no such word",
                "display_name": "no such word",
            }
        ],
        "partial_results_only": False,
        "has_join": False,
        "disable_eu_prospecting": False,
        "partial_results_limit": 10000,
        "pagination": {"page": 1, "per_page": 25, "total_entries": 0, "total_pages": 0},
        "num_fetch_result": None,
    }


@pytest.mark.parametrize(("asked", "given"), [(None, 25), (7, 7), ("7", 7), (100, 100), (500, 100)])
def test_a_page_holds_25_unless_asked_and_at_most_100(http: httpx2.Client, asked: object, given: int) -> None:
    body = {} if asked is None else {"per_page": asked}
    assert answer(http.post("/accounts/search", json=body))["pagination"]["per_page"] == given


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"sort_by_field": "name"}, {"error": "Invalid sort criteria", "skip_alert_dialog": True}),
        (
            {"account_stage_ids": ["12"]},
            {
                "error": "Your search parameters are entered incorrectly. Did you try to edit the URL directly?"
            },
        ),
        ({"per_page": 0}, {"error": "An error occurred. Per page cannot be 0."}),
        (
            {"per_page": 100, "page": 501},
            {"error": "Invalid parameter passed in. Page * per page number is over threshold."},
        ),
    ],
)
def test_a_search_that_asks_wrongly_is_a_422(
    http: httpx2.Client, body: dict[str, object], refusal: dict[str, object]
) -> None:
    assert answer(http.post("/accounts/search", json=body), 422) == refusal


def test_the_last_page_of_the_display_limit_is_still_answered(http: httpx2.Client) -> None:
    assert contact_ids(http, per_page=100, page=500) == []


def test_unknown_filters_are_ignored(http: httpx2.Client) -> None:
    contact = new_contact(http, first_name="Anyone")
    assert contact["id"] in contact_ids(http, email="nobody@nowhere.example", owner_ids=["x"])


def test_page_and_size_may_stand_in_the_query(http: httpx2.Client) -> None:
    new_contact(http, first_name="One")
    new_contact(http, first_name="Two")
    found = answer(http.post("/contacts/search", params={"per_page": 1, "page": 2}))
    assert found["pagination"]["page"] == 2
    assert len(found["contacts"]) == 1


def test_accounts_sort_by_a_time_of_change_that_no_search_shows(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    first, second = new_account(http, name="Sorted one"), new_account(http, name="Sorted two")
    sandbox.control("POST", f"/records/accounts/{first['id']}", {"name": "Sorted one changed"})
    body = {"q_organization_name": "sorted", "sort_by_field": "account_updated_at"}
    found = answer(http.post("/accounts/search", json=body))["accounts"]
    assert [one["id"] for one in found] == [first["id"], second["id"]]
    back = answer(http.post("/accounts/search", json={**body, "sort_ascending": True}))["accounts"]
    assert [one["id"] for one in back] == [second["id"], first["id"]]
    shown = answer(http.get(f"/accounts/{first['id']}"))["account"]
    assert not [one for one in (*found, shown, first) if "updated_at" in one or "_updated_at" in one]


def test_equal_times_of_change_have_a_fixed_order(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    sandbox.control("POST", "/clock", {"frozen": True})
    made = [new_contact(http, first_name="Equal", last_name=f"Twin{n}")["id"] for n in range(5)]
    sandbox.control("POST", "/clock", {"frozen": False})
    body = {"q_keywords": "equal twin", "sort_by_field": "contact_updated_at"}
    assert contact_ids(http, **body) == sorted(made, reverse=True)
    paged = [contact_ids(http, **body, per_page=2, page=page) for page in (1, 2, 3)]
    assert [id_ for page in paged for id_ in page] == sorted(made, reverse=True)


def test_a_search_may_lag_behind_what_a_read_shows(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    contact = new_contact(http, first_name="Late", last_name="Lagger")
    sandbox.control("POST", "/search_lag", {"seconds": 30})
    http.patch(f"/contacts/{contact['id']}", json={"last_name": "Changed"})
    unseen = new_contact(http, first_name="Unseen", last_name="Lagger")
    assert contact_ids(http, q_keywords="lagger") == [contact["id"]]
    assert answer(http.get(f"/contacts/{contact['id']}"))["contact"]["last_name"] == "Changed"
    sandbox.control("POST", "/clock", {"advance": 31})
    assert contact_ids(http, q_keywords="lagger") == [unseen["id"]]


# --- bad input


@pytest.mark.parametrize("body", [b"{", b'{"first_name": "\\ud800"}', b"\xff"])
def test_a_body_that_is_no_json_is_a_400(http: httpx2.Client, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    refusal = http.post("/contacts", content=body, headers=headers)
    assert answer(refusal, 400) == {"status": 400, "error": "Bad Request"}
    assert "x-minute-usage" in refusal.headers


def test_long_text_and_strange_characters_are_kept(http: httpx2.Client) -> None:
    strange = "a\x00b\u202ec" + "x" * 300_000
    contact = new_contact(http, first_name="A", title=strange)
    assert answer(http.get(f"/contacts/{contact['id']}"))["contact"]["title"] == strange


def test_what_is_not_there_is_a_404(http: httpx2.Client) -> None:
    assert answer(http.get("/nothing/here"), 404) == {"status": 404, "error": "Not Found"}
