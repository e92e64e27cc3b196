"""Whatever a client sends, the Salesforce sandbox answers or refuses; it never breaks."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce.api import Api, Call, Reply
from syncline.sandbox.salesforce.app import make_api
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.schema import OBJECTS
from syncline.sandbox.salesforce.seed import seed_org
from syncline.sandbox.state import State
from syncline.sandbox.world import build_world

ROOT = "/services/data/v60.0"

PATHS = st.sampled_from([
    "Id", "Name", "Email", "Account.Name", "Owner.Email", "ReportsTo.Account.Owner.Name", "AccountId", "Birthdate",
    "SystemModstamp", "DoNotCall", "MailingAddress", "MailingLatitude", "Description", "Nope", "Nope.Name",
])  # fmt: skip
LITERALS = st.sampled_from([
    "null", "true", "5", "-3.5", "1e999", "'x'", "'%'", "''", r"'\''", r"'\x'", "'003000000000001'", "TODAY",
    "LAST_N_DAYS:7", "LAST_N_DAYS:99999999999", "NEXT_N_YEARS:9000", "2026-01-01", "2026-13-45", ":x", "é",
    "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
])  # fmt: skip
SIGNS = st.sampled_from(["=", "!=", "<", ">=", "LIKE"])
COMPARISONS = st.builds(lambda *parts: " ".join(parts), PATHS, SIGNS, LITERALS)
MEMBERSHIPS = st.builds("{} IN ({}, {})".format, PATHS, LITERALS, LITERALS)
CONDITIONS = st.recursive(
    COMPARISONS | MEMBERSHIPS,
    lambda inner: (
        st.builds("({} AND {})".format, inner, inner)
        | st.builds("({} OR {})".format, inner, inner)
        | st.builds("(NOT {})".format, inner)
    ),
    max_leaves=4,
)
QUERIES = st.builds(
    "SELECT {}, {} FROM Contact WHERE {} ORDER BY {} DESC".format, PATHS, PATHS, CONDITIONS, PATHS
)
WORDS = st.sampled_from([
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "(", ")", ",", "Id", "Contact", "COUNT()", "FIELDS(ALL)",
    "ORDER", "BY", "LIMIT", "OFFSET", "10", "=", "'x'", "'", "\\", "\n", ".", "*", "NULLS", "LAST",
])  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=50)
    | st.sampled_from(
        ["2026-01-01", "a@example.org", "001000000000001", "\ud800", "\x00", 10**400, "9" * 400]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    state = State(str(tmp_path_factory.mktemp("org") / "state.sqlite3"))
    made = Org.open(state, Clock(state))
    seed_org(made, build_world(30, seed=3), 3)
    yield made
    state.close()


@pytest.fixture(scope="module")
def api() -> Api:
    return make_api()


@pytest.fixture(scope="module")
def token(org: Org) -> str:
    return org.sessions.open(org.integration_user, org.id)


often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answer(
    org: Org, api: Api, token: str, method: str, path: str, body: object = None, **query: str
) -> Reply:
    headers = {"authorization": f"Bearer {token}"}
    content = json.dumps(body).encode() if body is not None else b""
    call = Call(org, method, f"{ROOT}/{path}", "http://org.test", query, headers, content)
    reply = api.answer(call)
    assert reply.encoded()[0] or reply.status == 204
    return reply


@often
@given(text=QUERIES | st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=60))
def test_any_query(org: Org, api: Api, token: str, text: str) -> None:
    assert answer(org, api, token, "GET", "query", q=text).status in {200, 400}


@often
@given(
    field=st.sampled_from(["Apollo_Id__c", "apollo_id__C", "Id", "Title", "é", "%"]),
    value=st.text(max_size=20).filter(bool),
    body=VALUES
    | st.dictionaries(st.sampled_from(["LastName", "Title", "Apollo_Id__c", "Id"]), VALUES, max_size=3),
)
def test_any_external_id(org: Org, api: Api, token: str, field: str, value: str, body: Any) -> None:
    path = f"sobjects/Contact/{quote(field, safe='')}/{quote(value.encode(errors='replace'), safe='')}"
    for method in ("PATCH", "GET"):
        status = answer(org, api, token, method, path, body if method == "PATCH" else None).status
        assert status in {200, 201, 400, 404}
    many = {"records": [{"attributes": {"type": "Contact"}, "Apollo_Id__c": body}, body]}
    assert answer(org, api, token, "PATCH", "composite/sobjects/Contact/Apollo_Id__c", many).status in {
        200,
        400,
    }


MOMENTS = st.datetimes().map(lambda moment: moment.isoformat() + "Z") | st.sampled_from([
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-20", "now", "", "2026-11-20T10:00:00",
])  # fmt: skip


@often
@given(kind=st.sampled_from(["updated", "deleted"]), start=MOMENTS, end=MOMENTS | st.text(max_size=9))
def test_any_window(org: Org, api: Api, token: str, kind: str, start: str, end: str) -> None:
    reply = answer(org, api, token, "GET", f"sobjects/Contact/{kind}", start=start, end=end)
    assert reply.status in {200, 400}


@often
@given(
    record_type=st.text("012A0é ", min_size=1, max_size=18),
    field=st.sampled_from(["", "/Industry", "/Name", "/%"]),
)
def test_any_record_type(org: Org, api: Api, token: str, record_type: str, field: str) -> None:
    path = f"ui-api/object-info/Account/picklist-values/{quote(record_type)}{field}"
    assert answer(org, api, token, "GET", path).status in {200, 404}


@often
@given(name=st.sampled_from(["Account", "Contact", "Lead"]), data=st.data())
def test_any_record(org: Org, api: Api, token: str, name: str, data: st.DataObject) -> None:
    fields = [field.name for field in OBJECTS[name].fields]
    given_fields = data.draw(st.dictionaries(st.sampled_from(fields), VALUES, max_size=3))
    whole = {"LastName": "X", "Company": "X"} if name == "Lead" else {"LastName": "X"}
    body = {**({"Name": "X"} if name == "Account" else whole), **given_fields}
    reply = answer(org, api, token, "POST", f"sobjects/{name}", body)
    assert reply.status in {201, 400}
    if reply.status == 201:
        id_ = reply.body["id"]
        assert answer(org, api, token, "GET", f"sobjects/{name}/{id_}").status == 200
        assert answer(org, api, token, "PATCH", f"sobjects/{name}/{id_}", given_fields).status in {204, 400}


@often
@given(body=VALUES | st.fixed_dictionaries({"records": VALUES, "allOrNone": VALUES}))
def test_any_collection(org: Org, api: Api, token: str, body: Any) -> None:
    for method in ("POST", "PATCH"):
        assert answer(org, api, token, method, "composite/sobjects", body).status in {200, 400}


@often
@given(
    inner=st.dictionaries(st.sampled_from(["method", "url", "referenceId", "body", "httpHeaders"]), VALUES)
)
def test_any_composite(org: Org, api: Api, token: str, inner: dict[str, Any]) -> None:
    good = {
        "method": "POST",
        "url": f"{ROOT}/composite/sobjects",
        "referenceId": "a",
        "body": {"records": []},
    }
    body = {"compositeRequest": [good, {**good, **inner}], "allOrNone": True}
    assert answer(org, api, token, "POST", "composite", body).status in {200, 400}
