"""What `make specs` records and invents, on real sandboxes: nothing is lost on the way, and a fault is found."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.specs.caller import Caller, UnexpectedAnswerError
from tests.specs.calls_of_salesforce import sign_in
from tests.specs.fuzz import Fuzzed, fuzz
from tests.specs.proxy import RecordingProxy

LABELS = {"get": {"responses": {"200": {"description": ""}}}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Lists", "version": "1"},
    "paths": {"/labels": LABELS, "/not_served": LABELS},
}
Running = Callable[[str], RunningSandbox]


def test_the_proxy_changes_nothing_and_keeps_all(sandbox_of: Running) -> None:
    with RecordingProxy(sandbox_of("apollo")) as proxy:
        reply = httpx2.get(f"{proxy.base_url}/labels", params={"page": 1})
        assert (reply.status_code, reply.headers["content-type"]) == (401, "text/plain; charset=utf-8")
    (kept,) = proxy.exchanges
    assert (kept.system, kept.method, kept.path, kept.query) == ("apollo", "GET", "/api/v1/labels", "page=1")
    assert (kept.status, kept.answer, kept.answer_type) == (401, reply.content, "text/plain")
    assert (kept.by, kept.wrong) == ("connector", False)


def test_addresses_that_a_system_gives_out_lead_through_the_proxy(sandbox_of: Running) -> None:
    with RecordingProxy(sandbox_of("salesforce")) as proxy:
        caller = Caller(proxy)
        try:
            sign_in(caller)
            assert caller.ask("GET", "/services/data/v60.0")["identity"].startswith(f"{proxy.origin}/id/")
        finally:
            caller.close()
    assert [kept.by for kept in proxy.exchanges] == ["list", "list"]
    assert "x-listed" not in proxy.exchanges[0].headers


def test_a_call_of_the_list_must_get_its_status(sandbox_of: Running) -> None:
    with RecordingProxy(sandbox_of("apollo")) as proxy:
        caller = Caller(proxy)
        try:
            with pytest.raises(UnexpectedAnswerError, match="401 and not 200"):
                caller.ask("GET", "/api/v1/labels", wrong=True)
        finally:
            caller.close()
    assert proxy.exchanges[0].wrong


def test_the_fuzz_calls_what_is_served_and_finds_a_fault() -> None:
    with start_sandbox("apollo") as sandbox:  # one of its own, since the fuzz lifts all limits
        found = fuzz(DOCUMENT, sandbox, 5, 1)
        sandbox.control("POST", "/faults", {"kind": "status", "status": 500, "path": "/labels"})
        hurt = fuzz(DOCUMENT, sandbox, 5, 1)
    assert (found.ok, found.operations) == (True, 1)
    assert set(found.statuses) == {200}
    assert not hurt.ok
    assert "FAULT OF THE SANDBOX: GET /labels: 500" in "\n".join(hurt.lines())


def test_a_fuzz_without_a_call_is_not_good() -> None:
    assert not Fuzzed(1).ok
