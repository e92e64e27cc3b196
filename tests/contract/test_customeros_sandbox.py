from collections.abc import Iterator
from pathlib import Path

import pytest

from syncline.testing.sandboxes import RunningSandbox, SandboxStartError, start_sandbox
from tests.contract.customeros_http import Caller, having

NAME, STAGE, DOMAINS = "ORGANIZATIONS_NAME", "ORGANIZATIONS_STAGE", "ORGANIZATIONS_PRIMARY_DOMAINS"
CREATED, UPDATED = "ORGANIZATIONS_CREATED_DATE", "ORGANIZATIONS_UPDATED_DATE"
DETAILS = "query D($ids: [ID!]) { ui_organizations(ids: $ids) { id name stage icpFit hide updatedAt owner { id emails { email } } domainsDetails { domain primary } } }"  # noqa: E501


@pytest.fixture(scope="module")
def service() -> Iterator[RunningSandbox]:
    with start_sandbox("customeros") as sandbox:
        yield sandbox


@pytest.fixture
def caller(service: RunningSandbox) -> Iterator[Caller]:
    service.control("POST", "/reset")
    made = Caller(service)
    yield made
    made.close()


def test_without_a_good_key_nothing_is_told_but_the_schema(caller: Caller) -> None:
    users = {"query": "{ users { totalPages } }"}
    refusal = caller.post(users, key="cos_wrong")
    assert (refusal.status_code, refusal.json()) == (401, {"errors": [{"message": "Unauthorized"}]})
    caller.sandbox.control("POST", "/access", {"misspelt": True})
    assert caller.post(users, key="").json() == {"errors": [{"message”": "Unauthorized"}]}
    schema = {"query": "query IntrospectionQuery { __schema { queryType { name } } }"}
    assert caller.post(schema, key="").json()["data"]["__schema"]["queryType"]["name"] == "Query"
    hidden = {"query": "query IntrospectionQuery { __typename users { totalPages } }"}
    assert caller.post(hidden, key="").status_code == 401
    caller.sandbox.control("POST", "/access", {"enabled": False})
    assert caller.post(users).status_code == 401


def test_pages_begin_at_one_and_what_lies_before_is_the_first(caller: Caller) -> None:
    made = [caller.add(name=f"Company {n}") for n in range(5)]
    query = "query P($p: Int!) { organizations(pagination: {page: $p, limit: 2}) { content { id } totalPages totalElements totalAvailable } }"  # noqa: E501
    pages = [caller.ask(query, p=page)["organizations"] for page in (-1, 0, 1, 2, 3, 4)]
    shown = [[one["id"] for one in page["content"]] for page in pages]
    assert shown == [made[:2], made[:2], made[:2], made[2:4], made[4:], []]
    assert {(p["totalPages"], p["totalElements"], p["totalAvailable"]) for p in pages} == {(3, 5, 5)}


def test_filters_join_and_deny(caller: Caller) -> None:
    late = caller.add(name="Arrow Mills", stage="EVALUATION", primary_domain="arrow.example")
    early = caller.add(name="arrow foods", stage="TARGET")
    none = caller.add(name="Beta")
    assert caller.ids(having(NAME, "CONTAINS", "ARROW")) == [late, early]
    assert caller.ids(having(NAME, "CONTAINS", "Arrow", caseSensitive=True)) == [late]
    assert caller.ids(having(STAGE, "IN", ["EVALUATION", "READY_TO_BUY"])) == [late]
    assert caller.ids({"NOT": having(STAGE, "IN", ["EVALUATION"])}) == [early, none]
    assert caller.ids(having(STAGE, "NOT_EQUALS", "TARGET")) == [late, none]
    assert caller.ids(having(STAGE, "NOT_EQUALS", "TARGET", includeEmpty=False)) == [late]
    either = {"OR": [having(STAGE, "EQ", "TARGET"), having(DOMAINS, "IN", ["arrow.example"])]}
    assert caller.ids(either) == [late, early]
    assert caller.ids({"AND": [either, having(NAME, "STARTS_WITH", "arrow f")]}) == [early]
    assert caller.ids(having(STAGE, "IS_EMPTY")) == [none]
    assert caller.ids(having(UPDATED, "LT", "2000-01-01T00:00:00Z")) == []
    assert caller.ids(None, 2, {"by": NAME, "direction": "DESC"}) == [none, late]


