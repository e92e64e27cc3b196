"""Custom fields of the Apollo sandbox: made, changed, and what their values become, over plain HTTP."""

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


def make(http: httpx2.Client, label: str, type_: str, modality: str = "contact", **more: object) -> str:
    """The id of a new custom field."""
    body = {"label": label, "modality": modality, "type": type_, **more}
    made = answer(http.post("/fields", json=body))["typed_custom_fields"]
    assert [one["name"] for one in made] == [label]
    return str(made[0]["id"])


def typed(http: httpx2.Client, label: str) -> dict[str, Any]:
    fields = answer(http.get("/typed_custom_fields"))["typed_custom_fields"]
    return next(field for field in fields if field["name"] == label)


def change(http: httpx2.Client, id_: str, **wanted: object) -> httpx2.Response:
    return http.patch("/fields", json={"fields": [{"id": id_, **wanted}]})


# --- made


@pytest.mark.parametrize("type_", ["string", "textarea", "number", "date", "datetime", "boolean"])
@pytest.mark.parametrize("modality", ["contact", "account", "opportunity"])
def test_a_field_of_each_simple_type_is_made(http: httpx2.Client, type_: str, modality: str) -> None:
    id_ = make(http, f"{modality} {type_}", type_, modality)
    listed = answer(http.get("/fields", params={"source": "custom"}))["fields"]
    found = next(field for field in listed if field["id"] == f"{modality}.{id_}")
    assert (found["type"], found["label"], found["editable"]) == (type_, f"{modality} {type_}", True)
    assert (typed(http, f"{modality} {type_}")["text_field_max_length"] == 255) is (type_ == "string")


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"label": None}, "Label can't be blank"),
        ({"label": "  "}, "Label can't be blank"),
        ({"modality": "lead"}, "Modality is not included in the list"),
        ({"type": "picklist"}, "Type is not included in the list"),
        ({"type": "multipicklist"}, "Type is not included in the list"),
        ({"type": ["string"]}, "Type is not included in the list"),
        (
            {"label": "powerup_x"},
            "Field name with prefix 'powerup_' is not allowed. Please use another name.",
        ),
    ],
)
def test_a_field_that_cannot_be_made(http: httpx2.Client, wrong: dict[str, object], text: str) -> None:
    body = {"label": "Right", "modality": "contact", "type": "string", **wrong}
    assert answer(http.post("/fields", json=body), 422) == {"error": text}


@pytest.mark.parametrize(
    ("length", "kept"), [(40, 40), (40.0, 40), (0, 255), (-3, 255), ("9", 255), (True, 255)]
)
def test_a_length_counts_when_it_can_be_one(http: httpx2.Client, length: object, kept: int) -> None:
    make(http, f"Length {length!r}", "string", meta={"max_length": length})
    assert typed(http, f"Length {length!r}")["text_field_max_length"] == kept


