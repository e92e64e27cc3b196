"""The manners of the Apollo sandbox that a friendly client hides: plain HTTP, one promise per test."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox

UNAUTHORISED = "Invalid API key. See https://docs.apollo.io/reference/authentication for how to authenticate."
NOBODY = "66e34b81740c50074e3d1bd4"


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
    headers = {"x-api-key": sandbox.credentials["api_key"]}
    with httpx2.Client(base_url=sandbox.base_url, headers=headers) as client:
        yield client


def answer(response: httpx2.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def new_contact(http: httpx2.Client, **values: object) -> dict[str, Any]:
    contact: dict[str, Any] = answer(http.post("/contacts", json=values))["contact"]
    return contact


def new_account(http: httpx2.Client, **values: object) -> dict[str, Any]:
    account: dict[str, Any] = answer(http.post("/accounts", json=values))["account"]
    return account


def contact_ids(http: httpx2.Client, **body: object) -> list[str]:
    return [one["id"] for one in answer(http.post("/contacts/search", json=body))["contacts"]]


# --- keys and limits


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}, {"authorization": "Bearer wrong"}])
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


# --- people of the team, stages, fields, lists


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


def test_nothing_to_put_on_a_list_is_no_error(http: httpx2.Client) -> None:
    body = {"entity_ids": [], "label_names": ["x"], "modality": "contacts"}
    nothing = {"message": "No Models or Lists provided"}
    assert answer(http.post("/labels/add_entity_ids_to_label_names", json=body)) == nothing


def test_a_body_that_is_no_json_is_a_400(http: httpx2.Client) -> None:
    assert (
        http.post("/contacts", content=b"{", headers={"content-type": "application/json"}).status_code == 400
    )