@pytest.mark.parametrize(
    "where", [having("NOPE", "EQ", 1), having(NAME, "IN", 5), having(UPDATED, "GTE", "yesterday")]
)
def test_a_filter_that_means_nothing_is_an_error(caller: Caller, where: object) -> None:
    caller.add(name="One")
    status, message = caller.refused(
        "query W($w: Filter) { ui_organizations_search(where: $w) { ids } }", w=where
    )
    assert status == 200
    assert message


def test_an_owner_has_no_address_and_one_who_is_gone_is_none(caller: Caller) -> None:
    user = caller.sandbox.control("GET", "/records/users")["records"][0]
    id_ = caller.add(name="Owned", owner_id=user["id"])
    (shown,) = caller.ask(DETAILS, ids=[id_])["ui_organizations"]
    assert shown["owner"] == {"id": user["id"], "emails": None}
    found = caller.ask(
        "query U($e: String!) { user_ByEmail(email: $e) { id emails { email } } }",
        e=user["emails"][0]["email"].upper(),
    )
    assert found["user_ByEmail"] == {"id": user["id"], "emails": [{"email": user["emails"][0]["email"]}]}
    caller.sandbox.control("POST", "/delete", {"type": "users", "id": user["id"]})
    (shown,) = caller.ask(DETAILS, ids=[id_])["ui_organizations"]
    assert shown["owner"] is None


def test_an_archived_organisation_is_hidden_and_a_merged_one_gone(caller: Caller) -> None:
    kept, archived, merged = (caller.add(name=n, primary_domain=f"{n}.example") for n in ("a", "b", "c"))
    before = caller.sandbox.control("GET", "/clock")["now"]
    caller.sandbox.control("POST", "/delete", {"type": "organizations", "id": archived})
    caller.sandbox.control("POST", "/merge", {"winner": kept, "losers": [merged]})
    assert caller.ids() == [kept]
    hidden = "query H($d: Time!) { organizations_HiddenAfter(date: $d) }"
    assert caller.ask(hidden, d=before)["organizations_HiddenAfter"] == [archived]
    assert caller.ask(hidden, d="2999-01-01T00:00:00Z")["organizations_HiddenAfter"] == []
    shown = caller.ask(DETAILS, ids=[kept, archived, merged])["ui_organizations"]
    assert [(one["id"], one["hide"]) for one in shown] == [(kept, False), (archived, True)]
    assert [d["domain"] for d in shown[0]["domainsDetails"]] == ["a.example", "c.example"]


def test_a_look_at_the_fit_moves_the_time_of_change_alone(caller: Caller) -> None:
    id_ = caller.add(name="Same", icpFit="ICP_FIT")
    (before,) = caller.ask(DETAILS, ids=[id_])["ui_organizations"]
    caller.sandbox.control("POST", "/clock", {"advance": 60})
    assert caller.sandbox.control("POST", "/reevaluate", {"ids": [id_]}) == {"organizations": 1}
    (after,) = caller.ask(DETAILS, ids=[id_])["ui_organizations"]
    assert after["updatedAt"] > before["updatedAt"]
    assert {**after, "updatedAt": ""} == {**before, "updatedAt": ""}


def test_the_other_edition_has_other_stages_and_a_fit_of_yes_and_no(caller: Caller) -> None:
    caller.add(name="Fit", stage="EVALUATION", icpFit="ICP_FIT")
    caller.add(name="Not looked at", stage="CUSTOMER")
    query = "{ organizations { content { stage icpFit } } }"
    content = caller.ask(query)["organizations"]["content"]
    assert content == [
        {"stage": "EVALUATION", "icpFit": "ICP_FIT"},
        {"stage": "CUSTOMER", "icpFit": "ICP_NOT_SET"},
    ]
    caller.sandbox.control("POST", "/edition", {"name": "early-2025"})
    older = caller.ask(query)["organizations"]["content"]
    assert older == [{"stage": "TRIAL", "icpFit": True}, {"stage": "RECURRING_VALUE", "icpFit": False}]
    assert caller.refused("{ ui_organizations(ids: []) { icpFit } }")[0] == 422
    caller.sandbox.control("POST", "/edition", {"name": "may-2025"})
    assert caller.ask(query)["organizations"]["content"] == content