def test_a_workspace_may_have_as_many_fields_as_it_is_allowed(
    sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    there = len(
        [
            one
            for one in sandbox.control("GET", "/records/typed_custom_fields")["records"]
            if one["modality"] == "contact"
        ]
    )
    sandbox.control("POST", "/fields", {"most": there + 1})
    make(http, "The last one", "string")
    refused = http.post("/fields", json={"label": "Too many", "modality": "contact", "type": "string"})
    make(http, "Of another kind", "string", "account")
    sandbox.control("POST", "/fields", {"most": None})
    assert str(there + 1) in answer(refused, 422)["error"]


def test_whether_names_are_unique_is_a_doubt(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    first, second = make(http, "Twice", "string"), make(http, "Twice", "string")
    assert first != second
    sandbox.control("POST", "/doubts", {"field_names_are_unique": True})
    refused = http.post("/fields", json={"label": "TWICE", "modality": "contact", "type": "string"})
    make(http, "Twice", "string", "account")
    sandbox.control("POST", "/doubts", {"field_names_are_unique": False})
    assert answer(refused, 422) == {"error": "TWICE already exists"}


# --- changed


def test_a_field_is_named_by_modality_and_id(http: httpx2.Client) -> None:
    id_ = make(http, "Addressed", "string")
    for wrong in (id_, f"account.{id_}", f"contact.{NOBODY}", "contact.email", "", None, {"a": 1}):
        refusal = http.patch("/fields", json={"fields": [{"id": wrong, "label": "x"}]})
        assert answer(refusal, 422) == {"error": "Some fields could not be found"}
    assert (
        answer(http.patch("/fields", json={"fields": []}), 422)["error"] == "Some fields could not be found"
    )
    assert answer(change(http, f"contact.{id_}", label="Found"))["fields"][0]["label"] == "Found"


@pytest.mark.parametrize(
    ("wanted", "status", "text"),
    [
        ({"type": "number"}, 422, "Cannot change field type after creation"),
        (
            {"label": "powerup_y"},
            422,
            "Field name with prefix 'powerup_' is not allowed. Please use another name.",
        ),
        ({"mapped_crm_field": "Contact.X"}, 403, "CRM Mapping cannot be configured using API Call"),
    ],
)
def test_what_cannot_be_changed(
    http: httpx2.Client, wanted: dict[str, object], status: int, text: str
) -> None:
    id_ = typed(http, "Nickname")["id"]
    assert answer(change(http, f"contact.{id_}", **wanted), status) == {"error": text}


def test_a_changed_length_cuts_what_is_written_from_then_on(http: httpx2.Client) -> None:
    id_ = make(http, "Cut", "string", meta={"max_length": 10})
    contact = new_contact(http, first_name="A", typed_custom_fields={id_: "x" * 20})
    assert contact["typed_custom_fields"] == {id_: "x" * 10}
    answer(change(http, f"contact.{id_}", meta={"max_length": 3}))
    kept = answer(http.get(f"/contacts/{contact['id']}"))["contact"]
    assert kept["typed_custom_fields"] == {id_: "x" * 10}
    assert new_contact(http, typed_custom_fields={id_: "x" * 20})["typed_custom_fields"] == {id_: "xxx"}


# --- options


@pytest.mark.parametrize("meta", [{}, {"picklist_values": []}, {"picklist_values": [{"id": NOBODY}]}])
def test_a_picklist_needs_all_its_options_even_to_be_renamed(
    http: httpx2.Client, meta: dict[str, object]
) -> None:
    id_ = typed(http, "Interests")["id"]
    refusal = change(http, f"contact.{id_}", label="Topics", meta=meta)
    assert answer(refusal, 422) == {"error": "Picklist fields must have at least one option"}
    assert typed(http, "Interests")["id"] == id_


def test_options_are_renamed_added_removed_and_merged(http: httpx2.Client) -> None:
    field = typed(http, "Rating")
    hot, warm, cold = (option["id"] for option in field["picklist_values"])
    warmed = new_account(http, name="Warm", typed_custom_fields={field["id"]: [warm]})
    chilled = new_account(http, name="Cold", typed_custom_fields={field["id"]: cold})
    options = [{"id": hot, "name": "Very hot", "reassign_from": [warm]}, {"name": "Lukewarm"}]
    changed = answer(change(http, f"account.{field['id']}", meta={"picklist_values": options}))["fields"][0]
    assert [one["name"] for one in changed["meta"]["picklist_values"]] == ["Very hot", "Lukewarm"]
    assert changed["meta"]["picklist_values"][0]["id"] == hot
    held = [
        answer(http.get(f"/accounts/{one['id']}"))["account"]["typed_custom_fields"]
        for one in (warmed, chilled)
    ]
    assert held == [{field["id"]: [hot]}, {field["id"]: [cold]}]
    refused = answer(
        http.patch(f"/accounts/{chilled['id']}", json={"typed_custom_fields": {field["id"]: [cold]}})
    )
    assert refused["account"]["custom_field_errors"] == {field["id"]: "Rating must be one of its options"}


def test_an_option_is_not_mapped_to_a_crm_by_a_call(http: httpx2.Client) -> None:
    id_ = typed(http, "Interests")["id"]
    options = [{"name": "Any", "mapped_crm_id": "01J"}]
    refusal = change(http, f"contact.{id_}", meta={"picklist_values": options})
    assert answer(refusal, 403) == {"error": "CRM Mapping cannot be configured using API Call"}


# --- values


@pytest.mark.parametrize(
    ("type_", "sent", "stored"),
    [
        ("number", "42", 42),
        ("number", 1.5, 1.5),
        ("number", 1e300, 1e300),
        ("boolean", "TRUE", True),
        ("boolean", False, False),
        ("date", "2026-02-28T10:00:00Z", "2026-02-28"),
        ("datetime", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00.000+00:00"),
        ("textarea", 7, "7"),
        ("string", "a\x00b", "a\x00b"),
    ],
)
def test_a_value_takes_the_form_of_its_field(
    http: httpx2.Client, type_: str, sent: object, stored: object
) -> None:
    id_ = make(http, f"{type_} for {sent!r}", type_)
    contact = new_contact(http, first_name="A", typed_custom_fields={id_: sent})
    assert contact["typed_custom_fields"] == {id_: stored}
    assert contact["custom_field_errors"] == {}


@pytest.mark.parametrize(
    ("type_", "sent", "expected"),
    [
        ("number", "many", "a number"),
        ("number", "nan", "a number"),
        ("number", "Infinity", "a number"),
        ("number", True, "a number"),
        ("boolean", 1, "true or false"),
        ("date", "2026-02-30", "a date"),
        ("date", {}, "a date"),
        ("datetime", "tomorrow", "a date with a time"),
        ("string", ["a"], "text"),
        ("textarea", {"a": 1}, "text"),
    ],
)
def test_a_value_that_does_not_fit_is_noted_and_not_stored(
    http: httpx2.Client, type_: str, sent: object, expected: str
) -> None:
    label = f"{type_} not {sent!r}"
    id_ = make(http, label, type_)
    contact = new_contact(http, first_name="A", typed_custom_fields={id_: sent})
    assert contact["typed_custom_fields"] == {}
    assert contact["custom_field_errors"] == {id_: f"{label} must be {expected}"}
    fitting = answer(http.patch(f"/contacts/{contact['id']}", json={"typed_custom_fields": {id_: ""}}))
    assert fitting["contact"]["custom_field_errors"] == {}


def test_a_field_of_another_modality_is_ignored(http: httpx2.Client) -> None:
    seats = typed(http, "Seats")["id"]
    contact = new_contact(http, first_name="A", typed_custom_fields={seats: 3, NOBODY: "x"})
    assert (contact["typed_custom_fields"], contact["custom_field_errors"]) == ({}, {})
