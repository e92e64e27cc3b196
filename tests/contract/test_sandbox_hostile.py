"""Whatever is sent to any operation of a sandbox, it answers, and never by a fault of its own."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.salesforce_org import SalesforceOrg
from tests.specs.routes import SYSTEMS, coverage_of

OPERATIONS = [(system, row.method, row.path) for system in SYSTEMS for row in coverage_of(system)]
KEYS = st.sampled_from([
    "accounts", "account_attributes", "account_ids", "append_label_names", "async", "contact_attributes",
    "contact_emails", "contact_ids", "contact_stage_id", "contact_stage_ids", "contacts", "email",
    "entity_ids", "fields", "first_name", "label", "label_names", "meta", "modality", "name", "owner_id",
    "page", "per_page", "phone_numbers", "picklist_values", "present_raw_address", "q_keywords",
    "run_dedupe", "sort_ascending", "sort_by_field", "type", "typed_custom_fields", "AccountId",
    "Birthdate", "Email", "Id", "LastName", "MailingAddress", "NumberOfEmployees", "OwnerId", "allOrNone",
    "attributes", "body", "compositeRequest", "httpHeaders", "id", "ids", "method", "records",
    "referenceId", "url",
])  # fmt: skip
NASTY = [
    None, True, 0, -1, 10**400, 1e308, "", " ", "x" * 5000, "\x00", "\ud800", "é\u202e", "9" * 400,
    "0001-01-01T00:00:00Z", "003000000000000AAA", "66e34b81740c50074e3d1bd4", "@{a.b[9]}", "POST", "Contact",
]  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(NASTY) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
SHAPED: st.SearchStrategy[Any] = st.dictionaries(KEYS, VALUES, min_size=1, max_size=5)
RECORDS = SHAPED.map(lambda values: {"attributes": {"type": "Contact"}, **values})
INNER_PATHS = [
    "sobjects/Contact",
    "sobjects/Contact/x",
    "composite/sobjects",
    "query?q=SELECT",
    "composite",
    "\x00",
]
CALLS = st.builds(
    lambda method, path, body: {"method": method, "url": path, "referenceId": "a", "body": body},
    st.sampled_from(["GET", "POST", "PATCH", "DELETE", "x"]),
    st.sampled_from(INNER_PATHS).map("/services/data/v60.0/".__add__),
    SHAPED,
)
# Bodies that are right on the outside, so that what is wrong lies deep.
DEEP = st.one_of(
    st.dictionaries(KEYS, st.lists(SHAPED, min_size=1, max_size=2), min_size=1, max_size=3),
    st.builds(lambda rows: {"records": rows}, st.lists(RECORDS, min_size=1, max_size=2)),
    st.builds(lambda calls: {"compositeRequest": calls}, st.lists(CALLS, min_size=1, max_size=2)),
)
BODIES = st.one_of(
    DEEP.map(lambda value: json.dumps(value).encode()),
    SHAPED.map(lambda value: json.dumps(value).encode()),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=200),
    st.sampled_from(
        [b"", b"{", b"[" * 5000, b'{"a":NaN}', b'{"a":1e999}', b'{"\\ud800":1}', b"\xff\xfe{}", b"null"]
    ),
)
# JSON more often than not: other types are refused before the body is read.
TYPES = st.sampled_from(
    [*["application/json"] * 3, "application/x-www-form-urlencoded", "text/csv", "x", ";="]
)
WORDS = st.sampled_from([text for text in NASTY if isinstance(text, str) and "\ud800" not in text]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=20
)
NAMES = KEYS | st.sampled_from(
    ["q", "fields", "ids", "page", "contact_ids[]", "start", "end", "token", "client_id", "_HttpMethod"]
)
HEADERS = st.dictionaries(
    st.sampled_from(["if-modified-since", "if-unmodified-since", "sforce-query-options", "sforce-duplicate-rule-header",
                     "sforce-auto-assign", "accept-encoding", "range"]),
    st.sampled_from(["", "x", "batchSize=99999999999999999999", "allowSave=", "Mon, 99 Nov 0000 99:99:99 GMT",
                     "0001-01-01T00:00:00+14:00", "bytes=9-1", "\xe9"]),
    max_size=2,
)  # fmt: skip
FEW = settings(
    max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@dataclass
class Target:
    """A running sandbox and a client that is signed in to it."""

    sandbox: RunningSandbox
    http: httpx2.Client

    def demand_answer(self, method: str, address: str, headers: dict[str, str], body: bytes) -> None:
        """Call, and take any answer but a fault of the sandbox."""
        signed = {**dict(self.http.headers), **headers}
        raw = [(name.encode(), value.encode("latin-1")) for name, value in signed.items()]
        status = self.http.request(method, address, headers=raw, content=body).status_code
        assert 200 <= status < 500, f"{status} for {method} {address}"


@pytest.fixture(scope="module")
def targets() -> Iterator[dict[str, Target]]:
    with ExitStack() as stack:
        apollo = stack.enter_context(start_sandbox("apollo", dataset="10"))
        salesforce = SalesforceOrg(stack.enter_context(start_sandbox("salesforce", dataset="10")))
        apollo.control("POST", "/limits", {"minute": None, "hour": None, "day": None})
        origin = apollo.control_url.removesuffix("/_sandbox")
        key = {"x-api-key": str(apollo.credentials["api_key"])}
        client = stack.enter_context(httpx2.Client(base_url=origin, headers=key, timeout=20))
        stack.callback(salesforce.http.close)
        made = {"apollo": Target(apollo, client), "salesforce": Target(salesforce.sandbox, salesforce.http)}
        yield made
        for target in made.values():  # none of them was hurt
            assert target.sandbox.process.poll() is None
            assert target.sandbox.control("GET", "/requests")


def filled(template: str, word: str) -> str:
    """A path whose version is good and whose other parts are the word."""
    good = {"version": "v60.0", "object": "Contact"}
    return re.sub(r"\{(\w+)\}", lambda part: good.get(part[1]) or quote(word, safe="") or "-", template)


@pytest.mark.parametrize(("system", "method", "path"), OPERATIONS, ids=str)
def test_it_always_answers(targets: dict[str, Target], system: str, method: str, path: str) -> None:
    target = targets[system]

    @FEW
    @given(
        body=BODIES, type_=TYPES, word=WORDS, query=st.dictionaries(NAMES, WORDS, max_size=3), more=HEADERS
    )
    def call(body: bytes, type_: str, word: str, query: dict[str, str], more: dict[str, str]) -> None:
        address = filled(path, word) + "?" + "&".join(f"{quote(k)}={quote(v)}" for k, v in query.items())
        target.demand_answer(method, address, {"content-type": type_, **more}, body)

    call()


def test_a_fault_would_be_noticed(targets: dict[str, Target]) -> None:
    control = targets["apollo"].sandbox.control
    control("POST", "/faults", {"kind": "status", "status": 500})
    try:
        with pytest.raises(AssertionError, match="500 for GET"):
            targets["apollo"].demand_answer("GET", "/api/v1/labels", {}, b"")
    finally:
        control("DELETE", "/faults")