def test_the_minute_and_the_complexity_have_their_limits(caller: Caller) -> None:
    caller.sandbox.control("POST", "/limits", {"minute": 2, "complexity": 3})
    ask = {"query": "{ users { totalPages } }"}
    status, message = caller.refused("{ users { totalPages totalElements content { id } } }")
    assert (status, message) == (200, "operation has complexity 5, which exceeds the limit of 3")
    assert [caller.post(ask).status_code for _ in range(2)] == [200, 429]
    caller.sandbox.control("POST", "/clock", {"advance": 60})
    assert caller.post(ask).status_code == 200


def test_a_field_that_fails_leaves_errors_beside_the_data(caller: Caller) -> None:
    id_ = caller.add(name="Half")
    caller.sandbox.control("POST", "/errors", {"field": "owner", "message": "owner is away", "count": 1})
    answer = caller.post({"query": DETAILS, "variables": {"ids": [id_]}}).json()
    assert answer["data"]["ui_organizations"][0]["name"] == "Half"
    assert answer["errors"][0]["message"] == "owner is away"
    assert caller.ask(DETAILS, ids=[id_])["ui_organizations"][0]["id"] == id_


def test_fields_that_no_schema_publishes_are_off_until_a_test_wants_them(caller: Caller) -> None:
    company, person = caller.add(name="Company"), caller.add(name="Person", leadType="contact")
    assert caller.ids() == [company]
    query = "{ organizations { totalElements } ui_organizations(ids: []) { quarantineStatus leadType } }"
    assert caller.refused(query)[0] == 422
    caller.sandbox.control("POST", "/schema", {"quarantine": True, "lead_type": True})
    assert caller.ids() == [company, person]
    assert caller.ask(query)["organizations"] == {"totalElements": 2}


def test_a_killed_service_goes_on_where_it_was(tmp_path: Path) -> None:
    state = str(tmp_path / "state.sqlite3")
    first = start_sandbox("customeros", state=state, edition="early-2025")
    caller = Caller(first)
    id_ = caller.add(name="Kept", stage="TRIAL")
    caller.close()
    first.kill()
    with start_sandbox("customeros", state=state) as second:
        again = Caller(second)
        assert again.ids(having(STAGE, "EQ", "TRIAL")) == [id_]
        again.close()


def test_an_edition_that_does_not_exist_is_named() -> None:
    with pytest.raises(SandboxStartError, match="may-2025, early-2025"):
        start_sandbox("customeros", edition="2031")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"query": 5},
        {"query": "{"},
        {"query": "{ nope }"},
        {"query": "mutation { organization_Save { id } }"},
        {"query": "{ users { totalPages } }", "variables": []},
        {"query": "{ users { totalPages } }", "variables": {"a": {"b": [None]}}, "operationName": 7},
        {"query": "query A { __typename } query B { __typename }"},
        {"query": "{" + " users { content {" * 4000},
        {"query": "fragment f on User { ...f } { users { content { ...f } } }"},
        {"query": "query Q($w: Filter) { organizations(where: $w) { totalPages } }", "variables": {"w": {"NOT": {"filter": {"property": "\x00", "value": {}}}}}},  # noqa: E501
        {"query": "{ users(pagination: {page: 2147483647, limit: 2147483647}) { content { id } } }"},
        {"query": "{ users(pagination: {page: 99999999999, limit: 1}) { content { id } } }"},
        {"query": '{ organizations_HiddenAfter(date: "not a time") }'},
        {"query": '{ ui_organizations(ids: ["", "\\u0000", "' + "9" * 5000 + '"]) { id } }'},
    ],
)  # fmt: skip
def test_whatever_is_sent_is_answered(caller: Caller, body: object) -> None:
    caller.add(name="One")
    response = caller.post(body)
    assert response.status_code in {200, 400, 422}, response.text
    assert isinstance(response.json(), dict)


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("/edition", {"name": "2031"}),
        ("/schema", {"without": ["id"]}),
        ("/schema", {"quarantine": 1}),
        ("/limits", {"minute": 0}),
        ("/errors", {"count": 1}),
        ("/merge", {"winner": "a"}),
        ("/access", {"misspelt": "yes"}),
        ("/records/organizations", {"nonsense": 1}),
        ("/records/organizations", {"icpFit": "MAYBE"}),
        ("/reevaluate", {"ids": "all"}),
    ],
)
def test_a_switch_says_what_it_does_not_understand(caller: Caller, path: str, wish: object) -> None:
    response = caller.http.post(caller.sandbox.control_url + path, json=wish)
    assert response.status_code == 400
    assert response.json()["error"]
